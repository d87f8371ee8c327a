//! One scale of scores, 0 to 10, and one set of levels for every metric.
//!
//! `unknown` is a level of its own and never looks like `low`. The levels stand beside the impact levels of
//! Regulation (EU) 2019/1896, Article 34: low; guarded and elevated for medium; high; critical.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};
use std::str::FromStr;

/// How high a risk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing can be said; the reason says why.
    Unknown,
    /// Nothing unusual.
    Low,
    /// Worth a look.
    Guarded,
    /// Unusual.
    Elevated,
    /// Very unusual.
    High,
    /// Extreme.
    Critical,
}

impl Level {
    /// Every level, `unknown` first.
    pub const ALL: &'static [Self] = &[
        Self::Unknown,
        Self::Low,
        Self::Guarded,
        Self::Elevated,
        Self::High,
        Self::Critical,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Guarded => "guarded",
            Self::Elevated => "elevated",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl FromStr for Level {
    type Err = ();

    /// By its stable code.
    fn from_str(code: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.iter().copied();
        all.find(|level| level.code() == code).ok_or(())
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// The scores from which guarded, elevated, high and critical begin.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Cuts(pub [f64; 4]);

impl Default for Cuts {
    fn default() -> Self {
        Self([2.0, 4.0, 6.0, 8.0])
    }
}

impl Cuts {
    /// The level of a score; no score, no level.
    #[must_use]
    pub fn level(&self, score: Option<f64>) -> Level {
        let Some(score) = score else {
            return Level::Unknown;
        };
        match self.0.iter().filter(|cut| score >= **cut).count() {
            0 => Level::Low,
            1 => Level::Guarded,
            2 => Level::Elevated,
            3 => Level::High,
            _ => Level::Critical,
        }
    }
}

/// Top of the scale of scores.
pub(crate) const TOP_SCORE: f64 = 10.0;

/// The score of a probability: min(10, −2·log10 p).
#[must_use]
pub fn score_of_p(p: f64) -> f64 {
    (-2.0 * p.max(1e-300).log10()).clamp(0.0, TOP_SCORE)
}

/// Points of a piecewise-linear scale that are in force from a day.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DatedPoints {
    /// First day; absent: from the beginning.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// Value and score, by rising value.
    pub points: Vec<(f64, f64)>,
}

/// Value → score, chosen by the first day of the period: thresholds that a law changes keep their past.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "WrittenScale")]
pub struct Scale(pub Vec<DatedPoints>);

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenScale {
    Constant(Vec<(f64, f64)>),
    Dated(Vec<DatedPoints>),
}

impl From<WrittenScale> for Scale {
    fn from(written: WrittenScale) -> Self {
        match written {
            WrittenScale::Constant(points) => Self(vec![DatedPoints {
                valid_from: None,
                points,
            }]),
            WrittenScale::Dated(mut dated) => {
                dated.sort_by_key(|points| points.valid_from);
                Self(dated)
            }
        }
    }
}

impl Scale {
    /// The points in force on a day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<&[(f64, f64)]> {
        self.0
            .iter()
            .rfind(|dated| dated.valid_from.is_none_or(|from| from <= day))
            .map(|dated| dated.points.as_slice())
    }
}

/// The score of a value on a piecewise-linear scale, flat outside its points; `None` without points.
#[must_use]
pub fn score_on(points: &[(f64, f64)], value: f64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    if value <= first.0 {
        return Some(first.1);
    }
    let between = points.iter().zip(points.iter().skip(1));
    for ((low, low_score), (high, high_score)) in between {
        if value <= *high {
            return Some(low_score + (high_score - low_score) * (value - low) / (high - low));
        }
    }
    Some(last.1)
}
