//! Which cells a metric has, and how they are cut into pieces of work of bounded size.
//!
//! A metric speaks of periods up to the last one that was ever reported for any key. A key has a cell for every
//! period from the first of its observations to the last that still reads one of them; a key that an agreement
//! expects has one for every period of its term that the metric speaks of. So a series that ended is not missing for
//! ever, and a retraction takes no cell away: it becomes unknown, with a reason.

use crate::metric_feeding::{Due, Feeding, Grouping, Groups, due_list, feeding_list, key_made, text_of};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{Frequency, Period};
use leleka_risk::{Definition, Key, input_needs};
use leleka_store::{Reader, StoreError, series_span_list};
use std::collections::BTreeMap;

/// At most so many observations are held at once, unless one period of one group reads more.
pub(crate) const BATCH_OBSERVATIONS: i64 = 200_000;
/// At most so many cells are computed in one transaction, likewise.
pub(crate) const BATCH_CELLS: i64 = 20_000;
/// So many newest periods are computed before older ones.
const RECENT: i32 = 8;

/// The cells of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyCells {
    pub(crate) key: Key,
    pub(crate) first: Period,
    pub(crate) last: Period,
}

/// A series as work is weighed: from when to when, and how long its periods are.
#[derive(Clone, Debug)]
struct Supply {
    input: String,
    first: NaiveDate,
    last: NaiveDate,
    days: i64,
}

/// How far a metric is known to reach when only some of its keys are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known(pub(crate) Period);

/// The cells of a metric in a vintage.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    /// By the text of the key.
    pub(crate) keys: BTreeMap<String, KeyCells>,
    supplies: BTreeMap<Key, Vec<Supply>>,
    last: Option<Period>,
}

impl Cells {
    /// Finds the cells of every key, or only of the keys of some groups: not where an agreement expects anything, nor
    /// where the metric reaches further than was known, since that touches every key.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn find(
        reader: &mut Reader,
        definition: &Definition,
        some: Option<(Vec<Key>, Known)>,
        vintage: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let due = due_list(reader, definition, vintage)?;
        if let Some((groups, known)) = some.filter(|_| due.is_empty()) {
            let cells = Self::find_in(reader, definition, Some((groups, known)), &due, vintage)?;
            if cells.last <= Some(known.0) {
                return Ok(cells);
            }
        }
        Self::find_in(reader, definition, None, &due, vintage)
    }

    fn find_in(
        reader: &mut Reader,
        definition: &Definition,
        some: Option<(Vec<Key>, Known)>,
        due: &[Due],
        vintage: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let grouping = Grouping::of(definition);
        let known = some.as_ref().map(|(_, known)| known.0);
        let wanted = some.map(|(list, _)| Groups::new(&grouping, list));
        let feeding = feeding_list(reader, definition, wanted.as_ref())?;
        let ids: Vec<i64> = feeding.iter().map(|series| series.id).collect();
        let spans = series_span_list(reader, &ids, vintage)?;
        let spans = spans.into_iter().filter_map(|span| {
            let place = usize::try_from(span.number - 1).ok()?;
            Some((feeding.get(place)?, span.first, span.last))
        });
        let spans: Vec<(&Feeding, NaiveDate, NaiveDate)> = spans.collect();
        let mut cells = Self::default();
        for (series, first, last) in &spans {
            cells.series_add(definition, series, (*first, *last));
        }
        cells.last = cells.keys.values().map(|key| key.last).chain(known).max();
        cells.reaches_add(definition, &spans);
        cells.due_add(definition, due);
        cells.supplies_add(&grouping, &spans);
        Ok(cells)
    }

    /// Adds the periods that still read an observation though it was the last one.
    fn reaches_add(&mut self, definition: &Definition, spans: &[(&Feeding, NaiveDate, NaiveDate)]) {
        let Some(last) = self.last else { return };
        let mut reaches: BTreeMap<(&str, Period), Period> = BTreeMap::new();
        for (series, _, day) in spans {
            let (Some(key), Some(read)) = (
                key_made(definition, &series.reads),
                Period::containing(series.frequency, *day),
            ) else {
                continue;
            };
            let Some(own) = self.keys.get_mut(&text_of(&key)) else {
                continue;
            };
            for (input, _) in &series.reads {
                let reach = reaches
                    .entry((input.as_str(), read))
                    .or_insert_with(|| reach(definition, input, read, last));
                own.last = own.last.max(*reach);
            }
        }
    }

    /// Adds what agreements expect, as far as the metric speaks.
    fn due_add(&mut self, definition: &Definition, due: &[Due]) {
        let (first, last) = (self.keys.values().map(|key| key.first).min(), self.last);
        for due in due {
            if let (Some(key), Some(first), Some(last)) = (key_made(definition, &due.reads), first, last) {
                let from = due
                    .series
                    .from
                    .map_or(Some(first), |day| whole_from(definition, day));
                let to = due.series.to.map_or(Some(last), |day| whole_to(definition, day));
                if let (Some(from), Some(to)) = (from, to)
                    && from.max(first) <= to.min(last)
                {
                    self.span_add(key, from.max(first), to.min(last));
                }
            }
        }
    }

    fn series_add(&mut self, definition: &Definition, series: &Feeding, days: (NaiveDate, NaiveDate)) {
        let end = Period::containing(series.frequency, days.1).map_or(days.1, |period| period.end());
        let first = Period::containing(definition.frequency, days.0);
        let last = Period::containing(definition.frequency, end);
        if let (Some(key), Some(first), Some(last)) = (key_made(definition, &series.reads), first, last) {
            self.span_add(key, first, last);
        }
    }

    /// Adds the cells of a key between two periods of which something was said.
    pub(crate) fn said_add(&mut self, definition: &Definition, key: Key, days: (NaiveDate, NaiveDate)) {
        let period = |day| Period::containing(definition.frequency, day);
        if let (Some(first), Some(last)) = (period(days.0), period(days.1)) {
            self.last = self.last.max(Some(last));
            self.span_add(key, first, last);
        }
    }

    fn span_add(&mut self, key: Key, first: Period, last: Period) {
        let text = text_of(&key);
        let own = self.keys.entry(text).or_insert(KeyCells { key, first, last });
        (own.first, own.last) = (own.first.min(first), own.last.max(last));
    }

    fn supplies_add(&mut self, grouping: &Grouping<'_>, spans: &[(&Feeding, NaiveDate, NaiveDate)]) {
        let mut list: Vec<Key> = self.keys.values().map(|key| grouping.group(&key.key)).collect();
        list.sort_unstable();
        list.dedup();
        let groups = Groups::new(grouping, list);
        for (series, first, last) in spans {
            for (input, codes) in &series.reads {
                for place in groups.fed(input, codes) {
                    let Some(group) = groups.list().get(*place) else {
                        continue;
                    };
                    self.supplies.entry(group.clone()).or_default().push(Supply {
                        input: input.clone(),
                        first: *first,
                        last: *last,
                        days: days_of(series.frequency),
                    });
                }
            }
        }
    }

    /// The last period of the metric.
    pub(crate) fn last(&self) -> Option<Period> {
        self.last
    }

    /// At most so many observations are read for cells of a group between two periods.
    pub(crate) fn observations(&self, definition: &Definition, group: &Key, from: Period, to: Period) -> i64 {
        let needs = input_needs(definition, from, to);
        let supplies = self.supplies.get(group).map_or(&[][..], Vec::as_slice);
        let read = supplies.iter().filter_map(|supply| {
            let need = needs.iter().find(|need| need.input == supply.input)?;
            let first = supply.first.max(need.from.start());
            let last = supply.last.min(need.to.start());
            let days = (last - first).num_days();
            (days >= 0).then_some(days / supply.days + 1)
        });
        read.sum()
    }

    /// Cuts a range of periods of a group of so many keys into pieces that are small enough, newest first.
    pub(crate) fn pieces(
        &self,
        definition: &Definition,
        (group, keys): (&Key, usize),
        (from, to): (Period, Period),
    ) -> Vec<Piece> {
        let recent = self
            .last()
            .and_then(|last| last.shift(1 - RECENT))
            .unwrap_or(from);
        let mut open = Vec::new();
        if from < recent
            && let Some(before) = recent.shift(-1)
        {
            open.push((from, to.min(before), false));
        }
        if recent <= to {
            open.push((from.max(recent), to, true));
        }
        let keys = i64::try_from(keys).unwrap_or(i64::MAX);
        let mut pieces = Vec::new();
        while let Some((from, to, recent)) = open.pop() {
            let count = periods_between(from, to);
            let observations = self.observations(definition, group, from, to);
            let small = observations <= BATCH_OBSERVATIONS && keys.saturating_mul(count) <= BATCH_CELLS;
            let middle = from.shift(i32::try_from(count / 2).unwrap_or(0));
            match (small || count <= 1, middle, middle.and_then(|it| it.shift(-1))) {
                (false, Some(middle), Some(before)) => {
                    open.push((from, before, recent));
                    open.push((middle, to, recent));
                }
                _ => pieces.push(Piece {
                    from,
                    to,
                    recent,
                    observations,
                }),
            }
        }
        pieces
    }
}

