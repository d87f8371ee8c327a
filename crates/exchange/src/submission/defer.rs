//! Taking a submission without reading its rows yet: bytes, key, log entry and job in one transaction.
//!
//! What is answered afterwards is a promise: from here on the service, not the sender, sees to it that the
//! submission is read.

use crate::submission::declared::{declared_in, idempotency_key_of};
use crate::submission::fingerprint::fingerprint;
use crate::submission::order::{SUBMISSION_JOB, SubmissionOrder};
use crate::submission::read_back::{submission_replay, submission_report};
use crate::submission::receive::body_take;
use crate::submission::report::{OPERATION, SubmissionAnswer, SubmissionReport};
use crate::submission::spool::Kept;
use crate::{ActError, Caller, Centre, SubmissionDeclared, SubmissionRequest};
use leleka_domain::{BodyScope, Code, Column, Finding, Row, RowFormat, RowSink, SubmissionId};
use leleka_intake::{Reader, ReaderKind, ReaderLimits};
use leleka_store::{
    LogEntry, LogOutcome, NewJob, StoreError, StoredAnswer, idempotency_insert_in_tx, job_enqueue_in_tx,
    log_entry_insert_in_tx,
};

/// Status of the answer to a submission that is read later.
pub(crate) const DEFERRED: u16 = 202;

/// Only a document's own words are wanted: what stands in its rows is read by the worker.
struct RowsUnread;

impl RowSink for RowsUnread {
    fn column(&mut self, _column: Column<'_>) {}
    fn row(&mut self, _row: Row<'_>) {}
    fn finding(&mut self, _finding: Finding) {}
}

/// How keeping an order ended without a commit.
enum DeferEnd {
    KeyTaken,
    Failed(ActError),
}

impl From<StoreError> for DeferEnd {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ActError> for DeferEnd {
    fn from(error: ActError) -> Self {
        Self::Failed(error)
    }
}

/// Keeps the body whole and promises to read it. `rows` is their number, when they were counted already.
pub(crate) fn submission_defer<B: AsRef<[u8]>, E: Into<ActError>>(
    centre: &Centre,
    caller: &Caller,
    request: &SubmissionRequest,
    rows: Option<u64>,
    body: impl Iterator<Item = Result<B, E>>,
) -> Result<SubmissionAnswer, ActError> {
    let (mut kept, declared, counted) = body_keep(centre, request, body)?;
    let (key, print) = (
        idempotency_key_of(request, &declared)?,
        fingerprint(request, &kept.sha256),
    );
    let id = SubmissionId(centre.ids.next());
    let order = SubmissionOrder::new(caller, request, declared, (&kept.sha256, kept.bytes));
    let job = NewJob {
        id: id.0,
        kind: SUBMISSION_JOB,
        body: Some(&caller.body),
        unique_key: None,
        payload: &order.payload(),
        progress_total: rows.or(counted),
    };
    let answer = StoredAnswer {
        fingerprint: print.to_vec(),
        status: DEFERRED,
        submission_id: id,
    };
    let entry = LogEntry {
        id: centre.ids.next(),
        client_id: Some(&caller.client_id),
        body: Some(&caller.body),
        role: Some(caller.role.as_str()),
        action: "submission.receive",
        object_type: Some("submission"),
        object_id: Some(id.to_string()),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: Some(request.request_id.0),
        payload_sha256: Some(kept.sha256),
    };
    // Content before key, as everywhere: two equal requests then wait for each other in one order.
    let promised = centre.store.submit(|tx| {
        kept.store_in_tx(tx)?;
        if !idempotency_insert_in_tx(tx, &caller.body, OPERATION, &key, &answer)? {
            return Err(DeferEnd::KeyTaken);
        }
        log_entry_insert_in_tx(tx, &entry)?;
        Ok(job_enqueue_in_tx(tx, &job)?)
    });
    match promised {
        Ok(()) => Ok(SubmissionAnswer {
            report: report_of(centre, caller, id)?,
            replayed: false,
            status: DEFERRED,
        }),
        Err(DeferEnd::KeyTaken) => submission_replay(centre, caller, &key, &print)?
            .ok_or_else(|| ActError::refused(Code::IdempotencyInProgress)),
        Err(DeferEnd::Failed(error)) => Err(error),
    }
}

fn report_of(centre: &Centre, caller: &Caller, id: SubmissionId) -> Result<SubmissionReport, ActError> {
    let scope = BodyScope::One(caller.body.clone());
    submission_report(centre, &scope, id)?.ok_or(ActError::WorkerLost)
}

/// Keeps the bytes aside as they come; of a document also what it declares, and the number of its rows.
fn body_keep<B: AsRef<[u8]>, E: Into<ActError>>(
    centre: &Centre,
    request: &SubmissionRequest,
    body: impl Iterator<Item = Result<B, E>>,
) -> Result<(Kept, SubmissionDeclared, Option<u64>), ActError> {
    let limits = ReaderLimits {
        rows: centre.settings.rows,
        ..ReaderLimits::default()
    };
    let mut document = (request.format == RowFormat::Json).then(|| Reader::new(ReaderKind::Json, limits));
    let kept = body_take(centre, request, body, |bytes| {
        if let Some(reader) = &mut document {
            reader.feed(bytes, &mut RowsUnread);
        }
    })?;
    let read = document.map(|reader| reader.finish(&mut RowsUnread));
    let envelope = read.map(|read| (read.envelope, read.rows));
    Ok(match envelope {
        Some((Some(envelope), rows)) => (kept, declared_in(envelope), Some(rows)),
        Some((None, _)) | None => (kept, request.declared.clone(), None),
    })
}
