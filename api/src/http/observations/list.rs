//! GET /v1/observations: figures, current, as known at a moment, or with their history.
//!
//! Never shows another body's figures to a body. The ETag is that of the vintage and the query, so an unchanged
//! answer costs no read.

use crate::http::caller::{Authorised, ObservationRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::observations::table::{observations_csv, observations_json};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::series::{descendants_add, series_filter_read};
use crate::service::Service;
use actix_web::http::header::{HeaderName, HeaderValue, IF_NONE_MATCH};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_contract::v1::ObservationPage;
use leleka_domain::{BodyScope, Code};
use leleka_store::{
    LedgerHead, ObservationQuery, ObservationVersion, Reader, SeriesFilter, StoreError, StoredSeries,
    ledger_heads, observation_page, series_list,
};
use serde::{Deserialize, Serialize};
use std::io::Write;
use utoipa::IntoParams;

/// Most series of one page.
const SERIES: i64 = 5_000;

/// Which observations.
#[derive(Clone, Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the names document the parameters; the filter holds their values"
)]
pub(crate) struct ObservationListQuery {
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
    /// Frequencies, SDMX `CL_FREQ`; `_O` for ranges.
    frequency: Vec<String>,
    /// Other dimensions, `name=CODE`; all must match.
    dimension: Vec<String>,
    /// First period.
    #[param(value_type = Option<String>, max_length = 21, example = "2026-W01")]
    from: NaiveDate,
    /// Last period.
    #[param(value_type = Option<String>, max_length = 21, example = "2026-W45")]
    to: NaiveDate,
    /// What was known at this moment.
    as_of: Option<DateTime<Utc>>,
    /// Only what became known after this moment; what was taken back stands there as `retracted`.
    updated_after: Option<DateTime<Utc>>,
    /// Every version instead of the current one, retractions too.
    #[param(default = false)]
    include_history: bool,
    /// Submission, row and moment of each observation too.
    #[param(default = false)]
    lineage: bool,
    /// Most observations of a page.
    #[param(minimum = 1, maximum = 50_000, default = 1000)]
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

impl QueryModel for ObservationListQuery {
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
            from: query.first_day("from"),
            to: query.last_day("to"),
            as_of: query.instant("asOf"),
            updated_after: query.instant("updatedAfter"),
            include_history: query.flag("includeHistory", false),
            lineage: query.flag("lineage", false),
            limit: query.number("limit", 1..=50_000, 1_000),
            cursor: query.text("cursor", 1024),
            format: query.words("format", &Format::WORDS).into_iter().next(),
            filter,
        }
    }
}

/// Where a page ended: every later page shows the vintage of the first.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    key: String,
    period: NaiveDate,
    position: i64,
    as_of: Option<DateTime<Utc>>,
}

struct Found {
    series: Vec<StoredSeries>,
    versions: Vec<ObservationVersion>,
    data_as_of: Option<DateTime<Utc>>,
    heads: Vec<LedgerHead>,
}

/// List observations
///
/// By series and period. `asOf` gives what was known at a moment, `includeHistory` every version.
#[utoipa::path(
    operation_id = "observation_list", tag = "observations", params(ObservationListQuery),
    responses((status = 200, description = "A page.", content((ObservationPage = "application/json"), (String = "text/csv")))),
    security(("leleka_oauth2" = ["observation:read"])),
)]
#[get("/v1/observations")]
pub(crate) async fn observation_list(
    request: HttpRequest,
    authorised: Authorised<ObservationRead>,
    query: Params<ObservationListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, mut query) = (authorised.scope()?, query.0);
    moments_check(&query, service.centre.clock.now())?;
    if query.descendants {
        descendants_add(&service.centre.book(), &mut query.filter);
    }
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let place: Option<Place> = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let etag_of = {
        let (scope, text) = (scope.clone(), request.query_string().to_owned());
        move |heads: &[LedgerHead]| vintage_etag(heads, &scope, format, &text)
    };
    if request.headers().contains_key(IF_NONE_MATCH) {
        let (service, indicators) = (service.clone(), query.filter.indicators.clone());
        let heads =
            web::block(move || heads_read(&service, &mut service.centre.store.reader()?, &indicators));
        let etag = etag_of(&heads.await??);
        if respond::is_unchanged(&request, &etag) {
            return Ok(respond::not_modified(&etag));
        }
    }
    let (limit, include_history) = (query.limit, query.include_history);
    let with_retractions = include_history || query.updated_after.is_some();
    let stored = service.clone();
    let found = web::block(move || found_read(&stored, &scope, query, place.as_ref())).await??;
    let etag = etag_of(&found.heads);
    let (next, kept) = page_cut(&found, limit);
    let next = next.map(|place| next_page(&bound_to, &service.cursors.make(&bound_to, &place)));
    let bytes = match format {
        Format::Json => observations_json(&service, &found.series, kept, found.data_as_of, next.as_deref())?,
        Format::Csv => observations_csv(&service, &found.series, kept, include_history, with_retractions),
    };
    let mut answer = respond::with_etag(&etag, format.media_type(), bytes);
    if let (Format::Csv, Some(next)) = (format, next) {
        // CSV has no place for `next`: RFC 8288 has.
        if let Ok(link) = HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")) {
            answer.headers_mut().insert(HeaderName::from_static("link"), link);
        }
    }
    Ok(answer)
}

