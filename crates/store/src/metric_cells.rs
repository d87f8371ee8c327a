//! What was said about cells of a metric so far: the current values, from when to when, of which keys. Computes nothing.

use crate::StoreError;
use crate::connections::Tx;
use crate::metric_values::{LIGHT, StoredMetricValue};
use crate::statement::{Bind, Statement};
use chrono::NaiveDate;
use diesel::sql_types::{Date, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};

/// Which cells of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellRange {
    /// Which key.
    pub key: String,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period.
    pub to: NaiveDate,
}

/// The current values of cells of a metric, without their inputs.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_current_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    cells: &[CellRange],
) -> Result<Vec<StoredMetricValue>, StoreError> {
    let keys: Vec<&str> = cells.iter().map(|cells| cells.key.as_str()).collect();
    let from: Vec<NaiveDate> = cells.iter().map(|cells| cells.from).collect();
    let to: Vec<NaiveDate> = cells.iter().map(|cells| cells.to).collect();
    let statement = Statement::new(
        format!(
            "select v.* from unnest(?, ?, ?) u(key, first, last) cross join lateral \
             (select distinct on (period) {LIGHT}, '[]'::jsonb as inputs from metric_value m \
             where m.code = ? and m.key = u.key and m.period between u.first and u.last order by period, id desc) v"
        ),
        vec![
            Bind::Texts(&keys),
            Bind::Days(&from),
            Bind::Days(&to),
            Bind::Text(code),
        ],
    );
    Ok(statement.load(tx.0)?)
}

/// The keys of which a metric ever said something.
///
/// # Errors
/// When the database refuses.
pub fn metric_key_list_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct KeyRow {
        #[diesel(sql_type = Text)]
        key: String,
    }
    // From key to key by the index: `distinct` would read every value.
    let rows: Vec<KeyRow> = Statement::new(
        "with recursive k(key) as ((select key from metric_value where code = ? order by key limit 1) union all \
         select (select v.key from metric_value v where v.code = ? and v.key > k.key order by v.key limit 1) \
         from k where k.key is not null) select key from k where key is not null",
        vec![Bind::Text(code), Bind::Text(code)],
    )
    .load(tx.0)?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// From when to when a version of a metric has values for a key.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct SaidSpan {
    /// Which key.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// First period, by its first day.
    #[diesel(sql_type = Date)]
    pub first: NaiveDate,
    /// Last period.
    #[diesel(sql_type = Date)]
    pub last: NaiveDate,
}

/// The spans of these keys; a key without a value has none.
///
/// # Errors
/// When the database refuses.
pub fn metric_said_span_list_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    version: i32,
    keys: &[&str],
) -> Result<Vec<SaidSpan>, StoreError> {
    let edge = |direction: &str| {
        format!(
            "(select v.period from metric_value v where v.code = ? and v.key = u.key and v.version = ? \
             order by v.period {direction} limit 1)"
        )
    };
    let statement = Statement::new(
        format!(
            "select u.key, a.period as first, b.period as last from unnest(?) u(key) \
             cross join lateral {} a cross join lateral {} b",
            edge("asc"),
            edge("desc")
        ),
        vec![
            Bind::Texts(keys),
            Bind::Text(code),
            Bind::Int(version),
            Bind::Text(code),
            Bind::Int(version),
        ],
    );
    Ok(statement.load(tx.0)?)
}

/// The newest period that a version of a metric speaks of, or is about to.
///
/// # Errors
/// When the database refuses.
pub fn metric_newest_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    version: i32,
) -> Result<Option<NaiveDate>, StoreError> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = Nullable<Date>)]
        newest: Option<NaiveDate>,
    }
    let newest: Newest = Statement::new(
        "select greatest((select v.period from metric_value v where v.code = ? and v.version = ? \
         order by v.period desc limit 1), \
         (select max(period_to) from metric_dirty where code = ? and unit is not null)) as newest",
        vec![Bind::Text(code), Bind::Int(version), Bind::Text(code)],
    )
    .get_result(tx.0)?;
    Ok(newest.newest)
}
