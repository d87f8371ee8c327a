//! Conditions, composites and figures of other frequencies in definitions: what they say, and their mistakes.

use super::builders::{definition, only, period, row, shipped, with_status, written};
use crate::{Definition, InputObservation, Level, PopulationSupply, Reason, dirty_periods};
use leleka_domain::{ObsStatus, Period};
use serde_json::{Value, json};

fn refused(more: &Value, pointer: &str) {
    let faults = Definition::parse(&written(more).to_string()).expect_err("the definition has a mistake");
    let found: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert!(found.contains(&pointer), "{more}: {found:?} instead of {pointer}");
}

fn months(first: &str, count: usize) -> impl Iterator<Item = Period> {
    std::iter::successors(Some(period(first)), |month| month.shift(1)).take(count)
}

const UA: [(&str, &str); 2] = [("citizenship", "UA"), ("reporting_state", "DE")];

/// Applications of fifteen months, the last two of them `late`; decisions of four quarters, `positive` of 1,000.
fn asylum(late: f64, positive: f64) -> Vec<InputObservation> {
    let mut rows: Vec<InputObservation> = months("2024-12", 15)
        .map(|month| {
            let value = if month < period("2026-01") { 100.0 } else { late };
            row("EU_ASY_APPL", &UA, &month.to_string(), value)
        })
        .collect();
    for quarter in ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"] {
        for (decision, share) in [("GENCONV", 0.25), ("SUB_PROT", 0.75)] {
            let dimensions = [UA[0], UA[1], ("decision", decision)];
            rows.push(row("EU_ASY_POS", &dimensions, quarter, positive * share / 4.0));
        }
        rows.push(row("EU_ASY_DEC", &UA, quarter, 250.0));
    }
    rows
}

#[test]
fn the_asylum_ground_needs_both_the_increase_and_the_low_rate() {
    let metric = shipped("rm_vsm_flag_b.json");
    let at = |rows: &[InputObservation]| only(&metric, rows, &UA, "2026-02");
    let met = at(&asylum(140.0, 150.0));
    assert_eq!((met.value, met.level), (Some(1.0), Level::Critical));
    assert_eq!(
        at(&asylum(140.0, 300.0)).value,
        Some(0.0),
        "recognised often enough"
    );
    assert_eq!(
        at(&asylum(120.0, 150.0)).value,
        Some(0.0),
        "too small an increase"
    );
    // One condition that fails decides, whatever is not known; one that holds does not.
    let without_decisions = |rows: Vec<InputObservation>| -> Vec<InputObservation> {
        rows.into_iter()
            .filter(|row| row.series.indicator == "EU_ASY_APPL")
            .collect()
    };
    assert_eq!(at(&without_decisions(asylum(120.0, 0.0))).value, Some(0.0));
    let open = at(&without_decisions(asylum(140.0, 0.0)));
    assert_eq!((open.value, open.level), (None, Level::Unknown));
}

#[test]
fn one_known_ground_is_enough_for_the_watch_and_it_says_which() {
    let metric = shipped("rm_vsm_watch.json");
    let yearly = |indicator: &str, before: f64, after: f64| {
        [
            row(indicator, &UA, "2024", before),
            row(indicator, &UA, "2025", after),
        ]
    };
    let mut rows = asylum(100.0, 900.0);
    rows.extend(yearly("EU_ILLSTAY", 1000.0, 1400.0));
    let found = only(&metric, &rows, &UA, "2026-02");
    assert_eq!((found.value, found.level), (Some(1.0), Level::Critical));
    let tree = &found.explanation.as_ref().unwrap().value;
    let held: Vec<Option<f64>> = tree.parts.iter().map(|part| part.value).collect();
    assert_eq!(
        held,
        [None, Some(1.0), Some(0.0), None],
        "refused, illegal stay, asylum, crime"
    );
    rows.truncate(rows.len() - 1);
    assert_eq!(
        only(&metric, &rows, &UA, "2026-02").value,
        None,
        "refusals and crime are not known"
    );
}

#[test]
fn a_newer_quarter_dirties_the_months_it_will_be_used_in() {
    let metric = shipped("rm_vsm_flag_b.json");
    let changed = period("2025-Q4");
    let found = dirty_periods(
        &metric,
        "dec",
        (changed, changed),
        period("2027-12"),
        PopulationSupply::Unknown,
    );
    assert_eq!(found.values.first(), Some(&period("2025-12")));
    assert!(
        found.values.contains(&period("2026-11")),
        "the year it is part of, and the age it may have"
    );
}

