//! Bodies with faults: 422 with every finding at its exact place, and not one figure stored.
//!
//! One centre for all stories, in which nothing is ever accepted; its clock stands on 22 November 2026.

use crate::api::deliveries::{applicants, lines, stored_figures, told, weekly};
use leleka_testkit::{AppOptions, Response, TestApp, TestCaller};
use serde_json::json;
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
        .filter(|finding| finding["severity"] == "error");
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

#[test]
fn a_broken_row_of_a_document_says_its_line_and_byte_and_the_others_are_judged() {
    let answer = rejected_json(
        "{\"dataflow\": \"ASYLUM_WEEKLY\",\n \"observations\": [\n  \
         {\"indicator\": \"ASY_APPL\" \"period\": \"2024-W45\", \"value\": 1},\n  \
         {\"indicator\": \"ASY_APPL\", \"period\": \"2024-W46\", \"value\": -1},\n  \
         {\"indicator\": \"ASY_APPL\", \"period\": \"2024-W47\", \"value\": 2}\n ]}",
    );
    assert_eq!(
        told(&answer),
        [
            "json.syntax 1:3 /observations/0",
            "value.negative 2:4 /observations/1/value"
        ]
    );
    let problem = answer.json();
    assert_eq!(problem["findings"][0]["expected"], "byte 28: `,` | `}`");
    assert_eq!(problem["counts"]["rows"], 3);
    assert_eq!(problem["counts"]["rows_refused"], 2);
}

#[test]
fn a_cut_off_document_is_told_once_where_it_breaks_off() {
    let whole = weekly(&[applicants("2024-W45", "SY", 1), applicants("2024-W46", "SY", 2)]).to_string();
    // `dataflow` stands before the rows: it was said, and must not be asked for.
    let cut = whole.strip_suffix("]}").unwrap();
    assert_eq!(told(&rejected_json(cut)), ["json.syntax -:1 -"]);
    let within = cut.strip_suffix("}").unwrap();
    assert_eq!(told(&rejected_json(within)), ["json.syntax -:1 -"]);
    for nothing in ["", " \n", "null", "[]", "\"text\""] {
        let codes: Vec<String> = told(&rejected_json(nothing));
        assert_eq!(codes.len(), 1, "{nothing}: {codes:?}");
        assert!(codes[0].starts_with("json.syntax"), "{nothing}: {codes:?}");
    }
}

#[test]
fn a_broken_line_in_the_middle_does_not_hide_the_lines_after_it() {
    let sent = "{\"indicator\":\"ASY_APPL\",\"period\":\"2024-W45\",\"value\":1}\n\
                {\"indicator\":\"ASY_APPL\",\"period\":\n\
                \n\
                {\"indicator\":\"ASY_APPL\",\"period\":\"2024-W46\",\"citizenship\":\"Syria\",\"value\":1}\n\
                {\"indicator\":\"ASY_APPL\",\"period\":\"2024-W47\",\"value\":1}\n";
    let answer = rejected_lines(sent);
    assert_eq!(
        told(&answer),
        ["json.syntax 2:2 -", "code.unknown 3:4 /citizenship"]
    );
    let counts = &answer.json()["counts"];
    assert_eq!((&counts["rows"], &counts["rows_refused"]), (&json!(4), &json!(2)));
    let all = rejected_lines("{\n[1]\n17\n");
    assert_eq!(
        told(&all),
        ["json.syntax 1:1 -", "json.type 2:2 -", "json.type 3:3 -"]
    );
    assert_eq!(all.json()["counts"]["rows"], 3);
}

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
fn a_header_is_judged_as_a_whole_and_once() {
    let answer = rejected_csv("indicator,perod,value\nASY_APPL,2024-W45,1\nASY_APPL,2024-W46,x\n");
    assert_eq!(
        told(&answer),
        [
            "csv.column_missing -:1 -",
            "csv.column_unknown -:1 perod",
            "value.not_number 2:3 value"
        ]
    );
    assert_eq!(answer.json()["findings"][0]["expected"], "period");
    assert_eq!(answer.json()["findings"][1]["column"]["index"], 2);
    assert_eq!(
        told(&rejected_csv(
            "indicator,period,value,period\nASY_APPL,2024-W45,1,2024-W46\n"
        )),
        ["csv.column_duplicate -:1 period"]
    );
    assert_eq!(
        told(&rejected_csv("indicator,period,value\nASY_APPL,2024-W45,1,2\n")),
        ["csv.row_width 1:2 -"]
    );
    assert_eq!(
        told(&rejected_csv("indicator,period,value\nASY_APPL,\"2024-W45,1\n")),
        ["csv.quote_unclosed 1:2 -"]
    );
    assert_eq!(
        told(&rejected_csv("indicator,period,value\n")),
        ["submission.empty -:- -"]
    );
    assert_eq!(told(&rejected_csv("")), ["csv.header_missing -:1 -"]);
    assert_eq!(told(&rejected_lines("\n\n")), ["submission.empty -:- -"]);
    assert_eq!(
        told(&rejected_json(&weekly(&[]).to_string())),
        ["submission.empty -:- -"]
    );
}

