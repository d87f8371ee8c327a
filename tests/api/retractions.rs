//! Taking a submission back: what it brought is gone from then on, and every moment before stays as it was.

use super::risk_metrics::eventually;
use crate::api::deliveries::{
    applicants, correction, figures, merging, moment, retract, retract_with_key, submission_now, weekly,
};
use leleka_domain::IdSource;
use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};

const WEEKS: &str = "indicator=ASY_APPL&from=2024-W44&to=2024-W46";

fn delivered(caller: &TestCaller, document: &Value) -> Value {
    caller.submit_json(document).expect(201).json()
}

fn mistake() -> Value {
    json!({"reason_code": "error_fix"})
}

#[test]
fn a_retraction_takes_back_what_is_still_current_and_is_a_submission_of_its_own() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = delivered(
        &dms,
        &weekly(&[
            applicants("2024-W45", "SY", 12),
            applicants("2024-W45", "AF", 4),
            applicants("2024-W46", "SY", 3),
        ]),
    );
    let single = correction(&first["id"], "late_data", &[applicants("2024-W45", "SY", 13)]);
    let tag = submission_now(&dms, &first)["slice_etag"].clone();
    let tried = dms
        .validate("", "application/json", &single.to_string())
        .expect(200)
        .json();
    assert_eq!(tried["slice_etag"], tag);
    let _corrected = delivered(&dms, &merging(single, &tag));
    let request = json!({"reason_code": "other", "reason_text": "Не той відбір у базі"});
    let answer = retract(&dms, &first, &request).expect(201);
    let retraction = answer.json();
    assert_eq!(
        [
            &retraction["kind"],
            &retraction["state"],
            &retraction["supersedes"],
            &retraction["reason_text"]
        ],
        [
            &json!("retraction"),
            &json!("accepted"),
            &first["id"],
            &request["reason_text"]
        ]
    );
    let counts = &retraction["counts"];
    assert_eq!([&counts["retracted"], &counts["rows"], &counts["new"]], [2, 0, 0]);
    let location = answer.header("location").unwrap();
    assert_eq!(dms.get(location).expect(200).json(), retraction);
    let kept = dms.get(retraction["content_href"].as_str().unwrap()).expect(200);
    assert_eq!(kept.text(), request.to_string());
    let now = submission_now(&dms, &first);
    assert_eq!(
        (&now["retracted_by"], &now["counts"]),
        (&retraction["id"], &first["counts"])
    );
    // What was corrected meanwhile is the correction's.
    assert_eq!(figures(&dms, WEEKS), ["2024-W45 UA SY _T _T = 13 A"]);
    let listed = dms.get("/v1/submissions?limit=1").expect(200).json();
    assert_eq!(listed["items"][0]["id"], retraction["id"]);
    let logged = "select count(*) from log_entry where action = 'submission.retract' and outcome = 'allowed'";
    assert_eq!(app.database.sql(logged).as_deref(), Some("1"));
}

#[test]
fn a_repeated_retraction_is_answered_the_same_and_a_second_one_is_refused() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = delivered(&dms, &weekly(&[applicants("2024-W45", "SY", 12)]));
    let (key, body) = (IdSource.next().to_string(), mistake().to_string());
    let once = retract_with_key(&dms, &first, &body, &key).expect(201);
    let after = app.database.data_fingerprint();
    let again = retract_with_key(&dms, &first, &body, &key).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(), once.json());
    let other = json!({"reason_code": "legal"}).to_string();
    let reused = retract_with_key(&dms, &first, &other, &key).expect(422);
    assert_eq!(reused.json()["code"], "idempotency.key_reused");
    let second = retract(&dms, &first, &mistake()).expect(409);
    assert_eq!(second.json()["code"], "submission.not_retractable");
    let of_retraction = retract(&dms, &once.json(), &mistake()).expect(409);
    assert_eq!(of_retraction.json()["code"], "submission.not_retractable");
    assert_eq!(app.database.data_fingerprint(), after);
    // The same key belongs to another operation when it delivers.
    let delivery = weekly(&[applicants("2024-W45", "AF", 1)]).to_string();
    let _stored = dms
        .submit_with_key("", "application/json", &delivery, &key)
        .expect(201);
}

