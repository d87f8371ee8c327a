//! POST /v1/obligations/{obligation_id}/decisions: the centre waives, or opens a closed period again.

use crate::http::caller::{Authorised, ObligationDecide};
use crate::http::keyed_json::{created, keyed_json};
use crate::http::obligations::obligation_wire;
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::service::Service;
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{Obligation, ObligationDecisionCreate, ObligationDecisionKind, Problem};
use leleka_domain::{Code, ObligationDecision, ObligationId};
use leleka_exchange::obligation_decide;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which obligation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ObligationPath {
    /// `BODY:DATAFLOW:PERIOD`.
    #[param(max_length = 150)]
    obligation_id: String,
}

/// Decide on an obligation
///
/// Waive it, or open a closed period again, with a reason. The newest decision counts; none is ever removed.
#[utoipa::path(
    operation_id = "obligation_decision_create", tag = "obligations",
    params(
        ObligationPath,
        ("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each decision, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$"),
    ),
    request_body(content = ObligationDecisionCreate, content_type = "application/json", description = "The decision."),
    responses(
        (status = 201, description = "Decided; the obligation as it stands now.", body = Obligation, headers(("Location" = String, description = "The obligations of this body and dataflow in this period."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 409, description = "A request with this key is still running.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member has no expected value; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["obligation:decide"])),
)]
#[post("/v1/obligations/{obligation_id}/decisions")]
pub(crate) async fn obligation_decision_create(
    request: HttpRequest,
    authorised: Authorised<ObligationDecide>,
    path: Path<ObligationPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let id: Result<ObligationId, ()> = path.obligation_id.parse();
    let id = id.map_err(|()| Failure::new(Code::ResourceNotFound))?;
    let (sent, keyed) =
        keyed_json::<ObligationDecisionCreate>(&request, payload, service.body_deadline).await?;
    let decision = match (sent.decision, sent.until) {
        (ObligationDecisionKind::Reopened, until) => ObligationDecision::Reopened { until },
        (ObligationDecisionKind::Waived, None) => ObligationDecision::Waived,
        (ObligationDecisionKind::Waived, Some(_)) => {
            return Err(Failure::new(Code::MemberInvalid).detail("/until: reopened"));
        }
    };
    let location = format!(
        "/v1/obligations?body={}&dataflow={}&from={}&to={}",
        id.body, id.dataflow, id.period, id.period
    );
    let acted = web::block(move || {
        obligation_decide(
            &service.centre,
            &authorised.caller,
            &keyed,
            &id,
            decision,
            &sent.reason,
        )
    });
    let (obligation, replayed) = acted.await??;
    created(&obligation_wire(obligation), &location, replayed)
}
