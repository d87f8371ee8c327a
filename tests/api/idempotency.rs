//! Repeating a request: the same answer, and nothing counted twice.

use crate::api::deliveries::{applicants, stored, told, weekly};
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp};
use serde_json::{Value, json};

fn replayed(answer: &Response) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

/// A problem without the number of the request that it answers.
fn without_instance(answer: &Response) -> Value {
    let mut problem = answer.json();
    problem["instance"].take();
    problem
}

#[test]
fn the_same_key_with_the_same_body_gives_the_same_answer_and_counts_nothing_twice() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let (key, body) = (
        IdSource.next().to_string(),
        weekly(&[applicants("2024-W45", "SY", 12)]).to_string(),
    );
    let first = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(201);
    assert!(!replayed(&first));
    let after = (stored(&app), app.database.data_fingerprint());
    // A bare key and a quoted one are the same key.
    for key in [key.clone(), format!("\"{key}\"")] {
        let again = dms
            .submit_with_key("", "application/json", &body, &key)
            .expect(201);
        assert!(replayed(&again));
        assert_eq!(again.json(), first.json());
        assert_eq!(again.header("location"), first.header("location"));
    }
    assert_eq!((stored(&app), app.database.data_fingerprint()), after);
}

#[test]
fn a_rejection_is_repeated_too() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let (key, body) = (
        IdSource.next().to_string(),
        weekly(&[applicants("2019-W53", "SY", 12)]).to_string(),
    );
    let first = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(422);
    let after = (stored(&app), app.database.data_fingerprint());
    let again = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(422);
    assert!(replayed(&again) && !replayed(&first));
    assert_eq!(without_instance(&again), without_instance(&first));
    assert_eq!(
        told(&again),
        ["period.not_in_calendar 1:1 /observations/0/period"]
    );
    assert_eq!((stored(&app), app.database.data_fingerprint()), after);
    assert_eq!(after.0, "0/0/1/1");
}

#[test]
fn a_key_belongs_to_one_request() {
    let app = TestApp::start();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let key = IdSource.next().to_string();
    let body = weekly(&[applicants("2024-W45", "SY", 12)]).to_string();
    let _stored = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(201);
    let after = app.database.data_fingerprint();
    let other_body = weekly(&[applicants("2024-W45", "SY", 13)]).to_string();
    for (query, media_type, body) in [
        ("", "application/json", other_body.as_str()),
        ("", "application/json", &format!("{body}\n")),
        ("", "application/json; charset=utf-8", &body),
        ("?dataflow=ASYLUM_WEEKLY", "application/x-ndjson", "{}"),
    ] {
        let answer = dms.submit_with_key(query, media_type, body, &key).expect(422);
        assert_eq!(answer.json()["code"], "idempotency.key_reused");
        assert!(!replayed(&answer));
    }
    assert_eq!(app.database.data_fingerprint(), after);
    // Another body may choose the same key.
    let border = r#"{"dataflow":"BORDER_WEEKLY","observations":[{"indicator":"BRD_REFUSED","period":"2024-W45","value":3}]}"#;
    let theirs = sbgs
        .submit_with_key("", "application/json", border, &key)
        .expect(201);
    assert!(!replayed(&theirs));
}

#[test]
fn a_sender_that_cannot_set_headers_puts_the_key_into_the_document() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let key = IdSource.next().to_string();
    let mut document = weekly(&[applicants("2024-W45", "SY", 12)]);
    document["submission_ref"] = json!(key);
    let body = document.to_string();
    let send = |body: &str| {
        let headers = [("content-type", "application/json")];
        dms.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()))
    };
    let first = send(&body).expect(201);
    let again = send(&body).expect(201);
    assert!(replayed(&again) && !replayed(&first));
    assert_eq!(again.json(), first.json());
    document["observations"][0]["value"] = json!(13);
    let other = send(&document.to_string()).expect(422);
    assert_eq!(other.json()["code"], "idempotency.key_reused");
    assert_eq!(stored(&app), "1/1/1/1");
}

#[test]
fn the_same_figures_in_another_document_are_all_unchanged() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let mut body = weekly(&[applicants("2024-W45", "SY", 12), applicants("2024-W45", "AF", 0)]);
    let first = dms.submit_json(&body).expect(201).json();
    body["comment"] = json!("ще раз");
    let again = dms.submit_json(&body).expect(201).json();
    assert_ne!(first["id"], again["id"]);
    let counts = &again["counts"];
    assert_eq!(
        [
            &counts["new"],
            &counts["revised"],
            &counts["unchanged"],
            &counts["warnings"]
        ],
        [0, 0, 2, 0]
    );
    assert_eq!(again["state"], "accepted");
    assert_eq!(stored(&app), "2/2/2/2");
}

