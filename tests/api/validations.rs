//! Trying a submission without delivering it: the same report, and nothing stored.

use crate::api::deliveries::{applicants, correction, lines, stored, weekly};
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

fn report(answer: &Response) -> Value {
    let json = answer.json();
    json!({"findings": json["findings"], "counts": json["counts"], "truncated": json["truncated"],
           "digest": json["content_sha256"], "ruleset": json["ruleset_version"]})
}

/// Tries a body, then delivers it; both must say the same, and trying must leave no trace.
fn tried_and_delivered(app: &TestApp, caller: &TestCaller, query: &str, media_type: &str, body: &str) {
    let before = (stored(app), app.database.data_fingerprint());
    let tried = caller.validate(query, media_type, body).expect(200);
    assert_eq!((stored(app), app.database.data_fingerprint()), before, "{body}");
    // Earlier deliveries may still wait for their recomputation; a dry run works at the last position of all.
    let marks = "select count(*) from metric_dirty where position = 9223372036854775807";
    assert_eq!(app.database.sql(marks).as_deref(), Some("0"));
    let delivered = caller.submit(query, media_type, body);
    assert_eq!(report(&tried), report(&delivered), "{body}");
    let became = match delivered.status {
        422 => json!("rejected"),
        _ => delivered.json()["state"].clone(),
    };
    assert_eq!(tried.json()["would_be"], became, "{body}");
}

#[test]
fn a_dry_run_reports_exactly_what_the_delivery_then_reports() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = weekly(&[applicants("2024-W45", "SY", 12), applicants("2024-W45", "AF", 4)]);
    let json = "application/json";
    tried_and_delivered(&app, &dms, "", json, &first.to_string());
    // Unchanged, revised and new figures together.
    let rows = [
        applicants("2024-W45", "SY", 13),
        applicants("2024-W45", "AF", 4),
        applicants("2024-W46", "AF", 4),
    ];
    tried_and_delivered(&app, &dms, "", json, &weekly(&rows).to_string());
    let original = dms.get("/v1/submissions?limit=1").json()["items"][0]["id"].clone();
    let corrected = correction(&original, "error_fix", &[applicants("2024-W45", "SY", 14)]);
    tried_and_delivered(&app, &dms, "", json, &corrected.to_string());
    let dataflow = "?dataflow=ASYLUM_WEEKLY";
    let faulty = [
        applicants("2019-W53", "SY", 1),
        applicants("2024-W45", "XX", 1),
        applicants("2024-W47", "SY", 1),
        applicants("2024-W47", "SY", 2),
    ];
    tried_and_delivered(&app, &dms, dataflow, "application/x-ndjson", &lines(&faulty));
    tried_and_delivered(&app, &dms, dataflow, "application/x-ndjson", "{\n[]\n");
    tried_and_delivered(
        &app,
        &dms,
        dataflow,
        "text/csv",
        "indicator,perod,value\nASY_APPL,2024-W45,x\n",
    );
    tried_and_delivered(&app, &dms, "", json, "{\"dataflow\":");
    tried_and_delivered(&app, &dms, "", json, &json!({"observations": []}).to_string());
    let lost = correction(&json!("none"), "why", &[applicants("2024-W45", "SY", 14)]);
    tried_and_delivered(&app, &dms, "", json, &lost.to_string());
    let many: Vec<Value> = (0..150).map(|_| applicants("2024-W45", "XX", 1)).collect();
    tried_and_delivered(&app, &dms, dataflow, "application/x-ndjson", &lines(&many));
}

#[test]
fn a_dry_run_needs_no_key_and_is_logged() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let body = weekly(&[applicants("2024-W45", "SY", 12)]).to_string();
    let tried = dms.validate("", "application/json", &body).expect(200).json();
    assert_eq!(
        (&tried["would_be"], &tried["counts"]["new"]),
        (&json!("accepted"), &json!(1))
    );
    let logged = "select count(*) from log_entry where action = 'submission.validate'";
    assert_eq!(app.database.sql(logged).as_deref(), Some("1"));
    assert_eq!(stored(&app), "0/0/0/0");
}
