//! GET /v1/reconciliation: where two bodies report one thing, what each says.
//!
//! Only for those who see the whole centre: a body is never shown another one's figure.

use crate::http::caller::{Authorised, ObservationRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{Days, NaiveDate};
use leleka_contract::v1::{PeriodText, ReconciledFigure, ReconciliationPage};
use leleka_domain::{BodyScope, Code, Period};
use leleka_exchange::{Reconciled, ReconciliationFilter, ReconciliationPlace, reconciliation_page};
use utoipa::IntoParams;

/// Without `from` and `to`: so many days back.
const ORDINARY_DAYS: u64 = 400;
/// A page is made of whole series: this bounds what one of them can hold.
const MOST_DAYS: i64 = 1_100;

/// Which reports.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct ReconciliationListQuery {
    /// Of these rules.
    rule: Vec<String>,
    /// Of these indicators, on either side.
    indicator: Vec<String>,
    /// Of these bodies, on either side.
    body: Vec<String>,
    /// First period; 400 days before `to` when absent.
    #[param(value_type = Option<String>, max_length = 32)]
    from: Option<Period>,
    /// Last period; today when absent. At most 1,100 days after `from`.
    #[param(value_type = Option<String>, max_length = 32)]
    to: Option<Period>,
    /// Only reports that the rule does not take as alike.
    #[param(default = false)]
    only_broken: bool,
    /// A page ends with the first whole step after so many reports.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: i64,
    /// Where the page begins, from `next` of the page before.
    #[param(max_length = 2048)]
    cursor: Option<String>,
}

impl QueryModel for ReconciliationListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            rule: query.many("rule"),
            indicator: query.many("indicator"),
            body: query.many("body"),
            from: query.period("from"),
            to: query.period("to"),
            only_broken: query.flag("onlyBroken", false),
            limit: query.number("limit", 1..=1000, 200),
            cursor: query.text("cursor", 2048),
        }
    }
}

fn figure_wire(it: Reconciled) -> ReconciledFigure {
    ReconciledFigure {
        rule_id: it.rule_id,
        period: PeriodText(it.period),
        left_series: it.left_series.to_string(),
        right_series: it.right_series.to_string(),
        left: it.left,
        right: it.right,
        difference: it.left - it.right,
        share: it.share,
        matches: it.matches,
    }
}

fn range(query: &ReconciliationListQuery, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Failure> {
    let to = query.to.map_or(today, |period| period.end());
    let ordinary = to.checked_sub_days(Days::new(ORDINARY_DAYS)).unwrap_or(to);
    let from = query.from.map_or(ordinary, |period| period.start());
    if (to - from).num_days() > MOST_DAYS {
        let failure = Failure::new(Code::ParameterInvalid);
        return Err(failure.detail(format!("from … to: at most {MOST_DAYS} days")));
    }
    Ok((from, to))
}

/// Compare two bodies' reports of one thing
///
/// Every pair of current figures that a mirror rule speaks of, with both values and how far they are apart. For
/// roles that see the whole centre.
#[utoipa::path(
    operation_id = "reconciliation_list", tag = "observations", params(ReconciliationListQuery),
    responses(
        (status = 200, description = "The reports, side by side.", body = ReconciliationPage),
        (status = 404, description = "Only for roles that see the whole centre.", body = leleka_contract::v1::Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["observation:read"])),
)]
#[get("/v1/reconciliation")]
pub(crate) async fn reconciliation_list(
    request: HttpRequest,
    authorised: Authorised<ObservationRead>,
    query: Params<ReconciliationListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    let (from, to) = range(&query, service.centre.clock.now().date_naive())?;
    match authorised.scope()? {
        BodyScope::WholeCentre => {}
        BodyScope::One(_) => return Err(Failure::new(Code::ResourceNotFound)),
    }
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let place = service
        .cursors
        .read::<ReconciliationPlace>(&bound_to, query.cursor.as_deref());
    let place = place?.unwrap_or_default();
    let filter = ReconciliationFilter {
        rules: query.rule,
        indicators: query.indicator,
        bodies: query.body,
        from,
        to,
        only_broken: query.only_broken,
    };
    let (limit, stored) = (usize::try_from(query.limit).unwrap_or(1), service.clone());
    let (found, place) =
        web::block(move || reconciliation_page(&stored.centre, &filter, place, limit)).await??;
    let page = ReconciliationPage {
        items: found.into_iter().map(figure_wire).collect(),
        next: place.map(|place| next_page(&bound_to, &service.cursors.make(&bound_to, &place))),
    };
    respond::json(&request, &page)
}
