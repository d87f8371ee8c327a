//! Forecasts: methods, the pool of them, and the test of it on its own past.
//!
//! A point is never given without an interval, and never without saying whether it beats the last value. Own
//! code: no crate of forecasting methods is both light and free of panics.

mod accuracy;
mod arima;
mod arima_filter;
mod backtest;
mod ets;
mod ets_start;
mod middle;
mod minimise;
mod next;
mod pool;
mod refine;
mod seasonal;
mod stl;
mod theta;

pub use accuracy::{Accuracy, Forecasted, accuracy, conformal_half_width, naive_scales};
pub use arima::{Arima, ArimaOrder};
pub use backtest::{Backtest, Forecast, ForecastVerdict, IntervalMethod, ORIGINS, backtest, forecast};
pub use ets::{Ets, EtsError, EtsForm, EtsSeason, EtsTrend};
pub use next::{NextForecast, forecast_next};
pub use pool::{ForecastPoint, ForecastSettings, POINTS, PoolForecast, pool_forecast};
pub use seasonal::{Decomposition, decompose, outliers};
pub use theta::theta;
