//! Large deliveries: taken at once, read afterwards, and told exactly as a small one would be.

use crate::api::deliveries::{applicants, lines, stored, stored_figures, told, weekly};
use leleka_domain::IdSource;
use leleka_testkit::{AppOptions, Response, TestApp, TestCaller};
use serde_json::{Value, json};

/// A server for which more than two rows are many.
pub(super) fn app() -> TestApp {
    TestApp::with(AppOptions {
        sync_rows: Some(2),
        ..AppOptions::default()
    })
}

/// A server that takes and never reads.
pub(super) fn taking_app() -> TestApp {
    TestApp::with(AppOptions {
        sync_rows: Some(2),
        job_workers: Some(0),
        ..AppOptions::default()
    })
}

pub(super) fn three() -> Vec<Value> {
    let weeks = ["2024-W43", "2024-W44", "2024-W45"];
    weeks.map(|week| applicants(week, "SY", 12)).to_vec()
}

/// Sends with preferences and a new key.
pub(super) fn send(caller: &TestCaller, query: &str, media_type: &str, body: &str, prefer: &str) -> Response {
    let key = IdSource.next().to_string();
    let headers = [
        ("content-type", media_type),
        ("idempotency-key", key.as_str()),
        ("prefer", prefer),
    ];
    let path = format!("/v1/submissions{query}");
    caller.request("POST", &path, &headers, Some(body.as_bytes()))
}

/// The record without what belongs to one delivery alone.
fn bare(record: &Value) -> Value {
    let mut record = record.clone();
    for name in [
        "id",
        "received_at",
        "recorded_at",
        "findings_href",
        "content_href",
    ] {
        record[name].take();
    }
    record
}

#[test]
fn many_rows_are_taken_at_once_and_end_as_they_would_have_ended() {
    let (small, large) = (TestApp::start(), app());
    let (patient, dms) = (small.submitter("DMS"), large.submitter("DMS"));
    let document = weekly(&three()).to_string();
    let csv = "indicator,period,citizenship,value\nASY_APPL,2024-W43,SY,12\nASY_APPL,2024-W44,SY,12\nASY_APPL,2024-W45,SY,12\n";
    for (query, media_type, body) in [
        ("", "application/json", document.as_str()),
        (
            "?dataflow=ASYLUM_WEEKLY",
            "application/x-ndjson",
            &lines(&three()),
        ),
        ("?dataflow=ASYLUM_WEEKLY", "text/csv", csv),
    ] {
        let at_once = patient.submit(query, media_type, body).expect(201).json();
        let taken = dms.submit(query, media_type, body).expect(202);
        let id = taken.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(
            taken.header("location"),
            Some(format!("/v1/submissions/{id}").as_str())
        );
        assert!(taken.header("retry-after").is_some() && taken.header("preference-applied").is_none());
        assert_eq!(taken.json()["dataflow"], "ASYLUM_WEEKLY");
        let ended = dms.follow(taken.header("location").unwrap());
        assert_eq!(ended.header("retry-after"), None);
        let (mut ended, mut at_once) = (bare(&ended.json()), bare(&at_once));
        (ended["client_id"], at_once["client_id"]) = (json!(""), json!(""));
        assert_eq!(ended, at_once);
    }
    assert_eq!(stored(&large), stored(&small));
    assert_eq!(stored(&large), "1/3/3/3");
}

#[test]
fn a_body_of_more_bytes_than_are_waited_for_is_taken_too_and_comes_back_as_sent() {
    let app = TestApp::with(AppOptions {
        sync_bytes: Some(1_000),
        ..AppOptions::default()
    });
    let dms = app.submitter("DMS");
    let rows = lines(&three());
    let body = format!("{rows}{}", "\n".repeat(1_000));
    let taken = dms
        .submit("?dataflow=ASYLUM_WEEKLY", "application/x-ndjson", &body)
        .expect(202);
    let path = taken.header("location").unwrap().to_owned();
    assert_eq!(
        dms.get(&format!("{path}/content")).expect(200).body,
        body.as_bytes()
    );
    assert_eq!(dms.follow(&path).json()["counts"]["new"], 3);
    let at_once = dms.submit("?dataflow=ASYLUM_WEEKLY", "application/x-ndjson", &rows);
    assert_eq!(at_once.expect(201).json()["counts"]["unchanged"], 3);
}

#[test]
fn a_rejected_one_is_read_as_rejected_with_every_finding() {
    let app = app();
    let dms = app.submitter("DMS");
    let mut rows = three();
    rows[1]["period"] = json!("2019-W53");
    let taken = dms.submit_json(&weekly(&rows)).expect(202);
    let path = taken.header("location").unwrap();
    let ended = dms.follow(path);
    assert_eq!(ended.json()["state"], "rejected");
    assert_eq!(
        told(&ended),
        ["period.not_in_calendar 2:1 /observations/1/period"]
    );
    let findings = dms.get(&format!("{path}/findings")).expect(200).json();
    assert_eq!(findings["items"].as_array().unwrap().len(), 1);
    assert_eq!(stored_figures(&app), "0/0");
}

