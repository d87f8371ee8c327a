//! A dry run is a promise: the submission that names it ends exactly so, or is refused.

use crate::api::deliveries::{applicants, lines, stored_figures, weekly};
use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};

const JSON: &str = "application/json";

fn promised(caller: &TestCaller, query: &str, media_type: &str, body: &str) -> Value {
    let tried = caller.validate(query, media_type, body).expect(200).json();
    assert!(tried["validation_id"].is_string(), "{tried}");
    tried
}

fn naming(promise: &Value) -> String {
    format!("validationId={}", promise["validation_id"].as_str().unwrap())
}

#[test]
fn what_was_promised_is_what_happens() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let body = weekly(&[applicants("2024-W45", "SY", 12), applicants("2024-W45", "AF", 4)]).to_string();
    let promise = promised(&dms, "", JSON, &body);
    let kept = dms.submit(&format!("?{}", naming(&promise)), JSON, &body);
    let kept = kept.expect(201).json();
    assert_eq!(kept["counts"], promise["counts"]);
    assert_eq!(kept["state"], promise["would_be"]);
    assert_eq!(kept["validation_id"], promise["validation_id"]);
    // Its own repetition is no broken promise, though the data have changed by it.
    let week = weekly(&[applicants("2024-W46", "SY", 12)]).to_string();
    let (promise, key) = (
        promised(&dms, "", JSON, &week),
        leleka_domain::IdSource.next().to_string(),
    );
    let query = format!("?{}", naming(&promise));
    let first = dms.submit_with_key(&query, JSON, &week, &key).expect(201);
    let again = dms.submit_with_key(&query, JSON, &week, &key).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(), first.json());
}

#[test]
fn another_body_other_declarations_or_other_data_make_it_stale() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let query = "?dataflow=ASYLUM_WEEKLY";
    let lines_of = |value| lines(&[applicants("2024-W45", "SY", value)]);
    let ndjson = "application/x-ndjson";
    let promise = promised(&dms, query, ndjson, &lines_of(12));
    let stale = |query: &str, body: &str| {
        let answer = dms.submit(&format!("{query}&{}", naming(&promise)), ndjson, body);
        assert_eq!(answer.expect(409).json()["code"], "validation.stale");
    };
    stale(query, &lines_of(13));
    stale("?dataflow=ASYLUM_WEEKLY&comment=now", &lines_of(12));
    assert_eq!(stored_figures(&app), "0/0");
    // Somebody else of the body delivers the week meanwhile.
    let _answer = dms
        .submit_json(&weekly(&[applicants("2024-W45", "SY", 9)]))
        .expect(201);
    stale(query, &lines_of(12));
    assert_eq!(stored_figures(&app), "1/1");
}

#[test]
fn a_promise_is_given_to_one_body_for_one_day() {
    let app = TestApp::at("2026-11-22T08:00:00Z");
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let body = weekly(&[applicants("2024-W45", "SY", 12)]).to_string();
    let promise = promised(&dms, "", JSON, &body);
    let theirs = format!("?{}", naming(&promise));
    let answer = sbgs.submit(&theirs, JSON, &body);
    assert_ne!(answer.status, 201, "{}", answer.text());
    let invented = "?validationId=01a20193-105a-71f5-8dbb-c788386c88fc";
    assert_eq!(
        dms.submit(invented, JSON, &body).expect(409).json()["code"],
        "validation.stale"
    );
    let unreadable = dms.submit("?validationId=7", JSON, &body).expect(400).json();
    assert_eq!(unreadable["parameters"][0]["name"], json!("validationId"));
    let made = "update validation set created_at = created_at - interval '25 hours'";
    app.database.execute(made).unwrap();
    assert_eq!(
        dms.submit(&theirs, JSON, &body).expect(409).json()["code"],
        "validation.stale"
    );
    assert_eq!(stored_figures(&app), "0/0");
}