fn moments_check(query: &ObservationListQuery, now: DateTime<Utc>) -> Result<(), Failure> {
    QueryReader::past_check(query.as_of, now)?;
    if query
        .as_of
        .zip(query.updated_after)
        .is_some_and(|(as_of, after)| after >= as_of)
    {
        return Err(Failure::new(Code::ParameterInvalid).detail("updatedAfter >= asOf"));
    }
    Ok(())
}

fn heads_read(
    service: &Service,
    reader: &mut Reader,
    indicators: &[String],
) -> Result<Vec<LedgerHead>, StoreError> {
    let book = service.centre.book();
    let wanted = |dataflow: &str| {
        let of = |code: &String| {
            book.codebook
                .indicator(code)
                .is_some_and(|it| it.dataflow == dataflow)
        };
        indicators.is_empty() || indicators.iter().any(of)
    };
    let pairs = book
        .body_dataflows()
        .into_iter()
        .filter(|(_, dataflow)| wanted(dataflow));
    let (bodies, dataflows): (Vec<&str>, Vec<&str>) = pairs.unzip();
    ledger_heads(reader, &bodies, &dataflows)
}

fn vintage_etag(heads: &[LedgerHead], scope: &BodyScope, format: Format, query: &str) -> String {
    let mut vintage = Vec::new();
    for head in heads {
        let _ = write!(vintage, "{}/{}/{};", head.body, head.dataflow, head.position);
    }
    let scope = match scope {
        BodyScope::One(body) => body.as_str(),
        BodyScope::WholeCentre => "*",
    };
    respond::etag_of(&[
        &vintage,
        scope.as_bytes(),
        format.media_type().as_bytes(),
        query.as_bytes(),
    ])
}

fn found_read(
    service: &Service,
    scope: &BodyScope,
    query: ObservationListQuery,
    place: Option<&Place>,
) -> Result<Found, StoreError> {
    let mut reader = service.centre.store.reader()?;
    let as_of = query.as_of.or(place.and_then(|place| place.as_of));
    if as_of.is_some() {
        // A past vintage is the same in every snapshot.
        return page_read(service, &mut reader, scope, query, place, as_of);
    }
    // What is newest must be read together with the figures, or a page could show more than its vintage.
    reader.snapshot(|reader| page_read(service, reader, scope, query, place, None))
}

fn page_read(
    service: &Service,
    reader: &mut Reader,
    scope: &BodyScope,
    query: ObservationListQuery,
    place: Option<&Place>,
    as_of: Option<DateTime<Utc>>,
) -> Result<Found, StoreError> {
    let heads = heads_read(service, reader, &query.filter.indicators)?;
    let ObservationListQuery {
        mut filter,
        from,
        to,
        updated_after,
        include_history,
        lineage,
        limit,
        ..
    } = query;
    let mut series = Vec::new();
    if let Some(place) = place {
        // The series in which the page before ended may have more.
        filter.after_key = Some(place.key.clone());
        let same = SeriesFilter {
            key: Some(place.key.clone()),
            after_key: None,
            ..filter.clone()
        };
        series.extend(series_list(reader, scope, &same, 1)?);
    }
    let after = place
        .filter(|_| !series.is_empty())
        .map(|place| (place.period, place.position));
    series.extend(series_list(reader, scope, &filter, SERIES)?);
    let asked = ObservationQuery {
        series: series.iter().map(|series| series.id).collect(),
        from,
        to,
        as_of,
        updated_after,
        include_history,
        with_lineage: lineage,
        after,
        limit: limit + 1,
    };
    let versions = observation_page(reader, &asked)?;
    let newest = heads.iter().map(|head| head.recorded_at).max();
    Ok(Found {
        series,
        versions,
        data_as_of: as_of.or(newest),
        heads,
    })
}

/// Cuts the page to its size; the place of the last observation begins the next one.
fn page_cut(found: &Found, limit: i64) -> (Option<Place>, &[ObservationVersion]) {
    let limit = usize::try_from(limit).unwrap_or(0);
    if found.versions.len() > limit {
        let kept = found.versions.get(..limit).unwrap_or_default();
        return (kept.last().and_then(|last| place_of(found, last)), kept);
    }
    // A page may also end because it asked for as many series as one page takes.
    if i64::try_from(found.series.len()).unwrap_or(0) >= SERIES {
        let key = found
            .series
            .last()
            .map(|series| series.key.to_string())
            .unwrap_or_default();
        let day = NaiveDate::MAX.min(NaiveDate::from_ymd_opt(2199, 12, 31).unwrap_or_default());
        let place = Place {
            key,
            period: day,
            position: i64::MAX,
            as_of: found.data_as_of,
        };
        return (Some(place), &found.versions);
    }
    (None, &found.versions)
}

fn place_of(found: &Found, last: &ObservationVersion) -> Option<Place> {
    let index = usize::try_from(last.series_number - 1).ok()?;
    let key = found.series.get(index)?.key.to_string();
    Some(Place {
        key,
        period: last.period,
        position: last.position,
        as_of: found.data_as_of,
    })
}
