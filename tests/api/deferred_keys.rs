//! Repeating a large delivery: one submission, whatever is repeated when.

use crate::api::deferred::{app, send, taking_app, three};
use crate::api::deliveries::{lines, stored, weekly};
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp};
use serde_json::json;

fn replayed(answer: &Response) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

fn jobs(app: &TestApp) -> String {
    app.database
        .sql("select count(*) from job where kind = 'submission'")
        .unwrap()
}

#[test]
fn a_repetition_is_told_what_became_of_it_meanwhile() {
    let document = weekly(&three()).to_string();
    let csv = "indicator,period,citizenship,value\nASY_APPL,2024-W43,SY,1\nASY_APPL,2024-W44,SY,2\nASY_APPL,2024-W45,SY,3\n";
    for (query, media_type, body) in [
        ("", "application/json", document.as_str()),
        (
            "?dataflow=ASYLUM_WEEKLY",
            "application/x-ndjson",
            &lines(&three()),
        ),
        ("?dataflow=ASYLUM_WEEKLY", "text/csv", csv),
    ] {
        let app = app();
        let dms = app.submitter("DMS");
        let key = IdSource.next().to_string();
        let first = dms.submit_with_key(query, media_type, body, &key).expect(202);
        assert!(!replayed(&first));
        let path = first.header("location").unwrap();
        let ended = dms.follow(path).json();
        for key in [key.clone(), format!("\"{key}\"")] {
            let again = dms.submit_with_key(query, media_type, body, &key).expect(202);
            assert!(replayed(&again), "{media_type}");
            assert_eq!(again.header("location"), Some(path));
            assert_eq!(again.json(), ended);
        }
        let other = dms.submit_with_key(query, media_type, &format!("{body}\n"), &key);
        assert_eq!(other.expect(422).json()["code"], "idempotency.key_reused");
        assert_eq!((stored(&app).as_str(), jobs(&app).as_str()), ("1/3/1/1", "1"));
    }
}

#[test]
fn a_repetition_before_it_is_read_is_no_conflict() {
    let app = taking_app();
    let dms = app.submitter("DMS");
    let (key, body) = (IdSource.next().to_string(), weekly(&three()).to_string());
    let send = || {
        dms.submit_with_key("", "application/json", &body, &key)
            .expect(202)
    };
    let first = send();
    let again = send();
    assert!(replayed(&again) && !replayed(&first));
    assert_eq!(again.json(), first.json());
    assert!(again.header("retry-after").is_some());
    assert_eq!((stored(&app).as_str(), jobs(&app).as_str()), ("0/0/0/1", "1"));
}

#[test]
fn a_rejection_that_was_read_later_is_repeated_as_it_was_taken() {
    let app = app();
    let dms = app.submitter("DMS");
    let mut rows = three();
    rows[0]["period"] = json!("2019-W53");
    let (key, body) = (IdSource.next().to_string(), weekly(&rows).to_string());
    let first = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(202);
    let _ended = dms.follow(first.header("location").unwrap());
    let again = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(202);
    assert!(replayed(&again));
    assert_eq!(again.json()["state"], "rejected");
}

#[test]
fn the_key_in_a_document_counts_for_a_taken_one_too() {
    let app = taking_app();
    let dms = app.submitter("DMS");
    let mut document = weekly(&three());
    document["submission_ref"] = json!(IdSource.next().to_string());
    let body = document.to_string();
    let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
    let send = || {
        dms.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()))
            .expect(202)
    };
    let (first, again) = (send(), send());
    assert!(replayed(&again) && !replayed(&first));
    assert_eq!(jobs(&app), "1");
}

#[test]
fn how_a_sender_prefers_to_be_answered_does_not_make_another_request() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let (key, body) = (IdSource.next().to_string(), weekly(&three()).to_string());
    let first = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(201);
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
        ("prefer", "respond-async"),
    ];
    let again = dms.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()));
    let again = again.expect(201);
    assert!(replayed(&again));
    assert_eq!(again.json(), first.json());
    assert_eq!(jobs(&app), "0");
    let _other_key = send(&dms, "", "application/json", &body, "respond-async").expect(202);
}

#[test]
fn fifty_equal_requests_at_once_make_one_submission() {
    for prefer in ["respond-async", "handling=strict"] {
        let app = TestApp::start();
        let dms = app.submitter("DMS");
        let _token = dms.token();
        let (key, body) = (IdSource.next().to_string(), weekly(&three()).to_string());
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
            ("prefer", prefer),
        ];
        let post = || dms.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()));
        let answers: Vec<Response> = std::thread::scope(|scope| {
            let sending: Vec<_> = (0..50).map(|_| scope.spawn(post)).collect();
            sending.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let status = if prefer == "respond-async" { 202 } else { 201 };
        assert!(
            answers.iter().all(|answer| answer.status == status),
            "{answers:?}"
        );
        assert_eq!(answers.iter().filter(|answer| !replayed(answer)).count(), 1);
        let path = answers[0].header("location").unwrap();
        assert!(
            answers
                .iter()
                .all(|answer| answer.header("location") == Some(path))
        );
        assert_eq!(dms.follow(path).json()["counts"]["new"], 3);
        assert_eq!(stored(&app), "1/3/1/1", "{prefer}");
    }
}
