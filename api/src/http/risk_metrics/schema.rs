//! GET /v1/risk-metrics/schema: the JSON Schema of a definition, byte for byte as committed.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::{Format, etag_of, is_unchanged, not_modified, with_etag};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_exchange::definition_schema;

/// Read the JSON Schema of risk metrics
///
/// JSON Schema 2020-12, for editors and for checks before sending. It knows the form; units, frequencies, keys and whether
/// indicators exist are told by the service when a definition is sent.
#[utoipa::path(
    operation_id = "risk_metric_schema_view", tag = "risk metrics",
    responses((status = 200, description = "The schema.", body = Object, content_type = "application/json")),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/schema")]
pub(crate) async fn risk_metric_schema_view(
    request: HttpRequest,
    _authorised: Authorised<RiskMetricRead>,
    _none: Params<NoParameters>,
) -> Result<HttpResponse, Failure> {
    let format = Format::negotiate(&request, None, &[Format::Json])?;
    let bytes = definition_schema().into_bytes();
    let etag = etag_of(&[&bytes]);
    if is_unchanged(&request, &etag) {
        return Ok(not_modified(&etag));
    }
    Ok(with_etag(&etag, format.media_type(), bytes))
}
