//! Resolving marks: what acts touched becomes cells of the metric, in pieces of bounded size.
//!
//! Reads series and where they begin and end, never a value. Cells that were never said are marked with those that
//! were touched, so that what is stored is what a computation of everything would give.

use crate::metric_cells::{Cells, KeyCells, Known};
use crate::metric_dirty::{EVERY_KEY, key_parse};
use crate::metric_feeding::{Grouping, text_of};
use crate::metric_record::version_of;
use crate::{ActError, Centre};
use chrono::NaiveDate;
use leleka_domain::Period;
use leleka_risk::{Definition, Key, PopulationSupply, dirty_periods};
use leleka_store::{
    DIRTY_BY_DEFINITION, DirtyCells, DirtyMark, ResolvedMark, SaidSpan, Tx, dirty_resolved_insert_in_tx,
    dirty_take_in_tx, metric_key_list_in_tx, metric_newest_in_tx, metric_said_span_list_in_tx,
    vintage_settled,
};
use std::collections::{BTreeMap, BTreeSet};

/// Resolves every mark of a metric that is not resolved yet.
///
/// # Errors
/// When the database does not answer.
pub(crate) fn marks_resolve(
    tx: &mut Tx<'_>,
    centre: &Centre,
    definition: &Definition,
) -> Result<(), ActError> {
    let marks = dirty_take_in_tx(tx, &definition.code)?;
    let mut reader = centre.store.reader()?;
    // Every mark taken was committed before this moment was settled, so its series are in this vintage.
    let vintage = vintage_settled(&mut reader)?;
    let touched = Touched::of(definition, &marks);
    let newest = metric_newest_in_tx(tx, &definition.code, version_of(definition)?)?;
    let known = newest.and_then(|day| Period::containing(definition.frequency, day));
    let some = touched.groups(definition).zip(known.map(Known));
    let every = some.is_none();
    let mut cells = Cells::find(&mut reader, definition, some, vintage)?;
    drop(reader);
    let mut texts: BTreeSet<String> = cells.keys.keys().cloned().collect();
    // What was said stays known, also where nothing is expected any more and nothing was ever reported.
    texts.extend(touched.by_key.keys().map(|text| (*text).to_owned()));
    if every {
        texts.extend(metric_key_list_in_tx(tx, &definition.code)?);
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let said = metric_said_span_list_in_tx(tx, &definition.code, version_of(definition)?, &texts)?;
    let said: BTreeMap<&str, &SaidSpan> = said.iter().map(|span| (span.key.as_str(), span)).collect();
    for span in said.values() {
        cells.said_add(definition, key_parse(&span.key), (span.first, span.last));
    }
    let periods = touched.periods(definition, cells.last());
    let mut by_group: BTreeMap<Key, Vec<Wanted<'_>>> = BTreeMap::new();
    let grouping = Grouping::of(definition);
    for (text, key) in &cells.keys {
        let wanted = touched.wanted(text, key, said.get(text.as_str()).copied(), &periods);
        if !wanted.periods.is_empty() {
            by_group.entry(grouping.group(&key.key)).or_default().push(wanted);
        }
    }
    for (group, wanted) in &by_group {
        let resolved = group_marks(definition, &cells, group, wanted);
        dirty_resolved_insert_in_tx(tx, &definition.code, &resolved)?;
    }
    Ok(())
}

/// Periods of one key that are to be computed, and why.
struct Wanted<'a> {
    text: &'a str,
    periods: BTreeSet<Period>,
    positions: Vec<i64>,
}

/// What acts touched, by the text of the key.
pub(crate) struct Touched<'a> {
    by_key: BTreeMap<&'a str, Vec<&'a DirtyMark>>,
    /// Everything is to be computed: for a new definition, or for an input that this one does not know.
    whole: bool,
}

/// A range of an input that was touched.
type Range<'a> = (&'a str, NaiveDate, NaiveDate);

impl<'a> Touched<'a> {
    pub(crate) fn of(definition: &Definition, marks: &'a [DirtyMark]) -> Self {
        let mut by_key: BTreeMap<&str, Vec<&DirtyMark>> = BTreeMap::new();
        for mark in marks {
            by_key.entry(&mark.range.key).or_default().push(mark);
        }
        let whole = marks.iter().any(|mark| {
            mark.position <= DIRTY_BY_DEFINITION || !definition.inputs.contains_key(&mark.range.input)
        });
        Self { by_key, whole }
    }

    /// The groups of the touched keys; none when every key is.
    fn groups(&self, definition: &Definition) -> Option<Vec<Key>> {
        let grouping = Grouping::of(definition);
        let keys: Vec<Key> = self.by_key.keys().map(|text| key_parse(text)).collect();
        let named = !self.whole && keys.iter().all(|key| grouping.fits(key));
        let every = self.by_key.contains_key(EVERY_KEY);
        (named && !every).then(|| {
            let groups: BTreeSet<Key> = keys.iter().map(|key| grouping.group(key)).collect();
            groups.into_iter().collect()
        })
    }

