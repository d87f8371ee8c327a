//! What becomes of a submission, as a value: for the record and for the answer.

use crate::Caller;
use crate::submission::declared::Declaration;
use crate::submission::retract;
use crate::submission::spool::Kept;
use chrono::{DateTime, Utc};
use leleka_domain::{
    Acceptance, Code, Explanation, Finding, RequestId, Severity, SubmissionCounts, SubmissionId,
    SubmissionKind, SubmissionState,
};
use leleka_store::{JobLease, LogEntry, LogOutcome, NewSubmission, StoredSubmission};
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many findings stand in an answer; the rest is read by page.
pub(crate) const FINDINGS_SHOWN: usize = 100;
/// The operation that idempotency keys belong to.
pub(crate) const OPERATION: &str = "submission_create";

/// The operation that the keys of a kind of submission belong to.
pub(crate) fn operation_of(kind: SubmissionKind) -> &'static str {
    match kind {
        SubmissionKind::Original | SubmissionKind::Correction => OPERATION,
        SubmissionKind::Retraction => retract::OPERATION,
    }
}

/// The record of a submission and the first of its findings.
#[derive(Clone, Debug, PartialEq)]
pub struct SubmissionReport {
    /// The record.
    pub submission: StoredSubmission,
    /// The first findings, in the order of the report.
    pub findings: Vec<Finding>,
    /// Whether there are more.
    pub truncated: bool,
    /// How far its reading is, when its record is still to come.
    pub progress: Option<SubmissionProgress>,
}

impl SubmissionReport {
    /// A record without its findings, as it stands in a list.
    pub(crate) fn bare(submission: StoredSubmission) -> Self {
        Self {
            submission,
            findings: Vec::new(),
            truncated: false,
            progress: None,
        }
    }
}

/// How far the reading of a submission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubmissionProgress {
    /// Data rows read so far.
    pub rows_done: u64,
    /// Data rows in all, where known.
    pub rows_total: Option<u64>,
    /// Seconds after which looking again is worth while; none when it was given up.
    pub retry_after_seconds: Option<u32>,
}

/// The answer to a request to submit.
#[derive(Clone, Debug, PartialEq)]
pub struct SubmissionAnswer {
    /// What became of it.
    pub report: SubmissionReport,
    /// Whether the request repeated an earlier one, which made the record.
    pub replayed: bool,
    /// HTTP status: 201 accepted, 422 rejected, 202 to be read; of a repetition the one that was kept.
    pub status: u16,
}

/// What would become of a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidationReport {
    /// The state it would get.
    pub would_be: SubmissionState,
    /// The counts it would get.
    pub counts: SubmissionCounts,
    /// Ignored rows by declared reason.
    pub ignored_by_reason: BTreeMap<String, u64>,
    /// The newest position of the slices that it touches; `None` when its rows were not compared.
    pub slice_version: Option<i64>,
    /// SHA-256 of the body.
    pub content_sha256: [u8; 32],
    /// The first findings.
    pub findings: Vec<Finding>,
    /// Whether there are more.
    pub truncated: bool,
    /// Version of the rules.
    pub ruleset_version: String,
    /// Names the promise for a day.
    pub validation_id: Uuid,
}

/// A body received to its end, ready to be recorded.
pub(crate) struct Finished {
    pub(crate) id: SubmissionId,
    pub(crate) entry_id: Uuid,
    pub(crate) position: Option<i64>,
    /// The job that is done with its record, when it was taken first and read later.
    pub(crate) lease: Option<JobLease>,
    /// The newest position of the slices it touches: before it in a dry run, its own once it is written.
    pub(crate) slice_version: Option<i64>,
    pub(crate) declaration: Declaration,
    pub(crate) content_type: String,
    pub(crate) kept: Kept,
    pub(crate) profile: Option<(String, i32)>,
    pub(crate) request_id: RequestId,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) idempotency: Option<(String, [u8; 32])>,
    pub(crate) counts: SubmissionCounts,
    pub(crate) ignored_by_reason: BTreeMap<String, u64>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) findings_kept: usize,
    pub(crate) revision_warned: bool,
    /// Errors after which no row can be accepted.
    pub(crate) errors_beyond_rows: u64,
    /// What the sender said about implausible figures, for the record.
    pub(crate) explanations: serde_json::Value,
    /// Implausible figures without an explanation.
    pub(crate) unexplained: u64,
    pub(crate) validation_id: Option<Uuid>,
    /// SHA-256 of what was declared beside the bytes.
    pub(crate) context_sha256: [u8; 32],
    /// Version of the rules it was checked with.
    pub(crate) ruleset_version: String,
    /// Version of the slices that are touched, before this submission; when it was asked for.
    pub(crate) slices_before: Option<i64>,
}

