//! What the pool expects of the one period that follows a series, as a distribution.
//!
//! Made from the series alone. A gap before that period is bridged: the forecast then goes as many steps ahead.

use super::pool::{ForecastSettings, Z95, pool_forecast};
use crate::cell::Reason;
use statrs::distribution::{ContinuousCDF, Normal};

/// The predictive distribution of one period: normal, on the logarithm for counts.
#[derive(Clone, Debug)]
pub struct NextForecast {
    settings: ForecastSettings,
    tail: Normal,
    centre: f64,
    spread: f64,
    /// The expected value.
    pub point: f64,
    /// The methods behind it.
    pub members: Vec<&'static str>,
}

/// What is expected of the period after a series of consecutive periods, oldest first.
///
/// # Errors
/// As [`pool_forecast`]; `zero_scale` when the past does not vary.
pub fn forecast_next(series: &[Option<f64>], settings: ForecastSettings) -> Result<NextForecast, Reason> {
    let known = |value: &Option<f64>| value.is_some_and(f64::is_finite);
    let last = series.iter().rposition(known).ok_or(Reason::MissingInput)?;
    let settings = ForecastSettings {
        horizon: series.len() - last,
        ..settings
    };
    let found = pool_forecast(series, settings)?;
    let next = found.points.last().ok_or(Reason::ShortHistory)?;
    let centre = settings.onto(next.point);
    let spread = (settings.onto(next.hi95) - centre) / Z95;
    let sound = spread.is_finite() && spread > 0.0;
    let tail = Normal::new(centre, spread).ok().filter(|_| sound);
    Ok(NextForecast {
        settings,
        tail: tail.ok_or(Reason::ZeroScale)?,
        centre,
        spread,
        point: next.point,
        members: found.members,
    })
}

impl NextForecast {
    /// Probability of a value this high, and this low.
    #[must_use]
    pub fn p(&self, now: f64) -> (f64, f64) {
        let now = self.settings.onto(now);
        (self.tail.sf(now), self.tail.cdf(now))
    }

    /// The values at which the lower and the upper probability are 1 %, where they are finite.
    #[must_use]
    pub fn bounds(&self) -> (Option<f64>, Option<f64>) {
        const Z99: f64 = 2.326_347_874_040_840_8;
        let at = |z: f64| Some(self.settings.back(self.centre + z * self.spread)).filter(|it| it.is_finite());
        (at(-Z99), at(Z99))
    }
}
