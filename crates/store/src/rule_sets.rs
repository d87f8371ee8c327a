//! Sets of rules over several figures: loaded with the catalogue, kept for ever, the newest in force.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use diesel::sql_types::{Binary, Jsonb};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};

#[derive(QueryableByName)]
struct Digest {
    #[diesel(sql_type = Binary)]
    content_sha256: Vec<u8>,
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = Jsonb)]
    content: serde_json::Value,
}

/// Puts a set in force; `true` when another one, or none, was in force before.
///
/// # Errors
/// [`StoreError::Corrupt`] when the version is there with other content: versions never change.
pub fn rule_set_load_in_tx(
    tx: &mut Tx<'_>,
    version: &str,
    content: &serde_json::Value,
    content_sha256: &[u8; 32],
) -> Result<bool, StoreError> {
    let there: Option<Digest> = Statement::new(
        "select content_sha256 from rule_set where version = ? and content_sha256 <> ? limit 1",
        vec![Bind::Text(version), Bind::Bytes(content_sha256)],
    )
    .get_result(tx.0)
    .optional()?;
    if there.is_some() {
        return Err(StoreError::Corrupt(format!(
            "the rules {version} were loaded with other content: give them a new version"
        )));
    }
    let newest: Option<Digest> = Statement::new(
        "select content_sha256 from rule_set order by id desc limit 1",
        Vec::new(),
    )
    .get_result(tx.0)
    .optional()?;
    if newest.is_some_and(|newest| newest.content_sha256 == content_sha256) {
        return Ok(false);
    }
    Statement::new(
        "insert into rule_set (version, content, content_sha256) values (?, ?, ?)",
        vec![
            Bind::Text(version),
            Bind::Json(content),
            Bind::Bytes(content_sha256),
        ],
    )
    .execute(tx.0)?;
    Ok(true)
}

/// The set in force; `None` before the first load.
///
/// # Errors
/// When the database refuses.
pub fn rule_set_read(reader: &mut Reader) -> Result<Option<serde_json::Value>, StoreError> {
    let found: Option<Content> = Statement::new(
        "select content from rule_set order by id desc limit 1",
        Vec::new(),
    )
    .get_result(&mut reader.0)
    .optional()?;
    Ok(found.map(|found| found.content))
}
