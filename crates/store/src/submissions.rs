//! Submissions and their raw bytes: inserted once, then only read.
//!
//! Every find takes the caller's scope first: no unscoped find exists for callers of the API.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::log_entries::{LOG_ENTRY_INSERT, LogEntry, log_entry_binds};
use crate::observations::STAMP_BARRIER;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::{BodyScope, ReasonCode, SubmissionCounts, SubmissionId, SubmissionKind, SubmissionState};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A submission about to be written.
#[derive(Clone, Debug)]
pub struct NewSubmission<'a> {
    /// Its identifier.
    pub id: SubmissionId,
    /// Ledger position; `None` when rejected.
    pub position: Option<i64>,
    /// Who delivers.
    pub body: &'a str,
    /// What; `None` when a rejected body did not say.
    pub dataflow: Option<&'a str>,
    /// With which client.
    pub client_id: &'a str,
    /// Original or correction.
    pub kind: SubmissionKind,
    /// What is corrected.
    pub supersedes: Option<SubmissionId>,
    /// Why.
    pub reason_code: Option<ReasonCode>,
    /// Why, in words.
    pub reason_text: Option<&'a str>,
    /// Remark.
    pub comment: Option<&'a str>,
    /// What became of it.
    pub state: SubmissionState,
    /// Media type received.
    pub content_type: &'a str,
    /// Digest of the raw bytes.
    pub content_sha256: [u8; 32],
    /// Their number.
    pub content_bytes: u64,
    /// Mapping profile and version.
    pub profile: Option<(&'a str, i32)>,
    /// Version of the checks.
    pub ruleset_version: &'a str,
    /// When the request came in.
    pub received_at: DateTime<Utc>,
    /// Counts.
    pub counts: SubmissionCounts,
    /// Ignored rows by declared reason.
    pub ignored_by_reason: &'a BTreeMap<String, u64>,
    /// Operation and idempotency key.
    pub idempotency: Option<(&'a str, &'a str, [u8; 32], u16)>,
}

/// A submission as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSubmission {
    /// Its identifier.
    pub id: SubmissionId,
    /// Ledger position.
    pub position: Option<i64>,
    /// Who delivered.
    pub body: String,
    /// What.
    pub dataflow: Option<String>,
    /// With which client.
    pub client_id: String,
    /// Original or correction.
    pub kind: SubmissionKind,
    /// What it corrects.
    pub supersedes: Option<SubmissionId>,
    /// The newest accepted correction of it.
    pub superseded_by: Option<SubmissionId>,
    /// Why.
    pub reason_code: Option<String>,
    /// Why, in words.
    pub reason_text: Option<String>,
    /// Remark.
    pub comment: Option<String>,
    /// What became of it.
    pub state: SubmissionState,
    /// Media type.
    pub content_type: String,
    /// Digest of the raw bytes.
    pub content_sha256: Vec<u8>,
    /// Their number.
    pub content_bytes: u64,
    /// Mapping profile and version.
    pub profile: Option<(String, i32)>,
    /// Version of the checks.
    pub ruleset_version: String,
    /// When the request came in.
    pub received_at: DateTime<Utc>,
    /// When it became known.
    pub recorded_at: DateTime<Utc>,
    /// Counts.
    pub counts: SubmissionCounts,
    /// Ignored rows by declared reason.
    pub ignored_by_reason: BTreeMap<String, u64>,
}

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    keys: i64,
}

/// Writes the submission, its log entry and its idempotency key, and stamps `recorded_at`: the last statement of
/// its transaction. `None` when the key was taken meanwhile; the caller must then roll back and replay.
///
/// # Errors
/// When the database refuses.
pub fn submission_insert_in_tx(
    tx: &mut Tx<'_>,
    new: &NewSubmission<'_>,
    entry: &LogEntry<'_>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let ignored = serde_json::json!(new.ignored_by_reason);
    let mut binds = log_entry_binds(entry);
    let key_insert = if let Some((operation, key, fingerprint, status)) = &new.idempotency {
        binds.extend([
            Bind::Text(new.body),
            Bind::Text(operation),
            Bind::Text(key),
            Bind::Bytes(fingerprint),
            Bind::SmallInt(i16::try_from(*status).unwrap_or(i16::MAX)),
            Bind::Uuid(new.id.0),
        ]);
        "insert into idempotency_key (body, operation, key, fingerprint, status, submission_id) \
         values (?, ?, ?, ?, ?, ?) on conflict do nothing returning 1"
    } else {
        "select 1"
    };
    binds.push(Bind::BigInt(STAMP_BARRIER));
    binds.extend(submission_binds(new, &ignored));
    let sql = format!(
        "with entry as ({LOG_ENTRY_INSERT}), kept as ({key_insert}), \
         barrier as materialized (select pg_advisory_xact_lock_shared(?)), \
         stored as (insert into submission (id, position, body, dataflow, client_id, kind, supersedes, reason_code, \
         reason_text, comment, state, content_type, content_sha256, content_bytes, profile_code, profile_version, \
         ruleset_version, received_at, row_count, rows_ignored, rows_refused, ignored_by_reason, observation_count, \
         new_count, revised_count, unchanged_count, error_count, warning_count, recorded_at) select ?, ?, ?, ?, ?, ?, \
         ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
         clock_timestamp() from barrier returning recorded_at) select recorded_at, (select count(*) from kept) as keys from stored"
    );
    let recorded: Recorded = Statement::new(sql, binds).get_result(tx.0)?;
    Ok((recorded.keys == 1).then_some(recorded.recorded_at))
}

