//! Rows that can be read and cannot be accepted: codes, periods, agreements, dataflows, repeated figures.

use crate::api::bad_input::{rejected, rejected_csv, rejected_json, rejected_lines};
use crate::api::deliveries::{applicants, lines, told, weekly};
use serde_json::json;

#[test]
fn an_unknown_code_comes_with_what_was_probably_meant() {
    let answer =
        rejected_csv("indicator,period,territory,value\nASY_APPL,2024-W45,Лвівська,1\nASY_APL,2024-W45,,1\n");
    assert_eq!(
        told(&answer),
        ["code.unknown 1:2 territory", "indicator.unknown 2:3 indicator"]
    );
    let problem = answer.json();
    let (code, indicator) = (&problem["findings"][0], &problem["findings"][1]);
    assert!(code["expected"].as_str().unwrap().contains("UA46000000000026241"));
    assert_eq!(code["value"], "Лвівська");
    assert_eq!(code["column"]["index"], 3);
    assert!(
        code["message"]["uk"]
            .as_str()
            .unwrap()
            .contains("Львівська область")
    );
    assert!(code["message"]["en"].as_str().unwrap().contains("Lvivska oblast"));
    assert!(indicator["expected"].as_str().unwrap().contains("ASY_APPL"));
}

#[test]
fn periods_that_are_not_in_the_calendar_are_told_each_at_its_cell() {
    let answer = rejected_csv(
        "indicator,period,value\nASY_APPL,2019-W53,1\nASY_APPL,2026-13,1\nASY_APPL,2024-W5,1\n\
         ASY_APPL,1815,1\nASY_APPL,,1\nASY_APPL,2018-05/2018-01,1\nASY_APPL,2024-02,1\nASY_APPL,2020-W53,1\n",
    );
    assert_eq!(
        told(&answer),
        [
            "period.not_in_calendar 1:2 period",
            "period.not_in_calendar 2:3 period",
            "period.syntax 3:4 period",
            "period.out_of_range 4:5 period",
            "field.missing 5:6 period",
            "period.out_of_range 6:7 period",
            // Applicants are agreed by week, year and range, not by month.
            "indicator.not_agreed 7:8 indicator",
        ]
    );
}

#[test]
fn a_running_period_takes_provisional_figures_only() {
    let answer = rejected_csv(
        "indicator,period,citizenship,value,obs_status\nASY_APPL,2026-W47,SY,1,\nASY_APPL,2026-W47,AF,1,P\n\
         ASY_APPL,2026-W46,SY,1,\nASY_APPL,2026-W47,IQ,,Q\nASY_APPL,2027-W01,IQ,5,F\n",
    );
    assert_eq!(
        told(&answer),
        ["period.not_ended 1:2 period", "period.not_ended 4:5 period"]
    );
}

#[test]
fn a_figure_given_twice_is_told_at_every_row_with_the_others_named() {
    let sent = lines(&[
        applicants("2024-W45", "SY", 1),
        applicants("2024-W45", "AF", 1),
        applicants("2024-W45", "SY", 2),
        json!({"indicator": "ASY_APPL", "period": "2024-W45", "territory": "UA", "citizenship": "SY", "value": 1}),
    ]);
    let answer = rejected_lines(&sent);
    assert_eq!(
        told(&answer),
        [
            "row.duplicate_key 1:1 -",
            "row.duplicate_key 3:3 -",
            "row.duplicate_key 4:4 -"
        ]
    );
    let problem = answer.json();
    let others: Vec<_> = (0..3)
        .map(|index| &problem["findings"][index]["expected"])
        .collect();
    assert_eq!(others, ["3, 4", "1, 4", "1, 3"]);
    let document = weekly(&[applicants("2024-W45", "SY", 1), applicants("2024-W45", "SY", 1)]);
    assert_eq!(
        told(&rejected_json(&document.to_string())),
        [
            "row.duplicate_key 1:1 /observations/0",
            "row.duplicate_key 2:1 /observations/1"
        ]
    );
}

#[test]
fn an_indicator_of_another_body_or_dataflow_is_refused_at_its_row() {
    let document = json!({"dataflow": "BORDER_WEEKLY", "observations": [
        {"indicator": "BRD_REFUSED", "period": "2024-W45", "value": 1}]});
    assert_eq!(
        told(&rejected_json(&document.to_string())),
        ["indicator.not_agreed 1:1 /observations/0/indicator"]
    );
    let passport = json!({"indicator": "PAS_INTL", "period": "2024-W45", "value": 1});
    let mixed = [applicants("2024-W45", "SY", 1), passport];
    let answer = rejected_json(&weekly(&mixed).to_string());
    assert_eq!(
        told(&answer),
        ["indicator.other_dataflow 2:1 /observations/1/indicator"]
    );
    assert_eq!(answer.json()["findings"][0]["expected"], "PASSPORT_WEEKLY");
    assert_eq!(
        told(&rejected_lines(&lines(&mixed))),
        ["indicator.other_dataflow 2:2 /indicator"]
    );
}

#[test]
fn a_dimension_that_the_indicator_does_not_have_is_told() {
    let document = json!({"dataflow": "ASYLUM_MONTHLY", "observations": [
        {"indicator": "ASY_DEC_REF", "period": "2024-01", "territory": "UA46000000000026241", "value": 1},
        {"indicator": "ASY_DEC_REF", "period": "2024-01", "dimensions": {"applicant_type": "FRST"}, "value": 1}]});
    assert_eq!(
        told(&rejected_json(&document.to_string())),
        [
            "dimension.not_allowed 1:1 /observations/0/territory",
            "dimension.not_allowed 2:1 /observations/1/dimensions/applicant_type"
        ]
    );
}

#[test]
fn a_dataflow_must_be_named_and_known() {
    let row = applicants("2024-W45", "SY", 1);
    let document = json!({"dataflow": "ASYLUM_DAILY", "observations": [row]});
    let answer = rejected_json(&document.to_string());
    assert_eq!(told(&answer)[0], "dataflow.unknown -:- /dataflow");
    assert_eq!(answer.json()["findings"][0]["value"], "ASYLUM_DAILY");
    let without = json!({"observations": [row]});
    assert_eq!(
        told(&rejected_json(&without.to_string())),
        ["field.missing -:- /dataflow"]
    );
    assert_eq!(
        told(&rejected(
            "",
            "application/x-ndjson",
            &lines(std::slice::from_ref(&row))
        )),
        ["field.missing -:- -"]
    );
    let number = json!({"dataflow": 7, "observations": [row]});
    assert_eq!(
        told(&rejected_json(&number.to_string())),
        ["json.type -:1 /dataflow"]
    );
    let zero = json!({"dataflow": "A\u{0}B", "observations": [row]});
    assert_eq!(
        told(&rejected_json(&zero.to_string()))[0],
        "dataflow.unknown -:- /dataflow"
    );
    let long = json!({"dataflow": "A".repeat(5_000), "observations": [row]});
    assert_eq!(
        told(&rejected_json(&long.to_string()))[0],
        "dataflow.unknown -:- /dataflow"
    );
}
