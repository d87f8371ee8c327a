//! What the stories deliver and how they retell an answer: small bodies, findings and figures as lines.
//!
//! Judges nothing. Periods lie years back, so that no story depends on the day it is told.

use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

/// Lvivska oblast.
pub const LVIV: &str = "UA46000000000026241";
/// Lvivskyi raion, in Lvivska oblast.
pub const LVIV_RAION: &str = "UA46060000000042587";
/// Kyiv, the city.
pub const KYIV: &str = "UA80000000000093317";

/// Asylum applicants of the whole country in a week.
pub fn applicants(period: &str, citizenship: &str, value: u64) -> Value {
    json!({"indicator": "ASY_APPL", "period": period, "citizenship": citizenship, "value": value})
}

/// A weekly submission of these rows.
pub fn weekly(rows: &[Value]) -> Value {
    json!({"dataflow": "ASYLUM_WEEKLY", "observations": rows})
}

/// The same rows, one on each line.
pub fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// A correction of a submission.
pub fn correction(of: &Value, reason: &str, rows: &[Value]) -> Value {
    json!({
        "dataflow": "ASYLUM_WEEKLY", "kind": "correction", "supersedes": of, "reason_code": reason,
        "observations": rows
    })
}

/// The same correction of single figures, made from the state that this entity tag names.
pub fn merging(mut correction: Value, slice_etag: &Value) -> Value {
    correction["mode"] = json!("merge");
    correction["if_match"] = slice_etag.clone();
    correction
}

/// Takes a submission back.
pub fn retract(caller: &TestCaller, submission: &Value, request: &Value) -> Response {
    let key = leleka_domain::IdSource.next().to_string();
    retract_with_key(caller, submission, &request.to_string(), &key)
}

/// The same with this key.
pub fn retract_with_key(caller: &TestCaller, submission: &Value, body: &str, key: &str) -> Response {
    let path = format!(
        "/v1/submissions/{}/retraction",
        submission["id"].as_str().unwrap()
    );
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    caller.request("POST", &path, &headers, Some(body.as_bytes()))
}

/// The moment of a submission as a query parameter.
pub fn moment(submission: &Value) -> String {
    submission["recorded_at"].as_str().unwrap().replace('+', "%2B")
}

/// The submission as it is now.
pub fn submission_now(caller: &TestCaller, submission: &Value) -> Value {
    let path = format!("/v1/submissions/{}", submission["id"].as_str().unwrap());
    caller.get(&path).expect(200).json()
}

/// The findings of an answer: `code row:line place`.
pub fn told(answer: &Response) -> Vec<String> {
    let number = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
    answer
        .findings()
        .into_iter()
        .map(|finding| {
            let place = finding.place.filter(|place| !place.is_empty());
            let place = place.unwrap_or("-".to_owned());
            format!(
                "{} {}:{} {place}",
                finding.code,
                number(finding.row),
                number(finding.line)
            )
        })
        .collect()
}

/// Figures of an observations page, in its order: `period territory citizenship sex age = value status`.
pub fn figures_in(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .flat_map(|item| {
            let of = |name: &str| item["series"][name].as_str().unwrap_or("-").to_owned();
            let key = ["territory", "citizenship", "sex", "age"].map(of).join(" ");
            let observations = item["observations"].as_array().unwrap();
            observations.iter().map(move |it| {
                let (period, status) = (it["period"].as_str().unwrap(), it["obs_status"].as_str().unwrap());
                format!("{period} {key} = {} {status}", it["value"])
            })
        })
        .collect()
}

/// The figures that a query gives on its first page.
pub fn figures(caller: &TestCaller, query: &str) -> Vec<String> {
    figures_in(
        &caller
            .get(&format!("/v1/observations?{query}"))
            .expect(200)
            .json(),
    )
}

/// The lines of a CSV answer, without the header.
pub fn csv_lines(answer: &Response) -> Vec<String> {
    answer.text().lines().skip(1).map(str::to_owned).collect()
}

/// How many series, observations, submissions and keys the database holds.
pub fn stored(app: &TestApp) -> String {
    let count = |table: &str| {
        app.database
            .sql(&format!("select count(*) from {table}"))
            .unwrap()
    };
    ["series", "observation", "submission", "idempotency_key"]
        .map(count)
        .join("/")
}

/// How many series and observations the database holds.
pub fn stored_figures(app: &TestApp) -> String {
    app.database
        .sql("(select count(*) from series) || '/' || (select count(*) from observation)")
        .unwrap()
}
