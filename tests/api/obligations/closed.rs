//! Periods that are closed, opened again and waived, each with a reason.

use super::{ASYLUM_47, DECIDE_47, applicants, at, decide, keeper, obligation, slice_noted};
use leleka_domain::{Frequency, IdSource};
use leleka_exchange::{catalogue_load, shipped_catalogue};
use leleka_store::Migrator;
use leleka_testkit::TestApp;
use serde_json::json;
use std::time::{Duration, Instant};

/// Weeks close at the end of the fifth working day; the running server knows.
fn weeks_that_close(app: &TestApp) {
    let mut files = shipped_catalogue().unwrap();
    let weekly = files
        .schedule
        .deadlines
        .rules
        .iter_mut()
        .find(|rule| rule.frequency == Frequency::Weekly);
    weekly.unwrap().freeze_working_days = Some(5);
    let mut migrator = Migrator::connect(&app.database.url).unwrap();
    catalogue_load(&mut migrator, &IdSource, &files).unwrap();
    let (analyst, since) = (app.analyst(), Instant::now());
    while analyst.get(ASYLUM_47).expect(200).json()["items"][0]
        .get("freeze_at")
        .is_none()
    {
        assert!(
            since.elapsed() < Duration::from_secs(10),
            "the new rule is not in force"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_closed_week_takes_nothing_until_the_centre_opens_it_with_a_reason() {
    let app = TestApp::at("2026-12-01T08:00:00Z");
    weeks_that_close(&app);
    let (dms, keeper) = (app.submitter("DMS"), keeper(&app));
    let rows = applicants("2026-W47", &[("SY", json!(3))]);
    assert_eq!(obligation(&app, ASYLUM_47)["status"], "frozen");
    let before = app.database.data_fingerprint();
    let both = applicants("2026-W48", &[("SY", json!(1))]);
    let both = json!({"dataflow": "ASYLUM_WEEKLY", "observations": [rows["observations"][0], both["observations"][0]]});
    for answer in [
        dms.submit_json(&both),
        dms.validate("", "application/json", &both.to_string()),
    ] {
        assert_eq!(answer.status, 409, "{}", answer.text());
        let answer = answer.json();
        assert_eq!(
            (&answer["code"], &answer["detail"]),
            (&json!("period.frozen"), &json!("ASYLUM_WEEKLY: 2026-W47"))
        );
    }
    assert_eq!(
        app.database.data_fingerprint(),
        before,
        "the whole request is refused"
    );
    let denied = "select count(*) from log_entry where reason_code = 'period.frozen' and outcome = 'denied'";
    assert_eq!(app.database.sql(denied).as_deref(), Some("1"));

    let reason = json!({"decision": "reopened", "reason": "акт звірки 7", "until": "2026-12-02T08:00:00Z"});
    assert_eq!(
        decide(&dms, DECIDE_47, &reason).status,
        403,
        "not for the body to decide"
    );
    let opened = decide(&keeper, DECIDE_47, &reason).expect(201).json();
    assert_eq!(
        (&opened["status"], &opened["frozen"]),
        (&json!("overdue"), &json!(false))
    );
    assert_eq!(opened["decision"]["reason"], "акт звірки 7");
    let delivered = dms.submit_json(&rows).expect(201).json();
    assert_eq!(delivered["findings"][0]["code"], "period.late");
    slice_noted(&app, &delivered, "2026-11-16", false);
    assert_eq!(obligation(&app, ASYLUM_47)["status"], "late");

    at(&app, "2026-12-02T08:00:00Z");
    assert_eq!(
        app.submitter("DMS")
            .submit_json(&applicants("2026-W47", &[("AF", json!(1))]))
            .status,
        409,
        "closed again"
    );
    let logged = app
        .database
        .sql("select object_id from log_entry where action = 'obligation.decide' and outcome = 'allowed'");
    assert_eq!(logged.as_deref(), Some("DMS:ASYLUM_WEEKLY:2026-W47"));
}

#[test]
fn the_repetition_of_an_accepted_request_gets_its_answer_though_the_week_was_closed_since() {
    let app = TestApp::at("2026-11-23T08:00:00Z");
    let rows = applicants("2026-W47", &[("SY", json!(3))]).to_string();
    let key = "asylum-2026-W47-original";
    let first = app
        .submitter("DMS")
        .submit_with_key("", "application/json", &rows, key)
        .expect(201)
        .json();
    at(&app, "2026-12-01T08:00:00Z");
    weeks_that_close(&app);
    let dms = app.submitter("DMS");
    let again = dms
        .submit_with_key("", "application/json", &rows, key)
        .expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json()["id"], first["id"]);
    assert_eq!(
        dms.submit_with_key("", "application/json", &rows, "another-key-of-16")
            .status,
        409
    );
}

#[test]
fn a_waived_week_is_asked_for_no_more_and_does_not_count_against_the_body() {
    let app = TestApp::at("2026-11-26T08:00:00Z");
    let keeper = keeper(&app);
    for (document, status) in [
        (json!({"decision": "waived", "reason": " "}), 422),
        (
            json!({"decision": "waived", "reason": "так", "until": "2027-01-01T00:00:00Z"}),
            422,
        ),
        (
            json!({"decision": "reopened", "reason": "так", "until": "2026-11-26T08:00:00Z"}),
            422,
        ),
        (json!({"decision": "forced", "reason": "так"}), 400),
        (json!({"decision": "waived"}), 400),
    ] {
        assert_eq!(decide(&keeper, DECIDE_47, &document).status, status, "{document}");
    }
    for nothing in [
        "DMS:ASYLUM_WEEKLY:2026-W46",
        "EUROSTAT:EU_ASYLUM:2026-12",
        "DMS:ASYLUM_WEEKLY",
        "x",
    ] {
        let path = format!("/v1/obligations/{nothing}/decisions");
        let answer = decide(&keeper, &path, &json!({"decision": "waived", "reason": "так"}));
        assert_eq!(answer.status, 404, "nothing is owed under {nothing}");
    }
    let waived = decide(
        &keeper,
        DECIDE_47,
        &json!({"decision": "waived", "reason": "установу евакуйовано"}),
    );
    assert_eq!(waived.expect(201).json()["status"], "waived");
    let page = keeper.get(ASYLUM_47).expect(200).json();
    assert_eq!(
        (&page["items"][0]["status"], &page["timeliness"]),
        (&json!("waived"), &json!([]))
    );
    let _done = decide(
        &keeper,
        DECIDE_47,
        &json!({"decision": "reopened", "reason": "дані знайдено"}),
    )
    .expect(201);
    assert_eq!(
        keeper.get(ASYLUM_47).expect(200).json()["items"][0]["status"],
        "overdue"
    );
    let kept = "select string_agg(decision, ' ' order by id) from obligation_decision";
    assert_eq!(app.database.sql(kept).as_deref(), Some("waived reopened"));
}
