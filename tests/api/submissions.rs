//! Delivering figures, by every way in, and reading back exactly what was sent.

use crate::api::deliveries::{applicants, csv_lines, figures, lines, stored_figures, told, weekly};
use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// One centre for all: every story has weeks of its own.
struct Desk {
    app: TestApp,
    dms: TestCaller,
}

fn desk() -> &'static Desk {
    static DESK: OnceLock<Desk> = OnceLock::new();
    DESK.get_or_init(|| {
        let app = TestApp::start();
        let dms = app.submitter("DMS");
        Desk { app, dms }
    })
}

fn period_lines(period: &str) -> Vec<String> {
    let path = format!("/v1/observations?indicator=ASY_APPL&from={period}&to={period}&format=csv");
    csv_lines(&desk().dms.get(&path).expect(200))
}

#[test]
fn a_weekly_submission_is_stored_and_read_back() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let delivered = dms.submit_json(&json!({
        "dataflow": "ASYLUM_WEEKLY",
        "observations": [
            {"indicator": "ASY_APPL", "period": "2024-W45", "territory": "UA46000000000026241", "citizenship": "SY", "value": 12},
            {"indicator": "ASY_APPL", "period": "2024-W45", "territory": "UA46000000000026241", "citizenship": "AF", "value": 0}
        ]
    }));
    let delivered = delivered.expect(201);
    let submission = delivered.json();
    assert_eq!(submission["state"], "accepted");
    assert_eq!(submission["counts"]["new"], 2);
    let place = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
    assert_eq!(delivered.header("location"), Some(place.as_str()));
    assert_eq!(dms.get(&place).expect(200).json(), submission);
    let read = analyst
        .get("/v1/observations?indicator=ASY_APPL&citizenship=SY&lineage=true")
        .expect(200)
        .json();
    let series = &read["items"][0];
    assert_eq!(series["series"]["territory"], "UA46000000000026241");
    assert_eq!(series["observations"][0]["value"], 12);
    assert_eq!(series["observations"][0]["submission_id"], submission["id"]);
    assert_eq!(series["observations"][0]["row"], 1);
}

#[test]
fn json_ndjson_and_csv_store_the_same_figures() {
    let rows = |week: &str| -> Vec<Value> {
        vec![
            json!({"indicator": "ASY_APPL", "period": week, "territory": "UA46000000000026241", "citizenship": "SY",
                   "sex": "F", "age": "Y_LT18", "dimensions": {"applicant_type": "FRST"}, "value": 1204, "obs_status": "P"}),
            json!({"indicator": "ASY_APPL", "period": week, "value": 0, "conf_status": "N"}),
            json!({"indicator": "ASY_APPL", "period": week, "citizenship": "AF", "value": null, "obs_status": "Q"}),
        ]
    };
    let dms = &desk().dms;
    let document = weekly(&rows("2023-W01"));
    let in_json = dms.submit_json(&document).expect(201).json();
    let sent = lines(&rows("2023-W02"));
    let in_lines = dms
        .submit("?dataflow=ASYLUM_WEEKLY", "application/x-ndjson", &sent)
        .expect(201)
        .json();
    let sent = "indicator,period,territory,citizenship,sex,age,applicant_type,value,obs_status,conf_status\n\
                ASY_APPL,2023-W03,UA46000000000026241,SY,F,Y_LT18,FRST,1204,P,\n\
                ASY_APPL,2023-W03,,,,,,0,,N\n\
                ASY_APPL,2023-W03,,AF,,,,,Q,\n";
    let in_csv = dms
        .submit("?dataflow=ASYLUM_WEEKLY", "text/csv", sent)
        .expect(201)
        .json();
    assert_eq!(in_json["counts"], in_lines["counts"]);
    assert_eq!(in_json["counts"], in_csv["counts"]);
    let first = period_lines("2023-W01");
    assert_eq!(
        first,
        [
            "ASY_APPL,W,2023-W01,DMS,UA46000000000026241,SY,F,Y_LT18,FRST,1204,P,,F,persons",
            "ASY_APPL,W,2023-W01,DMS,UA,AF,_T,_T,_T,,Q,,F,persons",
            "ASY_APPL,W,2023-W01,DMS,UA,_T,_T,_T,_T,0,A,,N,persons",
        ]
    );
    for week in ["2023-W02", "2023-W03"] {
        let same: Vec<String> = first.iter().map(|line| line.replace("2023-W01", week)).collect();
        assert_eq!(period_lines(week), same);
    }
}