/// At most one row in so many may be faulty where sound rows are accepted without them.
const ROWS_PER_REFUSED: u64 = 5;

impl Finished {
    pub(crate) fn state(&self) -> SubmissionState {
        if self.unexplained > 0 || (self.counts.errors > 0 && !self.is_partial()) {
            SubmissionState::Rejected
        } else if self.counts.errors > 0 {
            SubmissionState::AcceptedPartial
        } else if self.counts.warnings + self.counts.soft > 0 {
            SubmissionState::AcceptedWithWarnings
        } else {
            SubmissionState::Accepted
        }
    }

    /// Whether the sound rows may be stored without the faulty ones: asked for, allowed, and no more than a fifth
    /// is missing.
    fn is_partial(&self) -> bool {
        let rows = self.counts.rows - self.counts.rows_ignored.min(self.counts.rows);
        self.declaration.acceptance == Acceptance::AcceptValid
            && self.errors_beyond_rows == 0
            && self.counts.rows_refused < rows
            && self.counts.rows_refused * ROWS_PER_REFUSED <= rows
    }

    /// Lays the sender's explanations beside the implausible figures, and counts those that have none. An
    /// explanation without a pointer holds for every finding of its code.
    pub(crate) fn explain(&mut self) {
        let explanations = &self.declaration.explanations;
        let mut used = vec![false; explanations.len()];
        let (mut open, mut kept) = (0, 0);
        let mut only_by_code = true;
        for finding in self
            .findings
            .iter_mut()
            .filter(|finding| finding.severity == Severity::Soft)
        {
            kept += 1;
            let fits = |one: &Explanation| {
                one.code == finding.code.as_str()
                    && one
                        .pointer
                        .as_ref()
                        .is_none_or(|at| finding.pointer.as_ref() == Some(at))
            };
            let found = explanations.iter().enumerate().find(|(_, one)| fits(one));
            match found {
                Some((place, explanation)) => {
                    finding.explanation = Some(explanation.text.clone());
                    only_by_code &= explanation.pointer.is_none();
                    if let Some(used) = used.get_mut(place) {
                        *used = true;
                    }
                }
                None => open += 1,
            }
        }
        // Findings that were counted and not kept are explained only where nothing needed a pointer.
        let unseen = self.counts.soft.saturating_sub(kept);
        self.unexplained = open + if only_by_code && open == 0 { 0 } else { unseen };
        let idle: Vec<String> = explanations
            .iter()
            .zip(used)
            .filter(|(_, used)| !used)
            .map(|(one, _)| one.code.clone())
            .collect();
        for code in idle {
            self.counts.warnings += 1;
            if self.findings.len() < self.findings_kept {
                let finding = Finding::new(Code::ExplanationUnused, Severity::Warning);
                self.findings.push(finding.field("explanations").value(&code));
            }
        }
    }

    /// Figures that change without being declared a correction are accepted, kept beside the old ones, and told.
    pub(crate) fn revision_warn(&mut self) {
        if self.counts.revised > 0
            && self.declaration.kind == SubmissionKind::Original
            && !self.revision_warned
        {
            self.revision_warned = true;
            self.warn(Code::ObservationRevised, &self.counts.revised.to_string());
        }
    }

    /// The counts as they are told: a rejected submission changed nothing.
    pub(crate) fn told_counts(&self) -> SubmissionCounts {
        let mut counts = self.counts;
        if self.state() == SubmissionState::Rejected {
            (counts.new, counts.revised, counts.unchanged, counts.retracted) = (0, 0, 0, 0);
        }
        counts
    }

    /// What a whole delivery takes back by not holding it is told: a truncated file looks the same.
    pub(crate) fn retraction_warn(&mut self, retracted: u64) {
        self.counts.retracted += retracted;
        if retracted > 0 {
            self.warn(Code::ObservationRetracted, &retracted.to_string());
        }
    }

    /// What a delivery would be refused for, told by a dry run.
    pub(crate) fn duplicate_warn(&mut self, existing: SubmissionId) {
        self.warn(Code::DuplicateContent, &existing.to_string());
    }

