//! Correcting figures: the new ones count, the old ones stay readable for ever.

use crate::api::deliveries::{
    applicants, correction, figures, merging, moment, stored_figures, told, weekly,
};
use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};

const WEEK: &str = "indicator=ASY_APPL&from=2024-W45&to=2024-W45";

fn delivered(caller: &TestCaller, document: &Value) -> Value {
    caller.submit_json(document).expect(201).json()
}

#[test]
fn a_correction_replaces_the_figure_and_the_old_one_can_still_be_asked_for() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let original = delivered(
        &dms,
        &weekly(&[applicants("2024-W45", "SY", 12), applicants("2024-W45", "AF", 4)]),
    );
    let single = correction(&original["id"], "error_fix", &[applicants("2024-W45", "SY", 21)]);
    let corrected = delivered(&dms, &merging(single, &original["slice_etag"]));
    assert_eq!(
        (&corrected["kind"], &corrected["mode"]),
        (&json!("correction"), &json!("merge"))
    );
    assert_eq!(corrected["reason_code"], "error_fix");
    assert_eq!(corrected["supersedes"], original["id"]);
    assert_eq!(corrected["counts"]["revised"], 1);
    assert_eq!(
        (&corrected["state"], &corrected["counts"]["warnings"]),
        (&json!("accepted"), &json!(0))
    );

    let (old, new) = ("2024-W45 UA SY _T _T = 12 A", "2024-W45 UA SY _T _T = 21 A");
    let syrians = format!("{WEEK}&citizenship=SY");
    assert_eq!(figures(&dms, &syrians), [new]);
    assert_eq!(
        figures(&dms, &format!("{syrians}&asOf={}", moment(&original))),
        [old]
    );
    assert_eq!(
        figures(&dms, &format!("{syrians}&asOf={}", moment(&corrected))),
        [new]
    );
    let nothing: [&str; 0] = [];
    assert_eq!(
        figures(&dms, &format!("{syrians}&asOf=2020-01-01T00:00:00Z")),
        nothing
    );
    assert_eq!(
        figures(&dms, &format!("{WEEK}&updatedAfter={}", moment(&original))),
        [new]
    );
    // What was not corrected stays.
    assert_eq!(figures(&dms, WEEK), ["2024-W45 UA AF _T _T = 4 A", new]);

    let history = dms
        .get(&format!("/v1/observations?{syrians}&includeHistory=true"))
        .expect(200)
        .json();
    let versions = history["items"][0]["observations"].as_array().unwrap();
    let told: Vec<_> = versions
        .iter()
        .map(|version| (&version["value"], &version["submission_id"], &version["row"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!(12), &original["id"], &json!(1)),
            (&json!(21), &corrected["id"], &json!(1))
        ]
    );
    assert_eq!(versions[1]["recorded_at"], corrected["recorded_at"]);
}

#[test]
fn the_corrected_submission_keeps_its_record_and_names_its_correction() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let original = delivered(&dms, &weekly(&[applicants("2024-W45", "SY", 12)]));
    let path = format!("/v1/submissions/{}", original["id"].as_str().unwrap());
    assert_eq!(dms.get(&path).expect(200).json(), original);
    let corrected = delivered(
        &dms,
        &correction(&original["id"], "late_data", &[applicants("2024-W45", "SY", 13)]),
    );
    let mut now = dms.get(&path).expect(200).json();
    assert_eq!(now["superseded_by"], corrected["id"]);
    assert_eq!(now["slice_etag"], corrected["slice_etag"]);
    let _correction = now.as_object_mut().unwrap().remove("superseded_by");
    now["slice_etag"] = original["slice_etag"].clone();
    assert_eq!(now, original);
    // A correction can be corrected; each names the next.
    let third = delivered(
        &dms,
        &correction(&corrected["id"], "error_fix", &[applicants("2024-W45", "SY", 14)]),
    );
    let path = format!("/v1/submissions/{}", corrected["id"].as_str().unwrap());
    assert_eq!(dms.get(&path).expect(200).json()["superseded_by"], third["id"]);
    assert_eq!(figures(&dms, WEEK), ["2024-W45 UA SY _T _T = 14 A"]);
}

