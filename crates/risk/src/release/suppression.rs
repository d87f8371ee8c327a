//! Leaving out: small counts first, then the cells that would betray them, chosen by the cheapest way to another table.
//!
//! For each small count two other tables are looked for that fit all that is told: one in which it is zero and one in
//! which it would have been told. What moves between the tables is left out. The audit at the end does not trust it.

use super::knowledge::{Knowledge, Shift};
use super::{ReleaseRules, ReleaseTable, Told};
use std::collections::{BTreeMap, BTreeSet};

/// Up to so many pairs of a cell left out and a small count, each cell is looked at once more whether it is needed.
const LOOKED_AT_AGAIN: usize = 400;

/// The search: what is left out, and how far each count was shown to be able to move.
struct Search<'t> {
    knowledge: Knowledge,
    prior: Vec<(f64, f64)>,
    costs: BTreeMap<usize, f64>,
    own: &'t [usize],
    /// Left out before anything was looked for.
    forced: BTreeSet<usize>,
    /// How far each count was shown to be able to move, down and up.
    moved: BTreeMap<usize, (f64, f64)>,
}

impl ReleaseTable {
    pub(super) fn suppressed(&self, rules: ReleaseRules, past: &[ReleaseTable]) -> Vec<Told> {
        let silent = self.clone().told(&vec![Told::Nothing; self.cells.len()]);
        let knowledge = Knowledge::of(past.iter().chain([&silent]), rules);
        let own: Vec<usize> = self
            .cells
            .iter()
            .filter_map(|cell| knowledge.find(&cell.label))
            .collect();
        let untold = self.untold_before(past);
        let mut search = Search::new(self, knowledge, &untold, &own, rules);
        search.look(rules);
        let mut told = search.told(self, rules);
        search.take_back(&mut told, self, rules);
        let released = self.clone().told(&told);
        let audited = Knowledge::of(past.iter().chain([&released]), rules);
        // What earlier releases prove of a revised total even if nothing is said now, no choice can undo; then the
        // count must not be proven to be small, at least.
        let is_given_away = |at: usize| {
            audited.is_betrayed(at, rules)
                && (!search.knowledge.is_betrayed(at, rules)
                    || (audited.is_pinned(at, rules) && !search.knowledge.is_pinned(at, rules)))
        };
        if audited.guarded().any(is_given_away) {
            // The search fell short, so nothing is said but what readers know.
            for (told, at) in told.iter_mut().zip(&own) {
                if !search.knowledge.is_known(*at) {
                    *told = Told::Nothing;
                }
            }
        }
        told
    }
}

impl<'t> Search<'t> {
    fn new(
        table: &ReleaseTable,
        knowledge: Knowledge,
        untold: &BTreeSet<&str>,
        own: &'t [usize],
        rules: ReleaseRules,
    ) -> Self {
        let prior: Vec<(f64, f64)> = knowledge.all().map(|at| knowledge.bounds(at)).collect();
        let (mut costs, mut forced) = (BTreeMap::new(), BTreeSet::new());
        // What only earlier releases hold and did not tell moves freely.
        let unknowns = knowledge.all().filter(|at| !knowledge.is_known(*at));
        costs.extend(unknowns.filter(|at| !own.contains(at)).map(|at| (at, 0.0)));
        for (cell, at) in table.cells.iter().zip(own) {
            if knowledge.is_known(*at) {
                continue;
            }
            let untold_before = untold.contains(cell.label.as_str());
            if rules.is_small(cell.count) || cell.confidential || untold_before {
                costs.insert(*at, 0.0);
                forced.insert(*at);
            } else if cell.count > 0 {
                // Few cells, and small ones rather than large ones; a zero is told.
                costs.insert(*at, 1.0 + (cell.count as f64).sqrt());
            }
        }
        Self {
            knowledge,
            prior,
            costs,
            own,
            forced,
            moved: BTreeMap::new(),
        }
    }

    fn look(&mut self, rules: ReleaseRules) {
        let guarded: Vec<usize> = self.knowledge.guarded().collect();
        for at in guarded {
            let (low, high) = self.knowledge.wanted(at, rules);
            let count = self.knowledge.count(at) as f64;
            for by in [high - count, low - count] {
                let (down, up) = self.moved.get(&at).copied().unwrap_or((0.0, 0.0));
                if (down..=up).contains(&by) {
                    continue;
                }
                let shift = Shift { unknown: at, by };
                let found = self.knowledge.cheapest_shift(shift, &self.costs, &self.prior);
                for (moved, by) in found.into_iter().flatten() {
                    self.costs.insert(moved, 0.0);
                    let reach = self.moved.entry(moved).or_insert((0.0, 0.0));
                    *reach = (reach.0.min(by), reach.1.max(by));
                }
            }
        }
    }

    /// Nothing of what costs nothing, the count of everything else.
    fn told(&self, table: &ReleaseTable, rules: ReleaseRules) -> Vec<Told> {
        let cells = table.cells.iter().zip(self.own);
        cells
            .map(|(cell, at)| {
                let free = self.costs.get(at).is_some_and(|cost| *cost < 0.5);
                let kept = rules.is_small(cell.count) || cell.confidential;
                if free || (kept && !cell.known) {
                    Told::Nothing
                } else {
                    Told::Exact
                }
            })
            .collect()
    }

    /// Tells again, the largest first, what turns out not to be needed.
    fn take_back(&mut self, told: &mut [Told], table: &ReleaseTable, rules: ReleaseRules) {
        let guarded: Vec<usize> = self.knowledge.guarded().collect();
        let unknown_of = |place: usize| self.own.get(place).copied();
        let untold = (0..told.len()).filter(|place| told.get(*place) == Some(&Told::Nothing));
        let mut extra: Vec<usize> = untold
            .filter(|place| unknown_of(*place).is_some_and(|at| !self.forced.contains(&at)))
            .collect();
        if extra.len().saturating_mul(guarded.len()) > LOOKED_AT_AGAIN {
            return;
        }
        let mut knowledge = self.knowledge.clone();
        for (place, told) in told.iter().enumerate() {
            if let (Some(at), Told::Exact) = (unknown_of(place), told) {
                knowledge.learn(at, Told::Exact, rules);
            }
        }
        extra.sort_by_key(|place| std::cmp::Reverse(table.cells.get(*place).map_or(0, |cell| cell.count)));
        for place in extra {
            let Some(at) = unknown_of(place) else { continue };
            let prior = knowledge.bounds(at);
            knowledge.learn(at, Told::Exact, rules);
            if guarded.iter().any(|at| knowledge.is_betrayed(*at, rules)) {
                knowledge.forget(at, prior);
            } else if let Some(told) = told.get_mut(place) {
                *told = Told::Exact;
            }
        }
    }
}
