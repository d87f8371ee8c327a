//! POST /v1/forecasts: forecast a series now. Within twenty seconds, or the forecast comes without its back-test.

use crate::http::caller::{Authorised, RiskMetricPropose};
use crate::http::forecasts::{forecast_wire, series_id_read};
use crate::http::keyed_json::{created, keyed_json};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::service::Service;
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{Forecast, ForecastCreate, Problem};
use leleka_domain::Code;
use leleka_exchange::forecast_make;

/// Forecast a series
///
/// Any series of weeks, months, quarters or years. From then on its forecast is kept up to date. With less than three
/// figures the answer says why there is no forecast.
#[utoipa::path(
    operation_id = "forecast_create", tag = "forecasts",
    params(("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each request, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$")),
    request_body(content = ForecastCreate, content_type = "application/json", description = "The series."),
    responses(
        (status = 201, description = "Made.", body = Forecast, headers(("Location" = String, description = "The forecast."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 404, description = "There is no such series.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A request with this key is still running.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Series of this frequency are not forecast; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["risk-metric:propose"])),
)]
#[post("/v1/forecasts")]
pub(crate) async fn forecast_create(
    request: HttpRequest,
    authorised: Authorised<RiskMetricPropose>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (sent, keyed) = keyed_json::<ForecastCreate>(&request, payload, service.body_deadline).await?;
    let series = series_id_read(&sent.series_id);
    let series =
        series.ok_or_else(|| Failure::new(Code::MemberInvalid).detail("/series_id: 16 × [0-9a-f]"))?;
    let acting = service.clone();
    let made =
        web::block(move || forecast_make(&acting.centre, &authorised.caller, &keyed, series)).await??;
    let (made, replayed) = made;
    let wire = forecast_wire(&service, &made.series, made.forecast)?;
    created(&wire, &format!("/v1/forecasts/{}", sent.series_id), replayed)
}
