//! POST /v1/validations as an act: the same receiving and applying, in a transaction that is rolled back.
//!
//! Writes nothing but its log entry and what it promises.

use crate::submission::accept::{Ended, submission_run};
use crate::submission::apply::ApplyMode;
use crate::submission::receive::BodyFault;
use crate::submission::report::{FINDINGS_SHOWN, Finished, ValidationReport};
use crate::{ActError, Caller, Centre, SubmissionRequest};
use leleka_store::{LogEntry, LogOutcome, validation_insert_in_tx};
use uuid::Uuid;

/// Says what a submission would become.
///
/// # Errors
/// A refusal when the request as such cannot be served, or a fault of ours.
pub fn submission_validate<B: AsRef<[u8]>>(
    centre: &Centre,
    caller: &Caller,
    request: &SubmissionRequest,
    body: impl Iterator<Item = Result<B, BodyFault>>,
) -> Result<ValidationReport, ActError> {
    let book = centre.book();
    let finished = match submission_run(centre, caller, request, ApplyMode::DryRun, None, body)? {
        Ended::Unrecorded(finished) => finished,
        Ended::Recorded(..) | Ended::KeyTaken(..) | Ended::TooMany(_) => return Err(ActError::WorkerLost),
    };
    let entry = LogEntry {
        id: finished.entry_id,
        client_id: Some(&caller.client_id),
        body: Some(&caller.body),
        role: Some(caller.role.as_str()),
        action: "submission.validate",
        object_type: None,
        object_id: None,
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: Some(request.request_id.0),
        payload_sha256: Some(finished.kept.sha256),
    };
    let promise = finished.promise(&book)?;
    let validation_id = centre.ids.next();
    centre.store.write(&entry, |tx| {
        validation_insert_in_tx(tx, validation_id, &caller.body, &promise, centre.clock.now())
            .map_err(ActError::from)
    })?;
    Ok(validation_report(*finished, validation_id))
}

fn validation_report(mut finished: Finished, validation_id: Uuid) -> ValidationReport {
    let (would_be, counts) = (finished.state(), finished.told_counts());
    let truncated = finished.findings.len() > FINDINGS_SHOWN;
    finished.findings.truncate(FINDINGS_SHOWN);
    ValidationReport {
        would_be,
        counts,
        validation_id,
        ruleset_version: finished.ruleset_version,
        ignored_by_reason: finished.ignored_by_reason,
        slice_version: finished.slice_version,
        content_sha256: finished.kept.sha256,
        findings: finished.findings,
        truncated,
    }
}
