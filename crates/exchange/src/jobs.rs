//! Working on jobs: claim one, say that it lives while it runs, finish it in the transaction of what it did, or
//! put it back for later.
//!
//! A worker that is killed leaves nothing half done: its transaction is rolled back, its lease ends, and another
//! begins again. A worker that merely was slow finds that its lease is another's, and writes nothing.

use crate::submission::{SUBMISSION_JOB, submission_job_run};
use crate::{ActError, Centre};
use leleka_domain::Code;
use leleka_store::{
    ClaimedJob, JobLease, NewJob, StoreError, job_claim_in_tx, job_delay_seconds, job_enqueue_in_tx,
    job_fail_in_tx, job_finish_in_tx, job_heartbeat_in_tx,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

/// How often a running job says that it lives and how far it is.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// What a running job and its heartbeat tell each other.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    done: AtomicU64,
    stop: AtomicBool,
}

impl Pulse {
    /// Units done so far.
    pub(crate) fn done_set(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Whether the work is to be left: the lease is another's, or the service ends.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What became of a job that was worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// It is done.
    Done,
    /// It is put back, or given up.
    Failed,
    /// Somebody else has it.
    Lost,
}

/// Works on one due submission; `None` when there is none.
///
/// # Errors
/// When the database does not answer; the job comes back when its lease ends.
pub fn submission_job_work(centre: &Centre, ending: &AtomicBool) -> Result<Option<JobEnd>, ActError> {
    job_work(centre, SUBMISSION_JOB, ending, |job, pulse| {
        submission_job_run(centre, job, pulse)
    })
}

/// Runs work that is the centre's own as the one job of its kind, for all to see; `None` when another has it.
///
/// # Errors
/// When the database does not answer; the job comes back when its lease ends.
pub fn own_job_work(
    centre: &Centre,
    kind: &str,
    ending: &AtomicBool,
    work: impl FnOnce(&mut dyn FnMut(u64)) -> Result<(), ActError>,
) -> Result<Option<JobEnd>, ActError> {
    let job = NewJob {
        id: centre.ids.next(),
        kind,
        body: None,
        unique_key: Some(kind),
        payload: &serde_json::json!({}),
        progress_total: None,
    };
    centre
        .store
        .submit(|tx| Ok::<(), ActError>(job_enqueue_in_tx(tx, &job)?))?;
    job_work(centre, kind, ending, |job, pulse| {
        work(&mut |done| pulse.done_set(done))?;
        let finished = centre
            .store
            .submit(|tx| Ok::<bool, ActError>(job_finish_in_tx(tx, job.lease, pulse.done())?))?;
        Ok(if finished { JobEnd::Done } else { JobEnd::Lost })
    })
}

fn job_work(
    centre: &Centre,
    kind: &str,
    ending: &AtomicBool,
    work: impl FnOnce(&ClaimedJob, &Pulse) -> Result<JobEnd, ActError>,
) -> Result<Option<JobEnd>, ActError> {
    let lease_seconds = centre.settings.job_lease_seconds;
    let claimed = centre
        .store
        .submit(|tx| Ok::<_, ActError>(job_claim_in_tx(tx, &[kind], lease_seconds)?))?;
    let Some(job) = claimed else { return Ok(None) };
    let pulse = Pulse::default();
    let ended = thread::scope(|scope| {
        let (done, waits) = sync_channel::<()>(0);
        let (lease, shared) = (job.lease, &pulse);
        scope.spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = waits.recv_timeout(HEARTBEAT) {
                let held = heartbeat(centre, lease, lease_seconds, shared.done());
                if !held || ending.load(Ordering::Relaxed) {
                    shared.stop.store(true, Ordering::Relaxed);
                }
            }
        });
        // A job that makes the service stumble must not take its worker with it: it would come back for the next.
        let ended = catch_unwind(AssertUnwindSafe(|| work(&job, &pulse)));
        drop(done);
        ended
    });
    match ended {
        Ok(Ok(end)) => Ok(Some(end)),
        Ok(Err(_)) if ending.load(Ordering::Relaxed) => {
            job_fail(centre, job.lease, Code::JobInterrupted, 0).map(Some)
        }
        Ok(Err(error)) => {
            tracing::error!(job = %job.lease.id, kind, attempt = job.lease.attempt, "job failed: {error:?}");
            job_fail_later(centre, job.lease, error_code(&error)).map(Some)
        }
        Err(_panic) => {
            tracing::error!(job = %job.lease.id, kind, attempt = job.lease.attempt, "job panicked");
            job_fail_later(centre, job.lease, Code::ServerError).map(Some)
        }
    }
}

/// `false` only when the lease is known to be another's.
fn heartbeat(centre: &Centre, lease: JobLease, lease_seconds: u32, done: u64) -> bool {
    let beaten = centre
        .store
        .submit(|tx| Ok::<bool, ActError>(job_heartbeat_in_tx(tx, lease, lease_seconds, done)?));
    beaten.unwrap_or_else(|error| {
        tracing::warn!(job = %lease.id, "a heartbeat was not written: {error:?}");
        true
    })
}

fn job_fail_later(centre: &Centre, lease: JobLease, code: Code) -> Result<JobEnd, ActError> {
    // The last bytes of a new UUIDv7 are random: enough for a spread.
    let (_, jitter) = centre.ids.next().as_u64_pair();
    let jitter = u32::try_from(jitter & 0xffff).unwrap_or(0);
    job_fail(centre, lease, code, job_delay_seconds(lease.attempt, jitter))
}

fn job_fail(centre: &Centre, lease: JobLease, code: Code, delay: u32) -> Result<JobEnd, ActError> {
    centre
        .store
        .submit(|tx| Ok::<(), ActError>(job_fail_in_tx(tx, lease, code, delay)?))?;
    Ok(JobEnd::Failed)
}

/// What an operator is told; the cause stands in the log.
fn error_code(error: &ActError) -> Code {
    match error {
        ActError::Refused(refusal) => refusal.code,
        ActError::Faulty { code, .. } => *code,
        ActError::Store(StoreError::Retryable(_) | StoreError::Connection(_)) => Code::ServerOverloaded,
        ActError::Store(_)
        | ActError::Spool(_)
        | ActError::Definition(_)
        | ActError::NotReproduced(_)
        | ActError::WorkerLost => Code::ServerError,
    }
}
