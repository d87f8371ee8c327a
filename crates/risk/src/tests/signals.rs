//! Signals: the detector whose need is met, regimes, incomplete weeks, directions, small denominators.

use super::builders::{definition, only, period, row, signal, with_status};
use crate::{
    Flag, InputObservation, Level, MetricValue, PopulationSupply, Reason, dirty_periods, input_needs,
};
use leleka_domain::{ObsStatus, Period};
use serde_json::{Value, json};

/// Weeks that end in 2026-W40, with counts around forty and the last as given.
fn weeks(count: usize, last: f64) -> Vec<InputObservation> {
    let end = period("2026-W40");
    (0..count)
        .map(|back| {
            let week = end.shift(-i32::try_from(back).unwrap()).unwrap();
            let usual = 40.0 + f64::from(u32::try_from((back * 7) % 11).unwrap());
            row(
                "IND",
                &[],
                &week.to_string(),
                if back == 0 { last } else { usual },
            )
        })
        .collect()
}

fn judged(more: &Value, rows: &[InputObservation]) -> MetricValue {
    only(&signal(more), rows, &[], "2026-W40")
}

#[test]
fn the_first_detector_whose_need_is_met_is_used_and_named() {
    let long = judged(&json!({}), &weeks(60, 120.0));
    assert_eq!(
        (long.method, long.n_baseline, long.level),
        (Some("robust_z"), 52, Level::Critical)
    );
    assert_eq!(
        long.explanation
            .as_ref()
            .unwrap()
            .comparison
            .as_ref()
            .unwrap()
            .used
            .len(),
        52
    );
    assert_eq!(long.baseline_inputs.len(), 52);
    assert!(long.baseline_upper.unwrap() < 120.0 && long.baseline_upper > long.baseline);
    let young = judged(&json!({}), &weeks(10, 120.0));
    assert_eq!((young.method, young.n_baseline), (Some("ears_c2"), 7));
    let newborn = judged(&json!({}), &weeks(9, 120.0));
    assert_eq!(
        (newborn.level, newborn.reason),
        (Level::Unknown, Some(Reason::ShortHistory))
    );
    assert_eq!(
        newborn.value,
        Some(120.0),
        "the value stands, its level is unknown"
    );
}

#[test]
fn more_history_than_the_detectors_reach_changes_nothing() {
    let bytes = |count: usize| serde_json::to_string(&judged(&json!({}), &weeks(count, 90.0))).unwrap();
    assert_eq!(bytes(53), bytes(200));
}

#[test]
fn the_future_is_never_read() {
    let mut rows = weeks(60, 90.0);
    let before = serde_json::to_string(&judged(&json!({}), &rows)).unwrap();
    rows.push(row("IND", &[], "2026-W41", 100_000.0));
    assert_eq!(before, serde_json::to_string(&judged(&json!({}), &rows)).unwrap());
}

#[test]
fn a_regime_and_an_excluded_range_are_not_compared_with() {
    let start = json!({ "baseline": { "start": "2026-W20" } });
    let found = judged(&start, &weeks(60, 90.0));
    assert_eq!(found.n_baseline, 20);
    let exclude =
        json!({ "baseline": { "exclude": [{ "from": "2026-W01", "to": "2026-W10", "reason": "outage" }] } });
    let found = judged(&exclude, &weeks(60, 90.0));
    assert_eq!(found.n_baseline, 42);
    assert_eq!(found.explanation.unwrap().comparison.unwrap().excluded.len(), 10);
}

#[test]
fn an_alarm_of_an_incomplete_week_stands_and_its_quiet_proves_nothing() {
    let provisional = |value: f64| {
        let mut rows = weeks(60, value);
        rows[0] = with_status(rows[0].clone(), ObsStatus::Provisional);
        rows
    };
    let alarm = judged(&json!({}), &provisional(120.0));
    assert_eq!(alarm.level, Level::Critical);
    assert!(alarm.flags.contains(Flag::Incomplete));
    let quiet = judged(&json!({}), &provisional(3.0));
    assert_eq!(
        (quiet.level, quiet.reason),
        (Level::Unknown, Some(Reason::IncompletePeriod))
    );
    let down = judged(&json!({ "direction": "down" }), &provisional(3.0));
    assert_eq!((down.p, down.level), (Some(1.0), Level::Unknown));
    let complete = judged(&json!({ "direction": "down" }), &weeks(60, 3.0));
    assert_eq!(complete.level, Level::Critical);
    let both = judged(&json!({ "direction": "both" }), &weeks(60, 3.0));
    assert!((both.p.unwrap() - 2.0 * complete.p.unwrap()).abs() < 1e-15);
}

