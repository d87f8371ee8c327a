//! A submission that was taken but not read yet: its order, kept as a job in the transaction that keeps its bytes
//! and its key, and shown as a submission in the state `received`, `validating` or `failed`.
//!
//! The order says what the request said; figures stand only in the kept bytes.

use crate::centre::Book;
use crate::submission::declared::{Declaration, SentRows, declaration_check};
use crate::submission::promise::context_sha256;
use crate::submission::report::{Finished, SubmissionProgress, SubmissionReport};
use crate::submission::spool::Kept;
use crate::{ActError, Caller, Centre, Refusal, SubmissionDeclared, SubmissionRequest};
use chrono::{DateTime, Utc};
use leleka_domain::{
    BodyScope, Finding, RequestId, RowFormat, SubmissionCounts, SubmissionId, SubmissionState, kyiv_day,
};
use leleka_store::{Reader, StoreError, StoredJob, StoredSubmission, job_find, submission_find};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Kind of the job that reads a submission.
pub(crate) const SUBMISSION_JOB: &str = "submission";

/// What a worker needs to read a submission as if the request had just come in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SubmissionOrder {
    format: RowFormat,
    content_type: String,
    delimiter: u8,
    profile: Option<String>,
    /// Whether the layout is to be found out.
    detect: bool,
    /// Which sheet of a workbook.
    sheet: Option<String>,
    /// What was declared, in the document or in the query.
    declared: SubmissionDeclared,
    request_id: RequestId,
    received_at: DateTime<Utc>,
    client_id: String,
    pub(crate) body: String,
    role: String,
    territory: Option<String>,
    declared_context: String,
    validation_id: Option<Uuid>,
    /// What the header said of the slices.
    if_match: Option<String>,
    pub(crate) content_sha256: Vec<u8>,
    pub(crate) content_bytes: u64,
}

impl SubmissionOrder {
    pub(crate) fn new(
        caller: &Caller,
        request: &SubmissionRequest,
        declared: SubmissionDeclared,
        content: (&[u8; 32], u64),
    ) -> Self {
        Self {
            format: request.format,
            content_type: request.content_type.clone(),
            delimiter: request.delimiter,
            profile: request.profile.clone(),
            detect: request.detect,
            sheet: request.sheet.clone(),
            declared,
            request_id: request.request_id,
            received_at: request.received_at,
            client_id: caller.client_id.clone(),
            body: caller.body.clone(),
            role: caller.role.as_str().to_owned(),
            territory: caller.territory.clone(),
            declared_context: request.declared_context.clone(),
            validation_id: request.validation_id,
            if_match: request.if_match.clone(),
            content_sha256: content.0.to_vec(),
            content_bytes: content.1,
        }
    }

    /// The order of a job.
    pub(crate) fn of(payload: &serde_json::Value) -> Result<Self, ActError> {
        Self::deserialize(payload).map_err(|_| corrupt())
    }

    pub(crate) fn payload(&self) -> serde_json::Value {
        serde_json::json!(self)
    }

    /// Who sent it. What it may do was decided when it came in.
    pub(crate) fn caller(&self) -> Result<Caller, ActError> {
        Ok(Caller {
            client_id: self.client_id.clone(),
            body: self.body.clone(),
            role: self.role.parse().map_err(|_| corrupt())?,
            scopes: Vec::new(),
            territory: self.territory.clone(),
        })
    }

    /// The request again; a document declares itself once more when it is read.
    pub(crate) fn request(&self) -> SubmissionRequest {
        SubmissionRequest {
            format: self.format,
            content_type: self.content_type.clone(),
            delimiter: self.delimiter,
            profile: self.profile.clone(),
            detect: self.detect,
            sheet: self.sheet.clone(),
            // What is kept came out of its coding.
            gzip: false,
            declared: match self.format {
                RowFormat::Json => SubmissionDeclared::default(),
                RowFormat::Ndjson | RowFormat::Csv | RowFormat::Xlsx | RowFormat::SdmxCsv => {
                    self.declared.clone()
                }
            },
            idempotency_key: None,
            fingerprint_context: String::new(),
            declared_context: self.declared_context.clone(),
            validation_id: self.validation_id,
            if_match: self.if_match.clone(),
            content_digest: None,
            request_id: self.request_id,
            received_at: self.received_at,
        }
    }

    pub(crate) fn sha256(&self) -> Result<[u8; 32], ActError> {
        self.content_sha256.as_slice().try_into().map_err(|_| corrupt())
    }

    /// What can be said of the declaration before the rows are read; its faults are told with theirs.
    pub(crate) fn declaration(&self, centre: &Centre, book: &Book) -> Result<Declaration, ActError> {
        let (caller, mut untold) = (self.caller()?, Vec::new());
        let sent = SentRows {
            rows: 1,
            actions: false,
            deletes: false,
            today: kyiv_day(self.received_at),
            format: self.format,
            sheet_named: self.sheet.is_some(),
        };
        declaration_check(centre, book, &caller, &sent, self.declared.clone(), &mut untold)
    }

