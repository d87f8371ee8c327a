//! GET /v1/submissions: what was delivered, newest first.
//!
//! Never shows another body's submissions to a body.

use crate::http::caller::{Authorised, SubmissionRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::submissions::submission_wire;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::SubmissionPage;
use leleka_domain::{SubmissionId, SubmissionState};
use leleka_exchange::submission_list as submissions;
use leleka_store::SubmissionFilter;
use utoipa::IntoParams;

/// Which submissions.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct SubmissionListQuery {
    /// Of these bodies.
    body: Vec<String>,
    /// In these dataflows.
    dataflow: Vec<String>,
    /// In these states.
    state: Vec<String>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: i64,
    /// Where the page begins, from `next` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

impl QueryModel for SubmissionListQuery {
    fn read(query: &mut QueryReader) -> Self {
        let states: Vec<&str> = SubmissionState::ALL.iter().map(|state| state.word()).collect();
        Self {
            body: query.many("body"),
            dataflow: query.many("dataflow"),
            state: query.words("state", &states),
            limit: query.number("limit", 1..=200, 50),
            cursor: query.text("cursor", 512),
        }
    }
}

/// List submissions
///
/// Newest first, without their findings.
#[utoipa::path(
    operation_id = "submission_list", tag = "submissions", params(SubmissionListQuery),
    responses((status = 200, description = "A page.", body = SubmissionPage)),
    security(("leleka_oauth2" = ["submission:read"])),
)]
#[get("/v1/submissions")]
pub(crate) async fn submission_list(
    request: HttpRequest,
    authorised: Authorised<SubmissionRead>,
    query: Params<SubmissionListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, query) = (authorised.scope()?, query.0);
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let before = service
        .cursors
        .read::<SubmissionId>(&bound_to, query.cursor.as_deref())?;
    let (limit, stored) = (query.limit, service.clone());
    let mut found = web::block(move || {
        let filter = SubmissionFilter {
            bodies: query.body,
            dataflows: query.dataflow,
            states: query.state,
            before,
        };
        submissions(&stored.centre, &scope, &filter, limit + 1)
    })
    .await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().map(|report| report.submission.id).filter(|_| more);
    let next = last.map(|id| next_page(&bound_to, &service.cursors.make(&bound_to, &id)));
    let items = found.into_iter().map(submission_wire).collect();
    respond::json(&request, &SubmissionPage { items, next })
}
