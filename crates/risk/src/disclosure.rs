//! Statistical disclosure control of tables: small counts, the cells that would betray them, rounding.
//!
//! A table is a list of cells and of sums among them, so linked tables and sums over time are one table with
//! more sums. Every release is audited as an intruder would read it: by linear programming over all that is
//! published. Never shows a release as safe when the audit had no answer.

use microlp::{ComparisonOp, OptimizationDirection, Problem};
use std::collections::BTreeSet;

/// Counts from 1 to one below this are not shown, unless told.
pub const THRESHOLD: i64 = 5;
/// Up to so many candidates the best set is searched for; beyond, a set from which no cell can be taken away.
const SEARCHED: usize = 12;
/// Rounding of the audit.
const SLACK: f64 = 1e-6;

/// One published sum: a total and the cells that make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSum {
    /// Place of the total.
    pub total: usize,
    /// Places of its parts.
    pub parts: Vec<usize>,
}

/// Counts and the sums that hold among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The true counts.
    pub cells: Vec<i64>,
    /// The sums that a reader knows of.
    pub sums: Vec<TableSum>,
}

/// What may not be shown, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisclosureRules {
    /// Counts above zero and below this are not shown.
    pub threshold: i64,
    /// Whether totals are shown whatever they are, so that only parts may be left out.
    pub totals_published: bool,
}

impl Default for DisclosureRules {
    fn default() -> Self {
        Self {
            threshold: THRESHOLD,
            totals_published: true,
        }
    }
}

/// What is left out of a table, and what that protects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Cells that are too small to be shown.
    pub primary: Vec<usize>,
    /// Those of them that the rest of the table would betray if nothing more were left out.
    pub exposed: Vec<usize>,
    /// Cells left out to protect them; `None` when no set does: the table must not be published like this.
    pub secondary: Option<Vec<usize>>,
}

impl Table {
    /// A table of two dimensions whose last row and last column are totals; `None` when rows differ in length or
    /// the totals are wrong.
    #[must_use]
    pub fn with_margins(rows: &[Vec<i64>]) -> Option<Self> {
        let width = rows.first()?.len();
        if width < 2 || rows.len() < 2 || rows.iter().any(|row| row.len() != width) {
            return None;
        }
        let line = |places: Vec<usize>| {
            let mut parts = places;
            let total = parts.pop()?;
            Some(TableSum { total, parts })
        };
        let height = rows.len();
        let across = (0..height).map(|row| line((row * width..(row + 1) * width).collect()));
        let down = (0..width).map(|column| line((0..height).map(|row| row * width + column).collect()));
        let table = Self {
            cells: rows.concat(),
            sums: across.chain(down).collect::<Option<_>>()?,
        };
        table.is_sound().then_some(table)
    }

