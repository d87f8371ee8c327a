//! Definitions of risk metrics. Computes nothing.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Integer, Jsonb, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};

/// A stored definition.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct ActiveDefinition {
    /// Code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Version.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// `draft`, `active` or `retired`.
    #[diesel(sql_type = Text)]
    pub status: String,
    /// The definition.
    #[diesel(sql_type = Jsonb)]
    pub content: serde_json::Value,
    /// SHA-256 of its canonical JSON.
    #[diesel(sql_type = Binary)]
    pub content_sha256: Vec<u8>,
    /// When it was added.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// Makes a version of a definition the active one; `true` when it was not there before.
///
/// # Errors
/// [`StoreError::Corrupt`] when the version is there with other content: versions never change.
pub fn definition_publish_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    version: i32,
    content: &serde_json::Value,
    content_sha256: &[u8; 32],
) -> Result<bool, StoreError> {
    let there: Option<ActiveDefinition> = Statement::new(
        "select code, version, status, content, content_sha256, created_at from metric_definition \
         where code = ? and version = ?",
        vec![Bind::Text(code), Bind::Int(version)],
    )
    .get_result(tx.0)
    .optional()?;
    if let Some(there) = &there {
        return if there.content_sha256 == content_sha256 {
            Ok(false)
        } else {
            Err(StoreError::Corrupt(format!(
                "{code} version {version} is published with other content"
            )))
        };
    }
    Statement::new(
        "update metric_definition set status = 'retired' where code = ? and status = 'active'",
        vec![Bind::Text(code)],
    )
    .execute(tx.0)?;
    Statement::new(
        "insert into metric_definition (code, version, status, content, content_sha256) values (?, ?, 'active', ?, ?)",
        vec![Bind::Text(code), Bind::Int(version), Bind::Json(content), Bind::Bytes(content_sha256)],
    )
    .execute(tx.0)?;
    Ok(true)
}

/// Every version of every definition, newest version first within a code.
///
/// # Errors
/// When the database refuses.
pub fn definition_list(reader: &mut Reader) -> Result<Vec<ActiveDefinition>, StoreError> {
    let statement = Statement::new(
        "select code, version, status, content, content_sha256, created_at from metric_definition \
         order by code, version desc",
        Vec::new(),
    );
    Ok(statement.load(&mut reader.0)?)
}

/// The active version of a definition, as it is at this very moment.
///
/// # Errors
/// When the database refuses.
pub fn definition_active_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<Option<ActiveDefinition>, StoreError> {
    let statement = Statement::new(
        "select code, version, status, content, content_sha256, created_at from metric_definition \
         where code = ? and status = 'active'",
        vec![Bind::Text(code)],
    );
    Ok(statement.get_result(tx.0).optional()?)
}
