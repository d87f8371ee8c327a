//! Forecasts of series on the wire.

use crate::v1::Series;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a forecast is good enough to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForecastVerdict {
    /// On its own past it was closer than the last value and than the value of a season ago.
    BeatsNaive,
    /// It was no better than one of them: the last value says as much.
    NoBetterThanLastValue,
    /// The past is too short for a test, or the test took too long.
    NotTested,
    /// There is no forecast, and why.
    NoForecast,
}

/// One period ahead. Never a point without its intervals.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForecastPoint {
    /// The period.
    #[schema(max_length = 21)]
    pub period: String,
    /// The median of the methods.
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

/// How forecasts made like this one would have done on the series' own past, beside the last value and the value of a
/// season ago. Errors are scaled by the naive forecast inside the past; below 1 is closer than that.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForecastBacktest {
    /// Origins: how often a forecast was tried.
    #[schema(minimum = 8)]
    pub origins: usize,
    /// Mean absolute scaled error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mase: Option<f64>,
    /// The same of the last value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub naive_mase: Option<f64>,
    /// The same of the value of a season ago.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seasonal_naive_mase: Option<f64>,
    /// Root mean squared scaled error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub rmsse: Option<f64>,
    /// Symmetric mean absolute percentage error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub smape_percent: Option<f64>,
    /// Mean scaled error; above zero: forecasts were too high.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bias: Option<f64>,
    /// Share of what came inside the methods' own 80 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub coverage80: Option<f64>,
    /// Share of what came inside the methods' own 95 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub coverage95: Option<f64>,
    /// Mean scaled interval score of the 95 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub msis95: Option<f64>,
}

/// A method, such as `seasonal_arima`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(max_length = 32)]
pub struct ForecastMethod(pub String);

/// The forecast of a series.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Forecast {
    /// The series.
    pub series: Series,
    /// Whether it is good enough.
    pub verdict: ForecastVerdict,
    /// The verdict in words, in Ukrainian.
    #[schema(max_length = 500)]
    pub verdict_uk: String,
    /// The verdict in words, in English.
    #[schema(max_length = 500)]
    pub verdict_en: String,
    /// Why there is no forecast.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub reason: Option<String>,
    /// The last period with a figure; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 21)]
    pub last_period: Option<String>,
    /// The periods ahead; none without a forecast.
    #[schema(max_items = 53)]
    pub points: Vec<ForecastPoint>,
    /// The methods whose median it is.
    #[schema(max_items = 16)]
    pub members: Vec<ForecastMethod>,
    /// Where the intervals come from: `model` (the methods), `conformal` (errors of the back-test) or `conformal_80`
    /// (errors of the back-test for 80 %, the methods for 95 %).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 16)]
    pub interval_method: Option<String>,
    /// The test on its own past; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub backtest: Option<ForecastBacktest>,
    /// Which figures the test was made with: `as_known_then`, `final_figures` where the vintage of then was not kept, or
    /// `mixed`.
    #[schema(max_length = 16)]
    pub vintages: String,
    /// Figures it was made from.
    #[schema(minimum = 0)]
    pub n_observations: i32,
    /// Missing figures inside that were filled by the median of their season.
    #[schema(minimum = 0)]
    pub n_filled: i32,
    /// What no such forecast can know, in Ukrainian.
    #[schema(max_length = 500)]
    pub scenario_uk: String,
    /// What no such forecast can know, in English.
    #[schema(max_length = 500)]
    pub scenario_en: String,
    /// The vintage of the data.
    pub data_as_of: DateTime<Utc>,
    /// When it was recorded; `asOf` compares with it.
    pub recorded_at: DateTime<Utc>,
    /// SHA-256 of the observation versions used.
    #[schema(min_length = 64, max_length = 64)]
    pub input_digest: String,
}

/// A page of forecasts, by series.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ForecastPage {
    /// The forecasts.
    #[schema(max_items = 200)]
    pub items: Vec<Forecast>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 4096)]
    pub next: Option<String>,
}

/// Which series is to be forecast now.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"series_id": "509b55a304be948f"}))]
pub struct ForecastCreate {
    /// Its number, from `GET /v1/series`.
    #[schema(min_length = 16, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    pub series_id: String,
}
