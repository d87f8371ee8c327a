//! Writing a submission with its raw bytes: inserted once, by the statement that ends its transaction.
//!
//! Never updates, never deletes.

use crate::StoreError;
use crate::connections::Tx;
use crate::log_entries::{LOG_ENTRY_INSERT, LogEntry, log_entry_binds};
use crate::observations::STAMP_BARRIER;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Timestamptz};
use diesel::{QueryableByName, RunQueryDsl};
use leleka_domain::{
    Acceptance, ReasonCode, SubmissionCounts, SubmissionId, SubmissionKind, SubmissionMode, SubmissionState,
};
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
    /// Original, correction or retraction.
    pub kind: SubmissionKind,
    /// What it does with figures of its slices that it does not send again.
    pub mode: SubmissionMode,
    /// What happens to sound rows beside faulty ones.
    pub acceptance: Acceptance,
    /// Periods with nothing to report.
    pub nil_periods: &'a [String],
    /// What the sender said about implausible figures.
    pub explanations: &'a serde_json::Value,
    /// How the file was read, when that was detected.
    pub reading: Option<&'a serde_json::Value>,
    /// The dry run that promised the result.
    pub validation_id: Option<Uuid>,
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

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    keys: i64,
}

/// Writes the submission, its log entry, its idempotency key and its event of the feed, and stamps `recorded_at`:
/// the last statement of its transaction. `None` when the key was taken meanwhile; the caller must then roll back and replay.
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
    binds.push(Bind::Text(change_kind(new)));
    let sql = format!(
        "with entry as ({LOG_ENTRY_INSERT}), kept as ({key_insert}), \
         barrier as materialized (select pg_advisory_xact_lock_shared(?)), \
         stored as (insert into submission (id, position, body, dataflow, client_id, kind, supersedes, reason_code, \
         reason_text, comment, state, content_type, content_sha256, content_bytes, profile_code, profile_version, \
         ruleset_version, received_at, row_count, rows_ignored, rows_refused, ignored_by_reason, observation_count, \
         new_count, revised_count, unchanged_count, error_count, warning_count, mode, acceptance, nil_periods, \
         explanations, reading, validation_id, retracted_count, soft_count, recorded_at) select ?, ?, ?, ?, ?, ?, \
         ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
         clock_timestamp() from barrier returning id, body, dataflow, kind, state, recorded_at), \
         event as (insert into change_event (number, recorded_at, kind, body, dataflow, object_type, object_id, \
         details) select nextval('change_number'), recorded_at, ?, body, dataflow, 'submission', id::text, \
         jsonb_build_object('state', state, 'kind', kind) from stored) \
         select recorded_at, (select count(*) from kept) as keys from stored"
    );
    let recorded: Recorded = Statement::new(sql, binds).get_result(tx.0)?;
    Ok((recorded.keys == 1).then_some(recorded.recorded_at))
}

/// How the feed of changes calls it.
fn change_kind(new: &NewSubmission<'_>) -> &'static str {
    match (new.state, new.kind) {
        (SubmissionState::Rejected, _) => "submission.rejected",
        (_, SubmissionKind::Correction) => "submission.corrected",
        (_, SubmissionKind::Retraction) => "submission.retracted",
        (_, SubmissionKind::Original) => "submission.accepted",
    }
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
        Bind::Text(new.mode.word()),
        Bind::Text(new.acceptance.word()),
        Bind::OwnedTexts(new.nil_periods),
        Bind::Json(new.explanations),
        Bind::MaybeJson(new.reading),
        Bind::MaybeUuid(new.validation_id),
        count(counts.retracted),
        count(counts.soft),
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
