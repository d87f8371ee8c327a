//! A definition over observations: one result for each key and period, with level, reason and explanation.
//!
//! Same definition, same observations in any order: the same bytes. Never fails, never returns a number that is
//! not finite, and never calls a low figure of an incomplete period low.

use crate::canonical::sha256_hex;
use crate::cell::{Flag, Flags, Reason};
use crate::definition::Definition;
use crate::evaluate::{Evaluator, KeyRef};
use crate::explanation::Explanation;
use crate::interval::{Interval, of_draws};
use crate::level::Level;
use crate::observations::{Key, ObservationId, ObservationSet};
use crate::robustness::Robustness;
use crate::verdict::{Judged, judged};
use leleka_domain::{ObsStatus, Period};
use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// One result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricValue {
    /// Code by dimension of the definition's `by`.
    pub key: Key,
    /// Period.
    pub period: Period,
    /// The value, unrounded.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Where the value may lie by chance alone; absent where no method fits how it was made.
    pub interval: Option<Interval>,
    /// What was usual; signals only.
    pub baseline: Option<f64>,
    /// The value below which it would be unusually low at 1 %; signals only.
    pub baseline_lower: Option<f64>,
    /// The value from which it would be unusual at 1 %; signals only.
    pub baseline_upper: Option<f64>,
    /// The detector; signals only.
    pub method: Option<&'static str>,
    /// Probability of a value this unusual on quiet data, on the side of risk; signals only.
    pub p: Option<f64>,
    /// 0 to 10.
    pub score: Option<f64>,
    /// The level.
    pub level: Level,
    /// Why there is no value, or no level.
    pub reason: Option<Reason>,
    /// What weakens the value or restricts who may see it.
    pub flags: Flags,
    /// Observations behind the value.
    pub n_inputs: usize,
    /// Share of what was expected that is present, 0 to 1.
    pub coverage: f64,
    /// Share of the observations behind the value that are provisional, 0 to 1.
    pub provisional_share: f64,
    /// How far a composite hangs on its weights, scales and form; composites only.
    pub sensitivity: Option<Robustness>,
    /// Past values compared with.
    pub n_baseline: usize,
    /// Observations behind the value, sorted.
    pub inputs: Vec<ObservationId>,
    /// Observations behind the past it was compared with, sorted.
    pub baseline_inputs: Vec<ObservationId>,
    /// SHA-256 of the sorted ids of both, one a line.
    pub input_digest: String,
    /// How it came about, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// How much is told about each result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Values, levels and the observations behind them.
    Values,
    /// Also the tree of the expression with the value at each node; a hundred nodes where a year is summed.
    Explained,
}

/// Keys that the observations of a definition's inputs have, sorted; totals are keys of their own.
///
/// Populations and capacities alone make no key.
#[must_use]
pub fn metric_keys(definition: &Definition, observations: &ObservationSet, periods: &[Period]) -> Vec<Key> {
    let mut evaluator = Evaluator::new(definition, observations);
    found_keys(&mut evaluator, periods)
}

/// Computes a metric for these keys, or for every key that is found, and these periods.
///
/// Results come by key, then by period, without repetitions; periods of another frequency than the definition's
/// are left out. Observations must hold what [`crate::input_needs`] asks for.
#[must_use]
pub fn evaluate_metric(
    definition: &Definition,
    observations: &ObservationSet,
    keys: Option<&[Key]>,
    periods: &[Period],
    detail: Detail,
) -> Vec<MetricValue> {
    let mut evaluator = Evaluator::new(definition, observations);
    let keys: BTreeSet<Key> = match keys {
        Some(keys) => keys.iter().cloned().collect(),
        None => found_keys(&mut evaluator, periods).into_iter().collect(),
    };
    let fitting = periods.iter().copied();
    let periods: BTreeSet<Period> = fitting
        .filter(|period| period.frequency() == definition.frequency)
        .collect();
    let mut results = Vec::with_capacity(keys.len().saturating_mul(periods.len()));
    for key in keys {
        let key = evaluator.key(key);
        let of_key = periods
            .iter()
            .map(|period| result(&mut evaluator, &key, *period, detail));
        results.extend(of_key);
    }
    results
}

