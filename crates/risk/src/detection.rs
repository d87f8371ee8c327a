//! One value against its own past: the first detector of a chain whose data need is met.
//!
//! Takes plain values, so that it serves stored series, benchmarks and nowcasts alike. Reads nothing after the
//! value judged. A missing value of the past is `None`; zero is a value.

use crate::cell::{Reason, exact_sum, finite};
use crate::detect::{EARS_GUARD, EARS_WINDOW, Transform, ears_bounds, ears_point, robust_z};
use crate::detector::Detector;
use crate::farrington::{FarringtonSettings, farrington};
use crate::level::score_of_p;
use leleka_domain::Period;

/// What a detector found.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The detector, with the years it used: `farrington(b=5)`.
    pub method: &'static str,
    /// Expected value, median or mean of the past, on the axis of the values.
    pub baseline: f64,
    /// The value from which downwards the lower probability is at most 1 %, or the alpha of the detector.
    pub lower: Option<f64>,
    /// The value from which the upper probability is at most 1 %, or the alpha of the detector.
    pub upper: Option<f64>,
    /// How unusual the value is.
    pub evidence: Evidence,
    /// Places in the past of the values that were used, with their weights.
    pub used: Vec<(usize, f64)>,
    /// Places in the past that the detector looks at, from the first to one behind the last.
    pub window: (usize, usize),
    /// Too few events lately for an alarm upwards: the upper probability is 1.
    pub low_counts: bool,
}

/// How unusual a value is against its past, upwards and downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Probabilities of a value this high, and this low, on quiet data.
    P {
        /// This high.
        up: f64,
        /// This low.
        down: f64,
    },
    /// Scores of 0 to 10, where a method has no probability; 4 is where it alarms.
    Score {
        /// Upwards.
        up: f64,
        /// Downwards.
        down: f64,
    },
}

impl Detection {
    /// Whether the value is unusual at this probability, upwards or, when `down`, downwards.
    #[must_use]
    pub fn alarm(&self, down: bool, at: f64) -> bool {
        match self.evidence {
            Evidence::P { up, down: low } => (if down { low } else { up }) <= at,
            Evidence::Score { up, down: low } => (if down { low } else { up }) >= score_of_p(at),
        }
    }
}

/// A series up to, but without, the value to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// Values of consecutive periods, oldest first, the last of them one period before.
    pub values: &'a [Option<f64>],
    /// The place from which the series existed; 0 when the values begin with it.
    pub begun: usize,
    /// The period judged.
    pub period: Period,
    /// Whether the values are counts.
    pub counts: bool,
}

/// Judges a value by the first detector whose need is met.
///
/// # Errors
/// `short_history` when none is; `zero_scale` or `domain` when there was enough of a past but nothing to be said
/// from it.
pub fn detect(past: &Past<'_>, now: f64, chain: &[Detector]) -> Result<Detection, Reason> {
    let mut reason = Reason::ShortHistory;
    for detector in chain {
        match judge(past, now, detector) {
            Ok(detection) => return Ok(detection),
            Err(found) if found != Reason::ShortHistory => reason = found,
            Err(_) => {}
        }
    }
    Err(reason)
}

