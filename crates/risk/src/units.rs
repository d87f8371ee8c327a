//! Units of values, and what arithmetic does to them.
//!
//! A unit is written as in the catalogue of indicators (`persons`, `detections`, `days`, `UAH`) or, for what is
//! computed, `ratio`, `percent`, `per_N` and `index`. Never converts a number from one unit to another.

use std::fmt;
use std::str::FromStr;

/// The unit of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things counted one by one: persons, decisions, crossings. Values are whole and never below zero at the source.
    Count(String),
    /// A measured amount that is not a count: days, minutes, UAH, million_USD.
    Measure(String),
    /// A quotient.
    Ratio,
    /// A quotient times 100.
    Percent,
    /// A quotient times that number.
    Per(u64),
    /// A number without a unit of its own.
    Index,
}

/// Units of the catalogue that are amounts, so that the square-root scale of counts does not fit them.
const MEASURES: &[&str] = &["days", "minutes", "hours", "UAH", "million_USD", "USD", "EUR"];

impl Unit {
    /// The unit of a quotient of two counts times `scale`.
    #[must_use]
    pub fn scaled(scale: f64) -> Self {
        let whole = scale.fract().abs() < f64::EPSILON && (1.0..=1e12).contains(&scale);
        // The range above keeps the conversion exact.
        match if whole { scale as u64 } else { 0 } {
            0 => Self::Index,
            1 => Self::Ratio,
            100 => Self::Percent,
            per => Self::Per(per),
        }
    }

    /// The unit of a product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Ratio, unit) | (unit, Self::Ratio) => unit.clone(),
            _ => Self::Index,
        }
    }

    /// The unit of a quotient times `scale`: two counts, or equal units, make a quotient.
    #[must_use]
    pub fn over(&self, other: &Self, scale: f64) -> Self {
        match (self, other) {
            (Self::Count(_), Self::Count(_)) => Self::scaled(scale),
            (unit, other) if unit == other => Self::scaled(scale),
            (unit, Self::Ratio) if Self::scaled(scale) == Self::Ratio => unit.clone(),
            _ => Self::Index,
        }
    }

    /// Whether values are counts.
    #[must_use]
    pub fn is_count(&self) -> bool {
        matches!(self, Self::Count(_))
    }
}

impl FromStr for Unit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let word = !text.is_empty()
            && text.len() <= 32
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        Ok(match text {
            "ratio" => Self::Ratio,
            "percent" => Self::Percent,
            "index" => Self::Index,
            _ if MEASURES.contains(&text) => Self::Measure(text.to_owned()),
            _ if word => Self::Count(text.to_owned()),
            _ => {
                let per: u64 = text
                    .strip_prefix("per_")
                    .and_then(|digits| digits.parse().ok())
                    .ok_or(())?;
                match per {
                    0 | 1 | 100 => return Err(()),
                    per => Self::Per(per),
                }
            }
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(name) | Self::Measure(name) => f.write_str(name),
            Self::Ratio => f.write_str("ratio"),
            Self::Percent => f.write_str("percent"),
            Self::Per(per) => write!(f, "per_{per}"),
            Self::Index => f.write_str("index"),
        }
    }
}
