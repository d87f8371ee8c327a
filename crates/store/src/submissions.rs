//! Submissions and their raw bytes, read: nothing here writes.
//!
//! Every find takes the caller's scope first: no unscoped find exists for callers of the API.

use crate::StoreError;
use crate::connections::Reader;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::{
    Acceptance, BodyScope, SubmissionCounts, SubmissionId, SubmissionKind, SubmissionMode, SubmissionState,
};
use std::collections::BTreeMap;
use uuid::Uuid;

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
    /// Original, correction or retraction.
    pub kind: SubmissionKind,
    /// What it does with figures of its slices that it does not send again.
    pub mode: SubmissionMode,
    /// What happens to sound rows beside faulty ones.
    pub acceptance: Acceptance,
    /// The newest position of the slices it touched; `None` when it was rejected.
    pub slice_version: Option<i64>,
    /// Periods with nothing to report.
    pub nil_periods: Vec<String>,
    /// What the sender said about implausible figures.
    pub explanations: serde_json::Value,
    /// How the file was read, when that was detected.
    pub reading: Option<serde_json::Value>,
    /// The dry run that promised the result.
    pub validation_id: Option<Uuid>,
    /// What it corrects.
    pub supersedes: Option<SubmissionId>,
    /// The newest accepted correction of it.
    pub superseded_by: Option<SubmissionId>,
    /// The newest retraction of it.
    pub retracted_by: Option<SubmissionId>,
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
    /// When it became known; `None` while it is still to be read.
    pub recorded_at: Option<DateTime<Utc>>,
    /// Counts.
    pub counts: SubmissionCounts,
    /// Ignored rows by declared reason.
    pub ignored_by_reason: BTreeMap<String, u64>,
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
    #[diesel(sql_type = Nullable<SqlUuid>)]
    retracted_by: Option<Uuid>,
    #[diesel(sql_type = Text)]
    mode: String,
    #[diesel(sql_type = Text)]
    acceptance: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    slice_version: Option<i64>,
    #[diesel(sql_type = Array<Text>)]
    nil_periods: Vec<String>,
    #[diesel(sql_type = Jsonb)]
    explanations: serde_json::Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    reading: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    validation_id: Option<Uuid>,
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
     (select c.id from submission c where c.supersedes = s.id and c.kind = 'correction' and c.position is not null \
      order by c.position desc limit 1) as superseded_by, \
     (select c.id from submission c where c.supersedes = s.id and c.kind = 'retraction' and c.position is not null \
      order by c.position desc limit 1) as retracted_by, case when s.position is not null then \
     (select coalesce(max(l.position), 0) from slice_version t cross join lateral (select v.position \
      from slice_version v where v.body = t.body and v.dataflow = t.dataflow and v.frequency = t.frequency \
      and v.period = t.period order by v.position desc limit 1) l where t.position = s.position) end \
     as slice_version, s.mode, s.acceptance, s.nil_periods, s.explanations, \
     s.reading, s.validation_id, s.reason_code, s.reason_text, s.comment, s.state, \
     s.content_type, s.content_sha256, s.content_bytes, s.profile_code, s.profile_version, s.ruleset_version, \
     s.received_at, s.recorded_at, s.ignored_by_reason, jsonb_build_object('rows', s.row_count, 'rows_ignored', \
     s.rows_ignored, 'rows_refused', s.rows_refused, 'observations', s.observation_count, 'new', s.new_count, \
     'revised', s.revised_count, 'unchanged', s.unchanged_count, 'errors', s.error_count, 'warnings', \
     s.warning_count, 'retracted', s.retracted_count, 'soft', s.soft_count) as counts from submission s";

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
            retracted_by: row.retracted_by.map(SubmissionId),
            mode: row.mode.parse().map_err(|()| corrupt("mode"))?,
            acceptance: row.acceptance.parse().map_err(|()| corrupt("acceptance"))?,
            slice_version: row.slice_version,
            nil_periods: row.nil_periods,
            explanations: row.explanations,
            reading: row.reading,
            validation_id: row.validation_id,
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
            recorded_at: Some(row.recorded_at),
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
