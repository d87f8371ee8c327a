//! The story of an analyst: a metric is proposed with faults, mended, tried on the history, published by another person,
//! and computes; a second version is compared and takes its place; the metric is retired and what it said stays said.

use leleka_access::Role;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const METRICS: &str = "/v1/risk-metrics";
const VERSION_1: &str = "/v1/risk-metrics/RM_EU_REFUSED_STEP/versions/1";
const VERSION_2: &str = "/v1/risk-metrics/RM_EU_REFUSED_STEP/versions/2";
const VALUES: &str = "/v1/risk-metrics/RM_EU_REFUSED_STEP/values";

fn definition() -> Value {
    json!({
        "code": "RM_EU_REFUSED_STEP", "kind": "level", "freq": "A", "unit": "ratio", "decimals": 3,
        "direction": "up", "ciram": "threat.magnitude", "family": "visa-suspension",
        "by": ["citizenship", "reporting_state"],
        "inputs": {"a": {"indicator": "EU_REFUSED", "by": ["citizenship", "reporting_state"]}},
        "expr": {"op": "pct_change", "a": {"op": "in", "name": "a"}, "min_base": 50},
        "breakpoints": [[0, 0], [0.5, 6], [1, 10]],
        "text": {"uk": {"name": "Крок відмов", "explanation": "Зміна за рік."},
                 "en": {"name": "Step of refusals", "explanation": "Change on the year."}}
    })
}

fn second() -> Value {
    let mut document = definition();
    document["breakpoints"] = json!([[0, 0], [0.5, 3], [1, 10]]);
    document["note_uk"] = json!("Поріг піднято.");
    document["note_en"] = json!("The threshold is higher.");
    document
}

fn post(caller: &TestCaller, path: &str, key: Option<&str>, body: &Value) -> Response {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    caller.request("POST", path, &headers, Some(body.to_string().as_bytes()))
}

fn propose(caller: &TestCaller, document: &Value) -> Response {
    post(caller, METRICS, Some(&IdSource.next().to_string()), document)
}

fn change(caller: &TestCaller, href: &str, to: &str) -> Response {
    let body = json!({"to": to, "comment": format!("{to}: перевірено")});
    post(caller, &format!("{href}/states"), None, &body)
}

