//! The expression language: operations over series, as a tree in JSON tagged by `op`.
//!
//! Total: every operation gives a value or a reason, none fails. The table of operations and their reasons is in
//! the design note of risk metrics; `min_base` (year-on-year, change, ratio: no value on a base below it) and
//! `max_age_months` (per_capita: how old the population may be, 24 unless told) are additions of this crate.

use crate::definition::{DefinitionFault, structure_fault};
use serde::Deserialize;
use serde_json::Value;

/// Most nodes that an expression may have.
pub const NODE_LIMIT: usize = 64;
/// Deepest nesting.
pub const DEPTH_LIMIT: usize = 16;
/// Longest window, lag or offset, in periods.
pub const WINDOW_LIMIT: u16 = 520;

/// What a window is reduced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowFunction {
    /// Arithmetic mean.
    Mean,
    /// Median; of an even count, the mean of the two in the middle.
    Median,
    /// Sum.
    Sum,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Standard deviation with n − 1.
    Sd,
}

/// What months are reduced to in a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// Sum, for flows.
    Sum,
    /// Mean.
    Mean,
    /// The last, for stocks.
    Last,
}

/// One operation over operands of type `E`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the members are the operands of the table in the design note"
)]
pub enum Op<E> {
    /// An input by its name.
    In { name: String },
    /// A number.
    Const { value: f64 },
    /// −a.
    Neg { a: E },
    /// a + b.
    Add { a: E, b: E },
    /// a − b.
    Sub { a: E, b: E },
    /// a · b.
    Mul { a: E, b: E },
    /// The smaller.
    Min { a: E, b: E },
    /// The larger.
    Max { a: E, b: E },
    /// a, moved into `lo`…`hi`.
    Clamp { a: E, lo: f64, hi: f64 },
    /// a / b.
    Div { a: E, b: E },
    /// num / den · scale.
    Ratio {
        num: E,
        den: E,
        #[serde(default = "one")]
        scale: f64,
        #[serde(default)]
        min_base: Option<f64>,
    },
    /// a / Σ a over the members of dimensions.
    Share { a: E, over: Vec<String> },
    /// a / newest population · scale.
    PerCapita {
        a: E,
        population: String,
        #[serde(default = "hundred_thousand")]
        scale: f64,
        #[serde(default = "two_years")]
        max_age_months: u16,
    },
    /// a, k periods before.
    Lag { a: E, k: u16 },
    /// a − a, k periods before.
    Diff {
        a: E,
        #[serde(default = "one_period")]
        k: u16,
    },
    /// a / (a, k periods before) − 1.
    PctChange {
        a: E,
        #[serde(default = "one_period")]
        k: u16,
        #[serde(default)]
        min_base: Option<f64>,
    },
    /// a / (a, same label a year before) − 1.
    Yoy {
        a: E,
        #[serde(default)]
        min_base: Option<f64>,
    },
    /// A window of the past, reduced.
    Roll {
        #[serde(rename = "fn")]
        function: WindowFunction,
        a: E,
        n: u16,
        #[serde(default)]
        min_obs: Option<u16>,
        #[serde(default)]
        offset: u16,
    },
    /// Σ a over the members of dimensions.
    SumOver { a: E, over: Vec<String> },
    /// The first that has a value.
    Coalesce { args: Vec<E> },
    /// ln(1 + a).
    Ln1p { a: E },
    /// Weeks to a month, months to a quarter.
    Resample {
        a: E,
        #[serde(default)]
        how: Option<Resampling>,
    },
}

fn one() -> f64 {
    1.0
}

fn hundred_thousand() -> f64 {
    100_000.0
}

fn two_years() -> u16 {
    24
}

fn one_period() -> u16 {
    1
}

/// A node of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its number; operands have larger numbers than the node that uses them.
    pub id: u32,
    /// Where it stands in the definition, RFC 6901.
    pub pointer: String,
    /// What it does.
    pub op: Op<Box<Node>>,
}

impl<E> Op<E> {
    /// The name of the operation, as in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::In { .. } => "in",
            Self::Const { .. } => "const",
            Self::Neg { .. } => "neg",
            Self::Add { .. } => "add",
            Self::Sub { .. } => "sub",
            Self::Mul { .. } => "mul",
            Self::Min { .. } => "min",
            Self::Max { .. } => "max",
            Self::Clamp { .. } => "clamp",
            Self::Div { .. } => "div",
            Self::Ratio { .. } => "ratio",
            Self::Share { .. } => "share",
            Self::PerCapita { .. } => "per_capita",
            Self::Lag { .. } => "lag",
            Self::Diff { .. } => "diff",
            Self::PctChange { .. } => "pct_change",
            Self::Yoy { .. } => "yoy",
            Self::Roll { .. } => "roll",
            Self::SumOver { .. } => "sum_over",
            Self::Coalesce { .. } => "coalesce",
            Self::Ln1p { .. } => "ln1p",
            Self::Resample { .. } => "resample",
        }
    }

    /// The operands.
    pub fn operands(&self) -> Vec<&E> {
        match self {
            Self::In { .. } | Self::Const { .. } => Vec::new(),
            Self::Neg { a }
            | Self::Clamp { a, .. }
            | Self::Share { a, .. }
            | Self::PerCapita { a, .. }
            | Self::Lag { a, .. }
            | Self::Diff { a, .. }
            | Self::PctChange { a, .. }
            | Self::Yoy { a, .. }
            | Self::Roll { a, .. }
            | Self::SumOver { a, .. }
            | Self::Ln1p { a }
            | Self::Resample { a, .. } => vec![a],
            Self::Add { a, b }
            | Self::Sub { a, b }
            | Self::Mul { a, b }
            | Self::Min { a, b }
            | Self::Max { a, b }
            | Self::Div { a, b } => vec![a, b],
            Self::Ratio { num, den, .. } => vec![num, den],
            Self::Coalesce { args } => args.iter().collect(),
        }
    }

    /// The same operation over other operands; `None` when one of them cannot be had.
    fn convert<F>(self, mut of: impl FnMut(&str, E) -> Option<F>) -> Option<Op<F>> {
        let mut two = |a, b| Some((of("a", a)?, of("b", b)?));
        let op = match self {
            Self::In { name } => Op::In { name },
            Self::Const { value } => Op::Const { value },
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
            Self::Coalesce { args } => {
                let args = args.into_iter().enumerate();
                let args = args.map(|(at, node)| of(&format!("args/{at}"), node));
                Op::Coalesce {
                    args: args.collect::<Option<_>>()?,
                }
            }
        };
        Some(op)
    }
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
    let op = op.convert(|member, operand| {
        parse_node(operand, format!("{pointer}/{member}"), depth + 1, count, faults).map(Box::new)
    })?;
    Some(Node { id, pointer, op })
}
