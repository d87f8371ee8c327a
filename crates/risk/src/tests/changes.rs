//! Why a value differs from an earlier one: parts that add up, and what cannot be split says so.

use super::builders::{definition, only, row};
use super::properties::{definitions, observations, weeks};
use crate::{ChangeExplanation, Detail, ExplanationNode, InputObservation, ObservationSet, evaluate_metric};
use proptest::prelude::*;
use serde_json::{Value, json};

fn changes(expr: &Value, unit: &str, rows: &[InputObservation]) -> Vec<ChangeExplanation> {
    let metric = definition(&json!({
        "expr": expr, "unit": unit,
        "inputs": { "a": { "indicator": "IND" }, "b": { "indicator": "OTHER" }, "p": { "indicator": "POP", "frequency": "A" } },
    }));
    only(&metric, rows, &[], "2026-W10").explanation.unwrap().changes
}

fn rows() -> Vec<InputObservation> {
    let weeks = [
        ("2025-W10", 20.0, 80.0),
        ("2026-W09", 10.0, 100.0),
        ("2026-W10", 30.0, 200.0),
    ];
    let mut rows = vec![
        row("POP", &[], "2024", 40_000.0),
        row("POP", &[], "2025", 42_000.0),
    ];
    for (week, a, b) in weeks {
        rows.extend([row("IND", &[], week, a), row("OTHER", &[], week, b)]);
    }
    rows
}

fn parts(change: &ChangeExplanation) -> Vec<(&str, f64)> {
    let parts = change.parts.iter();
    parts
        .map(|part| (part.place.input.as_deref().unwrap_or("-"), part.contribution))
        .collect()
}

fn adds_up(change: &ChangeExplanation) -> bool {
    let sum: f64 = change.parts.iter().map(|part| part.contribution).sum();
    let scale = change.from.abs().max(change.to.abs()).max(1.0);
    (sum - change.change).abs() <= 1e-9 * scale
        && (change.to - change.from - change.change).abs() <= 1e-9 * scale
}

#[test]
fn a_sum_changes_by_its_members_since_last_week_and_last_year() {
    let expr = json!({ "op": "sub", "a": { "op": "in", "name": "b" }, "b": { "op": "in", "name": "a" } });
    let found = changes(&expr, "persons", &rows());
    let since: Vec<String> = found.iter().map(|change| change.since.to_string()).collect();
    assert_eq!(since, ["2026-W09", "2025-W10"]);
    assert_eq!(parts(&found[0]), [("b", 100.0), ("a", -20.0)]);
    assert_eq!(parts(&found[1]), [("b", 120.0), ("a", -10.0)]);
    assert_eq!((found[0].from, found[0].to), (90.0, 170.0));
}

#[test]
fn a_quotient_is_split_by_the_logarithmic_mean() {
    let expr = json!({ "op": "ratio", "num": { "op": "in", "name": "a" }, "den": { "op": "in", "name": "b" }, "scale": 1000 });
    let found = &changes(&expr, "per_1000", &rows())[0];
    // From 100 to 150 per thousand: L = 50 / ln 1.5; the numerator tripled, the denominator doubled.
    let mean = 50.0 / 1.5_f64.ln();
    let expected = [("b", -mean * 2.0_f64.ln()), ("a", mean * 3.0_f64.ln())];
    for ((name, part), (expected_name, expected)) in parts(found).into_iter().zip(expected) {
        assert!(
            name == expected_name && (part - expected).abs() < 1e-9,
            "{name} {part}"
        );
    }
    let rate =
        json!({ "op": "per_capita", "a": { "op": "in", "name": "a" }, "population": "p", "scale": 1000 });
    let found = changes(&rate, "per_1000", &rows());
    assert!(found.iter().all(adds_up), "{found:?}");
    assert_eq!(parts(&found[0]).len(), 1, "one population for both weeks");
    assert_eq!(parts(&found[1])[1].0, "p");
}

#[test]
fn a_comparison_tells_now_from_its_base() {
    let expr = json!({ "op": "pct_change", "a": { "op": "in", "name": "a" }, "k": 1 });
    let mut rows = rows();
    rows.push(row("IND", &[], "2026-W08", 8.0));
    let found = &changes(&expr, "ratio", &rows)[0];
    let bases: Vec<bool> = found.parts.iter().map(|part| part.place.base).collect();
    assert_eq!(bases, [false, true]);
    assert!(
        found.parts[0].contribution > 0.0 && found.parts[1].contribution < 0.0,
        "{found:?}"
    );
    assert!(adds_up(found));
}

#[test]
fn what_cannot_be_split_says_so() {
    let mut rows = rows();
    let expr =
        json!({ "op": "ratio", "num": { "op": "in", "name": "a" }, "den": { "op": "in", "name": "b" } });
    rows[4].value = Some(0.0);
    let found = &changes(&expr, "ratio", &rows)[0];
    assert_eq!(found.parts.len(), 1, "a logarithm of zero does not exist");
    assert!(found.parts[0].place.residual && adds_up(found));
    assert_eq!(found.parts[0].place.pointer, "/expr");
    let written = serde_json::to_value(found).unwrap();
    assert_eq!(written["parts"][0]["residual"], true);
    assert_eq!(written["parts"][0]["contribution"], found.change);
}

#[test]
fn nothing_is_told_where_there_was_no_value() {
    let expr = json!({ "op": "in", "name": "a" });
    assert!(changes(&expr, "persons", &rows()[6..]).is_empty());
}

/// Parts that have a contribution add up to the node above them.
fn contributions_add_up(node: &ExplanationNode) -> bool {
    let found: Vec<f64> = node.parts.iter().filter_map(|part| part.contribution).collect();
    let sum: f64 = found.iter().sum();
    let scale = found.iter().fold(1.0_f64, |most, part| most.max(part.abs()));
    let here = found.is_empty() || node.value.is_none_or(|value| (sum - value).abs() <= 1e-9 * scale);
    here && node.parts.iter().all(contributions_add_up)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn parts_of_every_change_add_up(definition in definitions(), rows in observations()) {
        let set = ObservationSet::new(rows, Vec::new());
        for found in evaluate_metric(&definition, &set, None, &weeks()[40..], Detail::Explained) {
            let explanation = found.explanation.unwrap();
            for change in &explanation.changes {
                prop_assert!(adds_up(change), "{change:?}");
                prop_assert!(change.parts.iter().all(|part| part.contribution.is_finite()));
            }
            prop_assert!(contributions_add_up(&explanation.value), "{:?}", explanation.value);
        }
    }
}
