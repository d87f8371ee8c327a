//! Submissions as a list and one by one, those that are still to be read among them. Changes nothing.

use crate::submission::order::{Found, SUBMISSION_JOB, pending_report, submission_locate};
use crate::submission::report::SubmissionReport;
use crate::{ActError, Centre};
use leleka_domain::{BodyScope, SubmissionId};
use leleka_store::{StoredSubmission, SubmissionFilter, job_undone_page, submission_page};

/// A submission without its findings, recorded or still to be read, if it is there and in scope.
///
/// # Errors
/// When the database refuses.
pub fn submission_view(
    centre: &Centre,
    scope: &BodyScope,
    id: SubmissionId,
) -> Result<Option<StoredSubmission>, ActError> {
    let found = submission_locate(&mut centre.store.reader()?, scope, id)?;
    match found {
        None => Ok(None),
        Some(Found::Recorded(found)) => Ok(Some(*found)),
        Some(Found::Pending(job)) => Ok(Some(pending_report(centre, &job)?.submission)),
    }
}

/// Submissions without their findings, newest first; at most `limit`.
///
/// # Errors
/// When the database refuses.
pub fn submission_list(
    centre: &Centre,
    scope: &BodyScope,
    filter: &SubmissionFilter,
    limit: i64,
) -> Result<Vec<SubmissionReport>, ActError> {
    let before = filter.before.map(|id| id.0);
    // One snapshot: what is recorded meanwhile is seen once, in one of the two.
    let (recorded, undone) = centre.store.reader()?.snapshot(|reader| {
        Ok((
            submission_page(reader, scope, filter, limit)?,
            job_undone_page(reader, scope, SUBMISSION_JOB, before, limit)?,
        ))
    })?;
    let mut found: Vec<SubmissionReport> = recorded.into_iter().map(SubmissionReport::bare).collect();
    for job in undone {
        let pending = pending_report(centre, &job)?;
        if is_wanted(filter, &pending.submission) {
            found.push(pending);
        }
    }
    found.sort_by_key(|report| std::cmp::Reverse(report.submission.id));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

fn is_wanted(filter: &SubmissionFilter, submission: &StoredSubmission) -> bool {
    let among = |words: &[String], word: Option<&str>| {
        words.is_empty() || word.is_some_and(|word| words.iter().any(|wanted| wanted == word))
    };
    among(&filter.bodies, Some(&submission.body))
        && among(&filter.dataflows, submission.dataflow.as_deref())
        && among(&filter.states, Some(submission.state.word()))
}