#[test]
fn the_same_bytes_under_a_new_key_are_refused_as_long_as_they_are_current() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let body = weekly(&[applicants("2024-W45", "SY", 12), applicants("2024-W46", "SY", 3)]);
    let first = dms.submit_json(&body).expect(201).json();
    let after = app.database.data_fingerprint();
    let refused = dms.submit_json(&body).expect(409).json();
    assert_eq!(refused["code"], "submission.duplicate_content");
    assert_eq!(refused["existing_submission_id"], first["id"]);
    assert_eq!(app.database.data_fingerprint(), after);
    // A dry run warns of it.
    let tried = dms
        .validate("", "application/json", &body.to_string())
        .expect(200);
    assert_eq!(told(&tried), ["submission.duplicate_content -:- -"]);
    assert_eq!(tried.json()["findings"][0]["value"], first["id"]);
    assert_eq!(tried.json()["slice_etag"], first["slice_etag"]);
    // One of its two weeks moves on: now the same bytes would change something.
    let second = dms
        .submit_json(&weekly(&[applicants("2024-W46", "SY", 4)]))
        .expect(201)
        .json();
    let again = dms.submit_json(&body).expect(201).json();
    assert_eq!(
        (&again["counts"]["revised"], &again["counts"]["unchanged"]),
        (&json!(1), &json!(1))
    );
    assert_ne!(second["slice_etag"], again["slice_etag"]);
    let refused = dms.submit_json(&body).expect(409).json();
    assert_eq!(refused["existing_submission_id"], again["id"]);
}

#[test]
fn only_accepted_content_of_the_same_kind_and_body_counts_as_a_duplicate() {
    let app = TestApp::start();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let faulty = weekly(&[applicants("2019-W53", "SY", 12)]);
    for _ in 0..2 {
        let answer = dms.submit_json(&faulty).expect(422);
        assert_eq!(answer.json()["code"], "submission.rejected");
    }
    let row = r#"{"indicator":"BRD_REFUSED","period":"2024-W45","value":3}"#;
    let query = "?dataflow=BORDER_WEEKLY";
    let first = sbgs.submit(query, "application/x-ndjson", row).expect(201).json();
    let correction = format!(
        "{query}&kind=correction&reasonCode=error_fix&supersedes={}",
        first["id"].as_str().unwrap()
    );
    let _other_kind = sbgs.submit(&correction, "application/x-ndjson", row).expect(201);
    let _slice_moved_on = sbgs.submit(query, "application/x-ndjson", row).expect(201);
    let refused = sbgs.submit(query, "application/x-ndjson", row).expect(409);
    assert_eq!(refused.json()["code"], "submission.duplicate_content");
}

#[test]
fn equal_requests_with_different_keys_at_once_make_one_submission() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let _token = dms.token();
    let body = weekly(&[applicants("2024-W45", "SY", 12)]);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let sending: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| dms.submit_json(&body).status))
            .collect();
        sending.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(
        answers.iter().filter(|status| **status == 201).count(),
        1,
        "{answers:?}"
    );
    assert_eq!(
        answers.iter().filter(|status| **status == 409).count(),
        11,
        "{answers:?}"
    );
    assert_eq!(stored(&app), "1/1/1/1");
}

#[test]
fn twenty_equal_requests_at_once_make_one_submission() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let _token = dms.token();
    for (body, status) in [
        (weekly(&[applicants("2024-W45", "SY", 12)]).to_string(), 201),
        (weekly(&[applicants("2024-W99", "SY", 12)]).to_string(), 422),
    ] {
        let key = IdSource.next().to_string();
        let before = submissions(&app);
        let answers: Vec<Response> = std::thread::scope(|scope| {
            let sending: Vec<_> = (0..20)
                .map(|_| scope.spawn(|| dms.submit_with_key("", "application/json", &body, &key)))
                .collect();
            sending.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(
            answers.iter().all(|answer| answer.status == status),
            "{answers:?}"
        );
        assert_eq!(answers.iter().filter(|answer| !replayed(answer)).count(), 1);
        let first = without_instance(&answers[0]);
        assert!(answers.iter().all(|answer| without_instance(answer) == first));
        assert_eq!(submissions(&app), before + 1);
    }
    assert_eq!(stored(&app), "1/1/2/2");
}

fn submissions(app: &TestApp) -> u64 {
    app.database
        .sql("select count(*) from submission")
        .unwrap()
        .parse()
        .unwrap()
}
