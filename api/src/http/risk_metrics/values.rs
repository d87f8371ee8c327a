//! GET /v1/risk-metrics/{code}/values: computed values, current, as said by a moment, or with their history.
//!
//! Computes nothing: what is shown was stored with its inputs and its vintage.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::csv_text::CsvText;
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::risk_metrics::withheld::{sees_confidential, withhold};
use crate::http::risk_metrics::{RiskMetricPath, value_wire};
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use leleka_contract::v1::{RiskMetricValue, RiskMetricValuePage};
use leleka_domain::{Code, value_to_text};
use leleka_exchange::{MetricValueRead, Withheld, metric_value_read};
use leleka_store::{MetricValueFilter, definition_was_published};
use std::collections::BTreeMap;
use utoipa::IntoParams;

/// The levels, as words of a parameter.
pub(crate) const LEVELS: [&str; 6] = ["low", "guarded", "elevated", "high", "critical", "unknown"];

/// Which values.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskMetricValueQuery {
    /// Dimensions of the metric, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["citizenship=UA"]))]
    dimension: Vec<(String, Vec<String>)>,
    /// First period.
    #[param(value_type = Option<String>, max_length = 21)]
    from: NaiveDate,
    /// Last period.
    #[param(value_type = Option<String>, max_length = 21)]
    to: NaiveDate,
    /// At these levels.
    level: Vec<String>,
    /// What was said by this moment.
    as_of: Option<DateTime<Utc>>,
    /// Every recorded value instead of the current one.
    #[param(default = false)]
    include_history: bool,
    /// Size of a page.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 1024)]
    cursor: Option<String>,
    /// `json` or `csv`, in place of `Accept`.
    #[param(max_length = 4)]
    format: Option<String>,
}

impl QueryModel for RiskMetricValueQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            dimension: dimensions_read(query).into_iter().collect(),
            from: query.first_day("from"),
            to: query.last_day("to"),
            level: query.words("level", &LEVELS),
            as_of: query.instant("asOf"),
            include_history: query.flag("includeHistory", false),
            limit: query.number("limit", 1..=1000, 200),
            cursor: query.text("cursor", 1024),
            format: query.words("format", &Format::WORDS).into_iter().next(),
        }
    }
}

/// Reads `dimension=name=CODE`, repeated.
pub(crate) fn dimensions_read(query: &mut QueryReader) -> BTreeMap<String, Vec<String>> {
    let mut dimensions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in query.many("dimension") {
        match pair.split_once('=') {
            Some((name, code)) if !name.is_empty() && !code.is_empty() => {
                dimensions
                    .entry(name.to_owned())
                    .or_default()
                    .push(code.to_owned());
            }
            _ => query.fault("dimension", "name=CODE"),
        }
    }
    dimensions
}

/// List the values of a risk metric
///
/// By dimensions and period, each with its level, coverage, vintage and the way to its explanation.
#[utoipa::path(
    operation_id = "risk_metric_value_list", tag = "risk metrics", params(RiskMetricPath, RiskMetricValueQuery),
    responses((status = 200, description = "A page.", content((RiskMetricValuePage = "application/json"), (String = "text/csv")))),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/values")]
