//! Forecasts: made by themselves after a delivery, equal to what the engine says, made anew after a correction, and
//! shown only to whom the series belongs.

use super::risk_metrics::eventually_within;
use leleka_risk::forecast::{ForecastSettings, forecast};
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};
use std::time::Duration;

const OF_FIRST: &str = "/v1/forecasts?indicator=ASY_APPL_FIRST";

/// Applications of so many months from January 2020 on: a season, a slow rise and a little noise.
fn months(count: usize) -> Vec<(String, f64)> {
    let season = [310, 280, 300, 330, 370, 420, 460, 450, 410, 380, 340, 320];
    let noise = [3, -7, 12, 0, -9, 5, 8, -4, -11, 6, 2, -1, 7];
    let month = |number: usize| {
        let period = format!("{}-{:02}", 2020 + number / 12, number % 12 + 1);
        let value = season[number % 12] + noise[number % 13] + i32::try_from(number).unwrap();
        (period, f64::from(value))
    };
    (0..count).map(month).collect()
}

fn monthly(indicator: &str, dataflow: &str, months: &[(String, f64)]) -> Value {
    let rows: Vec<Value> = months
        .iter()
        .map(|(period, value)| json!({"indicator": indicator, "period": period, "value": *value as i64}))
        .collect();
    json!({"dataflow": dataflow, "observations": rows})
}

/// Asks until the answer is as wanted; a forecast is made a while after the delivery.
fn eventually(caller: &TestCaller, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually_within(Duration::from_secs(180), caller, path, wanted)
}

fn ask(caller: &TestCaller, series: &Value, key: &str) -> Response {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let body = json!({"series_id": series}).to_string();
    caller.request("POST", "/v1/forecasts", &headers, Some(body.as_bytes()))
}

fn new_key() -> String {
    leleka_domain::IdSource.next().to_string()
}

#[test]
fn five_years_of_months_are_forecast_as_the_engine_says_and_anew_after_a_correction() {
    let app = TestApp::start();
    let (dms, sbgs, analyst) = (app.submitter("DMS"), app.submitter("SBGS"), app.analyst());
    let sent = months(60);
    let document = monthly("ASY_APPL_FIRST", "ASYLUM_MONTHLY", &sent);
    let submission = dms.submit_json(&document).expect(201).json();
    let page = eventually(&analyst, OF_FIRST, |page| page["items"] != json!([]));
    let told = &page["items"][0];

    let settings = ForecastSettings {
        period: 12,
        horizon: 12,
        counts: true,
    };
    let values: Vec<Option<f64>> = sent.iter().map(|(_, value)| Some(*value)).collect();
    let expected = forecast(&values, settings, 44, None).unwrap();
    assert_eq!(told["members"], json!(expected.forecast.members));
    let points = told["points"].as_array().unwrap();
    assert_eq!(points.len(), 12);
    assert_eq!(points[0]["period"], "2025-01");
    for (point, expected) in points.iter().zip(&expected.forecast.points) {
        for (name, number) in [
            ("point", expected.point),
            ("lo80", expected.lo80),
            ("hi80", expected.hi80),
            ("lo95", expected.lo95),
            ("hi95", expected.hi95),
        ] {
            assert_eq!(point[name].as_f64(), Some(number), "{name} of {point}");
        }
    }
    let tested = expected.backtest.unwrap();
    assert_eq!(told["backtest"]["origins"], json!(tested.origins));
    assert_eq!(told["backtest"]["mase"].as_f64(), tested.pool.mase);
    assert_eq!(told["backtest"]["naive_mase"].as_f64(), tested.naive_mase);
    assert_eq!(
        told["backtest"]["seasonal_naive_mase"].as_f64(),
        tested.seasonal_naive_mase
    );
    assert_eq!(told["verdict"], expected.verdict.code());
    // The season comes back every year and the rise is small: the value of a season ago is hard to beat, and it is said.
    let (word, text) = match tested.seasonal_naive_mase < tested.pool.mase {
        true => ("no_better_than_last_value", "Недостатньо добрий"),
        false => ("beats_naive", "Достатньо добрий"),
    };
    assert_eq!(told["verdict"], word);
    assert!(told["verdict_uk"].as_str().unwrap().starts_with(text));
    assert!(told["scenario_en"].as_str().unwrap().contains("24 February 2022"));
    // Five years in one delivery: what was known in between, nobody kept.
    assert_eq!(told["vintages"], "final_figures");
    assert_eq!(told["data_as_of"], submission["recorded_at"]);
    assert_eq!(
        (&told["n_observations"], &told["last_period"]),
        (&json!(60), &json!("2024-12"))
    );

    let path = format!("/v1/forecasts/{}", told["series"]["id"].as_str().unwrap());
    assert_eq!(&analyst.get(&path).expect(200).json(), told);
    assert_eq!(&dms.get(&path).expect(200).json(), told);
    assert_eq!(sbgs.get(&path).expect(404).json()["code"], "resource.not_found");
    assert_eq!(sbgs.get(OF_FIRST).expect(200).json()["items"], json!([]));
    let csv = analyst.get(&format!("{OF_FIRST}&format=csv")).expect(200).text();
    assert_eq!(csv.lines().count(), 13, "{csv}");
    let etag = analyst.get(OF_FIRST).header("etag").unwrap().to_owned();
    let unchanged = analyst.request("GET", OF_FIRST, &[("if-none-match", &etag)], None);
    assert_eq!(unchanged.status, 304);

    // A figure is corrected: a new forecast, and the old one for its moment.
    let changed = monthly(
        "ASY_APPL_FIRST",
        "ASYLUM_MONTHLY",
        &[("2024-12".to_owned(), 520.0)],
    );
    let revised = dms.submit_json(&changed).expect(201).json();
    let now = eventually(&analyst, &path, |now| now["data_as_of"] == revised["recorded_at"]);
    assert_ne!(now["points"], told["points"]);
    assert_ne!(now["input_digest"], told["input_digest"]);
    let said = told["recorded_at"].as_str().unwrap();
    assert_eq!(
        &analyst.get(&format!("{path}?asOf={said}")).expect(200).json(),
        told
    );
}

