//! Jobs, read: for operators, and for submissions whose record is still to come. Nothing here writes.

use crate::StoreError;
use crate::connections::Reader;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::BodyScope;
use uuid::Uuid;

/// A job as stored.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredJob {
    /// Its identifier.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// What is to be done.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// For which body.
    #[diesel(sql_type = Nullable<Text>)]
    pub body: Option<String>,
    /// What the work needs.
    #[diesel(sql_type = Jsonb)]
    pub payload: serde_json::Value,
    /// `queued`, `running`, `done` or `dead`.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// How often it was begun.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
    /// Not before this moment.
    #[diesel(sql_type = Timestamptz)]
    pub run_at: DateTime<Utc>,
    /// Units done in this attempt.
    #[diesel(sql_type = BigInt)]
    pub progress_done: i64,
    /// Units in all, where known.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub progress_total: Option<i64>,
    /// Code of the last failure.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
    /// When it was queued.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it was first begun.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ended_at: Option<DateTime<Utc>>,
}

const JOB_SELECT: &str = "select id, kind, body, payload, state, attempts, run_at, progress_done, progress_total, \
     last_error, created_at, started_at, ended_at from job";

/// One job.
///
/// # Errors
/// When the database refuses.
pub fn job_find(reader: &mut Reader, id: Uuid) -> Result<Option<StoredJob>, StoreError> {
    let statement = Statement::new(format!("{JOB_SELECT} where id = ?"), vec![Bind::Uuid(id)]);
    Ok(statement.get_result(&mut reader.0).optional()?)
}

/// Which jobs.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// In these states.
    pub states: Vec<String>,
    /// Keyset: older than this one; identifiers are ordered by time.
    pub before: Option<Uuid>,
}

/// Jobs, newest first; at most `limit`.
///
/// # Errors
/// When the database refuses.
pub fn job_page(reader: &mut Reader, filter: &JobFilter, limit: i64) -> Result<Vec<StoredJob>, StoreError> {
    let (mut sql, mut binds) = (format!("{JOB_SELECT} where true"), Vec::new());
    for (column, words) in [("kind", &filter.kinds), ("state", &filter.states)] {
        if !words.is_empty() {
            sql.push_str(&format!(" and {column} = any(?)"));
            binds.push(Bind::OwnedTexts(words));
        }
    }
    if let Some(before) = filter.before {
        sql.push_str(" and id < ?");
        binds.push(Bind::Uuid(before));
    }
    sql.push_str(" order by id desc limit ?");
    binds.push(Bind::BigInt(limit));
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// Jobs of a kind in scope that have not been done, newest first, older than `before`; at most `limit`.
///
/// # Errors
/// When the database refuses.
pub fn job_undone_page(
    reader: &mut Reader,
    scope: &BodyScope,
    kind: &str,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<StoredJob>, StoreError> {
    let mut sql = format!("{JOB_SELECT} where kind = ? and state <> 'done'");
    let mut binds = vec![Bind::Text(kind)];
    if let BodyScope::One(body) = scope {
        sql.push_str(" and body = ?");
        binds.push(Bind::Text(body));
    }
    if let Some(before) = before {
        sql.push_str(" and id < ?");
        binds.push(Bind::Uuid(before));
    }
    sql.push_str(" order by id desc limit ?");
    binds.push(Bind::BigInt(limit));
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}