fn region(weeks: usize, territory: &str, irregular: f64, displaced: f64) -> Vec<InputObservation> {
    let place = [("territory", territory)];
    let mut rows = vec![
        row("POP_PRESENT", &place, "2022", 1_000_000.0),
        row("LAB_UNEMP_REG", &place, "2025-12", 3000.0),
    ];
    for week in std::iter::successors(Some(period("2025-W01")), |week| week.shift(1)).take(weeks) {
        let week = week.to_string();
        rows.push(row("IRR_DETECTED", &place, &week, irregular));
        rows.push(row("ASY_APPL", &place, &week, 1.0));
        rows.push(row("IDP_REG_NEW", &place, &week, 100.0));
        rows.push(row("IDP_REG_STOCK", &place, &week, displaced));
        for (indicator, value) in [
            ("RTN_DEC", 10.0),
            ("RTN_DEC_EXEC", 6.0),
            ("EXP_DEC", 1.0),
            ("EXP_EXEC", 1.0),
        ] {
            rows.push(row(indicator, &place, &week, value));
        }
    }
    rows
}

#[test]
fn pressure_on_a_region_rises_with_its_worst_component_and_is_explained() {
    let metric = shipped("rm_pressure.json");
    let place = [("territory", "UA12000000000090473")];
    let calm = only(
        &metric,
        &region(52, place[0].1, 2.0, 20_000.0),
        &place,
        "2025-W52",
    );
    let pressed = only(
        &metric,
        &region(52, place[0].1, 2.0, 189_900.0),
        &place,
        "2025-W52",
    );
    assert!(
        pressed.value > calm.value && pressed.level > calm.level,
        "{calm:?} {pressed:?}"
    );
    let parts = &pressed.explanation.as_ref().unwrap().value.parts;
    assert_eq!(parts.len(), 5);
    let burden = parts[3].value.unwrap();
    assert!((burden - 189.9).abs() < 1e-9, "IDPs per thousand: {burden}");
}

#[test]
fn the_risk_of_a_region_needs_threat_vulnerability_and_impact() {
    let metric = shipped("rm_ciram_region.json");
    let place = [("territory", "UA12000000000090473")];
    let whole = only(
        &metric,
        &region(52, place[0].1, 20.0, 100_000.0),
        &place,
        "2025-W52",
    );
    assert!(whole.value.is_some_and(|score| score > 2.0), "{whole:?}");
    let rows: Vec<InputObservation> = region(52, place[0].1, 20.0, 100_000.0)
        .into_iter()
        .filter(|row| !row.series.indicator.starts_with("IDP"))
        .collect();
    let blind = only(&metric, &rows, &place, "2025-W52");
    assert_eq!((blind.value, blind.level), (None, Level::Unknown));
    assert_eq!(blind.reason, Some(Reason::InsufficientCoverage));
}

#[test]
fn a_composite_that_misses_a_part_is_never_called_low() {
    let metric = definition(&json!({
        "kind": "composite", "breakpoints": null, "unit": "index",
        "inputs": { "a": { "indicator": "A" }, "b": { "indicator": "B" } },
        "expr": { "op": "composite", "combine": "arithmetic", "min_weight_coverage": 0.5, "components": [
            { "a": { "op": "in", "name": "a" }, "normalise": { "by": "minmax", "lo": 0, "hi": 100 }, "weight": 3 },
            { "a": { "op": "in", "name": "b" }, "normalise": { "by": "points", "points": [[0, 10], [50, 0]] } },
        ] },
    }));
    let (a, b) = (row("A", &[], "2026-W10", 10.0), row("B", &[], "2026-W10", 50.0));
    let whole = only(&metric, &[a.clone(), b.clone()], &[], "2026-W10");
    assert_eq!((whole.value, whole.level), (Some(0.75), Level::Low));
    let root = &whole.explanation.as_ref().unwrap().value;
    assert_eq!(
        root.parts
            .iter()
            .map(|part| part.contribution)
            .collect::<Vec<_>>(),
        [Some(0.75), Some(0.0)]
    );
    let missing = with_status(b, ObsStatus::Missing);
    let part = only(&metric, &[a, missing], &[], "2026-W10");
    assert_eq!((part.value, part.level), (Some(1.0), Level::Unknown));
    assert_eq!(part.flags.codes(), ["incomplete", "partial"]);
}

