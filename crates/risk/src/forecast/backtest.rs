//! How a forecast would have done: rolling origins over the past, on what was known then.
//!
//! Beside the last value and the value of a season ago: a forecast that beats neither is said to be no better.
//! Where enough errors are there, they make the intervals (split conformal), wider with every period ahead.

use super::accuracy::{Accuracy, Forecasted, accuracy, conformal_half_width};
use super::pool::{ForecastPoint, ForecastSettings, POINTS, PoolForecast, filled, points, pool_forecast};
use crate::cell::Reason;

/// Fewest origins of a back-test.
pub const ORIGINS: usize = 8;

/// What the back-test says of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastVerdict {
    /// Closer than the last value and than the value of a season ago.
    BeatsNaive,
    /// No better than one of them.
    NoBetterThanLastValue,
    /// Too short a past to tell.
    NotTested,
}

impl ForecastVerdict {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BeatsNaive => "beats_naive",
            Self::NoBetterThanLastValue => "no_better_than_last_value",
            Self::NotTested => "not_tested",
        }
    }
}

/// Where the intervals of a forecast come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalMethod {
    /// The median of the members' bounds.
    Model,
    /// Errors of the back-test, for both levels.
    Conformal,
    /// Errors of the back-test at 80 %, the members at 95 %.
    Conformal80,
}

/// Measures of a back-test, averaged over its origins.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// Origins.
    pub origins: usize,
    /// Of the forecast.
    pub pool: Accuracy,
    /// Mean absolute scaled error of the last value.
    pub naive_mase: Option<f64>,
    /// Mean absolute scaled error of the value of a season ago.
    pub seasonal_naive_mase: Option<f64>,
    /// Errors by period ahead, on the axis that was fitted.
    pub errors: Vec<Vec<f64>>,
}

/// A forecast with its back-test.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// What the methods say, with intervals from the back-test where it allows.
    pub forecast: PoolForecast,
    /// Where the intervals come from.
    pub interval_method: IntervalMethod,
    /// The back-test, where the past is long enough.
    pub backtest: Option<Backtest>,
    /// What it says.
    pub verdict: ForecastVerdict,
}

