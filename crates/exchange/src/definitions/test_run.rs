//! The act of trying a version of a definition on the stored history, beside the version that is published: what it
//! would say, and how many levels change. Nothing is stored but the log entry.
//!
//! One vintage for both versions. Bounded: periods, observations and cells are counted before anything is computed.

use crate::definitions::test_run_cells::{Bounds, RunCounts, RunDifference, cells_compute};
use crate::definitions::{definition_read, invalid, log_entry, stored_read};
use crate::keyed_request::member_invalid;
use crate::metric_load::observations_whole;
use crate::{ActError, Caller, Centre};
use chrono::{DateTime, Utc};
use leleka_access::Scope;
use leleka_domain::{Code, Frequency, Period, RequestId};
use leleka_risk::{Definition, ObservationSet, input_needs};
use leleka_store::{
    ExtentQuery, Reader, StoredDefinition, definition_find, definition_published, input_newest_period,
    input_observation_count, vintage_settled,
};
use std::collections::BTreeSet;

/// Most periods of a run: ten years of weeks.
const PERIODS_MOST: usize = 520;
/// Most observations that a run reads, earlier versions counted.
const OBSERVATIONS_MOST: i64 = 500_000;

/// What is tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestRunRequest {
    /// First period; two years before the last when absent.
    pub from: Option<Period>,
    /// Last period; the newest for which an input has a figure when absent.
    pub to: Option<Period>,
    /// As known at this moment; now when absent.
    pub as_of: Option<DateTime<Utc>>,
    /// So many changed cells are shown.
    pub cells: usize,
}

/// What a version says about the past.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionTestRun {
    /// The version that was tried.
    pub version: StoredDefinition,
    /// First period.
    pub from: Period,
    /// Last period.
    pub to: Period,
    /// The vintage.
    pub data_as_of: DateTime<Utc>,
    /// What it says.
    pub counts: RunCounts,
    /// Beside the published version, if there is another of the same frequency and key.
    pub difference: Option<RunDifference>,
}

/// Tries a version, draft or not.
///
/// # Errors
/// A refusal when there is no such version, or the run would be too large; [`ActError::Faulty`] when the version no
/// longer fits the catalogue.
pub fn definition_test_run(
    centre: &Centre,
    caller: &Caller,
    request_id: RequestId,
    place: (&str, i32),
    asked: &TestRunRequest,
) -> Result<DefinitionTestRun, ActError> {
    let missing = || ActError::refused(Code::ResourceNotFound);
    let mut reader = centre.store.reader()?;
    let version = definition_find(&mut reader, place.0, place.1)?.ok_or_else(missing)?;
    let published = definition_published(&mut reader, place.0)?;
    let definition = definition_read(&centre.book(), &version.content.to_string()).map_err(invalid)?;
    let settled = vintage_settled(&mut reader)?;
    let data_as_of = asked.as_of.map_or(settled, |asked| asked.min(settled));
    let periods = range(centre, &mut reader, &definition, asked)?;
    drop(reader);
    let (Some(from), Some(to)) = (periods.first().copied(), periods.last().copied()) else {
        return Err(member_invalid("from", "… to"));
    };
    let bounds = Bounds {
        shown: asked.cells,
        confidential: caller.may(Scope::RiskMetricConfidential),
    };
    let cells = cells_compute(
        &definition,
        &observations(centre, &definition, &periods, data_as_of)?,
        &periods,
    )?;
    let other = published.filter(|published| published.version != version.version);
    let difference = match other {
        None => None,
        Some(other) => {
            let before = stored_read(&centre.book(), &other)?;
            let comparable = before.frequency == definition.frequency
                && BTreeSet::from_iter(&before.by) == BTreeSet::from_iter(&definition.by);
            let said = if comparable {
                let set = observations(centre, &before, &periods, data_as_of)?;
                Some(cells_compute(&before, &set, &periods)?)
            } else {
                None
            };
            said.map(|said| RunDifference::of(other.version, &said, &cells, &bounds))
        }
    };
    let entry = log_entry(centre.ids.next(), caller, "risk_metric.test", request_id, place);
    centre.store.write(&entry, |_tx| Ok::<(), ActError>(()))?;
    Ok(DefinitionTestRun {
        counts: RunCounts::of(&cells),
        version,
        from,
        to,
        data_as_of,
        difference,
    })
}

