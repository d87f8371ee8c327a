//! What dry runs promised: kept for a day, so that the submission that follows can be held to it.

use crate::StoreError;
use crate::connections::Tx;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Jsonb, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// The result of a dry run and everything that it depends on.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct ValidationPromise {
    /// SHA-256 of the validated bytes.
    #[diesel(sql_type = Binary)]
    pub content_sha256: Vec<u8>,
    /// SHA-256 of media type and declarations beside the bytes.
    #[diesel(sql_type = Binary)]
    pub context_sha256: Vec<u8>,
    /// Version of the checks.
    #[diesel(sql_type = Text)]
    pub ruleset_version: String,
    /// Which catalogue was read.
    #[diesel(sql_type = BigInt)]
    pub catalogue_generation: i64,
    /// Version of the slices that the body touches.
    #[diesel(sql_type = Text)]
    pub slice_etag: String,
    /// State, counts and the digest of the findings.
    #[diesel(sql_type = Jsonb)]
    pub outcome: serde_json::Value,
}

/// Keeps a promise under its identifier.
///
/// # Errors
/// When the database refuses.
pub fn validation_insert_in_tx(
    tx: &mut Tx<'_>,
    id: Uuid,
    body: &str,
    promise: &ValidationPromise,
    created_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into validation (id, body, content_sha256, context_sha256, ruleset_version, catalogue_generation, \
         slice_etag, outcome, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        vec![
            Bind::Uuid(id),
            Bind::Text(body),
            Bind::Bytes(&promise.content_sha256),
            Bind::Bytes(&promise.context_sha256),
            Bind::Text(&promise.ruleset_version),
            Bind::BigInt(promise.catalogue_generation),
            Bind::Text(&promise.slice_etag),
            Bind::Json(&promise.outcome),
            Bind::Instant(created_at),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// What was promised to a body under an identifier, unless it was before a moment.
///
/// # Errors
/// When the database refuses.
pub fn validation_find_in_tx(
    tx: &mut Tx<'_>,
    id: Uuid,
    body: &str,
    not_before: DateTime<Utc>,
) -> Result<Option<ValidationPromise>, StoreError> {
    let found = Statement::new(
        "select content_sha256, context_sha256, ruleset_version, catalogue_generation, slice_etag, outcome \
         from validation where id = ? and body = ? and created_at >= ?",
        vec![Bind::Uuid(id), Bind::Text(body), Bind::Instant(not_before)],
    )
    .get_result(tx.0)
    .optional()?;
    Ok(found)
}

/// Forgets promises that were made before a moment; returns how many.
///
/// # Errors
/// When the database refuses.
pub fn validation_sweep_in_tx(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let statement = Statement::new(
        "delete from validation where created_at < ?",
        vec![Bind::Instant(before)],
    );
    Ok(statement.execute(tx.0)?)
}