fn judge(past: &Past<'_>, now: f64, detector: &Detector) -> Result<Detection, Reason> {
    let fallback = if past.counts {
        Transform::Anscombe
    } else {
        Transform::None
    };
    let transform = detector.transform().unwrap_or(fallback);
    match detector {
        Detector::Farrington(settings) => seasonal(past, now, settings),
        Detector::RobustZ {
            window, min_obs, gap, ..
        } => {
            let slots = slots(past, usize::from(*window), usize::from(*gap));
            let values: Vec<f64> = slots.used.iter().map(|used| used.2).collect();
            if transform.apply(now).is_none() || values.iter().any(|value| transform.apply(*value).is_none())
            {
                return Err(Reason::Domain);
            }
            let found = robust_z(&values, now, *min_obs, transform).ok_or(Reason::ShortHistory)?;
            let p = found.p.ok_or(Reason::ZeroScale)?;
            Ok(slots.detection(
                "robust_z",
                found.median,
                (found.lower, found.upper),
                Evidence::of(p),
            ))
        }
        Detector::EarsC2 { min_obs, .. } => {
            let slots = slots(past, usize::from(EARS_WINDOW), usize::from(EARS_GUARD));
            // A gap inside the window is tolerated, a window that begins before the series is not.
            if past.values.len() < usize::from(EARS_WINDOW + EARS_GUARD) || past.begun > slots.window.0 {
                return Err(Reason::ShortHistory);
            }
            let values: Vec<f64> = slots.used.iter().map(|used| used.2).collect();
            let moved: Option<Vec<f64>> = values.iter().map(|value| transform.apply(*value)).collect();
            let (Some(moved), Some(x)) = (moved, transform.apply(now)) else {
                return Err(Reason::Domain);
            };
            let point = ears_point(&moved, Some(x), transform.floor(), *min_obs);
            point.mean.ok_or(Reason::ShortHistory)?;
            let mean = finite(exact_sum(values.iter().copied()) / values.len().max(1) as f64)?;
            let p = point.p.ok_or(Reason::ZeroScale)?;
            Ok(slots.detection("ears_c2", mean, ears_bounds(&point, transform), Evidence::of(p)))
        }
        Detector::Forecast { window, min_obs } => {
            crate::detection_runs::forecast(past, now, usize::from(*window), usize::from(*min_obs))
        }
        Detector::Cusum {
            window,
            min_obs,
            run,
            k,
            h,
            ..
        } => {
            let reach = (usize::from(*window), usize::from(*run).saturating_sub(1));
            crate::detection_runs::shifts(past, now, reach, *min_obs, (*k, *h), transform)
        }
    }
}

impl Evidence {
    pub(crate) fn of((up, down): (f64, f64)) -> Self {
        Self::P { up, down }
    }
}

/// A window of the past: its places, and those with a value.
pub(crate) struct Slots {
    pub(crate) window: (usize, usize),
    /// Place, weight and value.
    pub(crate) used: Vec<(usize, f64, f64)>,
}

impl Slots {
    pub(crate) fn detection(
        self,
        method: &'static str,
        baseline: f64,
        (lower, upper): (Option<f64>, Option<f64>),
        evidence: Evidence,
    ) -> Detection {
        Detection {
            method,
            baseline,
            lower,
            upper,
            evidence,
            used: self.used.iter().map(|used| (used.0, used.1)).collect(),
            window: self.window,
            low_counts: false,
        }
    }
}

/// The `length` places that end `guard` places before the one judged.
pub(crate) fn slots(past: &Past<'_>, length: usize, guard: usize) -> Slots {
    let end = past.values.len().saturating_sub(guard);
    let from = end.saturating_sub(length);
    let values = past.values.iter().enumerate().take(end).skip(from);
    Slots {
        window: (from, end),
        used: values
            .filter_map(|(place, value)| Some((place, 1.0, (*value)?)))
            .collect(),
    }
}

fn seasonal(past: &Past<'_>, now: f64, settings: &FarringtonSettings) -> Result<Detection, Reason> {
    if !past.counts || past.period.frequency() != leleka_domain::Frequency::Weekly {
        return Err(Reason::ShortHistory);
    }
    let found = farrington(past.values, now, past.period.start(), settings).ok_or(Reason::ShortHistory)?;
    let first = found.weights.first().map_or(0, |used| used.0);
    let end = past
        .values
        .len()
        .saturating_sub(usize::from(settings.past_excluded));
    Ok(Detection {
        method: match found.years {
            5 => "farrington(b=5)",
            4 => "farrington(b=4)",
            _ => "farrington(b=3)",
        },
        baseline: finite(found.mean)?,
        lower: Some(found.lower),
        upper: Some(found.upper),
        evidence: Evidence::P {
            up: if found.low_counts { 1.0 } else { found.p.0 },
            down: found.p.1,
        },
        used: found.weights,
        window: (first, end.max(first)),
        low_counts: found.low_counts,
    })
}
