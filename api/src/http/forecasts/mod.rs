//! Forecasts: what is stored with its back-test, and the words that say whether it is good enough.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod view;

use crate::http::problem::{Failure, hexadecimal};
use crate::http::series::series_wire;
use crate::service::Service;
use chrono::NaiveDate;
use leleka_contract::v1::{Forecast, ForecastBacktest, ForecastMethod, ForecastPoint, ForecastVerdict};
use leleka_domain::{Code, Frequency, Period, SeriesId};
use leleka_exchange::{BacktestFigures, ForecastFigure};
use leleka_store::{StoredForecast, StoredSeries};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which series.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ForecastPath {
    /// Its number, 16 hexadecimal digits.
    #[param(min_length = 16, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    pub(crate) series_id: String,
}

/// The number of a series from its 16 hexadecimal digits.
pub(crate) fn series_id_read(text: &str) -> Option<SeriesId> {
    let plain = text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = plain.then(|| i64::from_str_radix(text, 16).ok())??;
    Some(SeriesId(number))
}

fn verdict(stored: &StoredForecast) -> (ForecastVerdict, &'static str, &'static str) {
    match stored.verdict.as_str() {
        "beats_naive" => (
            ForecastVerdict::BeatsNaive,
            "Достатньо добрий: на минулому цього ряду точніший за останнє значення і за значення сезон тому.",
            "Good enough: on this series' own past it was closer than the last value and than the value of a season ago.",
        ),
        "no_better_than_last_value" => (
            ForecastVerdict::NoBetterThanLastValue,
            "Недостатньо добрий: не точніший за останнє значення або за значення сезон тому. Користуйтеся останнім значенням.",
            "Not good enough: no better than the last value or than the value of a season ago. Use the last value.",
        ),
        "not_tested" => (
            ForecastVerdict::NotTested,
            "Не перевірено: ряд закороткий для перевірки, або перевірка тривала задовго. Не спирайтеся на нього.",
            "Not tested: the series is too short for a test, or the test took too long. Do not rely on it.",
        ),
        _ => (
            ForecastVerdict::NoForecast,
            "Прогнозу немає: причину названо в reason.",
            "There is no forecast: reason says why.",
        ),
    }
}

const SCENARIO_UK: &str = "Якщо все триватиме, як досі. Разові потрясіння (24 лютого 2022 року, закриття кордону, зміна \
     правил) поза межами будь-якої такої моделі.";
const SCENARIO_EN: &str = "If things go on as they have. One-off shocks (24 February 2022, a closed border, a change of \
     rules) are outside any such model.";

fn period_text(frequency: Frequency, day: NaiveDate) -> String {
    Period::containing(frequency, day).map_or_else(|| day.to_string(), |period| period.to_string())
}

/// The wire form of a forecast.
pub(crate) fn forecast_wire(
    service: &Service,
    series: &StoredSeries,
    stored: StoredForecast,
) -> Result<Forecast, Failure> {
    let corrupt = |_| Failure::new(Code::ServerError);
    let (verdict, verdict_uk, verdict_en) = verdict(&stored);
    let frequency = series.key.frequency;
    let points: Vec<ForecastFigure> = serde_json::from_value(stored.points).map_err(corrupt)?;
    let backtest = stored.backtest.map(serde_json::from_value::<BacktestFigures>);
    let backtest = backtest.transpose().map_err(corrupt)?;
    Ok(Forecast {
        series: series_wire(service, series),
        verdict,
        verdict_uk: verdict_uk.to_owned(),
        verdict_en: verdict_en.to_owned(),
        reason: stored.reason,
        last_period: stored.last_period.map(|day| period_text(frequency, day)),
        points: points
            .into_iter()
            .map(|point| ForecastPoint {
                period: period_text(frequency, point.period),
                point: point.point,
                lo80: point.lo80,
                hi80: point.hi80,
                lo95: point.lo95,
                hi95: point.hi95,
            })
            .collect(),
        members: stored.members.into_iter().map(ForecastMethod).collect(),
        interval_method: stored.interval_method,
        backtest: backtest.map(|tested| ForecastBacktest {
            origins: tested.origins,
            mase: tested.mase,
            naive_mase: tested.naive_mase,
            seasonal_naive_mase: tested.seasonal_naive_mase,
            rmsse: tested.rmsse,
            smape_percent: tested.smape_percent,
            bias: tested.bias,
            coverage80: tested.coverage80,
            coverage95: tested.coverage95,
            msis95: tested.msis95,
        }),
        vintages: stored.vintages,
        n_observations: stored.n_observations,
        n_filled: stored.n_filled,
        scenario_uk: SCENARIO_UK.to_owned(),
        scenario_en: SCENARIO_EN.to_owned(),
        data_as_of: stored.data_as_of,
        recorded_at: stored.recorded_at,
        input_digest: hexadecimal(&stored.input_digest),
    })
}