#[test]
fn the_envelope_may_stand_after_the_observations() {
    let sent = r#"{"observations": [{"indicator": "ASY_APPL", "period": "2023-W04", "value": 7}],
                   "comment": "Зведення за тиждень", "kind": "original", "dataflow": "ASYLUM_WEEKLY"}"#;
    let submission = desk().dms.submit("", "application/json", sent).expect(201).json();
    assert_eq!(submission["comment"], "Зведення за тиждень");
    assert_eq!(submission["dataflow"], "ASYLUM_WEEKLY");
    assert_eq!(period_lines("2023-W04").len(), 1);
}

#[test]
fn a_spreadsheet_saved_with_semicolons_bom_and_crlf_is_taken() {
    let sent = "\u{feff}indicator;period;citizenship;value\r\n\
                \"ASY_APPL\";2023-W05;\"SY\";12\r\n\
                ;;;\r\n\
                \r\n\
                ASY_APPL;2023-W05;\"AF\";\"3\"";
    for (media_type, week) in [
        ("text/csv; header=present; delimiter=;", "2023-W05"),
        ("text/csv; charset=UTF-8; delimiter=\";\"", "2023-W06"),
        ("text/csv;delimiter=tab", "2023-W07"),
    ] {
        let mut sent = sent.replace("2023-W05", week);
        if media_type.ends_with("tab") {
            sent = sent.replace(';', "\t");
        }
        let answer = desk().dms.submit("?dataflow=ASYLUM_WEEKLY", media_type, &sent);
        let counts = &answer.expect(201).json()["counts"];
        assert_eq!((&counts["rows"], &counts["new"]), (&json!(2), &json!(2)));
        let values: Vec<String> = figures(&desk().dms, &format!("indicator=ASY_APPL&from={week}&to={week}"));
        assert_eq!(
            values,
            [
                format!("{week} UA AF _T _T = 3 A"),
                format!("{week} UA SY _T _T = 12 A")
            ]
        );
    }
}

#[test]
fn a_line_break_inside_quotes_does_not_end_the_row() {
    let sent = "indicator,period,value\n\"ASY_APPL\",\"2023-W08\",\"5\"\n";
    let answer = desk().dms.submit("?dataflow=ASYLUM_WEEKLY", "text/csv", sent);
    assert_eq!(answer.expect(201).json()["counts"]["rows"], 1);
    let broken = "indicator,period,value\n\"ASY_APPL\",\"2023-\nW09\",5\nASY_APPL,2023-W09,five\n";
    let answer = desk().dms.submit("?dataflow=ASYLUM_WEEKLY", "text/csv", broken);
    assert_eq!(
        told(&answer.expect(422)),
        ["text.control_character 1:2 period", "value.not_number 2:4 value"]
    );
}

#[test]
fn what_is_not_broken_down_is_a_total() {
    let dms = &desk().dms;
    let answer = dms.submit_json(&weekly(&[
        json!({"indicator": "ASY_APPL", "period": "2023-W10", "value": 40}),
    ]));
    let _stored = answer.expect(201);
    // The totals, spelled out, are the same figure.
    let spelled = json!({"indicator": "ASY_APPL", "period": "2023-W10", "territory": "UA", "citizenship": "_T",
        "sex": "_T", "age": "_T", "dimensions": {"applicant_type": "_T"}, "value": 40, "obs_status": "A"});
    let again = dms.submit_json(&weekly(&[spelled])).expect(201).json();
    assert_eq!(again["counts"]["unchanged"], 1);
    assert_eq!(
        period_lines("2023-W10"),
        ["ASY_APPL,W,2023-W10,DMS,UA,_T,_T,_T,_T,40,A,,F,persons"]
    );
}

