//! The act of recomputing risk metrics: takes what is dirty for one metric, computes just that from one settled
//! vintage, and records what differs from what was said before.
//!
//! Idempotent, and safe against being killed: the dirty marks go in the transaction that records the values.

use crate::metric_dirty::{EVERY_KEY, key_parse, key_text};
use crate::{ActError, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{ConfStatus, ObsFlags, ObsStatus, Period, SeriesId, SeriesKey};
use leleka_risk::{
    Definition, Detail, InputObservation, InputSeries, Key, MetricValue, ObservationId, ObservationSet,
    PopulationSupply, dirty_periods, evaluate_metric, input_needs,
};
use leleka_store::{
    DirtyRange, InputQuery, LogEntry, LogOutcome, StoreError, StoredInput, StoredMetricValue,
    dirty_is_waiting, dirty_take_in_tx, input_observation_list, log_entry_insert_in_tx,
    metric_key_list_in_tx, metric_newest_period_in_tx, metric_value_current_in_tx, metric_value_insert_in_tx,
    vintage_settled,
};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one recomputation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecomputeReport {
    /// Which metric.
    pub code: String,
    /// Values that were computed.
    pub computed: usize,
    /// Values that differ from what was said before, and were recorded.
    pub recorded: usize,
}

/// Whether anything is to be recomputed.
///
/// # Errors
/// When the database does not answer.
pub fn metrics_are_due(centre: &Centre) -> Result<bool, ActError> {
    Ok(dirty_is_waiting(&mut centre.store.reader()?)?)
}

/// Recomputes what is dirty for one metric; `None` when nothing is.
///
/// # Errors
/// When the database does not answer; what was dirty stays so.
pub fn metrics_recompute(centre: &Centre) -> Result<Option<RecomputeReport>, ActError> {
    let book = centre.book();
    centre.store.submit(|tx| {
        let dirty = dirty_take_in_tx(tx)?;
        let Some(first) = dirty.first() else {
            return Ok(None);
        };
        let mut report = RecomputeReport {
            code: first.code.clone(),
            computed: 0,
            recorded: 0,
        };
        // A metric that was retired meanwhile has nothing to say any more.
        let Some(definition) = book
            .definitions
            .iter()
            .find(|definition| definition.code == first.code)
        else {
            return Ok(Some(report));
        };
        // Every mark taken above was committed before this moment was settled, so its data are in this vintage.
        let vintage = vintage_settled(&mut centre.store.reader()?)?;
        let newest = metric_newest_period_in_tx(tx, &definition.code)?;
        let work = Work::plan(definition, &dirty, newest);
        let (Some(from), Some(to)) = (work.periods.first(), work.periods.last()) else {
            return Ok(Some(report));
        };
        let observations = observations_load(centre, definition, &work, (*from, *to), vintage)?;
        let keys: Option<Vec<Key>> = work
            .keys
            .as_ref()
            .map(|keys| keys.iter().map(|key| key_parse(key)).collect());
        let periods: Vec<Period> = work.periods.iter().copied().collect();
        let mut values = evaluate_metric(
            definition,
            &observations,
            keys.as_deref(),
            &periods,
            Detail::Values,
        );
        if keys.is_none() {
            // A key whose last observation was retracted is not found any more, but something was said about it.
            let known: BTreeSet<String> = values.iter().map(value_key).collect();
            let said = metric_key_list_in_tx(tx, &definition.code, from.start(), to.start())?;
            let lost = said.iter().filter(|key| !known.contains(*key));
            let lost: Vec<Key> = lost.map(|key| key_parse(key)).collect();
            values.extend(evaluate_metric(
                definition,
                &observations,
                Some(&lost),
                &periods,
                Detail::Values,
            ));
        }
        report.computed = values.len();
        let texts: BTreeSet<String> = values.iter().map(value_key).collect();
        let texts: Vec<String> = texts.into_iter().collect();
        let said = metric_value_current_in_tx(tx, &definition.code, &texts, from.start(), to.start())?;
        let said: BTreeMap<(String, NaiveDate), StoredMetricValue> = said
            .into_iter()
            .map(|value| ((value.key.clone(), value.period), value))
            .collect();
        let mut differing = Vec::new();
        for value in &values {
            let stored = stored_value(definition, value, vintage)?;
            let before = said.get(&(stored.key.clone(), stored.period));
            if before.is_none_or(|before| differs(before, &stored)) {
                differing.push(stored);
            }
        }
        report.recorded = differing.len();
        metric_value_insert_in_tx(tx, &differing)?;
        log_entry_insert_in_tx(tx, &log_entry(centre, definition))?;
        Ok(Some(report))
    })
}

fn log_entry<'a>(centre: &Centre, definition: &Definition) -> LogEntry<'a> {
    LogEntry {
        id: centre.ids.next(),
        client_id: None,
        body: None,
        role: None,
        action: "metric.recompute",
        object_type: Some("risk_metric"),
        object_id: Some(format!("{}/{}", definition.code, definition.version)),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: None,
        payload_sha256: None,
    }
}

/// Which keys and periods are to be computed.
pub(crate) struct Work {
    /// `None` is every key that is found.
    pub(crate) keys: Option<BTreeSet<String>>,
    pub(crate) periods: BTreeSet<Period>,
}

impl Work {
    fn plan(definition: &Definition, dirty: &[DirtyRange], newest: Option<NaiveDate>) -> Self {
        let every = dirty.iter().any(|range| range.key == EVERY_KEY);
        let keys = (!every).then(|| dirty.iter().map(|range| range.key.clone()).collect());
        let last_day = dirty.iter().map(|range| range.period_to).chain(newest).max();
        let until = last_day.and_then(|day| Period::containing(definition.frequency, day));
        let mut periods = BTreeSet::new();
        let ranges: BTreeSet<(&str, NaiveDate, NaiveDate)> = dirty
            .iter()
            .map(|range| (range.input.as_str(), range.period_from, range.period_to))
            .collect();
        for (name, from, to) in ranges {
            let frequency = definition.inputs.get(name).map(|input| input.frequency);
            let period = |day| frequency.and_then(|frequency| Period::containing(frequency, day));
            if let (Some(from), Some(to), Some(until)) = (period(from), period(to), until) {
                let found = dirty_periods(definition, name, (from, to), until, PopulationSupply::Unknown);
                periods.extend(found.values);
                periods.extend(found.signals);
            }
        }
        Self { keys, periods }
    }

    /// Whether a series can feed one of the keys.
    fn wants(&self, definition: &Definition, series: &SeriesKey) -> bool {
        let Some(keys) = &self.keys else { return true };
        keys.iter().any(|key| {
            let key = key_parse(key);
            definition.by.iter().all(
                |dimension| match (series.dimension(dimension), key.get(dimension)) {
                    (Some(code), Some(wanted)) => code == wanted,
                    _ => true,
                },
            )
        })
    }
}

pub(crate) fn observations_load(
    centre: &Centre,
    definition: &Definition,
    work: &Work,
    (from, to): (Period, Period),
    vintage: DateTime<Utc>,
) -> Result<ObservationSet, StoreError> {
    let mut reader = centre.store.reader()?;
    let mut observations = Vec::new();
    let mut series = FxHashMap::default();
    for need in input_needs(definition, from, to) {
        let query = InputQuery {
            indicator: &need.indicator,
            body: need.body.as_deref(),
            frequency: &need.frequency.to_string(),
            from: need.from.start(),
            to: need.to.start(),
            as_of: vintage,
        };
        let found = input_observation_list(&mut reader, &query, |series| work.wants(definition, series))?;
        let rows = found.into_iter();
        observations.extend(rows.filter_map(|stored| input_observation(stored, &mut series)));
    }
    // Two inputs may read one indicator: an observation counts once.
    observations.sort_by_key(|observation| observation.id);
    observations.dedup_by_key(|observation| observation.id);
    Ok(ObservationSet::new(observations, Vec::new()))
}

fn input_observation(
    stored: StoredInput,
    known: &mut FxHashMap<i64, Arc<InputSeries>>,
) -> Option<InputObservation> {
    let period = Period::containing(stored.key.frequency, stored.period)?;
    let series = known
        .entry(stored.series_id)
        .or_insert_with(|| Arc::new(input_series(&stored.key)));
    Some(InputObservation {
        id: ObservationId {
            series: SeriesId(stored.series_id),
            period_start: stored.period,
            position: stored.position,
        },
        series: Arc::clone(series),
        period,
        value: stored.value,
        status: ObsStatus::from_number(stored.status)?,
        flags: ObsFlags::from_bits(stored.flags),
        confidentiality: ConfStatus::from_number(stored.confidentiality)?,
    })
}

fn input_series(key: &SeriesKey) -> InputSeries {
    let names = ["territory", "citizenship", "sex", "age"].into_iter();
    let typed = names.filter_map(|name| Some((name.to_owned(), key.dimension(name)?.to_owned())));
    let extra = key.extra_dimensions();
    let extra = extra.map(|(name, code)| (name.to_owned(), code.to_owned()));
    InputSeries {
        indicator: key.indicator.clone(),
        body: key.body.clone(),
        dimensions: typed.chain(extra).collect(),
    }
}

fn value_key(value: &MetricValue) -> String {
    key_text(
        value
            .key
            .iter()
            .map(|(name, code)| (name.as_str(), code.as_str())),
    )
}

fn stored_value(
    definition: &Definition,
    value: &MetricValue,
    vintage: DateTime<Utc>,
) -> Result<StoredMetricValue, ActError> {
    let corrupt = || ActError::Definition(definition.code.clone());
    Ok(StoredMetricValue {
        id: 0,
        code: definition.code.clone(),
        version: i32::try_from(definition.version).map_err(|_| corrupt())?,
        key: value_key(value),
        dimensions: serde_json::json!(value.key),
        frequency: value.period.frequency().to_string(),
        period: value.period.start(),
        value: value.value,
        unit: value.unit.clone(),
        baseline: value.baseline,
        baseline_upper: value.baseline_upper,
        method: value.method.map(str::to_owned),
        p: value.p,
        score: value.score,
        level: value.level.code().to_owned(),
        reason: value.reason.map(|reason| reason.code().to_owned()),
        flags: value.flags.codes().into_iter().map(str::to_owned).collect(),
        n_inputs: i32::try_from(value.n_inputs).unwrap_or(i32::MAX),
        coverage: value.coverage,
        n_baseline: i32::try_from(value.n_baseline).unwrap_or(i32::MAX),
        data_as_of: vintage,
        recorded_at: DateTime::default(),
        input_digest: digest_bytes(&value.input_digest).ok_or_else(corrupt)?,
        inputs: serde_json::json!(value.inputs),
    })
}

pub(crate) fn digest_bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let pairs = hexadecimal
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

/// Whether something else is said now; the vintage alone is no difference.
fn differs(before: &StoredMetricValue, now: &StoredMetricValue) -> bool {
    let same = StoredMetricValue {
        id: before.id,
        data_as_of: before.data_as_of,
        recorded_at: before.recorded_at,
        inputs: before.inputs.clone(),
        ..now.clone()
    };
    same != *before
}