#[test]
fn a_forecast_is_made_when_somebody_asks_and_then_kept_up_to_date() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let document = monthly("RES_IMM_PERMIT", "RESIDENCE_MONTHLY", &months(2));
    let _stored = dms.submit_json(&document).expect(201);
    let series = analyst
        .get("/v1/series?indicator=RES_IMM_PERMIT")
        .expect(200)
        .json();
    let id = &series["items"][0]["id"];
    let key = new_key();
    let answer = ask(&analyst, id, &key).expect(201);
    let path = format!("/v1/forecasts/{}", id.as_str().unwrap());
    assert_eq!(answer.header("location"), Some(path.as_str()));
    let made = answer.json();
    assert_eq!(
        (&made["verdict"], &made["reason"], &made["points"]),
        (&json!("no_forecast"), &json!("short_history"), &json!([]))
    );
    let again = ask(&analyst, id, &key).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(), made);

    // Ten months are enough for a forecast, not for a test of it.
    let more = monthly("RES_IMM_PERMIT", "RESIDENCE_MONTHLY", &months(10));
    let _stored = dms.submit_json(&more).expect(201);
    let now = eventually(&analyst, &path, |now| now["verdict"] == "not_tested");
    assert_eq!(now["members"], json!(["naive_drift"]));
    assert_eq!(now["interval_method"], "model");
    let by_verdict = |verdict: &str| {
        let page = analyst
            .get(&format!("/v1/forecasts?verdict={verdict}"))
            .expect(200)
            .json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((by_verdict("not_tested"), by_verdict("beats_naive")), (1, 0));

    let nobody = ask(&analyst, &json!("0000000000000000"), &new_key()).expect(404);
    assert_eq!(nobody.json()["code"], "resource.not_found");
    assert_eq!(
        ask(&analyst, &json!("x"), &new_key()).expect(422).json()["code"],
        "request.member_invalid"
    );
    assert_eq!(
        ask(&dms, id, &new_key()).expect(403).json()["code"],
        "auth.insufficient_scope"
    );
}

#[test]
fn the_test_of_a_forecast_uses_what_was_known_then() {
    let app = TestApp::start();
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    // Each month comes ten days after its end; the thirtieth was far too low at first.
    for (number, (period, value)) in months(46).into_iter().enumerate() {
        let first = if number == 30 { 60.0 } else { value };
        delivered_at(&app, &dms, &[(period.clone(), first)], &day_after(number, 10));
        if number == 30 {
            delivered_at(&app, &dms, &[(period, value)], &day_after(number, 300));
        }
    }
    let series = analyst
        .get("/v1/series?indicator=RES_IMM_PERMIT")
        .expect(200)
        .json();
    let made = ask(&analyst, &series["items"][0]["id"], &new_key())
        .expect(201)
        .json();
    assert_eq!(made["vintages"], "as_known_then");
    let values: Vec<Option<f64>> = months(46).into_iter().map(|(_, value)| Some(value)).collect();
    let settings = ForecastSettings {
        period: 12,
        horizon: 12,
        counts: true,
    };
    let known = |n: usize| {
        let mut known = values.get(..n)?.to_vec();
        // Corrected 300 days after its end: known with the fortieth month, which ended 275 days later, not before.
        if n > 30 && n < 41 {
            known[30] = Some(60.0);
        }
        Some(known)
    };
    let then = forecast(&values, settings, 44, Some(&known))
        .unwrap()
        .backtest
        .unwrap();
    assert_eq!(made["backtest"]["mase"].as_f64(), then.pool.mase);
    let later = forecast(&values, settings, 44, None).unwrap().backtest.unwrap();
    assert_ne!(made["backtest"]["mase"].as_f64(), later.pool.mase);
}

/// The day so many days after the end of the month of this number, from January 2020 on.
fn day_after(month: usize, days: u64) -> String {
    let next = (2020 + (month + 1) / 12, (month + 1) % 12 + 1);
    let first =
        chrono::NaiveDate::from_ymd_opt(i32::try_from(next.0).unwrap(), u32::try_from(next.1).unwrap(), 1);
    let day = first.unwrap() + chrono::Days::new(days - 1);
    format!("{day}T09:00:00Z")
}

/// Delivers, and dates the delivery back: the ledger refuses that to everybody but the owner of the cluster.
fn delivered_at(app: &TestApp, dms: &TestCaller, figures: &[(String, f64)], moment: &str) {
    let document = monthly("RES_IMM_PERMIT", "RESIDENCE_MONTHLY", figures);
    let submission = dms.submit_json(&document).expect(201).json();
    date_back(app, submission["id"].as_str().unwrap(), moment);
}

/// Dates a submission back.
pub(crate) fn date_back(app: &TestApp, submission: &str, moment: &str) {
    let statement = format!(
        "set session_replication_role = replica; \
         update submission set recorded_at = '{moment}' where id = '{submission}'; \
         set session_replication_role = origin"
    );
    app.database.execute(&statement).unwrap();
}
