//! POST /v1/submissions: deliver rows; all of them or none.
//!
//! Never answers before the act is committed; a repeated request gets the same answer and counts nothing twice.

use crate::http::body::{body_head, with_body};
use crate::http::caller::{Authorised, SubmissionWrite};
use crate::http::problem::Failure;
use crate::http::query::Params;
use crate::http::respond::json_with_status;
use crate::http::submissions::{SubmissionParameters, idempotency_key, submission_request, submission_wire};
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{Submission, SubmissionCreate};
use leleka_domain::{Code, RowFormat, SubmissionState};
use leleka_exchange::{SubmissionAnswer, submission_accept};

/// Deliver a submission
///
/// JSON, NDJSON or CSV. All rows are stored or none; a rejection lists every finding of every row. Repeating the
/// request with its key gives the same answer, marked `Idempotency-Replayed`. The same content under another key
/// is refused as long as it is current.
#[utoipa::path(
    operation_id = "submission_create", tag = "submissions",
    params(
        SubmissionParameters,
        ("Idempotency-Key" = Option<String>, Header, description = "Chosen by the sender, new for each delivery, the same for each repetition. Required, except for a JSON document with `submission_ref`.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$"),
        ("If-Match" = Option<String>, Header, description = "The `slice_etag` that a correction was made from. Required with `mode=merge`, except for a JSON document with `if_match`; anything else is compared when it is sent.", max_length = 32, pattern = "^\"?s[0-9]+\"?$"),
        ("Content-Digest" = Option<String>, Header, description = "RFC 9530, `sha-256=:…:`; checked before anything is stored.", max_length = 512),
    ),
    request_body(description = "The rows.", content((SubmissionCreate = "application/json"), (String = "application/x-ndjson", example = "{\"indicator\":\"ASY_APPL\",\"period\":\"2026-W45\",\"citizenship\":\"SY\",\"value\":12}"), (String = "text/csv", example = "indicator,period,citizenship,value\nASY_APPL,2026-W45,SY,12"))),
    responses(
        (status = 201, description = "Stored.", body = Submission, headers(("Location" = String, description = "The submission."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
    ),
    security(("leleka_oauth2" = ["submission:write"])),
)]
#[post("/v1/submissions")]
pub(crate) async fn submission_create(
    request: HttpRequest,
    authorised: Authorised<SubmissionWrite>,
    parameters: Params<SubmissionParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let head = body_head(&request, service.centre.settings.body_bytes)?;
    let key = idempotency_key(&request)?;
    if key.is_none() && head.format != RowFormat::Json {
        return Err(Failure::new(Code::IdempotencyKeyMissing));
    }
    let received_at = service.centre.clock.now();
    let asked = submission_request(&request, head, parameters.0, key, received_at)?;
    let _permit = service.bulk_permit(request.headers().get(CONTENT_LENGTH)).await;
    let answered = with_body(&request, payload, service.body_deadline, {
        let service = service.clone();
        move |body| submission_accept(&service.centre, &authorised.caller, &asked, body)
    });
    let SubmissionAnswer { report, replayed } = answered.await??;
    if !replayed && report.submission.position.is_some() {
        service.recompute.wake();
    }
    let location = HeaderValue::from_str(&format!("/v1/submissions/{}", report.submission.id));
    let replay = (
        HeaderName::from_static("idempotency-replayed"),
        HeaderValue::from_static("true"),
    );
    if report.submission.state == SubmissionState::Rejected {
        let failure = Failure::rejected(report);
        return Err(if replayed {
            failure.header(replay.0, replay.1)
        } else {
            failure
        });
    }
    let mut answer = json_with_status(StatusCode::CREATED, &submission_wire(report))?;
    if let Ok(location) = location {
        answer.headers_mut().insert(LOCATION, location);
    }
    if replayed {
        answer.headers_mut().insert(replay.0, replay.1);
    }
    Ok(answer)
}
