//! GET /v1/forecasts: forecasts by series, as JSON or as CSV with a row for each period ahead.
//!
//! Never shows a body the forecast of another's series. Computes nothing.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::csv_text::CsvText;
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::forecasts::{forecast_wire, series_id_read};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::series::{descendants_add, series_filter_read};
use crate::service::Service;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, SecondsFormat, Utc};
use leleka_contract::v1::{Forecast, ForecastPage};
use leleka_domain::{SeriesId, value_to_text};
use leleka_store::{
    ForecastFilter, SeriesFilter, StoreError, StoredForecast, StoredSeries, forecast_page, series_find,
};
use utoipa::IntoParams;

const VERDICTS: [&str; 4] = [
    "beats_naive",
    "no_better_than_last_value",
    "not_tested",
    "no_forecast",
];

/// Which forecasts.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the names document the parameters; the filter holds their values"
)]
pub(crate) struct ForecastListQuery {
    /// Indicators.
    indicator: Vec<String>,
    /// Source bodies.
    body: Vec<String>,
    /// Territories.
    territory: Vec<String>,
    /// Whether territories below those named are meant too.
    #[param(default = false)]
    descendants: bool,
    /// Citizenships.
    citizenship: Vec<String>,
    /// Sexes.
    sex: Vec<String>,
    /// Ages.
    age: Vec<String>,
    /// Frequencies, SDMX `CL_FREQ`.
    frequency: Vec<String>,
    /// Other dimensions, `name=CODE`; all must match.
    dimension: Vec<String>,
    /// The forecast of this series alone, by its number.
    #[param(value_type = Option<String>, min_length = 16, max_length = 16)]
    series_id: Option<SeriesId>,
    /// Of these verdicts: `beats_naive`, `no_better_than_last_value`, `not_tested`, `no_forecast`.
    verdict: Vec<String>,
    /// What was said by this moment.
    as_of: Option<DateTime<Utc>>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 1024)]
    cursor: Option<String>,
    /// `json` or `csv`, in place of `Accept`.
    #[param(max_length = 4)]
    format: Option<String>,
    #[param(ignore)]
    filter: SeriesFilter,
}

impl QueryModel for ForecastListQuery {
    fn read(query: &mut QueryReader) -> Self {
        let (filter, descendants) = series_filter_read(query);
        Self {
            indicator: Vec::new(),
            body: Vec::new(),
            territory: Vec::new(),
            descendants,
            citizenship: Vec::new(),
            sex: Vec::new(),
            age: Vec::new(),
            frequency: Vec::new(),
            dimension: Vec::new(),
            series_id: series_parameter(query),
            verdict: query.words("verdict", &VERDICTS),
            as_of: query.instant("asOf"),
            limit: query.number("limit", 1..=200, 50),
            cursor: query.text("cursor", 1024),
            format: query.words("format", &Format::WORDS).into_iter().next(),
            filter,
        }
    }
}

/// Reads `seriesId`.
pub(crate) fn series_parameter(query: &mut QueryReader) -> Option<SeriesId> {
    let text = query.one("seriesId")?;
    let id = series_id_read(&text);
    if id.is_none() {
        query.fault("seriesId", "16 × [0-9a-f]");
    }
    id
}

/// List forecasts
///
/// By series, each with points, intervals, its back-test and the verdict. A filter that is repeated means "or",
/// different filters mean "and".
#[utoipa::path(
    operation_id = "forecast_list", tag = "forecasts", params(ForecastListQuery),
    responses((status = 200, description = "A page.", content((ForecastPage = "application/json"), (String = "text/csv")))),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/forecasts")]
