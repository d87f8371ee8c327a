//! Forecasts of series: which are kept up to date, how one is made from the ledger, and the acts that record them.

mod acts;
mod compute;
mod wanted;

pub use acts::{ForecastMade, forecast_make, forecasts_are_due, forecasts_refresh};
pub use compute::{BacktestFigures, ForecastFigure, forecast_settings};
pub(crate) use wanted::forecasts_mark;
