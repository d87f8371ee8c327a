//! Reading an expression from JSON: each node at its own place, so that a mistake is found where it stands.

use crate::definition_fault::{DefinitionFault, structure_fault};
use crate::expression::{DEPTH_LIMIT, NODE_LIMIT, Node, Op};
use crate::operands::Weighted;
use serde_json::Value;

impl<E> Op<E> {
    /// The same operation over other operands; `None` when one of them cannot be had.
    fn convert<F>(self, of: &mut dyn FnMut(&str, E) -> Option<F>) -> Option<Op<F>> {
        let mut two = |a, b| Some((of("a", a)?, of("b", b)?));
        let op = match self {
            Self::In { name } => Op::In { name },
            Self::Const { value } => Op::Const { value },
            Self::Metric { code, version, take } => Op::Metric { code, version, take },
            Self::Add { a, b } => two(a, b).map(|(a, b)| Op::Add { a, b })?,
            Self::Sub { a, b } => two(a, b).map(|(a, b)| Op::Sub { a, b })?,
            Self::Mul { a, b } => two(a, b).map(|(a, b)| Op::Mul { a, b })?,
            Self::Min { a, b } => two(a, b).map(|(a, b)| Op::Min { a, b })?,
            Self::Max { a, b } => two(a, b).map(|(a, b)| Op::Max { a, b })?,
            Self::Div { a, b } => two(a, b).map(|(a, b)| Op::Div { a, b })?,
            Self::Neg { a } => of("a", a).map(|a| Op::Neg { a })?,
            Self::Ln1p { a } => of("a", a).map(|a| Op::Ln1p { a })?,
            Self::Clamp { a, lo, hi } => of("a", a).map(|a| Op::Clamp { a, lo, hi })?,
            Self::Share { a, over } => of("a", a).map(|a| Op::Share { a, over })?,
            Self::SumOver { a, over } => of("a", a).map(|a| Op::SumOver { a, over })?,
            Self::Lag { a, k } => of("a", a).map(|a| Op::Lag { a, k })?,
            Self::Diff { a, k } => of("a", a).map(|a| Op::Diff { a, k })?,
            Self::PctChange { a, k, min_base } => of("a", a).map(|a| Op::PctChange { a, k, min_base })?,
            Self::Yoy { a, min_base } => of("a", a).map(|a| Op::Yoy { a, min_base })?,
            Self::Resample { a, how } => of("a", a).map(|a| Op::Resample { a, how })?,
            #[rustfmt::skip]
            Self::Ratio { num, den, scale, min_base } => Op::Ratio {
                num: of("num", num)?, den: of("den", den)?, scale, min_base,
            },
            #[rustfmt::skip]
            Self::PerCapita { a, population, scale, max_age_months } => Op::PerCapita {
                a: of("a", a)?, population, scale, max_age_months,
            },
            #[rustfmt::skip]
            Self::Roll { function, a, n, min_obs, offset } => Op::Roll {
                function, a: of("a", a)?, n, min_obs, offset,
            },
            #[rustfmt::skip]
            Self::Latest { a, from, to, max_age_months } => Op::Latest {
                a: of("a", a)?, from, to, max_age_months,
            },
            Self::AtLeast { a, bound } => of("a", a).map(|a| Op::AtLeast { a, bound })?,
            Self::Below { a, bound } => of("a", a).map(|a| Op::Below { a, bound })?,
            #[rustfmt::skip]
            Self::RobustZ { a, window, min_obs, gap, transform } => Op::RobustZ {
                a: of("a", a)?, window, min_obs, gap, transform,
            },
            Self::Concentration { a, over } => of("a", a).map(|a| Op::Concentration { a, over })?,
            Self::Coalesce { args } => listed(args, of).map(|args| Op::Coalesce { args })?,
            Self::All { args } => listed(args, of).map(|args| Op::All { args })?,
            Self::Any { args } => listed(args, of).map(|args| Op::Any { args })?,
            #[rustfmt::skip]
            Self::Composite { components, combine, min_weight_coverage } => {
                let parts = components.into_iter().enumerate().map(|(at, part)| {
                    let Weighted { a, normalise, weight } = part;
                    Some(Weighted { a: of(&format!("components/{at}/a"), a)?, normalise, weight })
                });
                let components = parts.collect::<Option<_>>()?;
                Op::Composite { components, combine, min_weight_coverage }
            }
        };
        Some(op)
    }
}

fn listed<E, F>(args: Vec<E>, of: &mut dyn FnMut(&str, E) -> Option<F>) -> Option<Vec<F>> {
    let args = args.into_iter().enumerate();
    args.map(|(at, node)| of(&format!("args/{at}"), node)).collect()
}

/// Reads an expression node by node, so that a mistake is found at its own place.
pub(crate) fn parse(value: Value, pointer: &str, faults: &mut Vec<DefinitionFault>) -> Option<Node> {
    let mut count = 0;
    parse_node(value, pointer.to_owned(), 1, &mut count, faults)
}

fn parse_node(
    value: Value,
    pointer: String,
    depth: usize,
    count: &mut usize,
    faults: &mut Vec<DefinitionFault>,
) -> Option<Node> {
    *count += 1;
    if *count > NODE_LIMIT || depth > DEPTH_LIMIT {
        faults.push(DefinitionFault::new(
            &pointer,
            &format!("Вираз завеликий: не більше {NODE_LIMIT} вузлів і {DEPTH_LIMIT} рівнів."),
            &format!("The expression is too large: at most {NODE_LIMIT} nodes and {DEPTH_LIMIT} levels."),
        ));
        return None;
    }
    let id = u32::try_from(*count).unwrap_or(u32::MAX);
    let op: Op<Value> = serde_json::from_value(value)
        .map_err(|error| faults.push(structure_fault(&pointer, &error)))
        .ok()?;
    let op = op.convert(&mut |member, operand| {
        parse_node(operand, format!("{pointer}/{member}"), depth + 1, count, faults).map(Box::new)
    })?;
    Some(Node { id, pointer, op })
}
