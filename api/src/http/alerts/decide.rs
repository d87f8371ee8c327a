//! POST /v1/alerts/{alert_id}/decisions: a person acknowledges, judges, closes or reopens an alert, with a note.

use crate::http::alerts::{AlertPath, detail_wire};
use crate::http::caller::{AlertDecide, Authorised};
use crate::http::keyed_json::{created, keyed_json};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::service::Service;
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{AlertDecisionCreate, AlertDecisionKind, AlertDetail, AlertVerdict, Problem};
use leleka_domain::Code;
use leleka_exchange::{AlertDecision, Verdict, alert_decide};

/// Decide on an alert
///
/// Acknowledge it, judge what it was, close it, or open it again; always with a note. Nothing that was decided is ever
/// removed, and no level changes by it.
#[utoipa::path(
    operation_id = "alert_decision_create", tag = "risk board",
    params(
        AlertPath,
        ("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each decision, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$"),
    ),
    request_body(content = AlertDecisionCreate, content_type = "application/json", description = "The decision."),
    responses(
        (status = 201, description = "Decided; the alert as it stands now.", body = AlertDetail, headers(("Location" = String, description = "The alert."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 409, description = "The state of the alert takes no such decision; or a request with this key is still running.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member has no expected value; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["alert:decide"])),
)]
#[post("/v1/alerts/{alert_id}/decisions")]
pub(crate) async fn alert_decision_create(
    request: HttpRequest,
    authorised: Authorised<AlertDecide>,
    path: Path<AlertPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let id = path.alert_id;
    let (sent, keyed) = keyed_json::<AlertDecisionCreate>(&request, payload, service.body_deadline).await?;
    let decision = match (sent.decision, sent.verdict) {
        (AlertDecisionKind::Acknowledge, None) => AlertDecision::Acknowledge,
        (AlertDecisionKind::Assess, Some(verdict)) => AlertDecision::Assess(verdict_read(verdict)),
        (AlertDecisionKind::Close, None) => AlertDecision::Close,
        (AlertDecisionKind::Reopen, None) => AlertDecision::Reopen,
        (AlertDecisionKind::Assess, None) => {
            let expected = "/verdict: real | known_event | data_error | false";
            return Err(Failure::new(Code::MemberInvalid).detail(expected));
        }
        (_, Some(_)) => return Err(Failure::new(Code::MemberInvalid).detail("/verdict: assess")),
    };
    let acted = web::block(move || {
        alert_decide(
            &service.centre,
            &authorised.caller,
            &keyed,
            id,
            decision,
            &sent.note,
        )
    });
    let (history, replayed) = acted.await??;
    created(&detail_wire(history), &format!("/v1/alerts/{id}"), replayed)
}

fn verdict_read(sent: AlertVerdict) -> Verdict {
    match sent {
        AlertVerdict::Real => Verdict::Real,
        AlertVerdict::KnownEvent => Verdict::KnownEvent,
        AlertVerdict::DataError => Verdict::DataError,
        AlertVerdict::False => Verdict::False,
    }
}