#[test]
fn a_past_that_does_not_vary_says_nothing_about_a_rate() {
    let rate = json!({
        "unit": "index", "expr": { "op": "ln1p", "a": { "op": "in", "name": "a" } },
    });
    let end = period("2026-W40");
    let flat: Vec<InputObservation> = (0..60)
        .map(|back| row("IND", &[], &end.shift(-back).unwrap().to_string(), 7.0))
        .collect();
    let found = judged(&rate, &flat);
    assert_eq!(
        (found.level, found.reason),
        (Level::Unknown, Some(Reason::ZeroScale))
    );
}

#[test]
fn a_rate_over_fewer_than_fifty_is_at_most_guarded() {
    let rate = json!({
        "unit": "per_1000",
        "inputs": { "a": { "indicator": "IND" }, "c": { "indicator": "ALL" } },
        "expr": { "op": "ratio", "num": { "op": "in", "name": "a" }, "den": { "op": "in", "name": "c" }, "scale": 1000 },
    });
    let with = |last: f64| {
        let mut rows = weeks(60, last);
        let all: Vec<InputObservation> = rows
            .iter()
            .enumerate()
            .map(|(at, one)| {
                row(
                    "ALL",
                    &[],
                    &one.period.to_string(),
                    if at == 0 { last } else { 4000.0 },
                )
            })
            .collect();
        rows.extend(all);
        rows
    };
    let small = judged(&rate, &with(49.0));
    assert_eq!(small.level, Level::Guarded);
    assert!(small.flags.contains(Flag::SmallBase) && small.score > Some(6.0));
    assert_eq!(judged(&rate, &with(50.0)).level, Level::Critical);
}

#[test]
fn what_must_be_loaded_covers_the_past_of_the_past() {
    let metric = signal(&json!({
        "unit": "ratio", "expr": { "op": "yoy", "a": { "op": "in", "name": "a" } },
    }));
    let needs = input_needs(&metric, period("2026-W30"), period("2026-W40"));
    assert_eq!(needs.len(), 1);
    assert_eq!(
        (needs[0].from, needs[0].to),
        (period("2024-W30"), period("2026-W40"))
    );
    let level = definition(&json!({}));
    let needs = input_needs(&level, period("2026-W30"), period("2026-W40"));
    assert_eq!(
        (needs[0].from, needs[0].to),
        (period("2026-W30"), period("2026-W40"))
    );
}

#[test]
fn a_change_touches_its_own_week_and_the_comparisons_of_the_year_after() {
    let metric = signal(&json!({}));
    let week = period("2025-W10");
    let dirty = dirty_periods(
        &metric,
        "a",
        (week, week),
        period("2027-W01"),
        PopulationSupply::Unknown,
    );
    assert_eq!(dirty.values, [week]);
    let after: Vec<Period> = (1..=52).map(|ahead| week.shift(ahead).unwrap()).collect();
    assert_eq!(dirty.signals, after);
    let other = dirty_periods(
        &metric,
        "b",
        (week, week),
        period("2027-W01"),
        PopulationSupply::Unknown,
    );
    assert_eq!(other, crate::DirtyPeriods::default());
}

#[test]
fn a_count_below_zero_is_outside_the_domain_of_counts() {
    let found = judged(
        &json!({ "expr": { "op": "neg", "a": { "op": "in", "name": "a" } } }),
        &weeks(60, 90.0),
    );
    assert_eq!(
        (found.level, found.reason),
        (Level::Unknown, Some(Reason::Domain))
    );
}

#[test]
fn the_upper_cusum_adds_up_excesses_and_starts_again_after_an_alarm() {
    let values = [Some(1.0), Some(4.0), None, Some(1.5), Some(0.0)];
    let found = crate::cusum(&values, (0.0, 1.0), (0.5, 4.0), true);
    assert_eq!(
        found,
        [
            Some((0.5, false)),
            Some((4.0, false)),
            None,
            Some((5.0, true)),
            Some((0.0, false))
        ]
    );
    assert!(
        crate::cusum(&values, (0.0, 0.0), (0.5, 4.0), true)
            .iter()
            .all(Option::is_none)
    );
}
