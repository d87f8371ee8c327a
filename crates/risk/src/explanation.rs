//! How a value came about: the tree of its expression with the value at each node, down to observations.
//!
//! Inside a window or a sum each part is one leaf with its own value and observations, so that parts add up and
//! the tree stays readable. Never computes anything that the value itself did not.

use crate::access::operand_periods;
use crate::calendar::{ended_by, parts as calendar_parts};
use crate::cell::{Cell, Flags, Reason};
use crate::changes::ChangeExplanation;
use crate::evaluate::{Evaluator, KeyRef, extended};
use crate::expression::{Node, Op, Resampling, WindowFunction};
use crate::library::label;
use crate::observations::{Key, ObservationId};
use leleka_domain::Period;
use serde::Serialize;

/// One node of an explanation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplanationNode {
    /// The operation.
    pub op: &'static str,
    /// Where it stands in the definition, RFC 6901.
    pub pointer: String,
    /// The input that it reads, or the metric that it refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Its key.
    #[serde(skip_serializing_if = "Key::is_empty")]
    pub key: Key,
    /// Its period.
    pub period: Period,
    /// Its value.
    pub value: Option<f64>,
    /// Why it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What weakens it.
    #[serde(skip_serializing_if = "Flags::is_empty")]
    pub flags: Flags,
    /// Share of what was expected that is present.
    pub coverage: f64,
    /// What it adds to the node above, where that is a sum, a mean or a composite: contributions add up to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contribution: Option<f64>,
    /// What it was made of; empty at a leaf.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ExplanationNode>,
    /// Observations behind a leaf.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<ObservationId>,
}

/// What a value was compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparisonExplanation {
    /// The detector that was used.
    pub method: &'static str,
    /// Periods of the past that were used, with their values, oldest first.
    pub used: Vec<(Period, f64)>,
    /// Weights of those values, in the same order; empty when all count the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// Periods of the window without a value.
    pub without_value: Vec<Period>,
    /// Periods of the window that the definition leaves out.
    pub excluded: Vec<Period>,
}

/// Everything that explains one result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// Where the value comes from.
    pub value: ExplanationNode,
    /// What changed since the period before and since the year before, by input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeExplanation>,
    /// What it was compared with; signals only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<ComparisonExplanation>,
}

