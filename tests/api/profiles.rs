//! Files as bodies publish them, read through their mapping profiles.

use crate::api::deliveries::{stored_figures, told};
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::json;

const HEADER: &str = "TIME,GEO,REASON,CITIZEN,INDIC_MG,UNIT,Value,Flag and Footnotes";

fn deliver(caller: &TestCaller, query: &str, file: &[u8]) -> Response {
    let key = IdSource.next().to_string();
    let headers = [("content-type", "text/csv"), ("idempotency-key", key.as_str())];
    caller.request("POST", &format!("/v1/submissions{query}"), &headers, Some(file))
}

fn row(year: &str, state: &str, value: &str, flags: &str) -> String {
    format!(
        "\"{year}\",\"{state}\",\"Total\",\"Ukraine\",\"Persons refused entry\",\"Person\",\"{value}\",\"{flags}\"\n"
    )
}

#[test]
fn a_published_file_is_delivered_as_it_is() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let file = format!(
        "{HEADER}\n{}{}{}",
        row("2014", "European Union (28 countries)", "16,160", ""),
        row("2015", "European Union (28 countries)", "24,490", "e"),
        row("2015", "Poland", ":", ""),
    );
    // The profile names its dataflow: nobody has to say it again.
    let submission = deliver(&eurostat, "?profile=EUROSTAT_EIRFS", file.as_bytes())
        .expect(201)
        .json();
    assert_eq!(submission["dataflow"], "EU_ENFORCEMENT");
    assert_eq!(
        (&submission["profile"], &submission["profile_version"]),
        (&json!("EUROSTAT_EIRFS"), &json!(1))
    );
    assert_eq!(submission["counts"]["rows"], 3);
    let csv = eurostat
        .get("/v1/observations?indicator=EU_REFUSED&format=csv")
        .expect(200)
        .text();
    for line in [
        "EU_REFUSED,A,2014,EUROSTAT,,UA,,,_T,_T,EU28,16160,A,,F,persons",
        "EU_REFUSED,A,2015,EUROSTAT,,UA,,,_T,_T,EU28,24490,E,,F,persons",
        "EU_REFUSED,A,2015,EUROSTAT,,UA,,,_T,_T,PL,,O,,F,persons",
    ] {
        assert!(csv.lines().any(|found| found == line), "{line} in\n{csv}");
    }
    // The same bytes are a duplicate; one blank line more is another file with the same figures.
    let query = "?profile=EUROSTAT_EIRFS&dataflow=EU_ENFORCEMENT";
    let same = deliver(&eurostat, query, file.as_bytes()).expect(409).json();
    assert_eq!(same["existing_submission_id"], submission["id"]);
    let again = deliver(&eurostat, query, format!("{file}\n").as_bytes());
    assert_eq!(again.expect(201).json()["counts"]["unchanged"], 3);
}

#[test]
fn faults_of_a_published_file_are_told_at_their_cells() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let file = format!(
        "{HEADER}\n{}{}{}{}",
        row("2014", "Atlantis", "16,160", ""),
        row("2014M13", "Poland", "1.5", ""),
        row("2014", "Poland", "12 thousand", "q"),
        row("2014", "Estonia", "5", "").replace("Persons refused entry", "Persons returned"),
    );
    let answer = deliver(
        &eurostat,
        "?profile=EUROSTAT_EIRFS&dataflow=EU_ENFORCEMENT",
        file.as_bytes(),
    );
    assert_eq!(
        told(&answer.expect(422)),
        [
            "code.unknown 1:2 GEO",
            "period.not_in_calendar 2:3 TIME",
            "value.not_integer 2:3 Value",
            "value.not_number 3:4 Value",
            "status.unknown 3:4 Flag and Footnotes",
            "cell.unexpected 4:5 INDIC_MG",
        ]
    );
    let renamed = file.replace("GEO", "COUNTRY");
    let answer = deliver(
        &eurostat,
        "?profile=EUROSTAT_EIRFS&dataflow=EU_ENFORCEMENT",
        renamed.as_bytes(),
    );
    assert!(told(&answer.expect(422)).contains(&"csv.header_unexpected -:1 COUNTRY".to_owned()));
    assert_eq!(stored_figures(&app), "0/0");
}

#[test]
fn a_profile_is_its_own_bodys_only_and_of_one_dataflow() {
    let app = TestApp::start();
    let (dms, eurostat) = (app.submitter("DMS"), app.submitter("EUROSTAT"));
    let file = format!("{HEADER}\n{}", row("2014", "Poland", "5", ""));
    for (caller, query) in [
        (&dms, "?profile=EUROSTAT_EIRFS&dataflow=EU_ENFORCEMENT"),
        (&eurostat, "?profile=NOPE&dataflow=EU_ENFORCEMENT"),
    ] {
        let answer = deliver(caller, query, file.as_bytes()).expect(422);
        // Without its profile nobody can say what the file means: nothing else is told.
        assert_eq!(told(&answer), ["profile.unknown -:- -"], "{query}");
    }
    let answer = deliver(
        &eurostat,
        "?profile=EUROSTAT_EIRFS&dataflow=EU_ASYLUM",
        file.as_bytes(),
    );
    let answer = answer.expect(422);
    assert!(
        told(&answer)[0].starts_with("indicator.other_dataflow"),
        "{:?}",
        told(&answer)
    );
    assert_eq!(stored_figures(&app), "0/0");
}
