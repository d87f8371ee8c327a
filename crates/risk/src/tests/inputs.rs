//! Which observations make a cell: totals and details never meet, two claims are never added, gaps are not zeros.

use super::builders::{definition, from_body, only, period, row, with_status};
use crate::{Detail, ExpectedSeries, Flag, Key, Level, ObservationSet, Reason, evaluate_metric, metric_keys};
use leleka_domain::{ConfStatus, Frequency, ObsStatus};
use serde_json::json;

const WEEK: &str = "2026-W10";

#[test]
fn an_unnamed_dimension_is_read_at_its_total_only() {
    let metric = definition(&json!({}));
    let rows = [
        row("IND", &[("sex", "_T"), ("territory", "UA")], WEEK, 70.0),
        row("IND", &[("sex", "F"), ("territory", "UA")], WEEK, 40.0),
        row("IND", &[("sex", "M"), ("territory", "UA")], WEEK, 30.0),
        row(
            "IND",
            &[("sex", "_T"), ("territory", "UA46000000000026241")],
            WEEK,
            9.0,
        ),
    ];
    let found = only(&metric, &rows, &[], WEEK);
    assert_eq!((found.value, found.n_inputs), (Some(70.0), 1));
    let details = only(&metric, &rows[1..], &[], WEEK);
    assert_eq!(
        (details.value, details.reason),
        (None, Some(Reason::MissingInput)),
        "details are not added up unasked"
    );
}

#[test]
fn details_are_added_only_where_no_total_was_reported() {
    let metric = definition(&json!({ "inputs": { "a": { "indicator": "IND", "over": ["sex"] } } }));
    let details = [
        row("IND", &[("sex", "F")], WEEK, 40.0),
        row("IND", &[("sex", "M")], WEEK, 30.0),
    ];
    assert_eq!(only(&metric, &details, &[], WEEK).value, Some(70.0));
    let with_total = [details.to_vec(), vec![row("IND", &[("sex", "_T")], WEEK, 75.0)]].concat();
    assert_eq!(only(&metric, &with_total, &[], WEEK).value, Some(75.0));
}

#[test]
fn of_territories_only_regions_make_a_sum() {
    let metric = definition(&json!({ "inputs": { "a": { "indicator": "IND", "over": ["territory"] } } }));
    let rows = [
        row("IND", &[("territory", "UA46000000000026241")], WEEK, 9.0),
        row("IND", &[("territory", "UA46060000000042587")], WEEK, 4.0),
        row("IND", &[("territory", "UA05000000000010236")], WEEK, 2.0),
    ];
    assert_eq!(only(&metric, &rows, &[], WEEK).value, Some(11.0));
}

#[test]
fn two_bodies_that_differ_are_ambiguous_until_one_is_chosen() {
    let rows = [
        from_body("DMS", "IND", &[], WEEK, 10.0),
        from_body("SBGS", "IND", &[], WEEK, 12.0),
    ];
    let either = definition(&json!({}));
    assert_eq!(
        only(&either, &rows, &[], WEEK).reason,
        Some(Reason::AmbiguousInput)
    );
    let chosen = definition(&json!({ "inputs": { "a": { "indicator": "IND", "body": "SBGS" } } }));
    assert_eq!(only(&chosen, &rows, &[], WEEK).value, Some(12.0));
    let agreeing = [
        rows[0].clone(),
        from_body("SBGS", "IND", &[("sex", "_T")], WEEK, 10.0),
    ];
    let found = only(&either, &agreeing, &[], WEEK);
    assert_eq!(
        (found.value, found.n_inputs),
        (Some(10.0), 1),
        "said twice, counted once"
    );
}

#[test]
fn every_code_of_a_filter_is_expected() {
    let metric = definition(&json!({
        "inputs": { "a": { "indicator": "IND", "filter": { "decision": ["GENCONV", "SUB_PROT"] } } },
    }));
    let both = [
        row("IND", &[("decision", "GENCONV")], WEEK, 3.0),
        row("IND", &[("decision", "SUB_PROT")], WEEK, 4.0),
        row("IND", &[("decision", "REJECTED")], WEEK, 90.0),
    ];
    assert_eq!(only(&metric, &both, &[], WEEK).value, Some(7.0));
    let short = only(&metric, &both[..1], &[], WEEK);
    assert_eq!(
        (short.value, short.reason),
        (None, Some(Reason::InsufficientCoverage))
    );
}

