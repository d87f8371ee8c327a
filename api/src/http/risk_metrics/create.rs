//! POST /v1/risk-metrics: a new version of a definition, as a draft.

use crate::http::caller::{Authorised, RiskMetricPropose};
use crate::http::keyed_json::{created, keyed_bytes};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::risk_metrics::{detail_read, version_href};
use crate::service::Service;
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{Problem, RiskMetricDetail};
use leleka_exchange::definition_propose;

/// Propose a version of a risk metric
///
/// A definition as `GET /v1/risk-metrics/schema` describes it, at most 64 KiB: a new code, or the next version of one,
/// which says in `note_uk` and `note_en` what it changes and keeps frequency and key. The number is given by the service.
/// Every fault is told at its JSON pointer, in both languages, and nothing is stored then. A draft computes nothing.
#[utoipa::path(
    operation_id = "risk_metric_create", tag = "risk metrics",
    params(("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each proposal, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$")),
    request_body(description = "The definition.", content((Object = "application/json", example = json!({
        "code": "RM_ASY_CIT_MONTH", "kind": "signal", "freq": "W", "unit": "ratio", "decimals": 3, "direction": "up",
        "ciram": "threat.magnitude", "family": "inland-weekly", "by": ["territory"],
        "inputs": {"a": {"indicator": "ASY_APPL", "by": ["territory"], "over": ["citizenship"]}},
        "expr": {"op": "pct_change", "k": 4, "min_base": 20,
                 "a": {"op": "roll", "fn": "sum", "n": 4, "a": {"op": "in", "name": "a"}}},
        "detectors": [{"method": "robust_z", "transform": "none"}],
        "text": {
            "uk": {"name": "Заяви про захист: зміна за чотири тижні",
                   "explanation": "Сума за чотири тижні проти попередніх чотирьох, за областю. База, менша за 20 заяв, висновку не дає."},
            "en": {"name": "Applications for protection: change over four weeks",
                   "explanation": "The sum of four weeks against the four before, by region. A base below 20 applications gives no conclusion."}
        }
    })))),
    responses(
        (status = 201, description = "Stored as a draft.", body = RiskMetricDetail, headers(("Location" = String, description = "The version."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 409, description = "A request with this key is still running.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Faults, each at its place, and nothing is stored; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["risk-metric:propose"])),
)]
#[post("/v1/risk-metrics")]
pub(crate) async fn risk_metric_create(
    request: HttpRequest,
    authorised: Authorised<RiskMetricPropose>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (bytes, keyed) = keyed_bytes(&request, payload, service.body_deadline).await?;
    let proposed = web::block(move || -> Result<_, Failure> {
        let (stored, replayed) = definition_propose(&service.centre, &authorised.caller, &keyed, &bytes)?;
        let location = version_href(&stored);
        Ok((detail_read(&service, stored)?, location, replayed))
    });
    let (detail, location, replayed) = proposed.await??;
    created(&detail, &location, replayed)
}
