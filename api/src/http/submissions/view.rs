//! GET /v1/submissions/{submission_id}: what became of one submission.
//!
//! Never changes anything. A submission of another body is "not found".

use crate::http::caller::{Authorised, SubmissionRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::http::submissions::answer::{retry_after, retry_after_insert};
use crate::http::submissions::{SubmissionPath, submission_wire};
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::Submission;
use leleka_domain::{Code, SubmissionId};
use leleka_exchange::submission_report;

/// Read one submission
///
/// Its state, counts and first findings; while it is still to be read its `progress`, and in `Retry-After` when to
/// look again.
#[utoipa::path(
    operation_id = "submission_view", tag = "submissions", params(SubmissionPath),
    responses((status = 200, description = "The submission.", body = Submission, headers(("Retry-After" = Option<String>, description = "Seconds, while it is still to be read.")))),
    security(("leleka_oauth2" = ["submission:read"])),
)]
#[get("/v1/submissions/{submission_id}")]
pub(crate) async fn submission_view(
    request: HttpRequest,
    authorised: Authorised<SubmissionRead>,
    path: Path<SubmissionPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, id) = (authorised.scope()?, SubmissionId(path.submission_id));
    let report = web::block(move || submission_report(&service.centre, &scope, id)).await??;
    let report = report.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    let again = retry_after(&report);
    let mut answer = respond::json(&request, &submission_wire(report))?;
    retry_after_insert(answer.headers_mut(), again);
    Ok(answer)
}