/// The periods that are asked for, or two years up to the newest figure.
fn range(
    centre: &Centre,
    reader: &mut Reader,
    definition: &Definition,
    asked: &TestRunRequest,
) -> Result<Vec<Period>, ActError> {
    let frequency = definition.frequency;
    for (name, period) in [("from", asked.from), ("to", asked.to)] {
        if period.is_some_and(|period| period.frequency() != frequency) {
            return Err(member_invalid(name, &frequency.to_string()));
        }
    }
    let to = match asked.to {
        Some(to) => to,
        None => newest(centre, reader, definition)?,
    };
    let back = |steps: i32| to.shift(-steps).unwrap_or(to);
    let from = asked.from.unwrap_or_else(|| back(ordinary_length(frequency) - 1));
    if from.start() > to.start() {
        return Err(member_invalid("from", &format!("… {to}")));
    }
    let all = std::iter::successors(Some(from), |period| period.shift(1));
    let periods: Vec<Period> = all
        .take_while(|period| period.start() <= to.start())
        .take(PERIODS_MOST + 1)
        .collect();
    if periods.len() > PERIODS_MOST {
        return Err(member_invalid("from", &format!("≤ {PERIODS_MOST}")));
    }
    Ok(periods)
}

/// The newest period for which an input has a figure; the present one when there is none at all.
fn newest(centre: &Centre, reader: &mut Reader, definition: &Definition) -> Result<Period, ActError> {
    let mut newest = None;
    for input in definition.inputs.values() {
        let frequency = input.frequency;
        let found = input_newest_period(reader, &input.indicator, &frequency.to_string())?;
        let period = found.and_then(|day| Period::containing(frequency, day));
        newest = newest.max(period.map(|period| period.end()));
    }
    let day = newest.unwrap_or_else(|| centre.clock.now().date_naive());
    let period = Period::containing(definition.frequency, day);
    period.ok_or_else(|| ActError::Definition(definition.code.clone()))
}

/// Two years, or five of a yearly metric.
fn ordinary_length(frequency: Frequency) -> i32 {
    match frequency {
        Frequency::Daily => 365,
        Frequency::Weekly => 104,
        Frequency::Monthly => 24,
        Frequency::Quarterly => 8,
        Frequency::HalfYearly => 4,
        Frequency::Annual | Frequency::SpanMonths(_) | Frequency::SpanDays(_) => 5,
    }
}

fn observations(
    centre: &Centre,
    definition: &Definition,
    periods: &[Period],
    vintage: DateTime<Utc>,
) -> Result<ObservationSet, ActError> {
    let (Some(from), Some(to)) = (periods.first().copied(), periods.last().copied()) else {
        return Err(member_invalid("from", "… to"));
    };
    let mut rows = 0;
    let mut reader = centre.store.reader()?;
    for need in input_needs(definition, from, to) {
        let query = ExtentQuery {
            indicator: &need.indicator,
            body: need.body.as_deref(),
            frequency: &need.frequency.to_string(),
            from: need.from.start(),
            to: need.to.start(),
        };
        rows += input_observation_count(&mut reader, &query, OBSERVATIONS_MOST + 1)?;
        if rows > OBSERVATIONS_MOST {
            return Err(ActError::refused_because(
                Code::TestRunTooLarge,
                format!("> {OBSERVATIONS_MOST}"),
            ));
        }
    }
    Ok(observations_whole(&mut reader, definition, (from, to), vintage)?)
}
