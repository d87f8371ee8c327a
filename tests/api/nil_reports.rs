//! Reports of nothing: a week in which nothing happened is delivered too.

use crate::api::deliveries::{applicants, correction, figures, retract, submission_now, told, weekly};
use leleka_testkit::TestApp;
use serde_json::{Value, json};

fn nil(period: &str) -> Value {
    json!({"dataflow": "ASYLUM_WEEKLY", "nil_report": true, "period": period})
}

#[test]
fn a_week_without_anything_is_delivered_without_rows() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let document = dms.submit_json(&nil("2024-W45")).expect(201).json();
    assert_eq!(
        (&document["state"], &document["counts"]["rows"]),
        (&json!("accepted"), &json!(0))
    );
    assert_eq!(document["nil_periods"], json!(["2024-W45"]));
    let mut with_empty_rows = nil("2024-W46");
    with_empty_rows["observations"] = json!([]);
    let _accepted = dms.submit_json(&with_empty_rows).expect(201);
    let of = |period: &str| format!("?dataflow=ASYLUM_WEEKLY&nilReport=true&period={period}");
    for (period, media_type, body) in [
        ("2024-W40", "application/x-ndjson", ""),
        ("2024-W41", "text/csv", ""),
        ("2024-W42", "text/csv", "indicator,period,value\n"),
        ("2024-W43", "application/x-ndjson", "\n"),
    ] {
        let answer = dms.submit(&of(period), media_type, body).expect(201).json();
        assert_eq!(answer["nil_periods"], json!([period]));
    }
    let marked =
        "(select count(*) from slice_version where nil) || '/' || (select count(*) from observation)";
    assert_eq!(app.database.sql(marked).as_deref(), Some("6/0"));
    // The same week once more is the same content; another week with the same empty body is not.
    let again = dms
        .submit(&of("2024-W40"), "application/x-ndjson", "")
        .expect(409)
        .json();
    assert_eq!(again["code"], "submission.duplicate_content");
    let tried = dms
        .validate(&of("2024-W39"), "application/x-ndjson", "")
        .expect(200)
        .json();
    assert_eq!(
        (&tried["would_be"], &tried["slice_etag"]),
        (&json!("accepted"), &json!("\"s0\""))
    );
}

#[test]
fn a_report_of_nothing_says_what_it_reports_and_holds_no_rows() {
    let app = TestApp::at("2026-11-22T08:00:00Z");
    let dms = app.submitter("DMS");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = nil("2024-W45");
        change(&mut document);
        document
    };
    let without = |name: &'static str| {
        changed(&move |it| {
            let _gone = it.as_object_mut().unwrap().remove(name);
        })
    };
    let mut cases = vec![
        (without("period"), "field.missing -:- /period"),
        (without("dataflow"), "field.missing -:- /dataflow"),
        (nil("2024-W53"), "period.not_in_calendar -:- /period"),
        (nil("торік"), "period.syntax -:- /period"),
        (nil("2026-W47"), "period.not_ended -:- /period"),
        (
            changed(&|it| it["dataflow"] = json!("BORDER_WEEKLY")),
            "indicator.not_agreed -:- /dataflow",
        ),
        (
            changed(&|it| it["observations"] = json!([applicants("2024-W45", "SY", 1)])),
            "submission.nil_report_unexpected -:- /nil_report",
        ),
        (
            changed(&|it| it["nil_report"] = json!("true")),
            "json.type -:1 /nil_report",
        ),
    ];
    let mut period_alone = weekly(&[applicants("2024-W45", "SY", 1)]);
    period_alone["period"] = json!("2024-W45");
    cases.push((period_alone, "submission.nil_report_unexpected -:- /period"));
    for (document, expected) in cases {
        let answer = dms.submit_json(&document).expect(422);
        assert!(
            told(&answer).contains(&expected.to_owned()),
            "{document}: {:?}",
            told(&answer)
        );
    }
    let empty = json!({"dataflow": "ASYLUM_WEEKLY", "nil_report": false, "observations": []});
    assert_eq!(
        told(&dms.submit_json(&empty).expect(422)),
        ["submission.empty -:- -"]
    );
    let query = "?dataflow=ASYLUM_WEEKLY&nilReport=true&period=2024-W45";
    let row = applicants("2024-W45", "SY", 1).to_string();
    let answer = dms.submit(query, "application/x-ndjson", &row).expect(422);
    assert_eq!(told(&answer), ["submission.nil_report_unexpected -:- -"]);
    let in_document = dms.submit(
        "?nilReport=true",
        "application/json",
        &nil("2024-W45").to_string(),
    );
    assert_eq!(
        in_document.expect(400).json()["parameters"][0]["name"],
        "nilReport"
    );
}

#[test]
fn a_correction_may_say_that_there_was_nothing_and_a_report_of_nothing_can_be_retracted() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let rows = [applicants("2024-W45", "SY", 12), applicants("2024-W45", "AF", 1)];
    let first = dms.submit_json(&weekly(&rows)).expect(201).json();
    let mut nothing = correction(&first["id"], "error_fix", &[]);
    nothing["nil_report"] = json!(true);
    nothing["period"] = json!("2024-W45");
    let corrected = dms.submit_json(&nothing).expect(201).json();
    assert_eq!(corrected["counts"]["retracted"], 2);
    let week = "indicator=ASY_APPL&from=2024-W45&to=2024-W45";
    let none: [&str; 0] = [];
    assert_eq!(figures(&dms, week), none);

    let back = retract(&dms, &corrected, &json!({"reason_code": "error_fix"}))
        .expect(201)
        .json();
    assert_eq!(back["counts"]["retracted"], 0);
    assert_eq!(submission_now(&dms, &corrected)["slice_etag"], back["slice_etag"]);
    let newest = "(select nil from slice_version order by position desc limit 1)::text";
    assert_eq!(app.database.sql(newest).as_deref(), Some("false"));
    let refused = retract(&dms, &corrected, &json!({"reason_code": "error_fix"})).expect(409);
    assert_eq!(refused.json()["code"], "submission.not_retractable");
}
