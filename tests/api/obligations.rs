//! What is due: by agreements and the clock, met by what came in, closed and opened again with a reason.
//!
//! Week 47 of 2026 ended on Sunday 22 November; it was due on Tuesday at noon in Kyiv, 10:00Z, and on time until 14:00Z.

use leleka_access::Role;
use leleka_domain::{Frequency, IdSource};
use leleka_exchange::{catalogue_load, shipped_catalogue};
use leleka_store::Migrator;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ASYLUM_47: &str = "/v1/obligations?body=DMS&dataflow=ASYLUM_WEEKLY&from=2026-W47&to=2026-W47";
const DECIDE_47: &str = "/v1/obligations/DMS:ASYLUM_WEEKLY:2026-W47/decisions";

fn applicants(period: &str, rows: &[(&str, Value)]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(citizenship, value)| match value {
            Value::Null => json!({"indicator": "ASY_APPL", "period": period, "citizenship": citizenship, "obs_status": "Q", "value": null}),
            value => json!({"indicator": "ASY_APPL", "period": period, "citizenship": citizenship, "value": value}),
        })
        .collect();
    json!({"dataflow": "ASYLUM_WEEKLY", "observations": rows})
}

/// Moves the clock; who called before needs a new token, so callers are new.
fn at(app: &TestApp, moment: &str) {
    app.clock.set(moment.parse().unwrap());
}

fn obligation(app: &TestApp, path: &str) -> Value {
    let page = app.analyst().get(path).expect(200).json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page:#}");
    page["items"][0].clone()
}

/// Notes which slice a submission touched, where the intake has not done so itself.
fn slice_noted(app: &TestApp, submission: &Value, start: &str, nil: bool) {
    let id = submission["id"].as_str().unwrap();
    app.database
        .execute(&format!(
            "insert into slice_version (body, dataflow, frequency, period, position, nil) \
             select body, dataflow, 'W', '{start}', position, {nil} from submission where id = '{id}' \
             on conflict do nothing"
        ))
        .unwrap();
}

fn decide(caller: &TestCaller, path: &str, document: &Value) -> Response {
    let key = IdSource.next().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    caller.request("POST", path, &headers, Some(document.to_string().as_bytes()))
}

fn keeper(app: &TestApp) -> TestCaller {
    app.caller("DMS_CENTRE", Role::CatalogueAdmin)
}

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
fn an_undelivered_week_opens_falls_due_and_becomes_overdue_by_the_clock_alone() {
    let app = TestApp::at("2026-11-21T20:00:00Z");
    let first = obligation(&app, ASYLUM_47);
    assert_eq!(first["id"], "DMS:ASYLUM_WEEKLY:2026-W47");
    assert_eq!(first["indicators"], json!(["ASY_APPL"]));
    assert_eq!(first["status"], "not_open");
    assert_eq!(
        [&first["opens_at"], &first["due_at"], &first["grace_until"]],
        [
            "2026-11-21T22:00:00Z",
            "2026-11-24T10:00:00Z",
            "2026-11-24T14:00:00Z"
        ]
    );
    assert!(
        first.get("freeze_at").is_none(),
        "the shipped rules close nothing"
    );
    at(&app, "2026-11-24T14:00:00Z");
    assert_eq!(obligation(&app, ASYLUM_47)["status"], "open");
    at(&app, "2026-11-26T14:00:00Z");
    let page = app.analyst().get(ASYLUM_47).expect(200).json();
    assert_eq!(page["items"][0]["status"], "overdue");
    assert_eq!(
        page["timeliness"],
        json!([{"body": "DMS", "due": 1, "on_time": 0, "late": 0, "overdue": 1, "rate": 0.0, "mean_delay_working_days": 2.0}])
    );
}

