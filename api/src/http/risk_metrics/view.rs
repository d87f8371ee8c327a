//! GET /v1/risk-metrics/{code} and …/versions/{version}: definitions, states and history.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::http::risk_metrics::{RiskMetricPath, RiskMetricVersionPath, definition_wire, detail_read};
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{RiskMetricDetail, RiskMetricPage};
use leleka_domain::Code;
use leleka_store::{definition_find, definition_list};

/// Read the versions of a risk metric
///
/// Newest first, drafts and retired ones too; the content of a version never changes.
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

/// Read one version of a risk metric
///
/// With its definition, its state and what happened to it.
#[utoipa::path(
    operation_id = "risk_metric_version_view", tag = "risk metrics", params(RiskMetricVersionPath),
    responses((status = 200, description = "The version.", body = RiskMetricDetail)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/versions/{version}")]
pub(crate) async fn risk_metric_version_view(
    request: HttpRequest,
    _authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricVersionPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let place = path.into_inner().sound()?;
    let found = web::block(move || -> Result<_, Failure> {
        let found = definition_find(&mut service.centre.store.reader()?, &place.code, place.version)?;
        detail_read(
            &service,
            found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?,
        )
    });
    respond::json(&request, &found.await??)
}
