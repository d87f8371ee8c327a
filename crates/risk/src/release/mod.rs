//! Telling a table to the public, more than once: what may be told now, given all that was told before.
//!
//! A cell is one count under one label, and stays the same unknown from release to release until it is revised. So
//! a revised table and its former versions are judged as one system of sums, as an intruder would write it down who
//! even knows which cells were revised. Never lets a table pass without that audit.

mod knowledge;
mod rounding;
mod suppression;

use crate::disclosure::THRESHOLD;
use knowledge::Knowledge;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a table is made safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseMethod {
    /// Small counts are left out, and other cells that would betray them.
    Suppress,
    /// Each true count is rounded by itself; what would still betray a small count is left out.
    Round,
}

/// What a reader is told about a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Its count.
    Exact,
    /// Its count, rounded.
    Rounded,
    /// Nothing.
    Nothing,
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseCell {
    /// Key and period, the same in every vintage.
    pub label: String,
    /// The true count.
    pub count: i64,
    /// Whether a source of it is not free for publication, whatever its size.
    pub confidential: bool,
    /// Whether readers are taken to know it from elsewhere, so that it can protect nothing.
    pub known: bool,
    /// What was told; of no meaning before the table is released.
    pub told: Told,
}

/// A sum that a reader knows of: a total, its parts, and what of the total was not broken down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseSum {
    /// Place of the total.
    pub total: usize,
    /// Places of its parts.
    pub parts: Vec<usize>,
    /// Total less parts; readers are taken to know it.
    pub rest: i64,
}

/// A whole table of one vintage: every key of a span of time with its totals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseTable {
    /// The cells.
    pub cells: Vec<ReleaseCell>,
    /// The sums among them.
    pub sums: Vec<ReleaseSum>,
}

/// What may not be told, and to which base is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRules {
    /// Counts above zero and below this are not told.
    pub threshold: i64,
    /// Counts are rounded to multiples of this.
    pub rounding_base: u32,
    /// A confidential count must stay uncertain by so many percent either way, and by the threshold at least.
    pub confidential_percent: u32,
}

impl Default for ReleaseRules {
    fn default() -> Self {
        Self {
            threshold: THRESHOLD,
            rounding_base: 5,
            confidential_percent: 10,
        }
    }
}

impl ReleaseRules {
    /// Whether a count is too small to be told.
    pub(crate) fn is_small(self, count: i64) -> bool {
        (1..self.threshold).contains(&count)
    }

    /// How uncertain a confidential count must stay either way.
    pub(crate) fn margin(self, count: i64) -> i64 {
        let share = i128::from(count.max(0)) * i128::from(self.confidential_percent);
        let share = i64::try_from((share + 99) / 100).unwrap_or(i64::MAX);
        share.max(self.threshold)
    }
}

impl ReleaseTable {
    /// What may be told of each cell now, given earlier releases of the same labels, oldest first. Nothing at all
    /// when no part of the table can be told.
    ///
    /// The same table and the same past give the same answer. A cell of which nothing was told stays so for as long
    /// as its count is the same.
    #[must_use]
    pub fn release(&self, method: ReleaseMethod, rules: ReleaseRules, past: &[ReleaseTable]) -> Vec<Told> {
        match method {
            ReleaseMethod::Suppress => self.suppressed(rules, past),
            ReleaseMethod::Round => self.rounded(rules, past),
        }
    }

    /// The same table with what is told of it.
    #[must_use]
    pub fn told(mut self, told: &[Told]) -> Self {
        for (cell, told) in self.cells.iter_mut().zip(told) {
            cell.told = *told;
        }
        self
    }

    /// The labels of small counts that everything in these releases together proves to be small and not zero, and of
    /// confidential ones that it narrows down too far.
    #[must_use]
    pub fn betrayed(rules: ReleaseRules, releases: &[ReleaseTable]) -> Vec<String> {
        let knowledge = Knowledge::of(releases.iter(), rules);
        let betrayed = knowledge.guarded().filter(|at| knowledge.is_pinned(*at, rules));
        betrayed.map(|at| knowledge.label(at).to_owned()).collect()
    }
}

impl ReleaseTable {
    /// Labels of this table of which nothing was told since their count is what it is, though there was occasion.
    fn untold_before(&self, past: &[Self]) -> BTreeSet<&str> {
        let mut newest: BTreeMap<&str, (i64, bool)> = BTreeMap::new();
        for cell in past.iter().flat_map(|table| &table.cells) {
            let told = cell.known || cell.told != Told::Nothing;
            let before = newest.get(cell.label.as_str());
            let before = before.is_some_and(|(count, told)| *count == cell.count && *told);
            newest.insert(&cell.label, (cell.count, told || before));
        }
        let untold = |cell: &&ReleaseCell| newest.get(cell.label.as_str()) == Some(&(cell.count, false));
        self.cells
            .iter()
            .filter(untold)
            .map(|cell| cell.label.as_str())
            .collect()
    }
}
