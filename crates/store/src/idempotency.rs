//! Keys of repeated requests. A key belongs to a body and an operation, never to the whole service.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Bool, SmallInt, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::SubmissionId;
use uuid::Uuid;

/// What a key was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// SHA-256 over method, path, query, media type and raw body.
    pub fingerprint: Vec<u8>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The submission that was made, or what else the operation makes.
    pub submission_id: SubmissionId,
}

#[derive(QueryableByName)]
struct AnswerRow {
    #[diesel(sql_type = Binary)]
    fingerprint: Vec<u8>,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = SqlUuid)]
    submission_id: Uuid,
}

/// What a key was used for, if it was.
///
/// # Errors
/// When the database refuses.
pub fn idempotency_find(
    reader: &mut Reader,
    body: &str,
    operation: &str,
    key: &str,
) -> Result<Option<StoredAnswer>, StoreError> {
    let row: Option<AnswerRow> = Statement::new(
        "select fingerprint, status, submission_id from idempotency_key where body = ? and operation = ? and key = ?",
        vec![Bind::Text(body), Bind::Text(operation), Bind::Text(key)],
    )
    .get_result(&mut reader.0)
    .optional()?;
    Ok(row.map(|row| StoredAnswer {
        fingerprint: row.fingerprint,
        status: row.status.unsigned_abs(),
        submission_id: SubmissionId(row.submission_id),
    }))
}

/// Keeps a key with its answer; `false` when it was used already: roll back then, and replay.
///
/// # Errors
/// When the database refuses.
pub fn idempotency_insert_in_tx(
    tx: &mut Tx<'_>,
    body: &str,
    operation: &str,
    key: &str,
    answer: &StoredAnswer,
) -> Result<bool, StoreError> {
    let inserted = Statement::new(
        "insert into idempotency_key (body, operation, key, fingerprint, status, submission_id) \
         values (?, ?, ?, ?, ?, ?) on conflict do nothing",
        vec![
            Bind::Text(body),
            Bind::Text(operation),
            Bind::Text(key),
            Bind::Bytes(&answer.fingerprint),
            Bind::SmallInt(i16::try_from(answer.status).unwrap_or(i16::MAX)),
            Bind::Uuid(answer.submission_id.0),
        ],
    )
    .execute(tx.0)?;
    Ok(inserted == 1)
}

/// Whether a key was used, as seen by a transaction that holds the lock of its dataflow.
///
/// # Errors
/// When the database refuses.
pub fn idempotency_is_taken_in_tx(
    tx: &mut Tx<'_>,
    body: &str,
    operation: &str,
    key: &str,
) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let found: Found = Statement::new(
        "select exists (select from idempotency_key where body = ? and operation = ? and key = ?) as found",
        vec![Bind::Text(body), Bind::Text(operation), Bind::Text(key)],
    )
    .get_result(tx.0)?;
    Ok(found.found)
}

/// Forgets keys that were used before a moment; returns how many.
///
/// # Errors
/// When the database refuses.
pub fn idempotency_sweep_in_tx(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let statement = Statement::new(
        "delete from idempotency_key where created_at < ?",
        vec![Bind::Instant(before)],
    );
    Ok(statement.execute(tx.0)?)
}
