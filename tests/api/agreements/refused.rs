//! Decisions and proposals that cannot be: each is told what is wrong, and changes nothing.

use super::{NEW, SHIPPED, decide, keeper, post, post_with_key, propose};
use leleka_testkit::{Response, TestApp};
use serde_json::json;

pub(super) fn refusal(answer: &Response, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["code"], code);
}

#[test]
fn a_decision_on_an_older_version_or_of_the_other_party_changes_nothing() {
    let app = TestApp::start();
    let (sbgs, dms, keeper) = (app.submitter("SBGS"), app.submitter("DMS"), keeper(&app));
    let terms = json!({"frequencies": ["W"]});
    let _done = propose(&keeper, &terms, None).expect(201);
    let before = sbgs.get(NEW).expect(200).json();
    refusal(&propose(&keeper, &terms, None), 409, "agreement.version_stale");
    refusal(&decide(&sbgs, NEW, "agreed", 2), 409, "agreement.version_stale");
    refusal(
        &decide(&keeper, NEW, "agreed", 1),
        409,
        "agreement.decision_not_allowed",
    );
    refusal(
        &decide(&sbgs, NEW, "suspended", 1),
        409,
        "agreement.decision_not_allowed",
    );
    refusal(&decide(&dms, NEW, "agreed", 1), 404, "resource.not_found");
    refusal(
        &decide(&keeper, "/v1/agreements/SBGS:NO_SUCH", "suspended", 1),
        404,
        "resource.not_found",
    );
    let silent = json!({"state": "changes_requested", "expected_version": 1});
    refusal(
        &post(&sbgs, &format!("{NEW}/decisions"), &silent),
        422,
        "request.member_invalid",
    );
    assert_eq!(sbgs.get(NEW).expect(200).json(), before);
    let denied = "select count(*) from log_entry where action like 'agreement.%' and outcome = 'denied' and reason_code is not null";
    assert_eq!(
        app.database.sql(denied).as_deref(),
        Some("5"),
        "every refusal of an act is in the log"
    );
}

#[test]
fn a_proposal_that_cannot_be_is_told_what_is_wrong() {
    let app = TestApp::start();
    let keeper = keeper(&app);
    let wrong = [
        (
            json!({"body": "NO_SUCH", "indicator": "ASY_APPL", "terms": {"frequencies": ["W"]}}),
            422,
            "/body",
        ),
        (
            json!({"body": "SBGS", "indicator": "NO_SUCH", "terms": {"frequencies": ["W"]}}),
            422,
            "/indicator",
        ),
        (
            json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": {"frequencies": []}}),
            422,
            "/frequencies",
        ),
        (
            json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": {"frequencies": ["X"]}}),
            422,
            "/frequencies",
        ),
        (
            json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": {"frequencies": ["W", "W"]}}),
            422,
            "/frequencies",
        ),
        (
            json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": {"frequencies": ["W"], "valid_from": "2026-02-01", "valid_to": "2026-01-01"}}),
            422,
            "/valid_to",
        ),
        (
            json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": {"frequencies": ["W"], "note": "a\u{0}b"}}),
            422,
            "/note",
        ),
        (
            json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": {"frequencies": ["W"]}, "colour": 1}),
            400,
            "colour",
        ),
        (json!({"body": "SBGS"}), 400, "indicator"),
        (json!([]), 400, ""),
    ];
    for (document, status, detail) in wrong {
        let answer = post(&keeper, "/v1/agreements", &document);
        assert_eq!(answer.status, status, "{document}: {}", answer.text());
        assert!(
            answer.json()["detail"].as_str().unwrap().contains(detail),
            "{}",
            answer.text()
        );
    }
    let sent = json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": {"frequencies": ["W"]}}).to_string();
    let plain = [("content-type", "application/json")];
    refusal(
        &keeper.request("POST", "/v1/agreements", &plain, Some(sent.as_bytes())),
        400,
        "idempotency.key_missing",
    );
    let csv = [
        ("content-type", "text/csv"),
        ("idempotency-key", "0123456789abcdef"),
    ];
    refusal(
        &keeper.request("POST", "/v1/agreements", &csv, Some(b"a,b")),
        415,
        "content_type.not_supported",
    );
    let long = format!("{{\"body\": \"{}\"}}", "A".repeat(70_000));
    let json = [
        ("content-type", "application/json"),
        ("idempotency-key", "0123456789abcdef"),
    ];
    refusal(
        &keeper.request("POST", "/v1/agreements", &json, Some(long.as_bytes())),
        413,
        "body.too_large",
    );
    assert_eq!(keeper.get(NEW).status, 404);
}

#[test]
fn a_repeated_request_takes_one_step() {
    let app = TestApp::start();
    let keeper = keeper(&app);
    let document = json!({"state": "suspended", "comment": "перевірка", "expected_version": 1});
    let path = format!("{SHIPPED}/decisions");
    let first = post_with_key(&keeper, &path, &document, "suspend-dms-asy-appl").expect(201);
    let again = post_with_key(&keeper, &path, &document, "suspend-dms-asy-appl").expect(201);
    assert_eq!(first.json(), again.json());
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        (None, Some("true"))
    );
    let other = json!({"state": "agreed", "expected_version": 2});
    refusal(
        &post_with_key(&keeper, &path, &other, "suspend-dms-asy-appl"),
        422,
        "idempotency.key_reused",
    );
    assert_eq!(
        app.database
            .sql("select count(*) from agreement_event")
            .as_deref(),
        Some("1")
    );
}
