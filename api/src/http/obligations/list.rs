//! GET /v1/obligations: what is due, on time, late, missing or closed.
//!
//! Never shows another body's obligations to a body. Holds no figure, only how many cells there are.

use crate::http::caller::{Authorised, ObligationRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::obligations::{obligation_wire, timeliness_wire};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::ObligationPage;
use leleka_domain::ObligationStatus;
use leleka_exchange::{ObligationFilter, obligation_list as obligations_standing};
use utoipa::IntoParams;

/// Which obligations.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ObligationListQuery {
    /// Of these bodies.
    body: Vec<String>,
    /// For these dataflows.
    dataflow: Vec<String>,
    /// Standing like this: `not_open`, `open`, `on_time`, `late`, `overdue`, `nil`, `waived`, `frozen`.
    status: Vec<String>,
    /// First period, any length; all that begin in it or later.
    #[param(value_type = Option<String>, max_length = 21, example = "2026-W47")]
    from: chrono::NaiveDate,
    /// Last period; all that begin in it or earlier.
    #[param(value_type = Option<String>, max_length = 21, example = "2026-W50")]
    to: chrono::NaiveDate,
    /// Whether to count the cells of each slice.
    #[param(default = true)]
    completeness: bool,
    /// Size of a page.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: i64,
    /// Where the page begins, from `next` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

impl QueryModel for ObligationListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            body: query.many("body"),
            dataflow: query.many("dataflow"),
            status: query.words("status", &ObligationStatus::ALL.map(ObligationStatus::word)),
            from: query.first_day("from"),
            to: query.last_day("to"),
            completeness: query.flag("completeness", true),
            limit: query.number("limit", 1..=100, 50),
            cursor: query.text("cursor", 512),
        }
    }
}

/// List obligations
///
/// One for each body, dataflow and period that an agreement makes due; the latest due first. Status follows from what
/// came in and from the server's clock. With the cells of each slice, and how punctual each body was.
#[utoipa::path(
    operation_id = "obligation_list", tag = "obligations", params(ObligationListQuery),
    responses((status = 200, description = "A page.", body = ObligationPage)),
    security(("leleka_oauth2" = ["obligation:read"])),
)]
#[get("/v1/obligations")]
pub(crate) async fn obligation_list(
    request: HttpRequest,
    authorised: Authorised<ObligationRead>,
    query: Params<ObligationListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, query) = (authorised.caller.duty_scope(), query.0);
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let after = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let filter = ObligationFilter {
        bodies: query.body,
        dataflows: query.dataflow,
        statuses: query.status,
        from: query.from,
        to: query.to,
        after,
        limit: usize::try_from(query.limit).unwrap_or(50),
        with_cells: query.completeness,
    };
    let standing = service.clone();
    let list = web::block(move || obligations_standing(&standing.centre, &scope, &filter)).await??;
    let last = list.obligations.last().filter(|_| list.more);
    let next = last.map(|last| {
        let place = (last.deadline.due_at, last.id.to_string());
        next_page(&bound_to, &service.cursors.make(&bound_to, &place))
    });
    let page = ObligationPage {
        items: list.obligations.into_iter().map(obligation_wire).collect(),
        timeliness: list.timeliness.into_iter().map(timeliness_wire).collect(),
        next,
    };
    respond::json(&request, &page)
}
