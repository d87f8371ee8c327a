//! Requests that cannot be served as such: a problem with a stable code, and a database exactly as it was.
//!
//! One centre for all stories, in which nothing is ever recorded, not even a rejection.

mod arrival;

use crate::api::deliveries::{applicants, weekly};
use leleka_domain::IdSource;
use leleka_testkit::{AppOptions, Response, TestApp, TestCaller};
use serde_json::{Value, json};
use std::sync::OnceLock;

struct Desk {
    app: TestApp,
    dms: TestCaller,
    untouched: String,
}

const MEBIBYTE: u64 = 1024 * 1024;

fn desk() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| {
        let app = TestApp::with(AppOptions {
            body_bytes: Some(MEBIBYTE),
            ..AppOptions::default()
        });
        let dms = app.submitter("DMS");
        let untouched = app.database.data_fingerprint();
        Desk { app, dms, untouched }
    })
}

fn good_body() -> String {
    weekly(&[applicants("2024-W45", "SY", 1)]).to_string()
}

/// Sends a submission with these headers beside the token.
fn send(headers: &[(&str, &str)], body: &[u8]) -> Response {
    desk().dms.request("POST", "/v1/submissions", headers, Some(body))
}

/// The answer must be this problem, and nothing may have been written.
fn refused(answer: Response, status: u16, code: &str) -> Value {
    let problem = answer.expect(status);
    assert!(
        problem
            .header("content-type")
            .unwrap()
            .starts_with("application/problem+json")
    );
    let json = problem.json();
    assert_eq!(json["code"], code);
    assert_eq!(json["status"], status);
    assert_eq!(json["type"], format!("urn:leleka:problem:{code}"));
    assert!(json["titles"]["uk"].is_string() && json["titles"]["en"].is_string());
    assert_eq!(desk().app.database.data_fingerprint(), desk().untouched);
    json
}

fn new_key() -> String {
    IdSource.next().to_string()
}

#[test]
fn a_submission_without_an_idempotency_key_is_asked_for_one() {
    for media_type in ["application/json", "application/x-ndjson", "text/csv"] {
        let answer = send(&[("content-type", media_type)], good_body().as_bytes());
        let _problem = refused(answer, 400, "idempotency.key_missing");
    }
    let mut document: Value = serde_json::from_str(&good_body()).unwrap();
    document["submission_ref"] = json!("too short");
    let body = document.to_string();
    let answer = send(&[("content-type", "application/json")], body.as_bytes());
    let _problem = refused(answer, 400, "idempotency.key_invalid");
}

#[test]
fn a_malformed_idempotency_key_is_refused() {
    for key in [
        "short",
        "",
        "with spaces in the key",
        "ключ-ключ-ключ-ключ",
        "\"unclosed-0123456789",
        &"k".repeat(129),
    ] {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let answer = send(&headers, good_body().as_bytes());
        let code = if key.is_ascii() {
            "idempotency.key_invalid"
        } else {
            "header.invalid"
        };
        let _problem = refused(answer, 400, code);
    }
}

#[test]
fn two_idempotency_keys_are_refused() {
    let (first, second) = (new_key(), new_key());
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", first.as_str()),
        ("idempotency-key", second.as_str()),
    ];
    let problem = refused(send(&headers, good_body().as_bytes()), 400, "header.invalid");
    assert_eq!(problem["detail"], "idempotency-key");
}

#[test]
fn a_media_type_that_is_not_read_is_refused_whatever_the_body() {
    let long = format!("application/json{}", "; ".repeat(200));
    for media_type in [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/x-ndjson; charset=windows-1251",
        "application/json; version=2",
        "text/csv; delimiter=|",
        "text/csv; header=absent",
        "json",
        long.as_str(),
    ] {
        let key = new_key();
        let headers = [("content-type", media_type), ("idempotency-key", key.as_str())];
        let _problem = refused(
            send(&headers, good_body().as_bytes()),
            415,
            "content_type.not_supported",
        );
    }
    let key = new_key();
    let answer = send(&[("idempotency-key", key.as_str())], good_body().as_bytes());
    let _problem = refused(answer, 415, "content_type.not_supported");
}

#[test]
fn a_compressed_body_is_refused_and_the_supported_coding_is_named() {
    for coding in ["br", "deflate", "zstd", "gzip, gzip", "x"] {
        let key = new_key();
        let headers = [
            ("content-type", "application/json"),
            ("content-encoding", coding),
            ("idempotency-key", key.as_str()),
        ];
        let answer = send(&headers, b"\x1f\x8b\x08\x00");
        assert_eq!(answer.header("accept-encoding"), Some("gzip, identity"));
        let _problem = refused(answer, 415, "content_encoding.not_supported");
    }
}

#[test]
fn a_body_that_does_not_match_its_digest_is_refused() {
    let key = new_key();
    let digest = |value| {
        [
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
            ("content-digest", value),
        ]
    };
    // The digest of an empty body.
    let wrong = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    let answer = send(&digest(wrong), good_body().as_bytes());
    let _problem = refused(answer, 400, "digest.mismatch");
    for malformed in ["sha-256=abc", "md5=:AAAA:", "sha-256=:AAAA:", "sha-256=:!!!:", ""] {
        let answer = send(&digest(malformed), good_body().as_bytes());
        let _problem = refused(answer, 400, "header.invalid");
    }
}

