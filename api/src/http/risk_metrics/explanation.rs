//! GET /v1/risk-metrics/{code}/explanation: one value taken apart, down to the rows of the files.
//!
//! Computes the value again from its own vintage; a result that differs from what was stored is an error of ours
//! and is never shown as an explanation.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::observations::table::observation_wire;
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::risk_metrics::values::dimensions_read;
use crate::http::risk_metrics::withheld::{sees_confidential, withhold};
use crate::http::risk_metrics::{RiskMetricPath, value_wire};
use crate::http::series::series_wire;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use leleka_contract::v1::{ExplainedObservation, RiskMetricExplanation};
use leleka_domain::{BodyScope, Code, ConfStatus, Period};
use leleka_exchange::{ActError, Extent, MetricExplained, Withheld, metric_explain};
use std::collections::BTreeMap;
use utoipa::IntoParams;

const WITHHELD_UK: &str = "Значення або те, з чим його порівняно, спирається на конфіденційні дані; щоб бачити їх, потрібне право risk-metric:confidential.";
const WITHHELD_EN: &str = "The value, or what it was compared with, rests on confidential observations; seeing them takes the scope risk-metric:confidential.";

/// Which value.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskMetricExplanationQuery {
    /// The period.
    #[param(value_type = String, max_length = 21, example = "2015")]
    period: Option<Period>,
    /// Every dimension of the metric, `name=CODE`.
    #[param(value_type = Vec<String>, example = json!(["citizenship=UA"]))]
    dimension: BTreeMap<String, Vec<String>>,
    /// What was said by this moment.
    as_of: Option<DateTime<Utc>>,
}

impl QueryModel for RiskMetricExplanationQuery {
    fn read(query: &mut QueryReader) -> Self {
        let period = query.period("period");
        if period.is_none() {
            query.fault("period", "2015 | 2015-Q3 | 2015-07 | 2015-W30");
        }
        Self {
            period,
            dimension: dimensions_read(query),
            as_of: query.instant("asOf"),
        }
    }
}

/// Explain a value of a risk metric
///
/// The computation with the value at each node, and every observation it rests on: submission, row, raw bytes.
#[utoipa::path(
    operation_id = "risk_metric_explanation_view", tag = "risk metrics",
    params(RiskMetricPath, RiskMetricExplanationQuery),
    responses((status = 200, description = "The explanation.", body = RiskMetricExplanation)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/explanation")]
pub(crate) async fn risk_metric_explanation_view(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricPath>,
    query: Params<RiskMetricExplanationQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, query, code) = (authorised.scope()?, query.0, path.into_inner().code);
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let not_found = || Failure::new(Code::ResourceNotFound);
    let period = query.period.ok_or_else(not_found)?;
    let dimensions = query.dimension.into_iter();
    let key: BTreeMap<String, String> = dimensions
        .filter_map(|(name, codes)| Some((name, codes.into_iter().next()?)))
        .collect();
    let stored = service.clone();
    let sees_all = sees_confidential(&authorised);
    let read = web::block(move || {
        let mut withheld = None;
        if !sees_all {
            let mut reader = stored.centre.store.reader().map_err(ActError::from)?;
            withheld = Some(Withheld::read(
                &stored.centre,
                &mut reader,
                &code,
                query.as_of.is_some(),
            )?);
        }
        let explained = metric_explain(&stored.centre, &code, &key, period, query.as_of)?;
        Ok::<_, ActError>((explained, withheld))
    });
    let (explained, withheld) = read.await??;
    let explained = explained.ok_or_else(not_found)?;
    let answer = match withheld {
        None => explanation_wire(&service, &scope, explained),
        Some(withheld) => explanation_withheld(&service, &scope, explained, &withheld),
    };
    respond::json(&request, &answer)
}

/// The explanation without what the caller may not see: of a withheld value nothing, of another neither what it was
/// compared with, where that is withheld, nor any observation that is not free.
fn explanation_withheld(
    service: &Service,
    scope: &BodyScope,
    mut explained: MetricExplained,
    withheld: &Withheld,
) -> RiskMetricExplanation {
    let extent = withheld.extent(&explained.stored);
    explained.observations.retain(|(_, version)| {
        extent != Extent::Figures && version.confidentiality == ConfStatus::Free.number()
    });
    let value = withhold(extent, value_wire(&explained.stored, explained.stale));
    if extent != Extent::Nothing {
        explained.text_uk = WITHHELD_UK.to_owned();
        explained.text_en = WITHHELD_EN.to_owned();
        if let Some(computation) = explained.computation.as_object_mut() {
            computation.remove("comparison");
            // What a change is split into holds the earlier figures.
            computation.remove("changes");
        }
    }
    if extent == Extent::Figures {
        explained.computation = serde_json::json!({});
    }
    let wire = explanation_wire(service, scope, explained);
    RiskMetricExplanation { value, ..wire }
}

/// A body sees the figures of others only inside a value, not row by row and not in its computation.
fn explanation_wire(
    service: &Service,
    scope: &BodyScope,
    explained: MetricExplained,
) -> RiskMetricExplanation {
    let visible = |body: &str| match scope {
        BodyScope::One(own) => own == body,
        BodyScope::WholeCentre => true,
    };
    let whole = explained
        .observations
        .iter()
        .all(|(series, _)| visible(&series.key.body));
    let observations = explained
        .observations
        .iter()
        .filter(|(series, _)| visible(&series.key.body));
    let observations = observations.filter_map(|(series, version)| {
        let wire = observation_wire(series, version);
        let submission_id = version.submission_id?;
        Some(ExplainedObservation {
            series: series_wire(service, series),
            period: wire.period,
            value: wire.value,
            obs_status: wire.obs_status,
            submission_id,
            recorded_at: version.recorded_at?,
            row: version.row_number,
            content_href: format!("/v1/submissions/{submission_id}/content"),
        })
    });
    RiskMetricExplanation {
        value: value_wire(&explained.stored, explained.stale),
        text_uk: explained.text_uk,
        text_en: explained.text_en,
        // Its nodes hold the figures themselves.
        computation: if whole {
            explained.computation
        } else {
            serde_json::json!({})
        },
        observations: observations.collect(),
    }
}