    /// The record of a submission that is rejected for one reason, whatever its rows say.
    pub(crate) fn rejection(
        &self,
        centre: &Centre,
        id: SubmissionId,
        reason: &Refusal,
    ) -> Result<Finished, ActError> {
        let existing = reason.existing_submission_id.map(|id| id.to_string());
        let mut finding = Finding::error(reason.code);
        if let Some(about) = existing.as_ref().or(reason.detail.as_ref()) {
            finding = finding.value(about);
        }
        let (request, book) = (self.request(), centre.book());
        let declaration = self.declaration(centre, &book)?;
        Ok(Finished {
            id,
            entry_id: centre.ids.next(),
            position: None,
            lease: None,
            explanations: serde_json::json!(declaration.explanations),
            declaration,
            context_sha256: context_sha256(&request),
            content_type: request.content_type,
            kept: Kept::stored(self.sha256()?, self.content_bytes),
            profile: None,
            request_id: request.request_id,
            received_at: request.received_at,
            idempotency: None,
            counts: SubmissionCounts {
                errors: 1,
                ..SubmissionCounts::default()
            },
            ignored_by_reason: BTreeMap::new(),
            findings: vec![finding],
            findings_kept: centre.settings.findings_kept,
            revision_warned: false,
            errors_beyond_rows: 1,
            unexplained: 0,
            validation_id: self.validation_id,
            slice_version: None,
            slices_before: None,
            ruleset_version: book.ruleset_version().to_owned(),
        })
    }
}

fn corrupt() -> ActError {
    StoreError::Corrupt("order of a submission".to_owned()).into()
}

/// The state of a submission whose record is still to come.
fn state_of(job: &StoredJob) -> SubmissionState {
    match (job.state.as_str(), job.attempts) {
        ("queued", 0) => SubmissionState::Received,
        ("running", _) => SubmissionState::Validating,
        _ => SubmissionState::Failed,
    }
}

/// Seconds after which looking again is worth while; none when it was given up.
fn retry_after(job: &StoredJob) -> Option<u32> {
    match state_of(job) {
        _ if job.state == "dead" => None,
        SubmissionState::Failed => Some(5),
        _ => Some(1),
    }
}

/// A submission whose record is still to come, as far as it is known.
pub(crate) fn pending_report(centre: &Centre, job: &StoredJob) -> Result<SubmissionReport, ActError> {
    let order = SubmissionOrder::of(&job.payload)?;
    let book = centre.book();
    let declaration = order.declaration(centre, &book)?;
    Ok(SubmissionReport {
        submission: StoredSubmission {
            id: SubmissionId(job.id),
            position: None,
            slice_version: None,
            body: order.body,
            dataflow: declaration.dataflow,
            client_id: order.client_id,
            kind: declaration.kind,
            supersedes: declaration.supersedes,
            superseded_by: None,
            retracted_by: None,
            mode: declaration.mode,
            acceptance: declaration.acceptance,
            nil_periods: declaration.nil_periods,
            explanations: serde_json::json!(declaration.explanations),
            reading: None,
            validation_id: order.validation_id,
            reason_code: declaration.reason_code.map(|reason| reason.word().to_owned()),
            reason_text: declaration.reason_text,
            comment: declaration.comment,
            state: state_of(job),
            content_type: order.content_type,
            content_sha256: order.content_sha256,
            content_bytes: order.content_bytes,
            profile: None,
            ruleset_version: book.ruleset_version().to_owned(),
            received_at: order.received_at,
            recorded_at: None,
            counts: SubmissionCounts::default(),
            ignored_by_reason: BTreeMap::new(),
        },
        findings: Vec::new(),
        truncated: false,
        progress: Some(SubmissionProgress {
            rows_done: job.progress_done.unsigned_abs(),
            rows_total: job.progress_total.map(i64::unsigned_abs),
            retry_after_seconds: retry_after(job),
        }),
    })
}

/// What there is of a submission.
pub(crate) enum Found {
    /// Its record.
    Recorded(Box<StoredSubmission>),
    /// Its job; the record is still to come.
    Pending(Box<StoredJob>),
}

/// A submission, recorded or still to be read, if it is there and in scope.
pub(crate) fn submission_locate(
    reader: &mut Reader,
    scope: &BodyScope,
    id: SubmissionId,
) -> Result<Option<Found>, StoreError> {
    if let Some(found) = submission_find(reader, scope, id)? {
        return Ok(Some(Found::Recorded(Box::new(found))));
    }
    let job = job_find(reader, id.0)?.filter(|job| job.kind == SUBMISSION_JOB && is_in(scope, job));
    match job {
        None => Ok(None),
        // Recorded between the two looks.
        Some(job) if job.state == "done" => {
            let found = submission_find(reader, scope, id)?;
            Ok(found.map(|found| Found::Recorded(Box::new(found))))
        }
        Some(job) => Ok(Some(Found::Pending(Box::new(job)))),
    }
}

fn is_in(scope: &BodyScope, job: &StoredJob) -> bool {
    match scope {
        BodyScope::WholeCentre => true,
        BodyScope::One(body) => job.body.as_deref() == Some(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(state: &str, attempts: i32) -> StoredJob {
        StoredJob {
            id: uuid::Uuid::nil(),
            kind: SUBMISSION_JOB.to_owned(),
            body: Some("DMS".to_owned()),
            payload: serde_json::Value::Null,
            state: state.to_owned(),
            attempts,
            run_at: DateTime::default(),
            progress_done: 0,
            progress_total: None,
            last_error: None,
            created_at: DateTime::default(),
            started_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn a_job_is_told_as_the_state_of_its_submission() {
        for (state, attempts, told, again) in [
            ("queued", 0, SubmissionState::Received, Some(1)),
            ("running", 1, SubmissionState::Validating, Some(1)),
            ("queued", 1, SubmissionState::Failed, Some(5)),
            ("running", 2, SubmissionState::Validating, Some(1)),
            ("dead", 8, SubmissionState::Failed, None),
        ] {
            let job = job(state, attempts);
            assert_eq!(
                (state_of(&job), retry_after(&job)),
                (told, again),
                "{state} {attempts}"
            );
        }
    }

    #[test]
    fn another_body_does_not_see_it() {
        let job = job("queued", 0);
        assert!(is_in(&BodyScope::One("DMS".to_owned()), &job) && is_in(&BodyScope::WholeCentre, &job));
        assert!(!is_in(&BodyScope::One("SBGS".to_owned()), &job));
    }
}