/// Forecasts a series and tests the forecast on its own past.
///
/// `known_then`: for a number of periods `n`, the first `n` periods as they were known at that time; `None` where
/// that vintage is not kept, which leaves the origin out. Without the function today's figures are used.
///
/// # Errors
/// As [`pool_forecast`].
pub fn forecast(
    series: &[Option<f64>],
    settings: ForecastSettings,
    origins: usize,
    known_then: Option<&dyn Fn(usize) -> Option<Vec<Option<f64>>>>,
) -> Result<Forecast, Reason> {
    let mut found = pool_forecast(series, settings)?;
    let backtest = backtest(series, settings, origins, known_then);
    let interval_method = backtest.as_ref().map_or(IntervalMethod::Model, |backtest| {
        conformal(&mut found.points, backtest, settings)
    });
    let better = |than: Option<f64>, own: Option<f64>| match (own, than) {
        (Some(own), Some(than)) => own < than,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let verdict = backtest.as_ref().map_or(ForecastVerdict::NotTested, |backtest| {
        let own = backtest.pool.mase;
        if better(backtest.naive_mase, own) && better(backtest.seasonal_naive_mase, own) {
            ForecastVerdict::BeatsNaive
        } else {
            ForecastVerdict::NoBetterThanLastValue
        }
    });
    Ok(Forecast {
        forecast: found,
        interval_method,
        backtest,
        verdict,
    })
}

/// The back-test alone; `None` when there are fewer than eight origins with a past of 24 values.
#[must_use]
pub fn backtest(
    series: &[Option<f64>],
    settings: ForecastSettings,
    origins: usize,
    known_then: Option<&dyn Fn(usize) -> Option<Vec<Option<f64>>>>,
) -> Option<Backtest> {
    let end = series.iter().rposition(Option::is_some)? + 1;
    let last = end.checked_sub(settings.horizon)?;
    let first = last.saturating_sub(origins.max(ORIGINS).saturating_sub(1));
    let mut tests = Vec::new();
    for origin in first..=last {
        let past = match known_then {
            Some(known_then) => known_then(origin),
            None => series.get(..origin).map(<[Option<f64>]>::to_vec),
        };
        let came = series.get(origin..origin + settings.horizon);
        if let (Some(past), Some(came)) = (past, came)
            && let Some(test) = one_origin(&past, came, settings)
        {
            tests.push(test);
        }
    }
    if tests.len() < ORIGINS {
        return None;
    }
    let mean = |of: &dyn Fn(&Test) -> Option<f64>| {
        let known: Vec<f64> = tests.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let pool = Accuracy {
        mase: mean(&|test| test.pool.mase),
        rmsse: mean(&|test| test.pool.rmsse),
        smape_percent: mean(&|test| test.pool.smape_percent),
        coverage80: mean(&|test| test.pool.coverage80),
        coverage95: mean(&|test| test.pool.coverage95),
        msis95: mean(&|test| test.pool.msis95),
        bias: mean(&|test| test.pool.bias),
    };
    let at = |step: usize| {
        tests
            .iter()
            .filter_map(|test| test.errors.get(step).copied())
            .collect()
    };
    Some(Backtest {
        origins: tests.len(),
        pool,
        naive_mase: mean(&|test| test.naive),
        seasonal_naive_mase: mean(&|test| test.seasonal_naive),
        errors: (0..settings.horizon).map(at).collect(),
    })
}

/// One origin.
struct Test {
    pool: Accuracy,
    naive: Option<f64>,
    seasonal_naive: Option<f64>,
    errors: Vec<f64>,
}

fn one_origin(past: &[Option<f64>], came: &[Option<f64>], settings: ForecastSettings) -> Option<Test> {
    let known = filled(past, settings.period).ok()?;
    // What came must be whole, and the past must reach the origin.
    let actual: Vec<f64> = came.iter().copied().collect::<Option<_>>()?;
    if known.values.len() < POINTS || known.begins != past.len() {
        return None;
    }
    let (_, ahead) = points(&known.values, settings);
    let take = |of: fn(&ForecastPoint) -> f64| ahead.iter().map(of).collect::<Vec<f64>>();
    let point = take(|point| point.point);
    let (lo80, hi80) = (take(|point| point.lo80), take(|point| point.hi80));
    let (lo95, hi95) = (take(|point| point.lo95), take(|point| point.hi95));
    // Scaled as in M4: seasonal naive for months and quarters, the last value for weeks.
    let season = if settings.period > 12 { 1 } else { settings.period };
    let measured = |point: &[f64]| {
        let found = Forecasted {
            actual: &actual,
            point,
            at80: (&lo80, &hi80),
            at95: (&lo95, &hi95),
        };
        accuracy(&known.values, season, &found)
    };
    let last = known.values.last().copied()?;
    let before = known.values.len().checked_sub(settings.period.max(1))?;
    let season_ago: Vec<f64> = known
        .values
        .iter()
        .skip(before)
        .copied()
        .cycle()
        .take(actual.len())
        .collect();
    let errors = actual.iter().zip(&point);
    Some(Test {
        pool: measured(&point),
        naive: measured(&vec![last; actual.len()]).mase,
        seasonal_naive: measured(&season_ago).mase,
        errors: errors
            .map(|(actual, point)| settings.onto(*actual) - settings.onto(*point))
            .collect(),
    })
}

/// Puts conformal intervals where there are enough errors for every period ahead.
fn conformal(
    points: &mut [ForecastPoint],
    backtest: &Backtest,
    settings: ForecastSettings,
) -> IntervalMethod {
    let widths = |level: f64| -> Option<Vec<f64>> {
        let mut widest = 0.0_f64;
        let found = backtest.errors.iter().map(|errors| {
            widest = widest.max(conformal_half_width(errors, level)?);
            Some(widest)
        });
        found.collect()
    };
    let Some(at80) = widths(0.8) else {
        return IntervalMethod::Model;
    };
    let at95 = widths(0.95);
    for (step, point) in points.iter_mut().enumerate() {
        let centre = settings.onto(point.point);
        if let Some(width) = at80.get(step) {
            (point.lo80, point.hi80) = (settings.back(centre - width), settings.back(centre + width));
        }
        let wide = at95.as_ref().and_then(|widths| widths.get(step));
        let wide = wide.map(|width| (settings.back(centre - width), settings.back(centre + width)));
        let (lower, upper) = wide.unwrap_or((point.lo95, point.hi95));
        (point.lo95, point.hi95) = (lower.min(point.lo80), upper.max(point.hi80));
    }
    if at95.is_some() {
        IntervalMethod::Conformal
    } else {
        IntervalMethod::Conformal80
    }
}