#[test]
fn only_named_periods_can_be_taken_back_one_after_the_other() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = delivered(
        &dms,
        &weekly(&[
            applicants("2024-W44", "SY", 1),
            applicants("2024-W45", "SY", 2),
            applicants("2024-W46", "SY", 3),
        ]),
    );
    let of = |periods: &[&str]| json!({"reason_code": "error_fix", "periods": periods});
    let foreign = retract(&dms, &first, &of(&["2024-W45", "2024-W47"]))
        .expect(400)
        .json();
    assert_eq!(
        (&foreign["code"], &foreign["detail"]),
        (&json!("request.malformed"), &json!("periods: 2024-W47"))
    );
    let one = retract(&dms, &first, &of(&["2024-W45"])).expect(201).json();
    assert_eq!(one["counts"]["retracted"], 1);
    assert_eq!(
        figures(&dms, WEEKS),
        ["2024-W44 UA SY _T _T = 1 A", "2024-W46 UA SY _T _T = 3 A"]
    );
    let refused = retract(&dms, &first, &of(&["2024-W45"])).expect(409);
    assert_eq!(refused.json()["code"], "submission.not_retractable");
    let rest = retract(&dms, &first, &mistake()).expect(201).json();
    assert_eq!(rest["counts"]["retracted"], 2);
    assert_eq!(submission_now(&dms, &first)["retracted_by"], rest["id"]);
}

#[test]
fn a_retraction_that_is_wrong_or_of_somebody_elses_submission_changes_nothing() {
    let app = TestApp::start();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let first = delivered(&dms, &weekly(&[applicants("2024-W45", "SY", 12)]));
    let rejected = dms
        .submit_json(&weekly(&[applicants("2019-W53", "SY", 1)]))
        .expect(422)
        .json();
    let rejected = json!({"id": rejected["submission_id"]});
    let before = app.database.data_fingerprint();
    let unknown = json!({"id": IdSource.next().to_string()});
    for (caller, of) in [(&sbgs, &first), (&dms, &unknown)] {
        assert_eq!(
            retract(caller, of, &mistake()).expect(404).json()["code"],
            "resource.not_found"
        );
    }
    let refused = retract(&dms, &rejected, &mistake()).expect(409);
    assert_eq!(refused.json()["code"], "submission.not_retractable");
    for wrong in [
        json!({}),
        json!({"reason_code": "because"}),
        json!({"reason_code": "other"}),
        json!({"reason_code": "other", "reason_text": " "}),
        json!({"reason_code": "error_fix", "reason_text": "\u{0}"}),
        json!({"reason_code": "error_fix", "periods": ["W45"]}),
        json!({"reason_code": "error_fix", "colour": "red"}),
        json!([]),
    ] {
        let answer = retract(&dms, &first, &wrong).expect(400);
        assert_eq!(answer.json()["code"], "request.malformed", "{wrong}");
    }
    let path = format!("/v1/submissions/{}/retraction", first["id"].as_str().unwrap());
    let without_key = dms.request(
        "POST",
        &path,
        &[("content-type", "application/json")],
        Some(b"{}"),
    );
    assert_eq!(without_key.expect(400).json()["code"], "idempotency.key_missing");
    let key = ("idempotency-key", "0123456789abcdef");
    let lines = dms.request(
        "POST",
        &path,
        &[("content-type", "application/x-ndjson"), key],
        Some(b"{}"),
    );
    assert_eq!(lines.expect(415).json()["code"], "content_type.not_supported");
    let long = " ".repeat(65 * 1024);
    let large = dms.request(
        "POST",
        &path,
        &[("content-type", "application/json"), key],
        Some(long.as_bytes()),
    );
    assert_eq!(large.expect(413).json()["code"], "body.too_large");
    assert_eq!(app.database.data_fingerprint(), before);
}

