//! Which series feeds which results, told from its dimensions alone: what a recomputation must load, before it
//! has loaded anything.
//!
//! Never looks at values. The choice of series is the evaluator's own, so that the two cannot disagree.

use crate::access::{PopulationSupply, Reads};
use crate::definition::{Definition, Input};
use crate::expression::{Node, Op};
use crate::observations::{Key, part_of};
use leleka_domain::Period;
use std::collections::{BTreeMap, BTreeSet};

/// The codes by which an input reads a series; `None` when it never reads it.
#[must_use]
pub fn input_codes(input: &Input, body: &str, dimensions: &BTreeMap<String, String>) -> Option<Key> {
    let codes = part_of(input, body, dimensions)?.codes;
    Some(input.by.iter().cloned().zip(codes).collect())
}

impl Definition {
    /// The dimensions over which results of one key read the figures of other keys.
    #[must_use]
    pub fn summed(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for of in self.metrics.values() {
            found.extend(of.summed());
        }
        for node in nodes(&self.expression) {
            if let Op::Share { over, .. } | Op::SumOver { over, .. } | Op::Concentration { over, .. } =
                &node.op
            {
                found.extend(over.iter().map(String::as_str));
            }
        }
        found
    }

    /// The first period of an input that the value of a period reads; it never goes back as periods go on.
    #[must_use]
    pub fn read_from(&self, input: &str, period: Period) -> Option<Period> {
        let supply = PopulationSupply::Unknown;
        let reads = Reads::of(&self.expression, self, period, supply).inputs();
        reads.get(input)?.first().copied()
    }

    /// Inputs whose series make keys: populations and capacities alone make none.
    #[must_use]
    pub fn key_inputs(&self) -> BTreeSet<&str> {
        let read = self.read_inputs().into_iter();
        read.filter(|name| {
            let input = self.inputs.get(*name);
            input.is_some_and(|input| self.by.iter().all(|dimension| input.by.contains(dimension)))
        })
        .collect()
    }
}

fn nodes(root: &Node) -> Vec<&Node> {
    let (mut found, mut open) = (Vec::new(), vec![root]);
    while let Some(node) = open.pop() {
        found.push(node);
        open.extend(node.op.operands().into_iter().map(|operand| &**operand));
    }
    found
}
