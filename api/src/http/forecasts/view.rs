//! GET /v1/forecasts/{series_id}: the forecast of one series, now or as said by a moment.
//!
//! Never shows a body the forecast of another's series. Computes nothing.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::forecasts::{ForecastPath, forecast_wire, series_id_read};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use leleka_contract::v1::Forecast;
use leleka_domain::Code;
use leleka_store::{StoreError, forecast_find, series_find};
use utoipa::IntoParams;

/// When.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ForecastViewQuery {
    /// What was said by this moment.
    as_of: Option<DateTime<Utc>>,
}

impl QueryModel for ForecastViewQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            as_of: query.instant("asOf"),
        }
    }
}

/// Read the forecast of a series
///
/// Points with their intervals, the methods, and the test on the series' own past beside the last value and the value of
/// a season ago.
#[utoipa::path(
    operation_id = "forecast_view", tag = "forecasts", params(ForecastPath, ForecastViewQuery),
    responses((status = 200, description = "The forecast.", body = Forecast)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/forecasts/{series_id}")]
pub(crate) async fn forecast_view(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<ForecastPath>,
    query: Params<ForecastViewQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, as_of) = (authorised.scope()?, query.0.as_of);
    QueryReader::past_check(as_of, service.centre.clock.now())?;
    let not_found = || Failure::new(Code::ResourceNotFound);
    let id = series_id_read(&path.series_id).ok_or_else(not_found)?;
    let stored = service.clone();
    let found = web::block(move || {
        let mut reader = stored.centre.store.reader()?;
        let Some(series) = series_find(&mut reader, &scope, id)? else {
            return Ok(None);
        };
        let forecast = forecast_find(&mut reader, id, as_of)?;
        Ok::<_, StoreError>(forecast.map(|forecast| (series, forecast)))
    });
    let (series, forecast) = found.await??.ok_or_else(not_found)?;
    respond::json(&request, &forecast_wire(&service, &series, forecast)?)
}
