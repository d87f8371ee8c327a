//! GET /v1/risk-metrics/{code}/alert-history: the alerts that the definition gives over everything that is stored.
//!
//! Pure: computed from stored levels when asked for, whether or not an alert was raised at the time.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::risk_metrics::values::dimensions_read;
use crate::http::risk_metrics::{RiskMetricPath, dimensions_wire, level_wire, period_text};
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_contract::v1::{AlertEventKind, AlertTurn, PastAlert, PastAlertPage, PeriodText};
use leleka_domain::Code;
use leleka_exchange::{AlertStep, HistoryFilter, metric_alert_history};
use utoipa::IntoParams;

/// Which part of the history.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AlertHistoryQuery {
    /// Dimensions of the metric, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["territory=UA46000000000026241"]))]
    dimension: Vec<(String, Vec<String>)>,
    /// First period: what was unusual before it is not known here.
    #[param(value_type = Option<String>, max_length = 21)]
    from: NaiveDate,
    /// Last period.
    #[param(value_type = Option<String>, max_length = 21)]
    to: NaiveDate,
    /// What was said by this moment.
    as_of: Option<DateTime<Utc>>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 1024)]
    cursor: Option<String>,
}

impl QueryModel for AlertHistoryQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            dimension: dimensions_read(query).into_iter().collect(),
            from: query.first_day("from"),
            to: query.last_day("to"),
            as_of: query.instant("asOf"),
            limit: query.number("limit", 1..=1000, 200),
            cursor: query.text("cursor", 1024),
        }
    }
}

/// List the alerts of a metric's history
///
/// What the definition opens, escalates and closes over the stored values, period by period: what an alert would have
/// been, also where history was loaded later and none was raised.
#[utoipa::path(
    operation_id = "risk_metric_alert_history_list", tag = "risk metrics", params(RiskMetricPath, AlertHistoryQuery),
    responses((status = 200, description = "A page, by dimensions and period.", body = PastAlertPage)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/alert-history")]
pub(crate) async fn risk_metric_alert_history_list(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricPath>,
    query: Params<AlertHistoryQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let after: Option<(String, NaiveDate)> = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let filter = HistoryFilter {
        code: path.into_inner().code,
        dimensions: query.dimension,
        from: query.from,
        to: query.to,
        as_of: query.as_of,
    };
    let stored = service.clone();
    let found =
        web::block(move || metric_alert_history(&stored.centre, &authorised.caller, &filter)).await??;
    let mut found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    let place = |it: &leleka_exchange::PastAlert| Some((it.key.clone(), it.turns.first()?.period));
    found.sort_by_key(place);
    found.retain(|it| after.is_none() || place(it) > after);
    let limit = usize::try_from(query.limit).unwrap_or(200);
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more).and_then(place);
    let next = last.map(|place| next_page(&bound_to, &service.cursors.make(&bound_to, &place)));
    let items = found.iter().filter_map(past_wire).collect();
    respond::json(&request, &PastAlertPage { items, next })
}

fn past_wire(past: &leleka_exchange::PastAlert) -> Option<PastAlert> {
    let period = |day| PeriodText(period_text(&past.frequency, day));
    let closed = past.turns.last().filter(|turn| turn.step == AlertStep::Closed);
    let turns = past.turns.iter().map(|turn| AlertTurn {
        period: period(turn.period),
        kind: match turn.step {
            AlertStep::Closed => AlertEventKind::Closed,
            AlertStep::Escalated => AlertEventKind::Escalated,
            AlertStep::Opened | AlertStep::Unchanged => AlertEventKind::Raised,
        },
        level: level_wire(turn.level.code()),
        q: turn.q,
    });
    Some(PastAlert {
        dimensions: dimensions_wire(&past.dimensions),
        opened_period: period(past.turns.first()?.period),
        closed_period: closed.map(|turn| period(turn.period)),
        level: level_wire(past.peak.code()),
        turns: turns.collect(),
    })
}