#[test]
fn a_misspelt_member_never_passes() {
    let answer = rejected_json(
        r#"{"dataflow":"ASYLUM_WEEKLY","coment":"x","observations":[
        {"indicator":"ASY_APPL","period":"2024-W45","teritory":"UA","value":1},
        {"indicator":"ASY_APPL","period":"2024-W46","dimensions":{"applicant":"FRST","sex":"F"},"value":1}]}"#,
    );
    assert_eq!(
        told(&answer),
        [
            "json.member_unknown -:1 /coment",
            "json.member_unknown 1:2 /observations/0/teritory",
            "json.member_unknown 2:3 /observations/1/dimensions/applicant",
            "json.member_unknown 2:3 /observations/1/dimensions/sex",
        ]
    );
}

#[test]
fn a_member_given_twice_is_told() {
    let answer = rejected_json(
        r#"{"dataflow":"ASYLUM_WEEKLY","dataflow":"PASSPORT_WEEKLY","observations":[{"indicator":"ASY_APPL","period":"2024-W45","value":1,"value":2,"dimensions":{"applicant_type":"FRST","applicant_type":"_T"}}]}"#,
    );
    assert_eq!(
        told(&answer),
        [
            "json.duplicate_member -:1 /dataflow",
            "json.duplicate_member 1:1 /observations/0/value",
            "json.duplicate_member 1:1 /observations/0/dimensions/applicant_type",
        ]
    );
}

#[test]
fn a_number_is_never_guessed() {
    for (sent, code) in [
        ("1e3", "value.not_integer"),
        ("12.0", "value.not_integer"),
        ("1e400", "value.not_integer"),
        ("3.5", "value.not_integer"),
        ("\"12\"", "json.type"),
        ("true", "json.type"),
        ("[1]", "json.type"),
        ("-1", "value.negative"),
        ("99999999999999999999", "value.too_precise"),
        ("null", "value.missing"),
    ] {
        let answer = rejected_json(&with_value(sent));
        assert_eq!(
            told(&answer),
            [format!("{code} 1:1 /observations/0/value")],
            "{sent}"
        );
    }
    for sent in ["NaN", "01", "1 204", "1_204", "+5", ".5", "0x10"] {
        let answer = rejected_json(&with_value(sent));
        assert_eq!(told(&answer), ["json.syntax 1:1 /observations/0"], "{sent}");
    }
    for (sent, code) in [
        ("1 204", "value.not_number"),
        ("1\u{a0}204", "value.not_number"),
        ("\"1,204\"", "value.not_number"),
        ("\"6,7\"", "value.not_number"),
        ("12.0", "value.not_integer"),
        ("1E+05", "value.not_integer"),
        ("NaN", "value.not_number"),
        ("١٢", "value.not_number"),
        (" 12", "value.not_number"),
        ("012", "value.not_number"),
        ("–5", "value.not_number"),
    ] {
        let answer = rejected_csv(&format!("indicator,period,value\nASY_APPL,2024-W45,{sent}\n"));
        assert_eq!(told(&answer), [format!("{code} 1:2 value")], "{sent}");
    }
    let days = json!({"dataflow": "ASYLUM_QUARTERLY", "observations": [
        {"indicator": "ASY_DURATION", "period": "2024-Q1", "value": 12.34}]});
    assert_eq!(
        told(&rejected_json(&days.to_string())),
        ["value.too_many_decimals 1:1 /observations/0/value"]
    );
}