pub(crate) async fn forecast_list(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    query: Params<ForecastListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, mut query) = (authorised.scope()?, query.0);
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    if query.descendants {
        descendants_add(&service.centre.book(), &mut query.filter);
    }
    let bound_to = query_without_cursor(request.path(), request.query_string());
    query.filter.after_key = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let (limit, stored) = (query.limit, service.clone());
    let found = web::block(move || {
        let mut reader = stored.centre.store.reader()?;
        if let Some(id) = query.series_id {
            let Some(series) = series_find(&mut reader, &scope, id)? else {
                return Ok(Vec::new());
            };
            query.filter.key = Some(series.key.to_string());
        }
        let filter = ForecastFilter {
            series: query.filter,
            verdicts: query.verdict,
            as_of: query.as_of,
            limit: limit + 1,
        };
        forecast_page(&mut reader, &scope, &filter)
    });
    let found: Result<Vec<(StoredSeries, StoredForecast)>, StoreError> = found.await?;
    let mut found = found?;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().map(|(series, _)| series.key.to_string());
    let next = last.filter(|_| more);
    let next = next.map(|key| next_page(&bound_to, &service.cursors.make(&bound_to, &key)));
    let items = found.into_iter();
    let items = items.map(|(series, forecast)| forecast_wire(&service, &series, forecast));
    let items: Vec<Forecast> = items.collect::<Result<_, _>>()?;
    let page = ForecastPage { items, next };
    if format == Format::Json {
        return respond::json(&request, &page);
    }
    let bytes = forecasts_csv(&page.items);
    let etag = respond::etag_of(&[&bytes]);
    if respond::is_unchanged(&request, &etag) {
        return Ok(respond::not_modified(&etag));
    }
    let mut answer = respond::with_etag(&etag, format.media_type(), bytes);
    if let Some(next) = page.next
        && let Ok(link) = HeaderValue::from_str(&format!("<{next}>; rel=\"next\""))
    {
        answer.headers_mut().insert(HeaderName::from_static("link"), link);
    }
    Ok(answer)
}

/// A row for each period ahead; a series without a forecast has one row, with the reason.
fn forecasts_csv(forecasts: &[Forecast]) -> Vec<u8> {
    let mut text = CsvText::new([
        "series_id",
        "indicator",
        "frequency",
        "body",
        "territory",
        "citizenship",
        "dimensions",
        "period",
        "point",
        "lo80",
        "hi80",
        "lo95",
        "hi95",
        "unit",
        "verdict",
        "reason",
        "mase",
        "naive_mase",
        "seasonal_naive_mase",
        "interval_method",
        "vintages",
        "data_as_of",
        "recorded_at",
    ]);
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let maybe = |number: Option<f64>| number.map(value_to_text).unwrap_or_default();
    for forecast in forecasts {
        let series = &forecast.series;
        let dimensions: Vec<String> = series
            .dimensions
            .iter()
            .map(|(name, code)| format!("{name}={code}"))
            .collect();
        let head = [
            series.id.clone(),
            series.indicator.clone(),
            series.frequency.clone(),
            series.body.clone(),
            series.territory.clone().unwrap_or_default(),
            series.citizenship.clone().unwrap_or_default(),
            dimensions.join(";"),
        ];
        let verdict = serde_json::to_value(forecast.verdict).ok();
        let verdict = verdict.and_then(|word| word.as_str().map(str::to_owned));
        let tested = forecast.backtest.as_ref();
        let tail = [
            series.unit.clone(),
            verdict.unwrap_or_default(),
            forecast.reason.clone().unwrap_or_default(),
            maybe(tested.and_then(|it| it.mase)),
            maybe(tested.and_then(|it| it.naive_mase)),
            maybe(tested.and_then(|it| it.seasonal_naive_mase)),
            forecast.interval_method.clone().unwrap_or_default(),
            forecast.vintages.clone(),
            instant(forecast.data_as_of),
            instant(forecast.recorded_at),
        ];
        let points = forecast.points.iter().map(|point| {
            let numbers = [point.point, point.lo80, point.hi80, point.lo95, point.hi95];
            let mut cells = vec![point.period.clone()];
            cells.extend(numbers.map(value_to_text));
            cells
        });
        let mut rows: Vec<Vec<String>> = points.collect();
        if rows.is_empty() {
            rows.push(vec![String::new(); 6]);
        }
        for row in rows {
            let cells = head.iter().chain(&row).chain(&tail);
            text.row(cells.map(String::as_str));
        }
    }
    text.into_bytes()
}
