//! Delivering figures: by JSON, NDJSON and CSV.

use leleka_testkit::TestApp;
use serde_json::json;

#[test]
fn a_weekly_submission_is_stored_and_read_back() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let delivered = dms.submit_json(&json!({
        "dataflow": "ASYLUM_WEEKLY",
        "observations": [
            {"indicator": "ASY_APPL", "period": "2026-W45", "territory": "UA46000000000026241", "citizenship": "SY", "value": 12},
            {"indicator": "ASY_APPL", "period": "2026-W45", "territory": "UA46000000000026241", "citizenship": "AF", "value": 0}
        ]
    }));
    let submission = delivered.expect(201).json();
    assert_eq!(submission["state"], "accepted");
    assert_eq!(submission["counts"]["new"], 2);
    let read = app
        .analyst()
        .get("/v1/observations?indicator=ASY_APPL&citizenship=SY&lineage=true")
        .expect(200)
        .json();
    let series = &read["items"][0];
    assert_eq!(series["series"]["territory"], "UA46000000000026241");
    assert_eq!(series["observations"][0]["value"], 12);
    assert_eq!(series["observations"][0]["submission_id"], submission["id"]);
    assert_eq!(series["observations"][0]["row"], 1);
}
