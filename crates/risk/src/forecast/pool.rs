//! A forecast as the median of several methods, with intervals, and the reason where there is none.
//!
//! Counts are fitted on ln(1 + y). Members: exponential smoothing, ARIMA, Theta and, where two seasons and a bit
//! are there, smoothing and Theta of the series without its season. A one-off shock lies outside of all of them.

use super::arima::Arima;
use super::ets::Ets;
use super::seasonal::decompose;
use super::theta::theta;
use crate::cell::Reason;
use crate::detect::median;

/// Fewest values for the methods; below, the last value with drift.
pub const POINTS: usize = 24;
/// Fewest values for any forecast.
const FEWEST: usize = 3;
/// Most missing among the last two seasons.
const MISSING: f64 = 0.1;
const Z80: f64 = 1.281_551_565_544_600_4;
pub(super) const Z95: f64 = 1.959_963_984_540_054;

/// What is forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForecastSettings {
    /// Periods of a season: 52 for weeks, 12 for months, 4 for quarters, 1 for years.
    pub period: usize,
    /// How many periods ahead.
    pub horizon: usize,
    /// Whether values are counts: never below zero, fitted on the logarithm.
    pub counts: bool,
}

/// One period ahead.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ForecastPoint {
    /// The median of the members.
    pub point: f64,
    /// Lower bound of the 80 % interval.
    pub lo80: f64,
    /// Upper bound of the 80 % interval.
    pub hi80: f64,
    /// Lower bound of the 95 % interval.
    pub lo95: f64,
    /// Upper bound of the 95 % interval.
    pub hi95: f64,
}

/// What the methods say, before any look at how good they were.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolForecast {
    /// From one period ahead on.
    pub points: Vec<ForecastPoint>,
    /// The methods behind it.
    pub members: Vec<&'static str>,
    /// Place in the series of the first period that is forecast: behind the last value.
    pub begins: usize,
    /// Missing values inside that were filled by the median of their season.
    pub filled: usize,
    /// Whether the series was too short for the methods.
    pub short: bool,
}

impl ForecastSettings {
    pub(super) fn onto(self, value: f64) -> f64 {
        if self.counts {
            value.max(0.0).ln_1p()
        } else {
            value
        }
    }

    pub(super) fn back(self, value: f64) -> f64 {
        // Above this a count would no longer be finite.
        if self.counts {
            value.min(700.0).exp_m1().max(0.0)
        } else {
            value
        }
    }
}

/// The values of a series without gaps: from its first to its last, inner gaps filled.
pub(super) struct Filled {
    pub(super) values: Vec<f64>,
    pub(super) begins: usize,
    pub(super) count: usize,
}

pub(super) fn filled(series: &[Option<f64>], period: usize) -> Result<Filled, Reason> {
    let known = |value: &Option<f64>| value.is_some_and(f64::is_finite);
    let first = series.iter().position(known).ok_or(Reason::MissingInput)?;
    let last = series.iter().rposition(known).ok_or(Reason::MissingInput)?;
    let inner = series.get(first..=last).unwrap_or_default();
    let tail: Vec<bool> = inner.iter().rev().take(2 * period.max(6)).map(known).collect();
    let missing = tail.iter().filter(|known| !**known).count() as f64;
    if missing / tail.len().max(1) as f64 > MISSING {
        return Err(Reason::InsufficientCoverage);
    }
    let (mut values, mut count, mut before) = (Vec::with_capacity(inner.len()), 0, 0.0);
    for (at, value) in inner.iter().enumerate() {
        let value = match value.filter(|value| value.is_finite()) {
            Some(value) => value,
            None => {
                count += 1;
                let same = inner.iter().skip(at % period.max(1)).step_by(period.max(1));
                let same: Vec<f64> = same
                    .flatten()
                    .copied()
                    .filter(|value| value.is_finite())
                    .collect();
                // Without seasons every value is of the same season: the one before tells more.
                if period > 1 {
                    median(&same).unwrap_or(before)
                } else {
                    before
                }
            }
        };
        before = value;
        values.push(value);
    }
    Ok(Filled {
        values,
        begins: last + 1,
        count,
    })
}

/// Forecasts a series of consecutive periods, oldest first.
///
/// # Errors
/// `missing_input` without any value, `short_history` below three, `insufficient_coverage` when more than a
/// tenth of the last two seasons is missing.
pub fn pool_forecast(series: &[Option<f64>], settings: ForecastSettings) -> Result<PoolForecast, Reason> {
    let found = filled(series, settings.period)?;
    if found.values.len() < FEWEST {
        return Err(Reason::ShortHistory);
    }
    let short = found.values.len() < POINTS;
    let (members, points) = points(&found.values, settings);
    if points.is_empty() && settings.horizon > 0 {
        return Err(Reason::Domain);
    }
    Ok(PoolForecast {
        points,
        members,
        begins: found.begins,
        filled: found.count,
        short,
    })
}

