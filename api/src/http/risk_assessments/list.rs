//! GET /v1/risk-assessments: analysts' judgements, newest first.
//!
//! For who reads the whole centre: a judgement is the centre's own until a release carries it.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::risk_assessments::{COMPONENTS, assessment_wire};
use crate::http::risk_metrics::values::dimensions_read;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use leleka_contract::v1::RiskAssessmentPage;
use leleka_domain::BodyScope;
use leleka_store::{AssessmentFilter, assessment_page};
use utoipa::IntoParams;

/// Which judgements.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskAssessmentListQuery {
    /// Of these metrics.
    metric: Vec<String>,
    /// Of these components of CIRAM.
    component: Vec<String>,
    /// Dimensions, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["citizenship=UA"]))]
    dimension: Vec<(String, Vec<String>)>,
    /// Superseded ones too.
    #[param(default = false)]
    include_history: bool,
    /// As they were at this moment.
    as_of: Option<DateTime<Utc>>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

impl QueryModel for RiskAssessmentListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            metric: query.many("metric"),
            component: query.words("component", &COMPONENTS),
            dimension: dimensions_read(query).into_iter().collect(),
            include_history: query.flag("includeHistory", false),
            as_of: query.instant("asOf"),
            limit: query.number("limit", 1..=500, 100),
            cursor: query.text("cursor", 512),
        }
    }
}

/// List assessments of risk
///
/// Judgements of analysts beside the computed levels. The newest about a subject counts; who delivers for one body sees
/// none.
#[utoipa::path(
    operation_id = "risk_assessment_list", tag = "risk board", params(RiskAssessmentListQuery),
    responses((status = 200, description = "A page.", body = RiskAssessmentPage)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-assessments")]
pub(crate) async fn risk_assessment_list(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    query: Params<RiskAssessmentListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    if authorised.scope()? != BodyScope::WholeCentre {
        let (items, next) = (Vec::new(), None);
        return respond::json(&request, &RiskAssessmentPage { items, next });
    }
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let before = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let (limit, stored) = (query.limit, service.clone());
    let filter = AssessmentFilter {
        id: None,
        codes: query.metric,
        dimensions: query.dimension,
        components: query.component,
        include_history: query.include_history,
        as_of: query.as_of,
        before,
        limit: limit + 1,
    };
    let mut found =
        web::block(move || assessment_page(&mut stored.centre.store.reader()?, &filter)).await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().filter(|_| more);
    let next = last.map(|it| next_page(&bound_to, &service.cursors.make(&bound_to, &it.number)));
    let items = found.into_iter().map(assessment_wire).collect();
    respond::json(&request, &RiskAssessmentPage { items, next })
}
