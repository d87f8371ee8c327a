//! POST /v1/risk-metrics/{code}/recomputations: stored values, computed again and compared to the last bit.
//!
//! Writes no value. So many at once, and a path for those that follow: a proof over everything is many requests.

use crate::http::caller::{Authorised, RiskMetricPropose};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::json_with_status;
use crate::http::risk_metrics::values::dimensions_read;
use crate::http::risk_metrics::{RiskMetricPath, value_wire};
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, post};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_contract::v1::{RiskMetricMismatch, RiskMetricRecomputation};
use leleka_domain::Code;
use leleka_exchange::{CellDifference, MetricCheck, MetricCheckAt, metric_check};
use leleka_store::MetricValueFilter;
use utoipa::IntoParams;

/// Which values, and from which vintage.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskMetricRecomputationQuery {
    /// Dimensions of the metric, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["citizenship=UA"]))]
    dimension: Vec<(String, Vec<String>)>,
    /// First period.
    #[param(value_type = Option<String>, max_length = 21)]
    from: NaiveDate,
    /// Last period.
    #[param(value_type = Option<String>, max_length = 21)]
    to: NaiveDate,
    /// The values that were said by this moment.
    as_of: Option<DateTime<Utc>>,
    /// `own`: each from its own vintage, which gives the same bytes. `newest`: all from the newest vintage, which gives
    /// the same unless a value was not computed anew when it should have been.
    #[param(value_type = String, default = "own", max_length = 6)]
    at: MetricCheckAt,
    /// Most values that are compared.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: i64,
    /// Where to go on, from `next`.
    #[param(max_length = 1024)]
    cursor: Option<String>,
}

impl QueryModel for RiskMetricRecomputationQuery {
    fn read(query: &mut QueryReader) -> Self {
        let at = query.words("at", &["own", "newest"]);
        Self {
            dimension: dimensions_read(query).into_iter().collect(),
            from: query.first_day("from"),
            to: query.last_day("to"),
            as_of: query.instant("asOf"),
            at: match at.first().map(String::as_str) {
                Some("newest") => MetricCheckAt::Newest,
                _ => MetricCheckAt::Own,
            },
            limit: query.number("limit", 1..=1000, 200),
            cursor: query.text("cursor", 1024),
        }
    }
}

/// Compute values of a risk metric again
///
/// Stored values are computed again and compared to the last bit, the digest of their inputs included. No value is
/// written. The answer names those that differ; there should be none.
#[utoipa::path(
    operation_id = "risk_metric_recomputation_create", tag = "risk metrics",
    params(RiskMetricPath, RiskMetricRecomputationQuery),
    responses((status = 200, description = "What came of it.", body = RiskMetricRecomputation)),
    security(("leleka_oauth2" = ["risk-metric:propose"])),
)]
#[post("/v1/risk-metrics/{code}/recomputations")]
pub(crate) async fn risk_metric_recomputation_create(
    request: HttpRequest,
    _authorised: Authorised<RiskMetricPropose>,
    path: Path<RiskMetricPath>,
    query: Params<RiskMetricRecomputationQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (query, code) = (query.0, path.into_inner().code);
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let book = service.centre.book();
    if !book.definitions.iter().any(|definition| definition.code == code) {
        return Err(Failure::new(Code::ResourceNotFound));
    }
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let check = MetricCheck {
        filter: MetricValueFilter {
            withheld: (Vec::new(), Vec::new()),
            code,
            dimensions: query.dimension,
            from: query.from,
            to: query.to,
            levels: Vec::new(),
            as_of: query.as_of,
            include_history: false,
            after: service.cursors.read(&bound_to, query.cursor.as_deref())?,
            limit: query.limit,
        },
        at: query.at,
    };
    let stored = service.clone();
    let checked = web::block(move || metric_check(&stored.centre, &check)).await??;
    let next = checked.last.as_ref();
    json_with_status(
        StatusCode::OK,
        &RiskMetricRecomputation {
            compared: checked.compared,
            equal: checked.compared.saturating_sub(checked.different.len()),
            stale: checked.stale,
            next: next.map(|place| next_page(&bound_to, &service.cursors.make(&bound_to, place))),
            different: checked.different.into_iter().map(difference_wire).collect(),
        },
    )
}

fn difference_wire(mut difference: CellDifference) -> RiskMetricMismatch {
    difference.computed.recorded_at = difference.stored.recorded_at;
    RiskMetricMismatch {
        stored: value_wire(&difference.stored, false),
        computed: value_wire(&difference.computed, false),
    }
}
