//! The feed of changes: appended with what it tells of, read in an order that never changes.
//!
//! A number is drawn under the barrier that guards the stamping of submissions, held shared to commit. A reader
//! that finds something new takes the barrier exclusively and looks again: then every number drawn so far is
//! committed or lost, and every later one is greater. So nothing ever appears before what was read already.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::observations::STAMP_BARRIER;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz};
use diesel::{Connection, QueryableByName, RunQueryDsl};
use leleka_domain::BodyScope;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct NewChange<'a> {
    /// What, as `area.word`.
    pub kind: &'a str,
    /// Whose affair; `None` when everybody may know.
    pub body: Option<&'a str>,
    /// The dataflow concerned.
    pub dataflow: Option<&'a str>,
    /// Kind of the thing that changed.
    pub object_type: &'a str,
    /// Which one.
    pub object_id: &'a str,
    /// A few facts more; never figures.
    pub details: &'a serde_json::Value,
}

/// Something that happened, as stored.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredChange {
    /// Place in the feed.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// When it became known.
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
    /// What.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Whose affair.
    #[diesel(sql_type = Nullable<Text>)]
    pub body: Option<String>,
    /// The dataflow concerned.
    #[diesel(sql_type = Nullable<Text>)]
    pub dataflow: Option<String>,
    /// Kind of the thing that changed.
    #[diesel(sql_type = Text)]
    pub object_type: String,
    /// Which one.
    #[diesel(sql_type = Text)]
    pub object_id: String,
    /// A few facts more.
    #[diesel(sql_type = Jsonb)]
    pub details: serde_json::Value,
}

/// Which changes.
#[derive(Clone, Debug, Default)]
pub struct ChangeFilter {
    /// Only what follows this place.
    pub after: i64,
    /// Of these kinds; every kind when empty.
    pub kinds: Vec<String>,
}

/// Appends to the feed. Best the last statement of its transaction: the barrier is held from here to commit.
///
/// # Errors
/// When the database refuses.
pub fn change_insert_in_tx(tx: &mut Tx<'_>, change: &NewChange<'_>) -> Result<(), StoreError> {
    Statement::new(
        "with barrier as materialized (select pg_advisory_xact_lock_shared(?)) \
         insert into change_event (number, recorded_at, kind, body, dataflow, object_type, object_id, details) \
         select nextval('change_number'), clock_timestamp(), ?, ?, ?, ?, ?, ? from barrier",
        vec![
            Bind::BigInt(STAMP_BARRIER),
            Bind::Text(change.kind),
            Bind::MaybeText(change.body),
            Bind::MaybeText(change.dataflow),
            Bind::Text(change.object_type),
            Bind::Text(change.object_id),
            Bind::Json(change.details),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// What followed a place, in order; at most `limit`. A body sees its own affairs and everybody's.
///
/// # Errors
/// When the database refuses.
pub fn change_page(
    reader: &mut Reader,
    scope: &BodyScope,
    filter: &ChangeFilter,
    limit: i64,
) -> Result<Vec<StoredChange>, StoreError> {
    // An idle poller never waits for writers, and never makes them wait.
    if page_read(&mut reader.0, scope, filter, 1)?.is_empty() {
        return Ok(Vec::new());
    }
    // Read committed: the second statement must see what was committed while the first one waited.
    reader.0.transaction(|connection| {
        Statement::new(
            "select pg_advisory_xact_lock(?)",
            vec![Bind::BigInt(STAMP_BARRIER)],
        )
        .execute(connection)?;
        page_read(connection, scope, filter, limit)
    })
}

fn page_read(
    connection: &mut diesel::pg::PgConnection,
    scope: &BodyScope,
    filter: &ChangeFilter,
    limit: i64,
) -> Result<Vec<StoredChange>, StoreError> {
    let mut sql = String::from(
        "select number, recorded_at, kind, body, dataflow, object_type, object_id, details from change_event \
         where number > ?",
    );
    let mut binds = vec![Bind::BigInt(filter.after)];
    match scope {
        BodyScope::One(body) => {
            sql.push_str(" and (body = ? or body is null)");
            binds.push(Bind::Text(body));
        }
        BodyScope::WholeCentre => {}
    }
    if !filter.kinds.is_empty() {
        sql.push_str(" and kind = any(?)");
        binds.push(Bind::OwnedTexts(&filter.kinds));
    }
    sql.push_str(" order by number limit ?");
    binds.push(Bind::BigInt(limit));
    Ok(Statement::new(sql, binds).load(connection)?)
}