impl<'a> Evaluator<'a> {
    /// Ids of the observations behind a cell, sorted.
    pub(crate) fn ids(&self, used: &[u32]) -> Vec<ObservationId> {
        let rows = used.iter().filter_map(|place| self.set.row(*place));
        let mut ids: Vec<ObservationId> = rows.map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The explanation of a node.
    pub(crate) fn explain(&mut self, node: &'a Node, key: &KeyRef, period: Period) -> ExplanationNode {
        let cell = self.cell(node, key, Some(period));
        let mut parts = Vec::new();
        if let Op::Latest {
            a,
            from,
            max_age_months,
            ..
        } = &node.op
        {
            let (_, at) = self.latest(a, key, ended_by(period, *from, *max_age_months));
            parts.extend(at.map(|at| self.explain(a, key, at)));
        } else if let Op::Roll { .. } | Op::Resample { .. } | Op::RobustZ { .. } = &node.op {
            let operands = operand_periods(node, period).into_iter();
            parts.extend(operands.map(|(operand, at)| self.explain_leaf(operand, key, at)));
        } else if !matches!(&node.op, Op::SumOver { .. } | Op::Concentration { .. }) {
            let operands = operand_periods(node, period).into_iter();
            parts.extend(operands.map(|(operand, at)| self.explain(operand, key, at)));
        }
        if let Op::SumOver { a, over } | Op::Share { a, over } | Op::Concentration { a, over } = &node.op {
            parts.extend(self.explain_members(a, over, key, period));
        }
        if let Op::PerCapita {
            population,
            max_age_months,
            ..
        } = &node.op
        {
            let (people, at) = self.newest(population, key, period, *max_age_months);
            let pointer = format!("{}/population", node.pointer);
            let mut part = self.leaf("in", &pointer, key, at.unwrap_or(period), &people);
            part.input = Some(population.clone());
            parts.push(part);
        }
        if let Op::Composite {
            components,
            combine,
            min_weight_coverage,
        } = &node.op
        {
            let (_, found) = self.composite(components, key, period, (*combine, *min_weight_coverage));
            for (part, contribution) in parts.iter_mut().zip(found.contributions) {
                part.contribution = contribution;
            }
        }
        if let Op::Metric { code, version, .. } = &node.op {
            parts.extend(self.explain_referred(&label(code, *version), key, period));
        }
        if cell.value().is_some() {
            sum_contributions(&node.op, period, &mut parts);
        }
        let mut explained = self.leaf(node.op.name(), &node.pointer, key, period, &cell);
        explained.input = input_name(node);
        if !parts.is_empty() {
            explained.observations = Vec::new();
            explained.parts = parts;
        }
        explained
    }

    fn explain_members(
        &mut self,
        a: &'a Node,
        over: &[String],
        key: &KeyRef,
        period: Period,
    ) -> Vec<ExplanationNode> {
        let members = self.members(a, over, key, period).into_iter();
        members
            .map(|member| {
                let key = self.key(extended(key, over, member));
                self.explain_leaf(a, &key, period)
            })
            .collect()
    }

    /// The tree of a metric that is referred to; its pointers go on behind its code and version.
    fn explain_referred(&mut self, label: &str, key: &KeyRef, period: Period) -> Option<ExplanationNode> {
        let of = self.definition.metrics.get(label)?;
        let evaluator = self.referred.get_mut(label)?;
        let key = evaluator.key((*key.codes).clone());
        let mut tree = evaluator.explain(&of.expression, &key, period);
        let mut open = vec![&mut tree];
        while let Some(node) = open.pop() {
            node.pointer = format!("{label}#{}", node.pointer);
            open.extend(node.parts.iter_mut());
        }
        Some(tree)
    }

    fn explain_leaf(&mut self, node: &'a Node, key: &KeyRef, period: Period) -> ExplanationNode {
        let cell = self.cell(node, key, Some(period));
        let mut leaf = self.leaf(node.op.name(), &node.pointer, key, period, &cell);
        leaf.input = input_name(node);
        leaf
    }

    fn leaf(
        &self,
        op: &'static str,
        pointer: &str,
        key: &KeyRef,
        period: Period,
        cell: &Cell,
    ) -> ExplanationNode {
        ExplanationNode {
            op,
            pointer: pointer.to_owned(),
            input: None,
            key: (*key.codes).clone(),
            period,
            value: cell.value(),
            reason: cell.outcome.err(),
            flags: cell.flags,
            coverage: cell.coverage,
            contribution: None,
            parts: Vec::new(),
            observations: self.ids(&cell.used),
        }
    }
}

fn input_name(node: &Node) -> Option<String> {
    match &node.op {
        Op::In { name } => Some(name.clone()),
        Op::Metric { code, version, .. } => Some(label(code, *version)),
        _ => None,
    }
}

/// What each part adds to a sum or a mean of them.
fn sum_contributions(op: &Op<Box<Node>>, period: Period, parts: &mut [ExplanationNode]) {
    let present = parts.iter().filter(|part| part.value.is_some()).count().max(1) as f64;
    let shares = calendar_parts(period);
    for (at, part) in parts.iter_mut().enumerate() {
        let factor = match op {
            Op::Add { .. } | Op::SumOver { .. } => 1.0,
            Op::Sub { .. } if at == 0 => 1.0,
            Op::Sub { .. } | Op::Neg { .. } => -1.0,
            Op::Roll {
                function: WindowFunction::Sum,
                ..
            } => 1.0,
            Op::Roll {
                function: WindowFunction::Mean,
                ..
            } => 1.0 / present,
            Op::Resample {
                how: Some(Resampling::Mean),
                ..
            } => 1.0 / present,
            Op::Resample {
                how: None | Some(Resampling::Sum),
                ..
            } => shares.get(at).map_or(0.0, |(_, share)| *share),
            _ => return,
        };
        part.contribution = part.value.map(|value| factor * value);
    }
}