#[test]
fn a_value_and_its_status_must_agree() {
    let answer = rejected_csv(
        "indicator,period,citizenship,value,obs_status,conf_status\nASY_APPL,2024-W45,SY,,,\n\
         ASY_APPL,2024-W45,AF,5,Q,\nASY_APPL,2024-W45,IQ,5,X,\nASY_APPL,2024-W45,IR,,P,\nASY_APPL,2024-W45,TR,5,A,Z\n",
    );
    assert_eq!(
        told(&answer),
        [
            "value.missing 1:2 value",
            "value.unexpected 2:3 value",
            "status.unknown 3:4 obs_status",
            "value.missing 4:5 value",
            "status.unknown 5:6 conf_status",
        ]
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
        told(&rejected("", "application/x-ndjson", &lines(&[row.clone()]))),
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

#[test]
fn control_characters_are_told_wherever_they_stand() {
    let answer = rejected_json(
        r#"{"dataflow":"ASYLUM_WEEKLY","comment":"a\u0000b","observations":[
        {"indicator":"ASY_APPL\u0000","period":"2024-W45","value":1},
        {"indicator":"ASY_APPL","period":"2024-\u0007W45","citizenship":"S\u001bY","value":1},
        {"indicator":"ASY_APPL","period":"2024-W46","\u0000x":1,"value":1},
        {"indicator":"ASY_APPL","period":"2024-W47","obs_status":"\u0000","value":1}]}"#,
    );
    assert_eq!(
        told(&answer),
        [
            "text.control_character -:- /comment",
            "text.control_character 1:2 /observations/0/indicator",
            "text.control_character 2:3 /observations/1/period",
            "text.control_character 2:3 /observations/1/citizenship",
            "json.member_unknown 3:4 /observations/2/\\u{0}x",
            "text.control_character 4:5 /observations/3/obs_status",
        ]
    );
    let csv = rejected_csv("indicator,period,value,\u{0}note\nASY_APPL,2024-W45,\u{0},1\n");
    assert_eq!(
        told(&csv),
        [
            "csv.column_unknown -:1 \\u{0}note",
            "text.control_character 1:2 value"
        ]
    );
}

#[test]
fn bytes_that_are_not_utf8_are_told_at_their_place() {
    let json = b"{\"dataflow\":\"ASYLUM_WEEKLY\",\"observations\":[{\"indicator\":\"ASY_APPL\",\"period\":\"2024-W45\",\"citizenship\":\"\xd1\",\"value\":1}]}";
    assert_eq!(
        told(&rejected_bytes("", "application/json", json)),
        ["encoding.invalid 1:1 /observations/0"]
    );
    let lines =
        b"{\"indicator\":\"ASY_APPL\",\"period\":\"2024-W45\",\"value\":1}\n{\"indicator\":\"\xff\"}\n";
    assert_eq!(
        told(&rejected_bytes(
            "?dataflow=ASYLUM_WEEKLY",
            "application/x-ndjson",
            lines
        )),
        ["encoding.invalid 2:2 -"]
    );
    // A file that was saved in windows-1251.
    let csv =
        b"indicator,period,territory,value\nASY_APPL,2024-W45,,1\nASY_APPL,2024-W45,\xcb\xfc\xe2\xb3\xe2,1\n";
    let answer = rejected_bytes("?dataflow=ASYLUM_WEEKLY", "text/csv", csv);
    assert_eq!(told(&answer)[0], "encoding.invalid -:3 -");
    assert_eq!(answer.json()["findings"][0]["expected"], "utf-8");
}

#[test]
fn deep_nesting_and_long_rows_are_told_and_cost_nothing() {
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(
        told(&rejected_json(&with_value(&deep))),
        ["json.syntax 1:1 /observations/0/value"]
    );
    let bottomless = with_value(&"[".repeat(200_000));
    assert_eq!(told(&rejected_json(&bottomless)), ["json.syntax -:1 -"]);
    let long = format!(
        "indicator,period,citizenship,value\nASY_APPL,2024-W45,{},1\nASY_APPL,2024-W46,SY,x\n",
        "S".repeat(70_000)
    );
    assert_eq!(
        told(&rejected_csv(&long)),
        ["row.too_long 1:2 -", "value.not_number 2:3 value"]
    );
}

#[test]
fn one_row_more_than_allowed_is_told_at_that_row() {
    let rows: String = (0..1001)
        .map(|number| format!("ASY_APPL,{},1\n", 1000 + number))
        .collect();
    let answer = rejected_csv(&format!("indicator,period,value\n{rows}"));
    let told = told(&answer);
    assert_eq!(told.len(), 100);
    assert_eq!(answer.json()["truncated"], true);
    let id = answer.json()["submission_id"].as_str().unwrap().to_owned();
    let csv = desk()
        .dms
        .get(&format!("/v1/submissions/{id}/findings?format=csv"))
        .expect(200);
    let last = csv.text().lines().last().unwrap().to_owned();
    assert!(
        last.starts_with("1001,1002,,,,,error,row.too_many,,1000,"),
        "{last}"
    );
}