/// The same for chosen cells, told one by one in their order, so that a long work can be left and need not be held;
/// `visit` breaks off by breaking.
pub fn evaluate_each<B>(
    definition: &Definition,
    observations: &ObservationSet,
    cells: &[(Key, Vec<Period>)],
    detail: Detail,
    mut visit: impl FnMut(MetricValue) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut evaluator = Evaluator::new(definition, observations);
    for (key, periods) in cells {
        let key = evaluator.key(key.clone());
        for period in periods {
            if period.frequency() == definition.frequency {
                visit(result(&mut evaluator, &key, *period, detail))?;
            }
        }
    }
    ControlFlow::Continue(())
}

fn found_keys(evaluator: &mut Evaluator<'_>, periods: &[Period]) -> Vec<Key> {
    let definition = evaluator.definition;
    let read = definition.read_inputs();
    let mut keys = BTreeSet::new();
    let inputs = definition
        .inputs
        .iter()
        .filter(|(name, _)| read.contains(name.as_str()));
    for (name, input) in inputs {
        if !definition.by.iter().all(|dimension| input.by.contains(dimension)) {
            continue;
        }
        let mut at: BTreeSet<Period> = evaluator.set.periods(&input.indicator).collect();
        at.extend(periods);
        for period in at
            .into_iter()
            .filter(|period| period.frequency() == input.frequency)
        {
            for codes in evaluator.slots(name, period).keys() {
                let named = input.by.iter().cloned().zip(codes.iter().cloned());
                keys.insert(
                    named
                        .filter(|(dimension, _)| definition.by.contains(dimension))
                        .collect(),
                );
            }
        }
    }
    keys.into_iter().collect()
}

fn result(evaluator: &mut Evaluator<'_>, key: &KeyRef, period: Period, detail: Detail) -> MetricValue {
    let definition = evaluator.definition;
    let Judged {
        cell,
        comparison,
        verdict,
    } = judged(evaluator, key, period);
    let sensitivity = evaluator.robustness(key, period);
    let interval = match &sensitivity {
        Some(robustness) => of_draws(cell.value(), robustness),
        None => evaluator.interval(&definition.expression, key, period),
    };
    let mut flags = cell.flags;
    flags.extend(verdict.flags);
    if sensitivity.as_ref().is_some_and(|robustness| robustness.fragile) {
        flags.insert(Flag::Fragile);
    }
    let explanation = (detail == Detail::Explained).then(|| Explanation {
        value: evaluator.explain(&definition.expression, key, period),
        changes: evaluator.changes(key, period),
        comparison: comparison.as_ref().map(|found| found.explanation.clone()),
    });
    let inputs = evaluator.ids(&cell.used);
    let found = comparison.as_ref();
    let baseline_inputs = found.map(|found| evaluator.ids(&found.used)).unwrap_or_default();
    let found = found.map(|found| &found.detection);
    MetricValue {
        key: (*key.codes).clone(),
        period,
        value: cell.value(),
        unit: definition.unit.to_string(),
        interval,
        baseline: found.map(|found| found.baseline),
        baseline_lower: found.and_then(|found| found.lower),
        baseline_upper: found.and_then(|found| found.upper),
        method: found.map(|found| found.method),
        p: verdict.p,
        score: verdict.score,
        level: verdict.level,
        reason: verdict.reason,
        flags,
        n_inputs: inputs.len(),
        coverage: cell.coverage,
        provisional_share: provisional_share(evaluator.set, &cell.used),
        sensitivity,
        n_baseline: found.map_or(0, |found| found.used.len()),
        input_digest: digest(&inputs, &baseline_inputs),
        inputs,
        baseline_inputs,
        explanation,
    }
}

/// How many of these observations are provisional, by their status or one of their flags.
fn provisional_share(set: &ObservationSet, used: &[u32]) -> f64 {
    let rows = used.iter().filter_map(|place| set.row(*place));
    let provisional = rows.filter(|row| {
        row.status == ObsStatus::Provisional || row.flags.iter().any(|flag| flag == ObsStatus::Provisional)
    });
    provisional.count() as f64 / used.len().max(1) as f64
}

fn digest(inputs: &[ObservationId], baseline_inputs: &[ObservationId]) -> String {
    let all: BTreeSet<&ObservationId> = inputs.iter().chain(baseline_inputs).collect();
    let lines: String = all.into_iter().map(|id| format!("{id}\n")).collect();
    sha256_hex(lines.as_bytes())
}
