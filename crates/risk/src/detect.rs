//! Detectors: is the value of now unusual against its own past?
//!
//! Each gives a p-value that means what it says on quiet data. Robust z: median and MAD with a Student tail
//! whose degrees of freedom follow from the efficiency of the MAD. EARS: Hutwagner 2003, with the predictive
//! Student tail in place of the fixed three standard deviations. Never reads anything after the period judged.

use crate::cell::exact_sum;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// 1 / Φ⁻¹(¾): makes the MAD an estimate of the standard deviation.
pub(crate) const MAD_SCALE: f64 = 1.482_602_218_505_602;
/// Efficiency of the MAD against the standard deviation.
const MAD_EFFICIENCY: f64 = 0.3675;
/// The p at which `baseline_lower` and `baseline_upper` are drawn.
const BOUND_P: f64 = 0.01;

/// The axis on which a detector works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// 2·√(y + ⅜): a Poisson count has standard deviation 1.
    Anscombe,
    /// The value itself.
    None,
}

impl Transform {
    /// The value on this axis; `None` below the domain.
    #[must_use]
    pub fn apply(self, value: f64) -> Option<f64> {
        match self {
            Self::None => Some(value),
            Self::Anscombe => (value >= 0.0).then(|| 2.0 * (value + 0.375).sqrt()),
        }
    }

    fn revert(self, value: f64) -> f64 {
        match self {
            Self::None => value,
            Self::Anscombe => ((value.max(0.0) / 2.0).powi(2) - 0.375).max(0.0),
        }
    }

    /// Two bounds on this axis as values, where they are finite.
    pub(crate) fn bounds(self, low: f64, high: f64) -> (Option<f64>, Option<f64>) {
        let value = |bound: f64| Some(self.revert(bound)).filter(|value| value.is_finite());
        (value(low), value(high))
    }

    /// The least spread on this axis.
    pub(crate) fn floor(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Anscombe => 1.0,
        }
    }
}

/// How the spread of a robust z was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaleMethod {
    /// Median absolute deviation.
    Mad,
    /// Mean absolute deviation, since the median one is zero.
    MeanAd,
    /// 1, the spread of a Poisson count.
    PoissonFloor,
    /// The past does not vary.
    ZeroScale,
}

impl ScaleMethod {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Mad => "mad",
            Self::MeanAd => "mean_ad",
            Self::PoissonFloor => "poisson_floor",
            Self::ZeroScale => "zero_scale",
        }
    }
}

/// One value against the median of its past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobustZ {
    /// Distance in spreads; absent when the past does not vary.
    pub z: Option<f64>,
    /// Median of the past, on the axis of the values.
    pub median: f64,
    /// Spread, on the axis of the transform.
    pub scale: f64,
    /// How it was found.
    pub scale_method: ScaleMethod,
    /// Probability of a value this high, and this low.
    pub p: Option<(f64, f64)>,
    /// The value at which the lower probability is 1 %.
    pub lower: Option<f64>,
    /// The value at which the upper probability is 1 %.
    pub upper: Option<f64>,
    /// Values in the window.
    pub n: usize,
}

/// Judges a value against the values of its window.
///
/// `None` when there are fewer than `min_obs`, or a value is outside the domain of the transform.
#[must_use]
pub fn robust_z(past: &[f64], now: f64, min_obs: u16, transform: Transform) -> Option<RobustZ> {
    let n = past.len();
    if n < usize::from(min_obs.max(2)) {
        return None;
    }
    let x = transform.apply(now)?;
    let moved: Vec<f64> = past
        .iter()
        .map(|value| transform.apply(*value))
        .collect::<Option<_>>()?;
    let centre = median(&moved)?;
    let distances: Vec<f64> = moved.iter().map(|value| (value - centre).abs()).collect();
    let (mut scale, mut scale_method) = (MAD_SCALE * median(&distances)?, ScaleMethod::Mad);
    if scale <= 0.0 {
        let mean = distances.iter().sum::<f64>() / n as f64;
        (scale, scale_method) = ((std::f64::consts::FRAC_PI_2).sqrt() * mean, ScaleMethod::MeanAd);
    }
    if scale < transform.floor() {
        (scale, scale_method) = (transform.floor(), ScaleMethod::PoissonFloor);
    }
    let median = median(past)?;
    if scale <= 0.0 || !scale.is_finite() {
        let (z, p, lower, upper, scale_method) = (None, None, None, None, ScaleMethod::ZeroScale);
        return Some(RobustZ {
            z,
            median,
            scale: 0.0,
            scale_method,
            p,
            lower,
            upper,
            n,
        });
    }
    let z = (x - centre) / scale;
    let widening = (1.0 + std::f64::consts::PI / (2.0 * n as f64)).sqrt();
    let tail = StudentsT::new(0.0, 1.0, (MAD_EFFICIENCY * (n as f64 - 1.0)).max(1.0)).ok()?;
    let p = z
        .is_finite()
        .then(|| (tail.sf(z / widening), tail.cdf(z / widening)));
    let reach = scale * widening * tail.inverse_cdf(1.0 - BOUND_P);
    let (lower, upper) = transform.bounds(centre - reach, centre + reach);
    Some(RobustZ {
        z: Some(z),
        median,
        scale,
        scale_method,
        p,
        lower,
        upper,
        n,
    })
}

