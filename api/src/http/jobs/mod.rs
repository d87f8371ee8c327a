//! Jobs: what goes on in the service after requests were answered. For operators and auditors; nothing here
//! changes a job.

pub(crate) mod list;
pub(crate) mod view;

use crate::http::problem::Failure;
use leleka_contract::v1::{Job, JobState};
use leleka_domain::Code;
use leleka_store::StoredJob;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which job.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct JobPath {
    /// Its identifier; the job of a submission has the submission's.
    pub(crate) job_id: Uuid,
}

/// The wire form of a job; what it needs for its work stays inside.
pub(crate) fn job_wire(job: StoredJob) -> Result<Job, Failure> {
    let StoredJob {
        id,
        kind,
        body,
        payload: _,
        state,
        attempts,
        run_at,
        progress_done,
        progress_total,
        last_error,
        created_at,
        started_at,
        ended_at,
    } = job;
    Ok(Job {
        id,
        kind,
        body,
        state: JobState::from_word(&state).ok_or_else(|| Failure::new(Code::ServerError))?,
        attempts,
        progress_done: progress_done.unsigned_abs(),
        progress_total: progress_total.map(i64::unsigned_abs),
        last_error,
        created_at,
        run_at,
        started_at,
        ended_at,
    })
}
