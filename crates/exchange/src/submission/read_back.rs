//! What is known of a submission: read back for who asks, and for a request that is repeated.
//!
//! Writes nothing.

use crate::submission::order::{Found, pending_report, submission_locate};
use crate::submission::report::{FINDINGS_SHOWN, OPERATION, SubmissionAnswer, SubmissionReport};
use crate::{ActError, Caller, Centre};
use leleka_domain::{BodyScope, Code, SubmissionId};
use leleka_store::{finding_page, idempotency_find};

/// The report of a stored submission, if it is there and in scope.
///
/// # Errors
/// When the database refuses.
pub fn submission_report(
    centre: &Centre,
    scope: &BodyScope,
    id: SubmissionId,
) -> Result<Option<SubmissionReport>, ActError> {
    let mut reader = centre.store.reader()?;
    let submission = match submission_locate(&mut reader, scope, id)? {
        None => return Ok(None),
        Some(Found::Recorded(found)) => *found,
        Some(Found::Pending(job)) => {
            drop(reader);
            return pending_report(centre, &job).map(Some);
        }
    };
    let shown = i64::try_from(FINDINGS_SHOWN).unwrap_or(0);
    let mut findings = finding_page(&mut reader, id, 0, shown + 1)?;
    let truncated = findings.len() > FINDINGS_SHOWN;
    findings.truncate(FINDINGS_SHOWN);
    let findings = findings.into_iter().map(|(_, finding)| finding).collect();
    Ok(Some(SubmissionReport {
        submission,
        findings,
        truncated,
        progress: None,
    }))
}

/// The answer to a request whose key was used: the same answer again, when it is the same request.
///
/// # Errors
/// A refusal when the key belongs to another request.
pub fn submission_replay(
    centre: &Centre,
    caller: &Caller,
    key: &str,
    fingerprint: &[u8; 32],
) -> Result<Option<SubmissionAnswer>, ActError> {
    replay(centre, caller, OPERATION, key, fingerprint)
}

/// The same for any operation that makes a submission.
pub(crate) fn replay(
    centre: &Centre,
    caller: &Caller,
    operation: &str,
    key: &str,
    fingerprint: &[u8; 32],
) -> Result<Option<SubmissionAnswer>, ActError> {
    let found = idempotency_find(&mut centre.store.reader()?, &caller.body, operation, key)?;
    let Some(answer) = found else { return Ok(None) };
    if answer.fingerprint != fingerprint {
        return Err(ActError::refused(Code::IdempotencyKeyReused));
    }
    let scope = BodyScope::One(caller.body.clone());
    let report = submission_report(centre, &scope, answer.submission_id)?.ok_or(ActError::WorkerLost)?;
    Ok(Some(SubmissionAnswer {
        report,
        replayed: true,
        status: answer.status,
    }))
}
