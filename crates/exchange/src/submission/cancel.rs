//! DELETE /v1/submissions/{id} as an act: a submission that is not being read yet is taken off the list.
//!
//! Nothing that was received vanishes: its record is a rejection with the finding `submission.cancelled`, its
//! bytes stay, and the log says who cancelled it.

use crate::submission::order::{Found, SubmissionOrder, submission_locate};
use crate::{ActError, Caller, Centre, Refusal};
use leleka_domain::{BodyScope, Code, RequestId, SubmissionId, SubmissionState};
use leleka_store::{
    LogEntry, LogOutcome, finding_insert_in_tx, finding_page, job_cancel_in_tx, submission_insert_in_tx,
};

/// Cancels a submission of the caller's own body; doing so again changes nothing.
///
/// # Errors
/// A refusal when there is none, or when its reading has begun.
pub fn submission_cancel(
    centre: &Centre,
    caller: &Caller,
    id: SubmissionId,
    request_id: RequestId,
) -> Result<(), ActError> {
    let scope = BodyScope::One(caller.body.clone());
    let mut reader = centre.store.reader()?;
    let order = match submission_locate(&mut reader, &scope, id)? {
        None => return Err(ActError::refused(Code::ResourceNotFound)),
        Some(Found::Recorded(found)) => {
            let first = finding_page(&mut reader, id, 0, 1)?;
            let is_cancelled = first
                .iter()
                .any(|(_, finding)| finding.code == Code::SubmissionCancelled);
            return if found.state == SubmissionState::Rejected && is_cancelled {
                Ok(())
            } else {
                Err(ActError::refused(Code::SubmissionNotCancellable))
            };
        }
        Some(Found::Pending(job)) => SubmissionOrder::of(&job.payload)?,
    };
    drop(reader);
    let (sender, record) = (
        order.caller()?,
        order.rejection(centre, id, &Refusal::of(Code::SubmissionCancelled))?,
    );
    let entry = LogEntry {
        id: centre.ids.next(),
        client_id: Some(&caller.client_id),
        body: Some(&caller.body),
        role: Some(caller.role.as_str()),
        action: "submission.cancel",
        object_type: Some("submission"),
        object_id: Some(id.to_string()),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: Some(request_id.0),
        payload_sha256: Some(record.kept.sha256),
    };
    centre.store.submit(|tx| {
        if !job_cancel_in_tx(tx, id.0)? {
            return Err(ActError::refused(Code::SubmissionNotCancellable));
        }
        submission_insert_in_tx(tx, &record.new_submission(&sender), &entry)?;
        Ok(finding_insert_in_tx(tx, id, &record.findings)?)
    })
}
