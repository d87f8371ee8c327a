//! GET /v1/risk-metrics: the published definitions, or every version.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::csv_text::CsvText;
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::risk_metrics::definition_wire;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{RiskMetric, RiskMetricPage};
use leleka_domain::DefinitionState;
use leleka_store::definition_list;
use utoipa::IntoParams;

/// Which definitions.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskMetricListQuery {
    /// Whether drafts and retired versions are listed too.
    #[param(default = false)]
    include_history: bool,
    /// `json` or `csv`, in place of `Accept`.
    #[param(max_length = 4)]
    format: Option<String>,
}

impl QueryModel for RiskMetricListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            include_history: query.flag("includeHistory", false),
            format: query.words("format", &Format::WORDS).into_iter().next(),
        }
    }
}

/// List risk metrics
///
/// Each with the definition that computes it: inputs, expression, detectors, thresholds; as a table without them.
#[utoipa::path(
    operation_id = "risk_metric_list", tag = "risk metrics", params(RiskMetricListQuery),
    responses((status = 200, description = "The definitions.", content((RiskMetricPage = "application/json"), (String = "text/csv")))),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics")]
pub(crate) async fn risk_metric_list(
    request: HttpRequest,
    _authorised: Authorised<RiskMetricRead>,
    query: Params<RiskMetricListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let format = Format::negotiate(&request, query.0.format.as_deref(), &[Format::Json, Format::Csv])?;
    let found = web::block(move || definition_list(&mut service.centre.store.reader()?)).await??;
    let all = query.0.include_history;
    let items = found
        .into_iter()
        .filter(|definition| all || definition.state == DefinitionState::Published)
        .map(definition_wire);
    let items: Vec<RiskMetric> = items.collect();
    match format {
        Format::Json => respond::json(&request, &RiskMetricPage { items }),
        Format::Csv => {
            let bytes = metrics_csv(&items);
            Ok(respond::with_etag(
                &respond::etag_of(&[&bytes]),
                format.media_type(),
                bytes,
            ))
        }
    }
}

/// Members of the definition that the table has, by their names there.
const MEMBERS: [&str; 5] = ["kind", "freq", "unit", "ciram", "family"];

fn metrics_csv(metrics: &[RiskMetric]) -> Vec<u8> {
    let mut header = vec!["code", "version", "state", "name_uk", "name_en"];
    header.extend(MEMBERS);
    header.push("by");
    let mut text = CsvText::new(header);
    for metric in metrics {
        let member = |name: &str| metric.definition.get(name);
        let word = |name: &str| member(name).and_then(|word| word.as_str()).unwrap_or_default();
        let state = serde_json::to_value(metric.state).unwrap_or_default();
        let by = member("by").and_then(|by| by.as_array()).into_iter().flatten();
        let by: Vec<&str> = by.filter_map(|dimension| dimension.as_str()).collect();
        let (version, by) = (metric.version.to_string(), by.join(" "));
        let mut cells = vec![metric.code.as_str(), &version, state.as_str().unwrap_or_default()];
        cells.extend([metric.name_uk.as_str(), &metric.name_en]);
        cells.extend(MEMBERS.map(word));
        cells.push(&by);
        text.row(cells);
    }
    text.into_bytes()
}
