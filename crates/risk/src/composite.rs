//! Composites: several measures on one scale of 0 to 10, put together with declared weights.
//!
//! Normalisation and aggregation follow the OECD/JRC handbook and INFORM; goalposts are frozen in the
//! definition, never found in the data, so that a new extreme does not change last year's index. A component
//! without a value is left out, and too few of them give no score.

use crate::cell::{Reason, finite};
use crate::detect::mean_and_sd;
use crate::level::score_on;
use serde::{Deserialize, Serialize};

/// Top of the scale.
pub const TOP: f64 = 10.0;
/// Least share of the weight that must be present, unless a definition says otherwise.
pub const MIN_WEIGHT_COVERAGE: f64 = 0.75;
/// Moves the scale 0…10 to 1…10, so that a zero does not kill a product.
pub(crate) const SLOPE: f64 = 0.9;

/// Which side of a measure is risk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// More is worse.
    #[default]
    Up,
    /// Less is worse.
    Down,
}

/// How a measure comes to the scale of 0 to 10, where 10 is the most risk.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Normalisation {
    /// Linear between fixed goalposts, cut at them.
    Minmax {
        /// The goalpost of no risk, or of most where less is worse.
        lo: f64,
        /// The other one.
        hi: f64,
        /// Which side is risk.
        #[serde(default)]
        side: Side,
    },
    /// Distance from a stored mean in stored standard deviations: 5 at the mean, 2 more for each.
    Zscore {
        /// Stored mean.
        mean: f64,
        /// Stored standard deviation, above zero.
        sd: f64,
        /// Which side is risk.
        #[serde(default)]
        side: Side,
    },
    /// A piecewise-linear scale, as levels have.
    Points {
        /// Value and score, by rising value.
        points: Vec<(f64, f64)>,
    },
    /// Already a score of 0 to 10.
    Score,
}

impl Normalisation {
    /// The score of a value; `None` for a value that is not finite or a scale that cannot be used.
    #[must_use]
    pub fn score(&self, value: f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let score = match self {
            Self::Minmax { lo, hi, side } => {
                let x = (value.clamp(lo.min(*hi), hi.max(*lo)) - lo) / (hi - lo) * TOP;
                match side {
                    Side::Up => x,
                    Side::Down => TOP - x,
                }
            }
            Self::Zscore { mean, sd, side } => {
                let direction = match side {
                    Side::Up => 1.0,
                    Side::Down => -1.0,
                };
                5.0 + 2.0 * direction * (value - mean) / sd
            }
            Self::Points { points } => score_on(points, value)?,
            Self::Score => value,
        };
        score.is_finite().then(|| score.clamp(0.0, TOP))
    }

    /// Whether it can be used at all: goalposts that differ, a spread above zero, rising points.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Minmax { lo, hi, .. } => lo.is_finite() && hi.is_finite() && lo < hi,
            Self::Zscore { mean, sd, .. } => mean.is_finite() && sd.is_finite() && *sd > 0.0,
            Self::Points { points } => {
                let rising = points.iter().zip(points.iter().skip(1));
                points.len() >= 2
                    && rising.into_iter().all(|(low, high)| low.0 < high.0)
                    && points.iter().all(|point| (0.0..=TOP).contains(&point.1))
            }
            Self::Score => true,
        }
    }

    /// The score with goalposts moved by shares of their distance; scales without goalposts stay.
    pub(crate) fn moved_score(&self, value: f64, low: f64, high: f64) -> Option<f64> {
        match self {
            Self::Minmax { lo, hi, side } => Self::Minmax {
                lo: lo + low * (hi - lo),
                hi: hi + high * (hi - lo),
                side: *side,
            }
            .score(value),
            Self::Zscore { mean, sd, side } => Self::Zscore {
                mean: mean + low * 4.0 * sd,
                sd: sd * (1.0 + high),
                side: *side,
            }
            .score(value),
            Self::Points { .. } | Self::Score => self.score(value),
        }
    }
}

/// How scores are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    /// Weighted mean: one may make up for another.
    Arithmetic,
    /// Weighted geometric mean: a low one pulls the whole down.
    Geometric,
    /// Geometric mean from the other end, as in INFORM: the worst dominates.
    GeometricInverse,
    /// Product: a zero anywhere gives zero, as threat, vulnerability and impact do in CIRAM.
    GeometricStrict,
}

impl Combination {
    /// One score of several with their weights; `None` without any weight.
    #[must_use]
    pub fn of(self, scored: &[(f64, f64)]) -> Option<f64> {
        let all: f64 = scored.iter().map(|(_, weight)| weight).sum();
        if all <= 0.0 || !all.is_finite() {
            return None;
        }
        let mean = |of: &dyn Fn(f64) -> f64| {
            let parts = scored.iter().filter(|(_, weight)| *weight > 0.0);
            parts.map(|(score, weight)| weight * of(*score)).sum::<f64>() / all
        };
        let score = match self {
            Self::Arithmetic => mean(&|x| x),
            Self::Geometric => (mean(&|x| (SLOPE * x + 1.0).ln()).exp() - 1.0) / SLOPE,
            Self::GeometricInverse => (TOP - mean(&|x| (SLOPE * (TOP - x) + 1.0).ln()).exp()) / SLOPE,
            Self::GeometricStrict => mean(&f64::ln).exp(),
        };
        score.is_finite().then(|| score.clamp(0.0, TOP))
    }

