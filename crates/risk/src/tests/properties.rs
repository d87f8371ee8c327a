//! Properties over random definitions and observations: total, finite, reproducible, and never stale.

use super::builders::{definition, from_body, only, period, row, with_status, written};
use crate::{
    Definition, Detail, ExplanationNode, InputObservation, Library, MetricValue, ObservationSet,
    PopulationSupply, dirty_periods, evaluate_metric,
};
use leleka_domain::{ObsStatus, Period};
use proptest::prelude::*;
use serde_json::{Value, json};

const REGIONS: [&str; 3] = ["UA05000000000010236", "UA46000000000026241", "UA"];
const UNITS: [&str; 4] = ["index", "persons", "ratio", "per_1000"];

pub(super) fn weeks() -> Vec<Period> {
    let first = period("2025-W36");
    std::iter::successors(Some(first), |week| week.shift(1))
        .take(70)
        .collect()
}

/// An expression in persons, by territory.
fn persons() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({ "op": "in", "name": "a" })),
        Just(json!({ "op": "in", "name": "b" }))
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        let window = (inner.clone(), prop::sample::select(vec!["mean", "median", "sum", "min", "max", "sd"]));
        prop_oneof![
            (two.clone(), prop::sample::select(vec!["add", "sub", "min", "max"]))
                .prop_map(|((a, b), op)| json!({ "op": op, "a": a, "b": b })),
            two.prop_map(|(a, b)| json!({ "op": "coalesce", "args": [a, b] })),
            inner.clone().prop_map(|a| json!({ "op": "neg", "a": a })),
            inner.clone().prop_map(|a| json!({ "op": "clamp", "a": a, "lo": -5, "hi": 1e200 })),
            (inner.clone(), -3.0..3.0).prop_map(|(a, by)| json!({ "op": "mul", "a": a, "b": { "op": "const", "value": by } })),
            (inner.clone(), 1..9_u16).prop_map(|(a, k)| json!({ "op": "lag", "a": a, "k": k })),
            (inner.clone(), 1..9_u16).prop_map(|(a, k)| json!({ "op": "diff", "a": a, "k": k })),
            (window, 2..12_u16, 0..4_u16, 2..4_u16).prop_map(|((a, function), n, offset, least)| {
                json!({ "op": "roll", "fn": function, "a": a, "n": n, "offset": offset, "min_obs": least.min(n) })
            }),
        ]
    })
}

/// A whole definition: a signal over an expression, possibly a rate of it.
pub(super) fn definitions() -> impl Strategy<Value = Definition> {
    let forms = prop::sample::select(vec![
        "arithmetic",
        "geometric",
        "geometric_inverse",
        "geometric_strict",
    ]);
    let chains = prop::sample::select(vec![
        json!([{ "method": "robust_z", "window": 20, "min_obs": 8 }, { "method": "ears_c2" }]),
        json!([{ "method": "cusum", "window": 20, "min_obs": 8, "run": 4 }]),
        json!([{ "method": "farrington" }, { "method": "cusum", "window": 12, "min_obs": 3 }, { "method": "ears_c2" }]),
    ]);
    let library = library();
    let rate = prop_oneof![
        persons(),
        persons().prop_map(|a| json!({ "op": "yoy", "a": a, "min_base": 2 })),
        persons().prop_map(|a| json!({ "op": "pct_change", "a": a, "k": 2 })),
        persons().prop_map(|a| json!({ "op": "ln1p", "a": a })),
        persons().prop_map(|a| json!({ "op": "share", "a": a, "over": ["territory"] })),
        persons().prop_map(|a| json!({ "op": "sum_over", "a": a, "over": ["territory"] })),
        (persons(), persons()).prop_map(|(a, b)| json!({ "op": "div", "a": a, "b": b })),
        (persons(), persons()).prop_map(|(a, b)| json!({ "op": "mul", "a": a, "b": b })),
        Just(json!({ "op": "metric", "code": "RM_OTHER", "version": 1, "take": "score" })),
        persons().prop_map(|a| {
            json!({ "op": "mul", "a": { "op": "metric", "code": "RM_OTHER", "version": 1, "take": "value" }, "b": a })
        }),
        (persons(), persons(), forms).prop_map(|(a, b, combine)| {
            let part = |a: Value| json!({ "a": a, "normalise": { "by": "minmax", "lo": -20, "hi": 80 }, "weight": 2 });
            let other = json!({ "op": "metric", "code": "RM_OTHER", "version": 1 });
            let other = json!({ "a": other, "normalise": { "by": "score" } });
            json!({ "op": "composite", "combine": combine, "components": [part(a), part(b), other] })
        }),
        (persons(), persons()).prop_map(|(a, b)| json!({ "op": "ratio", "num": a, "den": b, "scale": 1000 })),
        persons().prop_map(|a| json!({ "op": "per_capita", "a": a, "population": "p", "scale": 1000 })),
    ];
    (rate, chains).prop_filter_map("too large", move |(expr, detectors)| {
        let summed = expr["op"] == "sum_over";
        UNITS.iter().find_map(|unit| {
            let body = written(&json!({
                "kind": "signal", "breakpoints": null, "unit": unit, "expr": expr, "direction": "both",
                "by": if summed { json!([]) } else { json!(["territory"]) },
                "detectors": detectors,
                "baseline": { "exclude": [{ "from": "2026-W10", "to": "2026-W11", "reason": "outage" }] },
                "inputs": {
                    "a": { "indicator": "A", "by": ["territory"] },
                    "b": { "indicator": "B", "by": ["territory"], "min_coverage": 0.5 },
                    "p": { "indicator": "P", "by": ["territory"], "frequency": "A" },
                },
            }));
            Definition::parse_with(&body.to_string(), &library).ok()
        })
    })
}