type Ahead = Vec<(f64, f64)>;

pub(super) fn points(values: &[f64], settings: ForecastSettings) -> (Vec<&'static str>, Vec<ForecastPoint>) {
    let moved: Vec<f64> = values.iter().map(|value| settings.onto(*value)).collect();
    let members: Vec<(&'static str, Ahead)> = members(&moved, settings)
        .into_iter()
        .filter(|(_, ahead)| {
            let sound = |step: &(f64, f64)| step.0.is_finite() && step.1.is_finite() && step.1 >= 0.0;
            ahead.len() == settings.horizon && ahead.iter().all(sound)
        })
        .collect();
    let middle = |step: usize, of: fn(&(f64, f64)) -> f64| {
        let bounds = members.iter().filter_map(|(_, ahead)| ahead.get(step).map(of));
        median(&bounds.collect::<Vec<f64>>())
    };
    let at = |step: usize| {
        let point = ForecastPoint {
            point: settings.back(middle(step, |step| step.0)?),
            lo80: settings.back(middle(step, |step| step.0 - Z80 * step.1.sqrt())?),
            hi80: settings.back(middle(step, |step| step.0 + Z80 * step.1.sqrt())?),
            lo95: settings.back(middle(step, |step| step.0 - Z95 * step.1.sqrt())?),
            hi95: settings.back(middle(step, |step| step.0 + Z95 * step.1.sqrt())?),
        };
        Some(point)
    };
    let points: Option<Vec<ForecastPoint>> = (0..settings.horizon).map(at).collect();
    (
        members.iter().map(|(name, _)| *name).collect(),
        points.unwrap_or_default(),
    )
}

fn members(values: &[f64], settings: ForecastSettings) -> Vec<(&'static str, Ahead)> {
    let horizon = settings.horizon;
    let constant = values
        .iter()
        .zip(values.iter().skip(1))
        .all(|(left, right)| (left - right).abs() <= 0.0);
    if values.len() < POINTS || constant {
        return vec![("naive_drift", drift(values, horizon))];
    }
    let mut found = vec![
        (
            "ets",
            Ets::automatic(values, 1).map(|model| model.forecast(horizon)),
        ),
        (
            "arima",
            Arima::automatic(values).map(|model| model.forecast(horizon)),
        ),
    ];
    let seasonal = settings.period > 1 && values.len() >= 2 * settings.period + 6;
    found.push((
        "theta",
        theta(values, if seasonal { settings.period } else { 1 }, horizon),
    ));
    if seasonal && let Some(parts) = decompose(values, settings.period, true) {
        let bare: Vec<f64> = values
            .iter()
            .zip(&parts.seasonal)
            .map(|(value, season)| value - season)
            .collect();
        let with_season = |ahead: Ahead| -> Ahead {
            let season = parts.seasonal.iter().skip(values.len() % settings.period);
            // The seasonal part is periodic, so it goes on from its own place in the season.
            let season = season.take(settings.period).copied().collect::<Vec<f64>>();
            let season = season.into_iter().cycle();
            ahead
                .into_iter()
                .zip(season)
                .map(|((point, variance), season)| (point + season, variance))
                .collect()
        };
        found.push((
            "stl_ets",
            Ets::automatic(&bare, 1).map(|model| with_season(model.forecast(horizon))),
        ));
        found.push(("stl_theta", theta(&bare, 1, horizon).map(with_season)));
    }
    let found: Vec<(&'static str, Ahead)> = found
        .into_iter()
        .filter_map(|(name, ahead)| Some((name, ahead?)))
        .collect();
    if found.is_empty() {
        return vec![("naive_drift", drift(values, horizon))];
    }
    found
}

/// The last value with the mean change of the past.
fn drift(values: &[f64], horizon: usize) -> Ahead {
    let changes: Vec<f64> = values
        .iter()
        .zip(values.iter().skip(1))
        .map(|(before, now)| now - before)
        .collect();
    let n = changes.len().max(1) as f64;
    let mean = changes.iter().sum::<f64>() / n;
    let spread = changes.iter().map(|change| (change - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let last = values.last().copied().unwrap_or(0.0);
    let ahead = (1..=horizon).map(|step| {
        let step = step as f64;
        (last + mean * step, spread * step * (1.0 + step / n))
    });
    ahead.collect()
}
