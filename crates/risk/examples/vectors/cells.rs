//! Vector cases that need a definition and observations: cells of expressions, dirty periods, whole metrics.
//!
//! The vectors use the letters M, C, N for missing, suppressed and not applicable; the engine's statuses are
//! O, Q, M. The vectors add up whatever an input does not name; here every such dimension is put in `over`.

use crate::cases::{listed, period};
use leleka_domain::{ConfStatus, Frequency, ObsFlags, ObsStatus, Period, SeriesId};
use leleka_risk::{
    Definition, Detail, ExpectedSeries, InputObservation, InputSeries, Key, ObservationId, ObservationSet,
    PopulationSupply, dirty_periods, evaluate_metric,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The definition of a vector with what every definition must have; the vectors state no unit, so it is found.
fn definition(core: &Value, more: Value) -> Option<Definition> {
    let text = json!({ "name": "vector", "explanation": "A case of the test vectors." });
    let mut body = json!({
        "code": "RM_VECTOR", "version": 1, "kind": "level", "decimals": 6, "direction": "up",
        "ciram": "impact", "family": "vectors", "by": [], "breakpoints": [[0, 0], [1, 10]],
        "text": { "uk": text, "en": text },
        "inputs": core.get("inputs")?, "expr": core.get("expr")?, "freq": core.get("freq")?,
    });
    let members = body.as_object_mut()?;
    for (name, value) in more.as_object()? {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    [
        "persons",
        "ratio",
        "per_1000",
        "per_100000",
        "percent",
        "index",
        "per_1000000",
    ]
    .iter()
    .find_map(|unit| {
        let mut body = body.clone();
        body.as_object_mut()?.insert("unit".to_owned(), json!(unit));
        Definition::parse(&body.to_string()).ok()
    })
}

fn dimensions(value: &Value) -> Option<BTreeMap<String, String>> {
    let pairs = value.get("dims")?.as_object()?.iter();
    pairs
        .map(|(name, code)| Some((name.clone(), code.as_str()?.to_owned())))
        .collect()
}

fn observation(at: usize, value: &Value) -> Option<InputObservation> {
    let period = period(value.get("period")?)?;
    let position = i64::try_from(at).ok()?;
    let status = match value.get("status").and_then(Value::as_str).unwrap_or("A") {
        "M" => ObsStatus::Missing,
        "C" => ObsStatus::Suppressed,
        "N" => ObsStatus::NotApplicable,
        letter => letter.parse().ok()?,
    };
    let broken = value.get("break").and_then(Value::as_bool).unwrap_or(false);
    let confidential = value.get("conf").is_some_and(|letter| letter == "C");
    Some(InputObservation {
        id: ObservationId {
            series: SeriesId(position),
            period_start: period.start(),
            position,
        },
        series: Arc::new(InputSeries {
            indicator: value.get("indicator")?.as_str()?.to_owned(),
            body: "VECTOR".to_owned(),
            dimensions: dimensions(value)?,
        }),
        period,
        value: value.get("value")?.as_f64(),
        status,
        flags: if broken {
            ObsFlags::default().with(ObsStatus::Break)
        } else {
            ObsFlags::default()
        },
        confidentiality: if confidential {
            ConfStatus::Confidential
        } else {
            ConfStatus::Free
        },
    })
}

pub(crate) fn expressions(input: &Value, datasets: Option<&Value>) -> Option<Value> {
    let data = match input.get("dataset").and_then(Value::as_str) {
        Some(name) => datasets?.get(name)?,
        None => input,
    };
    let rows = data.get("observations")?.as_array()?.iter().enumerate();
    let rows: Vec<InputObservation> = rows
        .map(|(at, row)| observation(at, row))
        .collect::<Option<_>>()?;
    let expected = expected_series(data, &rows)?;
    let key = |key: &Value| {
        let pairs = key.as_object()?.iter();
        pairs
            .map(|(name, code)| Some((name.clone(), code.as_str()?.to_owned())))
            .collect::<Option<Key>>()
    };
    let keys = listed(input.get("keys"), key)?;
    let periods = listed(input.get("periods"), period)?;
    let core = input.get("definition")?;
    let mut inputs = core.get("inputs")?.as_object()?.clone();
    for given in inputs.values_mut() {
        complete(given, &rows)?;
    }
    let by: Vec<&String> = keys.first()?.keys().collect();
    let more = json!({ "inputs": inputs, "by": by, "freq": periods.first()?.frequency() });
    let definition = definition(core, more)?;
    let set = ObservationSet::new(rows, expected);
    let results = evaluate_metric(&definition, &set, Some(&keys), &periods, Detail::Explained);
    let cell = |key: &Key, period: &Period| {
        let found = results
            .iter()
            .find(|result| result.key == *key && result.period == *period)?;
        let root = &found.explanation.as_ref()?.value;
        Some(json!({
            "key": key, "period": period, "value": root.value, "reason": root.reason, "flags": root.flags,
            "n_inputs": found.n_inputs, "coverage": six_digits(root.coverage),
        }))
    };
    let cells = keys
        .iter()
        .flat_map(|key| periods.iter().map(move |period| (key, period)));
    let cells: Option<Vec<Value>> = cells.map(|(key, period)| cell(key, period)).collect();
    Some(json!({ "cells": cells? }))
}

/// The series that a dataset lists as expected; they have the frequency of their indicator.
fn expected_series(data: &Value, rows: &[InputObservation]) -> Option<Vec<ExpectedSeries>> {
    let mut expected = Vec::new();
    for (indicator, series) in data
        .get("expected_series")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let frequency = rows
            .iter()
            .find(|row| row.series.indicator == *indicator)?
            .period
            .frequency();
        for series in series.as_array()? {
            expected.push(ExpectedSeries {
                indicator: indicator.clone(),
                body: "VECTOR".to_owned(),
                frequency,
                dimensions: dimensions(series)?,
                from: series.get("from").and_then(period).map(|from| from.start()),
                to: series.get("to").and_then(period).map(|to| to.end()),
            });
        }
    }
    Some(expected)
}

/// Adds frequency and the dimensions that the vectors add up without naming them.
fn complete(given: &mut Value, rows: &[InputObservation]) -> Option<()> {
    let members: &mut Map<String, Value> = given.as_object_mut()?;
    let indicator = members.get("indicator")?.as_str()?.to_owned();
    let own = rows.iter().filter(|row| row.series.indicator == indicator);
    let mut over: BTreeSet<String> = own
        .clone()
        .flat_map(|row| row.series.dimensions.keys().cloned())
        .collect();
    for named in listed(members.get("by"), |name| Some(name.as_str()?.to_owned())).unwrap_or_default() {
        over.remove(&named);
    }
    for named in members
        .get("filter")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        over.remove(named.0);
    }
    let frequency = own.clone().next()?.period.frequency();
    members.insert("over".to_owned(), json!(over));
    members.insert("frequency".to_owned(), json!(frequency));
    Some(())
}

