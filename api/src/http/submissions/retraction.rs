//! POST /v1/submissions/{submission_id}/retraction: take back what a submission brought.
//!
//! Makes a submission of its own; deletes nothing. A submission of another body is "not found".

use crate::http::body::{BodyChunks, BodyHead, body_head, with_body};
use crate::http::caller::{Authorised, SubmissionWrite, request_id};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::json_with_status;
use crate::http::submissions::{SubmissionPath, idempotency_key, submission_wire};
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{RetractionCreate, Submission};
use leleka_domain::{Code, RowFormat, SubmissionId};
use leleka_exchange::{ActError, RetractionRequest, SubmissionAnswer, submission_retract};
use sha2::{Digest, Sha256};

/// A reason and a list of periods take no more.
const BODY_BYTES: u64 = 64 * 1024;

/// Retract a submission
///
/// Every observation that the submission brought and that is still current is taken back, in all periods or in those
/// named. What was corrected meanwhile stays. Earlier vintages stay as they were; history shows the retraction.
#[utoipa::path(
    operation_id = "retraction_create", tag = "submissions",
    params(
        SubmissionPath,
        ("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each retraction, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$"),
        ("Content-Digest" = Option<String>, Header, description = "RFC 9530, `sha-256=:…:`; checked before anything is stored.", max_length = 512),
    ),
    request_body(description = "Why, and which periods.", content((RetractionCreate = "application/json"))),
    responses(
        (status = 201, description = "Retracted: the submission that takes back.", body = Submission, headers(("Location" = String, description = "The retraction."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
    ),
    security(("leleka_oauth2" = ["submission:write"])),
)]
#[post("/v1/submissions/{submission_id}/retraction")]
pub(crate) async fn retraction_create(
    request: HttpRequest,
    authorised: Authorised<SubmissionWrite>,
    path: Path<SubmissionPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let head = body_head(&request, BODY_BYTES)?;
    if head.format != RowFormat::Json {
        return Err(Failure::new(Code::ContentTypeUnsupported).detail("application/json"));
    }
    let key = idempotency_key(&request)?.ok_or_else(|| Failure::new(Code::IdempotencyKeyMissing))?;
    let received_at = service.centre.clock.now();
    let asked = RetractionRequest {
        submission: SubmissionId(path.submission_id),
        reason_code: String::new(),
        reason_text: None,
        periods: Vec::new(),
        content: Vec::new(),
        content_type: head.content_type.clone(),
        idempotency_key: key,
        fingerprint_context: format!("{} {}\n{}", request.method(), request.path(), head.content_type),
        request_id: request_id(&request),
        received_at,
    };
    let answered = with_body(&request, payload, service.body_deadline, {
        let service = service.clone();
        move |body| -> Result<SubmissionAnswer, ActError> {
            let asked = body_read(asked, &head, body)?;
            submission_retract(&service.centre, &authorised.caller, &asked)
        }
    });
    let SubmissionAnswer { report, replayed, .. } = answered.await??;
    if !replayed {
        service.recompute.wake();
    }
    let location = HeaderValue::from_str(&format!("/v1/submissions/{}", report.submission.id));
    let mut answer = json_with_status(StatusCode::CREATED, &submission_wire(report))?;
    if let Ok(location) = location {
        answer.headers_mut().insert(LOCATION, location);
    }
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// Takes the body whole and puts what it says into the request.
fn body_read(
    mut asked: RetractionRequest,
    head: &BodyHead,
    body: BodyChunks,
) -> Result<RetractionRequest, ActError> {
    for bytes in body {
        let bytes = bytes.map_err(|fault| ActError::refused(fault.code()))?;
        if (asked.content.len() + bytes.len()) as u64 > BODY_BYTES {
            return Err(ActError::refused_because(
                Code::BodyTooLarge,
                BODY_BYTES.to_string(),
            ));
        }
        asked.content.extend_from_slice(&bytes);
    }
    let sha256: [u8; 32] = Sha256::digest(&asked.content).into();
    if head.content_digest.is_some_and(|claimed| claimed != sha256) {
        return Err(ActError::refused(Code::DigestMismatch));
    }
    let sent: RetractionCreate = serde_json::from_slice(&asked.content)
        .map_err(|error| ActError::refused_because(Code::RequestMalformed, error.to_string()))?;
    asked.reason_code = sent.reason_code;
    asked.reason_text = sent.reason_text;
    asked.periods = sent.periods.into_iter().map(|period| period.0).collect();
    Ok(asked)
}
