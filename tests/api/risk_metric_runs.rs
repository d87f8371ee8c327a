//! How values of risk metrics came to be: what a delivery made to be computed, values that come out again, and offices
//! that are missed.

use crate::api::risk_metrics::{VALUES, eventually, refusals};
use leleka_testkit::TestApp;
use serde_json::{Value, json};

#[test]
fn a_submission_tells_how_many_values_it_made_to_be_computed_and_each_comes_out_again() {
    let app = TestApp::start();
    let (eurostat, analyst) = (app.submitter("EUROSTAT"), app.analyst());
    let rows = [
        (2013, "EU28", 10_000),
        (2014, "EU28", 16_160),
        (2015, "EU28", 24_490),
        (2015, "PL", 3_000),
    ];
    let first = eurostat.submit_json(&refusals(&rows)).expect(201).json();
    let fresh = |page: &Value, count: usize| {
        let items = page["items"].as_array().unwrap();
        items.len() == count && items.iter().all(|item| item["stale"] == false)
    };
    // A key has a cell for each year that reads one of its figures, up to the newest one.
    let _values = eventually(&analyst, VALUES, |page| fresh(page, 4));
    let runs_of = |submission: &Value| {
        let id = submission["id"].as_str().unwrap();
        analyst
            .get(&format!("/v1/risk-metrics/RM_VSM_REFUSED/runs?submissionId={id}"))
            .expect(200)
            .json()
    };
    let sum = |runs: &Value, name: &str| -> u64 {
        let runs = runs["items"].as_array().unwrap().iter();
        runs.map(|run| run[name].as_u64().unwrap()).sum()
    };
    let runs = runs_of(&first);
    assert_eq!(
        (sum(&runs, "computed"), sum(&runs, "recorded")),
        (4, 4),
        "{runs:#}"
    );
    assert_eq!(runs["items"][0]["submission_ids"], json!([first["id"]]));
    assert_eq!(runs["items"][0]["by_definition"], false);

    // One late figure touches its own year and the year after it, of its own key.
    let late = eurostat
        .submit_json(&refusals(&[(2014, "PL", 1_000)]))
        .expect(201)
        .json();
    let _values = eventually(&analyst, VALUES, |page| fresh(page, 5));
    let runs = runs_of(&late);
    assert_eq!(
        (sum(&runs, "computed"), sum(&runs, "recorded")),
        (2, 2),
        "{runs:#}"
    );
    let all = analyst
        .get("/v1/risk-metrics/RM_VSM_REFUSED/runs?limit=1")
        .expect(200)
        .json();
    assert_eq!(all["items"][0]["submission_ids"], json!([late["id"]]));
    let next = analyst.get(all["next"].as_str().unwrap()).expect(200).json();
    assert_eq!(next["items"][0]["submission_ids"], json!([first["id"]]));

    for at in ["own", "newest"] {
        let (mut compared, mut path) = (
            0,
            Some(format!(
                "/v1/risk-metrics/RM_VSM_REFUSED/recomputations?at={at}&limit=2"
            )),
        );
        while let Some(here) = path {
            let answer = analyst.request("POST", &here, &[], None).expect(200).json();
            assert_eq!(
                (&answer["different"], &answer["equal"]),
                (&json!([]), &answer["compared"])
            );
            compared += answer["compared"].as_u64().unwrap();
            path = answer["next"].as_str().map(str::to_owned);
        }
        assert_eq!(compared, 5, "{at}");
    }
    // What somebody else would have written is found.
    let forged = "insert into metric_value (code, version, key, dimensions, frequency, period, value, unit, level, reason, \
        flags, n_inputs, coverage, n_baseline, data_as_of, input_digest, inputs) select code, version, key, dimensions, \
        frequency, period, value + 1e-9, unit, level, reason, flags, n_inputs, coverage, n_baseline, data_as_of, \
        input_digest, inputs from metric_value where value is not null order by id limit 1";
    app.database.execute(forged).unwrap();
    let answer = analyst.request(
        "POST",
        "/v1/risk-metrics/RM_VSM_REFUSED/recomputations",
        &[],
        None,
    );
    let answer = answer.expect(200).json();
    assert_eq!((&answer["compared"], &answer["equal"]), (&json!(5), &json!(4)));
    assert_ne!(
        answer["different"][0]["stored"]["value"],
        answer["different"][0]["computed"]["value"]
    );
    let _other = analyst
        .request("POST", "/v1/risk-metrics/RM_NONE/recomputations", &[], None)
        .expect(404);
    let _other = analyst.get("/v1/risk-metrics/RM_NONE/runs").expect(404);
    let _wrong = analyst
        .get("/v1/risk-metrics/RM_VSM_REFUSED/runs?submissionId=x")
        .expect(400);
}

#[test]
fn an_office_that_agreed_to_report_is_missed_when_it_does_not() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let figure = |territory: &str| {
        json!({"dataflow": "ASYLUM_WEEKLY", "observations": [
            {"indicator": "ASY_APPL", "period": "2024-W45", "territory": territory, "value": 12}]})
    };
    let _stored = dms.submit_json(&figure("UA46000000000026241")).expect(201);
    let silent = "/v1/risk-metrics/RM_ASY_WEEK/values?dimension=territory%3DUA05000000000010236";
    let page = eventually(&analyst, silent, |page| {
        page["items"].as_array().unwrap().len() == 1
    });
    let value = &page["items"][0];
    assert_eq!(
        (&value["period"], &value["level"]),
        (&json!("2024-W45"), &json!("unknown"))
    );
    assert_eq!(
        (&value["reason"], &value["value"]),
        (&json!("missing_input"), &Value::Null)
    );
    let explained = analyst
        .get(value["explanation_href"].as_str().unwrap())
        .expect(200)
        .json();
    assert_eq!(explained["observations"], json!([]));
    // Nothing is expected of a body without a territory of its own.
    let country = "/v1/risk-metrics/RM_ASY_WEEK/values?dimension=territory%3DUA";
    assert_eq!(analyst.get(country).expect(200).json()["items"], json!([]));
}
