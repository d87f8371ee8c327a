//! POST …/versions/{version}/test-runs: what a version, draft or not, says about the past, beside the published one.

use crate::http::caller::{Authorised, RiskMetricTry, request_id};
use crate::http::keyed_json::plain_json;
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params, QueryReader};
use crate::http::respond::json_with_status;
use crate::http::risk_metrics::{RiskMetricVersionPath, level_wire};
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{
    Problem, RiskMetricCell, RiskMetricChangedCell, RiskMetricDifference, RiskMetricLevelPair,
    RiskMetricTestRun, RiskMetricTestRunCreate,
};
use leleka_domain::{Code, Period};
use leleka_exchange::{
    CELLS_SHOWN, CellSaid, ChangedCell, DefinitionTestRun, RunDifference, TestRunRequest, definition_test_run,
};

/// So many changed cells are shown unless told.
const CELLS_ORDINARY: u32 = 50;

/// Try a version of a risk metric on the stored history
///
/// Computes exactly this version, draft or not, over a range of periods and one vintage, and tells how many cells have a
/// value, why others have none, their levels, and which levels change against the published version. Nothing is stored.
/// A value made of confidential figures is shown only to who may read such values.
#[utoipa::path(
    operation_id = "risk_metric_test_run_create", tag = "risk metrics", params(RiskMetricVersionPath),
    request_body(description = "The range; every member may be left out.", content((RiskMetricTestRunCreate = "application/json"))),
    responses(
        (status = 200, description = "What it says.", body = RiskMetricTestRun),
        (status = 422, description = "The range cannot be used or is too large, or the version no longer fits the catalogue.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["risk-metric:propose"]), ("leleka_oauth2" = ["risk-metric:publish"])),
)]
#[post("/v1/risk-metrics/{code}/versions/{version}/test-runs")]
pub(crate) async fn risk_metric_test_run_create(
    request: HttpRequest,
    authorised: Authorised<RiskMetricTry>,
    path: Path<RiskMetricVersionPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let sent: RiskMetricTestRunCreate = plain_json(&request, payload, service.body_deadline).await?;
    let place = path.into_inner().sound()?;
    QueryReader::past_check(sent.as_of, service.centre.clock.now())?;
    let cells = sent.cells.unwrap_or(CELLS_ORDINARY) as usize;
    if cells > CELLS_SHOWN {
        let detail = format!("/cells: 0 … {CELLS_SHOWN}");
        return Err(Failure::new(Code::MemberInvalid).detail(detail));
    }
    let asked = TestRunRequest {
        from: period_read("from", sent.from.as_deref())?,
        to: period_read("to", sent.to.as_deref())?,
        as_of: sent.as_of,
        cells,
    };
    let id = request_id(&request);
    // As large submissions do: what computes for seconds never takes every connection.
    let _permit = service.bulk_permit(None).await;
    let ran = web::block(move || {
        let place = (place.code.as_str(), place.version);
        definition_test_run(&service.centre, &authorised.caller, id, place, &asked)
    });
    json_with_status(StatusCode::OK, &test_run_wire(ran.await??))
}

fn period_read(member: &str, text: Option<&str>) -> Result<Option<Period>, Failure> {
    let wrong = |_fault| {
        let detail = format!("/{member}: 2015 | 2015-Q3 | 2015-07 | 2015-W30");
        Failure::new(Code::MemberInvalid).detail(detail)
    };
    text.map(|text| text.parse().map_err(wrong)).transpose()
}

fn test_run_wire(ran: DefinitionTestRun) -> RiskMetricTestRun {
    RiskMetricTestRun {
        code: ran.version.code,
        version: ran.version.version,
        state: ran.version.state.into(),
        from: ran.from.to_string(),
        to: ran.to.to_string(),
        data_as_of: ran.data_as_of,
        cells: ran.counts.cells,
        values: ran.counts.values,
        unknown_by_reason: ran.counts.unknown_by_reason,
        levels: ran.counts.levels,
        difference: ran.difference.map(difference_wire),
    }
}

fn difference_wire(difference: RunDifference) -> RiskMetricDifference {
    let pairs = difference.level_pairs.into_iter();
    RiskMetricDifference {
        published_version: difference.published,
        cells: difference.cells,
        values_changed: difference.values_changed,
        levels_changed: difference.levels_changed,
        level_pairs: pairs
            .map(|pair| RiskMetricLevelPair {
                from: pair.from.map(|level| level_wire(level.code())),
                to: pair.to.map(|level| level_wire(level.code())),
                cells: pair.cells,
            })
            .collect(),
        changed: difference.first.into_iter().map(changed_wire).collect(),
    }
}

fn changed_wire(cell: ChangedCell) -> RiskMetricChangedCell {
    let said = |said: CellSaid| RiskMetricCell {
        value: said.value,
        level: level_wire(said.level.code()),
        reason: said.reason.map(str::to_owned),
    };
    RiskMetricChangedCell {
        dimensions: cell.key,
        period: cell.period.to_string(),
        from: cell.from.map(said),
        to: cell.to.map(said),
    }
}
