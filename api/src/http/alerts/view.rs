//! GET /v1/alerts/{alert_id}: one alert with everything that happened to it.

use crate::http::alerts::{AlertPath, detail_wire};
use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::AlertDetail;
use leleka_domain::Code;
use leleka_exchange::alert_history;

/// Read an alert
///
/// With every event, by the engine or by people, and the newest value of its metric and key.
#[utoipa::path(
    operation_id = "alert_view", tag = "risk board", params(AlertPath),
    responses((status = 200, description = "The alert.", body = AlertDetail)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/alerts/{alert_id}")]
pub(crate) async fn alert_view(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<AlertPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let id = path.alert_id;
    let found = web::block(move || alert_history(&service.centre, &authorised.caller, id)).await??;
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    respond::json(&request, &detail_wire(found))
}