#[test]
fn every_moment_gives_back_exactly_what_was_current_then() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let mut moments: Vec<(String, Value)> = Vec::new();
    let mut remember = |submission: &Value| {
        let page = analyst
            .get(&format!("/v1/observations?{WEEKS}"))
            .expect(200)
            .json();
        moments.push((moment(submission), page["items"].clone()));
    };
    let first = delivered(
        &dms,
        &weekly(&[applicants("2024-W45", "SY", 12), applicants("2024-W45", "AF", 4)]),
    );
    remember(&first);
    let corrected = delivered(
        &dms,
        &correction(&first["id"], "error_fix", &[applicants("2024-W45", "SY", 21)]),
    );
    remember(&corrected);
    let retraction = retract(&dms, &corrected, &mistake()).expect(201).json();
    remember(&retraction);
    let second = delivered(
        &dms,
        &correction(
            &first["id"],
            "error_fix",
            &[applicants("2024-W45", "AF", 4), applicants("2024-W45", "IQ", 0)],
        ),
    );
    remember(&second);
    let _other = delivered(&dms, &weekly(&[applicants("2024-W46", "SY", 1)]));
    let sizes: Vec<usize> = moments
        .iter()
        .map(|(_, items)| items.as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [2, 1, 0, 2]);
    for (at, items) in &moments {
        let page = analyst
            .get(&format!("/v1/observations?{WEEKS}&asOf={at}"))
            .expect(200)
            .json();
        assert_eq!(&page["items"], items, "{at}");
    }
    // Whoever follows the changes from the first moment learns of each end.
    let changes = dms
        .get(&format!(
            "/v1/observations?{WEEKS}&updatedAfter={}&asOf={}",
            moments[0].0, moments[2].0
        ))
        .expect(200)
        .json();
    let gone = changes["items"].as_array().unwrap().iter();
    let gone: Vec<_> = gone
        .map(|item| {
            (
                &item["series"]["citizenship"],
                &item["observations"][0]["retracted"],
            )
        })
        .collect();
    assert_eq!(gone, [(&json!("AF"), &json!(true)), (&json!("SY"), &json!(true))]);
    let history = dms
        .get(&format!(
            "/v1/observations?{WEEKS}&citizenship=AF&includeHistory=true"
        ))
        .expect(200)
        .json();
    let versions = history["items"][0]["observations"].as_array().unwrap();
    let values: Vec<&Value> = versions.iter().map(|version| &version["value"]).collect();
    assert_eq!(values, [&json!(4), &Value::Null, &json!(4)]);
}

#[test]
fn a_retracted_figure_feeds_no_risk_metric_any_more() {
    let app = TestApp::start();
    let (eurostat, analyst) = (app.submitter("EUROSTAT"), app.analyst());
    let row = |year: &str, state: &str, value: u64| {
        json!({"indicator": "EU_REFUSED", "period": year, "citizenship": "UA",
               "dimensions": {"reporting_state": state}, "value": value})
    };
    let document = |rows: &[Value]| json!({"dataflow": "EU_ENFORCEMENT", "observations": rows});
    let _base = delivered(
        &eurostat,
        &document(&[row("2014", "EU28", 16_160), row("2014", "PL", 1_000)]),
    );
    let newer = delivered(
        &eurostat,
        &document(&[row("2015", "EU28", 24_490), row("2015", "PL", 2_000)]),
    );
    let path = "/v1/risk-metrics/RM_VSM_REFUSED/values?from=2015&to=2015&dimension=citizenship%3DUA";
    let values = |page: &Value| -> Vec<Value> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["value"].clone()).collect()
    };
    eventually(&analyst, path, |page| {
        values(page).len() == 2 && values(page).iter().all(Value::is_number)
    });
    let retraction = retract(&eurostat, &newer, &mistake()).expect(201).json();
    let now = eventually(&analyst, path, |page| values(page).iter().all(Value::is_null));
    assert!(
        now["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["level"] == "unknown"),
        "{now:#}"
    );
    let marks = "select count(*) from metric_value where n_inputs > 0 and period = '2015-01-01' \
                 and data_as_of >= (select recorded_at from submission where kind = 'retraction') \
                 and inputs::text like '%2015%'";
    assert_eq!(app.database.sql(marks).as_deref(), Some("0"), "{retraction}");
}