fn count(number: u64) -> Bind<'static> {
    Bind::BigInt(number.cast_signed())
}

fn submission_binds<'a>(new: &'a NewSubmission<'_>, ignored: &'a serde_json::Value) -> Vec<Bind<'a>> {
    let counts = &new.counts;
    vec![
        Bind::Uuid(new.id.0),
        Bind::MaybeBigInt(new.position),
        Bind::Text(new.body),
        Bind::MaybeText(new.dataflow),
        Bind::Text(new.client_id),
        Bind::Text(new.kind.word()),
        Bind::MaybeUuid(new.supersedes.map(|id| id.0)),
        Bind::MaybeText(new.reason_code.map(ReasonCode::word)),
        Bind::MaybeText(new.reason_text),
        Bind::MaybeText(new.comment),
        Bind::Text(new.state.word()),
        Bind::Text(new.content_type),
        Bind::Bytes(&new.content_sha256),
        count(new.content_bytes),
        Bind::MaybeText(new.profile.map(|(code, _)| code)),
        Bind::MaybeInt(new.profile.map(|(_, version)| version)),
        Bind::Text(new.ruleset_version),
        Bind::Instant(new.received_at),
        count(counts.rows),
        count(counts.rows_ignored),
        count(counts.rows_refused),
        Bind::Json(ignored),
        count(counts.observations),
        count(counts.new),
        count(counts.revised),
        count(counts.unchanged),
        count(counts.errors),
        count(counts.warnings),
    ]
}

/// Keeps the raw bytes of a submission, once for each digest. `part` counts from 0.
///
/// # Errors
/// When the database refuses.
pub fn content_insert_in_tx(
    tx: &mut Tx<'_>,
    sha256: &[u8; 32],
    part: i32,
    zstd: &[u8],
) -> Result<(), StoreError> {
    Statement::new(
        "insert into submission_content (sha256, part, zstd) values (?, ?, ?) on conflict do nothing",
        vec![Bind::Bytes(sha256), Bind::Int(part), Bind::Bytes(zstd)],
    )
    .execute(tx.0)?;
    Ok(())
}

#[derive(QueryableByName)]
struct ContentRow {
    #[diesel(sql_type = Binary)]
    zstd: Vec<u8>,
}

/// One compressed part of kept raw bytes; `None` after the last.
///
/// # Errors
/// When the database refuses.
pub fn content_read(reader: &mut Reader, sha256: &[u8], part: i32) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<ContentRow> = Statement::new(
        "select zstd from submission_content where sha256 = ? and part = ?",
        vec![Bind::Bytes(sha256), Bind::Int(part)],
    )
    .get_result(&mut reader.0)
    .optional()?;
    Ok(row.map(|row| row.zstd))
}

#[derive(QueryableByName)]
struct SubmissionRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Nullable<Text>)]
    dataflow: Option<String>,
    #[diesel(sql_type = Text)]
    client_id: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    supersedes: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    superseded_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    reason_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    reason_text: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    content_type: String,
    #[diesel(sql_type = Binary)]
    content_sha256: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    content_bytes: i64,
    #[diesel(sql_type = Nullable<Text>)]
    profile_code: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    profile_version: Option<i32>,
    #[diesel(sql_type = Text)]
    ruleset_version: String,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    ignored_by_reason: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    counts: serde_json::Value,
}

const SUBMISSION_SELECT: &str = "select s.id, s.position, s.body, s.dataflow, s.client_id, s.kind, s.supersedes, \
     (select c.id from submission c where c.supersedes = s.id and c.position is not null \
      order by c.position desc limit 1) as superseded_by, s.reason_code, s.reason_text, s.comment, s.state, \
     s.content_type, s.content_sha256, s.content_bytes, s.profile_code, s.profile_version, s.ruleset_version, \
     s.received_at, s.recorded_at, s.ignored_by_reason, jsonb_build_object('rows', s.row_count, 'rows_ignored', \
     s.rows_ignored, 'rows_refused', s.rows_refused, 'observations', s.observation_count, 'new', s.new_count, \
     'revised', s.revised_count, 'unchanged', s.unchanged_count, 'errors', s.error_count, 'warnings', \
     s.warning_count) as counts from submission s";

