//! Alerts: raised by a week that is unusual, judged by people, closed by quiet weeks, told when a figure is corrected.

use super::risk_metrics::eventually;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

const ODESA: &str = "UA51000000000030770";
const ALERTS: &str = "/v1/alerts?metric=RM_ASY_WEEK";

/// The same for one region only: the others have offices whose figures are missed.
fn of_odesa(path: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}dimension=territory={ODESA}")
}

fn weeks(rows: &[(u32, Value)]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(week, value)| {
            let mut row =
                json!({"indicator": "ASY_APPL", "period": format!("2026-W{week:02}"), "territory": ODESA});
            row.as_object_mut()
                .unwrap()
                .extend(value.as_object().unwrap().clone());
            row
        })
        .collect();
    json!({"dataflow": "ASYLUM_WEEKLY", "observations": rows})
}

fn count(value: u32) -> Value {
    json!({"value": value})
}

/// Weeks that differ as quiet weeks do.
fn quiet(from: u32, to: u32) -> Vec<(u32, Value)> {
    let around = [100, 104, 97, 102, 99, 95, 101, 103, 98];
    (from..=to)
        .zip(around.iter().cycle())
        .map(|(week, value)| (week, count(*value)))
        .collect()
}

fn decide(caller: &TestCaller, alert: &str, document: &Value) -> Response {
    decide_with_key(caller, alert, document, &IdSource.next().to_string())
}

fn decide_with_key(caller: &TestCaller, alert: &str, document: &Value, key: &str) -> Response {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let path = format!("/v1/alerts/{alert}/decisions");
    caller.request("POST", &path, &headers, Some(document.to_string().as_bytes()))
}

fn the_alert(analyst: &TestCaller, wanted: impl Fn(&Value) -> bool) -> Value {
    let page = eventually(analyst, ALERTS, |page| {
        let items = page["items"].as_array().unwrap();
        items.len() == 1 && wanted(&items[0])
    });
    page["items"][0].clone()
}

