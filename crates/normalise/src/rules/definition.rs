//! A rule as the catalogue writes it.
//!
//! Holds no behaviour. Unknown members are refused, so that a misspelt parameter is never silently ignored.

use chrono::NaiveDate;
use leleka_domain::Severity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// Version, `YEAR.MONTH.NUMBER`; it stands on every submission.
    pub version: String,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable identifier, `R-…`.
    pub id: String,
    /// How bad a finding of it is.
    pub severity: Severity,
    /// The day on which it came into the rules.
    pub since: NaiveDate,
    /// What it demands, in Ukrainian.
    pub text_uk: String,
    /// What it demands, in English.
    pub text_en: String,
    /// What it looks at.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Check {
    /// A total against the sum of its parts along one dimension.
    TotalsDetails(Totals),
    /// Indicators against each other, all other dimensions equal.
    CrossIndicator(Comparison),
    /// A figure against its own history.
    Jump(Jump),
    /// A cumulative figure against shorter and longer ranges from the same day.
    CumulativeMonotonic(Cumulative),
    /// Two bodies' reports of one thing.
    Mirror(Mirror),
}

impl Check {
    /// The word of the kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TotalsDetails(_) => "totals_details",
            Self::CrossIndicator(_) => "cross_indicator",
            Self::Jump(_) => "jump",
            Self::CumulativeMonotonic(_) => "cumulative_monotonic",
            Self::Mirror(_) => "mirror",
        }
    }

    /// Every indicator it concerns, sorted, each once.
    #[must_use]
    pub fn indicators(&self) -> Vec<&str> {
        let mut named: Vec<&str> = match self {
            Self::TotalsDetails(it) => it.indicators.iter().map(String::as_str).collect(),
            Self::Jump(it) => it.indicators.iter().map(String::as_str).collect(),
            Self::CumulativeMonotonic(it) => it.indicators.iter().map(String::as_str).collect(),
            Self::CrossIndicator(it) => {
                let terms = it.left.iter().chain(&it.right);
                terms.map(|term| term.indicator.as_str()).collect()
            }
            Self::Mirror(it) => {
                let pairs = it.indicators.iter();
                pairs
                    .flat_map(|(left, right)| [left.as_str(), right.as_str()])
                    .collect()
            }
        };
        named.sort_unstable();
        named.dedup();
        named
    }
}

/// A total against the sum of its parts, both inside one submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Which indicators.
    pub indicators: Vec<String>,
    /// Along which dimension.
    pub dimension: String,
    /// The code of the total.
    pub total: String,
    /// The codes of the parts. They must not overlap.
    pub parts: Parts,
    /// Codes that, when all are there, make the parts exhaust the total. Empty: the parts never need to exhaust it,
    /// and only a sum above the total is told.
    #[serde(default)]
    pub exhaustive_with: Vec<String>,
    /// To which step the source rounds; each figure may be off by half of it.
    #[serde(default)]
    pub rounding_step: f64,
}

/// Which codes are parts of a total.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parts {
    /// These.
    Codes(Vec<String>),
    /// Every code of the dimension's list at this depth.
    Level(i16),
    /// Every code of the list that has a code in this other scheme, such as countries in ISO's numeric one.
    Scheme(String),
}

/// How two sums must stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The left is not greater than the right.
    AtMost,
    /// They are equal.
    Equal,
}

/// A linear comparison of indicators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Terms of the left sum.
    pub left: Vec<Term>,
    /// How it must stand to the right one.
    pub relation: Relation,
    /// Terms of the right sum.
    pub right: Vec<Term>,
    /// To which step the sources round.
    #[serde(default)]
    pub rounding_step: f64,
}

/// One term of a sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Its indicator.
    pub indicator: String,
    /// Multiplied by this.
    #[serde(default = "one")]
    pub times: f64,
    /// So many periods earlier, as for a stock at the end of the period before.
    #[serde(default)]
    pub lag: i32,
}

fn one() -> f64 {
    1.0
}

/// A figure against its own history, on a logarithmic scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// Which indicators.
    pub indicators: Vec<String>,
    /// So many periods back.
    pub history: i32,
    /// With fewer earlier figures nothing is said.
    pub least_history: usize,
    /// Below this size, both now and usually, nothing is said.
    pub least_size: f64,
    /// More than so many deviations from the median is a jump…
    pub threshold: f64,
    /// …where a deviation is never taken smaller than this (logarithm).
    pub least_deviation: f64,
    /// …and only when it is at least so many times more, or less, than the median.
    pub least_factor: f64,
}

/// Cumulative figures of one indicator must not fall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cumulative {
    /// Which indicators.
    pub indicators: Vec<String>,
}

/// Two bodies' reports of one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// One side.
    pub left: MirrorSide,
    /// The other.
    pub right: MirrorSide,
    /// Pairs of indicators: the left side's, the right side's.
    pub indicators: Vec<(String, String)>,
    /// They may differ by this share of the greater one.
    pub share: f64,
    /// Below this size nothing is said.
    pub least: f64,
}

/// One side of a mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MirrorSide {
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Or the body of this kind that answers for the territory of the figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_kind: Option<String>,
    /// Dimensions that are fixed on this side and absent on the other.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, String>,
}
