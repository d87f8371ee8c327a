//! Reading a submission that was taken before: its bytes come back from the store as a stream, through the same
//! receiving and applying as a body that just arrives, and its record ends the job in one transaction.

use crate::jobs::{JobEnd, Pulse};
use crate::submission::accept::{Ended, submission_run};
use crate::submission::apply::ApplyMode;
use crate::submission::order::SubmissionOrder;
use crate::submission::receive::StoredBody;
use crate::{ActError, Centre, ContentReader};
use leleka_domain::{Code, SubmissionId};
use leleka_store::ClaimedJob;

/// Reads the submission of a job to its record, accepted or rejected.
pub(crate) fn submission_job_run(
    centre: &Centre,
    job: &ClaimedJob,
    pulse: &Pulse,
) -> Result<JobEnd, ActError> {
    let order = SubmissionOrder::of(&job.payload)?;
    let (caller, request) = (order.caller()?, order.request());
    let stored = StoredBody {
        sha256: order.sha256()?,
        bytes: order.content_bytes,
        pulse,
    };
    let body = ContentReader::new(centre, &stored.sha256);
    let mode = ApplyMode::Job(job.lease);
    let mut finished = match submission_run(centre, &caller, &request, mode, Some(&stored), body) {
        Ok(Ended::Recorded(..)) => return Ok(JobEnd::Done),
        Ok(Ended::Unrecorded(finished)) => finished,
        Ok(Ended::KeyTaken(..)) => return Ok(JobEnd::Lost),
        Ok(Ended::TooMany(_)) => return Err(ActError::WorkerLost),
        // Nobody is there to be refused: what a sender would be told at once is a finding of the record.
        Err(ActError::Refused(refusal)) if refusal.code != Code::JobInterrupted => {
            Box::new(order.rejection(centre, SubmissionId(job.lease.id), &refusal)?)
        }
        Err(error) => return Err(error),
    };
    finished.lease = Some(job.lease);
    let written = finished.rejection_write(centre, &caller)?;
    Ok(written.map_or(JobEnd::Lost, |_at| JobEnd::Done))
}
