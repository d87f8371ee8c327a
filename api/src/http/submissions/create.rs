//! POST /v1/submissions: deliver rows; all of them or none.
//!
//! Never answers before the act, or the promise of it, is committed; a repeated request gets the same answer and counts nothing twice.

use crate::http::body::{body_head, with_body};
use crate::http::caller::{Authorised, SubmissionWrite};
use crate::http::prefer::Prefer;
use crate::http::problem::Failure;
use crate::http::query::Params;
use crate::http::submissions::answer::answer;
use crate::http::submissions::{SubmissionParameters, idempotency_key, submission_request};
use crate::service::Service;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{Submission, SubmissionCreate};
use leleka_domain::{Code, RowFormat};
use leleka_exchange::submission_accept;

/// Deliver a submission
///
/// JSON, NDJSON, CSV, SDMX-CSV or a workbook of Excel, plain or compressed with gzip. All rows are stored or none; a
/// rejection lists every finding of every row. Repeating the request with its key gives the same answer, marked
/// `Idempotency-Replayed`. A body of more than 5,000 rows or 1 MiB, and any with `Prefer: respond-async`, is kept whole
/// and read afterwards: 202, and the result at `Location`. The same content under another key is refused as long as
/// it is current.
#[utoipa::path(
    operation_id = "submission_create", tag = "submissions",
    params(
        SubmissionParameters,
        ("Idempotency-Key" = Option<String>, Header, description = "Chosen by the sender, new for each delivery, the same for each repetition. Required, except for a JSON document with `submission_ref`.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$"),
        ("If-Match" = Option<String>, Header, description = "The `slice_etag` that a correction was made from. Required with `mode=merge`, except for a JSON document with `if_match`; anything else is compared when it is sent.", max_length = 32, pattern = "^\"?s[0-9]+\"?$"),
        ("Content-Digest" = Option<String>, Header, description = "RFC 9530, `sha-256=:…:` over the body as sent, its coding included; checked before anything is stored.", max_length = 512),
        ("Content-Encoding" = Option<String>, Header, description = "`gzip`, or nothing. What comes out counts against the limit of the body.", max_length = 16),
        ("Prefer" = Option<String>, Header, description = "RFC 7240: `respond-async` to be answered with 202 at once; `wait=20` to wait up to 20 seconds for the result of a large body. Anything else is ignored.", max_length = 512),
    ),
    request_body(description = "The rows.", content((SubmissionCreate = "application/json"), (String = "application/x-ndjson", example = "{\"indicator\":\"ASY_APPL\",\"period\":\"2026-W45\",\"citizenship\":\"SY\",\"value\":12}"), (String = "text/csv", example = "indicator,period,citizenship,value\nASY_APPL,2026-W45,SY,12"), (String = "application/vnd.sdmx.data+csv", example = "STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,CITIZENSHIP,TIME_PERIOD,OBS_VALUE\ndataflow,LELEKA:ASYLUM_WEEKLY(1.0.0),I,ASY_APPL,SY,2026-W45,12"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses(
        (status = 201, description = "Stored.", body = Submission, headers(("Location" = String, description = "The submission."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."), ("Preference-Applied" = Option<String>, description = "`wait=…` when the result was waited for."))),
        (status = 202, description = "Kept whole, to be read afterwards; `state` tells how far it is.", body = Submission, headers(("Location" = String, description = "The submission: look there for the result."), ("Retry-After" = Option<String>, description = "Seconds after which looking is worth while."), ("Preference-Applied" = Option<String>, description = "`respond-async` when that was asked for."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
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
    let prefer = Prefer::of(request.headers());
    let received_at = service.centre.clock.now();
    let asked = submission_request(&request, head, parameters.0, key, received_at)?;
    let _permit = service.bulk_permit(request.headers().get(CONTENT_LENGTH)).await;
    let answered = with_body(&request, payload, service.body_deadline, {
        let service = service.clone();
        move |body| {
            submission_accept(
                &service.centre,
                &authorised.caller,
                &asked,
                prefer.respond_async,
                body,
            )
        }
    });
    let answered = answered.await??;
    if answered.report.submission.position.is_some() && !answered.replayed {
        service.recompute.wake();
    }
    if answered.report.progress.is_some() {
        service.submissions.wake();
    }
    answer(&service, answered, prefer).await
}
