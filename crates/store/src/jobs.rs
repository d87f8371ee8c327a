//! The table of jobs: enqueued in the transaction of the act that wants them, claimed by one worker at a time.
//!
//! Times are the database's, so servers with different clocks agree on leases. A worker is told from a successor
//! by the number of its attempt: whoever lost its lease can neither report nor finish. Nothing here deletes.

use crate::StoreError;
use crate::connections::Tx;
use crate::statement::{Bind, Statement};
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::Code;
use uuid::Uuid;

/// A job is begun at most so often; then it is dead.
pub const JOB_ATTEMPTS: i32 = 8;
/// Any fixed number: held while a job is chosen, so that two workers do not count the same bodies at once.
const CLAIM_LOCK: i64 = 0x6a6f_6273;

/// A job about to be enqueued.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Its identifier.
    pub id: Uuid,
    /// What is to be done.
    pub kind: &'a str,
    /// For which body.
    pub body: Option<&'a str>,
    /// At most one job with this key at a time.
    pub unique_key: Option<&'a str>,
    /// What the work needs.
    pub payload: &'a serde_json::Value,
    /// Units in all, where known.
    pub progress_total: Option<u64>,
}

/// Enqueues a job. One with a unique key that waits or runs already is left as it is; one that has ended is
/// queued again.
///
/// # Errors
/// When the database refuses.
pub fn job_enqueue_in_tx(tx: &mut Tx<'_>, job: &NewJob<'_>) -> Result<(), StoreError> {
    Statement::new(
        "insert into job (id, kind, body, unique_key, payload, progress_total) values (?, ?, ?, ?, ?, ?) \
         on conflict (unique_key) do update set state = 'queued', attempts = 0, run_at = clock_timestamp(), \
         progress_done = 0, payload = excluded.payload, progress_total = excluded.progress_total, \
         last_error = null, created_at = clock_timestamp(), started_at = null, ended_at = null \
         where job.state in ('done', 'dead')",
        vec![
            Bind::Uuid(job.id),
            Bind::Text(job.kind),
            Bind::MaybeText(job.body),
            Bind::MaybeText(job.unique_key),
            Bind::Json(job.payload),
            Bind::MaybeBigInt(job.progress_total.map(u64::cast_signed)),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// The right to work on a job: which one, and in which attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobLease {
    /// The job.
    pub id: Uuid,
    /// Number of the attempt, from 1.
    pub attempt: i32,
}

/// A job that a worker holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedJob {
    /// The right to work on it.
    pub lease: JobLease,
    /// What is to be done.
    pub kind: String,
    /// For which body.
    pub body: Option<String>,
    /// What the work needs.
    pub payload: serde_json::Value,
    /// Units in all, where known.
    pub progress_total: Option<u64>,
}

#[derive(QueryableByName)]
struct ClaimedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    body: Option<String>,
    #[diesel(sql_type = Jsonb)]
    payload: serde_json::Value,
    #[diesel(sql_type = Nullable<BigInt>)]
    progress_total: Option<i64>,
}

/// Claims a job of these kinds that is due, or whose worker has not been heard of until its lease ended. A body
/// with fewer running jobs comes first, then the oldest job. Jobs whose last attempt vanished are given up.
///
/// # Errors
/// When the database refuses.
pub fn job_claim_in_tx(
    tx: &mut Tx<'_>,
    kinds: &[&str],
    lease_seconds: u32,
) -> Result<Option<ClaimedJob>, StoreError> {
    // A step of its own: the next statement's snapshot then sees what the claim before it committed.
    Statement::new("select pg_advisory_xact_lock(?)", vec![Bind::BigInt(CLAIM_LOCK)]).execute(tx.0)?;
    Statement::new(
        "update job set state = 'dead', lease_until = null, ended_at = clock_timestamp(), last_error = ? \
         where kind = any(?) and state = 'running' and lease_until < clock_timestamp() and attempts >= ?",
        vec![
            Bind::Text(Code::JobInterrupted.as_str()),
            Bind::Texts(kinds),
            Bind::Int(JOB_ATTEMPTS),
        ],
    )
    .execute(tx.0)?;
    let row: Option<ClaimedRow> = Statement::new(
        "with due as (select j.id from job j where j.kind = any(?) and ((j.state = 'queued' and \
           j.run_at <= clock_timestamp()) or (j.state = 'running' and j.lease_until < clock_timestamp())) \
           order by (select count(*) from job r where r.state = 'running' and r.lease_until >= clock_timestamp() \
           and r.body is not distinct from j.body), j.created_at, j.id limit 1 for update skip locked) \
         update job set state = 'running', attempts = attempts + 1, progress_done = 0, \
         last_error = case when state = 'running' then ? else last_error end, \
         lease_until = clock_timestamp() + make_interval(secs => ?), \
         started_at = coalesce(started_at, clock_timestamp()) from due where job.id = due.id \
         returning job.id, job.attempts, job.kind, job.body, job.payload, job.progress_total",
        vec![
            Bind::Texts(kinds),
            Bind::Text(Code::JobInterrupted.as_str()),
            Bind::Int(lease_seconds.cast_signed()),
        ],
    )
    .get_result(tx.0)
    .optional()?;
    Ok(row.map(|row| ClaimedJob {
        lease: JobLease {
            id: row.id,
            attempt: row.attempts,
        },
        kind: row.kind,
        body: row.body,
        payload: row.payload,
        progress_total: row.progress_total.map(i64::unsigned_abs),
    }))
}