/// One published signal that others may refer to.
fn library() -> Library {
    let mut library = Library::default();
    library.insert(definition(&json!({
        "code": "RM_OTHER", "kind": "signal", "breakpoints": null, "by": ["territory"],
        "inputs": { "x": { "indicator": "B", "by": ["territory"] } },
        "expr": { "op": "roll", "fn": "sum", "n": 2, "a": { "op": "in", "name": "x" } },
        "detectors": [{ "method": "robust_z", "window": 12, "min_obs": 5 }],
    })));
    library
}

pub(super) fn value() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        6 => (0..60_u32).prop_map(|count| Some(f64::from(count))),
        1 => Just(None),
        1 => prop::sample::select(vec![1e300, -1e300, -4.0, 0.1, 1e-300, 9e15]).prop_map(Some),
    ]
}

pub(super) fn observations() -> impl Strategy<Value = Vec<InputObservation>> {
    prop::collection::vec(value(), 70 * 6).prop_map(|values| {
        let cells = weeks().into_iter().flat_map(|week| {
            let of = move |indicator| REGIONS.map(|region| (indicator, region, week));
            of("A").into_iter().chain(of("B"))
        });
        let mut rows: Vec<InputObservation> = cells
            .zip(values)
            .map(|((indicator, region, week), value)| {
                let made = row(
                    indicator,
                    &[("territory", region)],
                    &week.to_string(),
                    value.unwrap_or(0.0),
                );
                if value.is_some() {
                    made
                } else {
                    with_status(made, ObsStatus::Missing)
                }
            })
            .collect();
        for region in REGIONS {
            rows.push(row("P", &[("territory", region)], "2024", 1000.0));
            rows.push(row("P", &[("territory", region)], "2025", 1100.0));
        }
        rows
    })
}

fn evaluated(definition: &Definition, rows: &[InputObservation]) -> Vec<MetricValue> {
    let set = ObservationSet::new(rows.to_vec(), Vec::new());
    evaluate_metric(definition, &set, None, &weeks(), Detail::Explained)
}

/// What is stored of the results; explanations look further than values do.
fn told(definition: &Definition, rows: &[InputObservation]) -> Vec<MetricValue> {
    let set = ObservationSet::new(rows.to_vec(), Vec::new());
    evaluate_metric(definition, &set, None, &weeks(), Detail::Values)
}