#[test]
fn unknown_and_repeated_parameters_are_all_told() {
    let key = new_key();
    let headers = [
        ("content-type", "application/x-ndjson"),
        ("idempotency-key", key.as_str()),
    ];
    let path = "/v1/submissions?dataflow=ASYLUM_WEEKLY&dataflow=PASSPORT_WEEKLY&datafow=X&queryId=7&userId=8";
    let answer = desk().dms.request("POST", path, &headers, Some(b"{}"));
    let problem = refused(answer, 400, "parameter.invalid");
    let parameters: Vec<_> = problem["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["name"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        parameters,
        [
            ("dataflow", "parameter.invalid"),
            ("datafow", "parameter.unknown")
        ]
    );
    for (path, code) in [
        ("/v1/observations?indicater=ASY_APPL", "parameter.unknown"),
        ("/v1/observations?limit=0", "parameter.invalid"),
        ("/v1/observations?limit=50001", "parameter.invalid"),
        ("/v1/observations?limit=ten", "parameter.invalid"),
        ("/v1/observations?from=2019-W53", "parameter.invalid"),
        ("/v1/observations?asOf=yesterday", "parameter.invalid"),
        ("/v1/observations?lineage=yes", "parameter.invalid"),
        ("/v1/observations?frequency=X", "parameter.invalid"),
        ("/v1/observations?dimension=applicant_type", "parameter.invalid"),
        ("/v1/observations?limit=1&limit=2", "parameter.invalid"),
        ("/v1/series?limit=1001", "parameter.invalid"),
        ("/v1/submissions?state=lost", "parameter.invalid"),
        ("/v1/submissions?cursor=%00", "parameter.invalid"),
        (
            "/v1/risk-metrics/RM_VSM_REFUSED/values?level=red",
            "parameter.invalid",
        ),
        ("/v1/bodies?all=true", "parameter.unknown"),
    ] {
        let problem = refused(desk().dms.get(path), 400, code);
        assert_eq!(problem["parameters"].as_array().unwrap().len(), 1, "{path}");
    }
}

#[test]
fn what_a_json_document_says_itself_is_not_taken_from_the_query() {
    for parameter in [
        "dataflow=ASYLUM_WEEKLY",
        "kind=correction",
        "supersedes=01936b2e-0000-7000-8000-000000000000",
        "reasonCode=error_fix",
        "reasonText=x",
        "comment=x",
        "profile=EUROSTAT_EIRFS",
    ] {
        let key = new_key();
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
        ];
        let path = format!("/v1/submissions?{parameter}");
        let answer = desk()
            .dms
            .request("POST", &path, &headers, Some(good_body().as_bytes()));
        let problem = refused(answer, 400, "parameter.invalid");
        let name = parameter.split('=').next().unwrap();
        assert_eq!(problem["parameters"][0]["name"], name);
    }
    let key = new_key();
    let headers = [
        ("content-type", "application/x-ndjson"),
        ("idempotency-key", key.as_str()),
    ];
    let path = "/v1/submissions?dataflow=ASYLUM_WEEKLY&profile=DMS_PUBLISHED_APPLICATIONS";
    let answer = desk().dms.request("POST", path, &headers, Some(b"{}"));
    let _problem = refused(answer, 400, "parameter.invalid");
}

#[test]
fn an_answer_in_a_format_that_nobody_offers_is_refused() {
    for (path, accept) in [
        ("/v1/observations", "application/xml"),
        ("/v1/observations", "text/html, application/pdf"),
        ("/v1/observations", "application/json;q=0"),
        ("/v1/series", "text/csv"),
        ("/v1/bodies", "image/png"),
    ] {
        let answer = desk().dms.request("GET", path, &[("accept", accept)], None);
        let _problem = refused(answer, 406, "accept.not_supported");
    }
    for accept in ["*/*", "application/*", "text/html, application/json;q=0.1"] {
        let answer = desk()
            .dms
            .request("GET", "/v1/observations", &[("accept", accept)], None);
        assert_eq!(answer.expect(200).json(), json!({"items": []}));
    }
}

#[test]
fn a_moment_in_the_future_or_after_the_range_is_refused() {
    for query in [
        "asOf=2199-01-01T00:00:00Z",
        "asOf=2024-01-01T00:00:00Z&updatedAfter=2024-06-01T00:00:00Z",
    ] {
        let answer = desk().dms.get(&format!("/v1/observations?{query}"));
        let _problem = refused(answer, 400, "parameter.invalid");
    }
    let path = "/v1/risk-metrics/RM_VSM_REFUSED/values?asOf=2199-01-01T00:00:00Z";
    let _problem = refused(desk().dms.get(path), 400, "parameter.invalid");
}

#[test]
fn the_language_of_a_problem_is_that_of_the_request_and_both_are_there() {
    let title = |language: &str| {
        let answer = desk()
            .dms
            .request("GET", "/v1/series?x=1", &[("accept-language", language)], None);
        refused(answer, 400, "parameter.unknown")["title"].clone()
    };
    assert_eq!(title("uk"), "Такого параметра запиту немає");
    assert_eq!(title("en-GB,en;q=0.9"), "There is no such query parameter");
    assert_eq!(title("de"), "Такого параметра запиту немає");
}
