//! How sure a value is: intervals where a method fits and nowhere else, provisional figures, robust composites.

use super::builders::{definition, only, row, signal, with_status};
use crate::{Flag, InputObservation, Level, MetricValue, poisson_interval, wilson_interval};
use leleka_domain::{ObsFlags, ObsStatus};
use proptest::prelude::*;
use serde_json::{Value, json};

fn inputs() -> Value {
    json!({
        "a": { "indicator": "IND" }, "b": { "indicator": "OTHER" }, "m": { "indicator": "IND", "agg": "mean" },
        "c": { "indicator": "CROSSED", "unit": "crossings" }, "p": { "indicator": "POP", "frequency": "A" },
        "d": { "indicator": "DAYS", "unit": "days" },
    })
}

fn week() -> [InputObservation; 5] {
    [
        row("IND", &[], "2026-W10", 10.0),
        row("OTHER", &[], "2026-W10", 100.0),
        row("CROSSED", &[], "2026-W10", 5000.0),
        row("POP", &[], "2025", 40_000.0),
        row("DAYS", &[], "2026-W10", 12.0),
    ]
}

fn of(expr: &Value, unit: &str, rows: &[InputObservation]) -> MetricValue {
    let metric = definition(&json!({ "expr": expr, "unit": unit, "inputs": inputs() }));
    only(&metric, rows, &[], "2026-W10")
}

fn about(found: Option<(f64, f64)>, low: f64, high: f64) {
    let (found_low, found_high) = found.unwrap();
    assert!(
        (found_low - low).abs() < 1e-3 && (found_high - high).abs() < 1e-3,
        "{found_low} {found_high}"
    );
}

#[test]
fn the_published_intervals_of_counts_and_shares_come_out() {
    about(poisson_interval(0.0), 0.0, 3.6889);
    about(poisson_interval(1.0), 0.0253, 5.5716);
    about(poisson_interval(10.0), 4.7954, 18.3904);
    about(poisson_interval(100.0), 81.3640, 121.6272);
    about(wilson_interval(10.0, 100.0), 0.0552, 0.1744);
    about(wilson_interval(0.0, 20.0), 0.0, 0.1611);
    assert_eq!(poisson_interval(-1.0), None);
    assert_eq!(wilson_interval(5.0, 4.0), None);
}

#[test]
fn large_counts_go_on_without_a_step() {
    let (low, high) = poisson_interval(9_999.0).unwrap();
    let (next_low, next_high) = poisson_interval(10_001.0).unwrap();
    assert!((next_low - low - 2.0).abs() < 0.05, "{low} {next_low}");
    assert!((next_high - high - 2.0).abs() < 0.05, "{high} {next_high}");
}

#[test]
fn each_way_of_making_a_value_has_its_method() {
    let a = json!({ "op": "in", "name": "a" });
    let b = json!({ "op": "in", "name": "b" });
    let c = json!({ "op": "in", "name": "c" });
    let rows = week();
    let method = |expr: Value, unit: &str| of(&expr, unit, &rows).interval.map(|found| found.method);
    assert_eq!(method(a.clone(), "persons"), Some("poisson"));
    assert_eq!(
        method(json!({ "op": "add", "a": a, "b": b }), "persons"),
        Some("poisson")
    );
    assert_eq!(
        method(
            json!({ "op": "roll", "fn": "sum", "n": 4, "min_obs": 1, "a": a }),
            "persons"
        ),
        Some("poisson")
    );
    assert_eq!(
        method(json!({ "op": "ratio", "num": a, "den": b }), "ratio"),
        Some("wilson")
    );
    assert_eq!(
        method(json!({ "op": "ratio", "num": b, "den": a }), "ratio"),
        Some("poisson_rate")
    );
    assert_eq!(
        method(
            json!({ "op": "ratio", "num": a, "den": c, "scale": 1000 }),
            "per_1000"
        ),
        Some("poisson_rate")
    );
    let rate = json!({ "op": "per_capita", "a": a, "population": "p", "scale": 1000 });
    assert_eq!(method(rate, "per_1000"), Some("poisson_rate"));
    // An observation taken twice, a mean, a difference, a change, an amount: no count, no interval.
    assert_eq!(method(json!({ "op": "add", "a": a, "b": a }), "persons"), None);
    assert_eq!(method(json!({ "op": "in", "name": "m" }), "persons"), None);
    assert_eq!(method(json!({ "op": "sub", "a": b, "b": a }), "persons"), None);
    assert_eq!(method(json!({ "op": "max", "a": a, "b": b }), "persons"), None);
    assert_eq!(method(json!({ "op": "in", "name": "d" }), "days"), None);
    assert_eq!(method(json!({ "op": "ln1p", "a": a }), "index"), None);
}

