//! One forecast from the history of one series: today's figures for the forecast, the figures known at each origin for
//! the test of it. No rule of its own: the engine forecasts.

use crate::metric_record::digest_bytes;
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{Frequency, Indicator, Period};
use leleka_risk::forecast::{
    Forecast, ForecastSettings, ForecastVerdict, IntervalMethod, POINTS, forecast, pool_forecast,
};
use leleka_risk::{Reason, sha256_hex};
use leleka_store::{ObservationVersion, StoredForecast, StoredSeries};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Newest periods that are looked at: ten years of weeks.
const PERIODS: usize = 520;
/// Origins of a back-test: enough for intervals of 95 % from its errors.
const ORIGINS: usize = 44;

/// A period ahead, as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastFigure {
    /// First day of the period.
    pub period: NaiveDate,
    /// Median of the methods.
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

/// The measures of a back-test, as stored; scaled by the naive forecast inside the past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BacktestFigures {
    /// Origins.
    pub origins: usize,
    /// Mean absolute scaled error.
    pub mase: Option<f64>,
    /// Root mean squared scaled error.
    pub rmsse: Option<f64>,
    /// Symmetric mean absolute percentage error.
    pub smape_percent: Option<f64>,
    /// Mean scaled error; above zero: too high.
    pub bias: Option<f64>,
    /// Share inside the 80 % interval of the methods.
    pub coverage80: Option<f64>,
    /// Share inside the 95 % interval of the methods.
    pub coverage95: Option<f64>,
    /// Mean scaled interval score.
    pub msis95: Option<f64>,
    /// Scaled error of the last value.
    pub naive_mase: Option<f64>,
    /// Scaled error of the value of a season ago.
    pub seasonal_naive_mase: Option<f64>,
}

/// How series of a frequency are forecast: 13 weeks, 12 months, 8 quarters, 3 years ahead. `None` for days, half-years
/// and ranges.
#[must_use]
pub fn forecast_settings(frequency: Frequency, indicator: &Indicator) -> Option<ForecastSettings> {
    let (period, horizon) = match frequency {
        Frequency::Weekly => (52, 13),
        Frequency::Monthly => (12, 12),
        Frequency::Quarterly => (4, 8),
        Frequency::Annual => (1, 3),
        _ => return None,
    };
    let counts = indicator.measure != "rate" && !indicator.may_be_negative();
    Some(ForecastSettings {
        period,
        horizon,
        counts,
    })
}

/// So many days after its end a figure counts as sent in its time; later ones were loaded from an archive.
fn in_time_days(frequency: Frequency) -> i64 {
    match frequency {
        Frequency::Weekly => 35,
        Frequency::Monthly => 100,
        Frequency::Quarterly => 190,
        _ => 400,
    }
}

/// A version: when it became known, its place in the ledger, its number.
type Version = (DateTime<Utc>, i64, Option<f64>);

/// What is known of one period, version by version.
struct PeriodHistory {
    versions: Vec<Version>,
}

impl PeriodHistory {
    fn at(&self, moment: DateTime<Utc>) -> Option<f64> {
        let known = self.versions.iter().rev().find(|(known, _, _)| *known <= moment);
        known.and_then(|(_, _, value)| *value)
    }

    fn now(&self) -> Option<f64> {
        self.versions.last().and_then(|(_, _, value)| *value)
    }
}

/// A series as consecutive periods with the history of each.
struct Past {
    periods: Vec<Period>,
    cells: Vec<PeriodHistory>,
}

impl Past {
    fn of(series: &StoredSeries, versions: &[ObservationVersion]) -> Self {
        let mut by_day: BTreeMap<NaiveDate, Vec<Version>> = BTreeMap::new();
        for version in versions {
            let known = version.recorded_at.unwrap_or_default();
            let of_day = by_day.entry(version.period).or_default();
            of_day.push((
                known,
                version.position,
                version.value.filter(|value| value.is_finite()),
            ));
        }
        let (mut periods, mut cells) = (Vec::new(), Vec::new());
        let last = by_day.last_key_value().map(|(day, _)| *day);
        let mut next = by_day
            .first_key_value()
            .and_then(|(day, _)| Period::containing(series.key.frequency, *day));
        while let Some(period) = next.filter(|period| last.is_some_and(|last| period.start() <= last)) {
            cells.push(PeriodHistory {
                versions: by_day.remove(&period.start()).unwrap_or_default(),
            });
            periods.push(period);
            next = period.shift(1);
        }
        let begin = cells.len().saturating_sub(PERIODS);
        Self {
            periods: periods.split_off(begin),
            cells: cells.split_off(begin),
        }
    }

    fn values(&self) -> Vec<Option<f64>> {
        self.cells.iter().map(PeriodHistory::now).collect()
    }

    /// Whether anything was ever said of the last of the first `n` periods.
    fn is_known(&self, n: usize) -> bool {
        let last = n.checked_sub(1).and_then(|last| self.cells.get(last));
        last.is_some_and(|cell| !cell.versions.is_empty())
    }

