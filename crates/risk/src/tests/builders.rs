//! Short ways to write observations and definitions in tests.

use crate::{
    Definition, Detail, InputObservation, InputSeries, Key, Library, MetricValue, ObservationId,
    ObservationSet, evaluate_metric,
};
use leleka_domain::{ConfStatus, ObsFlags, ObsStatus, Period, SeriesId, SeriesKey};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

pub(super) fn period(text: &str) -> Period {
    text.parse().expect(text)
}

pub(super) fn key(pairs: &[(&str, &str)]) -> Key {
    pairs
        .iter()
        .map(|(dimension, code)| ((*dimension).to_owned(), (*code).to_owned()))
        .collect()
}

/// A free, normal observation; its series follows from what it says of itself.
pub(super) fn row(indicator: &str, dimensions: &[(&str, &str)], at: &str, value: f64) -> InputObservation {
    from_body("BODY", indicator, dimensions, at, value)
}

pub(super) fn from_body(
    body: &str,
    indicator: &str,
    dimensions: &[(&str, &str)],
    at: &str,
    value: f64,
) -> InputObservation {
    let period = period(at);
    let dimensions = key(dimensions);
    let extra: Vec<String> = dimensions
        .iter()
        .map(|(name, code)| format!("{name}={code}"))
        .collect();
    let series = SeriesKey {
        indicator: indicator.into(),
        frequency: period.frequency(),
        body: body.into(),
        territory: "_Z".into(),
        citizenship: "_Z".into(),
        sex: "_Z".into(),
        age: "_Z".into(),
        extra: extra.join(";"),
    };
    InputObservation {
        id: ObservationId {
            series: SeriesId(series.id().0),
            period_start: period.start(),
            position: 1,
        },
        series: Arc::new(InputSeries {
            indicator: indicator.to_owned(),
            body: body.to_owned(),
            dimensions,
        }),
        period,
        value: Some(value),
        status: ObsStatus::Normal,
        flags: ObsFlags::default(),
        confidentiality: ConfStatus::Free,
    }
}

pub(super) fn with_status(mut row: InputObservation, status: ObsStatus) -> InputObservation {
    row.value = row.value.filter(|_| status.carries_value());
    row.status = status;
    row
}

/// The JSON of a weekly level metric over one input `a` of indicator `IND`, with some members replaced or,
/// by null, removed.
pub(super) fn written(more: &Value) -> Value {
    let text = json!({ "name": "n", "explanation": "e" });
    let mut body = json!({
        "code": "RM_TEST", "version": 1, "kind": "level", "freq": "W", "unit": "persons", "decimals": 0,
        "direction": "up", "ciram": "impact", "family": "test", "by": [],
        "inputs": { "a": { "indicator": "IND" } }, "expr": { "op": "in", "name": "a" },
        "breakpoints": [[0, 0], [100, 10]], "text": { "uk": text, "en": text },
    });
    for (name, value) in more.as_object().expect("members") {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    body
}

pub(super) fn definition(more: &Value) -> Definition {
    Definition::parse(&written(more).to_string()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// A weekly signal over `IND` with the usual two detectors.
pub(super) fn signal(more: &Value) -> Definition {
    let mut members = json!({
        "kind": "signal", "breakpoints": null,
        "detectors": [{ "method": "robust_z" }, { "method": "ears_c2" }],
    });
    for (name, value) in more.as_object().expect("members") {
        members[name] = value.clone();
    }
    definition(&members)
}

pub(super) fn shipped(file: &str) -> Definition {
    static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
        let (library, unread) = crate::shipped_library();
        assert!(unread.is_empty(), "{unread:#?}");
        library
    });
    let all = crate::shipped_definitions();
    let (_, json) = all.iter().find(|(name, _)| *name == file).expect(file);
    Definition::parse_with(json, &LIBRARY).unwrap_or_else(|faults| panic!("{file}: {faults:#?}"))
}

/// The one result for a key and a period.
pub(super) fn only(
    definition: &Definition,
    rows: &[InputObservation],
    pairs: &[(&str, &str)],
    at: &str,
) -> MetricValue {
    let set = ObservationSet::new(rows.to_vec(), Vec::new());
    let mut found = evaluate_metric(
        definition,
        &set,
        Some(&[key(pairs)]),
        &[period(at)],
        Detail::Explained,
    );
    assert_eq!(found.len(), 1);
    found.remove(0)
}
