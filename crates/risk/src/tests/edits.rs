//! A long run of random edits over random definitions: what the incremental recomputation relies on.
//!
//! `LELEKA_FUZZ_SECONDS` makes the run as long as wanted; otherwise it is a few hundred edits.

use super::builders::period;
use super::properties::{definitions, observations, value, weeks};
use crate::{
    Definition, Detail, InputObservation, Key, MetricValue, ObservationSet, PopulationSupply, dirty_periods,
    evaluate_metric,
};
use leleka_domain::{ObsStatus, Period};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const EDITS: usize = 200;
/// Edits of one definition before the next one is drawn.
const OF_ONE: usize = 20;

/// What is said of the newest weeks.
fn said(definition: &Definition, rows: &[InputObservation]) -> Vec<MetricValue> {
    let set = ObservationSet::new(rows.to_vec(), Vec::new());
    evaluate_metric(definition, &set, None, &weeks()[50..], Detail::Values)
}

fn drawn<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("a value can be drawn").current()
}

fn text(found: &MetricValue) -> String {
    serde_json::to_string(found).expect("a result is JSON")
}

/// Asked for one key and period, the answer is what it was among all of them.
fn assert_alone(definition: &Definition, rows: &[InputObservation], found: &MetricValue) {
    let set = ObservationSet::new(rows.to_vec(), Vec::new());
    let key: &[Key] = std::slice::from_ref(&found.key);
    let alone = evaluate_metric(definition, &set, Some(key), &[found.period], Detail::Values);
    assert_eq!(alone.len(), 1);
    assert_eq!(text(&alone[0]), text(found), "alone it is another");
}

/// Periods that an edit of an observation makes dirty: values, and everything.
fn dirty(definition: &Definition, row: &InputObservation) -> (BTreeSet<Period>, BTreeSet<Period>) {
    let last = *weeks().last().expect("there are weeks");
    let (mut values, mut all) = (BTreeSet::new(), BTreeSet::new());
    let of = definition
        .inputs
        .iter()
        .filter(|(_, input)| input.indicator == row.series.indicator);
    for (name, _) in of {
        let at = (row.period, row.period);
        let found = dirty_periods(definition, name, at, last, PopulationSupply::Unknown);
        all.extend(found.values.iter().chain(&found.signals).copied());
        values.extend(found.values);
    }
    (values, all)
}

#[test]
fn what_an_edit_changes_was_dirty_and_one_answer_is_like_all() {
    let seconds = std::env::var("LELEKA_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut runner = TestRunner::deterministic();
    let (all_definitions, all_rows, values) = (definitions(), observations(), value());
    let places = 0..426_usize;
    let mut edits = 0;
    while until.map_or(edits < EDITS, |until| Instant::now() < until) {
        let definition = drawn(&all_definitions, &mut runner);
        let mut rows = drawn(&all_rows, &mut runner);
        let mut before = said(&definition, &rows);
        for _ in 0..OF_ONE {
            let place = drawn(&places, &mut runner);
            let to = drawn(&values, &mut runner);
            let row = &mut rows[place];
            row.value = to;
            row.status = if to.is_some() {
                ObsStatus::Normal
            } else {
                ObsStatus::Missing
            };
            row.id.position += 1;
            let (of_values, of_all) = dirty(&definition, &rows[place]);
            let after = said(&definition, &rows);
            assert_eq!(before.len(), after.len());
            for (old, new) in before.iter().zip(&after) {
                assert!(
                    text(old) == text(new) || of_all.contains(&new.period),
                    "{} was not dirty",
                    new.period
                );
                let differs = old.value != new.value || old.inputs != new.inputs;
                assert!(
                    !differs || of_values.contains(&new.period),
                    "the value of {} was not dirty",
                    new.period
                );
            }
            if let Some(found) = after.get(place % after.len().max(1)) {
                assert_alone(&definition, &rows, found);
            }
            before = after;
            edits += 1;
        }
    }
    println!("{edits} edits");
    assert!(edits > 0 && weeks().contains(&period("2026-W10")));
}
