//! GET /v1/changes: what happened after a place of the feed, in an order that never changes.
//!
//! Never shows a body what concerns another one alone. A reader that has seen a place will never find anything new
//! before it.

use crate::http::caller::{Authorised, SubmissionRead};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::service::Service;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{Change, ChangePage};
use leleka_store::{ChangeFilter, StoredChange, change_page};
use utoipa::IntoParams;

/// What a cursor of the feed belongs to: any query of it, since a place is a place whatever the filter.
const FEED: &str = "/v1/changes";
/// Seconds after which it is worth asking again when nothing more is there.
const PAUSE_SECONDS: &str = "5";

/// Which changes.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ChangeListQuery {
    /// Only what follows this place, from `cursor` of an earlier answer; absent: from the beginning.
    #[param(max_length = 512)]
    after: Option<String>,
    /// Only of these kinds, such as `submission.accepted`.
    kind: Vec<String>,
    /// Most changes of an answer.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: i64,
}

impl QueryModel for ChangeListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            after: query.text("after", 512),
            kind: query.many("kind"),
            limit: query.number("limit", 1..=500, 100),
        }
    }
}

fn change_wire(change: StoredChange) -> Change {
    let href = match change.object_type.as_str() {
        "submission" => Some(format!("/v1/submissions/{}", change.object_id)),
        "risk_metric" => change
            .object_id
            .split_once('/')
            .map(|(code, version)| format!("/v1/risk-metrics/{code}/versions/{version}")),
        "alert" => Some(format!("/v1/alerts/{}", change.object_id)),
        _ => None,
    };
    Change {
        kind: change.kind,
        recorded_at: change.recorded_at,
        body: change.body,
        dataflow: change.dataflow,
        object_type: change.object_type,
        object_id: change.object_id,
        href,
        details: change.details,
    }
}

/// Follow what happens
///
/// Submissions recorded, corrected, retracted or rejected, loads of the catalogue, risk metrics published or retired, and what
/// happens to alerts. Ask with the `cursor` of the
/// answer before: each change comes exactly once, and none ever comes before a place that was read.
#[utoipa::path(
    operation_id = "change_list", tag = "changes", params(ChangeListQuery),
    responses((status = 200, description = "What followed.", body = ChangePage, headers(("Retry-After" = String, description = "Seconds after which it is worth asking again.")))),
    security(("leleka_oauth2" = ["submission:read"])),
)]
#[get("/v1/changes")]
pub(crate) async fn change_list(
    request: HttpRequest,
    authorised: Authorised<SubmissionRead>,
    query: Params<ChangeListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, query) = (authorised.scope()?, query.0);
    let place = service.cursors.read::<i64>(FEED, query.after.as_deref());
    let filter = ChangeFilter {
        after: place?.unwrap_or(0),
        kinds: query.kind,
    };
    let (limit, stored) = (query.limit, service.clone());
    let mut found =
        web::block(move || change_page(&mut stored.centre.store.reader()?, &scope, &filter, limit + 1))
            .await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found
        .last()
        .map(|change| service.cursors.make(FEED, &change.number));
    let page = ChangePage {
        items: found.into_iter().map(change_wire).collect(),
        cursor: last.or(query.after),
        more,
    };
    let mut answer = respond::json(&request, &page)?;
    let pause = if more { "0" } else { PAUSE_SECONDS };
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static(pause));
    Ok(answer)
}
