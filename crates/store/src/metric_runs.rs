//! Pieces of recomputation: why, how much and how long, each written with the values it recorded.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// A piece to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMetricRun<'a> {
    /// Which metric.
    pub code: &'a str,
    /// By which version of its definition.
    pub version: i32,
    /// The acts that led to it.
    pub positions: &'a [i64],
    /// Keys of which cells were computed.
    pub keys: usize,
    /// Cells that were computed.
    pub computed: usize,
    /// Values that were recorded.
    pub recorded: usize,
    /// Observations that were read.
    pub observations: usize,
    /// The vintage they were read from.
    pub data_as_of: DateTime<Utc>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
}

/// Writes a piece.
///
/// # Errors
/// When the database refuses.
pub fn metric_run_insert_in_tx(tx: &mut Tx<'_>, run: &NewMetricRun<'_>) -> Result<(), StoreError> {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    Statement::new(
        "insert into metric_run (code, version, positions, keys, computed, recorded, observations, data_as_of, \
         started_at, duration_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        vec![
            Bind::Text(run.code),
            Bind::Int(run.version),
            Bind::BigInts(run.positions),
            Bind::Int(number(run.keys)),
            Bind::Int(number(run.computed)),
            Bind::Int(number(run.recorded)),
            Bind::BigInt(i64::try_from(run.observations).unwrap_or(i64::MAX)),
            Bind::Instant(run.data_as_of),
            Bind::Instant(run.started_at),
            Bind::BigInt(run.duration_ms),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// A piece as stored.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct StoredMetricRun {
    /// Order.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// By which version of the definition.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// The acts that led to it.
    #[diesel(sql_type = Array<BigInt>)]
    pub positions: Vec<i64>,
    /// The first hundred of the submissions among them.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub submissions: Vec<Uuid>,
    /// Keys of which cells were computed.
    #[diesel(sql_type = Integer)]
    pub keys: i32,
    /// Cells that were computed.
    #[diesel(sql_type = Integer)]
    pub computed: i32,
    /// Values that were recorded.
    #[diesel(sql_type = Integer)]
    pub recorded: i32,
    /// Observations that were read.
    #[diesel(sql_type = BigInt)]
    pub observations: i64,
    /// The vintage they were read from.
    #[diesel(sql_type = Timestamptz)]
    pub data_as_of: DateTime<Utc>,
    /// When it began.
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    #[diesel(sql_type = BigInt)]
    pub duration_ms: i64,
}

/// The pieces of a metric, newest first; only those that a submission led to, if one is named.
///
/// # Errors
/// When the database refuses.
pub fn metric_run_page(
    reader: &mut Reader,
    code: &str,
    submission: Option<Uuid>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<StoredMetricRun>, StoreError> {
    let mut sql = String::from(
        "select r.id, r.version, r.positions, array(select s.id from submission s \
         where s.position = any(r.positions) order by s.position limit 100) as submissions, r.keys, r.computed, \
         r.recorded, r.observations, r.data_as_of, r.started_at, r.duration_ms from metric_run r where r.code = ?",
    );
    let mut binds = vec![Bind::Text(code)];
    if let Some(submission) = submission {
        sql.push_str(" and (select s.position from submission s where s.id = ?) = any(r.positions)");
        binds.push(Bind::Uuid(submission));
    }
    if let Some(before) = before {
        sql.push_str(" and r.id < ?");
        binds.push(Bind::BigInt(before));
    }
    sql.push_str(" order by r.id desc limit ?");
    binds.push(Bind::BigInt(limit));
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}
