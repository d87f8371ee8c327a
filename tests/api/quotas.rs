//! Quotas of a body: what is left is told on every answer, and too much is refused with when to go on.

use crate::operations::week;
use leleka_testkit::{AppOptions, Response, TestApp};

fn few(requests: u64, bytes: u64) -> TestApp {
    TestApp::with(AppOptions {
        quota_requests: Some(requests),
        quota_bytes: Some(bytes),
        ..AppOptions::default()
    })
}

/// What `RateLimit` says of a policy: `(left, seconds)`.
fn left(answer: &Response, policy: &str) -> (u64, u64) {
    let header = answer
        .header("ratelimit")
        .unwrap_or_else(|| panic!("no RateLimit: {answer:?}"));
    let part = header
        .split(", ")
        .find(|part| part.starts_with(&format!("\"{policy}\";")));
    let mut numbers = part.unwrap().split(';').skip(1).map(|pair| {
        let (_, number) = pair.split_once('=').unwrap();
        number.parse().unwrap()
    });
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn every_answer_to_a_known_caller_says_what_is_left() {
    let app = few(50, 1_000_000);
    let dms = app.submitter("DMS");
    let answer = dms.submit_json(&week("2024-W45", 1)).expect(201);
    let policy = "\"body\";q=50;w=60, \"bytes\";q=1000000;qu=\"content-bytes\";w=3600";
    assert_eq!(answer.header("ratelimit-policy"), Some(policy));
    let ((requests, seconds), (bytes, _)) = (left(&answer, "body"), left(&answer, "bytes"));
    assert_eq!(requests, 49);
    assert!((1..=60).contains(&seconds));
    assert!((999_000..1_000_000).contains(&bytes), "{bytes}");
    assert!(left(&dms.submit_json(&week("2019-W53", 1)).expect(422), "body").0 < requests);
    let strangers = app.anonymous("GET", "/v1/bodies");
    assert_eq!((strangers.status, strangers.header("ratelimit")), (401, None));
}

#[test]
fn a_body_that_asks_too_much_waits_and_others_do_not() {
    let app = few(2, 1_000_000);
    let (dms, second, sbgs) = (app.submitter("DMS"), app.submitter("DMS"), app.submitter("SBGS"));
    let _one = dms.submit_json(&week("2024-W45", 1)).expect(201);
    let _two = second.submit_json(&week("2024-W46", 1)).expect(201);
    let refused = dms.submit_json(&week("2024-W47", 1)).expect(429);
    let problem = refused.json();
    assert_eq!(
        problem["type"],
        "https://iana.org/assignments/http-problem-types#quota-exceeded"
    );
    assert_eq!(problem["code"], "quota.exceeded");
    assert_eq!(problem["violated-policies"], serde_json::json!(["body"]));
    let (requests, seconds) = left(&refused, "body");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(requests, 0);
    assert!(wait >= seconds && wait <= 60, "{wait} {seconds}");
    let stored = app.database.sql("select count(*) from submission").unwrap();
    assert_eq!(stored, "2", "the refused one left nothing");
    assert_eq!(
        sbgs.get("/v1/bodies").status,
        200,
        "another body has its own quota"
    );
}

#[test]
fn repeating_a_delivery_and_looking_at_it_cost_little() {
    let app = few(4, 1_000_000);
    let dms = app.submitter("DMS");
    let document = week("2024-W45", 1).to_string();
    let send = || dms.submit_with_key("", "application/json", &document, "the-same-key-again-01");
    let id = send().expect(201).json()["id"].as_str().unwrap().to_owned();
    for _ in 0..10 {
        assert_eq!(send().expect(201).header("idempotency-replayed"), Some("true"));
    }
    for _ in 0..10 {
        assert_eq!(dms.get(&format!("/v1/submissions/{id}")).status, 200);
    }
    let answer = dms.get("/v1/rules").expect(200);
    assert_eq!(left(&answer, "body").0, 0, "one delivery, twenty-one tenths");
}

#[test]
fn bytes_are_counted_whether_or_not_their_number_was_announced() {
    let document = week("2024-W45", 1).to_string();
    let size = document.len() as u64;
    let app = few(1_000, size * 2 + 10);
    let dms = app.submitter("DMS");
    let answer = dms.submit_json(&week("2024-W45", 1)).expect(201);
    assert_eq!(left(&answer, "bytes").0, size + 10);
    let _dry = dms.validate("", "application/json", &document).expect(200);
    let refused = dms.submit_json(&week("2024-W46", 1)).expect(429);
    assert_eq!(refused.json()["violated-policies"], serde_json::json!(["bytes"]));
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() > 60);
    assert_eq!(dms.get("/v1/bodies").status, 200, "reading goes on");
}