/// Median; of an even count, the mean of the two in the middle.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(half.checked_sub(1)?)?;
    Some(lower + (upper - lower) / 2.0)
}

/// Mean and standard deviation with n − 1; the latter needs two values.
#[must_use]
pub fn mean_and_sd(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = exact_sum(values.iter().copied()) / n;
    let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean).powi(2));
    Some((mean, (squares / (n - 1.0)).sqrt()))
}

/// Periods in the window of EARS.
pub const EARS_WINDOW: u16 = 7;
/// Periods that C2 and C3 leave out just before now.
pub const EARS_GUARD: u16 = 2;

/// The three methods of EARS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarsMethod {
    /// Window t−7…t−1.
    C1,
    /// Window t−9…t−3.
    C2,
    /// Sum over three periods of what C2 exceeds 1 by.
    C3,
}

/// One value against the mean of its window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ears {
    /// Distance in standard deviations, or the sum of C3.
    pub statistic: Option<f64>,
    /// Mean of the window.
    pub mean: Option<f64>,
    /// Standard deviation of the window, at least the floor.
    pub sd: Option<f64>,
    /// Values in the window.
    pub n: usize,
    /// Probability of a value this high, and this low; not for C3.
    pub p: Option<(f64, f64)>,
}

/// Judges a value against the values of an EARS window; `floor` is the least standard deviation.
#[must_use]
pub fn ears_point(past: &[f64], now: Option<f64>, floor: f64, min_obs: u16) -> Ears {
    let n = past.len();
    let unknown = Ears { n, ..Ears::default() };
    if n < usize::from(min_obs.max(3)) {
        return unknown;
    }
    let Some((mean, sd)) = mean_and_sd(past) else {
        return unknown;
    };
    let sd = sd.max(floor);
    let statistic = now.filter(|_| sd > 0.0).map(|value| (value - mean) / sd);
    let statistic = statistic.filter(|value| value.is_finite());
    let widening = (1.0 + 1.0 / n as f64).sqrt();
    let tail = StudentsT::new(0.0, 1.0, n as f64 - 1.0).ok();
    let p = statistic
        .zip(tail)
        .map(|(value, tail)| (tail.sf(value / widening), tail.cdf(value / widening)));
    Ears {
        statistic,
        mean: Some(mean),
        sd: Some(sd),
        n,
        p,
    }
}

/// The values at which the lower and the upper probability of an EARS window are 1 %.
#[must_use]
pub(crate) fn ears_bounds(point: &Ears, transform: Transform) -> (Option<f64>, Option<f64>) {
    let n = point.n as f64;
    let tail = StudentsT::new(0.0, 1.0, n - 1.0).ok();
    let Some(((mean, sd), tail)) = point.mean.zip(point.sd).zip(tail) else {
        return (None, None);
    };
    let reach = sd * (1.0 + 1.0 / n).sqrt() * tail.inverse_cdf(1.0 - BOUND_P);
    transform.bounds(mean - reach, mean + reach)
}

/// EARS over a whole series, oldest first. A window that begins before the series gives nothing.
#[must_use]
pub fn ears(values: &[Option<f64>], method: EarsMethod, window: u16, floor: f64, min_obs: u16) -> Vec<Ears> {
    let guard = match method {
        EarsMethod::C1 => 0,
        EarsMethod::C2 | EarsMethod::C3 => usize::from(EARS_GUARD),
    };
    let window = usize::from(window);
    let single = values.iter().enumerate().map(|(at, now)| {
        let from = at.checked_sub(guard + window);
        let slots = from.and_then(|from| values.get(from..from + window));
        let past: Vec<f64> = slots.unwrap_or_default().iter().copied().flatten().collect();
        ears_point(&past, *now, floor, min_obs)
    });
    let single: Vec<Ears> = single.collect();
    if method != EarsMethod::C3 {
        return single;
    }
    let summed = single.iter().enumerate().map(|(at, point)| {
        let three = at.checked_sub(2).and_then(|from| single.get(from..=at));
        let excess = |point: &Ears| point.statistic.map(|value| (value - 1.0).max(0.0));
        let statistic = three.and_then(|three| three.iter().map(excess).sum());
        Ears {
            statistic,
            p: None,
            ..*point
        }
    });
    summed.collect()
}

/// Upper CUSUM of (y − mean) / sd with reference value `k`, and whether it exceeds `h`; starts again after an
/// alarm when `reset`. A missing value leaves the sum as it was. Nothing for a spread that is not above zero.
#[must_use]
pub fn cusum(
    values: &[Option<f64>],
    (mean, sd): (f64, f64),
    (k, h): (f64, f64),
    reset: bool,
) -> Vec<Option<(f64, bool)>> {
    let mut sum = 0.0_f64;
    let step = |value: &Option<f64>| {
        let distance = (value.as_ref()? - mean) / sd;
        if sd <= 0.0 || !distance.is_finite() {
            return None;
        }
        let reached = (sum + distance - k).max(0.0);
        let alarm = reached > h;
        sum = if alarm && reset { 0.0 } else { reached };
        Some((reached, alarm))
    };
    values.iter().map(step).collect()
}
