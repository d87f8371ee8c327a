//! Bodies with faults: 422 with every finding at its exact place, and not one figure stored.
//!
//! One centre for all stories, in which nothing is ever accepted; its clock stands on 22 November 2026.

mod form;
mod meaning;
mod numbers;
mod reports;

use crate::api::deliveries::stored_figures;
use leleka_testkit::{AppOptions, Response, TestApp, TestCaller};
use std::sync::OnceLock;

struct Desk {
    app: TestApp,
    dms: TestCaller,
}

fn desk() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| {
        let app = TestApp::with(AppOptions {
            now: Some("2026-11-22T08:00:00Z".parse().unwrap()),
            rows: Some(1000),
            ..AppOptions::default()
        });
        let dms = app.submitter("DMS");
        Desk { app, dms }
    })
}

/// Delivers a body that must be rejected: the answer is a problem that counts what it tells, the record is
/// there, and no figure is.
fn rejected_bytes(query: &str, media_type: &str, body: &[u8]) -> Response {
    let key = leleka_domain::IdSource.next().to_string();
    let headers = [("content-type", media_type), ("idempotency-key", key.as_str())];
    let answer = desk()
        .dms
        .request("POST", &format!("/v1/submissions{query}"), &headers, Some(body));
    let answer = answer.expect(422);
    let problem = answer.json();
    assert_eq!(problem["code"], "submission.rejected");
    assert_eq!(problem["type"], "urn:leleka:problem:submission.rejected");
    let errors = problem["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| ["error", "fatal"].contains(&finding["severity"].as_str().unwrap()));
    if problem["truncated"] == false {
        assert_eq!(problem["counts"]["errors"], errors.count());
    }
    for count in ["new", "revised", "unchanged"] {
        assert_eq!(problem["counts"][count], 0);
    }
    let id = problem["submission_id"].as_str().unwrap();
    let record = desk()
        .dms
        .get(&format!("/v1/submissions/{id}"))
        .expect(200)
        .json();
    assert_eq!(record["state"], "rejected");
    assert_eq!(record["findings"], problem["findings"]);
    assert_eq!(record["counts"], problem["counts"]);
    assert_eq!(stored_figures(&desk().app), "0/0");
    answer
}

fn rejected(query: &str, media_type: &str, body: &str) -> Response {
    rejected_bytes(query, media_type, body.as_bytes())
}

fn rejected_json(body: &str) -> Response {
    rejected("", "application/json", body)
}

fn rejected_lines(body: &str) -> Response {
    rejected("?dataflow=ASYLUM_WEEKLY", "application/x-ndjson", body)
}

fn rejected_csv(body: &str) -> Response {
    rejected("?dataflow=ASYLUM_WEEKLY", "text/csv", body)
}

/// A weekly document with one row that has this text as its value.
fn with_value(value: &str) -> String {
    format!(
        r#"{{"dataflow":"ASYLUM_WEEKLY","observations":[{{"indicator":"ASY_APPL","period":"2024-W45","value":{value}}}]}}"#
    )
}