#[test]
fn numbers_come_back_as_they_were_sent() {
    let sssu = desk().app.submitter("SSSU");
    for (quarter, sent) in [
        ("2022-Q1", "14858"),
        ("2022-Q2", "0.1"),
        ("2022-Q3", "12345678901.23"),
    ] {
        let body = format!(
            r#"{{"dataflow":"LABOUR_MARKET_QUARTERLY","observations":[{{"indicator":"ECO_WAGE","period":"{quarter}","value":{sent}}}]}}"#
        );
        let _stored = sssu.submit("", "application/json", &body).expect(201);
        let page = format!("/v1/observations?indicator=ECO_WAGE&from={quarter}&to={quarter}");
        let json = sssu.get(&page).expect(200).text();
        assert!(json.contains(&format!("\"value\":{sent},")), "{json}");
        let csv = sssu.get(&format!("{page}&format=csv")).expect(200).text();
        assert!(csv.contains(&format!(",{sent},A,")), "{csv}");
    }
    let net = r#"{"dataflow":"MIGRATION_MONTHLY","observations":[{"indicator":"MIG_NET","period":"2015-02","value":-229}]}"#;
    let _stored = sssu.submit("", "application/json", net).expect(201);
    assert!(
        figures(&sssu, "indicator=MIG_NET")[0].contains("= -229 A"),
        "{:?}",
        figures(&sssu, "indicator=MIG_NET")
    );
    let most = r#"{"dataflow":"ASYLUM_WEEKLY","observations":[{"indicator":"ASY_APPL","period":"2023-W11","value":999999999999999}]}"#;
    let _stored = desk().dms.submit("", "application/json", most).expect(201);
    assert!(period_lines("2023-W11")[0].contains(",999999999999999,"));
}

#[test]
fn zero_missing_suppressed_and_not_collected_stay_different() {
    let sent = "indicator,period,citizenship,value,obs_status\n\
                ASY_APPL,2023-W12,SY,0,\nASY_APPL,2023-W12,AF,,O\nASY_APPL,2023-W12,IQ,,Q\nASY_APPL,2023-W12,IR,,L\n";
    let answer = desk().dms.submit("?dataflow=ASYLUM_WEEKLY", "text/csv", sent);
    let _stored = answer.expect(201);
    assert_eq!(
        figures(&desk().dms, "indicator=ASY_APPL&from=2023-W12&to=2023-W12"),
        [
            "2023-W12 UA AF _T _T = null O",
            "2023-W12 UA IQ _T _T = null Q",
            "2023-W12 UA IR _T _T = null L",
            "2023-W12 UA SY _T _T = 0 A",
        ]
    );
}

#[test]
fn a_cumulative_range_is_kept_as_a_range_and_never_as_its_last_month() {
    let dms = &desk().dms;
    let answer = dms.submit_json(&weekly(&[
        applicants("2018-01/2018-05", "SY", 120),
        applicants("2018-01/2018-06", "SY", 150),
    ]));
    let _stored = answer.expect(201);
    assert_eq!(
        figures(dms, "indicator=ASY_APPL&frequency=_O"),
        [
            "2018-01/2018-05 UA SY _T _T = 120 A",
            "2018-01/2018-06 UA SY _T _T = 150 A"
        ]
    );
    assert_eq!(
        figures(dms, "indicator=ASY_APPL&frequency=M"),
        Vec::<String>::new()
    );
    assert_eq!(
        figures(dms, "indicator=ASY_APPL&from=2018-05&to=2018-05&frequency=W"),
        Vec::<String>::new()
    );
}

#[test]
fn an_untouched_centre_holds_nothing_and_says_so() {
    let app = TestApp::start();
    let analyst = app.analyst();
    assert_eq!(figures(&analyst, "indicator=ASY_APPL"), Vec::<String>::new());
    assert_eq!(stored_figures(&app), "0/0");
    assert_eq!(
        analyst.get("/v1/submissions").expect(200).json(),
        json!({"items": []})
    );
    assert_eq!(analyst.get("/v1/series").expect(200).json(), json!({"items": []}));
}