#[test]
fn what_is_missing_suppressed_or_not_applicable_is_told_apart() {
    let metric = definition(&json!({
        "inputs": { "a": { "indicator": "IND", "over": ["facility"], "min_coverage": 0.5 } },
    }));
    let at =
        |code: &str, value: f64, status| with_status(row("IND", &[("facility", code)], WEEK, value), status);
    let rows = [
        at("A", 0.0, ObsStatus::Normal),
        at("B", 12.0, ObsStatus::Estimated),
        at("C", 1.0, ObsStatus::Suppressed),
        at("D", 1.0, ObsStatus::NotApplicable),
    ];
    let found = only(&metric, &rows, &[], WEEK);
    assert_eq!(found.value, Some(12.0));
    assert!((found.coverage - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(
        found.flags.codes(),
        ["estimated", "incomplete", "partial", "suppressed_at_source"]
    );
    let silent = only(&metric, &rows[2..], &[], WEEK);
    assert_eq!(
        (silent.level, silent.reason),
        (Level::Unknown, Some(Reason::MissingInput))
    );
}

#[test]
fn a_figure_that_is_not_free_makes_a_result_that_is_not_free() {
    let mut held = row("IND", &[], WEEK, 60.0);
    held.confidentiality = ConfStatus::Embargo;
    let found = only(&definition(&json!({})), &[held], &[], WEEK);
    assert!(found.flags.contains(Flag::Confidential));
    assert_eq!(found.level, Level::High);
}

#[test]
fn an_expected_series_that_did_not_report_lowers_coverage_until_it_ends() {
    let metric = definition(&json!({
        "inputs": { "a": { "indicator": "IND", "over": ["facility"] } },
    }));
    let due = |code: &str, to: Option<&str>| ExpectedSeries {
        indicator: "IND".into(),
        body: "BODY".into(),
        frequency: Frequency::Weekly,
        dimensions: [("facility".to_owned(), code.to_owned())].into(),
        from: None,
        to: to.map(|to| period(to).end()),
    };
    let rows = vec![
        row("IND", &[("facility", "A")], "2026-W10", 5.0),
        row("IND", &[("facility", "A")], "2026-W11", 6.0),
    ];
    let set = ObservationSet::new(rows, vec![due("A", None), due("B", Some("2026-W10"))]);
    let weeks = [period("2026-W10"), period("2026-W11")];
    let found = evaluate_metric(&metric, &set, Some(&[Key::new()]), &weeks, Detail::Values);
    assert_eq!(found[0].reason, Some(Reason::InsufficientCoverage));
    assert_eq!(found[1].value, Some(6.0));
}

#[test]
fn keys_come_from_the_data_and_expected_series_and_not_from_populations() {
    let metric = definition(&json!({
        "by": ["territory"], "unit": "per_1000",
        "inputs": {
            "a": { "indicator": "IND", "by": ["territory"] },
            "p": { "indicator": "POP", "frequency": "A", "by": ["territory"] },
        },
        "expr": { "op": "per_capita", "a": { "op": "in", "name": "a" }, "population": "p", "scale": 1000 },
    }));
    let rows = vec![
        row("IND", &[("territory", "UA")], WEEK, 5.0),
        row("IND", &[("territory", "UA46000000000026241")], "2026-W09", 1.0),
        row(
            "POP",
            &[("territory", "UA05000000000010236")],
            "2025",
            1_500_000.0,
        ),
    ];
    let set = ObservationSet::new(rows, Vec::new());
    let keys = metric_keys(&metric, &set, &[period(WEEK)]);
    let codes: Vec<&str> = keys.iter().map(|key| key["territory"].as_str()).collect();
    assert_eq!(codes, ["UA", "UA46000000000026241"]);
}

#[test]
fn an_old_population_is_used_only_when_allowed_and_then_marked() {
    let metric = |months: u16| {
        definition(&json!({
            "unit": "per_1000",
            "inputs": { "a": { "indicator": "IND" }, "p": { "indicator": "POP", "frequency": "A" } },
            "expr": { "op": "per_capita", "a": { "op": "in", "name": "a" }, "population": "p", "scale": 1000,
                      "max_age_months": months },
        }))
    };
    let rows = [
        row("IND", &[], WEEK, 588_062.0),
        row("POP", &[], "2022", 3_096_485.0),
    ];
    assert_eq!(
        only(&metric(24), &rows, &[], WEEK).reason,
        Some(Reason::MissingInput)
    );
    let found = only(&metric(120), &rows, &[], WEEK);
    assert!((found.value.unwrap() - 189.912_756).abs() < 1e-5);
    assert!(found.flags.contains(Flag::AgedDenominator));
}
