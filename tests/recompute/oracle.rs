//! The other way to the same bits: every observation of a vintage at once, every key, every period.
//!
//! Knows nothing of marks, groups or pieces.

use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{ConfStatus, Frequency, ObsFlags, ObsStatus, Period, SeriesKey};
use leleka_risk::{
    Definition, Detail, ExpectedSeries, InputObservation, InputSeries, Key, MetricValue, ObservationId,
    ObservationSet, evaluate_metric,
};
use leleka_store::{
    InputRange, InputSeriesQuery, Reader, StoredMetricValue, expectation_list, input_observation_list,
    input_series_list,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn input_series(key: &SeriesKey) -> InputSeries {
    let names = ["territory", "citizenship", "sex", "age"].into_iter();
    let typed = names.filter_map(|name| Some((name.to_owned(), key.dimension(name)?.to_owned())));
    let extra = key
        .extra_dimensions()
        .map(|(name, code)| (name.to_owned(), code.to_owned()));
    InputSeries {
        indicator: key.indicator.clone(),
        body: key.body.clone(),
        dimensions: typed.chain(extra).collect(),
    }
}

/// Everything that was known at a vintage.
pub(super) fn everything(reader: &mut Reader, vintage: DateTime<Utc>) -> ObservationSet {
    let mut observations = Vec::new();
    let sources = [
        ("IRR_DETECTED", Frequency::Weekly),
        ("POP_PRESENT", Frequency::Annual),
    ];
    for (indicator, frequency) in sources {
        let text = frequency.to_string();
        let query = InputSeriesQuery {
            indicator,
            frequency: &text,
            territories: None,
            citizenships: None,
        };
        let found = input_series_list(reader, &query).unwrap();
        let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let ranges: Vec<InputRange> = found
            .iter()
            .map(|series| InputRange {
                series_id: series.id.0,
                from: day(1950),
                to: day(2100),
            })
            .collect();
        for row in input_observation_list(reader, &ranges, vintage).unwrap() {
            let series = &found[row.place];
            observations.push(InputObservation {
                id: ObservationId {
                    series: series.id,
                    period_start: row.period,
                    position: row.position,
                },
                series: Arc::new(input_series(&series.key)),
                period: Period::containing(frequency, row.period).unwrap(),
                value: row.value,
                status: ObsStatus::from_number(row.status).unwrap(),
                flags: ObsFlags::from_bits(row.flags),
                confidentiality: ConfStatus::from_number(row.confidentiality).unwrap(),
            });
        }
    }
    let indicators = ["IRR_DETECTED".to_owned(), "POP_PRESENT".to_owned()];
    let expected = expectation_list(reader, &indicators, vintage).unwrap();
    let expected = expected.into_iter().flat_map(|it| {
        let letters: Vec<Frequency> = it
            .frequencies
            .iter()
            .filter_map(|letter| letter.parse().ok())
            .collect();
        letters.into_iter().map(move |frequency| ExpectedSeries {
            indicator: it.indicator.clone(),
            body: it.body.clone(),
            frequency,
            dimensions: BTreeMap::from([("territory".to_owned(), it.territory.clone())]),
            from: it.valid_from,
            to: it.valid_to,
        })
    });
    ObservationSet::new(observations, expected.collect())
}

/// What a metric says of a cell, every number as its bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    numbers: [Option<u64>; 6],
    counts: (usize, usize),
    words: (Option<String>, String, Option<String>, Vec<String>),
    digest: String,
}

fn bits(number: Option<f64>) -> Option<u64> {
    number.map(|number| (number + 0.0).to_bits())
}

impl From<&MetricValue> for Said {
    fn from(value: &MetricValue) -> Self {
        let numbers = [
            value.value,
            value.baseline,
            value.baseline_upper,
            value.p,
            value.score,
            Some(value.coverage),
        ];
        Self {
            numbers: numbers.map(bits),
            counts: (value.n_inputs, value.n_baseline),
            words: (
                value.method.map(str::to_owned),
                value.level.code().to_owned(),
                value.reason.map(|reason| reason.code().to_owned()),
                value.flags.codes().into_iter().map(str::to_owned).collect(),
            ),
            digest: value.input_digest.clone(),
        }
    }
}

impl From<&StoredMetricValue> for Said {
    fn from(value: &StoredMetricValue) -> Self {
        let numbers = [
            value.value,
            value.baseline,
            value.baseline_upper,
            value.p,
            value.score,
            Some(value.coverage),
        ];
        Self {
            numbers: numbers.map(bits),
            counts: (value.n_inputs as usize, value.n_baseline as usize),
            words: (
                value.method.clone(),
                value.level.clone(),
                value.reason.clone(),
                value.flags.clone(),
            ),
            digest: value
                .input_digest
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        }
    }
}

/// The cells of a metric: those that are stored, and every one with a value.
pub(super) fn computed(
    definition: &Definition,
    set: &ObservationSet,
    stored: &BTreeSet<(Key, Period)>,
) -> BTreeMap<(Key, Period), (Said, bool)> {
    let frequency = definition.frequency;
    let first: Period = if frequency == Frequency::Weekly {
        "2020-W40"
    } else {
        "2020-10"
    }
    .parse()
    .unwrap();
    let end = NaiveDate::from_ymd_opt(2022, 3, 1).unwrap();
    let periods: Vec<Period> = std::iter::successors(Some(first), |period| period.shift(1))
        .take_while(|period| period.start() < end)
        .collect();
    let mut values = evaluate_metric(definition, set, None, &periods, Detail::Values);
    // A key of which everything was retracted is found no more, but something was said about it.
    let keys: Vec<Key> = stored.iter().map(|(key, _)| key.clone()).collect();
    values.extend(evaluate_metric(
        definition,
        set,
        Some(&keys),
        &periods,
        Detail::Values,
    ));
    values
        .iter()
        .map(|value| {
            (
                (value.key.clone(), value.period),
                (Said::from(value), value.value.is_some()),
            )
        })
        .collect()
}
