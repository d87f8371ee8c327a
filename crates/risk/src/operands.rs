//! What some operations take beside their operands: bounds that a law may change, and components with weights.

use crate::composite::Normalisation;
use chrono::NaiveDate;
use serde::Deserialize;

/// A bound that is in force from a day.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatedBound {
    /// First day; absent: from the beginning.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// The bound.
    pub value: f64,
}

/// A bound, chosen by the first day of the period; sorted by day.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "WrittenBound")]
pub struct Bound(pub Vec<DatedBound>);

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenBound {
    Constant(f64),
    Dated(Vec<DatedBound>),
}

impl From<WrittenBound> for Bound {
    fn from(written: WrittenBound) -> Self {
        match written {
            WrittenBound::Constant(value) => Self(vec![DatedBound {
                valid_from: None,
                value,
            }]),
            WrittenBound::Dated(mut dated) => {
                dated.sort_by_key(|bound| bound.valid_from);
                Self(dated)
            }
        }
    }
}

impl Bound {
    /// The bound in force on a day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<f64> {
        let in_force = |bound: &&DatedBound| bound.valid_from.is_none_or(|from| from <= day);
        self.0.iter().rfind(in_force).map(|bound| bound.value)
    }

    /// Whether there is one, and one only for each day.
    pub(crate) fn is_sound(&self) -> bool {
        let days = self.0.iter().zip(self.0.iter().skip(1));
        !self.0.is_empty()
            && self.0.iter().all(|bound| bound.value.is_finite())
            && days
                .into_iter()
                .all(|(before, after)| before.valid_from != after.valid_from)
    }
}

/// One component of a composite over operands of type `E`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighted<E> {
    /// What is measured.
    pub a: E,
    /// How it comes to the scale of 0 to 10.
    pub normalise: Normalisation,
    /// Its weight, above zero; 1 unless told.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}
