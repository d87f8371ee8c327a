//! What is to be recomputed: marks as acts leave them, and the same resolved into cells of the metric. Computes nothing.
//!
//! A mark is deleted in the transaction that records what it asked for, so a killed worker loses none.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Bool, Date, Text};
use diesel::{QueryableByName, RunQueryDsl};

/// Position of a mark that a new definition left.
pub const DIRTY_BY_DEFINITION: i64 = 0;
/// Position of a mark that an agreement left.
pub const DIRTY_BY_AGREEMENT: i64 = -1;

/// What an accepted submission touched.
#[derive(Clone, Debug, PartialEq, Eq, Hash, QueryableByName)]
pub struct DirtyRange {
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Which key of it, `name=CODE` sorted; `*` is every key.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// Which input changed.
    #[diesel(sql_type = Text)]
    pub input: String,
    /// First changed period, by its first day.
    #[diesel(sql_type = Date)]
    pub period_from: NaiveDate,
    /// Last changed period.
    #[diesel(sql_type = Date)]
    pub period_to: NaiveDate,
}

/// The same with the act that left it.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct DirtyMark {
    /// What was touched.
    #[diesel(embed)]
    pub range: DirtyRange,
    /// Position of the submission; see [`DIRTY_BY_DEFINITION`] and [`DIRTY_BY_AGREEMENT`].
    #[diesel(sql_type = BigInt)]
    pub position: i64,
}

/// Marks what is to be recomputed, in the submission's own transaction.
///
/// # Errors
/// When the database refuses.
pub fn dirty_insert_in_tx(tx: &mut Tx<'_>, position: i64, ranges: &[DirtyRange]) -> Result<(), StoreError> {
    if ranges.is_empty() {
        return Ok(());
    }
    let text = |of: fn(&DirtyRange) -> &str| -> Vec<&str> { ranges.iter().map(of).collect() };
    let (codes, keys, inputs) = (
        text(|range| &range.code),
        text(|range| &range.key),
        text(|range| &range.input),
    );
    let from: Vec<NaiveDate> = ranges.iter().map(|range| range.period_from).collect();
    let to: Vec<NaiveDate> = ranges.iter().map(|range| range.period_to).collect();
    Statement::new(
        "insert into metric_dirty (code, key, input, period_from, period_to, position) \
         select c, k, i, f, t, ? from unnest(?, ?, ?, ?, ?) u(c, k, i, f, t)",
        vec![
            Bind::BigInt(position),
            Bind::Texts(&codes),
            Bind::Texts(&keys),
            Bind::Texts(&inputs),
            Bind::Days(&from),
            Bind::Days(&to),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Marks every cell of a newly published definition; not where there is nothing to compute it from.
///
/// # Errors
/// When the database refuses.
pub fn dirty_insert_whole_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    input: &str,
    indicator: &str,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into metric_dirty (code, key, input, period_from, period_to, position) \
         select ?, '*', ?, '1900-01-01', '2199-12-31', ? where exists (select from series where indicator = ?)",
        vec![
            Bind::Text(code),
            Bind::Text(input),
            Bind::BigInt(DIRTY_BY_DEFINITION),
            Bind::Text(indicator),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Whether anything is to be recomputed.
///
/// # Errors
/// When the database refuses.
pub fn dirty_is_waiting(reader: &mut Reader) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = Bool)]
        waiting: bool,
    }
    let statement = Statement::new(
        "select exists (select from metric_dirty) or exists (select from alert_due) as waiting",
        Vec::new(),
    );
    let found: Waiting = statement.get_result(&mut reader.0)?;
    Ok(found.waiting)
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct DirtyMetric {
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Whether it has marks that are not resolved yet.
    #[diesel(sql_type = Bool)]
    pub unresolved: bool,
    /// Whether some of its resolved marks lie in its newest periods.
    #[diesel(sql_type = Bool)]
    pub recent: bool,
}

/// Chooses the metric that comes next and holds it until the transaction ends: what is not resolved first, then the
/// newest periods of every metric, then older ones. A metric that another worker holds is left to it.
///
/// # Errors
/// When the database refuses.
pub fn dirty_metric_hold_in_tx(tx: &mut Tx<'_>) -> Result<Option<DirtyMetric>, StoreError> {
    #[derive(QueryableByName)]
    struct Held {
        #[diesel(sql_type = Bool)]
        held: bool,
    }
    let metrics: Vec<DirtyMetric> = Statement::new(
        "select code, bool_or(unit is null) as unresolved, bool_or(recent) as recent from metric_dirty \
         group by code order by 2 desc, 3 desc, min(id)",
        Vec::new(),
    )
    .load(tx.0)?;
    // One worker for each metric: two on one metric would each miss what the other has not committed yet.
    for metric in metrics {
        let held: Held = Statement::new(
            "select pg_try_advisory_xact_lock(hashtextextended(?, 2)) as held",
            vec![Bind::Text(&metric.code)],
        )
        .get_result(tx.0)?;
        if held.held {
            return Ok(Some(metric));
        }
    }
    Ok(None)
}

/// Takes what is not resolved of a metric.
///
/// # Errors
/// When the database refuses.
pub fn dirty_take_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<Vec<DirtyMark>, StoreError> {
    let statement = Statement::new(
        "delete from metric_dirty where code = ? and unit is null \
         returning code, key, input, period_from, period_to, position",
        vec![Bind::Text(code)],
    );
    Ok(statement.load(tx.0)?)
}

/// What is not resolved of a metric, left where it is.
///
/// # Errors
/// When the database refuses.
pub fn dirty_list(reader: &mut Reader, code: &str) -> Result<Vec<DirtyMark>, StoreError> {
    let statement = Statement::new(
        "select code, key, input, period_from, period_to, position from metric_dirty \
         where code = ? and unit is null",
        vec![Bind::Text(code)],
    );
    Ok(statement.load(&mut reader.0)?)
}

/// The metrics of which anything is marked.
///
/// # Errors
/// When the database refuses.
pub fn dirty_code_list(reader: &mut Reader) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Marked {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let statement = Statement::new("select distinct code from metric_dirty order by code", Vec::new());
    let marked: Vec<Marked> = statement.load(&mut reader.0)?;
    Ok(marked.into_iter().map(|marked| marked.code).collect())
}

/// Forgets every mark of a metric: it was retired and has nothing to say any more.
///
/// # Errors
/// When the database refuses.
pub fn dirty_forget_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<(), StoreError> {
    Statement::new("delete from metric_dirty where code = ?", vec![Bind::Text(code)]).execute(tx.0)?;
    Ok(())
}

/// Cells of one key that are to be computed.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct DirtyCells {
    /// What is loaded and computed together.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// Which key, `name=CODE` sorted.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// First period, by its first day.
    #[diesel(sql_type = Date)]
    pub period_from: NaiveDate,
    /// Last period.
    #[diesel(sql_type = Date)]
    pub period_to: NaiveDate,
    /// The acts that led to it.
    #[diesel(sql_type = Array<BigInt>)]
    pub positions: Vec<i64>,
}

