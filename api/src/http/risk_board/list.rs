//! GET /v1/risk-board: the newest level of every metric and key, what changed, and what stands beside it.
//!
//! Computes no value and no level; q-values come from stored p-values. Unknown is never shown near low.

use crate::http::caller::{Authorised, RiskMetricRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::risk_assessments::COMPONENTS;
use crate::http::risk_board::table::{board_csv, item_wire, summary_wire};
use crate::http::risk_metrics::values::{LEVELS, dimensions_read};
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use leleka_contract::v1::{RiskBoardItem, RiskBoardPage};
use leleka_domain::Period;
use leleka_exchange::{BoardCell, BoardFilter, Level, risk_board};
use std::cmp::Reverse;
use utoipa::IntoParams;

/// Which cells.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct RiskBoardQuery {
    /// Of these metrics.
    metric: Vec<String>,
    /// Dimensions of the metrics, `name=CODE`; codes of one name mean "or".
    #[param(value_type = Vec<String>, example = json!(["territory=UA46000000000026241"]))]
    dimension: Vec<(String, Vec<String>)>,
    /// At these levels.
    level: Vec<String>,
    /// Of these components of CIRAM: `threat.magnitude`, `threat.likelihood`, `vulnerability`, `impact`.
    ciram: Vec<String>,
    /// Of these families of tests.
    family: Vec<String>,
    /// Only cells whose level changed since the period before.
    #[param(default = false)]
    changed_only: bool,
    /// Only cells that a bulletin lists: q at most 0.1.
    #[param(default = false)]
    listed_only: bool,
    /// In this period in place of the newest of each key.
    #[param(value_type = Option<String>, max_length = 21, example = "2026-W44")]
    period: Option<Period>,
    /// What was said by this moment.
    as_of: Option<DateTime<Utc>>,
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

impl QueryModel for RiskBoardQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            metric: query.many("metric"),
            dimension: dimensions_read(query).into_iter().collect(),
            level: query.words("level", &LEVELS),
            ciram: query.words("ciram", &COMPONENTS),
            family: query.many("family"),
            changed_only: query.flag("changedOnly", false),
            listed_only: query.flag("listedOnly", false),
            period: query.period("period"),
            as_of: query.instant("asOf"),
            limit: query.number("limit", 1..=1000, 200),
            cursor: query.text("cursor", 1024),
            format: query.words("format", &Format::WORDS).into_iter().next(),
        }
    }
}

/// A place on the board, as a cursor carries it: the moment that the first page showed, then the last cell shown.
#[derive(serde::Serialize, serde::Deserialize)]
struct Place {
    at: Option<DateTime<Utc>>,
    level: String,
    q: u64,
    metric: String,
    key: String,
}

impl Place {
    fn of(cell: &BoardCell, at: Option<DateTime<Utc>>) -> Self {
        let (Reverse(level), q, metric, key) = cell.place();
        Self {
            at,
            level: level.code().to_owned(),
            q,
            metric,
            key,
        }
    }

    fn is_before(&self, cell: &BoardCell) -> bool {
        let level: Level = self.level.parse().unwrap_or(Level::Unknown);
        cell.place() > (Reverse(level), self.q, self.metric.clone(), self.key.clone())
    }
}

/// Read the risk board
///
/// The newest value of every published metric and key, with its level, q in its family, change, alert and judgement,
/// highest level first; and a summary over all of them.
#[utoipa::path(
    operation_id = "risk_board_list", tag = "risk board", params(RiskBoardQuery),
    responses((status = 200, description = "A page.", content((RiskBoardPage = "application/json"), (String = "text/csv")))),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-board")]
pub(crate) async fn risk_board_list(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    query: Params<RiskBoardQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let query = query.0;
    QueryReader::past_check(query.as_of, service.centre.clock.now())?;
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let after: Option<Place> = service.cursors.read(&bound_to, query.cursor.as_deref())?;
    let filter = BoardFilter {
        codes: query.metric,
        dimensions: query.dimension,
        levels: query.level,
        components: query.ciram,
        families: query.family,
        changed_only: query.changed_only,
        listed_only: query.listed_only,
        period: query.period,
        as_of: query.as_of,
        pinned: after.as_ref().and_then(|place| place.at),
    };
    let stored = service.clone();
    let board = web::block(move || risk_board(&stored.centre, &authorised.caller, &filter)).await??;
    let summary = summary_wire(&board);
    let read_at = after.as_ref().map_or(board.read_at, |place| place.at);
    let follows = |cell: &BoardCell| after.as_ref().is_none_or(|place| place.is_before(cell));
    let mut cells: Vec<BoardCell> = board.cells.into_iter().filter(follows).collect();
    let limit = usize::try_from(query.limit).unwrap_or(200);
    let more = cells.len() > limit;
    cells.truncate(limit);
    let last = cells.last().filter(|_| more);
    let next = last.map(|cell| {
        next_page(
            &bound_to,
            &service.cursors.make(&bound_to, &Place::of(cell, read_at)),
        )
    });
    let items: Vec<RiskBoardItem> = cells.into_iter().map(item_wire).collect();
    match format {
        Format::Json => respond::json(&request, &RiskBoardPage { summary, items, next }),
        Format::Csv => {
            let bytes = board_csv(&items);
            let etag = respond::etag_of(&[&bytes]);
            if respond::is_unchanged(&request, &etag) {
                return Ok(respond::not_modified(&etag));
            }
            Ok(respond::with_etag(&etag, format.media_type(), bytes))
        }
    }
}
