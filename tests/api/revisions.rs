//! Revisions: what was said first, what later, and what the newest month will hold; against figures worked out by hand.

use crate::api::forecasts::date_back;
use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};

const AS_OF: &str = "asOf=2026-05-20T12:00:00Z";

/// Delivers one month of first applications, known from a day on; the number of the submission.
fn told(app: &TestApp, dms: &TestCaller, period: &str, value: u32, day: &str) -> Value {
    let document = json!({"dataflow": "ASYLUM_MONTHLY", "observations": [
        {"indicator": "ASY_APPL_FIRST", "period": period, "value": value}]});
    let submission = dms.submit_json(&document).expect(201).json();
    date_back(
        app,
        submission["id"].as_str().unwrap(),
        &format!("{day}T09:00:00Z"),
    );
    submission["id"].clone()
}

fn about(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

#[test]
fn revisions_are_counted_and_the_newest_month_is_estimated_beside_what_was_reported() {
    let app = TestApp::start();
    let (dms, sbgs, analyst) = (app.submitter("DMS"), app.submitter("SBGS"), app.analyst());
    let first = told(&app, &dms, "2026-01", 100, "2026-02-05");
    let _february = told(&app, &dms, "2026-02", 200, "2026-03-05");
    let second = told(&app, &dms, "2026-01", 110, "2026-03-10");
    let _later = told(&app, &dms, "2026-02", 230, "2026-04-10");
    let _april = told(&app, &dms, "2026-04", 300, "2026-05-05");

    let path = format!("/v1/revisions?indicator=ASY_APPL_FIRST&{AS_OF}");
    let page = analyst.get(&path).expect(200).json();
    let [group] = page["items"].as_array().unwrap().as_slice() else {
        panic!("{page:#}")
    };
    assert_eq!(
        (
            &group["body"],
            &group["indicator"],
            &group["frequency"],
            &group["series"]
        ),
        (&json!("DMS"), &json!("ASY_APPL_FIRST"), &json!("M"), &json!(1))
    );
    let statistics = &group["statistics"];
    assert_eq!(
        (&statistics["figures"], &statistics["revised"]),
        (&json!(3), &json!(2))
    );
    about(&statistics["mean"], 40.0 / 3.0);
    about(&statistics["relative_mean_absolute"], 40.0 / 640.0);
    about(&statistics["median_absolute"], 20.0);
    about(&statistics["p90_absolute"], 30.0);
    about(&statistics["upward_share"], 1.0);
    about(&statistics["delay_days_median"], 5.0);

    // (110 + 230) / (100 + 200), from two months.
    let growth = 340.0 / 300.0;
    about(&group["completeness"][0]["completeness"], 1.0 / growth);
    about(&group["completeness"][1]["factor"], growth);
    assert_eq!(group["completeness"][1]["n_periods"], 2);
    let [april] = group["nowcasts"].as_array().unwrap().as_slice() else {
        panic!("{group:#}")
    };
    assert_eq!(
        (
            &april["period"],
            &april["reported"],
            &april["flag"],
            &april["n_periods"]
        ),
        (&json!("2026-04"), &json!(300.0), &json!("estimated"), &json!(2))
    );
    about(&april["estimate"], 340.0);
    // Mack: σ² = 100 (1.1 − f)² + 200 (1.15 − f)², error² = 300² σ² (1/300 + 1/300).
    let spread = 100.0 * (1.1 - growth).powi(2) + 200.0 * (1.15 - growth).powi(2);
    let error = 300.0 * (spread * 2.0 / 300.0).sqrt();
    about(&april["lo95"], 340.0 - 1.96 * error);
    about(&april["hi95"], 340.0 + 1.96 * error);

    // In March only the first month had been told, and nothing was revised.
    let then = "/v1/revisions?indicator=ASY_APPL_FIRST&asOf=2026-03-01T00:00:00Z";
    let then = analyst.get(then).expect(200).json();
    assert_eq!(then["items"][0]["statistics"]["figures"], 1);
    assert_eq!(then["items"][0]["nowcasts"], json!([]));

    let series = analyst
        .get("/v1/series?indicator=ASY_APPL_FIRST")
        .expect(200)
        .json();
    let id = series["items"][0]["id"].as_str().unwrap();
    let of_series = format!("/v1/revisions?seriesId={id}&{AS_OF}");
    let page = dms.get(&of_series).expect(200).json();
    let january = &page["items"][0]["figures"][0];
    assert_eq!(
        (&january["period"], &january["delay_days"]),
        (&json!("2026-01"), &json!(5))
    );
    let versions: Vec<_> = january["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["value"], &it["submission_id"], it["change"].as_f64()))
        .collect();
    assert_eq!(
        versions,
        [(&json!(100), &first, None), (&json!(110), &second, Some(10.0))]
    );
    about(&january["versions"][1]["relative_change"], 0.1);
    let csv = dms.get(&format!("{of_series}&format=csv")).expect(200).text();
    assert_eq!(csv.lines().count(), 6, "{csv}");

    // Nobody but the body and the centre sees them.
    assert_eq!(sbgs.get(&path).expect(200).json()["items"], json!([]));
    assert_eq!(
        sbgs.get(&of_series).expect(404).json()["code"],
        "resource.not_found"
    );
    let unasked = analyst.get("/v1/revisions").expect(400).json();
    assert_eq!(unasked["parameters"][0]["name"], "indicator");
}
