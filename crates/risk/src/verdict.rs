//! What is said about a value: probability, score and level, or the reason why nothing can be said.
//!
//! Never calls a low figure of an incomplete period low, and never lets a rate over a handful of cases alarm.

use crate::cell::{Cell, Flag, Flags, Reason, union};
use crate::definition::{Definition, Direction, Kind};
use crate::detection::Evidence;
use crate::evaluate::{Evaluator, KeyRef};
use crate::expression::Op;
use crate::level::{Level, score_of_p, score_on};
use crate::signal::{Comparison, compare};
use crate::types::infer;
use leleka_domain::Period;
use std::rc::Rc;

/// A denominator below this makes a rate too shaky for an alarm.
const SMALL_DENOMINATOR: f64 = 50.0;

/// A value with what it was compared with and what is said about it.
pub(crate) struct Judged {
    pub(crate) cell: Rc<Cell>,
    pub(crate) comparison: Option<Comparison>,
    pub(crate) verdict: Verdict,
}

/// What is said about a value.
pub(crate) struct Verdict {
    pub(crate) p: Option<f64>,
    pub(crate) score: Option<f64>,
    pub(crate) level: Level,
    pub(crate) reason: Option<Reason>,
    pub(crate) flags: Flags,
}

/// Computes and judges the value of a definition for a key and a period.
pub(crate) fn judged(evaluator: &mut Evaluator<'_>, key: &KeyRef, period: Period) -> Judged {
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
    Judged {
        cell,
        comparison: comparison.and_then(Result::ok),
        verdict,
    }
}

/// The score as an operand of another metric: it rests on the past too, and an unknown level is no score.
pub(crate) fn score_cell(evaluator: &mut Evaluator<'_>, key: &KeyRef, period: Period) -> Cell {
    let Judged {
        cell,
        comparison,
        verdict,
    } = judged(evaluator, key, period);
    let past = comparison.map(|comparison| comparison.used).unwrap_or_default();
    let mut flags = cell.flags;
    flags.extend(verdict.flags);
    Cell {
        outcome: match (verdict.reason, verdict.score) {
            (None, Some(score)) => Ok(score),
            (reason, _) => Err(reason.unwrap_or(Reason::MissingInput)),
        },
        flags,
        used: union([&cell.used, &past].into_iter()),
        coverage: cell.coverage,
    }
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
    let (p, score) = on_the_side_of_risk(comparison.detection.evidence, definition.direction, incomplete);
    let mut verdict = Verdict {
        p,
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

/// Probability, if there is one, and score; a low figure of an incomplete period proves nothing.
fn on_the_side_of_risk(evidence: Evidence, direction: Direction, incomplete: bool) -> (Option<f64>, f64) {
    let choose = |up: f64, down: f64, nothing: f64, both: f64| match (direction, incomplete) {
        (Direction::Up, _) | (Direction::Both, true) => up,
        (Direction::Down, false) => down,
        (Direction::Down, true) => nothing,
        (Direction::Both, false) => both,
    };
    match evidence {
        Evidence::P { up, down } => {
            let p = choose(up, down, 1.0, (2.0 * up.min(down)).min(1.0));
            (Some(p), score_of_p(p))
        }
        Evidence::Score { up, down } => (None, choose(up, down, 0.0, up.max(down))),
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
    let of = infer(denominator, definition, &mut Vec::new());
    let value = evaluator.cell(denominator, key, Some(period)).value();
    of.unit.is_some_and(|unit| unit.is_count()) && value.is_some_and(|value| value < SMALL_DENOMINATOR)
}