    /// Whether every sum is of cells that exist and comes out.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.sums.iter().all(|sum| {
            let parts: Option<Vec<i64>> = sum.parts.iter().map(|at| self.cells.get(*at).copied()).collect();
            let of_parts = parts.map(|parts| parts.iter().map(|count| i128::from(*count)).sum::<i128>());
            of_parts.is_some() && of_parts == self.cells.get(sum.total).map(|total| i128::from(*total))
        })
    }

    /// Cells that are too small to be shown, in order.
    #[must_use]
    pub fn primary(&self, rules: DisclosureRules) -> Vec<usize> {
        let small = |count: &i64| (1..rules.threshold).contains(count);
        self.open(rules)
            .into_iter()
            .filter(|at| self.cells.get(*at).is_some_and(small))
            .collect()
    }

    /// Cells that may be left out, in order.
    fn open(&self, rules: DisclosureRules) -> Vec<usize> {
        let totals: BTreeSet<usize> = self.sums.iter().map(|sum| sum.total).collect();
        let places = 0..self.cells.len();
        places
            .filter(|at| !rules.totals_published || !totals.contains(at))
            .collect()
    }

    /// What a reader can work out about a cell: the least and the largest count it may be, when `hidden` are
    /// not shown. A bound that cannot be worked out is the true count, which counts as betrayed.
    #[must_use]
    pub fn interval(&self, cell: usize, hidden: &BTreeSet<usize>) -> (f64, f64) {
        let own = self.cells.get(cell).copied().unwrap_or(0) as f64;
        if !hidden.contains(&cell) {
            return (own, own);
        }
        let least = self.bound(cell, hidden, OptimizationDirection::Minimize);
        let most = self.bound(cell, hidden, OptimizationDirection::Maximize);
        (least.unwrap_or(own), most.unwrap_or(own))
    }

    fn bound(&self, cell: usize, hidden: &BTreeSet<usize>, towards: OptimizationDirection) -> Option<f64> {
        let largest = matches!(towards, OptimizationDirection::Maximize);
        let mut problem = Problem::new(towards);
        let variables: Vec<_> = hidden
            .iter()
            .map(|at| {
                let wanted = if *at == cell { 1.0 } else { 0.0 };
                (*at, problem.add_var(wanted, (0.0, f64::INFINITY)))
            })
            .collect();
        let variable = |at: usize| {
            variables
                .iter()
                .find(|(place, _)| *place == at)
                .map(|(_, it)| *it)
        };
        for sum in &self.sums {
            let signed = sum.parts.iter().map(|part| (*part, 1_i64));
            let signed = signed.chain([(sum.total, -1_i64)]);
            let (mut unknown, mut known) = (Vec::new(), 0.0);
            for (at, sign) in signed {
                match variable(at) {
                    Some(it) => unknown.push((it, sign as f64)),
                    None => known += (sign * self.cells.get(at)?) as f64,
                }
            }
            if !unknown.is_empty() {
                problem.add_constraint(unknown.as_slice(), ComparisonOp::Eq, -known);
            }
        }
        match problem.solve() {
            Ok(outcome) => outcome.into_solution().ok().map(|solution| solution.objective()),
            Err(microlp::Error::Unbounded) if largest => Some(f64::INFINITY),
            Err(_) => None,
        }
    }

    /// Which of these small cells a reader can tell apart from zero or from a count that would be shown.
    #[must_use]
    pub fn exposed(&self, primary: &[usize], hidden: &BTreeSet<usize>, rules: DisclosureRules) -> Vec<usize> {
        let betrayed = |cell: &&usize| {
            let (least, most) = self.interval(**cell, hidden);
            least >= 1.0 - SLACK || most <= rules.threshold as f64 - SLACK
        };
        primary.iter().filter(betrayed).copied().collect()
    }

    /// Chooses what is left out beside the small cells: the fewest cells, then the smallest counts, where the
    /// candidates are few enough to try all of them.
    #[must_use]
    pub fn suppress(&self, rules: DisclosureRules) -> Suppression {
        let primary = self.primary(rules);
        let alone: BTreeSet<usize> = primary.iter().copied().collect();
        let exposed = self.exposed(&primary, &alone, rules);
        let candidates: Vec<usize> = self
            .open(rules)
            .into_iter()
            .filter(|at| !alone.contains(at) && self.cells.get(*at).is_some_and(|count| *count > 0))
            .collect();
        let safe = |chosen: &[usize]| {
            let hidden = alone.iter().chain(chosen).copied().collect();
            self.exposed(&primary, &hidden, rules).is_empty()
        };
        let secondary = if exposed.is_empty() {
            Some(Vec::new())
        } else if !safe(&candidates) {
            None
        } else if candidates.len() <= SEARCHED {
            self.fewest(&candidates, safe)
        } else {
            Some(self.irreducible(candidates, safe))
        };
        Suppression {
            primary,
            exposed,
            secondary,
        }
    }

    fn count_of(&self, chosen: &[usize]) -> i128 {
        let counts = chosen.iter().filter_map(|at| self.cells.get(*at));
        counts.map(|count| i128::from(*count)).sum()
    }

    /// The smallest safe set; of equals the one with the smallest sum, then the first.
    fn fewest(&self, candidates: &[usize], safe: impl Fn(&[usize]) -> bool) -> Option<Vec<usize>> {
        for size in 1..=candidates.len() {
            let mut best: Option<Vec<usize>> = None;
            for chosen in combinations(candidates, size) {
                let better = best
                    .as_ref()
                    .is_none_or(|best| self.count_of(&chosen) < self.count_of(best));
                if better && safe(&chosen) {
                    best = Some(chosen);
                }
            }
            if best.is_some() {
                return best;
            }
        }
        None
    }

    /// From all candidates, takes away whatever is not needed, the largest counts first.
    fn irreducible(&self, candidates: Vec<usize>, safe: impl Fn(&[usize]) -> bool) -> Vec<usize> {
        let mut order = candidates.clone();
        order.sort_by_key(|at| std::cmp::Reverse(self.cells.get(*at).copied().unwrap_or(0)));
        let mut kept = candidates;
        for at in order {
            let fewer: Vec<usize> = kept.iter().copied().filter(|place| *place != at).collect();
            if safe(&fewer) {
                kept = fewer;
            }
        }
        kept
    }
}

/// All choices of so many, in the order of places.
fn combinations(of: &[usize], size: usize) -> Vec<Vec<usize>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in of.iter().enumerate() {
        for mut rest in combinations(of.get(at + 1..).unwrap_or_default(), size - 1) {
            rest.insert(0, *first);
            all.push(rest);
        }
    }
    all
}

/// The multiple of `base` nearest to a count; a half goes to the even multiple. A base of zero changes nothing.
///
/// Each figure is rounded from its true value, totals too: rounded parts need not add up.
#[must_use]
pub fn rounded(count: i64, base: u32) -> i64 {
    let base = i64::from(base);
    if base == 0 {
        return count;
    }
    let (low, rest) = (count.div_euclid(base), count.rem_euclid(base));
    let up = match (2 * rest).cmp(&base) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => low % 2 != 0,
    };
    (low + i64::from(up)).saturating_mul(base)
}
