//! The expression language: operations over series, as a tree in JSON tagged by `op`.
//!
//! Total: every operation gives a value or a reason, none fails. The table of operations and their reasons is in
//! the design note of risk metrics. Additions of this crate: `min_base` (year-on-year, change, ratio: no value on a
//! base below it), `max_age_months` (how old a figure of another frequency may be), `latest`, the conditions
//! `at_least below all any` (1 or 0), `robust_z`, `concentration` (Σ of squared shares), `composite` and `metric`
//! (the score or the value of another metric).

use crate::composite::Combination;
use crate::detect::Transform;
use crate::operands::{Bound, Weighted};
use leleka_domain::Frequency;
use serde::Deserialize;

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

/// What is taken of another metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// Its score of 0 to 10; none where its level is unknown.
    #[default]
    Score,
    /// Its value.
    Value,
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
    /// The newest a of periods of frequency `from` that have ended, for each period of frequency `to`.
    Latest {
        a: E,
        from: Frequency,
        to: Frequency,
        #[serde(default = "two_years")]
        max_age_months: u16,
    },
    /// 1 when a is at least the bound, otherwise 0.
    AtLeast { a: E, bound: Bound },
    /// 1 when a is below the bound, otherwise 0.
    Below { a: E, bound: Bound },
    /// 1 when every condition holds; one that does not decides, even beside others without a value.
    All { args: Vec<E> },
    /// 1 when a condition holds; one that does decides, even beside others without a value.
    Any { args: Vec<E> },
    /// Distance of a from the median of its own past, in robust spreads.
    RobustZ {
        a: E,
        #[serde(default = "year_of_weeks")]
        window: u16,
        #[serde(default = "quarter_of_weeks")]
        min_obs: u16,
        #[serde(default)]
        gap: u16,
        #[serde(default = "untransformed")]
        transform: Transform,
    },
    /// Σ of the squared shares of the members of dimensions: 1 when one of them is all.
    Concentration { a: E, over: Vec<String> },
    /// Another metric, by its code and version: its score (an index), or its value.
    Metric {
        code: String,
        version: u32,
        #[serde(default)]
        take: Take,
    },
    /// Components on one scale of 0 to 10, put together with weights.
    Composite {
        components: Vec<Weighted<E>>,
        combine: Combination,
        #[serde(default = "most_of_the_weight")]
        min_weight_coverage: f64,
    },
}

fn year_of_weeks() -> u16 {
    52
}

fn quarter_of_weeks() -> u16 {
    13
}

fn untransformed() -> Transform {
    Transform::None
}

fn most_of_the_weight() -> f64 {
    crate::composite::MIN_WEIGHT_COVERAGE
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
            Self::Latest { .. } => "latest",
            Self::AtLeast { .. } => "at_least",
            Self::Below { .. } => "below",
            Self::All { .. } => "all",
            Self::Any { .. } => "any",
            Self::RobustZ { .. } => "robust_z",
            Self::Concentration { .. } => "concentration",
            Self::Metric { .. } => "metric",
            Self::Composite { .. } => "composite",
        }
    }

    /// The operands.
    pub fn operands(&self) -> Vec<&E> {
        match self {
            Self::In { .. } | Self::Const { .. } | Self::Metric { .. } => Vec::new(),
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
            | Self::Latest { a, .. }
            | Self::AtLeast { a, .. }
            | Self::Below { a, .. }
            | Self::RobustZ { a, .. }
            | Self::Concentration { a, .. }
            | Self::Resample { a, .. } => vec![a],
            Self::Add { a, b }
            | Self::Sub { a, b }
            | Self::Mul { a, b }
            | Self::Min { a, b }
            | Self::Max { a, b }
            | Self::Div { a, b } => vec![a, b],
            Self::Ratio { num, den, .. } => vec![num, den],
            Self::Coalesce { args } | Self::All { args } | Self::Any { args } => args.iter().collect(),
            Self::Composite { components, .. } => components.iter().map(|part| &part.a).collect(),
        }
    }
}
