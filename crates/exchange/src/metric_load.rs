//! Loading the observations of one vintage for groups of keys, and no more of them than the cells read.

use crate::metric_feeding::{Feeding, Grouping, Groups, due_list, feeding_list};
use chrono::{DateTime, Utc};
use leleka_domain::{ConfStatus, ObsFlags, ObsStatus, Period, SeriesId};
use leleka_risk::{
    Definition, ExpectedSeries, InputNeed, InputObservation, Key, ObservationId, ObservationSet, input_needs,
};
use leleka_store::{InputRange, Reader, StoreError, StoredInput, input_observation_list};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Cells to be computed together.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupWork {
    /// The codes that its keys share.
    pub(crate) group: Key,
    /// Periods by key.
    pub(crate) cells: BTreeMap<Key, BTreeSet<Period>>,
}

impl GroupWork {
    /// First and last period.
    fn span(&self) -> Option<(Period, Period)> {
        let first = self.cells.values().filter_map(BTreeSet::first).min()?;
        let last = self.cells.values().filter_map(BTreeSet::last).max()?;
        Some((*first, *last))
    }
}

/// What groups read: the observations of the series that feed them.
pub(crate) struct Loaded {
    feeding: Vec<Feeding>,
    rows: Vec<StoredInput>,
    /// Rows by series.
    places: Vec<Range<usize>>,
    /// Series and what is expected, by group.
    groups: Vec<(Vec<usize>, Vec<ExpectedSeries>)>,
}

impl Loaded {
    /// Loads what these works read.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn read(
        reader: &mut Reader,
        definition: &Definition,
        works: &[GroupWork],
        vintage: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let grouping = Grouping::of(definition);
        let groups = Groups::new(&grouping, works.iter().map(|work| work.group.clone()).collect());
        let mut feeding = feeding_list(reader, definition, Some(&groups))?;
        feeding.sort_unstable_by_key(|series| series.id);
        let needs: Vec<Vec<InputNeed>> = works.iter().map(|work| needs(definition, work)).collect();
        let mut of_group: Vec<(Vec<usize>, Vec<ExpectedSeries>)> = vec![Default::default(); works.len()];
        let mut read: Vec<(usize, InputRange)> = Vec::with_capacity(feeding.len());
        for (number, series) in feeding.iter().enumerate() {
            let (range, fed) = range_of(series, &groups, &needs);
            read.extend(range.map(|range| (number, range)));
            for place in fed {
                if let Some(own) = of_group.get_mut(place) {
                    own.0.push(number);
                }
            }
        }
        for due in due_list(reader, definition, vintage)? {
            let fed = due
                .reads
                .iter()
                .flat_map(|(input, codes)| groups.fed(input, codes));
            for place in fed.copied().collect::<BTreeSet<usize>>() {
                if let Some(own) = of_group.get_mut(place) {
                    own.1.push(due.series.clone());
                }
            }
        }
        let asked: Vec<InputRange> = read.iter().map(|(_, range)| *range).collect();
        let mut rows = input_observation_list(reader, &asked, vintage)?;
        for row in &mut rows {
            row.place = read.get(row.place).map_or(usize::MAX, |(number, _)| *number);
        }
        let places = places(&rows, feeding.len());
        Ok(Self {
            feeding,
            rows,
            places,
            groups: of_group,
        })
    }

    /// How many observations were read.
    pub(crate) fn observations(&self) -> usize {
        self.rows.len()
    }

    /// The observations of the work at this place.
    pub(crate) fn set(&self, place: usize) -> ObservationSet {
        let Some((series, due)) = self.groups.get(place) else {
            return ObservationSet::default();
        };
        let mut observations = Vec::new();
        for number in series {
            let (Some(feeding), Some(range)) = (self.feeding.get(*number), self.places.get(*number)) else {
                continue;
            };
            let rows = self.rows.get(range.clone()).unwrap_or_default();
            observations.extend(rows.iter().filter_map(|row| input_observation(feeding, row)));
        }
        ObservationSet::new(observations, due.clone())
    }
}

/// Every observation that a definition reads for a range of periods, whatever the key: for trying a definition, where
/// the keys are not known before.
///
/// # Errors
/// When the database refuses.
pub(crate) fn observations_whole(
    reader: &mut Reader,
    definition: &Definition,
    (from, to): (Period, Period),
    vintage: DateTime<Utc>,
) -> Result<ObservationSet, StoreError> {
    let needs = input_needs(definition, from, to);
    let feeding = feeding_list(reader, definition, None)?;
    let range = |series: &Feeding| {
        let read = |need: &&InputNeed| series.reads.iter().any(|(input, _)| *input == need.input);
        let own: Vec<&InputNeed> = needs.iter().filter(read).collect();
        Some(InputRange {
            series_id: series.id,
            from: own.iter().map(|need| need.from.start()).min()?,
            to: own.iter().map(|need| need.to.start()).max()?,
        })
    };
    let read: Vec<(&Feeding, InputRange)> = feeding
        .iter()
        .filter_map(|series| Some((series, range(series)?)))
        .collect();
    let asked: Vec<InputRange> = read.iter().map(|(_, range)| *range).collect();
    let rows = input_observation_list(reader, &asked, vintage)?;
    let observations = rows
        .iter()
        .filter_map(|row| input_observation(read.get(row.place)?.0, row));
    let due = due_list(reader, definition, vintage)?;
    Ok(ObservationSet::new(
        observations.collect(),
        due.into_iter().map(|due| due.series).collect(),
    ))
}

/// What a work reads of each input.
fn needs(definition: &Definition, work: &GroupWork) -> Vec<InputNeed> {
    work.span()
        .map_or_else(Vec::new, |(from, to)| input_needs(definition, from, to))
}

/// The range of a series that groups read, and the places of these groups.
fn range_of(
    series: &Feeding,
    groups: &Groups<'_>,
    needs: &[Vec<InputNeed>],
) -> (Option<InputRange>, BTreeSet<usize>) {
    let (mut range, mut fed): (Option<InputRange>, _) = (None, BTreeSet::new());
    for (input, codes) in &series.reads {
        for place in groups.fed(input, codes) {
            let own = needs.get(*place);
            let Some(need) = own.and_then(|needs| needs.iter().find(|need| need.input == *input)) else {
                continue;
            };
            let (from, to) = (need.from.start(), need.to.start());
            let held = range.get_or_insert(InputRange {
                series_id: series.id,
                from,
                to,
            });
            (held.from, held.to) = (held.from.min(from), held.to.max(to));
            fed.insert(*place);
        }
    }
    (range, fed)
}

/// Where the rows of each series are; they stand together.
fn places(rows: &[StoredInput], series: usize) -> Vec<Range<usize>> {
    let mut places = vec![0..0; series];
    let mut begin = 0;
    for chunk in rows.chunk_by(|left, right| left.place == right.place) {
        let end = begin + chunk.len();
        if let Some(place) = chunk.first().and_then(|row| places.get_mut(row.place)) {
            *place = begin..end;
        }
        begin = end;
    }
    places
}

fn input_observation(feeding: &Feeding, row: &StoredInput) -> Option<InputObservation> {
    Some(InputObservation {
        id: ObservationId {
            series: SeriesId(feeding.id),
            period_start: row.period,
            position: row.position,
        },
        series: std::sync::Arc::clone(&feeding.series),
        period: Period::containing(feeding.frequency, row.period)?,
        value: row.value,
        status: ObsStatus::from_number(row.status)?,
        flags: ObsFlags::from_bits(row.flags),
        confidentiality: ConfStatus::from_number(row.confidentiality)?,
    })
}