    /// What each score adds to the whole; only means of scores and of their logarithms have such parts.
    fn contributions(self, scored: &[(f64, f64)], whole: f64) -> Option<Vec<f64>> {
        let parts: Vec<f64> = match self {
            Self::Arithmetic => scored.iter().map(|(score, weight)| weight * score).collect(),
            Self::Geometric => {
                let logs = scored.iter();
                logs.map(|(score, weight)| weight * (SLOPE * score + 1.0).ln())
                    .collect()
            }
            Self::GeometricInverse | Self::GeometricStrict => return None,
        };
        let all: f64 = parts.iter().sum();
        let share = |part: &f64| if all > 0.0 { whole * part / all } else { 0.0 };
        Some(parts.iter().map(share).collect())
    }
}

/// One component of a composite.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its value, on its own axis.
    pub value: Option<f64>,
    /// How it comes to the scale.
    pub normalisation: Normalisation,
    /// Its weight, not below zero.
    pub weight: f64,
}

/// A composite of components, with what carries it.
#[derive(Clone, Debug, PartialEq)]
pub struct Composite {
    /// Scores of the components.
    pub normalised: Vec<Option<f64>>,
    /// Share of the weight that is present, 0 to 1.
    pub weight_coverage: f64,
    /// The score, or why there is none.
    pub score: Result<f64, Reason>,
    /// What each component adds to the score; they add up to it. Absent for the products.
    pub contributions: Vec<Option<f64>>,
    /// The score without each component.
    pub leave_one_out: Vec<Option<f64>>,
}

/// Puts components together.
#[must_use]
pub fn composite(components: &[Component], how: Combination, min_weight_coverage: f64) -> Composite {
    let score_of = |component: &Component| component.normalisation.score(component.value?);
    let normalised: Vec<Option<f64>> = components.iter().map(score_of).collect();
    let scored = |without: Option<usize>| -> Vec<(f64, f64)> {
        let found = normalised.iter().zip(components).enumerate();
        let found = found.filter(|(at, _)| Some(*at) != without);
        let found = found.filter_map(|(_, (score, of))| Some(((*score)?, of.weight)));
        found.collect()
    };
    let present = scored(None);
    let all: f64 = components.iter().map(|component| component.weight).sum();
    let have: f64 = present.iter().map(|(_, weight)| weight).sum();
    let weight_coverage = if all > 0.0 { have / all } else { 0.0 };
    let nothing = vec![None; components.len()];
    let score = if present.is_empty() {
        Err(Reason::MissingInput)
    } else if weight_coverage < min_weight_coverage - 1e-12 {
        Err(Reason::InsufficientCoverage)
    } else {
        how.of(&present).ok_or(Reason::Domain).and_then(finite)
    };
    let Ok(whole) = score else {
        return Composite {
            normalised,
            weight_coverage,
            score: score.map_err(|reason| match reason {
                Reason::MissingInput => Reason::InsufficientCoverage,
                other => other,
            }),
            contributions: nothing.clone(),
            leave_one_out: nothing,
        };
    };
    let mut parts = how.contributions(&present, whole).map(Vec::into_iter);
    let contributions = normalised.iter().map(|score| {
        score.as_ref()?;
        parts.as_mut()?.next()
    });
    let contributions = contributions.collect();
    let without = |(at, score): (usize, &Option<f64>)| {
        score.as_ref()?;
        how.of(&scored(Some(at)))
    };
    let leave_one_out = normalised.iter().enumerate().map(without).collect();
    Composite {
        normalised,
        weight_coverage,
        score,
        contributions,
        leave_one_out,
    }
}

/// The four components of the Common Integrated Risk Analysis Model, as scores of 0 to 10.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CiramScores {
    /// How much.
    pub magnitude: Option<f64>,
    /// How likely.
    pub likelihood: Option<f64>,
    /// How little can be done against it.
    pub vulnerability: Option<f64>,
    /// What it does.
    pub impact: Option<f64>,
}

/// Risk as threat, vulnerability and impact together, none making up for another: no threat, no risk.
///
/// Threat is magnitude and likelihood in the same way; where one of them is not measured, the other stands for it.
///
/// # Errors
/// `insufficient_coverage` when threat, vulnerability or impact is not known.
pub fn ciram_risk(scores: &CiramScores) -> Result<f64, Reason> {
    let strict = |parts: &[Option<f64>]| {
        let parts = parts.iter().flatten().map(|score| (score.clamp(0.0, TOP), 1.0));
        Combination::GeometricStrict.of(&parts.collect::<Vec<_>>())
    };
    let threat = strict(&[scores.magnitude, scores.likelihood]);
    let parts = [threat, scores.vulnerability, scores.impact];
    if parts.iter().any(Option::is_none) {
        return Err(Reason::InsufficientCoverage);
    }
    strict(&parts).ok_or(Reason::Domain)
}

/// Values of several units on 0 to 10 between the least and the largest of them: for exploring, never for a
/// published index. Equal values have no scale.
#[must_use]
pub fn minmax_among(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let present = values.iter().flatten().copied();
    let low = present.clone().fold(f64::INFINITY, f64::min);
    let high = present.fold(f64::NEG_INFINITY, f64::max);
    let scaled = |value: &Option<f64>| {
        let scaled = (value.as_ref()? - low) / (high - low) * TOP;
        scaled.is_finite().then_some(scaled)
    };
    values.iter().map(scaled).collect()
}

/// Distances of several units from their mean in their standard deviation with n − 1.
#[must_use]
pub fn zscores_among(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    let spread = mean_and_sd(&present);
    let scaled = |value: &Option<f64>| {
        let (mean, sd) = spread?;
        let scaled = (value.as_ref()? - mean) / sd;
        scaled.is_finite().then_some(scaled)
    };
    values.iter().map(scaled).collect()
}
