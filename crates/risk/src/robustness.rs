//! How far the score of a composite metric hangs on choices of its makers: its parts left out one by one, and drawn
//! again with other weights, scales and forms.
//!
//! Seeded by definition, key and period, so the same question has the same answer on every machine.

use crate::evaluate::{Evaluator, KeyRef};
use crate::expression::{Node, Op};
use crate::operands::Weighted;
use crate::sensitivity::{DRAWS, Drawn, DrawnOf, drawn_sensitivity};
use leleka_domain::Period;
use serde::Serialize;

/// What is told is rounded to a millionth of a millionth, so that it comes back from JSON as it was.
const GRAIN: f64 = 1e12;

fn told(number: f64) -> f64 {
    (number * GRAIN).round() / GRAIN
}

/// The score without one component.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    /// Where the component stands in the definition, RFC 6901.
    pub pointer: String,
    /// The score without it; absent when it had no value, or nothing else is there.
    pub score: Option<f64>,
}

/// How far a composite hangs on its weights, scales and form.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Robustness {
    /// The score that 5 % of the draws are below.
    pub p05: f64,
    /// The score that 5 % of the draws are above.
    pub p95: f64,
    /// Share of draws with the level of the composite itself, 0 to 1.
    pub same_level: f64,
    /// Whether that share is too small for the level to be relied on.
    pub fragile: bool,
    /// The score without each component, in the order of the definition.
    pub leave_one_out: Vec<LeftOut>,
}

impl<'a> Evaluator<'a> {
    /// How robust the value is; `None` unless the expression is a composite that has a value.
    pub(crate) fn robustness(&mut self, key: &KeyRef, period: Period) -> Option<Robustness> {
        let definition = self.definition;
        let Op::Composite {
            components,
            combine,
            min_weight_coverage,
        } = &definition.expression.op
        else {
            return None;
        };
        let (cell, found) = self.composite(components, key, period, (*combine, *min_weight_coverage));
        let own = cell.value()?;
        let parts = self.drawn(components, key, period);
        let seed = format!("{}\n{:?}\n{period}", definition.body_sha256, key.codes);
        let drawn = drawn_sensitivity(
            &parts,
            (*combine, own),
            &definition.cuts,
            (seed.as_bytes(), DRAWS),
        )?;
        let left_out = components.iter().zip(found.leave_one_out);
        let leave_one_out = left_out.map(|(part, score)| LeftOut {
            pointer: part.a.pointer.clone(),
            score: score.map(told),
        });
        Some(Robustness {
            p05: told(drawn.p05),
            p95: told(drawn.p95),
            same_level: told(drawn.same_level),
            fragile: drawn.fragile,
            leave_one_out: leave_one_out.collect(),
        })
    }

    fn drawn(&mut self, parts: &'a [Weighted<Box<Node>>], key: &KeyRef, period: Period) -> Vec<Drawn> {
        let parts = parts.iter().map(|part| Drawn {
            of: self.drawn_of(&part.a, key, period),
            normalisation: part.normalise.clone(),
            weight: part.weight,
        });
        parts.collect()
    }

    fn drawn_of(&mut self, node: &'a Node, key: &KeyRef, period: Period) -> DrawnOf {
        let value = self.cell(node, key, Some(period)).value();
        match &node.op {
            Op::Composite {
                components, combine, ..
            } if value.is_some() => DrawnOf::Composite(*combine, self.drawn(components, key, period)),
            _ => DrawnOf::Value(value),
        }
    }
}