/// Code and pointer of each finding.
fn faults(answer: &Response) -> BTreeSet<String> {
    let answer = answer.json();
    let findings = answer["findings"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap_or("").to_owned();
    findings
        .map(|it| format!("{} {}", word(&it["code"]), word(&it["pointer"])))
        .collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn refusals(app: &TestApp) {
    let years = [(2013, 10_000), (2014, 16_000), (2015, 24_000)];
    let rows: Vec<Value> = years
        .iter()
        .map(|(year, value)| {
            json!({"indicator": "EU_REFUSED", "period": year.to_string(), "citizenship": "UA",
                   "dimensions": {"reporting_state": "EU28"}, "value": value})
        })
        .collect();
    let document = json!({"dataflow": "EU_ENFORCEMENT", "observations": rows});
    let _stored = app.submitter("EUROSTAT").submit_json(&document).expect(201);
}

/// Asks until the values are as wanted; a metric is computed a moment after it was published.
fn eventually(caller: &TestCaller, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let page = caller.get(VALUES).expect(200).json();
        let items = page["items"].as_array().unwrap().clone();
        if wanted(&items) {
            return items;
        }
        assert!(Instant::now() < until, "still {items:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn levels(items: &[Value]) -> Vec<(&str, &str, u64)> {
    let line = |it: &'_ Value| (it["period"].clone(), it["level"].clone(), it["version"].as_u64());
    let known = items.iter().filter(|it| !line(it).1.is_null());
    known
        .map(|it| {
            (
                it["period"].as_str().unwrap(),
                it["level"].as_str().unwrap(),
                it["version"].as_u64().unwrap(),
            )
        })
        .collect()
}

fn states(caller: &TestCaller) -> Vec<(u64, String)> {
    let page = caller
        .get("/v1/risk-metrics/RM_EU_REFUSED_STEP")
        .expect(200)
        .json();
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|it| {
            (
                it["version"].as_u64().unwrap(),
                it["state"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[test]
fn from_a_proposal_with_faults_to_a_second_version_and_its_end() {
    let app = TestApp::start();
    refusals(&app);
    let (analyst, publisher) = (app.analyst(), app.caller("DMS_CENTRE", Role::Publisher));

    // Faulty in form, then in meaning: every fault of a kind at once, in both languages, and nothing is there.
    let mut faulty = definition();
    faulty["colour"] = json!("red");
    faulty["decimals"] = json!("two");
    faulty["expr"]["k"] = json!(0);
    let answer = propose(&analyst, &faulty).expect(422);
    assert_eq!(answer.json()["code"], "risk_metric.definition_invalid");
    let expected = [
        "json.member_unknown /colour",
        "json.type /decimals",
        "json.type /expr/k",
    ];
    assert_eq!(faults(&answer), set(&expected));
    let mut faulty = definition();
    faulty["unit"] = json!("persons");
    faulty["version"] = json!(4);
    let answer = propose(&analyst, &faulty).expect(422);
    let expected = ["json.type /version", "risk_metric.definition_unsound /unit"];
    assert_eq!(faults(&answer), set(&expected));
    for finding in answer.json()["findings"].as_array().unwrap() {
        assert_ne!(finding["message"]["uk"], finding["message"]["en"]);
    }
    let mut faulty = definition();
    faulty["inputs"]["a"]["by"] = json!(["citizenship", "reporting_state", "shoe_size"]);
    faulty["by"] = faulty["inputs"]["a"]["by"].clone();
    let answer = propose(&analyst, &faulty).expect(422);
    let expected = ["risk_metric.definition_unsound /inputs/a/by/2"];
    assert_eq!(faults(&answer), set(&expected));
    let _missing = analyst.get("/v1/risk-metrics/RM_EU_REFUSED_STEP").expect(404);

    // Mended; the same request again is the same answer, and no second version.
    let key = IdSource.next().to_string();
    let first = post(&analyst, METRICS, Some(&key), &definition()).expect(201);
    assert_eq!(first.header("location"), Some(VERSION_1));
    let again = post(&analyst, METRICS, Some(&key), &definition()).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(), first.json());
    let first = first.json();
    assert_eq!((&first["state"], &first["version"]), (&json!("draft"), &json!(1)));
    assert_eq!(states(&analyst), [(1, "draft".to_owned())]);
    // A draft says nothing.
    let _nothing = analyst.get(VALUES).expect(404);

    // Tried: what it would say of two years of figures.
    let asked = json!({"from": "2013", "to": "2015"});
    for caller in [&analyst, &publisher] {
        let ran = post(caller, &format!("{VERSION_1}/test-runs"), None, &asked)
            .expect(200)
            .json();
        assert_eq!((&ran["cells"], &ran["values"]), (&json!(3), &json!(2)), "{ran:#}");
        assert_eq!(ran["levels"], json!({"high": 2, "unknown": 1}));
        assert_eq!(ran["unknown_by_reason"], json!({"missing_input": 1}));
        assert_eq!(ran.get("difference"), None);
    }
    let ordinary = post(&analyst, &format!("{VERSION_1}/test-runs"), None, &json!({})).expect(200);
    assert_eq!(
        (&ordinary.json()["from"], &ordinary.json()["to"]),
        (&json!("2011"), &json!("2015"))
    );
    for wrong in [
        json!({"from": "2016", "to": "2015"}),
        json!({"from": "2015-W01"}),
        json!({"cells": 201}),
    ] {
        let answer = post(&analyst, &format!("{VERSION_1}/test-runs"), None, &wrong).expect(422);
        assert_eq!(answer.json()["code"], "request.member_invalid", "{wrong}");
    }

    // Published by another person: the history is computed.
    assert_eq!(change(&analyst, VERSION_1, "published").expect(403).status, 403);
    let published = change(&publisher, VERSION_1, "published").expect(200).json();
    assert_eq!(published["state"], "published");
    let again = change(&publisher, VERSION_1, "published").expect(200).json();
    assert_eq!(again, published, "the same again is the same answer");
    let said = eventually(&analyst, |items| {
        items.iter().filter(|it| !it["value"].is_null()).count() == 2
    });
    let expected = [("2013", "unknown", 1), ("2014", "high", 1), ("2015", "high", 1)];
    assert_eq!(levels(&said), expected);

    // The next version says what it changes and keeps frequency and key.
    let mut unsaid = second();
    unsaid.as_object_mut().unwrap().remove("note_en");
    unsaid["note_uk"] = json!(" ");
    unsaid["by"] = json!(["citizenship"]);
    unsaid["inputs"]["a"] =
        json!({"indicator": "EU_REFUSED", "by": ["citizenship"], "over": ["reporting_state"]});
    let answer = propose(&analyst, &unsaid).expect(422);
    let unsound = |pointer: &str| format!("risk_metric.definition_unsound {pointer}");
    let expected = BTreeSet::from([unsound("/by"), unsound("/note_en"), unsound("/note_uk")]);
    assert_eq!(faults(&answer), expected);
    let proposed = propose(&analyst, &second()).expect(201).json();
    assert_eq!(proposed["note_en"], "The threshold is higher.");
    let ran = post(&publisher, &format!("{VERSION_2}/test-runs"), None, &asked)
        .expect(200)
        .json();
    let difference = &ran["difference"];
    assert_eq!(
        (
            &difference["published_version"],
            &difference["cells"],
            &difference["values_changed"]
        ),
        (&json!(1), &json!(3), &json!(0))
    );
    assert_eq!(
        difference["level_pairs"],
        json!([{"from": "high", "to": "guarded", "cells": 1}, {"from": "high", "to": "elevated", "cells": 1}])
    );
    let changed = &difference["changed"][1];
    assert_eq!(
        (&changed["period"], &changed["to"]["value"]),
        (&json!("2015"), &json!(0.5))
    );

    // It takes the place of the first, and says everything anew; what was said before is said again for its moment.
    let before = said
        .iter()
        .map(|it| it["recorded_at"].as_str().unwrap())
        .max()
        .unwrap();
    let _second = change(&publisher, VERSION_2, "published").expect(200);
    assert_eq!(
        states(&analyst),
        [(2, "published".to_owned()), (1, "retired".to_owned())]
    );
    let now = eventually(&analyst, |items| {
        items
            .iter()
            .filter(|it| it["version"] == 2 && !it["value"].is_null())
            .count()
            == 2
    });
    assert_eq!(
        levels(&now)[1..],
        [("2014", "elevated", 2), ("2015", "guarded", 2)]
    );
    let then = analyst.get(&format!("{VALUES}?asOf={before}")).expect(200).json();
    assert_eq!(then["items"].as_array().unwrap(), &said);
    let conflict = change(&publisher, VERSION_1, "published").expect(409).json();
    assert_eq!(conflict["code"], "risk_metric.state_conflict");

    // Retired: nothing is computed any more, values and their explanations stay, and the feed tells all of it.
    let _retired = change(&publisher, VERSION_2, "retired").expect(200);
    let kept = analyst.get(VALUES).expect(200).json();
    assert_eq!(kept["items"].as_array().unwrap(), &now);
    let href = now[1]["explanation_href"].as_str().unwrap();
    assert_eq!(analyst.get(href).expect(200).json()["value"], now[1]);
    let old = format!("{href}&asOf={before}");
    assert_eq!(analyst.get(&old).expect(200).json()["value"]["version"], 1);
    let feed = analyst
        .get("/v1/changes?kind=risk_metric.published&kind=risk_metric.retired")
        .expect(200)
        .json();
    let told: Vec<(&str, &str)> = feed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["kind"].as_str().unwrap(), it["href"].as_str().unwrap()))
        .collect();
    let expected = [
        ("risk_metric.published", VERSION_1),
        ("risk_metric.published", VERSION_2),
        ("risk_metric.retired", VERSION_2),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_version_shows_its_history_and_the_list_its_states() {
    let app = TestApp::start();
    let (analyst, publisher) = (app.analyst(), app.caller("DMS_CENTRE", Role::Publisher));
    let _first = propose(&analyst, &definition()).expect(201);
    let _published = change(&publisher, VERSION_1, "published").expect(200);
    let _second = propose(&analyst, &second()).expect(201);
    let _refused = change(&publisher, VERSION_2, "retired").expect(200);

    let answer = analyst.get(VERSION_1).expect(200);
    let detail = answer.json();
    let history: Vec<(&Value, &Value)> = detail["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["to"], &it["comment"]))
        .collect();
    let expected = [
        (&json!("draft"), &json!("")),
        (&json!("published"), &json!("published: перевірено")),
    ];
    assert_eq!(history, expected);
    assert_eq!(detail["definition"]["version"], 1);
    let tag = answer.header("etag").unwrap().to_owned();
    let unchanged = analyst.request("GET", VERSION_1, &[("if-none-match", &tag)], None);
    assert_eq!(unchanged.status, 304);
    let _missing = analyst
        .get("/v1/risk-metrics/RM_EU_REFUSED_STEP/versions/3")
        .expect(404);

    let table = |query: &str| analyst.get(&format!("{METRICS}?{query}")).expect(200).text();
    let published = table("format=csv");
    assert!(published.starts_with("code,version,state,name_uk,name_en,kind,freq,unit,ciram,family,by"));
    let line = "RM_EU_REFUSED_STEP,1,published,Крок відмов,Step of refusals,level,A,ratio,threat.magnitude,visa-suspension,citizenship reporting_state";
    assert!(published.lines().any(|found| found == line), "{published}");
    assert!(!published.contains("RM_EU_REFUSED_STEP,2"));
    assert!(table("format=csv&includeHistory=true").contains("RM_EU_REFUSED_STEP,2,retired"));

    let schema = analyst.get("/v1/risk-metrics/schema").expect(200);
    let committed = crate::operations::repository_file("openapi/risk-metric-v1.schema.json");
    assert_eq!(schema.text(), committed);
}

#[test]
fn nobody_publishes_what_they_proposed_even_in_another_role() {
    let app = TestApp::start();
    let author = app.analyst();
    let _draft = propose(&author, &definition()).expect(201);
    let promoted = format!("update client set role = 'publisher' where id = '{}'", author.id);
    app.database.execute(&promoted).unwrap();
    // The server knows it within two seconds; a token says what the role was when it was issued.
    let until = Instant::now() + Duration::from_secs(10);
    let token = loop {
        let answer = author.token_request(&author.assertion(), Some("risk-metric:publish"));
        if answer.status == 200 {
            break answer.json()["access_token"].as_str().unwrap().to_owned();
        }
        assert!(Instant::now() < until, "{}", answer.text());
        std::thread::sleep(Duration::from_millis(100));
    };
    let bearer = format!("Bearer {token}");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", bearer.as_str()),
    ];
    let body = json!({"to": "published", "comment": "own work"}).to_string();
    let answer = Response::send(
        &app.base_url,
        "POST",
        &format!("{VERSION_1}/states"),
        &headers,
        Some(body.as_bytes()),
    );
    assert_eq!(answer.expect(409).json()["code"], "risk_metric.second_person");
    let logged =
        "select count(*) from log_entry where action = 'risk_metric.publish' and outcome <> 'allowed'";
    assert_eq!(app.database.sql(logged).as_deref(), Some("1"));
}
