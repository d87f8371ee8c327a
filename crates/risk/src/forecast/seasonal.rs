//! Seasonal decomposition: STL with a periodic season, and the classical one by moving averages.
//!
//! The seasonal part of STL is averaged by place in the season. Needs two whole seasons without a gap.

use super::stl::{Stl, stl};

/// A series as season, trend and remainder; they add up to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decomposition {
    /// What comes again every season.
    pub seasonal: Vec<f64>,
    /// What changes slowly.
    pub trend: Vec<f64>,
    /// What is left.
    pub remainder: Vec<f64>,
}

/// Longest season.
const PERIOD_LIMIT: usize = 400;

/// Decomposes a series; `None` below two seasons and one value, for a period below 2, or for values that are not
/// finite.
#[must_use]
pub fn decompose(values: &[f64], period: usize, robust: bool) -> Option<Decomposition> {
    if !(2..=PERIOD_LIMIT).contains(&period)
        || values.len() <= 2 * period
        || values.iter().any(|value| !value.is_finite())
    {
        return None;
    }
    let Stl { seasonal, trend } = stl(values, period, robust);
    let by_place = averaged(&seasonal, period);
    let seasonal: Vec<f64> = by_place.iter().copied().cycle().take(values.len()).collect();
    let left = values.iter().zip(&seasonal).zip(&trend);
    let remainder: Vec<f64> = left
        .map(|((value, season), trend)| value - season - trend)
        .collect();
    let finite = seasonal.iter().chain(&trend).all(|value| value.is_finite());
    finite.then_some(Decomposition {
        seasonal,
        trend,
        remainder,
    })
}

fn averaged(values: &[f64], period: usize) -> Vec<f64> {
    let of_place = |place: usize| {
        let own = values.iter().skip(place).step_by(period);
        own.clone().sum::<f64>() / own.count().max(1) as f64
    };
    (0..period).map(of_place).collect()
}

/// Places whose remainder lies more than so many robust standard deviations from the median of remainders.
#[must_use]
pub fn outliers(decomposition: &Decomposition, distance: f64) -> Vec<usize> {
    let remainder = &decomposition.remainder;
    let Some(centre) = crate::detect::median(remainder) else {
        return Vec::new();
    };
    let sizes: Vec<f64> = remainder.iter().map(|value| (value - centre).abs()).collect();
    let spread = crate::detect::MAD_SCALE * crate::detect::median(&sizes).unwrap_or(0.0);
    if spread <= 0.0 {
        return Vec::new();
    }
    let far = sizes
        .iter()
        .enumerate()
        .filter(|(_, size)| **size / spread > distance);
    far.map(|(at, _)| at).collect()
}

/// Multiplicative seasonal factors by place, from centred moving averages; their mean is 1. `None` below two
/// seasons or where an average is not positive.
pub(super) fn classical_factors(values: &[f64], period: usize) -> Option<Vec<f64>> {
    if period < 2 || values.len() < 2 * period {
        return None;
    }
    let half = period / 2;
    let mut sums = vec![(0.0, 0_u32); period];
    for (at, value) in values.iter().enumerate() {
        let Some(window) = at.checked_sub(half).and_then(|from| values.get(from..=at + half)) else {
            continue;
        };
        let mut sum: f64 = window.iter().sum();
        if period.is_multiple_of(2) {
            sum -= (window.first()? + window.last()?) / 2.0;
        }
        let trend = sum / period as f64;
        if trend <= 0.0 {
            return None;
        }
        let (sum, count) = sums.get_mut(at % period)?;
        *sum += value / trend;
        *count += 1;
    }
    let factors: Vec<f64> = sums
        .iter()
        .map(|(sum, count)| sum / f64::from((*count).max(1)))
        .collect();
    let mean = factors.iter().sum::<f64>() / period as f64;
    let factors: Vec<f64> = factors.iter().map(|factor| factor / mean).collect();
    factors.iter().all(|factor| factor.is_finite()).then_some(factors)
}

/// Whether a season shows in the autocorrelation at its lag, at 90 %.
pub(super) fn is_seasonal(values: &[f64], period: usize) -> bool {
    if period < 2 || values.len() <= 2 * period {
        return false;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let square: f64 = centred.iter().map(|value| value * value).sum();
    if square <= 0.0 {
        return false;
    }
    let correlation = |lag: usize| {
        let pairs = centred.iter().zip(centred.iter().skip(lag));
        pairs.map(|(left, right)| left * right).sum::<f64>() / square
    };
    let shorter: f64 = (1..period).map(|lag| correlation(lag).powi(2)).sum();
    let spread = ((1.0 + 2.0 * shorter) / values.len() as f64).sqrt();
    correlation(period).abs() / spread > 1.644_853_626_951_472_2
}
