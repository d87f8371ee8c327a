//! The detectors that follow a series: the forecast of now, and sums of small shifts.

use super::builders::{only, period, row, signal, written};
use crate::{
    Definition, InputObservation, Level, MetricValue, PopulationSupply, Reason, dirty_periods, input_needs,
};
use serde_json::{Value, json};

/// Weeks up to 2026-W40 with the newest `shifted` moved by `by`; a season of a year, no trend.
fn weeks(count: usize, shifted: usize, by: f64) -> Vec<InputObservation> {
    let end = period("2026-W40");
    let made = (0..count).rev().map(|back| {
        let week = end.shift(-i32::try_from(back).unwrap()).unwrap();
        let noise = f64::from(u32::try_from(back * 37 % 13).unwrap()) - 6.0;
        let count = 60.0 + noise + if back < shifted { by } else { 0.0 };
        row("IND", &[], &week.to_string(), count.round())
    });
    made.collect()
}

fn judged(detector: &Value, more: &Value, rows: &[InputObservation]) -> MetricValue {
    let mut members = json!({ "detectors": [detector] });
    for (name, value) in more.as_object().unwrap() {
        members[name] = value.clone();
    }
    only(&signal(&members), rows, &[], "2026-W40")
}

#[test]
fn a_value_outside_its_forecast_is_unusual_and_says_against_what() {
    let detector = json!({ "method": "forecast", "window": 60 });
    let quiet = judged(&detector, &json!({}), &weeks(60, 0, 0.0));
    assert_eq!((quiet.method, quiet.level), (Some("forecast"), Level::Low));
    let (lower, upper) = (quiet.baseline_lower.unwrap(), quiet.baseline_upper.unwrap());
    assert!(lower < quiet.baseline.unwrap() && quiet.baseline.unwrap() < upper);
    let spike = judged(&detector, &json!({}), &weeks(60, 1, 90.0));
    assert!(spike.level >= Level::High && spike.p.unwrap() < 1e-3, "{spike:?}");
    assert_eq!(spike.n_baseline, 59);
    let drop = judged(&detector, &json!({ "direction": "down" }), &weeks(60, 1, -40.0));
    assert!(drop.level >= Level::High, "{drop:?}");
    let young = judged(&detector, &json!({}), &weeks(20, 1, 90.0));
    assert_eq!(
        (young.level, young.reason),
        (Level::Unknown, Some(Reason::ShortHistory))
    );
}

#[test]
fn a_gap_before_now_is_forecast_across() {
    let mut rows = weeks(60, 1, 90.0);
    rows.drain(57..59);
    let found = judged(&json!({ "method": "forecast", "window": 60 }), &json!({}), &rows);
    assert!(found.level >= Level::Elevated, "{found:?}");
    assert_eq!(found.n_baseline, 57);
}

#[test]
fn a_small_shift_that_lasts_is_found_by_its_sum_and_has_no_p() {
    let detector = json!({ "method": "cusum" });
    let calm = judged(&detector, &json!({}), &weeks(70, 0, 0.0));
    assert_eq!(
        (calm.method, calm.level, calm.p),
        (Some("cusum"), Level::Low, None)
    );
    // One and a half spreads more for eight weeks: no single week is unusual.
    let shifted = weeks(70, 8, 9.0);
    let single = judged(&json!({ "method": "robust_z" }), &json!({}), &shifted);
    assert!(single.level < Level::Elevated, "{single:?}");
    let summed = judged(&detector, &json!({}), &shifted);
    assert!(
        summed.score.unwrap() >= 4.0 && summed.level >= Level::Elevated,
        "{summed:?}"
    );
    assert!(
        summed.baseline_upper.unwrap() < 70.0,
        "the sum is over its limit already"
    );
    assert_eq!(summed.n_baseline, 59, "what is usual, and the run");
    let low = judged(&detector, &json!({ "direction": "down" }), &weeks(70, 8, -9.0));
    assert!(low.level >= Level::Elevated, "{low:?}");
    let both = judged(&detector, &json!({ "direction": "both" }), &weeks(70, 8, -9.0));
    assert_eq!(both.score, low.score);
}

#[test]
fn the_score_of_a_cusum_is_four_where_it_alarms() {
    // Usual is ten, spread one: after one week at 10 + k + h the sum is h.
    let mut rows: Vec<InputObservation> = weeks(40, 0, 0.0);
    for (at, row) in rows.iter_mut().enumerate() {
        row.value = Some(
            [9.0, 10.0, 11.0, 10.0, 9.325_509]
                .into_iter()
                .cycle()
                .nth(at % 4)
                .unwrap(),
        );
    }
    let last = rows.len() - 1;
    let detector =
        json!({ "method": "cusum", "window": 30, "run": 1, "k": 0.5, "h": 4, "transform": "none" });
    let spread = 1.482_602_218_505_602 * 0.5;
    rows[last].value = Some(10.0 + spread * 4.5);
    let found = judged(
        &detector,
        &json!({ "unit": "days", "inputs": { "a": { "indicator": "IND", "unit": "days" } } }),
        &rows,
    );
    assert!((found.score.unwrap() - 4.0).abs() < 1e-9, "{found:?}");
    assert!((found.baseline_upper.unwrap() - found.value.unwrap()).abs() < 1e-9);
}

#[test]
fn their_settings_and_their_reach_are_checked() {
    let refused = |detector: Value, pointer: &str| {
        let members = json!({ "kind": "signal", "breakpoints": null, "detectors": [detector] });
        let faults = Definition::parse(&written(&members).to_string()).expect_err("a setting is wrong");
        assert!(faults.iter().any(|fault| fault.pointer == pointer), "{faults:?}");
    };
    refused(
        json!({ "method": "forecast", "min_obs": 12 }),
        "/detectors/0/min_obs",
    );
    refused(
        json!({ "method": "forecast", "window": 900 }),
        "/detectors/0/window",
    );
    refused(json!({ "method": "cusum", "window": 5 }), "/detectors/0/min_obs");
    refused(json!({ "method": "cusum", "run": 0 }), "/detectors/0/run");
    refused(json!({ "method": "cusum", "h": 0 }), "/detectors/0/h");
    refused(
        json!({ "method": "cusum", "window": 519, "run": 9 }),
        "/detectors/0/window",
    );
    let metric = signal(&json!({ "detectors": [{ "method": "cusum", "window": 100, "run": 9 }] }));
    let (at, until) = (period("2026-W10"), period("2029-W10"));
    assert_eq!(input_needs(&metric, at, at)[0].from, at.shift(-108).unwrap());
    let dirty = dirty_periods(&metric, "a", (at, at), until, PopulationSupply::Unknown);
    assert_eq!((dirty.values.len(), dirty.signals.len()), (1, 108));
}