/// The last period up to `until` that reads an input in this period or before.
fn reach(definition: &Definition, input: &str, read: Period, until: Period) -> Period {
    let reads = |period: Period| {
        let first = definition.read_from(input, period);
        first.is_some_and(|first| first <= read)
    };
    let begin = Period::containing(definition.frequency, read.end()).unwrap_or(until);
    if begin >= until || reads(until) {
        return until;
    }
    // What is read never goes back, so the last period is found by halving.
    let (mut low, mut high) = (0, periods_between(begin, until));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let period = i32::try_from(middle).ok().and_then(|steps| begin.shift(steps));
        if period.is_some_and(|period| period <= until && reads(period)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let steps = i32::try_from(low).unwrap_or(0);
    begin.shift(steps).unwrap_or(begin).min(until)
}

/// A range of periods that is loaded at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: Period,
    pub(crate) to: Period,
    pub(crate) recent: bool,
    pub(crate) observations: i64,
}

/// How many periods there are from one to another of the same frequency, at most a few more.
fn periods_between(from: Period, to: Period) -> i64 {
    (to.start() - from.start()).num_days() / days_of(from.frequency()) + 1
}

/// The length of the shortest period of a frequency, in days.
fn days_of(frequency: Frequency) -> i64 {
    match frequency {
        Frequency::Annual => 365,
        Frequency::HalfYearly => 181,
        Frequency::Quarterly => 90,
        Frequency::Monthly => 28,
        Frequency::Weekly => 7,
        Frequency::Daily | Frequency::SpanMonths(_) | Frequency::SpanDays(_) => 1,
    }
}

/// The first whole period from a day on.
fn whole_from(definition: &Definition, day: NaiveDate) -> Option<Period> {
    let period = Period::containing(definition.frequency, day)?;
    if period.start() < day {
        period.shift(1)
    } else {
        Some(period)
    }
}

/// The last whole period up to a day.
fn whole_to(definition: &Definition, day: NaiveDate) -> Option<Period> {
    let period = Period::containing(definition.frequency, day)?;
    if period.end() > day {
        period.shift(-1)
    } else {
        Some(period)
    }
}
