//! Rounding: each true count by itself, and nothing at all about those whose rounding would still prove a small count.
//!
//! Three counts rounded to 0, 0 and 5 that are parts and total prove that the parts are not zero: rounding alone is no
//! protection, so it is audited as suppression is. Never rounds a rounded figure.

use super::knowledge::Knowledge;
use super::{ReleaseRules, ReleaseTable, Told};
use std::collections::BTreeMap;

impl ReleaseTable {
    pub(super) fn rounded(&self, rules: ReleaseRules, past: &[ReleaseTable]) -> Vec<Told> {
        let silent = self.clone().told(&vec![Told::Nothing; self.cells.len()]);
        let mut knowledge = Knowledge::of(past.iter().chain([&silent]), rules);
        let prior: Vec<(f64, f64)> = knowledge.all().map(|at| knowledge.bounds(at)).collect();
        let untold = self.untold_before(past);
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        let mut told = vec![Told::Nothing; self.cells.len()];
        for (place, cell) in self.cells.iter().enumerate() {
            let Some(at) = knowledge.find(&cell.label) else {
                continue;
            };
            if cell.confidential || untold.contains(cell.label.as_str()) {
                continue;
            }
            let before = knowledge.bounds(at);
            knowledge.learn(at, Told::Rounded, rules);
            // What was told before is known: to leave it out now would protect nothing.
            if knowledge.bounds(at) != before {
                places.insert(at, place);
            }
            if let Some(told) = told.get_mut(place) {
                *told = Told::Rounded;
            }
        }
        let mut hide = |knowledge: &mut Knowledge, at: usize| {
            let place = places.remove(&at)?;
            knowledge.forget(at, prior.get(at).copied()?);
            *told.get_mut(place)? = Told::Nothing;
            Some(())
        };
        let guarded: Vec<usize> = knowledge.guarded().collect();
        // Saying less of one cell never says more of another, so one round over the small counts is enough.
        for at in &guarded {
            for near in neighbours(&knowledge, *at) {
                if !knowledge.is_pinned(*at, rules) {
                    break;
                }
                hide(&mut knowledge, near);
            }
        }
        if guarded.iter().any(|at| knowledge.is_pinned(*at, rules)) {
            let every: Vec<usize> = knowledge.all().collect();
            for at in every {
                hide(&mut knowledge, at);
            }
        }
        told
    }
}

/// What may be left unsaid to keep a count, in order: what stands in a sum with it, small before large and zeros
/// last; then what stands in a sum with those; the count itself at the very end.
fn neighbours(knowledge: &Knowledge, at: usize) -> Vec<usize> {
    let of = |at: usize| -> Vec<usize> {
        let terms = knowledge.equations_of(at).flat_map(|(terms, _)| terms);
        let mut near: Vec<usize> = terms
            .map(|(other, _)| *other)
            .filter(|other| *other != at)
            .collect();
        near.sort_by_key(|other| (knowledge.count(*other) == 0, knowledge.count(*other), *other));
        near.dedup();
        near
    };
    let first = of(at);
    let second: Vec<usize> = first.iter().flat_map(|near| of(*near)).collect();
    let mut seen = std::collections::BTreeSet::from([at]);
    let ordered = first.into_iter().chain(second);
    let mut ordered: Vec<usize> = ordered.filter(|near| seen.insert(*near)).collect();
    ordered.push(at);
    ordered
}
