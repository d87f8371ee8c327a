//! GET /v1/series: which series there are, by key.
//!
//! Never shows another body's series to a body.

use crate::http::caller::{Authorised, ObservationRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::http::series::{descendants_add, series_filter_read, series_wire};
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::SeriesPage;
use leleka_store::{SeriesFilter, series_list as series_list_stored};
use utoipa::IntoParams;

/// Which series.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the names document the parameters; the filter holds their values"
)]
pub(crate) struct SeriesListQuery {
    /// Indicators.
    #[param(example = json!(["ASY_APPL"]))]
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
    /// Size of a page.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 512)]
    cursor: Option<String>,
    #[param(ignore)]
    filter: SeriesFilter,
}

impl QueryModel for SeriesListQuery {
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
            limit: query.number("limit", 1..=1000, 200),
            cursor: query.text("cursor", 512),
            filter,
        }
    }
}

/// List series
///
/// By key. A filter that is repeated means "or", different filters mean "and".
#[utoipa::path(
    operation_id = "series_list", tag = "observations", params(SeriesListQuery),
    responses((status = 200, description = "A page.", body = SeriesPage)),
    security(("leleka_oauth2" = ["observation:read"])),
)]
#[get("/v1/series")]
pub(crate) async fn series_list(
    request: HttpRequest,
    authorised: Authorised<ObservationRead>,
    query: Params<SeriesListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (
        scope,
        SeriesListQuery {
            descendants,
            limit,
            cursor,
            mut filter,
            ..
        },
    ) = (authorised.scope()?, query.0);
    if descendants {
        descendants_add(&service.centre.book(), &mut filter);
    }
    let bound_to = query_without_cursor(request.path(), request.query_string());
    filter.after_key = service.cursors.read(&bound_to, cursor.as_deref())?;
    let stored = service.clone();
    let found = web::block(move || {
        series_list_stored(&mut stored.centre.store.reader()?, &scope, &filter, limit + 1)
    });
    let mut found = found.await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().map(|series| series.key.to_string()).filter(|_| more);
    let next = last.map(|key| next_page(&bound_to, &service.cursors.make(&bound_to, &key)));
    let items = found.iter().map(|series| series_wire(&service, series)).collect();
    respond::json(&request, &SeriesPage { items, next })
}