    /// The first `n` periods as they were known when the last of them came in; `None` when it came too late for that.
    fn known_then(&self, n: usize) -> Option<Vec<Option<f64>>> {
        let last = n.checked_sub(1)?;
        let period = self.periods.get(last)?;
        let (moment, _, _) = self.cells.get(last)?.versions.first()?;
        let days = (moment.date_naive() - period.end()).num_days();
        if days > in_time_days(period.frequency()) {
            return None;
        }
        Some(self.cells.iter().take(n).map(|cell| cell.at(*moment)).collect())
    }

    fn digest(&self, series: &StoredSeries) -> String {
        let mut text = String::new();
        for (period, cell) in self.periods.iter().zip(&self.cells) {
            for (_, position, _) in &cell.versions {
                text.push_str(&format!("{}/{}/{position}\n", series.id.0, period.start()));
            }
        }
        sha256_hex(text.as_bytes())
    }
}

/// Forecasts a series from its versions. `is_over` says when the time for the back-test is up: then there is none.
pub(crate) fn forecast_compute(
    series: &StoredSeries,
    versions: &[ObservationVersion],
    settings: ForecastSettings,
    data_as_of: DateTime<Utc>,
    is_over: &dyn Fn() -> bool,
) -> StoredForecast {
    let past = Past::of(series, versions);
    let values = past.values();
    let (then, later, stopped) = (Cell::new(0_usize), Cell::new(0_usize), Cell::new(false));
    let known_then = |n: usize| {
        if is_over() {
            stopped.set(true);
            return None;
        }
        // An origin without a past that suffices, or behind a gap, is not tested.
        if n < POINTS || !past.is_known(n) {
            return None;
        }
        let known = past.known_then(n);
        let counted = if known.is_some() { &then } else { &later };
        counted.set(counted.get() + 1);
        // The vintage of then was not kept: what is known today serves, and the answer says so.
        known.or_else(|| values.get(..n).map(<[Option<f64>]>::to_vec))
    };
    let mut found = forecast(&values, settings, ORIGINS, Some(&known_then));
    if stopped.get() {
        found = pool_forecast(&values, settings).map(|forecast| Forecast {
            forecast,
            interval_method: IntervalMethod::Model,
            backtest: None,
            verdict: ForecastVerdict::NotTested,
        });
    }
    let known = values.iter().rposition(Option::is_some);
    let vintages = match (then.get(), later.get()) {
        (0, _) => "final_figures",
        (_, 0) => "as_known_then",
        _ => "mixed",
    };
    let mut stored = StoredForecast {
        id: 0,
        series_id: series.id.0,
        last_period: known.and_then(|at| past.periods.get(at)).map(Period::start),
        horizon: i32::try_from(settings.horizon).unwrap_or(i32::MAX),
        verdict: "no_forecast".to_owned(),
        reason: None,
        points: serde_json::json!([]),
        members: Vec::new(),
        interval_method: None,
        backtest: None,
        vintages: vintages.to_owned(),
        n_observations: i32::try_from(values.iter().flatten().count()).unwrap_or(i32::MAX),
        n_filled: 0,
        input_digest: digest_bytes(&past.digest(series)).unwrap_or_default(),
        data_as_of,
        recorded_at: DateTime::default(),
    };
    match found {
        Ok(found) => found_put(&mut stored, found, &past),
        Err(reason) => stored.reason = Some(Reason::code(reason).to_owned()),
    }
    stored
}

fn found_put(stored: &mut StoredForecast, found: Forecast, past: &Past) {
    let begins = past.periods.first().and_then(|first| {
        let steps = i32::try_from(found.forecast.begins).ok()?;
        first.shift(steps)
    });
    let points = found
        .forecast
        .points
        .iter()
        .enumerate()
        .filter_map(|(step, point)| {
            Some(ForecastFigure {
                period: begins?.shift(i32::try_from(step).ok()?)?.start(),
                point: point.point,
                lo80: point.lo80,
                hi80: point.hi80,
                lo95: point.lo95,
                hi95: point.hi95,
            })
        });
    stored.points = serde_json::json!(points.collect::<Vec<_>>());
    stored.members = found
        .forecast
        .members
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    stored.n_filled = i32::try_from(found.forecast.filled).unwrap_or(i32::MAX);
    stored.verdict = found.verdict.code().to_owned();
    let method = match found.interval_method {
        IntervalMethod::Model => "model",
        IntervalMethod::Conformal => "conformal",
        IntervalMethod::Conformal80 => "conformal_80",
    };
    stored.interval_method = Some(method.to_owned());
    stored.backtest = found.backtest.map(|tested| {
        serde_json::json!(BacktestFigures {
            origins: tested.origins,
            mase: tested.pool.mase,
            rmsse: tested.pool.rmsse,
            smape_percent: tested.pool.smape_percent,
            bias: tested.pool.bias,
            coverage80: tested.pool.coverage80,
            coverage95: tested.pool.coverage95,
            msis95: tested.pool.msis95,
            naive_mase: tested.naive_mase,
            seasonal_naive_mase: tested.seasonal_naive_mase,
        })
    });
}