#[test]
fn a_week_delivered_in_time_is_on_time_and_a_later_correction_does_not_make_it_late() {
    let app = TestApp::at("2026-11-23T08:00:00Z");
    let delivered = app
        .submitter("DMS")
        .submit_json(&applicants("2026-W47", &[("SY", json!(3))]))
        .expect(201)
        .json();
    assert_eq!(delivered["findings"], json!([]));
    slice_noted(&app, &delivered, "2026-11-16", false);
    let met = obligation(&app, ASYLUM_47);
    assert_eq!((&met["status"], &met["late"]), (&json!("on_time"), &json!(false)));
    assert_eq!(
        (&met["submission_id"], &met["received_at"]),
        (&delivered["id"], &delivered["received_at"])
    );
    at(&app, "2026-11-30T08:00:00Z");
    let mut correction = applicants("2026-W47", &[("SY", json!(4))]);
    correction["kind"] = json!("correction");
    correction["supersedes"] = delivered["id"].clone();
    correction["reason_code"] = json!("error_fix");
    let corrected = app.submitter("DMS").submit_json(&correction).expect(201).json();
    assert_eq!(corrected["findings"], json!([]), "the week had come in time");
    assert_eq!(obligation(&app, ASYLUM_47)["status"], "on_time");
}

#[test]
fn late_figures_are_accepted_told_and_stamped_late() {
    let app = TestApp::at("2026-11-24T14:00:01Z");
    let dms = app.submitter("DMS");
    let rows = applicants("2026-W47", &[("SY", json!(3))]);
    let dry = dms
        .validate("", "application/json", &rows.to_string())
        .expect(200)
        .json();
    let delivered = dms.submit_json(&rows).expect(201).json();
    assert_eq!(delivered["state"], "accepted", "late is no fault of the figures");
    let finding = &delivered["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["severity"]),
        (&json!("period.late"), &json!("info"))
    );
    assert_eq!(
        (&finding["value"], &finding["expected"]),
        (&json!("2026-W47"), &json!("2026-11-24T10:00Z"))
    );
    assert_eq!(dry["findings"], delivered["findings"], "a dry run tells the same");
    slice_noted(&app, &delivered, "2026-11-16", false);
    let page = app.analyst().get(ASYLUM_47).expect(200).json();
    assert_eq!(
        (&page["items"][0]["status"], &page["items"][0]["late"]),
        (&json!("late"), &json!(true))
    );
    assert_eq!(page["timeliness"][0]["late"], 1);
}

#[test]
fn history_before_the_first_obliged_period_is_neither_due_nor_late() {
    let app = TestApp::at("2026-11-26T08:00:00Z");
    let delivered = app
        .submitter("DMS")
        .submit_json(&applicants("2026-W46", &[("SY", json!(3))]))
        .expect(201)
        .json();
    assert_eq!(delivered["findings"], json!([]));
    let older = "/v1/obligations?body=DMS&dataflow=ASYLUM_WEEKLY&to=2026-W46";
    assert_eq!(app.analyst().get(older).expect(200).json()["items"], json!([]));
}

#[test]
fn a_week_with_nothing_to_report_is_met_and_leaves_no_cell_missing() {
    let app = TestApp::at("2026-11-23T08:00:00Z");
    let dms = app.submitter("DMS");
    // The row only carries the report: a report without any row is the intake's own matter.
    let report = dms
        .submit_json(&applicants("2026-W46", &[("SY", json!(1)), ("AF", json!(1))]))
        .expect(201)
        .json();
    slice_noted(&app, &report, "2026-11-16", true);
    let nil = obligation(&app, ASYLUM_47);
    assert_eq!((&nil["status"], &nil["late"]), (&json!("nil"), &json!(false)));
    assert_eq!(
        nil["completeness"],
        json!({"expected": 2, "received": 0, "nil": 2, "missing": 0, "suppressed": 0})
    );
}

