//! Which metrics alerts have yet to follow, the locks of those who write to alerts, and the submission behind a revision.
//!
//! A mark is written with the values it is about and taken with the events that follow: neither is lost when the
//! service is killed between them.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The submission at a place of the ledger.
///
/// # Errors
/// When the database refuses.
pub fn submission_at_position(reader: &mut Reader, position: i64) -> Result<Option<Uuid>, StoreError> {
    let statement = Statement::new(
        "select id from submission where position = ?",
        vec![Bind::BigInt(position)],
    );
    let found: Option<Found> = statement.get_result(&mut reader.0).optional()?;
    Ok(found.map(|found| found.id))
}

/// The newest submission of these dataflows that became known after one vintage and by another.
///
/// # Errors
/// When the database refuses.
pub fn submission_newest_between(
    reader: &mut Reader,
    dataflows: &[String],
    (after, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<Uuid>, StoreError> {
    let statement = Statement::new(
        "select id from submission where recorded_at > ? and recorded_at <= ? and position is not null \
         and dataflow = any(?) order by position desc limit 1",
        vec![
            Bind::Instant(after),
            Bind::Instant(until),
            Bind::OwnedTexts(dataflows),
        ],
    );
    let found: Option<Found> = statement.get_result(&mut reader.0).optional()?;
    Ok(found.map(|found| found.id))
}

/// Notes that values of a metric were recorded, in the transaction that records them.
///
/// # Errors
/// When the database refuses.
pub(crate) fn alert_due_insert_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<(), StoreError> {
    Statement::new("insert into alert_due (code) values (?)", vec![Bind::Text(code)]).execute(tx.0)?;
    Ok(())
}

/// The metric that waits longest for its alerts to be followed.
///
/// # Errors
/// When the database refuses.
pub fn alert_due_first_in_tx(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = Text)]
        code: String,
    }
    let statement = Statement::new("select code from alert_due order by id limit 1", Vec::new());
    let due: Option<Due> = statement.get_result(tx.0).optional()?;
    Ok(due.map(|due| due.code))
}

/// Keeps everybody else from recording values of these metrics and from writing to their alerts until commit, and
/// takes what was due for them.
///
/// # Errors
/// When the database refuses, or somebody else holds one of them for long.
pub fn alert_due_take_in_tx(tx: &mut Tx<'_>, codes: &[String]) -> Result<(), StoreError> {
    // The first lock is the one that a recomputation tries and passes by; always in the order of the codes.
    Statement::new(
        "select pg_advisory_xact_lock(hashtextextended(code, 2)), pg_advisory_xact_lock(hashtextextended(code, 5)) \
         from (select code from unnest(?) u(code) order by code) c",
        vec![Bind::OwnedTexts(codes)],
    )
    .execute(tx.0)?;
    Statement::new(
        "delete from alert_due where code = any(?)",
        vec![Bind::OwnedTexts(codes)],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Keeps everybody else from writing to the alerts of a metric until commit.
///
/// # Errors
/// When the database refuses.
pub fn alert_lock_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<(), StoreError> {
    Statement::new(
        "select pg_advisory_xact_lock(hashtextextended(?, 5))",
        vec![Bind::Text(code)],
    )
    .execute(tx.0)?;
    Ok(())
}
