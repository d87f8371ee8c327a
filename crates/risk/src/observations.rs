//! Observations as the engine reads them, in one fixed order, and the choice of those that make an input cell.
//!
//! The order of the input does not matter. Details and totals never meet in one sum, and two observations that
//! claim one cell are never added: equal ones count once, different ones are ambiguous. `_Z` is an absent dimension.

use crate::definition::Input;
use chrono::NaiveDate;
use leleka_domain::{ConfStatus, Frequency, ObsFlags, ObsStatus, Period, SeriesId};
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// Codes of a key by dimension.
pub type Key = BTreeMap<String, String>;

/// Which stored version of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObservationId {
    /// Which series.
    pub series: SeriesId,
    /// First day of the period.
    pub period_start: NaiveDate,
    /// Place in the ledger, which tells versions apart.
    pub position: i64,
}

/// `series/day/position`; text, since a series number has more digits than a JSON number keeps.
impl fmt::Display for ObservationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.series.0, self.period_start, self.position)
    }
}

impl Serialize for ObservationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the observations of one series have in common; held once, however many they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputSeries {
    /// Indicator code.
    pub indicator: String,
    /// Source body.
    pub body: String,
    /// Code by dimension; absent and `_Z` mean the same.
    pub dimensions: BTreeMap<String, String>,
}

/// One observation of one vintage.
#[derive(Clone, Debug, PartialEq)]
pub struct InputObservation {
    /// Which version.
    pub id: ObservationId,
    /// Of which series.
    pub series: Arc<InputSeries>,
    /// Which period, with its frequency.
    pub period: Period,
    /// The number, if the status carries one.
    pub value: Option<f64>,
    /// Main status.
    pub status: ObsStatus,
    /// Other statuses.
    pub flags: ObsFlags,
    /// How widely it may be shown.
    pub confidentiality: ConfStatus,
}

impl InputObservation {
    /// The number, when it is one.
    pub(crate) fn number(&self) -> Option<f64> {
        self.value
            .filter(|value| value.is_finite() && self.status.carries_value())
    }

    /// The fixed order: indicator, period, series, version. Series that are one in memory need no comparison.
    fn order(&self, other: &Self) -> Ordering {
        let (left, right) = (&*self.series, &*other.series);
        let same = Arc::ptr_eq(&self.series, &other.series);
        let by_indicator = if same {
            Ordering::Equal
        } else {
            left.indicator.cmp(&right.indicator)
        };
        let by_series = || if same { Ordering::Equal } else { left.cmp(right) };
        let version = |row: &Self| (row.id, row.status.number(), row.value.map(f64::to_bits));
        by_indicator
            .then_with(|| self.period.cmp(&other.period))
            .then_with(by_series)
            .then_with(|| version(self).cmp(&version(other)))
    }
}

/// A series that agreements or obligations make expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedSeries {
    /// Indicator code.
    pub indicator: String,
    /// Source body.
    pub body: String,
    /// How often.
    pub frequency: Frequency,
    /// Code by dimension.
    pub dimensions: BTreeMap<String, String>,
    /// First day on which it is due.
    pub from: Option<NaiveDate>,
    /// Last day on which it is due.
    pub to: Option<NaiveDate>,
}

impl ExpectedSeries {
    /// Whether it is due for the whole of a period.
    pub(crate) fn is_due(&self, period: Period) -> bool {
        self.frequency == period.frequency()
            && self.from.is_none_or(|from| from <= period.start())
            && self.to.is_none_or(|to| period.end() <= to)
    }
}

/// Observations of one vintage, sorted and indexed once for any number of definitions.
#[derive(Clone, Debug, Default)]
pub struct ObservationSet {
    rows: Vec<InputObservation>,
    places: HashMap<String, BTreeMap<Period, Vec<u32>>>,
    expected: Vec<ExpectedSeries>,
}

impl ObservationSet {
    /// Sorts and indexes; without expected series, what is present is what was expected.
    #[must_use]
    pub fn new(mut rows: Vec<InputObservation>, expected: Vec<ExpectedSeries>) -> Self {
        rows.sort_by(InputObservation::order);
        let mut places: HashMap<String, BTreeMap<Period, Vec<u32>>> = HashMap::new();
        for (place, row) in (0_u32..).zip(&rows) {
            let periods = match places.get_mut(&row.series.indicator) {
                Some(periods) => periods,
                None => places.entry(row.series.indicator.clone()).or_default(),
            };
            periods.entry(row.period).or_default().push(place);
        }
        Self {
            rows,
            places,
            expected,
        }
    }

