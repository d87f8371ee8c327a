//! GET /v1/risk-metrics: the active definitions, or every version.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::risk_metrics::definition_wire;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::RiskMetricPage;
use leleka_store::definition_list;
use utoipa::IntoParams;

/// Which definitions.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskMetricListQuery {
    /// Whether retired versions are listed too.
    #[param(default = false)]
    include_history: bool,
}

impl QueryModel for RiskMetricListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            include_history: query.flag("includeHistory", false),
        }
    }
}

/// List risk metrics
///
/// Each with the definition that computes it: inputs, expression, detectors, thresholds.
#[utoipa::path(
    operation_id = "risk_metric_list", tag = "risk metrics", params(RiskMetricListQuery),
    responses((status = 200, description = "The definitions.", body = RiskMetricPage)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics")]
pub(crate) async fn risk_metric_list(
    request: HttpRequest,
    _authorised: Authorised<RiskMetricRead>,
    query: Params<RiskMetricListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let found = web::block(move || definition_list(&mut service.centre.store.reader()?)).await??;
    let all = query.0.include_history;
    let items = found
        .into_iter()
        .filter(|definition| all || definition.status == "active")
        .map(definition_wire);
    respond::json(
        &request,
        &RiskMetricPage {
            items: items.collect(),
        },
    )
}
