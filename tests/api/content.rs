//! The raw bytes of a submission: kept exactly, given back exactly.

use crate::api::deliveries::{applicants, weekly};
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::Value;

/// The submission's bytes as the service gives them, with the digest that the service tells and that PostgreSQL
/// computes.
fn kept(app: &TestApp, caller: &TestCaller, submission: &Value, sent: &str) -> Response {
    let answer = caller
        .get(submission["content_href"].as_str().unwrap())
        .expect(200);
    assert!(answer.body == sent.as_bytes(), "the bytes differ");
    let computed = app.database.sql(&format!(
        "encode(sha256(convert_to($sent${sent}$sent$, 'utf8')), 'hex')"
    ));
    assert_eq!(submission["content_sha256"].as_str(), computed.as_deref());
    assert_eq!(submission["content_bytes"], sent.len());
    let base64 = app.database.sql(&format!(
        "encode(decode('{}', 'hex'), 'base64')",
        computed.unwrap()
    ));
    let digest = format!("sha-256=:{}:", base64.unwrap());
    assert_eq!(answer.header("content-digest"), Some(digest.as_str()));
    answer
}

#[test]
fn the_bytes_of_a_delivery_come_back_exactly_whatever_became_of_it() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let csv = "\u{feff}indicator;period;value\r\n\"ASY_APPL\";2024-W45;7\r\n;;\r\n";
    let media_type = "text/csv; delimiter=;";
    let accepted = dms
        .submit("?dataflow=ASYLUM_WEEKLY", media_type, csv)
        .expect(201)
        .json();
    let answer = kept(&app, &dms, &accepted, csv);
    assert_eq!(answer.header("content-type"), Some(media_type));
    let broken = "{\"dataflow\":\"ASYLUM_WEEKLY\",";
    let rejected = dms.submit("", "application/json", broken).expect(422).json();
    let path = format!("/v1/submissions/{}", rejected["submission_id"].as_str().unwrap());
    let record = dms.get(&path).expect(200).json();
    let _answer = kept(&app, &dms, &record, broken);
}

#[test]
fn a_delivery_of_several_mebibytes_comes_back_exactly() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    // Blanks between rows of JSON mean nothing, but they are bytes.
    let row = applicants("2024-W45", "SY", 1).to_string();
    let mut blanks = String::new();
    let mut state = 1_u32;
    while blanks.len() < 3 * 1024 * 1024 {
        // Not a pattern that compresses to nothing.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        blanks.push(if state >> 31 == 0 { ' ' } else { '\n' });
    }
    let sent = format!("{{\"dataflow\":\"ASYLUM_WEEKLY\",\"observations\":[{row}{blanks}]}}");
    let accepted = dms.deliver("", "application/json", &sent).expect(201).json();
    let answer = kept(&app, &dms, &accepted, &sent);
    let tag = answer.header("etag").unwrap();
    let path = accepted["content_href"].as_str().unwrap();
    let again = dms
        .request("GET", path, &[("if-none-match", tag)], None)
        .expect(304);
    assert!(again.body.is_empty());
}

#[test]
fn a_delivery_that_states_its_digest_is_checked_against_it() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let body = weekly(&[applicants("2024-W45", "SY", 1)]).to_string();
    let digest = app
        .database
        .sql(&format!(
            "encode(sha256(convert_to($sent${body}$sent$, 'utf8')), 'base64')"
        ))
        .unwrap();
    let key = IdSource.next().to_string();
    let digest = format!("sha-256=:{digest}:");
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
        ("content-digest", digest.as_str()),
    ];
    let answer = dms.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()));
    let _stored = answer.expect(201);
}
