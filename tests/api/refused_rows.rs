//! What a clerk takes away from a rejected delivery: the rows to be corrected, as they were sent, and the list of what is
//! wrong with them.

use leleka_testkit::{TestApp, TestCaller};
use serde_json::json;

fn rows_of(caller: &TestCaller, query: &str, media_type: &str, body: &str) -> String {
    let answer = caller.submit(query, media_type, body).expect(422).json();
    let path = format!(
        "/v1/submissions/{}/refused-rows",
        answer["submission_id"].as_str().unwrap()
    );
    let answer = caller.get(&path).expect(200);
    assert_eq!(answer.header("content-type"), Some(media_type));
    let tag = answer.header("etag").unwrap();
    let _done = caller
        .request("GET", &path, &[("if-none-match", tag)], None)
        .expect(304);
    answer.text()
}

#[test]
fn csv_comes_back_as_its_header_and_the_refused_lines() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let head = "\u{feff}indicator;period;citizenship;value\r\n";
    let bad = "ASY_APPL;2026-W44;\"S\r\nY\";1\r\n";
    let dear = "ASY_APPL;2026-W43;AF;many\r\n";
    let wide = "ASY_APPL;2026-W43;AF;1;2;3\r\n";
    let good = "ASY_APPL;2026-W44;ER;2\r\n";
    let file = format!("{head}{good}{bad}\r\n{dear}{wide}ASY_APPL;2026-W42;ER;2\r\n");
    let media_type = "text/csv; delimiter=;";
    let told = rows_of(&dms, "?dataflow=ASYLUM_WEEKLY", media_type, &file);
    assert_eq!(told, format!("{head}{bad}\r\n{dear}{wide}"));
    // Corrected, they are delivered alone; the sound ones go beside them.
    let mended = told
        .replace("\"S\r\nY\"", "SY")
        .replace("many", "7")
        .replace(wide, "");
    let mended = mended + good;
    assert_eq!(
        dms.submit("?dataflow=ASYLUM_WEEKLY", media_type, &mended)
            .expect(201)
            .json()["counts"]["rows"],
        3
    );
}

#[test]
fn a_file_under_a_profile_comes_back_with_everything_above_its_first_row() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let head = "TIME,GEO,REASON,CITIZEN,INDIC_MG,UNIT,Value,Flag and Footnotes\n";
    let row = |state: &str| format!("2014,{state},Total,Ukraine,Persons refused entry,Person,\"16,160\",\n");
    let file = format!("{head}{}{}{}", row("Poland"), row("Atlantis"), row("Estonia"));
    let told = rows_of(&eurostat, "?profile=EUROSTAT_EIRFS", "text/csv", &file);
    assert_eq!(told, format!("{head}{}", row("Atlantis")));
}

#[test]
fn ndjson_comes_back_as_lines_and_json_as_an_array() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let good = r#"{"indicator":"ASY_APPL","period":"2026-W44","citizenship":"SY","value":1}"#;
    let bad = r#"{"indicator":"ASY_APPL","period":"2026-W99", "citizenship":"AF","value":1}"#;
    let broken = r#"{"indicator":"ASY_APPL","period":"2026-W44","citizenship":"ER","value":}"#;
    let lines = format!("{good}\n\n{bad}\n{broken}\n");
    let told = rows_of(&dms, "?dataflow=ASYLUM_WEEKLY", "application/x-ndjson", &lines);
    assert_eq!(told, format!("{bad}\n{broken}\n"));
    let document = format!(r#"{{"dataflow":"ASYLUM_WEEKLY","observations":[{good},{bad},{broken}]}}"#);
    let told = rows_of(&dms, "", "application/json", &document);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told,
        json!([serde_json::from_str::<serde_json::Value>(bad).unwrap(), broken])
    );
}

#[test]
fn a_delivery_without_refused_rows_has_none_and_another_bodys_is_not_there() {
    let app = TestApp::start();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let accepted = dms
        .submit_json(&crate::operations::week("2026-W44", 3))
        .expect(201)
        .json();
    let path = format!(
        "/v1/submissions/{}/refused-rows",
        accepted["id"].as_str().unwrap()
    );
    assert_eq!(dms.get(&path).expect(200).text(), "[]\n");
    let _done = sbgs.get(&path).expect(404);
}

#[test]
fn the_list_of_findings_as_csv_holds_all_of_them_in_both_languages() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let rows: String = (0..450)
        .map(|row| format!("ASY_APPL,2026-W44,X{row},1\n"))
        .collect();
    let file = format!("indicator,period,citizenship,value\n{rows}");
    let answer = dms
        .submit("?dataflow=ASYLUM_WEEKLY", "text/csv", &file)
        .expect(422)
        .json();
    assert_eq!(answer["truncated"], true);
    let path = answer["findings_href"].as_str().unwrap();
    let page = dms.get(path).expect(200).json();
    assert!(page["items"].as_array().unwrap().len() < 450 && page["next"].is_string());
    let all = dms
        .request("GET", path, &[("accept", "text/csv")], None)
        .expect(200)
        .text();
    assert_eq!(all.lines().count(), 451, "the header and every finding");
    let (head, last) = (all.lines().next().unwrap(), all.lines().last().unwrap());
    assert_eq!(
        head,
        "row,line,column,column_name,pointer,field,severity,code,value,expected,explanation,message_uk,message_en,rule_id"
    );
    assert!(
        last.starts_with("450,451,3,citizenship,,citizenship,error,code.unknown,X449,"),
        "{last}"
    );
    assert!(
        last.contains("у довіднику немає «X449»") && last.contains("is not in the code list"),
        "{last}"
    );
}
