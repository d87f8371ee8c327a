//! Numbers and statuses that are not taken, because taking them would be guessing.

use crate::api::bad_input::{rejected_csv, rejected_json, with_value};
use crate::api::deliveries::told;
use serde_json::json;

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
