//! POST /v1/agreements/{agreement_id}/decisions: each party decides what is its own.

use crate::http::agreements::{AgreementPath, history_wire};
use crate::http::caller::{AgreementDecide, Authorised};
use crate::http::keyed_json::{created, keyed_json};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::service::Service;
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{AgreementDecisionCreate, AgreementDetail, Problem};
use leleka_exchange::{AgreementDecision, agreement_decide};

/// Decide on an agreement
///
/// A body agrees to what is proposed, or asks for changes. The centre proposes again, suspends, or resumes. In force
/// within two seconds.
#[utoipa::path(
    operation_id = "agreement_decision_create", tag = "agreements",
    params(
        AgreementPath,
        ("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each decision, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$"),
    ),
    request_body(content = AgreementDecisionCreate, content_type = "application/json", description = "The decision."),
    responses(
        (status = 201, description = "Decided.", body = AgreementDetail, headers(("Location" = String, description = "The agreement."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 409, description = "The agreement has another version, or takes no such decision from this party.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member has no expected value; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["agreement:decide"])),
)]
#[post("/v1/agreements/{agreement_id}/decisions")]
pub(crate) async fn agreement_decision_create(
    request: HttpRequest,
    authorised: Authorised<AgreementDecide>,
    path: Path<AgreementPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let id = path.id()?;
    let (sent, keyed) =
        keyed_json::<AgreementDecisionCreate>(&request, payload, service.body_deadline).await?;
    let decision = AgreementDecision {
        id,
        decision: sent.state.into(),
        comment: sent.comment,
        expected_version: sent.expected_version,
    };
    let acted = web::block(move || agreement_decide(&service.centre, &authorised.caller, &keyed, &decision));
    let (history, replayed) = acted.await??;
    let location = format!("/v1/agreements/{}", history.agreement.id);
    created(&history_wire(history), &location, replayed)
}