/// Frontex detections on the Eastern Borders route by citizenship, the largest first.
const EASTERN_2021: &[u16] = &[
    4814, 616, 485, 211, 186, 153, 146, 143, 131, 105, 98, 98, 89, 73, 70, 59, 42, 41, 40, 36, 34, 30, 27,
    26, 24, 24, 19, 18, 17, 17, 17, 15, 13, 13, 12, 11, 10, 10, 9, 9, 8, 7, 6, 6, 6, 6, 5, 4, 4, 3, 3, 3, 2,
    2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1,
];
const EASTERN_2024: &[u16] = &[
    14490, 471, 451, 450, 367, 187, 186, 153, 69, 67, 44, 43, 29, 26, 21, 21, 19, 19, 18, 16, 12, 12, 11, 11,
    9, 9, 8, 5, 5, 5, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
];

#[test]
fn concentration_on_the_eastern_borders_is_the_known_one() {
    let metric = definition(&json!({
        "freq": "A", "unit": "ratio", "breakpoints": [[0, 0], [1, 10]],
        "inputs": { "a": { "indicator": "EU_IBC", "by": ["citizenship"], "unit": "detections" } },
        "expr": { "op": "concentration", "a": { "op": "in", "name": "a" }, "over": ["citizenship"] },
    }));
    for (counts, expected) in [(EASTERN_2021, 0.3683), (EASTERN_2024, 0.7077)] {
        let rows = counts.iter().enumerate().map(|(at, count)| {
            let citizenship = format!("N{at:02}");
            row(
                "EU_IBC",
                &[("citizenship", &citizenship)],
                "2021",
                f64::from(*count),
            )
        });
        let rows: Vec<InputObservation> = rows.collect();
        let value = only(&metric, &rows, &[], "2021").value.unwrap();
        assert!((value - expected).abs() < 5e-5, "{value} instead of {expected}");
    }
}

#[test]
fn mistakes_of_the_new_operations_are_found_at_their_place() {
    let a = json!({ "op": "in", "name": "a" });
    refused(
        &json!({ "expr": { "op": "at_least", "a": a, "bound": [] } }),
        "/expr/bound",
    );
    refused(
        &json!({ "expr": { "op": "below", "a": a, "bound": [{ "value": 1 }, { "value": 2 }] } }),
        "/expr/bound",
    );
    refused(&json!({ "expr": { "op": "all", "args": [a] } }), "/expr/args");
    refused(
        &json!({ "expr": { "op": "latest", "a": a, "from": "M", "to": "W" } }),
        "/expr/from",
    );
    refused(
        &json!({ "expr": { "op": "robust_z", "a": a, "window": 5 } }),
        "/expr/min_obs",
    );
    refused(
        &json!({ "expr": { "op": "concentration", "a": a, "over": ["sex"] } }),
        "/expr/over",
    );
    let part = |normalise: Value, weight: f64| json!({ "a": a, "normalise": normalise, "weight": weight });
    let composite = |parts: Value| json!({ "op": "composite", "combine": "arithmetic", "components": parts });
    let sound = json!({ "by": "score" });
    refused(
        &json!({ "expr": composite(json!([part(sound.clone(), 1.0)])) }),
        "/expr/components",
    );
    refused(
        &json!({ "expr": composite(json!([part(sound.clone(), 0.0), part(sound.clone(), 1.0)])) }),
        "/expr/components/0/weight",
    );
    let upside_down = json!({ "by": "minmax", "lo": 5, "hi": 1 });
    refused(
        &json!({ "expr": composite(json!([part(sound.clone(), 1.0), part(upside_down, 1.0)])) }),
        "/expr/components/1/normalise",
    );
    refused(
        &json!({ "expr": composite(json!([part(sound.clone(), 1.0), { "a": { "op": "in", "name": "b" }, "normalise": sound }])) }),
        "/expr/components/1/a/name",
    );
    refused(&json!({ "kind": "composite", "breakpoints": null }), "/expr");
    refused(&json!({ "kind": "composite" }), "/breakpoints");
    refused(
        &json!({ "kind": "signal", "breakpoints": null, "freq": "M", "detectors": [{ "method": "farrington" }] }),
        "/detectors/0",
    );
    refused(
        &json!({ "kind": "signal", "breakpoints": null, "detectors": [{ "method": "farrington", "alpha": 2 }] }),
        "/detectors/0/alpha",
    );
}
