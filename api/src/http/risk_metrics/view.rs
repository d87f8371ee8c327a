//! GET /v1/risk-metrics/{code}: one definition and its versions.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::http::risk_metrics::{RiskMetricPath, definition_wire};
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::RiskMetricPage;
use leleka_domain::Code;
use leleka_store::definition_list;

/// Read the versions of a risk metric
///
/// Newest first; the content of a version never changes.
#[utoipa::path(
    operation_id = "risk_metric_view", tag = "risk metrics", params(RiskMetricPath),
    responses((status = 200, description = "The versions.", body = RiskMetricPage)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}")]
pub(crate) async fn risk_metric_view(
    request: HttpRequest,
    _authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let found = web::block(move || definition_list(&mut service.centre.store.reader()?)).await??;
    let items: Vec<_> = found
        .into_iter()
        .filter(|it| it.code == path.code)
        .map(definition_wire)
        .collect();
    if items.is_empty() {
        return Err(Failure::new(Code::ResourceNotFound));
    }
    respond::json(&request, &RiskMetricPage { items })
}