fn kinds(detail: &Value) -> Vec<(String, String)> {
    let events = detail["events"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    events
        .map(|event| (text(&event["kind"]), text(&event["period"])))
        .collect()
}

fn said(kinds: &[(&str, &str)]) -> Vec<(String, String)> {
    kinds
        .iter()
        .map(|(kind, period)| ((*kind).to_owned(), (*period).to_owned()))
        .collect()
}

#[test]
fn a_spike_is_an_alert_that_people_judge_and_quiet_weeks_close() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let _history = dms.submit_json(&weeks(&quiet(10, 40))).expect(201);
    let spike = dms.submit_json(&weeks(&[(41, count(190))])).expect(201).json();
    let alert = the_alert(&analyst, |alert| alert["state"] == "open");
    let id = alert["id"].as_str().unwrap();
    assert_eq!(alert["opened_period"], "2026-W41");
    assert_eq!(alert["dimensions"], json!({"territory": ODESA}));
    assert_eq!(alert["level"], "critical");
    // It stands on the board beside the value that raised it, and in the feed of changes for all to follow.
    let board = analyst
        .get(&of_odesa("/v1/risk-board?metric=RM_ASY_WEEK"))
        .expect(200)
        .json();
    assert_eq!(board["items"][0]["alert"]["id"], id);
    assert_eq!(board["items"][0]["change"], "up");
    let told = dms.get("/v1/changes?kind=alert.raised").expect(200).json();
    assert_eq!(told["items"][0]["href"], format!("/v1/alerts/{id}"));
    assert_eq!(told["items"][0]["details"]["period"], "2026-W41");

    // The steps of people, each with words, none out of its turn.
    let refused = decide(&analyst, id, &json!({"decision": "close", "note": "зроблено"}))
        .expect(409)
        .json();
    assert_eq!(refused["code"], "alert.decision_not_allowed");
    assert_eq!(
        decide(&analyst, id, &json!({"decision": "acknowledge", "note": " "}))
            .expect(422)
            .json()["code"],
        "request.member_invalid"
    );
    assert_eq!(
        decide(&dms, id, &json!({"decision": "acknowledge", "note": "так"})).status,
        403
    );
    let acknowledge = json!({"decision": "acknowledge", "note": "перевіряємо з управлінням"});
    let key = IdSource.next().to_string();
    let first = decide_with_key(&analyst, id, &acknowledge, &key).expect(201);
    let again = decide_with_key(&analyst, id, &acknowledge, &key).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.json()["events"], again.json()["events"]);
    let _taken = decide(&analyst, id, &acknowledge).expect(409);
    let no_verdict = decide(&analyst, id, &json!({"decision": "assess", "note": "справжнє"}));
    assert_eq!(no_verdict.expect(422).json()["code"], "request.member_invalid");
    let judged = json!({"decision": "assess", "verdict": "real", "note": "нова група заявників"});
    let judged = decide(&analyst, id, &judged).expect(201).json();
    assert_eq!(judged["alert"]["verdict"], "real");

    // A provisional low figure is unknown: it closes nothing. Then its final figure and another quiet week do.
    let early = json!({"value": 99, "obs_status": "P"});
    let early = dms.submit_json(&weeks(&[(42, early)])).expect(201).json();
    let _next = dms.submit_json(&weeks(&[(43, count(102))])).expect(201);
    let _seen = eventually(
        &analyst,
        &of_odesa("/v1/risk-metrics/RM_ASY_WEEK/values?from=2026-W43"),
        |page| page["items"][0]["level"] == "low",
    );
    let unknown = analyst
        .get(&of_odesa(
            "/v1/risk-metrics/RM_ASY_WEEK/values?from=2026-W42&to=2026-W42",
        ))
        .expect(200)
        .json();
    assert_eq!(unknown["items"][0]["level"], "unknown");
    assert_eq!(the_alert(&analyst, |_| true)["state"], "assessed");
    let mut last = weeks(&[(42, count(99))]);
    corrects(&mut last, &early);
    let last = dms.submit_json(&last).expect(201).json();
    let closed = the_alert(&analyst, |alert| alert["state"] == "closed");
    assert_eq!(
        (&closed["closed_period"], &closed["verdict"]),
        (&json!("2026-W43"), &json!("real"))
    );
    let detail = analyst.get(&format!("/v1/alerts/{id}")).expect(200).json();
    let course = [
        ("raised", "2026-W41"),
        ("acknowledged", "2026-W41"),
        ("assessed", "2026-W41"),
        ("revised", "2026-W42"),
        ("closed", "2026-W43"),
    ];
    assert_eq!(kinds(&detail), said(&course), "{detail:#}");
    let revised = &detail["events"][3];
    assert_eq!(
        [&revised["level_from"], &revised["level_to"]],
        [&json!("unknown"), &json!("low")]
    );
    assert_eq!(revised["cause_submission_id"], last["id"]);
    assert_eq!(detail["value"]["period"], "2026-W43");

    // The spike was an error of typing: the closed alert says so, and stays closed.
    let mut correction = weeks(&[(41, count(101))]);
    corrects(&mut correction, &spike);
    let correction = dms.submit_json(&correction).expect(201).json();
    let path = format!("/v1/alerts/{id}");
    let detail = eventually(&analyst, &path, |it| it["events"].as_array().unwrap().len() == 6);
    let revised = &detail["events"][5];
    assert_eq!(
        [&revised["level_from"], &revised["level_to"]],
        [&json!("critical"), &json!("low")]
    );
    assert_eq!(revised["cause_submission_id"], correction["id"]);
    assert_eq!(detail["alert"]["state"], "closed");
    let later = json!({"decision": "assess", "verdict": "data_error", "note": "помилка набору"});
    let later = decide(&analyst, id, &later).expect(201).json();
    assert_eq!(
        [&later["alert"]["state"], &later["alert"]["verdict"]],
        [&json!("closed"), &json!("data_error")]
    );
    let measured = analyst
        .get(&of_odesa("/v1/risk-metrics/RM_ASY_WEEK/evaluation"))
        .expect(200)
        .json();
    assert_eq!(
        measured["verdicts"],
        json!({"real": 0, "known_event": 0, "data_error": 1, "false": 0})
    );
    assert_eq!(measured["positive_predictive_value"]["share"], json!(0.0));
    assert_eq!(measured["revisions"]["lowered"], 1);
    assert_eq!(measured["revisions"]["became_known"], 1);
}