pub(crate) async fn risk_metric_value_list(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<RiskMetricPath>,
    query: Params<RiskMetricValueQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let after = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let (limit, stored) = (query.limit, service.clone());
    let sees_all = sees_confidential(&authorised);
    let mut filter = MetricValueFilter {
        code: path.into_inner().code,
        dimensions: query.dimension,
        from: query.from,
        to: query.to,
        levels: query.level,
        withheld: (Vec::new(), Vec::new()),
        as_of: query.as_of,
        include_history: query.include_history,
        after,
        limit: limit + 1,
    };
    let read = web::block(move || -> Result<_, Failure> {
        let mut reader = stored.centre.store.reader()?;
        // What was said stays readable when the metric is retired; a draft has said nothing.
        if !definition_was_published(&mut reader, &filter.code)? {
            return Err(Failure::new(Code::ResourceNotFound));
        }
        let mut withheld = None;
        if !sees_all {
            let past = filter.include_history || filter.as_of.is_some();
            let read = Withheld::read(&stored.centre, &mut reader, &filter.code, past)?;
            filter.withheld = read.pairs();
            withheld = Some(read);
        }
        drop(reader);
        Ok((metric_value_read(&stored.centre, &filter)?, withheld))
    });
    let (mut found, withheld) = read.await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().filter(|_| more);
    let place = |read: &MetricValueRead| (read.stored.key.clone(), read.stored.period, read.stored.id);
    let next = last.map(|value| next_page(&bound_to, &service.cursors.make(&bound_to, &place(value))));
    let wire = |read: &MetricValueRead| {
        let value = value_wire(&read.stored, read.stale);
        match &withheld {
            None => value,
            Some(withheld) => withhold(withheld.extent(&read.stored), value),
        }
    };
    let items: Vec<RiskMetricValue> = found.iter().map(wire).collect();
    match format {
        Format::Json => respond::json(&request, &RiskMetricValuePage { items, next }),
        Format::Csv => {
            let bytes = values_csv(&items);
            Ok(respond::with_etag(
                &respond::etag_of(&[&bytes]),
                format.media_type(),
                bytes,
            ))
        }
    }
}

/// The columns behind the dimensions.
const COLUMNS: [&str; 22] = [
    "value",
    "unit",
    "level",
    "score",
    "p",
    "baseline",
    "baseline_upper",
    "method",
    "reason",
    "flags",
    "coverage",
    "n_inputs",
    "data_as_of",
    "recorded_at",
    "baseline_lower",
    "interval_low",
    "interval_high",
    "interval_level",
    "interval_method",
    "provisional_share",
    "same_level",
    "stale",
];

fn values_csv(values: &[RiskMetricValue]) -> Vec<u8> {
    let names: Vec<&str> = values
        .first()
        .map(|value| value.dimensions.keys().map(String::as_str).collect())
        .unwrap_or_default();
    let mut header = vec!["code", "version", "period"];
    header.extend(&names);
    header.extend(COLUMNS);
    let mut text = CsvText::new(header);
    let number = |number: Option<f64>| number.map(value_to_text).unwrap_or_default();
    for value in values {
        let mut cells = vec![
            value.code.clone(),
            value.version.to_string(),
            value.period.clone(),
        ];
        cells.extend(
            names
                .iter()
                .map(|name| value.dimensions.get(*name).cloned().unwrap_or_default()),
        );
        let level = serde_json::to_value(value.level)
            .ok()
            .and_then(|level| level.as_str().map(str::to_owned));
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        cells.extend([
            number(value.value),
            value.unit.clone(),
            level.unwrap_or_default(),
            number(value.score),
            number(value.p),
            number(value.baseline),
            number(value.baseline_upper),
            value.method.clone().unwrap_or_default(),
            value.reason.clone().unwrap_or_default(),
            value.flags.join(" "),
            value_to_text(value.coverage),
            value.n_inputs.to_string(),
            instant(value.data_as_of),
            instant(value.recorded_at),
        ]);
        cells.extend(uncertainty_cells(value));
        text.row(cells.iter().map(String::as_str));
    }
    text.into_bytes()
}

/// The columns that say how sure a value is; behind the others, so that these keep their places.
fn uncertainty_cells(value: &RiskMetricValue) -> [String; 8] {
    let number = |number: Option<f64>| number.map(value_to_text).unwrap_or_default();
    let interval = value.interval.as_ref();
    [
        number(value.baseline_lower),
        number(interval.map(|interval| interval.low)),
        number(interval.map(|interval| interval.high)),
        number(interval.map(|interval| interval.level)),
        interval
            .map(|interval| interval.method.clone())
            .unwrap_or_default(),
        number(value.provisional_share),
        number(value.sensitivity.as_ref().map(|found| found.same_level)),
        value.stale.to_string(),
    ]
}