/// The same with what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedMark {
    /// The cells.
    pub cells: DirtyCells,
    /// Whether they lie in the newest periods.
    pub recent: bool,
    /// How many they are.
    pub count: i32,
    /// At most so many observations are read for the unit.
    pub observations: i64,
}

/// So many marks go into one statement.
const BATCH: usize = 2_000;

/// Writes resolved marks.
///
/// # Errors
/// When the database refuses.
pub fn dirty_resolved_insert_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    marks: &[ResolvedMark],
) -> Result<(), StoreError> {
    for marks in marks.chunks(BATCH) {
        let rows = marks.iter().map(|mark| {
            serde_json::json!({
                "key": mark.cells.key,
                "period_from": mark.cells.period_from,
                "period_to": mark.cells.period_to,
                "position": mark.cells.positions.iter().max(),
                "unit": mark.cells.unit,
                "recent": mark.recent,
                "cells": mark.count,
                "observations": mark.observations,
                "positions": mark.cells.positions,
            })
        });
        Statement::new(
            "insert into metric_dirty (code, key, input, period_from, period_to, position, unit, recent, cells, \
             observations, positions) select ?, key, '', period_from, period_to, coalesce(position, 0), unit, recent, \
             cells, observations, positions from jsonb_populate_recordset(null::metric_dirty, ?)",
            vec![
                Bind::Text(code),
                Bind::Json(&serde_json::Value::Array(rows.collect())),
            ],
        )
        .execute(tx.0)?;
    }
    Ok(())
}

/// One unit of work.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct DirtyUnit {
    /// Which.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// How many cells.
    #[diesel(sql_type = BigInt)]
    pub cells: i64,
    /// At most so many observations are read for it.
    #[diesel(sql_type = BigInt)]
    pub observations: i64,
}

/// The units of a metric that come next, oldest mark first.
///
/// # Errors
/// When the database refuses.
pub fn dirty_unit_list_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    recent: bool,
    limit: i64,
) -> Result<Vec<DirtyUnit>, StoreError> {
    let statement = Statement::new(
        "select unit, sum(cells)::bigint as cells, max(observations) as observations from metric_dirty \
         where code = ? and unit is not null and recent = ? group by unit order by min(id) limit ?",
        vec![Bind::Text(code), Bind::Flag(recent), Bind::BigInt(limit)],
    );
    Ok(statement.load(tx.0)?)
}

/// Takes units of a metric.
///
/// # Errors
/// When the database refuses.
pub fn dirty_unit_take_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    recent: bool,
    units: &[&str],
) -> Result<Vec<DirtyCells>, StoreError> {
    let statement = Statement::new(
        "delete from metric_dirty where code = ? and recent = ? and unit = any(?) \
         returning unit, key, period_from, period_to, positions",
        vec![Bind::Text(code), Bind::Flag(recent), Bind::Texts(units)],
    );
    Ok(statement.load(tx.0)?)
}

/// What is resolved for some keys of a metric, left where it is.
///
/// # Errors
/// When the database refuses.
pub fn dirty_cells_list(
    reader: &mut Reader,
    code: &str,
    keys: &[&str],
) -> Result<Vec<DirtyCells>, StoreError> {
    let statement = Statement::new(
        "select unit, key, period_from, period_to, positions from metric_dirty \
         where code = ? and unit is not null and key = any(?)",
        vec![Bind::Text(code), Bind::Texts(keys)],
    );
    Ok(statement.load(&mut reader.0)?)
}
