//! The cells of a test run, as light as a comparison needs them: what two versions of a definition say of each.
//!
//! Pure. Computes a few keys at a time, because the observations behind each value weigh more than the value. A value
//! made of confidential figures is shown only to who may see such values.

use crate::ActError;
use crate::metric_dirty::key_text;
use leleka_domain::{Code, Period};
use leleka_risk::{
    Definition, Detail, Flag, Key, Level, MetricValue, ObservationSet, evaluate_metric, metric_keys,
};
use std::collections::BTreeMap;

/// Most changed cells that are shown.
pub const CELLS_SHOWN: usize = 200;
/// Most cells of a run.
const CELLS_MOST: usize = 100_000;
/// So many cells are computed at a time.
const CELLS_AT_ONCE: usize = 2_000;

/// What is shown, and to whom.
pub(crate) struct Bounds {
    pub(crate) shown: usize,
    pub(crate) confidential: bool,
}

/// What one version says of one key and period.
#[derive(Clone, Debug, PartialEq)]
pub struct CellSaid {
    /// The value; none where there is none, or where it may not be seen.
    pub value: Option<f64>,
    /// Its level.
    pub level: Level,
    /// Why there is no value or level.
    pub reason: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Cell {
    said: CellSaid,
    confidential: bool,
}

/// What a version says of each key and period.
pub(crate) struct Cells {
    keys: Vec<Key>,
    of_key: BTreeMap<String, (usize, BTreeMap<Period, Cell>)>,
}

/// How much a version says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Keys and periods.
    pub cells: u64,
    /// Those with a value.
    pub values: u64,
    /// Those without a level, by reason.
    pub unknown_by_reason: BTreeMap<String, u64>,
    /// Cells by level.
    pub levels: BTreeMap<String, u64>,
}

/// Cells that went from one level to another; no level where one of the versions has no such cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelPair {
    /// Under the published version.
    pub from: Option<Level>,
    /// Under the version that is tried.
    pub to: Option<Level>,
    /// How many.
    pub cells: u64,
}

/// A cell whose level changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedCell {
    /// Its dimensions.
    pub key: Key,
    /// Its period.
    pub period: Period,
    /// Under the published version.
    pub from: Option<CellSaid>,
    /// Under the version that is tried.
    pub to: Option<CellSaid>,
}

/// A version beside the published one.
#[derive(Clone, Debug, PartialEq)]
pub struct RunDifference {
    /// Number of the published version.
    pub published: i32,
    /// Cells that either of them has.
    pub cells: u64,
    /// Cells whose value differs.
    pub values_changed: u64,
    /// Cells whose level differs.
    pub levels_changed: u64,
    /// By pair of levels.
    pub level_pairs: Vec<LevelPair>,
    /// The first cells whose level differs, by key and period.
    pub first: Vec<ChangedCell>,
}

/// Computes a definition for every key that is found and these periods.
pub(crate) fn cells_compute(
    definition: &Definition,
    set: &ObservationSet,
    periods: &[Period],
) -> Result<Cells, ActError> {
    let keys = metric_keys(definition, set, periods);
    let cells = keys.len().saturating_mul(periods.len());
    if cells > CELLS_MOST {
        let detail = format!("{cells} > {CELLS_MOST}");
        return Err(ActError::refused_because(Code::TestRunTooLarge, detail));
    }
    let mut of_key: BTreeMap<String, (usize, BTreeMap<Period, Cell>)> = BTreeMap::new();
    let at_once = (CELLS_AT_ONCE / periods.len().max(1)).max(1);
    for (round, some) in keys.chunks(at_once).enumerate() {
        for value in evaluate_metric(definition, set, Some(some), periods, Detail::Values) {
            let text = key_text(
                value
                    .key
                    .iter()
                    .map(|(name, code)| (name.as_str(), code.as_str())),
            );
            let place = some.iter().position(|key| *key == value.key);
            let at = round * at_once + place.unwrap_or(0);
            let of_this = of_key.entry(text).or_insert_with(|| (at, BTreeMap::new()));
            of_this.1.insert(value.period, Cell::of(&value));
        }
    }
    Ok(Cells { keys, of_key })
}

impl Cell {
    fn of(value: &MetricValue) -> Self {
        Self {
            said: CellSaid {
                value: value.value,
                level: value.level,
                reason: value.reason.map(|reason| reason.code()),
            },
            confidential: value.flags.contains(Flag::Confidential),
        }
    }

    fn shown(&self, bounds: &Bounds) -> CellSaid {
        let may = bounds.confidential || !self.confidential;
        CellSaid {
            value: self.said.value.filter(|_| may),
            ..self.said.clone()
        }
    }
}

impl RunCounts {
    pub(crate) fn of(cells: &Cells) -> Self {
        let mut counts = Self::default();
        for cell in cells.of_key.values().flat_map(|(_, of_key)| of_key.values()) {
            let said = &cell.said;
            counts.cells += 1;
            counts.values += u64::from(said.value.is_some());
            *counts.levels.entry(said.level.code().to_owned()).or_default() += 1;
            if let Some(reason) = said.reason {
                *counts.unknown_by_reason.entry(reason.to_owned()).or_default() += 1;
            }
        }
        counts
    }
}

impl RunDifference {
    /// What changes from one version to another.
    pub(crate) fn of(published: i32, before: &Cells, after: &Cells, bounds: &Bounds) -> Self {
        let mut difference = Self {
            published,
            cells: 0,
            values_changed: 0,
            levels_changed: 0,
            level_pairs: Vec::new(),
            first: Vec::new(),
        };
        let mut pairs: BTreeMap<(Option<Level>, Option<Level>), u64> = BTreeMap::new();
        let mut texts: Vec<&String> = before.of_key.keys().chain(after.of_key.keys()).collect();
        texts.sort_unstable();
        texts.dedup();
        let none = BTreeMap::new();
        for text in texts {
            let of = |cells: &'_ Cells| cells.of_key.get(text).map(|(at, _)| *at);
            let key = of(after).and_then(|at| after.keys.get(at));
            let key = key.or_else(|| of(before).and_then(|at| before.keys.get(at)));
            let (old, new) = (
                before.of_key.get(text).map_or(&none, |(_, cells)| cells),
                after.of_key.get(text).map_or(&none, |(_, cells)| cells),
            );
            let mut periods: Vec<&Period> = old.keys().chain(new.keys()).collect();
            periods.sort_unstable();
            periods.dedup();
            for period in periods {
                let (old, new) = (old.get(period), new.get(period));
                let bits = |cell: Option<&Cell>| cell.and_then(|cell| cell.said.value.map(f64::to_bits));
                let level = |cell: Option<&Cell>| cell.map(|cell| cell.said.level);
                difference.cells += 1;
                difference.values_changed += u64::from(bits(old) != bits(new));
                if level(old) == level(new) {
                    continue;
                }
                difference.levels_changed += 1;
                *pairs.entry((level(old), level(new))).or_default() += 1;
                if let Some(key) = key.filter(|_| difference.first.len() < bounds.shown) {
                    difference.first.push(ChangedCell {
                        key: key.clone(),
                        period: *period,
                        from: old.map(|cell| cell.shown(bounds)),
                        to: new.map(|cell| cell.shown(bounds)),
                    });
                }
            }
        }
        let pairs = pairs.into_iter();
        difference.level_pairs = pairs
            .map(|((from, to), cells)| LevelPair { from, to, cells })
            .collect();
        difference
    }
}
