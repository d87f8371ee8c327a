//! The append-only ledger: drawing a position, reading what is current, appending.
//!
//! Nothing here updates or deletes. A position is drawn under a lock of the body's dataflow that is held to
//! commit, so within a series positions grow in the order of commits.

use crate::StoreError;
use crate::connections::Tx;
use crate::schema::observation;
use crate::statement::{Bind, Statement};
use chrono::NaiveDate;
use diesel::pg::CopyFormat;
use diesel::sql_types::{BigInt, Date, Double, Integer, Nullable, SmallInt};
use diesel::{ExecuteCopyFromDsl, Queryable, QueryableByName, RunQueryDsl};
use leleka_domain::ObservationRow;
use std::io::Write;

/// Below this many rows one `insert … select from unnest` is cheaper than a COPY.
const COPY_FROM_ROWS: usize = 1_000;
/// Days from 1970-01-01 (chrono counts from year 1) to PostgreSQL's day zero, 2000-01-01.
const POSTGRES_DAY_ZERO: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Columns of [`CurrentObservation`], in its order.
type CurrentColumns = (
    BigInt,
    Date,
    BigInt,
    Nullable<Double>,
    Integer,
    Integer,
    SmallInt,
    SmallInt,
);

/// What is current for a series and period.
#[derive(Clone, Copy, Debug, PartialEq, Queryable)]
pub struct CurrentObservation {
    /// Series.
    pub series_id: i64,
    /// First day of the period.
    pub period: NaiveDate,
    /// Ledger position.
    pub position: i64,
    /// Value.
    pub value: Option<f64>,
    /// Row of its submission.
    pub row_number: i32,
    /// Flags as bits.
    pub flags: i32,
    /// Status number; [`leleka_domain::RETRACTED`] when there is nothing any more.
    pub status: i16,
    /// Confidentiality number.
    pub confidentiality: i16,
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = BigInt)]
    position: i64,
}

/// Takes the lock of a body's dataflow until commit and draws the next position.
///
/// # Errors
/// [`StoreError::Retryable`] when the lock is not free in time.
pub fn ledger_position_draw_in_tx(tx: &mut Tx<'_>, body: &str, dataflow: &str) -> Result<i64, StoreError> {
    // The lock is taken in a materialised step of its own: the sequence must not be read before it is held.
    let drawn: Position = Statement::new(
        "with held as materialized (select pg_advisory_xact_lock(hashtextextended(? || '/' || ?, 1))) \
         select nextval('ledger_position') as position from held",
        vec![Bind::Text(body), Bind::Text(dataflow)],
    )
    .get_result(tx.0)?;
    Ok(drawn.position)
}

/// What is current for these series between two days, both included; rows of this very transaction are seen.
///
/// # Errors
/// When the database refuses.
pub fn observation_current_in_tx(
    tx: &mut Tx<'_>,
    series: &[i64],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<CurrentObservation>, StoreError> {
    let statement = Statement::new(
        "select u.id as series_id, o.period, o.position, o.value, o.row_number, o.flags, o.status, o.confidentiality \
         from unnest(?) u(id) cross join lateral (select distinct on (period) period, position, value, row_number, \
         flags, status, confidentiality from observation where series_id = u.id and period between ? and ? \
         order by period, position desc) o",
        vec![Bind::BigInts(series), Bind::Day(from), Bind::Day(to)],
    );
    Ok(statement.typed::<CurrentColumns>().load(tx.0)?)
}

/// Appends rows at a position. They must be free of duplicates; sorted by series and period is fastest.
///
/// # Errors
/// When the database refuses.
pub fn observation_insert_in_tx(
    tx: &mut Tx<'_>,
    position: i64,
    rows: &[ObservationRow],
) -> Result<(), StoreError> {
    if rows.len() < COPY_FROM_ROWS {
        insert_few(tx, position, rows)
    } else {
        let copied = diesel::copy_from(observation::table)
            .from_raw_data(observation::table, |sink: &mut dyn Write| {
                copy_rows(sink, position, rows)
            })
            .with_format(CopyFormat::Binary)
            .execute(tx.0)?;
        if copied == rows.len() {
            Ok(())
        } else {
            Err(StoreError::Corrupt(format!(
                "COPY took {copied} of {} rows",
                rows.len()
            )))
        }
    }
}

fn insert_few(tx: &mut Tx<'_>, position: i64, rows: &[ObservationRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let series: Vec<i64> = rows.iter().map(|row| row.series.0).collect();
    let periods: Vec<NaiveDate> = rows.iter().map(|row| row.period_start).collect();
    let values: Vec<Option<f64>> = rows.iter().map(|row| row.value).collect();
    let numbers: Vec<i32> = rows.iter().map(|row| row.row.cast_signed()).collect();
    let flags: Vec<i32> = rows.iter().map(|row| row.flags.bits()).collect();
    let statuses: Vec<i16> = rows.iter().map(ObservationRow::ledger_status).collect();
    let confidentialities: Vec<i16> = rows.iter().map(|row| row.confidentiality.number()).collect();
    Statement::new(
        "insert into observation (series_id, position, value, period, row_number, flags, status, confidentiality) \
         select s, ?, v, p, n, f, t, c from unnest(?, ?, ?, ?, ?, ?, ?) u(s, v, p, n, f, t, c)",
        vec![
            Bind::BigInt(position),
            Bind::BigInts(&series),
            Bind::MaybeDoubles(&values),
            Bind::Days(&periods),
            Bind::Ints(&numbers),
            Bind::Ints(&flags),
            Bind::SmallInts(&statuses),
            Bind::SmallInts(&confidentialities),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Writes PostgreSQL's binary COPY format: a header, for each row the number of columns and each column as its
/// length and big-endian bytes, and a trailer.
fn copy_rows(sink: &mut dyn Write, position: i64, rows: &[ObservationRow]) -> Result<(), StoreError> {
    let lost = |error: std::io::Error| StoreError::Retryable(Box::new(error));
    let mut buffer = Vec::with_capacity(64 * 1024);
    buffer.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
    for row in rows {
        buffer.extend_from_slice(&8_i16.to_be_bytes());
        field(&mut buffer, &row.series.0.to_be_bytes());
        field(&mut buffer, &position.to_be_bytes());
        match row.value {
            Some(value) => field(&mut buffer, &value.to_be_bytes()),
            None => buffer.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
        let days = row
            .period_start
            .signed_duration_since(POSTGRES_DAY_ZERO)
            .num_days();
        field(
            &mut buffer,
            &i32::try_from(days).unwrap_or(i32::MAX).to_be_bytes(),
        );
        field(&mut buffer, &row.row.to_be_bytes());
        field(&mut buffer, &row.flags.bits().to_be_bytes());
        field(&mut buffer, &row.ledger_status().to_be_bytes());
        field(&mut buffer, &row.confidentiality.number().to_be_bytes());
        if buffer.len() > 60 * 1024 {
            sink.write_all(&buffer).map_err(lost)?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&(-1_i16).to_be_bytes());
    sink.write_all(&buffer).map_err(lost)?;
    Ok(())
}

fn field(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(0).to_be_bytes());
    buffer.extend_from_slice(bytes);
}
