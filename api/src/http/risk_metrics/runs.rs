//! GET /v1/risk-metrics/{code}/runs: the pieces of recomputation of a metric, newest first. Changes nothing.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::risk_metrics::RiskMetricPath;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{RiskMetricRun, RiskMetricRunPage};
use leleka_domain::Code;
use leleka_store::{DIRTY_BY_AGREEMENT, DIRTY_BY_DEFINITION, StoredMetricRun, metric_run_page};
use utoipa::IntoParams;
use uuid::Uuid;

/// Which pieces.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskMetricRunQuery {
    /// Only those that this submission led to; their numbers add up to what it made to be computed and recorded.
    submission_id: Option<Uuid>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: i64,
    /// Where the page begins, from `next` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

impl QueryModel for RiskMetricRunQuery {
    fn read(query: &mut QueryReader) -> Self {
        let submission_id = query.one("submissionId").and_then(|text| {
            let id = text.parse();
            id.map_err(|_| query.fault("submissionId", "UUID")).ok()
        });
        Self {
            submission_id,
            limit: query.number("limit", 1..=200, 50),
            cursor: query.text("cursor", 512),
        }
    }
}

/// List the recomputations of a risk metric
///
/// Newest first: what led to each, how many values were computed and recorded, how much was read and how long it took.
#[utoipa::path(
    operation_id = "risk_metric_run_list", tag = "risk metrics", params(RiskMetricPath, RiskMetricRunQuery),
    responses((status = 200, description = "A page.", body = RiskMetricRunPage)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/runs")]
pub(crate) async fn risk_metric_run_list(
    request: HttpRequest,
    _authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricPath>,
    query: Params<RiskMetricRunQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (query, code) = (query.0, path.into_inner().code);
    let book = service.centre.book();
    if !book.definitions.iter().any(|definition| definition.code == code) {
        return Err(Failure::new(Code::ResourceNotFound));
    }
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let before = service.cursors.read::<i64>(&bound_to, query.cursor.as_deref())?;
    let (limit, submission, stored) = (query.limit, query.submission_id, service.clone());
    let mut found = web::block(move || {
        metric_run_page(
            &mut stored.centre.store.reader()?,
            &code,
            submission,
            before,
            limit + 1,
        )
    })
    .await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().map(|run| run.id).filter(|_| more);
    let next = last.map(|id| next_page(&bound_to, &service.cursors.make(&bound_to, &id)));
    let items = found.into_iter().map(run_wire).collect();
    respond::json(&request, &RiskMetricRunPage { items, next })
}

fn run_wire(run: StoredMetricRun) -> RiskMetricRun {
    RiskMetricRun {
        version: run.version,
        submission_ids: run.submissions,
        by_definition: run.positions.contains(&DIRTY_BY_DEFINITION),
        by_agreement: run.positions.contains(&DIRTY_BY_AGREEMENT),
        keys: run.keys,
        computed: run.computed,
        recorded: run.recorded,
        observations: run.observations,
        data_as_of: run.data_as_of,
        started_at: run.started_at,
        duration_ms: run.duration_ms,
    }
}
