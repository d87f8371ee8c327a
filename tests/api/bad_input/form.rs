//! Bodies that cannot be read as their format says: told at row, line and byte, and everything else judged.

use crate::api::bad_input::{rejected_bytes, rejected_csv, rejected_json, rejected_lines, with_value};
use crate::api::deliveries::{applicants, told, weekly};
use serde_json::json;

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