#[test]
fn a_correction_says_what_it_corrects_and_why() {
    let app = TestApp::start();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let original = delivered(&dms, &weekly(&[applicants("2024-W45", "SY", 12)]));
    let border = json!({"dataflow": "BORDER_WEEKLY", "observations": [
        {"indicator": "BRD_REFUSED", "period": "2024-W45", "value": 3}]});
    let theirs = delivered(&sbgs, &border);
    let rejected = dms
        .submit_json(&weekly(&[applicants("2019-W53", "SY", 1)]))
        .expect(422)
        .json();
    let passports = delivered(
        &dms,
        &json!({"dataflow": "PASSPORT_WEEKLY", "observations": [
        {"indicator": "PAS_INTL", "period": "2024-W45", "value": 3}]}),
    );
    let before = stored_figures(&app);
    let rows = [applicants("2024-W45", "SY", 99)];
    let change = |of: &Value, name: &str, value: Value| {
        let mut document = correction(of, "error_fix", &rows);
        document[name] = value;
        let document = document.as_object().unwrap().clone();
        Value::Object(
            document
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect(),
        )
    };
    let (id, unknown) = (&original["id"], json!("01936b2e-0000-7000-8000-000000000000"));
    for (document, expected) in [
        (
            correction(&theirs["id"], "error_fix", &rows),
            "submission.supersedes_unknown -:- /supersedes",
        ),
        (
            correction(&unknown, "error_fix", &rows),
            "submission.supersedes_unknown -:- /supersedes",
        ),
        (
            correction(&json!("not an id"), "error_fix", &rows),
            "submission.supersedes_unknown -:- /supersedes",
        ),
        (
            correction(&rejected["submission_id"], "error_fix", &rows),
            "submission.supersedes_unknown -:- /supersedes",
        ),
        (
            correction(&passports["id"], "error_fix", &rows),
            "submission.supersedes_unknown -:- /supersedes",
        ),
        (
            change(id, "reason_code", Value::Null),
            "submission.correction_incomplete -:- /kind",
        ),
        (
            change(id, "supersedes", Value::Null),
            "submission.correction_incomplete -:- /kind",
        ),
        (
            change(id, "reason_code", json!("other")),
            "submission.correction_incomplete -:- /kind",
        ),
        (
            change(id, "reason_code", json!("because")),
            "json.type -:- /reason_code",
        ),
        (
            change(id, "kind", json!("original")),
            "submission.correction_fields_unexpected -:- /kind",
        ),
        (change(id, "kind", json!("repair")), "json.type -:- /kind"),
        (change(id, "kind", json!("retraction")), "json.type -:- /kind"),
        (change(id, "mode", json!("patch")), "json.type -:- /mode"),
        (change(id, "if_match", json!("17")), "json.type -:- /if_match"),
    ] {
        let answer = dms.submit_json(&document).expect(422);
        assert_eq!(told(&answer), [expected], "{document}");
    }
    assert_eq!(stored_figures(&app), before);
    assert_eq!(figures(&dms, WEEK), ["2024-W45 UA SY _T _T = 12 A"]);
    let mut explained = correction(id, "other", &rows);
    explained["reason_text"] = json!("Помилка оператора");
    assert_eq!(delivered(&dms, &explained)["reason_text"], "Помилка оператора");
}

#[test]
fn a_correction_in_lines_is_declared_in_the_query() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let original = delivered(&dms, &weekly(&[applicants("2024-W45", "SY", 12)]));
    let query = format!(
        "?dataflow=ASYLUM_WEEKLY&kind=correction&supersedes={}&reasonCode=other&reasonText=%D0%97%D0%B2%D1%96%D1%80%D0%B5%D0%BD%D0%BE",
        original["id"].as_str().unwrap()
    );
    let row = applicants("2024-W45", "SY", 13).to_string();
    let corrected = dms
        .submit(&query, "application/x-ndjson", &row)
        .expect(201)
        .json();
    assert_eq!(corrected["reason_text"], "Звірено");
    assert_eq!(corrected["supersedes"], original["id"]);
    assert_eq!(figures(&dms, WEEK), ["2024-W45 UA SY _T _T = 13 A"]);
}

#[test]
fn an_original_that_changes_figures_is_accepted_with_a_warning() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let _first = delivered(
        &dms,
        &weekly(&[applicants("2024-W45", "SY", 12), applicants("2024-W45", "AF", 4)]),
    );
    let answer = dms.submit_json(&weekly(&[
        applicants("2024-W45", "SY", 13),
        applicants("2024-W45", "AF", 4),
    ]));
    let answer = answer.expect(201);
    let changed = answer.json();
    assert_eq!(changed["state"], "accepted_with_warnings");
    assert_eq!(told(&answer), ["observation.revised -:- -"]);
    assert_eq!(changed["findings"][0]["severity"], "warning");
    assert_eq!(changed["findings"][0]["value"], "1");
    let counts = &changed["counts"];
    assert_eq!(
        [&counts["revised"], &counts["unchanged"], &counts["warnings"]],
        [1, 1, 1]
    );
    let path = format!("/v1/submissions/{}", changed["id"].as_str().unwrap());
    assert_eq!(dms.get(&path).expect(200).json(), changed);
    assert_eq!(
        figures(&dms, &format!("{WEEK}&citizenship=SY&includeHistory=true")).len(),
        2
    );
}

#[test]
fn every_moment_keeps_its_own_answer_after_many_corrections() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let mut latest = delivered(&dms, &weekly(&[applicants("2024-W45", "SY", 0)]));
    let mut moments = vec![(moment(&latest), 0)];
    for value in [5, 0, 7] {
        latest = delivered(
            &dms,
            &correction(&latest["id"], "error_fix", &[applicants("2024-W45", "SY", value)]),
        );
        moments.push((moment(&latest), value));
    }
    for (at, value) in moments {
        assert_eq!(
            figures(&dms, &format!("{WEEK}&asOf={at}")),
            [format!("2024-W45 UA SY _T _T = {value} A")]
        );
    }
}
