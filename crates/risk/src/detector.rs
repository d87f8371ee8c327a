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
    /// The one-step predictive distribution of the pool of forecasting methods, made from the past alone. Fits every
    /// method anew for each value: a tenth of a second, ten thousand times a CUSUM.
    Forecast {
        /// Periods of the past; three years of weeks unless told.
        #[serde(default = "three_years_of_weeks")]
        window: u16,
        /// Least values in the window, at least 24.
        #[serde(default = "twenty_four")]
        min_obs: u16,
    },
    /// Sums of what the last periods exceed their usual value by, from zero: small shifts that last. Has no p.
    Cusum {
        /// Periods of the past that say what is usual, before the run.
        #[serde(default = "year_of_weeks")]
        window: u16,
        /// Least values in the window.
        #[serde(default = "quarter_of_weeks")]
        min_obs: u16,
        /// Periods that are summed, the one judged included.
        #[serde(default = "eight")]
        run: u16,
        /// Spreads by which each period is discounted.
        #[serde(default = "half")]
        k: f64,
        /// The sum from which it is an alarm: score 4.
        #[serde(default = "four")]
        h: f64,
        /// The axis; absent: `anscombe` for counts, `none` for the rest.
        #[serde(default)]
        transform: Option<Transform>,
    },
}

/// Member, sentence in Ukrainian, sentence in English.
type Unsound = (&'static str, &'static str, &'static str);

fn three_years_of_weeks() -> u16 {
    156
}

fn twenty_four() -> u16 {
    24
}

fn eight() -> u16 {
    8
}

fn half() -> f64 {
    0.5
}

fn four() -> f64 {
    4.0
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
            Self::Forecast { .. } => "forecast",
            Self::Cusum { .. } => "cusum",
        }
    }

    /// How many periods before the one judged it reads.
    #[must_use]
    pub fn reach(&self) -> u16 {
        match self {
            Self::Farrington(settings) => FIVE_YEARS.saturating_add(settings.w),
            Self::RobustZ { window, gap, .. } => window.saturating_add(*gap),
            Self::EarsC2 { .. } => EARS_WINDOW + EARS_GUARD,
            Self::Forecast { window, .. } => *window,
            Self::Cusum { window, run, .. } => window.saturating_add(run.saturating_sub(1)),
        }
    }

    /// The axis asked for.
    #[must_use]
    pub fn transform(&self) -> Option<Transform> {
        match self {
            Self::Farrington(_) => Some(Transform::Anscombe),
            Self::RobustZ { transform, .. }
            | Self::EarsC2 { transform, .. }
            | Self::Cusum { transform, .. } => *transform,
            Self::Forecast { .. } => None,
        }
    }

    /// The first setting that cannot be used, and why.
    pub(crate) fn unsound(&self) -> Option<Unsound> {
        match self {
            Self::Forecast { window, min_obs } if !(24..=*window).contains(min_obs) => Some((
                "/min_obs",
                "Найменша кількість — від 24 до довжини вікна.",
                "The least number is from 24 to the length of the window.",
            )),
            Self::Cusum { window, min_obs, .. } if !(2..=*window).contains(min_obs) => Some((
                "/min_obs",
                "Найменша кількість — від 2 до довжини вікна.",
                "The least number is from 2 to the length of the window.",
            )),
            Self::Cusum { run, .. } if !(1..=104).contains(run) => {
                Some(("/run", "Від 1 до 104 періодів.", "From 1 to 104 periods."))
            }
            Self::Cusum { k, h, .. } if !(0.0..=5.0).contains(k) || !(0.5..=100.0).contains(h) => Some((
                "",
                "Налаштування поза межами: k 0…5, h 0,5…100.",
                "A setting is out of bounds: k 0 to 5, h 0.5 to 100.",
            )),
            _ => None,
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
