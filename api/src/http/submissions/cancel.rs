//! DELETE /v1/submissions/{submission_id}: take back what is not being read yet.
//!
//! Nothing is deleted: the submission stays, rejected, with the finding `submission.cancelled`.

use crate::http::caller::{Authorised, SubmissionWrite, request_id};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::submissions::SubmissionPath;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete};
use leleka_domain::SubmissionId;
use leleka_exchange::submission_cancel as cancel;

/// Cancel a submission
///
/// Only while its state is `received`. It stays readable as `rejected` with the finding `submission.cancelled`.
#[utoipa::path(
    operation_id = "submission_cancel", tag = "submissions", params(SubmissionPath),
    responses((status = 204, description = "Cancelled; also when it was cancelled before.")),
    security(("leleka_oauth2" = ["submission:write"])),
)]
#[delete("/v1/submissions/{submission_id}")]
pub(crate) async fn submission_cancel(
    request: HttpRequest,
    authorised: Authorised<SubmissionWrite>,
    path: Path<SubmissionPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (id, asked) = (SubmissionId(path.submission_id), request_id(&request));
    web::block(move || cancel(&service.centre, &authorised.caller, id, asked)).await??;
    Ok(HttpResponse::NoContent().finish())
}