#[test]
fn what_is_not_read_yet_can_be_looked_at_and_an_unchanged_look_costs_nothing() {
    let app = taking_app();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let taken = dms.submit_json(&weekly(&three())).expect(202);
    let path = taken.header("location").unwrap();
    let seen = dms.get(path).expect(200);
    let record = seen.json();
    assert_eq!(record, taken.json());
    assert_eq!(
        (&record["state"], &record["progress"], &record["counts"]["rows"]),
        (
            &json!("received"),
            &json!({"rows_done": 0, "rows_total": 3}),
            &json!(0)
        )
    );
    assert_eq!(record.get("recorded_at"), None);
    assert_eq!(seen.header("retry-after"), Some("1"));
    let tag = [("if-none-match", seen.header("etag").unwrap())];
    let again = dms.request("GET", path, &tag, None).expect(304);
    assert!(again.body.is_empty());
    // It stands in the list, for its own body and the centre.
    for query in ["", "?state=received", "?dataflow=ASYLUM_WEEKLY"] {
        let page = dms.get(&format!("/v1/submissions{query}")).expect(200).json();
        assert_eq!(page["items"][0]["id"], record["id"], "{query}");
    }
    let accepted = dms.get("/v1/submissions?state=accepted").expect(200).json();
    assert_eq!(accepted["items"], json!([]));
    assert_eq!(
        dms.get(&format!("{path}/findings")).expect(200).json()["items"],
        json!([])
    );
    let _seen = app.analyst().get(path).expect(200);
    for path in [
        path.to_owned(),
        format!("{path}/content"),
        format!("{path}/findings"),
    ] {
        let _hidden = sbgs.get(&path).expect(404);
    }
    assert_eq!(sbgs.get("/v1/submissions").expect(200).json()["items"], json!([]));
}

#[test]
fn a_sender_that_prefers_so_is_not_kept_waiting_by_a_small_body_either() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    for (value, (prefer, status, applied)) in (1..).zip([
        ("respond-async", 202, Some("respond-async")),
        ("return=minimal, Respond-Async; x=1", 202, Some("respond-async")),
        ("respond-async, wait=20", 201, Some("wait=20")),
        ("respond-async, wait=9000", 201, Some("wait=20")),
        ("wait=5", 201, None),
        ("respond-async=perhaps", 201, None),
        ("nonsense;;==,\"", 201, None),
        ("handling=strict", 201, None),
    ]) {
        let body = weekly(&[applicants(&format!("2024-W{value:02}"), "SY", value)]).to_string();
        let answer = send(&dms, "", "application/json", &body, prefer).expect(status);
        assert_eq!(answer.header("preference-applied"), applied, "{prefer}");
        let ended = dms.follow(answer.header("location").unwrap()).json();
        assert_eq!(ended["state"], "accepted", "{prefer}");
    }
}

#[test]
fn who_waits_gets_the_answer_of_a_small_one_or_is_sent_to_look_later() {
    let (app, slow) = (app(), taking_app());
    let (dms, other) = (app.submitter("DMS"), slow.submitter("DMS"));
    let good = weekly(&three()).to_string();
    let accepted = send(&dms, "", "application/json", &good, "wait=20").expect(201);
    assert_eq!(accepted.header("preference-applied"), Some("wait=20"));
    assert_eq!(accepted.json()["counts"]["new"], 3);
    let mut rows = three();
    rows[2]["value"] = json!(-1);
    let bad = weekly(&rows).to_string();
    let rejected = send(&dms, "", "application/json", &bad, "wait=19").expect(422);
    assert_eq!(rejected.header("preference-applied"), Some("wait=19"));
    assert_eq!(told(&rejected), ["value.negative 3:1 /observations/2/value"]);
    for prefer in ["wait=1", "wait=0"] {
        let taken = send(&other, "", "application/json", &good, prefer).expect(202);
        assert_eq!(taken.header("preference-applied"), None, "{prefer}");
        assert_eq!(taken.json()["state"], "received");
    }
}

#[test]
fn a_taken_body_is_refused_at_once_for_what_can_be_seen_at_once() {
    let app = TestApp::with(AppOptions {
        sync_bytes: Some(100),
        body_bytes: Some(2_000),
        ..AppOptions::default()
    });
    let dms = app.submitter("DMS");
    let untouched = app.database.data_fingerprint();
    let body = weekly(&three()).to_string();
    let headers = [("content-type", "application/json")];
    let no_key = dms.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()));
    assert_eq!(no_key.expect(400).json()["code"], "idempotency.key_missing");
    let key = IdSource.next().to_string();
    let digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
        ("content-digest", digest),
    ];
    let wrong = dms.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()));
    assert_eq!(wrong.expect(400).json()["code"], "digest.mismatch");
    let long = dms.submit("", "application/json", &format!("{body}{}", " ".repeat(2_000)));
    assert_eq!(long.expect(413).json()["code"], "body.too_large");
    assert_eq!(app.database.data_fingerprint(), untouched);
    assert_eq!(
        app.database
            .sql("select count(*) from job where kind = 'submission'")
            .unwrap(),
        "0"
    );
}

#[test]
fn a_broken_promise_of_a_dry_run_is_told_as_a_finding_where_nobody_is_left_to_be_refused() {
    let app = app();
    let dms = app.submitter("DMS");
    let body = weekly(&three()).to_string();
    let promised = |body: &str| {
        let dry = dms.validate("", "application/json", body).expect(200).json();
        format!("?validationId={}", dry["validation_id"].as_str().unwrap())
    };
    // The same figures in other bytes: the very same bytes would be told as such.
    let spaced = format!(" {body}");
    let (kept, stale) = (promised(&body), promised(&spaced));
    let taken = dms.submit(&kept, "application/json", &body).expect(202);
    let ended = dms.follow(taken.header("location").unwrap()).json();
    assert_eq!(
        (&ended["state"], &ended["counts"]["new"]),
        (&json!("accepted"), &json!(3))
    );
    // The second promise said "new" too.
    let taken = dms.submit(&stale, "application/json", &spaced).expect(202);
    let ended = dms.follow(taken.header("location").unwrap());
    assert_eq!(ended.json()["state"], "rejected");
    assert_eq!(told(&ended), ["validation.stale -:- -"]);
    assert_eq!(stored(&app), "1/3/2/2");
}
