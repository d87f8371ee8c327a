//! The detectors that a definition may name, with their settings.
//!
//! The first of the list whose data need is met judges a value. Never holds data.

use crate::detect::{EARS_GUARD, EARS_WINDOW, Transform};
use crate::farrington::FarringtonSettings;
use serde::{Deserialize, Serialize};

/// Weeks to the reference week five years back, and the one beside it.
const FIVE_YEARS: u16 = 262;

/// A detector of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Detector {
    /// Seasonal quasi-Poisson regression on up to five years of weeks; counts by the week only.
    Farrington(FarringtonSettings),
    /// Median and MAD of a window.
    RobustZ {
        /// Periods of the past.
        #[serde(default = "year_of_weeks")]
        window: u16,
        /// Least values in the window.
        #[serde(default = "quarter_of_weeks")]
        min_obs: u16,
        /// Periods left out just before now.
        #[serde(default)]
        gap: u16,
        /// The axis; absent: `anscombe` for counts, `none` for the rest.
        #[serde(default)]
        transform: Option<Transform>,
    },
    /// Mean and standard deviation of seven periods, with two left out just before now.
    EarsC2 {
        /// Least values in the window.
        #[serde(default = "five")]
        min_obs: u16,
        /// The axis; absent: `anscombe` for counts, `none` for the rest.
        #[serde(default)]
        transform: Option<Transform>,
    },
}

fn year_of_weeks() -> u16 {
    52
}

fn quarter_of_weeks() -> u16 {
    13
}

fn five() -> u16 {
    5
}

impl Detector {
    /// Its name in results.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Self::Farrington(_) => "farrington",
            Self::RobustZ { .. } => "robust_z",
            Self::EarsC2 { .. } => "ears_c2",
        }
    }

    /// How many periods before the one judged it reads.
    #[must_use]
    pub fn reach(&self) -> u16 {
        match self {
            Self::Farrington(settings) => FIVE_YEARS.saturating_add(settings.w),
            Self::RobustZ { window, gap, .. } => window.saturating_add(*gap),
            Self::EarsC2 { .. } => EARS_WINDOW + EARS_GUARD,
        }
    }

    /// The axis asked for.
    #[must_use]
    pub fn transform(&self) -> Option<Transform> {
        match self {
            Self::Farrington(_) => Some(Transform::Anscombe),
            Self::RobustZ { transform, .. } | Self::EarsC2 { transform, .. } => *transform,
        }
    }
}

/// The chain for weekly counts: five to three years of past, else one year, else nine weeks.
#[must_use]
pub fn weekly_counts_chain() -> [Detector; 3] {
    [
        Detector::Farrington(FarringtonSettings::default()),
        Detector::RobustZ {
            window: year_of_weeks(),
            min_obs: quarter_of_weeks(),
            gap: 0,
            transform: None,
        },
        Detector::EarsC2 {
            min_obs: five(),
            transform: None,
        },
    ]
}
