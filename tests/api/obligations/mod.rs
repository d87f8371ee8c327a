//! What is due: by agreements and the clock, met by what came in, closed and opened again with a reason.
//!
//! Week 47 of 2026 ended on Sunday 22 November; it was due on Tuesday at noon in Kyiv, 10:00Z, and on time until 14:00Z.

mod closed;

use leleka_access::Role;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

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
