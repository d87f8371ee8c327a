//! GET /v1/risk-metrics/{code}/publication: a metric's tables as they may be shown to everybody.
//!
//! The tables are made safe whole and cut afterwards; nothing is computed from what the caller asks for. For roles that
//! see the whole centre.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::csv_text::CsvText;
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::risk_metrics::values::dimensions_read;
use crate::http::risk_metrics::{RiskMetricPath, level_wire};
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use leleka_contract::v1::{
    Problem, PublicationCell, PublicationCellStatus, PublicationMethod, PublicationTable,
    RiskMetricPublication,
};
use leleka_domain::{BodyScope, Code, Period, value_to_text};
use leleka_exchange::{
    Centre, PublicationHow, TableCell, TableCellStatus, cell_is_within, publication_tables,
};
use leleka_store::ToldTable;
use std::collections::BTreeMap;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which tables, and which cells of them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskMetricPublicationQuery {
    /// One period.
    #[param(value_type = Option<String>, max_length = 21, example = "2026-W44")]
    period: Option<Period>,
    /// First period.
    #[param(value_type = Option<String>, max_length = 21)]
    from: Option<Period>,
    /// Last period.
    #[param(value_type = Option<String>, max_length = 21)]
    to: Option<Period>,
    /// `suppress` or `round`; one for all answers of a span.
    #[param(max_length = 8, default = "suppress")]
    method: Option<String>,
    /// Only these cells of the tables, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["citizenship=UA"]))]
    dimension: BTreeMap<String, Vec<String>>,
    /// `json` or `csv`, in place of `Accept`.
    #[param(max_length = 4)]
    format: Option<String>,
}

impl QueryModel for RiskMetricPublicationQuery {
    fn read(query: &mut QueryReader) -> Self {
        let read = Self {
            period: query.period("period"),
            from: query.period("from"),
            to: query.period("to"),
            method: query.words("method", &["suppress", "round"]).into_iter().next(),
            dimension: dimensions_read(query),
            format: query.words("format", &Format::WORDS).into_iter().next(),
        };
        let range = read.from.is_some() && read.to.is_some();
        if read.period.is_some() == (read.from.is_some() || read.to.is_some())
            || !(range || read.period.is_some())
        {
            query.fault("period", "period | from & to");
        }
        read
    }
}

impl RiskMetricPublicationQuery {
    fn days(&self) -> (NaiveDate, NaiveDate) {
        let first = self.period.or(self.from).map(|period| period.start());
        let last = self.period.or(self.to).map(|period| period.end());
        (first.unwrap_or_default(), last.unwrap_or_default())
    }
}

/// Read a risk metric as it may be published
///
/// The whole table of each span with its totals, made safe against everything that was told of it before. The same
/// figures get the same answer for ever.
#[utoipa::path(
    operation_id = "risk_metric_publication_view", tag = "risk metrics",
    params(RiskMetricPath, RiskMetricPublicationQuery),
    responses(
        (status = 200, description = "The tables.", content((RiskMetricPublication = "application/json"), (String = "text/csv"))),
        (status = 409, description = "The span was told by another method, or the metric is no count.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/publication")]
pub(crate) async fn risk_metric_publication_view(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricPath>,
    query: Params<RiskMetricPublicationQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    match authorised.scope()? {
        BodyScope::WholeCentre => {}
        BodyScope::One(_) => return Err(Failure::new(Code::ResourceNotFound)),
    }
    let query = query.0;
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    let method = match query.method.as_deref() {
        Some("round") => PublicationMethod::Round,
        _ => PublicationMethod::Suppress,
    };
    let (days, code) = (query.days(), path.into_inner().code);
    let dimensions = query.dimension;
    let found =
        web::block(move || publication_read(&service.centre, &code, days, method, &dimensions)).await??;
    let bytes = match format {
        Format::Json => respond::json_bytes(&found)?,
        Format::Csv => publication_csv(&found),
    };
    let etag = respond::etag_of(&[&bytes]);
    if respond::is_unchanged(&request, &etag) {
        return Ok(respond::not_modified(&etag));
    }
    Ok(respond::with_etag(&etag, format.media_type(), bytes))
}

