//! GET /v1/revisions: by source body and indicator, or of one series with every version.
//!
//! Never shows a body the figures of another. What is estimated stands beside what was reported, flagged.

use crate::http::caller::{Authorised, ObservationRead};
use crate::http::csv_text::CsvText;
use crate::http::forecasts::list::series_parameter;
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::series::{descendants_add, series_filter_read, series_wire};
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use leleka_contract::v1::{
    DelayCompleteness, FigureVersion, Nowcast, ParameterFault, Problem, RevisedFigure, RevisionGroup,
    RevisionPage, RevisionStatistics,
};
use leleka_domain::{Code, SeriesId, value_to_text};
use leleka_exchange::{RevisionQuery, revision_list as revision_list_read};
use leleka_store::SeriesFilter;
use utoipa::IntoParams;

/// Which revisions. `indicator` or `seriesId` is needed.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the names document the parameters; the filter holds their values"
)]
pub(crate) struct RevisionListQuery {
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
    /// Frequencies, SDMX `CL_FREQ`.
    frequency: Vec<String>,
    /// Other dimensions, `name=CODE`; all must match.
    dimension: Vec<String>,
    /// One series alone, with every version of every figure.
    #[param(value_type = Option<String>, min_length = 16, max_length = 16)]
    series_id: Option<SeriesId>,
    /// First period.
    #[param(value_type = Option<String>, max_length = 21)]
    from: NaiveDate,
    /// Last period.
    #[param(value_type = Option<String>, max_length = 21)]
    to: NaiveDate,
    /// As known at this moment.
    as_of: Option<DateTime<Utc>>,
    /// `json` or `csv`, in place of `Accept`.
    #[param(max_length = 4)]
    format: Option<String>,
    #[param(ignore)]
    filter: SeriesFilter,
}

impl QueryModel for RevisionListQuery {
    fn read(query: &mut QueryReader) -> Self {
        let (filter, descendants) = series_filter_read(query);
        let series_id = series_parameter(query);
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
            series_id,
            from: query.first_day("from"),
            to: query.last_day("to"),
            as_of: query.instant("asOf"),
            format: query.words("format", &Format::WORDS).into_iter().next(),
            filter,
        }
    }
}

/// List revisions
///
/// For each body and indicator: how much figures changed from the first to the newest, how late they come, how complete
/// they are by delay, and what the newest periods will hold, beside what was reported. Figures of all series that match
/// are added up for completeness: ask for one breakdown, such as `sex=_T`, where totals and parts are both delivered.
#[utoipa::path(
    operation_id = "revision_list", tag = "observations", params(RevisionListQuery),
    responses((status = 200, description = "The revisions.", content((RevisionPage = "application/json"), (String = "text/csv"))),
        (status = 404, description = "There is no such series.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["observation:read"])),
)]
#[get("/v1/revisions")]
pub(crate) async fn revision_list(
    request: HttpRequest,
    authorised: Authorised<ObservationRead>,
    query: Params<RevisionListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, mut query) = (authorised.scope()?, query.0);
    if query.filter.indicators.is_empty() && query.series_id.is_none() {
        let missing = ParameterFault {
            name: "indicator".to_owned(),
            code: Code::ParameterInvalid.as_str().to_owned(),
            expected: Some("indicator | seriesId".to_owned()),
        };
        return Err(Failure::parameters(Code::ParameterInvalid, vec![missing]));
    }
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    if query.descendants {
        descendants_add(&service.centre.book(), &mut query.filter);
    }
    let (stored, of_series) = (service.clone(), query.series_id.is_some());
    let asked = RevisionQuery {
        filter: query.filter,
        series: query.series_id,
        from: query.from,
        to: query.to,
        as_of: query.as_of,
    };
    let found = web::block(move || revision_list_read(&stored.centre, &scope, &asked)).await??;
    let items = found.groups.into_iter();
    let page = RevisionPage {
        data_as_of: found.data_as_of,
        items: items
            .map(|group| group_wire(&service, group, of_series))
            .collect(),
    };
    if format == Format::Json {
        return respond::json(&request, &page);
    }
    let bytes = if of_series {
        figures_csv(&page.items)
    } else {
        groups_csv(&page.items)
    };
    let etag = respond::etag_of(&[&bytes]);
    if respond::is_unchanged(&request, &etag) {
        return Ok(respond::not_modified(&etag));
    }
    Ok(respond::with_etag(&etag, format.media_type(), bytes))
}