#[test]
fn completeness_is_counted_against_the_newest_earlier_period() {
    let app = TestApp::at("2026-12-01T08:00:00Z");
    let dms = app.submitter("DMS");
    let week_47 = [("SY", json!(1)), ("AF", json!(2)), ("IQ", json!(3))];
    let _done = dms.submit_json(&applicants("2026-W47", &week_47)).expect(201);
    let week_48 = [("SY", json!(0)), ("AF", Value::Null), ("GE", json!(5))];
    let _done = dms.submit_json(&applicants("2026-W48", &week_48)).expect(201);
    let cells = |week: &str| {
        let path = format!("/v1/obligations?body=DMS&dataflow=ASYLUM_WEEKLY&from={week}&to={week}");
        dms.get(&path).expect(200).json()["items"][0]["completeness"].clone()
    };
    assert_eq!(
        cells("2026-W48"),
        json!({"expected": 4, "received": 2, "nil": 0, "missing": 1, "suppressed": 1}),
        "a zero is a figure, Q is withheld, Iraq did not come"
    );
    assert_eq!(
        cells("2026-W47"),
        json!({"expected": 3, "received": 3, "nil": 0, "missing": 0, "suppressed": 0})
    );
    let plain = dms
        .get("/v1/obligations?completeness=false&limit=1")
        .expect(200)
        .json();
    assert!(plain["items"][0].get("completeness").is_none());
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

#[test]
fn each_body_sees_what_it_owes_itself_and_pages_hold_everything_once() {
    let app = TestApp::at("2026-12-10T08:00:00Z");
    let (sbgs, analyst) = (app.submitter("SBGS"), app.analyst());
    let ids = |caller: &TestCaller, query: &str| -> Vec<String> {
        let (mut ids, mut path) = (Vec::new(), format!("/v1/obligations{query}"));
        loop {
            let page = caller.get(&path).expect(200).json();
            let items = page["items"].as_array().unwrap();
            ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => path = next.to_owned(),
                None => return ids,
            }
        }
    };
    let own = ids(&sbgs, "?limit=2");
    assert_eq!(
        own,
        [
            "SBGS:BORDER_MONTHLY:2026-12",
            "SBGS:READMISSION_MONTHLY:2026-12",
            "SBGS:BORDER_WEEKLY:2026-W50",
            "SBGS:BORDER_WEEKLY:2026-W49",
            "SBGS:BORDER_WEEKLY:2026-W48",
            "SBGS:BORDER_WEEKLY:2026-W47",
        ],
        "the latest due first"
    );
    assert_eq!(ids(&analyst, "?body=SBGS&completeness=false"), own);
    assert!(ids(&sbgs, "?body=DMS").is_empty(), "another body's");
    let whole = ids(&analyst, "?completeness=false&limit=100");
    let mut once = whole.clone();
    once.sort_unstable();
    once.dedup();
    assert!(once.len() == whole.len() && whole.len() > 300, "{}", whole.len());
    assert!(
        !whole
            .iter()
            .any(|id| id.starts_with("EUROSTAT:") || id.starts_with("DEMO_DIALECT:"))
    );
    assert_eq!(
        ids(&sbgs, "?status=not_open"),
        [
            "SBGS:BORDER_MONTHLY:2026-12",
            "SBGS:READMISSION_MONTHLY:2026-12",
            "SBGS:BORDER_WEEKLY:2026-W50"
        ]
    );
    assert_eq!(
        ids(&sbgs, "?status=overdue&from=2026-W48&to=2026-W48"),
        ["SBGS:BORDER_WEEKLY:2026-W48"]
    );
}

#[test]
fn what_was_not_agreed_when_the_period_ended_is_not_owed() {
    let app = TestApp::at("2026-11-26T08:00:00Z");
    let keeper = keeper(&app);
    let suspend = json!({"state": "suspended", "comment": "форму змінюють", "expected_version": 1});
    let _done = decide(&keeper, "/v1/agreements/DMS:ASY_APPL/decisions", &suspend).expect(201);
    at(&app, "2026-12-01T08:00:00Z");
    let path = "/v1/obligations?body=DMS&dataflow=ASYLUM_WEEKLY&completeness=false";
    let page = app.analyst().get(path).expect(200).json();
    let ids: Vec<&Value> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["id"])
        .collect();
    assert_eq!(
        ids,
        ["DMS:ASYLUM_WEEKLY:2026-W47"],
        "owed before it was suspended, and owed still"
    );
}
