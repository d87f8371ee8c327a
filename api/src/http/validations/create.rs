//! POST /v1/validations: the same as a submission, without storing anything.

use crate::http::body::{body_head, with_body};
use crate::http::caller::{Authorised, SubmissionWrite};
use crate::http::problem::{Failure, hexadecimal};
use crate::http::query::Params;
use crate::http::respond::json_with_status;
use crate::http::submissions::{SubmissionParameters, submission_request};
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{SubmissionCreate, Validation};
use leleka_exchange::{slice_etag, submission_validate};

/// Validate a submission
///
/// A dry run: the same reading, the same checks, the same report, and nothing is stored. 200 whenever the check
/// could run, also with errors.
#[utoipa::path(
    operation_id = "validation_create", tag = "submissions",
    params(
        SubmissionParameters,
        ("Content-Encoding" = Option<String>, Header, description = "`gzip`, or nothing. What comes out counts against the limit of the body.", max_length = 16),
    ),
    request_body(description = "The rows.", content((SubmissionCreate = "application/json"), (String = "application/x-ndjson", example = "{\"indicator\":\"ASY_APPL\",\"period\":\"2026-W45\",\"citizenship\":\"SY\",\"value\":12}"), (String = "text/csv", example = "indicator,period,citizenship,value\nASY_APPL,2026-W45,SY,12"), (String = "application/vnd.sdmx.data+csv", example = "STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,CITIZENSHIP,TIME_PERIOD,OBS_VALUE\ndataflow,LELEKA:ASYLUM_WEEKLY(1.0.0),I,ASY_APPL,SY,2026-W45,12"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 200, description = "What would become of it.", body = Validation)),
    security(("leleka_oauth2" = ["submission:write"])),
)]
#[post("/v1/validations")]
pub(crate) async fn validation_create(
    request: HttpRequest,
    authorised: Authorised<SubmissionWrite>,
    parameters: Params<SubmissionParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let head = body_head(&request, service.centre.settings.body_bytes)?;
    let asked = submission_request(&request, head, parameters.0, None, service.centre.clock.now())?;
    let _permit = service.bulk_permit(request.headers().get(CONTENT_LENGTH)).await;
    let report = with_body(&request, payload, service.body_deadline, move |body| {
        submission_validate(&service.centre, &authorised.caller, &asked, body)
    });
    let report = report.await??;
    json_with_status(
        StatusCode::OK,
        &Validation {
            would_be: report.would_be.into(),
            counts: report.counts.into(),
            ignored_by_reason: report.ignored_by_reason,
            slice_etag: report.slice_version.map(slice_etag),
            content_sha256: hexadecimal(&report.content_sha256),
            ruleset_version: report.ruleset_version,
            findings: report.findings.into_iter().map(Into::into).collect(),
            truncated: report.truncated,
            validation_id: report.validation_id,
        },
    )
}