fn assert_sound(node: &ExplanationNode) {
    assert!(node.value.is_none_or(f64::is_finite), "{node:?}");
    assert!((0.0..=1.0).contains(&node.coverage), "{node:?}");
    assert_ne!(
        node.value.is_some(),
        node.reason.is_some(),
        "a value or a reason: {node:?}"
    );
    node.parts.iter().for_each(assert_sound);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_result_is_a_finite_value_or_a_reason(definition in definitions(), rows in observations()) {
        for found in evaluated(&definition, &rows) {
            let numbers = [found.value, found.baseline, found.baseline_lower, found.baseline_upper, found.p, found.score];
            prop_assert!(numbers.into_iter().flatten().all(f64::is_finite), "{:?}", found);
            prop_assert!((0.0..=1.0).contains(&found.provisional_share));
            if let (Some(interval), Some(value)) = (found.interval, found.value) {
                prop_assert!(interval.low <= value && value <= interval.high, "{found:?}");
                prop_assert!(interval.low.is_finite() && interval.high.is_finite() && (0.8..=0.95).contains(&interval.level));
            }
            prop_assert!(found.p.is_none_or(|p| (0.0..=1.0).contains(&p)));
            prop_assert!(found.value.is_some() || found.reason.is_some());
            prop_assert_eq!(found.level == crate::Level::Unknown, found.reason.is_some());
            assert_sound(&found.explanation.unwrap().value);
        }
    }

    #[test]
    fn the_order_of_observations_does_not_matter(
        definition in definitions(),
        rows in observations().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let bytes = |rows: &[InputObservation]| serde_json::to_string(&evaluated(&definition, rows)).unwrap();
        prop_assert_eq!(bytes(&rows.0), bytes(&rows.1));
    }

    #[test]
    fn sums_of_fractions_and_double_claims_come_out_alike_in_any_order(
        (rows, shuffled) in prop::collection::vec(-1e6..1e6_f64, 12).prop_flat_map(|values| {
            let at = |body: &'static str, (place, value): (usize, &f64)| {
                let facility = format!("F{place}");
                from_body(body, "IND", &[("facility", facility.as_str())], "2026-W10", *value)
            };
            let twice = ["DMS", "MSP"].into_iter().flat_map(|body| values.iter().enumerate().map(move |one| at(body, one)));
            let rows: Vec<InputObservation> = twice.collect();
            (Just(rows.clone()), Just(rows).prop_shuffle())
        }),
    ) {
        let metric = definition(&json!({ "inputs": { "a": { "indicator": "IND", "over": ["facility"] } } }));
        let bytes = |rows: &[InputObservation]| serde_json::to_string(&only(&metric, rows, &[], "2026-W10")).unwrap();
        prop_assert_eq!(bytes(&rows), bytes(&shuffled));
    }

    #[test]
    fn every_result_that_differs_after_an_edit_was_dirty(
        definition in definitions(),
        rows in observations(),
        edited in 0..426_usize,
        by in value(),
    ) {
        let before = told(&definition, &rows);
        let mut rows = rows;
        let edited = &mut rows[edited];
        edited.value = by;
        edited.status = if by.is_some() { ObsStatus::Normal } else { ObsStatus::Missing };
        edited.id.position = 2;
        let (indicator, at) = (edited.series.indicator.clone(), edited.period);
        let after = told(&definition, &rows);
        let mut dirty = Vec::new();
        for (name, _) in definition.inputs.iter().filter(|(_, input)| input.indicator == indicator) {
            let last = *weeks().last().unwrap();
            let found = dirty_periods(&definition, name, (at, at), last, PopulationSupply::Unknown);
            dirty.extend(found.values.into_iter().map(|period| (period, true)));
            dirty.extend(found.signals.into_iter().map(|period| (period, false)));
        }
        prop_assert_eq!(before.len(), after.len());
        for (old, new) in before.iter().zip(&after) {
            let held = |value: bool| dirty.contains(&(old.period, value));
            if serde_json::to_string(old).unwrap() != serde_json::to_string(new).unwrap() {
                prop_assert!(held(true) || held(false), "{} was not dirty", old.period);
            }
            if old.value != new.value || old.inputs != new.inputs {
                prop_assert!(held(true), "the value of {} was not dirty", old.period);
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}", member in "[a-z]{1,8}", number in any::<f64>()) {
        let _ = Definition::parse(&text);
        let more = json!({ member: number });
        let _ = Definition::parse(&written(&more).to_string());
        let expr = json!({ "op": "roll", "fn": "sd", "n": number, "a": { "op": text } });
        let _ = Definition::parse(&written(&json!({ "expr": expr })).to_string());
    }
}
