//! GET /v1/jobs/{job_id}: how one job is going. Changes nothing.

use crate::http::caller::{Authorised, OperationsRead};
use crate::http::jobs::{JobPath, job_wire};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::Job;
use leleka_domain::Code;
use leleka_store::job_find;

/// Read one job
///
/// Its state, progress, attempts and last error.
#[utoipa::path(
    operation_id = "job_view", tag = "operations", params(JobPath),
    responses((status = 200, description = "The job.", body = Job)),
    security(("leleka_oauth2" = ["operations:read"])),
)]
#[get("/v1/jobs/{job_id}")]
pub(crate) async fn job_view(
    request: HttpRequest,
    _authorised: Authorised<OperationsRead>,
    path: Path<JobPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let id = path.job_id;
    let found = web::block(move || job_find(&mut service.centre.store.reader()?, id)).await??;
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    respond::json(&request, &job_wire(found)?)
}
