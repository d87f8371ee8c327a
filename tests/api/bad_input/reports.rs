//! Reports over whole files: everything in one pass, in order, complete page by page, and across parts.

use crate::api::bad_input::{desk, rejected_csv, rejected_lines};
use crate::api::deliveries::{lines, stored_figures, told};
use leleka_testkit::{AppOptions, TestApp};
use serde_json::json;

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
        last.starts_with("1001,1002,,,,,fatal,row.too_many,,1000,"),
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
        .deliver("?dataflow=ASYLUM_WEEKLY", "text/csv", &sent)
        .expect(422);
    let problem = answer.json();
    assert_eq!(answer.findings().len(), 1);
    assert_eq!(problem["findings"][0]["code"], "row.duplicate_key");
    assert_eq!(problem["findings"][0]["row"], 263_001);
    assert_eq!(problem["findings"][0]["expected"], "1");
    assert_eq!(problem["counts"]["rows"], 263_001);
    assert_eq!(stored_figures(&app), "0/0");
}