/// The tables of a range of days, cut to it and to some codes.
pub(crate) fn publication_read(
    centre: &Centre,
    code: &str,
    days: (NaiveDate, NaiveDate),
    method: PublicationMethod,
    dimensions: &BTreeMap<String, Vec<String>>,
) -> Result<RiskMetricPublication, Failure> {
    if days.0 > days.1 {
        return Err(Failure::new(Code::ParameterInvalid).detail("from > to"));
    }
    let how = match method {
        PublicationMethod::Suppress => PublicationHow::Suppress,
        PublicationMethod::Round => PublicationHow::Round,
    };
    let told = publication_tables(centre, code, days, how)?;
    let unit = centre
        .book()
        .definitions
        .iter()
        .find(|definition| definition.code == code)
        .map(|definition| definition.unit.to_string())
        .unwrap_or_default();
    let tables: Result<Vec<PublicationTable>, Failure> = told
        .into_iter()
        .map(|table| table_wire(table, days, dimensions))
        .collect();
    let mut tables = tables?;
    tables.retain(|table| !table.cells.is_empty());
    Ok(RiskMetricPublication {
        id: None,
        code: code.to_owned(),
        unit,
        method,
        tables,
    })
}

fn table_wire(
    told: ToldTable,
    (from, to): (NaiveDate, NaiveDate),
    dimensions: &BTreeMap<String, Vec<String>>,
) -> Result<PublicationTable, Failure> {
    let corrupt = || Failure::new(Code::ServerError);
    let cells: Vec<TableCell> = serde_json::from_value(told.answer).map_err(|_error| corrupt())?;
    let rule = |name: &str| {
        told.rules
            .get(name)
            .and_then(serde_json::Value::as_i64)
            .ok_or_else(corrupt)
    };
    let wanted = |cell: &TableCell| {
        let fits = |(name, codes): (&String, &Vec<String>)| {
            cell.dimensions.get(name).is_some_and(|code| codes.contains(code))
        };
        cell_is_within(cell, from, to) && dimensions.iter().all(fits)
    };
    Ok(PublicationTable {
        id: told.id,
        span: told.span,
        version: told.version,
        threshold: rule("threshold")?,
        rounding_base: u32::try_from(rule("rounding_base")?).map_err(|_error| corrupt())?,
        data_as_of: told.data_as_of,
        recorded_at: told.recorded_at,
        cells: cells.into_iter().filter(wanted).map(cell_wire).collect(),
    })
}

fn cell_wire(cell: TableCell) -> PublicationCell {
    PublicationCell {
        dimensions: cell.dimensions,
        period: cell.period,
        status: match cell.status {
            TableCellStatus::Told => PublicationCellStatus::Told,
            TableCellStatus::Rounded => PublicationCellStatus::Rounded,
            TableCellStatus::Withheld => PublicationCellStatus::Withheld,
            TableCellStatus::Missing => PublicationCellStatus::Missing,
        },
        computed: cell.computed,
        value: cell.value,
        level: cell.level.as_deref().map(level_wire),
        score: cell.score,
        reason: cell.reason,
    }
}

fn publication_csv(publication: &RiskMetricPublication) -> Vec<u8> {
    let first = publication.tables.first().and_then(|table| table.cells.first());
    let names: Vec<&str> = first
        .map(|cell| cell.dimensions.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let mut header = vec!["code", "period"];
    header.extend(&names);
    header.extend(["status", "value", "unit", "level", "score", "reason", "computed"]);
    header.extend(["table_id", "version", "data_as_of"]);
    let mut text = CsvText::new(header);
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let number = |number: Option<f64>| number.map(value_to_text).unwrap_or_default();
    for table in &publication.tables {
        for cell in &table.cells {
            let mut cells = vec![publication.code.clone(), cell.period.clone()];
            let codes = names
                .iter()
                .map(|name| cell.dimensions.get(*name).cloned().unwrap_or_default());
            cells.extend(codes);
            cells.extend([
                word(serde_json::json!(cell.status)),
                number(cell.value),
                publication.unit.clone(),
                word(serde_json::json!(cell.level)),
                number(cell.score),
                cell.reason.clone().unwrap_or_default(),
                cell.computed.to_string(),
                id_text(table.id),
                table.version.to_string(),
                instant(table.data_as_of),
            ]);
            text.row(cells.iter().map(String::as_str));
        }
    }
    text.into_bytes()
}

fn id_text(id: Uuid) -> String {
    id.to_string()
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