    pub(crate) fn row(&self, place: u32) -> Option<&InputObservation> {
        self.rows.get(usize::try_from(place).ok()?)
    }

    /// Periods of an indicator that have observations.
    pub(crate) fn periods(&self, indicator: &str) -> impl Iterator<Item = Period> {
        let periods = self.places.get(indicator);
        periods.into_iter().flat_map(|periods| periods.keys().copied())
    }

    /// The cells of an input in a period, by the codes of its key.
    pub(crate) fn slots(&self, input: &Input, period: Period) -> HashMap<Vec<String>, Slot> {
        let mut slots: HashMap<Vec<String>, Slot> = HashMap::new();
        let places = self.places.get(&input.indicator);
        let places = places.and_then(|periods| periods.get(&period));
        for place in places.into_iter().flatten().copied() {
            let Some(row) = self.row(place) else { continue };
            if let Some(part) = part_of(input, &row.series.body, &row.series.dimensions) {
                let slot = slots.entry(part.codes).or_default();
                let side = if part.is_total {
                    &mut slot.totals
                } else {
                    &mut slot.details
                };
                side.rows.push((part.identity, place));
            }
        }
        let due = self.expected.iter();
        for series in due.filter(|series| series.indicator == input.indicator && series.is_due(period)) {
            if let Some(part) = part_of(input, &series.body, &series.dimensions) {
                let slot = slots.entry(part.codes).or_default();
                let side = if part.is_total {
                    &mut slot.totals
                } else {
                    &mut slot.details
                };
                side.expected += 1;
            }
        }
        slots
    }
}

/// What was found for one cell of an input, totals and details apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) totals: Side,
    pub(crate) details: Side,
}

/// Observations that may be put together, with what makes each of them another than the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    pub(crate) rows: Vec<(Vec<String>, u32)>,
    pub(crate) expected: usize,
}

pub(crate) struct Part {
    pub(crate) codes: Vec<String>,
    identity: Vec<String>,
    is_total: bool,
}

/// What an observation of these dimensions is to an input, if anything.
pub(crate) fn part_of(input: &Input, body: &str, dimensions: &BTreeMap<String, String>) -> Option<Part> {
    if input.body.as_ref().is_some_and(|wanted| wanted != body) {
        return None;
    }
    let code = |dimension: &String| dimensions.get(dimension).filter(|code| *code != "_Z");
    let named = |dimension: &String| {
        input.by.contains(dimension) || input.over.contains(dimension) || input.filter.contains_key(dimension)
    };
    let detailed = |dimension: &String| code(dimension).is_some_and(|code| !is_total(dimension, code));
    if dimensions
        .keys()
        .any(|dimension| !named(dimension) && detailed(dimension))
    {
        return None;
    }
    let codes = input.by.iter().map(|dimension| code(dimension).cloned());
    let codes: Vec<String> = codes.collect::<Option<_>>()?;
    let mut identity = Vec::new();
    for (dimension, wanted) in &input.filter {
        let fits = match code(dimension) {
            Some(code) => wanted.contains(code),
            None => wanted.iter().any(|code| is_total(dimension, code)),
        };
        if !fits {
            return None;
        }
        let own = code(dimension).filter(|code| !is_total(dimension, code));
        identity.push(own.cloned().unwrap_or_default());
    }
    let details = input.over.iter().filter(|dimension| detailed(dimension)).count();
    if details > 0 {
        for dimension in &input.over {
            identity.push(code(dimension).filter(|code| is_member(dimension, code))?.clone());
        }
    }
    Some(Part {
        codes,
        identity,
        is_total: details == 0,
    })
}

/// Codes that mean the whole of a dimension, beside `_T`; from the code lists of the catalogue.
const TOTALS: &[(&str, &str)] = &[
    ("territory", "UA"),
    ("decision", "TOTAL"),
    ("applicant_type", "ASY_APP"),
    ("refusal_reason", "TOTAL"),
    ("border_type", "TOTAL"),
    ("reporting_state", "EU27_2020"),
];

/// Whether a code means the whole of its dimension.
#[must_use]
pub fn is_total(dimension: &str, code: &str) -> bool {
    code == "_T" || TOTALS.contains(&(dimension, code))
}

/// Whether a code is one of the parts that make the total: not the total, and of territories only regions,
/// since districts and communities are inside them.
pub(crate) fn is_member(dimension: &str, code: &str) -> bool {
    // KATOTTH: UA, two digits of the region, ten digits of the levels below, five that are only a number.
    let below_region = dimension == "territory"
        && code.len() == 19
        && code.chars().skip(4).take(10).any(|digit| digit != '0');
    !is_total(dimension, code) && !below_region
}
