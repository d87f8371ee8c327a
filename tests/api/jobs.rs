//! Jobs as those who run the service see them, and what happens when somebody else holds what a job needs.

use crate::api::deferred::{taking_app, three};
use crate::api::deliveries::{applicants, stored, weekly};
use crate::process::program::until;
use leleka_access::Role;
use leleka_domain::IdSource;
use leleka_store::{Store, StoreError, StoreOptions, Tx, ledger_position_draw_in_tx};
use leleka_testkit::{AppOptions, TestApp};
use serde_json::{Value, json};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// Another submission of the same dataflow that does not come to its end.
pub(crate) struct Held {
    release: Sender<()>,
    thread: JoinHandle<()>,
}

impl Held {
    pub(crate) fn of(url: &str, body: &'static str, dataflow: &'static str) -> Self {
        let (taken, waits) = channel();
        let (release, released) = channel::<()>();
        let options = StoreOptions {
            url: url.to_owned(),
            writers: 1,
            readers: 1,
            reader_statement_ms: 15_000,
            writer_lock_ms: 15_000,
        };
        let thread = std::thread::spawn(move || {
            let hold = |tx: &mut Tx<'_>| {
                ledger_position_draw_in_tx(tx, body, dataflow)?;
                taken.send(()).unwrap();
                // Ends when it is told to, or when the test has failed.
                let _told = released.recv();
                Ok::<(), StoreError>(())
            };
            Store::open(&options).unwrap().submit(hold).unwrap();
        });
        waits.recv().unwrap();
        Self { release, thread }
    }

    pub(crate) fn release(self) {
        self.release.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().unwrap()
}

#[test]
fn an_operator_sees_what_waits_and_what_was_done_and_no_figure() {
    let app = taking_app();
    let (dms, operator) = (app.submitter("DMS"), app.caller("DMS_CENTRE", Role::Operator));
    let first = dms.submit_json(&weekly(&three())).expect(202).json();
    let second = dms.submit_json(&weekly(&three())).expect(202).json();
    let path = "/v1/jobs?kind=submission&state=queued";
    let page = operator.get(path).expect(200).json();
    let ids: Vec<&Value> = items(&page).iter().map(|job| &job["id"]).collect();
    assert_eq!(ids, [&second["id"], &first["id"]]);
    let job = operator
        .get(&format!("/v1/jobs/{}", first["id"].as_str().unwrap()))
        .expect(200)
        .json();
    assert_eq!(&job, &items(&page)[1]);
    assert_eq!(
        (
            &job["kind"],
            &job["body"],
            &job["state"],
            &job["attempts"],
            &job["progress_total"]
        ),
        (
            &json!("submission"),
            &json!("DMS"),
            &json!("queued"),
            &json!(0),
            &json!(3)
        )
    );
    assert_eq!(job.get("payload"), None);
    let one = operator.get(&format!("{path}&limit=1")).expect(200).json();
    let next = operator.get(one["next"].as_str().unwrap()).expect(200).json();
    assert_eq!((items(&one).len(), items(&next).len()), (1, 1));
    assert_eq!(items(&next)[0]["id"], first["id"]);
    assert_eq!(next.get("next"), None);
    let _unknown = operator.get(&format!("/v1/jobs/{}", IdSource.next())).expect(404);
    let _wrong = operator.get("/v1/jobs?state=asleep").expect(400);
    let auditor = app.caller("DMS_CENTRE", Role::Auditor);
    assert_eq!(items(&auditor.get(path).expect(200).json()).len(), 2);
    let _not_theirs = dms.get("/v1/jobs").expect(403);
}

#[test]
fn recomputing_and_sweeping_are_jobs_of_which_there_is_one_each() {
    let app = TestApp::start();
    let (dms, operator) = (app.submitter("DMS"), app.caller("DMS_CENTRE", Role::Operator));
    for value in 1..=3 {
        let body = weekly(&[applicants("2024-W45", "SY", value)]);
        let _stored = dms.submit_json(&body).expect(201);
    }
    until("the risk metrics are recomputed", || {
        let marks = app.database.sql("select count(*) from metric_dirty").unwrap();
        let path = "/v1/jobs?kind=metrics_recompute&kind=key_sweep&state=done";
        let done = operator.get(path).expect(200).json();
        marks == "0" && items(&done).len() == 2
    });
    let page = operator.get("/v1/jobs").expect(200).json();
    let mut kinds: Vec<&str> = items(&page)
        .iter()
        .map(|job| job["kind"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["key_sweep", "metrics_recompute"]);
    let recompute = items(&page)
        .iter()
        .find(|job| job["kind"] == "metrics_recompute")
        .unwrap();
    assert!(recompute["progress_done"].as_u64().unwrap() > 0 && recompute["last_error"].is_null());
}

#[test]
fn a_delivery_that_would_wait_too_long_for_another_is_taken_and_read_when_the_other_ends() {
    let app = TestApp::with(AppOptions {
        sync_milliseconds: Some(300),
        ..AppOptions::default()
    });
    let dms = app.submitter("DMS");
    let _token = dms.token();
    let held = Held::of(&app.database.url, "DMS", "ASYLUM_WEEKLY");
    let (key, body) = (
        IdSource.next().to_string(),
        weekly(&[applicants("2024-W45", "SY", 12)]).to_string(),
    );
    let taken = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(202);
    let path = taken.header("location").unwrap();
    until("it is being read", || {
        dms.get(path).expect(200).json()["state"] == "validating"
    });
    let again = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(202);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    held.release();
    assert_eq!(dms.follow(path).json()["state"], "accepted");
    assert_eq!(stored(&app), "1/1/1/1");
}

#[test]
fn a_failure_of_ours_is_told_as_one_and_tried_again_until_it_is_given_up() {
    let app = taking_app();
    let (dms, operator) = (app.submitter("DMS"), app.caller("DMS_CENTRE", Role::Operator));
    let taken = dms.submit_json(&weekly(&three())).expect(202).json();
    let store = Store::open(&StoreOptions {
        url: app.database.url.clone(),
        writers: 1,
        readers: 1,
        reader_statement_ms: 15_000,
        writer_lock_ms: 15_000,
    });
    let store = store.unwrap();
    for attempt in 1..=leleka_store::JOB_ATTEMPTS {
        let claim = |tx: &mut Tx<'_>| leleka_store::job_claim_in_tx(tx, &["submission"], 60);
        let job = store.submit(claim).unwrap().unwrap();
        assert_eq!(job.lease.attempt, attempt);
        let fail = |tx: &mut Tx<'_>| {
            leleka_store::job_fail_in_tx(tx, job.lease, leleka_domain::Code::ServerError, 0)
        };
        store.submit(fail).unwrap();
        let seen = dms.get(&format!("/v1/submissions/{}", taken["id"].as_str().unwrap()));
        assert_eq!(seen.expect(200).json()["state"], "failed");
    }
    let job = operator.get(&format!("/v1/jobs/{}", taken["id"].as_str().unwrap()));
    let job = job.expect(200).json();
    assert_eq!(
        (&job["state"], &job["attempts"], &job["last_error"]),
        (
            &json!("dead"),
            &json!(leleka_store::JOB_ATTEMPTS),
            &json!("server.error")
        )
    );
}