/// Says that the worker lives, and how far it is; `false` when the lease is another's.
///
/// # Errors
/// When the database refuses.
pub fn job_heartbeat_in_tx(
    tx: &mut Tx<'_>,
    lease: JobLease,
    lease_seconds: u32,
    progress_done: u64,
) -> Result<bool, StoreError> {
    let held = Statement::new(
        "update job set lease_until = clock_timestamp() + make_interval(secs => ?), progress_done = ? \
         where id = ? and state = 'running' and attempts = ?",
        vec![
            Bind::Int(lease_seconds.cast_signed()),
            Bind::BigInt(progress_done.cast_signed()),
            Bind::Uuid(lease.id),
            Bind::Int(lease.attempt),
        ],
    )
    .execute(tx.0)?;
    Ok(held == 1)
}

/// Ends a job well, in the transaction of what it did; `false` when the lease is another's: roll back then.
///
/// # Errors
/// When the database refuses.
pub fn job_finish_in_tx(tx: &mut Tx<'_>, lease: JobLease, progress_done: u64) -> Result<bool, StoreError> {
    let held = Statement::new(
        "update job set state = 'done', lease_until = null, ended_at = clock_timestamp(), progress_done = ?, \
         progress_total = coalesce(progress_total, ?), last_error = null \
         where id = ? and state = 'running' and attempts = ?",
        vec![
            Bind::BigInt(progress_done.cast_signed()),
            Bind::BigInt(progress_done.cast_signed()),
            Bind::Uuid(lease.id),
            Bind::Int(lease.attempt),
        ],
    )
    .execute(tx.0)?;
    Ok(held == 1)
}

/// Puts a failed job back for later, or gives it up after the last attempt.
///
/// # Errors
/// When the database refuses.
pub fn job_fail_in_tx(
    tx: &mut Tx<'_>,
    lease: JobLease,
    error: Code,
    delay_seconds: u32,
) -> Result<(), StoreError> {
    Statement::new(
        "update job set last_error = ?, lease_until = null, \
         run_at = clock_timestamp() + make_interval(secs => ?), \
         state = case when attempts >= ? then 'dead' else 'queued' end, \
         ended_at = case when attempts >= ? then clock_timestamp() end \
         where id = ? and state = 'running' and attempts = ?",
        vec![
            Bind::Text(error.as_str()),
            Bind::Int(delay_seconds.cast_signed()),
            Bind::Int(JOB_ATTEMPTS),
            Bind::Int(JOB_ATTEMPTS),
            Bind::Uuid(lease.id),
            Bind::Int(lease.attempt),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Ends a job that was never begun; `false` when it was, or is not there.
///
/// # Errors
/// When the database refuses.
pub fn job_cancel_in_tx(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let cancelled = Statement::new(
        "update job set state = 'done', ended_at = clock_timestamp() \
         where id = ? and state = 'queued' and attempts = 0",
        vec![Bind::Uuid(id)],
    )
    .execute(tx.0)?;
    Ok(cancelled == 1)
}

/// Seconds to wait before the attempt after this one: 5·2ⁿ up to an hour, and up to a quarter more by `jitter`, so
/// that jobs which failed together do not come back together.
#[must_use]
pub fn job_delay_seconds(attempt: i32, jitter: u32) -> u32 {
    let doubled = 5_u32.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1).unsigned_abs()));
    let whole = doubled.min(3_600);
    whole + jitter % (whole / 4 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_repeated_ever_later_and_never_later_than_an_hour_and_a_quarter() {
        let plain: Vec<u32> = (1..=8).map(|attempt| job_delay_seconds(attempt, 0)).collect();
        assert_eq!(plain, [5, 10, 20, 40, 80, 160, 320, 640]);
        assert_eq!(job_delay_seconds(40, 0), 3_600);
        for attempt in 1..40 {
            for jitter in [0, 1, 77, u32::MAX] {
                let delay = job_delay_seconds(attempt, jitter);
                let least = job_delay_seconds(attempt, 0);
                assert!((least..=least + least / 4).contains(&delay), "{attempt} {jitter}");
            }
        }
    }
}