impl TryFrom<SubmissionRow> for StoredSubmission {
    type Error = StoreError;

    fn try_from(row: SubmissionRow) -> Result<Self, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt(format!("{what} of submission {}", row.id));
        Ok(Self {
            id: SubmissionId(row.id),
            position: row.position,
            kind: row.kind.parse().map_err(|()| corrupt("kind"))?,
            state: row.state.parse().map_err(|()| corrupt("state"))?,
            counts: serde_json::from_value(row.counts).map_err(|_| corrupt("counts"))?,
            ignored_by_reason: serde_json::from_value(row.ignored_by_reason)
                .map_err(|_| corrupt("ignored rows"))?,
            supersedes: row.supersedes.map(SubmissionId),
            superseded_by: row.superseded_by.map(SubmissionId),
            body: row.body,
            dataflow: row.dataflow,
            client_id: row.client_id,
            reason_code: row.reason_code,
            reason_text: row.reason_text,
            comment: row.comment,
            content_type: row.content_type,
            content_sha256: row.content_sha256,
            content_bytes: row.content_bytes.unsigned_abs(),
            profile: row.profile_code.zip(row.profile_version),
            ruleset_version: row.ruleset_version,
            received_at: row.received_at,
            recorded_at: row.recorded_at,
        })
    }
}

fn scoped(sql: &mut String, binds: &mut Vec<Bind<'_>>, scope: &BodyScope) {
    match scope {
        BodyScope::One(body) => {
            sql.push_str(" and s.body = ?");
            binds.push(Bind::OwnedText(body.clone()));
        }
        BodyScope::WholeCentre => {}
    }
}

/// One submission, if it is there and in scope.
///
/// # Errors
/// When the database refuses.
pub fn submission_find(
    reader: &mut Reader,
    scope: &BodyScope,
    id: SubmissionId,
) -> Result<Option<StoredSubmission>, StoreError> {
    let (mut sql, mut binds) = (
        format!("{SUBMISSION_SELECT} where s.id = ?"),
        vec![Bind::Uuid(id.0)],
    );
    scoped(&mut sql, &mut binds, scope);
    let row: Option<SubmissionRow> = Statement::new(sql, binds).get_result(&mut reader.0).optional()?;
    row.map(StoredSubmission::try_from).transpose()
}

/// The submissions at these ledger positions, in scope.
///
/// # Errors
/// When the database refuses.
pub fn submission_find_by_positions(
    reader: &mut Reader,
    scope: &BodyScope,
    positions: &[i64],
) -> Result<Vec<StoredSubmission>, StoreError> {
    let (mut sql, mut binds) = (
        format!("{SUBMISSION_SELECT} where s.position = any(?)"),
        vec![Bind::BigInts(positions)],
    );
    scoped(&mut sql, &mut binds, scope);
    let rows: Vec<SubmissionRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter().map(StoredSubmission::try_from).collect()
}

/// Which submissions.
#[derive(Clone, Debug, Default)]
pub struct SubmissionFilter {
    /// Of these bodies.
    pub bodies: Vec<String>,
    /// In these dataflows.
    pub dataflows: Vec<String>,
    /// In these states.
    pub states: Vec<String>,
    /// Keyset: older than this one; identifiers are ordered by time.
    pub before: Option<SubmissionId>,
}

/// Submissions, newest first; at most `limit`.
///
/// # Errors
/// When the database refuses.
pub fn submission_page(
    reader: &mut Reader,
    scope: &BodyScope,
    filter: &SubmissionFilter,
    limit: i64,
) -> Result<Vec<StoredSubmission>, StoreError> {
    let (mut sql, mut binds) = (format!("{SUBMISSION_SELECT} where true"), Vec::new());
    for (column, words) in [
        ("body", &filter.bodies),
        ("dataflow", &filter.dataflows),
        ("state", &filter.states),
    ] {
        if !words.is_empty() {
            sql.push_str(&format!(" and s.{column} = any(?)"));
            binds.push(Bind::OwnedTexts(words));
        }
    }
    if let Some(before) = filter.before {
        sql.push_str(" and s.id < ?");
        binds.push(Bind::Uuid(before.0));
    }
    scoped(&mut sql, &mut binds, scope);
    sql.push_str(" order by s.id desc limit ?");
    binds.push(Bind::BigInt(limit));
    let rows: Vec<SubmissionRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter().map(StoredSubmission::try_from).collect()
}
