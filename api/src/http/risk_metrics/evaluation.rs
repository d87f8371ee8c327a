//! GET /v1/risk-metrics/{code}/evaluation: how well a metric judges, measured on what is stored.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::risk_metrics::RiskMetricPath;
use crate::http::risk_metrics::values::dimensions_read;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_contract::v1::{
    CalibrationPoint, LevelRevisionCounts, MeasuredShare, ReasonCount, RiskMetricEvaluation, VerdictCounts,
};
use leleka_domain::Code;
use leleka_exchange::{HistoryFilter, MetricEvaluation, Proportion, metric_evaluate};
use utoipa::IntoParams;

/// Which part of the history.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct EvaluationQuery {
    /// Dimensions of the metric, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["territory=UA46000000000026241"]))]
    dimension: Vec<(String, Vec<String>)>,
    /// First period.
    #[param(value_type = Option<String>, max_length = 21)]
    from: NaiveDate,
    /// Last period.
    #[param(value_type = Option<String>, max_length = 21)]
    to: NaiveDate,
    /// What was said by this moment.
    as_of: Option<DateTime<Utc>>,
}

impl QueryModel for EvaluationQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            dimension: dimensions_read(query).into_iter().collect(),
            from: query.first_day("from"),
            to: query.last_day("to"),
            as_of: query.instant("asOf"),
        }
    }
}

/// Measure a risk metric
///
/// Whether its p-values are what they say on quiet periods, how often it alarms, how many of its alerts were true, how
/// often it does not know and why, and how far its levels moved after they were first said.
#[utoipa::path(
    operation_id = "risk_metric_evaluation_view", tag = "risk metrics", params(RiskMetricPath, EvaluationQuery),
    responses((status = 200, description = "The measures.", body = RiskMetricEvaluation)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/evaluation")]
pub(crate) async fn risk_metric_evaluation_view(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricPath>,
    query: Params<EvaluationQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let code = path.into_inner().code;
    let filter = HistoryFilter {
        code: code.clone(),
        dimensions: query.dimension,
        from: query.from,
        to: query.to,
        as_of: query.as_of,
    };
    let found = web::block(move || metric_evaluate(&service.centre, &authorised.caller, &filter)).await??;
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    respond::json(&request, &evaluation_wire(code, found))
}

fn share_wire(share: Proportion) -> MeasuredShare {
    MeasuredShare {
        count: share.count,
        of: share.of,
        share: share.share,
        low: share.low,
        high: share.high,
    }
}

fn evaluation_wire(metric: String, found: MetricEvaluation) -> RiskMetricEvaluation {
    let calibration = found.calibration.into_iter().map(|point| CalibrationPoint {
        p: point.p,
        found: share_wire(point.found),
        in_band: point.in_band,
    });
    let reasons = found.unknown_by_reason.into_iter();
    let (verdicts, revisions) = (found.verdicts, found.revisions);
    RiskMetricEvaluation {
        metric,
        family: found.family,
        cells: found.cells,
        periods: found.periods,
        calibration: calibration.collect(),
        alarms: share_wire(found.alarms),
        alarms_per_period: found.alarms_per_period,
        listed: share_wire(found.listed),
        alerts: found.alerts,
        verdicts: VerdictCounts {
            real: verdicts.real,
            known_event: verdicts.known_event,
            data_error: verdicts.data_error,
            r#false: verdicts.r#false,
        },
        positive_predictive_value: share_wire(verdicts.positive_predictive_value()),
        unknown: share_wire(found.unknown),
        unknown_by_reason: reasons
            .map(|(reason, count)| ReasonCount { reason, count })
            .collect(),
        revisions: LevelRevisionCounts {
            changed: share_wire(revisions.changed),
            raised: revisions.raised,
            lowered: revisions.lowered,
            mean_steps: revisions.mean_steps,
            became_known: revisions.became_known,
            became_unknown: revisions.became_unknown,
        },
    }
}
