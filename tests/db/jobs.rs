//! Jobs in the table: whose turn it is, what a lease is worth, and that nothing is done twice.

use leleka_domain::{Code, IdSource};
use leleka_store::{
    ClaimedJob, JobLease, NewJob, Store, StoreError, StoreOptions, Tx, job_cancel_in_tx, job_claim_in_tx,
    job_enqueue_in_tx, job_fail_in_tx, job_finish_in_tx, job_heartbeat_in_tx,
};
use leleka_testkit::{Cluster, TestDatabase};
use std::collections::BTreeSet;
use uuid::Uuid;

struct Desk {
    database: TestDatabase,
    store: Store,
}

impl Desk {
    fn new() -> Self {
        let database = Cluster::shared().database();
        let store = Store::open(&StoreOptions {
            url: database.url.clone(),
            writers: 8,
            readers: 1,
            reader_statement_ms: 15_000,
            writer_lock_ms: 60_000,
        });
        Self {
            database,
            store: store.unwrap(),
        }
    }

    fn act<T>(&self, act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
        self.store.submit(act).unwrap()
    }

    fn enqueue(&self, body: Option<&str>, unique_key: Option<&str>) -> Uuid {
        let id = IdSource.next();
        let job = NewJob {
            id,
            kind: "submission",
            body,
            unique_key,
            payload: &serde_json::json!({}),
            progress_total: None,
        };
        self.act(|tx| job_enqueue_in_tx(tx, &job));
        id
    }

    fn claim(&self, lease_seconds: u32) -> Option<ClaimedJob> {
        self.act(|tx| job_claim_in_tx(tx, &["submission"], lease_seconds))
    }

    fn finish(&self, lease: JobLease) -> bool {
        self.act(|tx| job_finish_in_tx(tx, lease, 1))
    }
}

#[test]
fn a_body_that_sends_much_does_not_keep_another_waiting() {
    let desk = Desk::new();
    let much: Vec<Uuid> = (0..3).map(|_| desk.enqueue(Some("DMS"), None)).collect();
    let little = desk.enqueue(Some("SBGS"), None);
    let order: Vec<Uuid> = (0..4).map(|_| desk.claim(60).unwrap().lease.id).collect();
    assert_eq!(order, [much[0], little, much[1], much[2]]);
    assert_eq!(desk.claim(60), None);
}

#[test]
fn a_job_whose_worker_vanished_comes_back_and_the_vanished_one_can_end_nothing() {
    let desk = Desk::new();
    let id = desk.enqueue(Some("DMS"), None);
    let vanished = desk.claim(0).unwrap().lease;
    let next = desk.claim(60).unwrap().lease;
    assert_eq!((vanished.id, next.id), (id, id));
    assert_eq!((vanished.attempt, next.attempt), (1, 2));
    assert!(!desk.act(|tx| job_heartbeat_in_tx(tx, vanished, 60, 7)));
    assert!(!desk.finish(vanished));
    desk.act(|tx| job_fail_in_tx(tx, vanished, Code::ServerError, 0));
    assert!(desk.act(|tx| job_heartbeat_in_tx(tx, next, 60, 7)));
    assert!(desk.finish(next) && !desk.finish(next));
    let ended = "select state || ' ' || attempts || ' ' || progress_done from job";
    assert_eq!(desk.database.sql(ended).unwrap(), "done 2 1");
}

#[test]
fn a_job_that_takes_every_worker_with_it_is_given_up_after_eight() {
    let desk = Desk::new();
    desk.enqueue(Some("DMS"), None);
    for attempt in 1..=8 {
        assert_eq!(desk.claim(0).unwrap().lease.attempt, attempt);
    }
    assert_eq!(desk.claim(0), None);
    let dead = "select state || ' ' || last_error || ' ' || (ended_at is not null) from job";
    assert_eq!(desk.database.sql(dead).unwrap(), "dead job.interrupted true");
}

#[test]
fn a_failed_job_waits_for_its_time() {
    let desk = Desk::new();
    desk.enqueue(None, None);
    let lease = desk.claim(60).unwrap().lease;
    desk.act(|tx| job_fail_in_tx(tx, lease, Code::ServerOverloaded, 3_600));
    assert_eq!(desk.claim(60), None);
    desk.database.execute("update job set run_at = now()").unwrap();
    assert_eq!(desk.claim(60).unwrap().lease.attempt, 2);
}

#[test]
fn a_unique_job_is_there_once_and_can_come_again_when_it_has_ended() {
    let desk = Desk::new();
    let id = desk.enqueue(None, Some("release:2026-W47"));
    desk.enqueue(None, Some("release:2026-W47"));
    let lease = desk.claim(60).unwrap().lease;
    desk.enqueue(None, Some("release:2026-W47"));
    assert_eq!(desk.claim(60), None);
    assert!(desk.finish(lease));
    desk.enqueue(None, Some("release:2026-W47"));
    assert_eq!(desk.claim(60).unwrap().lease, JobLease { id, attempt: 1 });
    assert_eq!(desk.database.sql("select count(*) from job").unwrap(), "1");
}

#[test]
fn only_what_nobody_has_begun_can_be_cancelled() {
    let desk = Desk::new();
    let (begun, waiting) = (desk.enqueue(None, None), desk.enqueue(None, None));
    let lease = desk.claim(60).unwrap().lease;
    assert_eq!(lease.id, begun);
    assert!(!desk.act(|tx| job_cancel_in_tx(tx, begun)));
    assert!(desk.act(|tx| job_cancel_in_tx(tx, waiting)));
    assert!(!desk.act(|tx| job_cancel_in_tx(tx, waiting)));
    assert_eq!(desk.claim(60), None);
}

#[test]
fn eight_workers_never_hold_the_same_job() {
    let desk = Desk::new();
    let all: BTreeSet<Uuid> = (0..120)
        .map(|number| desk.enqueue(Some(if number % 3 == 0 { "DMS" } else { "SBGS" }), None))
        .collect();
    let done: Vec<Uuid> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some(job) = desk.claim(60) {
                assert_eq!(job.lease.attempt, 1);
                assert!(desk.finish(job.lease));
                done.push(job.lease.id);
            }
            done
        };
        let working: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        working
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(done.len(), all.len());
    assert_eq!(done.into_iter().collect::<BTreeSet<_>>(), all);
}
