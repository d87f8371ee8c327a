//! Risk metrics: computed by themselves after a delivery, explained to the row, computed anew after a correction.

use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(crate) const VALUES: &str = "/v1/risk-metrics/RM_VSM_REFUSED/values";
const OF_EU28: &str = "dimension=citizenship%3DUA&dimension=reporting_state%3DEU28";

pub(crate) fn refusals(rows: &[(u32, &str, u64)]) -> Value {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(year, state, value)| {
            json!({"indicator": "EU_REFUSED", "period": year.to_string(), "citizenship": "UA",
                   "dimensions": {"reporting_state": state}, "value": value})
        })
        .collect();
    json!({"dataflow": "EU_ENFORCEMENT", "observations": rows})
}

/// Asks until the answer is as wanted; a metric is computed a moment after the delivery.
pub(crate) fn eventually(caller: &TestCaller, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    eventually_within(Duration::from_secs(20), caller, path, wanted)
}

/// The same with a limit of its own.
pub(crate) fn eventually_within(
    limit: Duration,
    caller: &TestCaller,
    path: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Value {
    let until = Instant::now() + limit;
    loop {
        let page = caller.get(path).expect(200).json();
        if wanted(&page) {
            return page;
        }
        assert!(Instant::now() < until, "{path} still says {page:#}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn value_of(page: &Value, period: &str) -> Option<f64> {
    let items = page["items"].as_array().unwrap();
    items.iter().find(|item| item["period"] == period)?["value"].as_f64()
}

fn is_about(value: Option<f64>, expected: f64) -> bool {
    value.is_some_and(|value| (value - expected).abs() < 1e-9)
}

#[test]
fn a_delivery_makes_a_metric_that_leads_back_to_its_rows() {
    let app = TestApp::start();
    let (eurostat, analyst) = (app.submitter("EUROSTAT"), app.analyst());
    let delivered = eurostat.submit_json(&refusals(&[(2014, "EU28", 16_160), (2015, "EU28", 24_490)]));
    let submission = delivered.expect(201).json();
    // The growth of refusals that made the suspension mechanism of the visa-free regime a question: 51.5 %.
    let growth = (24_490.0 - 16_160.0) / 16_160.0;
    let page = eventually(&analyst, &format!("{VALUES}?{OF_EU28}"), |page| {
        is_about(value_of(page, "2015"), growth)
    });
    let value = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["period"] == "2015")
        .unwrap();
    assert_eq!(value["unit"], "ratio");
    assert_eq!(
        value["dimensions"],
        json!({"citizenship": "UA", "reporting_state": "EU28"})
    );
    assert_eq!(value["data_as_of"], submission["recorded_at"]);

    let explained = analyst
        .get(value["explanation_href"].as_str().unwrap())
        .expect(200)
        .json();
    assert_eq!(&explained["value"], value);
    assert!(
        explained["text_uk"].as_str().unwrap().contains("0.5155"),
        "{explained:#}"
    );
    let rows: Vec<_> = explained["observations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["period"], &it["value"], &it["submission_id"], &it["row"]))
        .collect();
    assert_eq!(
        rows,
        [
            (&json!("2014"), &json!(16_160), &submission["id"], &json!(1)),
            (&json!("2015"), &json!(24_490), &submission["id"], &json!(2)),
        ]
    );
    let href = explained["observations"][1]["content_href"].as_str().unwrap();
    assert!(analyst.get(href).expect(200).text().contains("24490"));

    let csv = analyst
        .get(&format!("{VALUES}?{OF_EU28}&from=2015&format=csv"))
        .expect(200)
        .text();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("code,version,period,citizenship,reporting_state,value,unit,level"));
    assert!(
        lines[1].starts_with(&format!(
            "RM_VSM_REFUSED,1,2015,UA,EU28,{},ratio,",
            value["value"]
        )),
        "{csv}"
    );
    // Another body sees the value, and not the figures of Eurostat row by row.
    let dms = app.submitter("DMS");
    let foreign = dms
        .get(value["explanation_href"].as_str().unwrap())
        .expect(200)
        .json();
    assert_eq!(&foreign["value"], value);
    assert_eq!(foreign["observations"], json!([]));
}

#[test]
fn a_correction_computes_only_what_it_touches_and_the_former_value_stays_said() {
    let app = TestApp::start();
    let (eurostat, analyst) = (app.submitter("EUROSTAT"), app.analyst());
    let first = eurostat.submit_json(&refusals(&[
        (2013, "EU28", 10_000),
        (2014, "EU28", 16_160),
        (2015, "EU28", 24_490),
        (2014, "PL", 1_000),
        (2015, "PL", 3_000),
    ]));
    let first = first.expect(201).json();
    let everything = format!("{VALUES}?includeHistory=true");
    let before = eventually(&analyst, &everything, |page| {
        let known = |state: &str, period: &str| {
            page["items"].as_array().unwrap().iter().any(|item| {
                item["dimensions"]["reporting_state"] == state
                    && item["period"] == period
                    && !item["value"].is_null()
            })
        };
        known("EU28", "2014") && known("EU28", "2015") && known("PL", "2015")
    });
    let mut correction = refusals(&[(2015, "EU28", 32_320)]);
    correction["kind"] = json!("correction");
    correction["supersedes"] = first["id"].clone();
    correction["reason_code"] = json!("error_fix");
    correction["mode"] = json!("merge");
    correction["if_match"] = first["slice_etag"].clone();
    let corrected = eurostat.submit_json(&correction).expect(201).json();
    let now = eventually(&analyst, &format!("{VALUES}?{OF_EU28}"), |page| {
        is_about(value_of(page, "2015"), 1.0)
    });
    assert!(is_about(value_of(&now, "2014"), 0.616));

    // What was said before is said again for that moment.
    let said = before["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["recorded_at"].as_str().unwrap())
        .max()
        .unwrap();
    let then = analyst
        .get(&format!("{VALUES}?{OF_EU28}&asOf={said}"))
        .expect(200)
        .json();
    assert!(is_about(value_of(&then, "2015"), 8_330.0 / 16_160.0));
    let explained = "/v1/risk-metrics/RM_VSM_REFUSED/explanation?period=2015";
    let old = analyst
        .get(&format!("{explained}&{OF_EU28}&asOf={said}"))
        .expect(200)
        .json();
    assert_eq!(old["observations"][1]["submission_id"], first["id"]);
    let new = analyst.get(&format!("{explained}&{OF_EU28}")).expect(200).json();
    assert_eq!(new["observations"][0]["submission_id"], first["id"]);
    assert_eq!(new["observations"][1]["submission_id"], corrected["id"]);

    // One value was recorded anew: that of the corrected key and year; all others stand as they were.
    let after = analyst.get(&everything).expect(200).json();
    let (before, after) = (
        before["items"].as_array().unwrap(),
        after["items"].as_array().unwrap(),
    );
    let added: Vec<&Value> = after.iter().filter(|item| !before.contains(item)).collect();
    assert!(before.iter().all(|item| after.contains(item)));
    let added: Vec<_> = added
        .iter()
        .map(|item| {
            (
                item["dimensions"]["reporting_state"].as_str().unwrap(),
                item["period"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(added, [("EU28", "2015")]);
    // The same figures again say nothing new.
    let _same = eurostat
        .submit_json(&refusals(&[(2015, "EU28", 32_320)]))
        .expect(201);
    let pause = Instant::now() + Duration::from_millis(1500);
    while Instant::now() < pause {
        let page = analyst.get(&everything).expect(200).json();
        assert_eq!(page["items"].as_array().unwrap().len(), after.len());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn values_are_filtered_and_paged() {
    let app = TestApp::start();
    let (eurostat, analyst) = (app.submitter("EUROSTAT"), app.analyst());
    let states = ["CZ", "DE", "EE", "PL"];
    let rows: Vec<(u32, &str, u64)> = states
        .iter()
        .flat_map(|state| (2010..=2015).map(move |year| (year, *state, u64::from(year - 2000) * 100)))
        .collect();
    let _stored = eurostat.submit_json(&refusals(&rows)).expect(201);
    let whole = eventually(&analyst, VALUES, |page| {
        let found = page["items"].as_array().unwrap();
        found.iter().filter(|item| !item["value"].is_null()).count() == 20
    });
    let whole = whole["items"].as_array().unwrap().clone();
    for limit in [1, 3, 1000] {
        let (mut read, mut path) = (Vec::new(), Some(format!("{VALUES}?limit={limit}")));
        while let Some(here) = path {
            let page = analyst.get(&here).expect(200).json();
            read.extend(page["items"].as_array().unwrap().clone());
            path = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(read, whole, "limit {limit}");
    }
    let count = |query: &str| {
        let page = analyst.get(&format!("{VALUES}?{query}")).expect(200).json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(count("dimension=reporting_state%3DPL&from=2012&to=2013"), 2);
    assert_eq!(
        count("dimension=reporting_state%3DPL&dimension=reporting_state%3DDE&from=2015"),
        2
    );
    assert_eq!(count("dimension=reporting_state%3DFR"), 0);
    assert_eq!(count("level=critical"), 0);
    let by_level: usize = ["low", "guarded", "elevated", "high", "critical", "unknown"]
        .iter()
        .map(|level| count(&format!("level={level}")))
        .sum();
    assert_eq!(by_level, whole.len());
}

#[test]
fn a_metric_shows_its_definition_and_a_value_that_was_never_said_is_not_found() {
    let app = TestApp::start();
    let analyst = app.analyst();
    let listed = analyst.get("/v1/risk-metrics").expect(200).json();
    let metric = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|metric| metric["code"] == "RM_VSM_REFUSED")
        .unwrap();
    assert_eq!(metric["state"], "published");
    assert_eq!(metric["definition"]["expr"]["op"], "yoy");
    let versions = analyst.get("/v1/risk-metrics/RM_VSM_REFUSED").expect(200).json();
    assert_eq!(&versions["items"][0], metric);
    for query in [
        format!("period=2015&{OF_EU28}"),
        "period=2015".to_owned(),
        format!("period=2015-W01&{OF_EU28}"),
    ] {
        let answer = analyst.get(&format!("/v1/risk-metrics/RM_VSM_REFUSED/explanation?{query}"));
        assert_eq!(answer.expect(404).json()["code"], "resource.not_found", "{query}");
    }
    let answer = analyst.get("/v1/risk-metrics/RM_VSM_REFUSED/explanation");
    assert_eq!(answer.expect(400).json()["parameters"][0]["name"], "period");
}

/// Five quarters of orders to leave and of returns; the newest of each is provisional.
fn returns() -> Value {
    let quarters = ["2015-Q1", "2015-Q2", "2015-Q3", "2015-Q4", "2016-Q1"];
    let rows = quarters.iter().enumerate().flat_map(|(at, quarter)| {
        let status = if at == 4 { "P" } else { "A" };
        [("EU_ORDLEAVE", 400), ("EU_RETURNED", 250 + 20 * at)].map(|(indicator, value)| {
            json!({"indicator": indicator, "period": quarter, "citizenship": "UA", "obs_status": status,
                   "dimensions": {"reporting_state": "PL"}, "value": value})
        })
    });
    let rows: Vec<Value> = rows.collect();
    json!({"dataflow": "EU_ENFORCEMENT", "observations": rows})
}

#[test]
fn a_value_says_how_sure_it_is_and_what_changed_it() {
    let app = TestApp::start();
    let (eurostat, analyst) = (app.submitter("EUROSTAT"), app.analyst());
    let _stored = eurostat.submit_json(&returns()).expect(201);
    let path = "/v1/risk-metrics/RM_EU_RETURN/values?dimension=reporting_state%3DPL";
    // A year is 250 + 270 + 290 + 310 of 1,600, the next one 270 + 290 + 310 + 330.
    let page = eventually(&analyst, path, |page| is_about(value_of(page, "2016-Q1"), 0.75));
    let items = page["items"].as_array().unwrap();
    let of = |period: &str| items.iter().find(|item| item["period"] == period).unwrap();
    let value = of("2016-Q1");
    let interval = &value["interval"];
    assert_eq!(
        (&interval["method"], &interval["level"]),
        (&json!("wilson"), &json!(0.95))
    );
    assert!(
        is_about(interval["low"].as_f64().map(|low| (low * 1e4).round()), 7282.0),
        "{interval}"
    );
    assert!(
        is_about(interval["high"].as_f64().map(|high| (high * 1e4).round()), 7706.0),
        "{interval}"
    );
    assert_eq!(value["provisional_share"], 0.25);
    assert_eq!(of("2015-Q4")["provisional_share"], 0.0);
    assert_eq!(of("2015-Q1")["interval"], Value::Null, "no value, no interval");
    assert_eq!(value["sensitivity"], Value::Null, "no composite");

    let csv = analyst
        .get(&format!("{path}&from=2016-Q1&format=csv"))
        .expect(200)
        .text();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| {
        let at = lines[0].iter().position(|column| *column == name).unwrap();
        lines[1][at]
    };
    assert_eq!(
        (column("interval_method"), column("provisional_share")),
        ("wilson", "0.25")
    );

    let href = value["explanation_href"].as_str().unwrap();
    let explained = analyst.get(href).expect(200).json();
    let change = &explained["computation"]["changes"][0];
    assert_eq!(change["since"], "2015-Q4");
    assert!(is_about(change["change"].as_f64(), 0.05), "{change:#}");
    let parts = change["parts"].as_array().unwrap();
    let sum: f64 = parts
        .iter()
        .filter_map(|part| part["contribution"].as_f64())
        .sum();
    assert!(
        is_about(Some(sum), 0.05) && parts.iter().any(|part| part["input"] == "r"),
        "{change:#}"
    );
    // The figures of Eurostat are in the computation, so another body gets none of it.
    let foreign = app.submitter("DMS").get(href).expect(200).json();
    assert_eq!(foreign["computation"], json!({}));
    assert_eq!(&foreign["value"], value);
}
