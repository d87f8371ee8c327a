//! A definition over observations: one result for each key and period, with level, reason and explanation.
//!
//! Same definition, same observations in any order: the same bytes. Never fails, never returns a number that is
//! not finite, and never calls a low figure of an incomplete period low.

use crate::canonical::sha256_hex;
use crate::cell::{Cell, Flag, Flags, Reason};
use crate::definition::{Definition, Direction, Kind};
use crate::evaluate::{Evaluator, KeyRef};
use crate::explanation::{Explanation, ExplanationNode};
use crate::expression::Op;
use crate::level::{Level, score_of_p, score_on};
use crate::observations::{Key, ObservationId, ObservationSet};
use crate::signal::{Comparison, compare};
use crate::types::infer;
use leleka_domain::Period;
use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// A denominator below this makes a rate too shaky for an alarm.
const SMALL_DENOMINATOR: f64 = 50.0;

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
    /// What was usual; signals only.
    pub baseline: Option<f64>,
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
    let mut read = BTreeSet::new();
    let mut open = vec![&definition.expression];
    while let Some(node) = open.pop() {
        if let Op::In { name } = &node.op {
            read.insert(name.as_str());
        }
        open.extend(node.op.operands().into_iter().map(|operand| &**operand));
    }
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
    let cell = evaluator.cell(&definition.expression, key, Some(period));
    let comparison = match (definition.kind, cell.outcome) {
        (Kind::Signal, Ok(now)) => Some(compare(evaluator, key, period, now)),
        (Kind::Signal | Kind::Level | Kind::Composite, _) => None,
    };
    let incomplete = cell.flags.contains(Flag::Provisional) || cell.coverage < 1.0;
    let verdict = match (&comparison, cell.outcome) {
        (_, Err(reason)) => Verdict::unknown(reason),
        (Some(Err(reason)), Ok(_)) => Verdict::unknown(*reason),
        (Some(Ok(comparison)), Ok(_)) => {
            let small = has_small_denominator(evaluator, key, period);
            signal_verdict(definition, comparison, incomplete, small)
        }
        (None, Ok(value)) => level_verdict(definition, period, value, incomplete),
    };
    let explained =
        (detail == Detail::Explained).then(|| evaluator.explain(&definition.expression, key, period));
    let comparison = comparison.and_then(Result::ok);
    assemble(evaluator, (key, period), &cell, comparison, verdict, explained)
}

fn assemble(
    evaluator: &Evaluator<'_>,
    (key, period): (&KeyRef, Period),
    cell: &Cell,
    comparison: Option<Comparison>,
    verdict: Verdict,
    explained: Option<ExplanationNode>,
) -> MetricValue {
    let inputs = evaluator.ids(&cell.used);
    let past = comparison
        .as_ref()
        .map(|comparison| evaluator.ids(&comparison.used));
    let baseline_inputs = past.unwrap_or_default();
    let mut flags = cell.flags;
    flags.extend(verdict.flags);
    MetricValue {
        key: (*key.codes).clone(),
        period,
        value: cell.value(),
        unit: evaluator.definition.unit.to_string(),
        baseline: comparison.as_ref().map(|found| found.detection.baseline),
        baseline_upper: comparison.as_ref().and_then(|found| found.detection.upper),
        method: comparison.as_ref().map(|found| found.detection.method),
        p: verdict.p,
        score: verdict.score,
        level: verdict.level,
        reason: verdict.reason,
        flags,
        n_inputs: inputs.len(),
        coverage: cell.coverage,
        n_baseline: comparison.as_ref().map_or(0, |found| found.detection.used.len()),
        input_digest: digest(&inputs, &baseline_inputs),
        inputs,
        baseline_inputs,
        explanation: explained.map(|value| Explanation {
            value,
            comparison: comparison.map(|found| found.explanation),
        }),
    }
}

fn digest(inputs: &[ObservationId], baseline_inputs: &[ObservationId]) -> String {
    let all: BTreeSet<&ObservationId> = inputs.iter().chain(baseline_inputs).collect();
    let lines: String = all.into_iter().map(|id| format!("{id}\n")).collect();
    sha256_hex(lines.as_bytes())
}

/// What is said about a value.
struct Verdict {
    p: Option<f64>,
    score: Option<f64>,
    level: Level,
    reason: Option<Reason>,
    flags: Flags,
}

impl Verdict {
    fn unknown(reason: Reason) -> Self {
        Self {
            p: None,
            score: None,
            level: Level::Unknown,
            reason: Some(reason),
            flags: Flags::default(),
        }
    }

    /// Counts of an incomplete period only grow: an alarm stands, a low level becomes unknown.
    fn of_incomplete(mut self) -> Self {
        self.flags.insert(Flag::Incomplete);
        if self.level == Level::Low {
            self.level = Level::Unknown;
            self.reason = Some(Reason::IncompletePeriod);
        }
        self
    }
}

fn signal_verdict(
    definition: &Definition,
    comparison: &Comparison,
    incomplete: bool,
    small: bool,
) -> Verdict {
    let (up, down) = (comparison.detection.p_up, comparison.detection.p_down);
    let p = match (definition.direction, incomplete) {
        (Direction::Up, _) | (Direction::Both, true) => up,
        (Direction::Down, false) => down,
        // A low figure of an incomplete period proves nothing.
        (Direction::Down, true) => 1.0,
        (Direction::Both, false) => (2.0 * up.min(down)).min(1.0),
    };
    let score = score_of_p(p);
    let mut verdict = Verdict {
        p: Some(p),
        score: Some(score),
        level: definition.cuts.level(Some(score)),
        reason: None,
        flags: Flags::default(),
    };
    if comparison.detection.low_counts {
        verdict.flags.insert(Flag::LowCounts);
    }
    if small {
        verdict.flags.insert(Flag::SmallBase);
        verdict.level = verdict.level.min(Level::Guarded);
    }
    if incomplete {
        verdict.of_incomplete()
    } else {
        verdict
    }
}

fn level_verdict(definition: &Definition, period: Period, value: f64, incomplete: bool) -> Verdict {
    let score = match definition.kind {
        Kind::Composite => Some(value),
        Kind::Level | Kind::Signal => definition
            .scale
            .on(period.start())
            .and_then(|points| score_on(points, value)),
    };
    let Some(score) = score else {
        return Verdict::unknown(Reason::NoThreshold);
    };
    let verdict = Verdict {
        p: None,
        score: Some(score),
        level: definition.cuts.level(Some(score)),
        reason: None,
        flags: Flags::default(),
    };
    match (incomplete, definition.direction) {
        (false, _) => verdict,
        (true, Direction::Up | Direction::Both) => verdict.of_incomplete(),
        (true, Direction::Down) => {
            let mut unknown = Verdict::unknown(Reason::IncompletePeriod);
            unknown.flags.insert(Flag::Incomplete);
            unknown
        }
    }
}

/// Whether the value is a rate over fewer than fifty.
fn has_small_denominator(evaluator: &mut Evaluator<'_>, key: &KeyRef, period: Period) -> bool {
    let definition = evaluator.definition;
    let (Op::Ratio { den: denominator, .. } | Op::Div { b: denominator, .. }) = &definition.expression.op
    else {
        return false;
    };
    let of = infer(denominator, &definition.inputs, &mut Vec::new());
    let value = evaluator.cell(denominator, key, Some(period)).value();
    of.unit.is_some_and(|unit| unit.is_count()) && value.is_some_and(|value| value < SMALL_DENOMINATOR)
}