fn group_wire(service: &Service, group: leleka_exchange::RevisionGroup, with_figures: bool) -> RevisionGroup {
    let series = series_wire(service, &group.series);
    let delays = group.reporting.delays.iter().enumerate();
    let completeness = delays.map(|(delay, found)| DelayCompleteness {
        delay,
        factor: found.factor,
        n_periods: found.periods,
        completeness: found.completeness,
    });
    let nowcasts = group.reporting.nowcasts.iter().map(|found| Nowcast {
        period: found.period.to_string(),
        reported: found.reported,
        estimate: found.estimate,
        flag: "estimated",
        lo95: found.interval95.map(|(low, _)| low),
        hi95: found.interval95.map(|(_, high)| high),
        completeness: found.completeness,
        n_periods: found.periods,
    });
    let told = group.statistics;
    RevisionGroup {
        body: series.body,
        indicator: series.indicator,
        frequency: series.frequency,
        series: group.series_count,
        statistics: RevisionStatistics {
            figures: told.figures,
            revised: told.revised,
            mean: told.mean,
            mean_absolute: told.mean_absolute,
            relative_mean_absolute: told.relative_mean_absolute,
            median_absolute: told.median_absolute,
            p90_absolute: told.p90_absolute,
            upward_share: told.upward_share,
            delay_days_median: told.delay_days_median,
        },
        completeness: completeness.collect(),
        nowcasts: nowcasts.collect(),
        figures: with_figures.then(|| group.figures.into_iter().map(figure_wire).collect()),
    }
}

fn figure_wire(figure: leleka_exchange::RevisedFigure) -> RevisedFigure {
    let mut before: Option<f64> = None;
    let known = figure.history.versions.iter().zip(&figure.submissions);
    let versions = known.map(|((recorded_at, value), submission_id)| {
        let change = before.zip(*value).map(|(before, value)| value - before);
        let relative = before.zip(change).map(|(before, change)| change / before);
        before = value.or(before);
        FigureVersion {
            value: *value,
            recorded_at: *recorded_at,
            submission_id: *submission_id,
            change,
            relative_change: relative.filter(|share| share.is_finite()),
        }
    });
    RevisedFigure {
        versions: versions.collect(),
        period: figure.history.period.to_string(),
        delay_days: figure.history.delay_days(),
    }
}

fn maybe(number: Option<f64>) -> String {
    number.map(value_to_text).unwrap_or_default()
}

/// A row for each group.
fn groups_csv(groups: &[RevisionGroup]) -> Vec<u8> {
    let mut text = CsvText::new([
        "body",
        "indicator",
        "frequency",
        "series",
        "figures",
        "revised",
        "mean",
        "mean_absolute",
        "relative_mean_absolute",
        "median_absolute",
        "p90_absolute",
        "upward_share",
        "delay_days_median",
        "newest_period",
        "reported",
        "estimate",
        "lo95",
        "hi95",
        "n_periods",
    ]);
    for group in groups {
        let told = &group.statistics;
        let mut cells = vec![
            group.body.clone(),
            group.indicator.clone(),
            group.frequency.clone(),
            group.series.to_string(),
            told.figures.to_string(),
            told.revised.to_string(),
        ];
        cells.extend(
            [
                told.mean,
                told.mean_absolute,
                told.relative_mean_absolute,
                told.median_absolute,
                told.p90_absolute,
                told.upward_share,
                told.delay_days_median,
            ]
            .map(maybe),
        );
        let newest = group.nowcasts.last();
        cells.push(newest.map(|it| it.period.clone()).unwrap_or_default());
        cells.extend(
            [
                newest.map(|it| it.reported),
                newest.map(|it| it.estimate),
                newest.and_then(|it| it.lo95),
                newest.and_then(|it| it.hi95),
            ]
            .map(maybe),
        );
        cells.push(newest.map(|it| it.n_periods.to_string()).unwrap_or_default());
        text.row(cells.iter().map(String::as_str));
    }
    text.into_bytes()
}

/// A row for each version of each figure.
fn figures_csv(groups: &[RevisionGroup]) -> Vec<u8> {
    let mut text = CsvText::new([
        "body",
        "indicator",
        "frequency",
        "period",
        "version",
        "value",
        "change",
        "relative_change",
        "recorded_at",
        "submission_id",
    ]);
    for group in groups {
        for figure in group.figures.iter().flatten() {
            for (number, version) in figure.versions.iter().enumerate() {
                let cells = [
                    group.body.clone(),
                    group.indicator.clone(),
                    group.frequency.clone(),
                    figure.period.clone(),
                    (number + 1).to_string(),
                    maybe(version.value),
                    maybe(version.change),
                    maybe(version.relative_change),
                    version.recorded_at.to_rfc3339_opts(SecondsFormat::Millis, true),
                    version.submission_id.to_string(),
                ];
                text.row(cells.iter().map(String::as_str));
            }
        }
    }
    text.into_bytes()
}
