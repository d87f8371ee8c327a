//! POST …/versions/{version}/states: the next state of a version.
//!
//! Naturally repeatable: asking for the state that is there already changes nothing and gets the same answer.

use crate::http::caller::{Authorised, RiskMetricPublish, request_id};
use crate::http::keyed_json::plain_json;
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::json_with_status;
use crate::http::risk_metrics::{RiskMetricVersionPath, detail_read};
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{Problem, RiskMetricDetail, RiskMetricStateCreate};
use leleka_domain::Code;
use leleka_exchange::{DefinitionChange, definition_state_change};

const COMMENT_CHARS: usize = 2_000;

/// Publish or retire a version of a risk metric
///
/// Only a draft is published, by somebody other than its author; the version before is retired with it, and the whole
/// history is computed anew, within seconds for a small metric. A published version or a draft is retired: nothing is
/// computed any more, and what was said stays readable. Asking for the state that is there already changes nothing and is
/// answered with 200: no `Idempotency-Key` is needed.
#[utoipa::path(
    operation_id = "risk_metric_state_create", tag = "risk metrics", params(RiskMetricVersionPath),
    request_body(description = "The state, and why.", content((RiskMetricStateCreate = "application/json"))),
    responses(
        (status = 200, description = "The version in its state.", body = RiskMetricDetail),
        (status = 409, description = "Its state does not allow it, a newer version is published, or the caller is its author.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It no longer fits the catalogue.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["risk-metric:publish"])),
)]
#[post("/v1/risk-metrics/{code}/versions/{version}/states")]
pub(crate) async fn risk_metric_state_create(
    request: HttpRequest,
    authorised: Authorised<RiskMetricPublish>,
    path: Path<RiskMetricVersionPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let sent: RiskMetricStateCreate = plain_json(&request, payload, service.body_deadline).await?;
    let place = path.into_inner().sound()?;
    let plain = !sent
        .comment
        .chars()
        .any(|letter| letter.is_control() && letter != '\n');
    if !plain || !(1..=COMMENT_CHARS).contains(&sent.comment.chars().count()) {
        return Err(Failure::new(Code::RequestMalformed).detail(r#"{"comment": "1 … 2000"}"#));
    }
    let id = request_id(&request);
    let changed = web::block(move || -> Result<_, Failure> {
        let change = DefinitionChange {
            code: place.code,
            version: place.version,
            to: sent.to.into(),
            comment: sent.comment,
        };
        let changed = definition_state_change(&service.centre, &authorised.caller, id, &change)?;
        detail_read(&service, changed)
    });
    json_with_status(StatusCode::OK, &changed.await??)
}
