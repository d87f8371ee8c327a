//! GET /v1/jobs: what waits, runs, is done or was given up, newest first. Changes nothing.

use crate::http::caller::{Authorised, OperationsRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::jobs::job_wire;
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::JobPage;
use leleka_store::{JobFilter, job_page};
use utoipa::IntoParams;
use uuid::Uuid;

const STATES: [&str; 4] = ["queued", "running", "done", "dead"];

/// Which jobs.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct JobListQuery {
    /// Of these kinds: `submission`, `metrics_recompute`, `forecasts_refresh`, `key_sweep`.
    kind: Vec<String>,
    /// In these states: `queued`, `running`, `done`, `dead`.
    state: Vec<String>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: i64,
    /// Where the page begins, from `next` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

impl QueryModel for JobListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            kind: query.many("kind"),
            state: query.words("state", &STATES),
            limit: query.number("limit", 1..=200, 50),
            cursor: query.text("cursor", 512),
        }
    }
}

/// List jobs
///
/// Newest first: what goes on after requests were answered.
#[utoipa::path(
    operation_id = "job_list", tag = "operations", params(JobListQuery),
    responses((status = 200, description = "A page.", body = JobPage)),
    security(("leleka_oauth2" = ["operations:read"])),
)]
#[get("/v1/jobs")]
pub(crate) async fn job_list(
    request: HttpRequest,
    _authorised: Authorised<OperationsRead>,
    query: Params<JobListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let before = service.cursors.read::<Uuid>(&bound_to, query.cursor.as_deref())?;
    let (limit, stored) = (query.limit, service.clone());
    let mut found = web::block(move || {
        let filter = JobFilter {
            kinds: query.kind,
            states: query.state,
            before,
        };
        job_page(&mut stored.centre.store.reader()?, &filter, limit + 1)
    })
    .await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().map(|job| job.id).filter(|_| more);
    let next = last.map(|id| next_page(&bound_to, &service.cursors.make(&bound_to, &id)));
    let items = found.into_iter().map(job_wire).collect::<Result<_, _>>()?;
    respond::json(&request, &JobPage { items, next })
}
