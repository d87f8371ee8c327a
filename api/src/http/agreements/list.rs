//! GET /v1/agreements: which body supplies which indicator.
//!
//! Never shows another body's agreements to a body.

use crate::http::agreements::agreement_wire;
use crate::http::caller::{AgreementRead, Authorised};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::AgreementPage;
use leleka_domain::{AgreementId, AgreementState, Code};
use leleka_store::{AgreementFilter, agreement_page};
use utoipa::IntoParams;

/// Which agreements.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AgreementListQuery {
    /// Of these bodies.
    body: Vec<String>,
    /// Of indicators of these dataflows.
    dataflow: Vec<String>,
    /// On these indicators.
    indicator: Vec<String>,
    /// In these states.
    state: Vec<String>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: i64,
    /// Where the page begins, from `next` of the page before.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

impl QueryModel for AgreementListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            body: query.many("body"),
            dataflow: query.many("dataflow"),
            indicator: query.many("indicator"),
            state: query.words("state", &AgreementState::ALL.map(AgreementState::word)),
            limit: query.number("limit", 1..=500, 100),
            cursor: query.text("cursor", 512),
        }
    }
}

/// List agreements
///
/// By body and indicator. A body sees its own; the centre sees all.
#[utoipa::path(
    operation_id = "agreement_list", tag = "agreements", params(AgreementListQuery),
    responses((status = 200, description = "A page.", body = AgreementPage)),
    security(("leleka_oauth2" = ["agreement:read"])),
)]
#[get("/v1/agreements")]
pub(crate) async fn agreement_list(
    request: HttpRequest,
    authorised: Authorised<AgreementRead>,
    query: Params<AgreementListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, query) = (authorised.caller.duty_scope(), query.0);
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let after = service
        .cursors
        .read::<String>(&bound_to, query.cursor.as_deref())?;
    let after: Option<AgreementId> = after
        .map(|id| id.parse())
        .transpose()
        .map_err(|()| Failure::new(Code::CursorInvalid))?;
    let (limit, stored) = (query.limit, service.clone());
    let mut found = web::block(move || {
        let filter = AgreementFilter {
            bodies: query.body,
            dataflows: query.dataflow,
            indicators: query.indicator,
            states: query.state,
            after,
        };
        agreement_page(&mut stored.centre.store.reader()?, &scope, &filter, limit + 1)
    })
    .await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found
        .last()
        .map(|agreement| agreement.id.to_string())
        .filter(|_| more);
    let next = last.map(|id| next_page(&bound_to, &service.cursors.make(&bound_to, &id)));
    let items = found.into_iter().map(agreement_wire).collect();
    respond::json(&request, &AgreementPage { items, next })
}
