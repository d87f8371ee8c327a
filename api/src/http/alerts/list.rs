//! GET /v1/alerts: what became unusual, the latest first.
//!
//! Never lists an alert that rests on confidential figures to who may not see them.

use crate::http::alerts::alert_wire;
use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::csv_text::CsvText;
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::risk_metrics::values::{LEVELS, dimensions_read};
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, SecondsFormat, Utc};
use leleka_access::Scope;
use leleka_contract::v1::{Alert, AlertPage};
use leleka_store::{AlertFilter, alert_page};
use utoipa::IntoParams;

const STATES: [&str; 4] = ["open", "acknowledged", "assessed", "closed"];

/// Which alerts.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AlertListQuery {
    /// In these states: `open`, `acknowledged`, `assessed`, `closed`.
    state: Vec<String>,
    /// Whose highest level is one of these.
    level: Vec<String>,
    /// Of these metrics.
    metric: Vec<String>,
    /// Dimensions of the metric, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["territory=UA46000000000026241"]))]
    dimension: Vec<(String, Vec<String>)>,
    /// To which something happened after this moment.
    updated_after: Option<DateTime<Utc>>,
    /// As they stood at this moment.
    as_of: Option<DateTime<Utc>>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 1024)]
    cursor: Option<String>,
    /// `json` or `csv`, in place of `Accept`.
    #[param(max_length = 4)]
    format: Option<String>,
}

impl QueryModel for AlertListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            state: query.words("state", &STATES),
            level: query.words("level", &LEVELS),
            metric: query.many("metric"),
            dimension: dimensions_read(query).into_iter().collect(),
            updated_after: query.instant("updatedAfter"),
            as_of: query.instant("asOf"),
            limit: query.number("limit", 1..=500, 100),
            cursor: query.text("cursor", 1024),
            format: query.words("format", &Format::WORDS).into_iter().next(),
        }
    }
}

/// List alerts
///
/// A metric and key whose level became unusual: raised, escalated and closed by the engine, judged by people.
#[utoipa::path(
    operation_id = "alert_list", tag = "risk board", params(AlertListQuery),
    responses((status = 200, description = "A page.", content((AlertPage = "application/json"), (String = "text/csv")))),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/alerts")]
pub(crate) async fn alert_list(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    query: Params<AlertListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let after = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let (limit, stored) = (query.limit, service.clone());
    let filter = AlertFilter {
        id: None,
        codes: query.metric,
        dimensions: query.dimension,
        states: query.state,
        peaks: query.level,
        updated_after: query.updated_after,
        as_of: query.as_of,
        with_confidential: authorised.caller.may(Scope::RiskMetricConfidential),
        after,
        limit: limit + 1,
    };
    let mut found = web::block(move || alert_page(&mut stored.centre.store.reader()?, &filter)).await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().filter(|_| more);
    let next = last.map(|it| {
        next_page(
            &bound_to,
            &service.cursors.make(&bound_to, &(it.opened_at, it.id)),
        )
    });
    let items: Vec<Alert> = found.iter().map(alert_wire).collect();
    match format {
        Format::Json => respond::json(&request, &AlertPage { items, next }),
        Format::Csv => {
            let bytes = alerts_csv(&items);
            Ok(respond::with_etag(
                &respond::etag_of(&[&bytes]),
                format.media_type(),
                bytes,
            ))
        }
    }
}

fn alerts_csv(alerts: &[Alert]) -> Vec<u8> {
    let mut text = CsvText::new([
        "id",
        "metric",
        "dimensions",
        "opened_period",
        "opened_at",
        "state",
        "level",
        "verdict",
        "closed_period",
        "updated_at",
    ]);
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    for it in alerts {
        let pairs = it
            .dimensions
            .iter()
            .map(|(name, code)| format!("{name}={}", code.0));
        let cells = [
            it.id.to_string(),
            it.metric.clone(),
            pairs.collect::<Vec<_>>().join(";"),
            it.opened_period.0.clone(),
            instant(it.opened_at),
            respond::word(&it.state),
            respond::word(&it.level),
            it.verdict.as_ref().map(respond::word).unwrap_or_default(),
            it.closed_period
                .as_ref()
                .map(|period| period.0.clone())
                .unwrap_or_default(),
            instant(it.updated_at),
        ];
        text.row(cells.iter().map(String::as_str));
    }
    text.into_bytes()
}