    /// The results that each touched range touches.
    pub(crate) fn periods(
        &self,
        definition: &Definition,
        until: Option<Period>,
    ) -> BTreeMap<Range<'a>, BTreeSet<Period>> {
        let mut found = BTreeMap::new();
        let Some(until) = until.filter(|_| !self.whole) else {
            return found;
        };
        for mark in self.by_key.values().flatten() {
            let range = &mark.range;
            let frequency = definition.inputs.get(&range.input).map(|input| input.frequency);
            let period = |day| frequency.and_then(|frequency| Period::containing(frequency, day));
            let (Some(from), Some(to)) = (period(range.period_from), period(range.period_to)) else {
                continue;
            };
            found
                .entry((range.input.as_str(), range.period_from, range.period_to))
                .or_insert_with(|| {
                    let supply = PopulationSupply::Unknown;
                    let dirty = dirty_periods(definition, &range.input, (from, to), until, supply);
                    dirty.values.into_iter().chain(dirty.signals).collect()
                });
        }
        found
    }

    /// Marks of a key, those of every key among them.
    fn marks(&self, text: &str) -> impl Iterator<Item = &'a DirtyMark> {
        let (own, every) = (self.by_key.get(text), self.by_key.get(EVERY_KEY));
        own.into_iter().chain(every).flatten().copied()
    }

    /// Whether a mark touches a cell.
    pub(crate) fn touches(
        &self,
        text: &str,
        period: Period,
        periods: &BTreeMap<Range<'a>, BTreeSet<Period>>,
    ) -> bool {
        self.whole
            || self.marks(text).any(|mark| {
                let range = &mark.range;
                let place = (range.input.as_str(), range.period_from, range.period_to);
                periods
                    .get(&place)
                    .is_some_and(|periods| periods.contains(&period))
            })
    }

    fn wanted<'t>(
        &self,
        text: &'t str,
        cells: &KeyCells,
        said: Option<&SaidSpan>,
        touched: &BTreeMap<Range<'a>, BTreeSet<Period>>,
    ) -> Wanted<'t> {
        let mut positions: BTreeSet<i64> = self.marks(text).map(|mark| mark.position).collect();
        if positions.is_empty() {
            // A cell that was never said, because the metric reaches further now.
            positions = self.by_key.values().flatten().map(|mark| mark.position).collect();
        }
        let unsaid = |period: &Period| {
            said.is_none_or(|said| period.start() < said.first || period.start() > said.last)
        };
        let every = std::iter::successors(Some(cells.first), |period| period.shift(1));
        let every = every.take_while(|period| *period <= cells.last);
        let mut periods: BTreeSet<Period> = every.filter(|period| self.whole || unsaid(period)).collect();
        for mark in self.marks(text) {
            let range = &mark.range;
            let place = (range.input.as_str(), range.period_from, range.period_to);
            let found = touched.get(&place).into_iter().flatten();
            periods.extend(found.filter(|period| (cells.first..=cells.last).contains(*period)));
        }
        Wanted {
            text,
            periods,
            positions: positions.into_iter().collect(),
        }
    }
}

/// The marks of one group, cut into pieces.
fn group_marks(
    definition: &Definition,
    cells: &Cells,
    group: &Key,
    wanted: &[Wanted<'_>],
) -> Vec<ResolvedMark> {
    let first = wanted.iter().filter_map(|key| key.periods.first()).min();
    let last = wanted.iter().filter_map(|key| key.periods.last()).max();
    let (Some(first), Some(last)) = (first, last) else {
        return Vec::new();
    };
    let mut marks = Vec::new();
    for piece in cells.pieces(definition, (group, wanted.len()), (*first, *last)) {
        let unit = format!("{}|{}|{}", text_of(group), piece.from, piece.to);
        for key in wanted {
            for (from, to, count) in runs(key.periods.range(piece.from..=piece.to)) {
                marks.push(ResolvedMark {
                    cells: DirtyCells {
                        unit: unit.clone(),
                        key: key.text.to_owned(),
                        period_from: from.start(),
                        period_to: to.start(),
                        positions: key.positions.clone(),
                    },
                    recent: piece.recent,
                    count,
                    observations: piece.observations,
                });
            }
        }
    }
    marks
}

/// Periods in a row, as first and last of each run and how many they are.
fn runs<'p>(periods: impl Iterator<Item = &'p Period>) -> Vec<(Period, Period, i32)> {
    let mut runs: Vec<(Period, Period, i32)> = Vec::new();
    for period in periods {
        match runs.last_mut() {
            Some((_, last, count)) if last.shift(1) == Some(*period) => {
                (*last, *count) = (*period, *count + 1)
            }
            _ => runs.push((*period, *period, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_in_a_row_are_one_run() {
        let period = |text: &str| -> Period { text.parse().unwrap() };
        let weeks = ["2026-W52", "2026-W53", "2027-W01", "2027-W03"].map(period);
        assert_eq!(
            runs(weeks.iter()),
            [
                (period("2026-W52"), period("2027-W01"), 3),
                (period("2027-W03"), period("2027-W03"), 1)
            ]
        );
        assert_eq!(runs([].iter()), []);
    }
}
