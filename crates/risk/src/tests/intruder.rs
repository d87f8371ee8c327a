//! An intruder who reads everything that was told and searches whole numbers, with no linear programming.

use crate::{ReleaseTable, Told, rounded};
use std::collections::BTreeMap;

/// What the intruder wrote down: bounds of each unknown and the sums among them, in whole numbers.
#[derive(Clone)]
pub(super) struct Intruder {
    pub(super) bounds: Vec<(i64, i64)>,
    sums: Vec<(Vec<(usize, i64)>, i64)>,
}

impl Intruder {
    pub(super) fn reading(releases: &[ReleaseTable]) -> (Self, Vec<(usize, i64)>) {
        let mut newest: BTreeMap<String, (i64, usize)> = BTreeMap::new();
        let mut own = Self {
            bounds: Vec::new(),
            sums: Vec::new(),
        };
        let mut small = Vec::new();
        for table in releases {
            let mut places = Vec::new();
            for cell in &table.cells {
                let next = own.bounds.len();
                let known = newest.get(&cell.label).filter(|(count, _)| *count == cell.count);
                let at = known.map_or(next, |(_, at)| *at);
                newest.insert(cell.label.clone(), (cell.count, at));
                if at == next {
                    own.bounds.push((0, 400));
                    if (1..5).contains(&cell.count) {
                        small.push((at, cell.count));
                    }
                }
                let (low, high) = match cell.told {
                    Told::Nothing => (0, 400),
                    Told::Exact => (cell.count, cell.count),
                    Told::Rounded => {
                        let told = rounded(cell.count, 5);
                        ((told - 2).max(0), told + 2)
                    }
                };
                let bounds = &mut own.bounds[at];
                *bounds = (bounds.0.max(low), bounds.1.min(high));
                places.push(at);
            }
            for sum in &table.sums {
                let mut terms: Vec<(usize, i64)> = sum.parts.iter().map(|part| (places[*part], 1)).collect();
                terms.push((places[sum.total], -1));
                own.sums.push((terms, -sum.rest));
            }
        }
        (own, small)
    }

    /// Narrows all bounds as far as single sums allow; `false` when nothing is left.
    fn narrow(&mut self) -> bool {
        loop {
            let mut changed = false;
            for (terms, sum) in &self.sums {
                let low: i64 = terms
                    .iter()
                    .map(|(at, s)| {
                        if *s > 0 {
                            self.bounds[*at].0
                        } else {
                            -self.bounds[*at].1
                        }
                    })
                    .sum();
                let high: i64 = terms
                    .iter()
                    .map(|(at, s)| {
                        if *s > 0 {
                            self.bounds[*at].1
                        } else {
                            -self.bounds[*at].0
                        }
                    })
                    .sum();
                for (at, sign) in terms {
                    let (own_low, own_high) = self.bounds[*at];
                    let (term_low, term_high) = if *sign > 0 {
                        (own_low, own_high)
                    } else {
                        (-own_high, -own_low)
                    };
                    let (least, most) = (sum - (high - term_high), sum - (low - term_low));
                    let (least, most) = if *sign > 0 { (least, most) } else { (-most, -least) };
                    let next = (own_low.max(least), own_high.min(most));
                    if next.0 > next.1 {
                        return false;
                    }
                    if next != (own_low, own_high) {
                        self.bounds[*at] = next;
                        changed = true;
                    }
                }
            }
            if !changed {
                return true;
            }
        }
    }

    /// Whether some table of whole numbers fits; `None` when it was not found out in so many steps.
    fn possible(mut self, steps: &mut u32) -> Option<bool> {
        if *steps == 0 {
            return None;
        }
        *steps -= 1;
        if !self.narrow() {
            return Some(false);
        }
        let open = (0..self.bounds.len()).filter(|at| self.bounds[*at].0 < self.bounds[*at].1);
        let Some(at) = open.min_by_key(|at| self.bounds[*at].1 - self.bounds[*at].0) else {
            return Some(true);
        };
        let (low, high) = self.bounds[at];
        let middle = low + (high - low) / 2;
        for half in [(low, middle), (middle + 1, high)] {
            let mut other = self.clone();
            other.bounds[at] = half;
            match other.possible(steps) {
                Some(false) => {}
                decided => return decided,
            }
        }
        Some(false)
    }

    pub(super) fn may_be(&self, at: usize, bounds: (i64, i64)) -> bool {
        let mut world = self.clone();
        world.bounds[at] = (world.bounds[at].0.max(bounds.0), world.bounds[at].1.min(bounds.1));
        // Not found in so many steps: the intruder does not know.
        world.bounds[at].0 <= world.bounds[at].1 && world.possible(&mut 3_000) != Some(false)
    }
}