#[test]
fn a_long_report_is_read_page_by_page_and_nothing_is_lost() {
    let rows: Vec<_> = (0..230)
        .map(|_| json!({"indicator": "ASY_APPL", "period": "2024-W45", "value": -1}))
        .collect();
    let answer = rejected_lines(&lines(&rows));
    let problem = answer.json();
    assert_eq!(problem["counts"]["errors"], 230);
    assert_eq!(problem["findings"].as_array().unwrap().len(), 100);
    assert_eq!(problem["truncated"], true);
    let (mut rows, mut page) = (
        Vec::new(),
        Some(format!("{}?limit=60", problem["findings_href"].as_str().unwrap())),
    );
    while let Some(path) = page {
        let answer = desk().dms.get(&path).expect(200);
        rows.extend(answer.findings().into_iter().map(|finding| finding.row.unwrap()));
        page = answer.json()["next"].as_str().map(str::to_owned);
    }
    assert_eq!(rows, (1..=230).collect::<Vec<u64>>());
}

#[test]
fn every_fault_of_a_file_is_told_in_one_pass_in_order_and_none_is_invented() {
    let sent = "indicator,period,territory,citizenship,sex,age,value,obs_status\n\
                ASY_APPL,2024-W01,,SY,,,12,\n\
                ASY_APL,2024-W02,,SY,,,12,\n\
                ASY_APPL,2019-W53,Лвівська,XX,Z,old,many,Y\n\
                ASY_APPL,2024-W04,,SY,,,12,\n\
                ASY_APPL,2024-W05,,SY,,,,\n\
                ASY_APPL,2024-W06,,SY,,,5,Q\n\
                PAS_INTL,2024-W07,,,,,5,\n\
                ASY_APPL,2024-W08,,SY,,,5,,too,many\n\
                ASY_APPL,2024-W04,,SY,,,13,\n\
                ASY_APPL,2026-W47,,SY,,,13,\n\
                ASY_APPL,2024-W11,,SY,,,13,\n";
    let answer = rejected_csv(sent);
    assert_eq!(
        told(&answer),
        [
            "indicator.unknown 2:3 indicator",
            "period.not_in_calendar 3:4 period",
            "code.unknown 3:4 territory",
            "code.unknown 3:4 citizenship",
            "code.unknown 3:4 sex",
            "code.unknown 3:4 age",
            "value.not_number 3:4 value",
            "status.unknown 3:4 obs_status",
            "row.duplicate_key 4:5 -",
            "value.missing 5:6 value",
            "value.unexpected 6:7 value",
            "indicator.other_dataflow 7:8 indicator",
            "csv.row_width 8:9 -",
            "row.duplicate_key 9:10 -",
            "period.not_ended 10:11 period",
        ]
    );
    let counts = &answer.json()["counts"];
    assert_eq!(
        (&counts["rows"], &counts["rows_refused"], &counts["errors"]),
        (&json!(11), &json!(9), &json!(15))
    );
    for finding in answer.json()["findings"].as_array().unwrap() {
        for language in ["uk", "en"] {
            let text = finding["message"][language].as_str().unwrap();
            assert!(!text.is_empty() && !text.contains('{'), "{finding}");
        }
    }
}

#[test]
fn a_figure_given_twice_far_apart_is_found_across_the_parts_of_a_large_file() {
    let app = TestApp::with(AppOptions {
        rows: Some(300_000),
        ..AppOptions::default()
    });
    let dms = app.submitter("DMS");
    let countries = app
        .database
        .sql("select string_agg(code, ',') from (select code from code where list = 'citizenship' and length(code) = 2 and code not like '\\_%' order by code limit 200) c")
        .unwrap();
    let mut sent = String::from("indicator,period,citizenship,sex,age,value\n");
    let mut rows = 0_u32;
    'all: for age in ["_T", "Y0T4", "Y5T11", "Y12T17", "Y15T64"] {
        for sex in ["_T", "M", "F"] {
            for country in countries.split(',') {
                for week in 1..=52 {
                    for year in [2022, 2023] {
                        sent.push_str(&format!("ASY_APPL,{year}-W{week:02},{country},{sex},{age},1\n"));
                        rows += 1;
                        if rows == 263_000 {
                            break 'all;
                        }
                    }
                }
            }
        }
    }
    sent.push_str(&format!(
        "ASY_APPL,2022-W01,{},_T,_T,9\n",
        countries.split(',').next().unwrap()
    ));
    let answer = dms
        .submit("?dataflow=ASYLUM_WEEKLY", "text/csv", &sent)
        .expect(422);
    let problem = answer.json();
    assert_eq!(answer.findings().len(), 1);
    assert_eq!(problem["findings"][0]["code"], "row.duplicate_key");
    assert_eq!(problem["findings"][0]["row"], 263_001);
    assert_eq!(problem["findings"][0]["expected"], "1");
    assert_eq!(problem["counts"]["rows"], 263_001);
    assert_eq!(stored_figures(&app), "0/0");
}