/// Coverage is written with six significant digits in the vectors.
fn six_digits(number: f64) -> f64 {
    format!("{number:.5e}").parse().unwrap_or(f64::NAN)
}

pub(crate) fn dirty(input: &Value) -> Option<Value> {
    let core = input.get("definition")?;
    let indicator = input.pointer("/changed/indicator")?;
    let changed = period(input.pointer("/changed/period")?)?;
    let (first, last) = (
        period(input.pointer("/candidates/0")?)?,
        period(input.pointer("/candidates/1")?)?,
    );
    let mut inputs = core.get("inputs")?.as_object()?.clone();
    let mut name = None;
    for (given, body) in &mut inputs {
        let same = body.get("indicator")? == indicator;
        let frequency = if same {
            json!(changed.frequency())
        } else {
            core.get("freq")?.clone()
        };
        body.as_object_mut()?.insert("frequency".to_owned(), frequency);
        name = name.or_else(|| same.then(|| given.clone()));
    }
    let definition = definition(core, json!({ "inputs": inputs, "freq": first.frequency() }))?;
    let found = dirty_periods(
        &definition,
        &name?,
        (changed, changed),
        last,
        PopulationSupply::EveryPeriod,
    );
    let found: Vec<Period> = found
        .values
        .into_iter()
        .filter(|period| *period >= first)
        .collect();
    Some(json!({ "dirty": found }))
}

/// A whole signal metric.
pub(crate) fn metrics(input: &Value) -> Option<Value> {
    let core = input.get("definition")?;
    let written = json!({
        "inputs": { "a": { "indicator": "IND", "over": ["territory"], "min_coverage": 0 } },
        "expr": { "op": "in", "name": "a" }, "freq": "W",
    });
    let more = json!({
        "kind": "signal", "breakpoints": null, "detectors": core.get("detectors")?, "baseline": core.get("baseline"),
        "direction": core.get("direction").unwrap_or(&json!("up")), "cuts": core.get("cuts"),
    });
    let definition = definition(&written, more)?;
    let set = weekly_series(input.get("series")?)?;
    let results = evaluate_metric(
        &definition,
        &set,
        Some(&[Key::new()]),
        &[period(input.get("evaluate")?)?],
        Detail::Values,
    );
    let found = results.first()?;
    // The vectors list what the comparison adds, not what travels up from observations.
    let added = found
        .flags
        .codes()
        .into_iter()
        .filter(|code| !matches!(*code, "provisional" | "partial"));
    Some(json!({
        "period": found.period, "value": found.value, "baseline": found.baseline, "method": found.method,
        "p": found.p, "score": found.score, "level": found.level, "reason": found.reason,
        "flags": added.collect::<Vec<_>>(), "n_baseline": found.n_baseline,
    }))
}

/// The weeks of a metric case; a week of coverage c is ten expected series of which 10·c report.
fn weekly_series(series: &Value) -> Option<ObservationSet> {
    const SERIES: usize = 10;
    let member = |at: usize| BTreeMap::from([("territory".to_owned(), format!("UA{at:02}"))]);
    let (mut rows, mut expected) = (Vec::new(), Vec::new());
    for row in series.as_array()? {
        let coverage = row.get("coverage").and_then(Value::as_f64).unwrap_or(1.0);
        let present = if coverage < 1.0 {
            (coverage * 10.0).round() as usize
        } else {
            1
        };
        for at in 0..if coverage < 1.0 { SERIES } else { 1 } {
            let mut one = row.clone();
            let members = one.as_object_mut()?;
            members.insert("indicator".to_owned(), json!("IND"));
            members.insert("dims".to_owned(), json!(member(at)));
            // The first series carries the figure; without one, nothing is reported.
            if at > 0 && row.get("value").is_some_and(Value::is_number) {
                members.insert("value".to_owned(), json!(0));
            }
            let observation = observation(rows.len(), &one)?;
            expected.push(ExpectedSeries {
                indicator: "IND".to_owned(),
                body: "VECTOR".to_owned(),
                frequency: Frequency::Weekly,
                dimensions: member(at),
                from: Some(observation.period.start()),
                to: Some(observation.period.end()),
            });
            if at < present {
                rows.push(observation);
            }
        }
    }
    Some(ObservationSet::new(rows, expected))
}