fn corrects(document: &mut Value, former: &Value) {
    document["kind"] = json!("correction");
    document["supersedes"] = former["id"].clone();
    document["reason_code"] = json!("error_fix");
    document["mode"] = json!("merge");
    document["if_match"] = former["slice_etag"].clone();
}

#[test]
fn history_loaded_in_bulk_raises_nothing_old_and_its_alerts_can_be_asked_for() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let mut history = quiet(2, 46);
    history[23].1 = count(190);
    history[44].1 = count(210);
    let _loaded = dms.submit_json(&weeks(&history)).expect(201);
    let alert = the_alert(&analyst, |_| true);
    assert_eq!(alert["opened_period"], "2026-W46");
    let past = analyst
        .get("/v1/risk-metrics/RM_ASY_WEEK/alert-history")
        .expect(200)
        .json();
    let found: Vec<_> = past["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            (
                it["opened_period"].as_str().unwrap(),
                it["closed_period"].as_str(),
            )
        })
        .collect();
    assert_eq!(found, [("2026-W25", Some("2026-W27")), ("2026-W46", None)]);
    let none = analyst
        .get("/v1/risk-metrics/RM_ASY_WEEK/alert-history?to=2026-W24")
        .expect(200)
        .json();
    assert_eq!(none["items"], json!([]));
    let missing = analyst
        .get("/v1/risk-metrics/RM_NONE/alert-history")
        .expect(404)
        .json();
    assert_eq!(missing["code"], "resource.not_found");
    let csv = analyst
        .get("/v1/alerts?format=csv&level=critical")
        .expect(200)
        .text();
    assert!(csv.lines().nth(1).unwrap().contains("2026-W46"), "{csv}");
    assert_eq!(
        analyst.get("/v1/alerts?state=closed").expect(200).json()["items"],
        json!([])
    );
    // Looked at again, nothing is written twice.
    app.database
        .execute("insert into alert_due (code) values ('RM_ASY_WEEK')")
        .unwrap();
    let _next = dms.submit_json(&weeks(&[(1, count(100))])).expect(201);
    let _seen = eventually(
        &analyst,
        &of_odesa("/v1/risk-metrics/RM_ASY_WEEK/values?to=2026-W01"),
        |page| page["items"].as_array().unwrap().len() == 1,
    );
    let same = the_alert(&analyst, |_| {
        app.database.sql("select count(*) from alert_due").as_deref() == Some("0")
    });
    assert_eq!(same, alert);
}

#[test]
fn what_rests_on_confidential_figures_is_only_for_who_may_see_it() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let _history = dms.submit_json(&weeks(&quiet(10, 40))).expect(201);
    let secret = json!({"value": 190, "conf_status": "C"});
    let _spike = dms.submit_json(&weeks(&[(41, secret)])).expect(201);
    let alert = the_alert(&analyst, |_| true);
    assert_eq!(dms.get(ALERTS).expect(200).json()["items"], json!([]));
    assert_eq!(dms.get(alert["href"].as_str().unwrap()).status, 404);
    assert_eq!(
        dms.get("/v1/changes?kind=alert.raised").expect(200).json()["items"],
        json!([])
    );
    let board = dms
        .get(&of_odesa("/v1/risk-board?metric=RM_ASY_WEEK"))
        .expect(200)
        .json();
    assert_eq!(
        (&board["items"], &board["summary"]["withheld"]),
        (&json!([]), &json!(1))
    );
}
