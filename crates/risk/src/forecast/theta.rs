//! The Theta method: simple smoothing with half the slope of a straight line, on a series without its season.
//!
//! Assimakopoulos and Nikolopoulos 2000 in the form of Hyndman and Billah 2003, with the seasonal test and the
//! intervals of R's `thetaf`.

use super::ets::{Ets, EtsError, EtsForm, EtsSeason, EtsTrend};
use super::seasonal::{classical_factors, is_seasonal};

/// Point and variance of the next values; `None` where smoothing has no fit.
#[must_use]
pub fn theta(values: &[f64], period: usize, horizon: usize) -> Option<Vec<(f64, f64)>> {
    let factors = is_seasonal(values, period)
        .then(|| classical_factors(values, period))
        .flatten()
        .filter(|factors| factors.iter().all(|factor| factor.abs() >= 1e-4));
    let factor = |at: usize| {
        let factors = factors.as_ref();
        let found = factors.and_then(|factors| factors.get(at % period.max(1)));
        found.copied().unwrap_or(1.0)
    };
    let adjusted: Vec<f64> = values
        .iter()
        .enumerate()
        .map(|(at, value)| value / factor(at))
        .collect();
    let form = EtsForm {
        error: EtsError::Additive,
        trend: EtsTrend::None,
        season: EtsSeason::None,
    };
    // The reference looks from one beginning only.
    let smooth = Ets::fit_from(&adjusted, 1, form, 1)?;
    let n = adjusted.len();
    let (alpha, _, _) = smooth.smoothing;
    let drift = slope(&adjusted) / 2.0;
    let begun = (1.0 - (1.0 - alpha).powf(n as f64)) / alpha.max(1e-10);
    let ahead = (0..horizon).map(|step| {
        let point = (smooth.level + drift * (step as f64 + begun)) * factor(n + step);
        (point, smooth.sigma2 * (step as f64 * alpha * alpha + 1.0))
    });
    Some(ahead.collect())
}

fn slope(values: &[f64]) -> f64 {
    let middle = (values.len() as f64 - 1.0) / 2.0;
    let (cross, square) = values.iter().enumerate().fold((0.0, 0.0), |sum, (at, value)| {
        let x = at as f64 - middle;
        (sum.0 + x * value, sum.1 + x * x)
    });
    if square > 0.0 { cross / square } else { 0.0 }
}