#[test]
fn the_interval_of_a_rate_is_on_the_scale_of_the_rate() {
    let expr = json!({ "op": "ratio", "num": { "op": "in", "name": "a" }, "den": { "op": "in", "name": "c" }, "scale": 1000 });
    let found = of(&expr, "per_1000", &week());
    let interval = found.interval.unwrap();
    about(Some((interval.low, interval.high)), 4.7954 / 5.0, 18.3904 / 5.0);
    assert!(interval.low < found.value.unwrap() && found.value.unwrap() < interval.high);
}

#[test]
fn an_estimate_is_not_a_count() {
    let rows = [with_status(
        row("IND", &[], "2026-W10", 10.0),
        ObsStatus::Estimated,
    )];
    assert_eq!(
        of(&json!({ "op": "in", "name": "a" }), "persons", &rows).interval,
        None
    );
    let halves = [row("IND", &[], "2026-W10", 10.5)];
    assert_eq!(
        of(&json!({ "op": "in", "name": "a" }), "persons", &halves).interval,
        None
    );
}

#[test]
fn provisional_figures_are_counted_by_status_and_by_flag() {
    let expr = json!({ "op": "roll", "fn": "sum", "n": 4, "a": { "op": "in", "name": "a" } });
    let mut rows: Vec<InputObservation> = (7..=10)
        .map(|week| row("IND", &[], &format!("2026-W{week:02}"), 5.0))
        .collect();
    assert!(of(&expr, "persons", &rows).provisional_share.abs() < f64::EPSILON);
    rows[3].status = ObsStatus::Provisional;
    rows[2].status = ObsStatus::Break;
    rows[2].flags = ObsFlags::default().with(ObsStatus::Provisional);
    let found = of(&expr, "persons", &rows);
    assert!((found.provisional_share - 0.5).abs() < f64::EPSILON);
    let nothing = of(&json!({ "op": "in", "name": "a" }), "persons", &rows[..1]);
    assert!(nothing.provisional_share.abs() < f64::EPSILON && nothing.interval.is_none());
}

#[test]
fn a_signal_says_from_where_a_low_value_is_unusual() {
    let rows: Vec<InputObservation> = (10..40)
        .map(|week| row("IND", &[], &format!("2026-W{week}"), 40.0 + f64::from(week % 7)))
        .collect();
    let found = only(&signal(&json!({})), &rows, &[], "2026-W39");
    let (lower, upper) = (found.baseline_lower.unwrap(), found.baseline_upper.unwrap());
    assert!(0.0 < lower && lower < found.baseline.unwrap() && found.baseline.unwrap() < upper);
}

/// Two components; the score of the first lies just above the cut of `elevated`.
fn composite(first: f64, second: f64) -> MetricValue {
    let part = |name: &str| json!({ "a": { "op": "in", "name": name }, "normalise": { "by": "minmax", "lo": 0, "hi": 100 }, "weight": 1 });
    let metric = definition(&json!({
        "kind": "composite", "unit": "index", "breakpoints": null, "inputs": inputs(),
        "expr": { "op": "composite", "combine": "arithmetic", "components": [part("a"), part("b")] },
    }));
    let rows = [
        row("IND", &[], "2026-W10", first),
        row("OTHER", &[], "2026-W10", second),
    ];
    only(&metric, &rows, &[], "2026-W10")
}

#[test]
fn a_composite_says_how_far_it_hangs_on_its_weights() {
    let shaky = composite(81.0, 0.0);
    let found = shaky.sensitivity.as_ref().unwrap();
    assert!(found.fragile && found.same_level < 0.7, "{found:?}");
    assert!(shaky.flags.contains(Flag::Fragile));
    let without: Vec<Option<f64>> = found.leave_one_out.iter().map(|part| part.score).collect();
    assert_eq!(without, [Some(0.0), Some(8.1)]);
    assert_eq!(found.leave_one_out[1].pointer, "/expr/components/1/a");
    let interval = shaky.interval.unwrap();
    assert_eq!(interval.method, "draws");
    assert!(interval.low <= shaky.value.unwrap() && shaky.value.unwrap() <= interval.high);
    let firm = composite(50.0, 50.0);
    assert_eq!(firm.level, Level::Elevated);
    assert!(!firm.flags.contains(Flag::Fragile), "{:?}", firm.sensitivity);
    assert_eq!(
        shaky.sensitivity,
        composite(81.0, 0.0).sensitivity,
        "the same question, the same draws"
    );
    assert_eq!(
        composite(81.0, f64::NAN).sensitivity.map(|found| found.fragile),
        None
    );
}

proptest! {
    #[test]
    fn intervals_are_finite_ordered_and_hold_the_value(count in 0..5_000_000_u32, more in 0..5_000_u32) {
        let (count, whole) = (f64::from(count), f64::from(count.saturating_add(more)));
        let (low, high) = poisson_interval(count).unwrap();
        prop_assert!(low.is_finite() && high.is_finite() && low <= count && count < high);
        if whole > 0.0 {
            let (low, high) = wilson_interval(count, whole).unwrap();
            prop_assert!(0.0 <= low && low <= count / whole + 1e-12 && count / whole <= high + 1e-12 && high <= 1.0);
        }
    }
}