    fn warn(&mut self, code: Code, value: &str) {
        self.counts.warnings += 1;
        self.findings
            .insert(0, Finding::new(code, Severity::Warning).value(value));
        self.findings.truncate(self.findings_kept);
    }

    pub(crate) fn new_submission<'a>(&'a self, caller: &'a Caller) -> NewSubmission<'a> {
        let state = self.state();
        let operation = operation_of(self.declaration.kind);
        NewSubmission {
            id: self.id,
            position: self.position,
            body: &caller.body,
            dataflow: self.declaration.dataflow.as_deref(),
            client_id: &caller.client_id,
            kind: self.declaration.kind,
            mode: self.declaration.mode,
            acceptance: self.declaration.acceptance,
            nil_periods: &self.declaration.nil_periods,
            explanations: &self.explanations,
            reading: None,
            validation_id: self.validation_id,
            supersedes: self.declaration.supersedes,
            reason_code: self.declaration.reason_code,
            reason_text: self.declaration.reason_text.as_deref(),
            comment: self.declaration.comment.as_deref(),
            state,
            content_type: &self.content_type,
            content_sha256: self.kept.sha256,
            content_bytes: self.kept.bytes,
            profile: self
                .profile
                .as_ref()
                .map(|(code, version)| (code.as_str(), *version)),
            ruleset_version: &self.ruleset_version,
            received_at: self.received_at,
            counts: self.told_counts(),
            ignored_by_reason: &self.ignored_by_reason,
            idempotency: self
                .idempotency
                .as_ref()
                .map(|(key, print)| (operation, key.as_str(), *print, self.status())),
        }
    }

    /// Status of the answer.
    pub(crate) fn status(&self) -> u16 {
        if self.state() == SubmissionState::Rejected {
            422
        } else {
            201
        }
    }

    pub(crate) fn log_entry<'a>(&self, caller: &'a Caller) -> LogEntry<'a> {
        let rejected = self.state() == SubmissionState::Rejected;
        LogEntry {
            id: self.entry_id,
            client_id: Some(&caller.client_id),
            body: Some(&caller.body),
            role: Some(caller.role.as_str()),
            action: match self.declaration.kind {
                SubmissionKind::Original | SubmissionKind::Correction => "submission.create",
                SubmissionKind::Retraction => "submission.retract",
            },
            object_type: Some("submission"),
            object_id: Some(self.id.to_string()),
            outcome: if rejected {
                LogOutcome::Denied
            } else {
                LogOutcome::Allowed
            },
            reason_code: rejected.then_some(Code::SubmissionRejected.as_str()),
            request_id: Some(self.request_id.0),
            payload_sha256: Some(self.kept.sha256),
        }
    }

    /// The report of what was just recorded, without reading it back.
    pub(crate) fn into_report(mut self, caller: &Caller, recorded_at: DateTime<Utc>) -> SubmissionReport {
        let (slice_version, new) = (self.slice_version, self.new_submission(caller));
        let submission = StoredSubmission {
            id: new.id,
            position: new.position,
            body: new.body.to_owned(),
            dataflow: new.dataflow.map(str::to_owned),
            client_id: new.client_id.to_owned(),
            kind: new.kind,
            supersedes: new.supersedes,
            superseded_by: None,
            retracted_by: None,
            mode: new.mode,
            acceptance: new.acceptance,
            slice_version: new.position.and(slice_version),
            nil_periods: new.nil_periods.to_vec(),
            explanations: new.explanations.clone(),
            reading: new.reading.cloned(),
            validation_id: new.validation_id,
            reason_code: new.reason_code.map(|reason| reason.word().to_owned()),
            reason_text: new.reason_text.map(str::to_owned),
            comment: new.comment.map(str::to_owned),
            state: new.state,
            content_type: new.content_type.to_owned(),
            content_sha256: new.content_sha256.to_vec(),
            content_bytes: new.content_bytes,
            profile: new.profile.map(|(code, version)| (code.to_owned(), version)),
            ruleset_version: new.ruleset_version.to_owned(),
            received_at: new.received_at,
            recorded_at: Some(recorded_at),
            counts: new.counts,
            ignored_by_reason: new.ignored_by_reason.clone(),
        };
        let truncated = self.findings.len() > FINDINGS_SHOWN;
        self.findings.truncate(FINDINGS_SHOWN);
        SubmissionReport {
            submission,
            findings: self.findings,
            truncated,
            progress: None,
        }
    }
}
