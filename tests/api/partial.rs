//! Accepting the sound rows of a file that has faulty ones: where the dataflow allows it, and never by accident.

use crate::api::deliveries::{applicants, stored_figures, told, weekly};
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

fn found(state: &str, value: u64) -> Value {
    json!({"indicator": "EU_ILLSTAY", "period": "2014", "citizenship": "UA", "value": value,
           "dimensions": {"reporting_state": state}})
}

fn enforcement(rows: &[Value]) -> Value {
    json!({"dataflow": "EU_ENFORCEMENT", "acceptance": "accept_valid", "observations": rows})
}

fn sound(count: usize) -> Vec<Value> {
    ["PL", "DE", "HU", "CZ", "IT", "ES", "FR", "SK", "RO", "LT"]
        .iter()
        .take(count)
        .map(|state| found(state, 5))
        .collect()
}

fn deliver(caller: &TestCaller, rows: &[Value]) -> Response {
    caller.submit_json(&enforcement(rows))
}

#[test]
fn sound_rows_are_stored_and_the_faulty_ones_are_told() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let mut rows = sound(4);
    rows.push(found("NOWHERE", 7));
    let tried = eurostat.validate("", "application/json", &enforcement(&rows).to_string());
    assert_eq!(tried.expect(200).json()["would_be"], "accepted_partial");
    let answer = deliver(&eurostat, &rows).expect(201);
    let report = answer.json();
    assert_eq!(
        (&report["state"], &report["acceptance"]),
        (&json!("accepted_partial"), &json!("accept_valid"))
    );
    assert_eq!(report["counts"]["rows_refused"], 1);
    assert_eq!(report["counts"]["new"], 4);
    assert_eq!(
        told(&answer),
        ["code.unknown 5:1 /observations/4/dimensions/reporting_state"]
    );
    assert_eq!(stored_figures(&app), "4/4");
    let findings = format!("/v1/submissions/{}/findings", report["id"].as_str().unwrap());
    let listed = eurostat.get(&findings).expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[test]
fn more_than_a_fifth_of_faulty_rows_refuses_all() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let mut rows = sound(7);
    rows.extend([found("NOWHERE", 7), found("ELSEWHERE", 7)]);
    let _answer = deliver(&eurostat, &rows).expect(422);
    assert_eq!(stored_figures(&app), "0/0");
    rows.push(found("RO", 1));
    let _answer = deliver(&eurostat, &rows).expect(201);
    assert_eq!(stored_figures(&app), "8/8");
}

#[test]
fn a_fault_of_the_whole_file_refuses_all() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let query = "?dataflow=EU_ENFORCEMENT&acceptance=accept_valid";
    let row = |state: &str| format!("EU_ILLSTAY,2014,UA,5,{state}\n");
    let rows: String = ["PL", "DE", "HU", "CZ", "IT"].map(row).concat();
    let unknown_column = format!("indicator,period,citizenship,value,reporting_state,colour\n{rows}");
    let _answer = eurostat.submit(query, "text/csv", &unknown_column).expect(422);
    let cut_off = enforcement(&sound(5)).to_string();
    let _answer = eurostat
        .submit("", "application/json", &cut_off[..cut_off.len() - 2])
        .expect(422);
    assert_eq!(stored_figures(&app), "0/0");
    let whole = format!("indicator,period,citizenship,value,reporting_state\n{rows}");
    let _answer = eurostat.submit(query, "text/csv", &whole).expect(201);
    assert_eq!(stored_figures(&app), "5/5");
}

#[test]
fn a_dataflow_that_is_delivered_whole_takes_no_part() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let mut document = weekly(&[applicants("2024-W45", "SY", 12)]);
    document["acceptance"] = json!("accept_valid");
    let answer = dms.submit_json(&document).expect(422);
    assert_eq!(told(&answer), ["submission.partial_not_allowed -:- /acceptance"]);
    document["acceptance"] = json!("some");
    assert_eq!(
        told(&dms.submit_json(&document).expect(422)),
        ["json.type -:- /acceptance"]
    );
    assert_eq!(stored_figures(&app), "0/0");
    let said = dms.get("/v1/dataflows/ASYLUM_WEEKLY").expect(200).json();
    assert_eq!(said["partial_allowed"], json!(false));
}
