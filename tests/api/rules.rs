//! Rules over several figures: what a body is told before its figures mislead anybody.

use crate::api::deliveries::{LVIV, applicants, weekly};
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

/// `severity rule row: value expected` of every finding of a rule.
fn told(answer: &Response) -> Vec<String> {
    let answer = answer.json();
    let findings = answer["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["rule_id"].is_string())
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or("-").to_owned();
            let (value, expected) = (text("value"), text("expected"));
            format!(
                "{} {} {}: {value} {expected}",
                text("severity"),
                text("rule_id"),
                finding["row"]
            )
        })
        .collect()
}

fn border(rows: &[Value]) -> Value {
    json!({"dataflow": "BORDER_WEEKLY", "observations": rows})
}

fn crossing(indicator: &str, period: &str, value: u64) -> Value {
    json!({"indicator": indicator, "period": period, "citizenship": "MD", "value": value})
}

#[test]
fn every_rule_is_listed_in_both_languages_with_the_version_that_stands_on_submissions() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let page = dms.get("/v1/rules").expect(200).json();
    let rules = page["items"].as_array().unwrap();
    assert!(rules.len() >= 15, "{}", rules.len());
    for rule in rules {
        for name in ["text_uk", "text_en", "severity", "since", "kind"] {
            assert!(rule[name].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
        assert_eq!(rule["check"]["kind"], rule["kind"]);
        assert!(!rule["indicators"].as_array().unwrap().is_empty(), "{rule}");
    }
    let document = weekly(&[applicants("2024-W45", "SY", 12)]);
    let version = &page["ruleset_version"];
    assert_eq!(
        &dms.submit_json(&document).expect(201).json()["ruleset_version"],
        version
    );
    let dry = dms.validate("", "application/json", &document.to_string());
    assert_eq!(&dry.expect(200).json()["ruleset_version"], version);
    let wrong = weekly(&[applicants("2019-W53", "SY", 12)]);
    assert_eq!(
        &dms.submit_json(&wrong).expect(422).json()["ruleset_version"],
        version
    );
}

#[test]
fn refusals_beyond_all_crossings_are_told_whichever_came_first() {
    let app = TestApp::start();
    let sbgs = app.submitter("SBGS");
    let first = sbgs.submit_json(&border(&[crossing("BRD_ENTRY", "2024-W45", 100)]));
    assert_eq!(first.expect(201).json()["state"], "accepted");
    let answer = sbgs
        .submit_json(&border(&[crossing("BRD_REFUSED", "2024-W45", 140)]))
        .expect(201);
    assert_eq!(answer.json()["state"], "accepted_with_warnings");
    assert_eq!(
        told(&answer),
        ["warning R-BORDER-REFUSED-ENTRY 1: 140 ≤ 100: BRD_REFUSED ≤ BRD_ENTRY"]
    );
    let finding = &answer.json()["findings"][0];
    assert_eq!(finding["pointer"], "/observations/0/value");
    assert!(finding["message"]["uk"].as_str().unwrap().contains("Звірте"));
    let related = finding["related"].as_array().unwrap();
    let known: Vec<_> = related
        .iter()
        .map(|it| (it["value"].as_str(), it["row"].as_u64()))
        .collect();
    assert_eq!(known, [(Some("140"), Some(1)), (Some("100"), None)]);
    // It is kept with the submission, and listed with its rule.
    let path = format!("/v1/submissions/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(
        sbgs.get(&path).expect(200).json()["findings"],
        answer.json()["findings"]
    );
    let lines = sbgs
        .get(&format!("{path}/findings?format=csv"))
        .expect(200)
        .text();
    assert!(lines.contains("R-BORDER-REFUSED-ENTRY"), "{lines}");
    // The crossings may be what is wrong: their correction is held against the refusals.
    let mended = border(&[crossing("BRD_ENTRY", "2024-W45", 90)]);
    assert_eq!(told(&sbgs.submit_json(&mended).expect(201)).len(), 1);
    let right = border(&[
        crossing("BRD_ENTRY", "2024-W45", 90),
        crossing("BRD_ENTRY", "2024-W46", 1),
    ]);
    assert!(
        told(&sbgs.submit_json(&right).expect(201)).is_empty(),
        "what did not change is not told again"
    );
}

#[test]
fn a_total_that_its_parts_do_not_make_is_told_at_the_total() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let of = |sex: &str, value: u64| json!({"indicator": "ASY_APPL", "period": "2024-W45", "citizenship": "SY", "sex": sex, "value": value});
    let answer = dms
        .submit_json(&weekly(&[of("M", 7), of("F", 4), of("_T", 12)]))
        .expect(201);
    assert_eq!(told(&answer), ["warning R-SUM-SEX 3: 12 = 11 (2024-W45, sex: 2)"]);
    let region = |territory: &str, value: u64| json!({"indicator": "ASY_APPL", "period": "2024-W46", "territory": territory, "value": value});
    let answer = dms
        .submit_json(&weekly(&[region(LVIV, 7), region("UA", 5)]))
        .expect(201);
    assert_eq!(
        told(&answer),
        ["warning R-SUM-TERRITORY 2: 5 ≥ 7 (2024-W46, territory: 1)"]
    );
}

/// A year's weeks of one series, delivered at once.
fn weeks_delivered(sbgs: &TestCaller, value: u64) {
    let rows: Vec<Value> = (1..=20)
        .map(|week| crossing("BRD_ENTRY", &format!("2024-W{week:02}"), value + week % 5))
        .collect();
    assert_eq!(
        sbgs.submit_json(&border(&rows)).expect(201).json()["state"],
        "accepted"
    );
}

#[test]
fn an_implausible_figure_is_taken_with_an_explanation_and_not_without() {
    let app = TestApp::start();
    let sbgs = app.submitter("SBGS");
    weeks_delivered(&sbgs, 5_000);
    let mut document = border(&[
        crossing("BRD_ENTRY", "2024-W21", 5_100),
        crossing("BRD_ENTRY", "2024-W22", 51_000),
    ]);
    let dry = sbgs
        .validate("", "application/json", &document.to_string())
        .expect(200);
    assert_eq!(dry.json()["would_be"], "rejected");
    let refused = sbgs.submit_json(&document).expect(422);
    let expected = "soft R-JUMP-WEEKLY 2: 51000 625–40023";
    assert_eq!(
        (told(&dry), told(&refused)),
        (vec![expected.to_owned()], vec![expected.to_owned()])
    );
    let stored = app.database.sql("select count(*) from observation").unwrap();
    assert_eq!(stored, "20", "nothing of it was written");
    document["explanations"] = json!([{
        "code": "value.outlier", "pointer": "/observations/1/value", "text": "Відкрито ще три пункти пропуску"
    }]);
    let taken = sbgs.submit_json(&document).expect(201);
    assert_eq!(told(&taken), [expected]);
    assert_eq!(taken.json()["state"], "accepted_with_warnings");
    assert_eq!(taken.json()["counts"]["soft"], 1);
}

#[test]
fn what_a_body_delivers_for_the_first_time_is_not_held_against_itself() {
    let app = TestApp::start();
    let sbgs = app.submitter("SBGS");
    let mut rows: Vec<Value> = (1..=20)
        .map(|week| crossing("BRD_ENTRY", &format!("2024-W{week:02}"), 5_000))
        .collect();
    rows.push(crossing("BRD_ENTRY", "2024-W21", 500_000));
    let answer = sbgs.submit_json(&border(&rows)).expect(201);
    assert!(told(&answer).is_empty(), "{answer:?}");
}

#[test]
fn a_cumulative_figure_that_falls_is_told() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let of = |period: &str, value: u64| {
        weekly(&[json!({"indicator": "ASY_APPL", "period": period, "citizenship": "SY", "value": value})])
    };
    let _may = dms.submit_json(&of("2024-01/2024-05", 40)).expect(201);
    let answer = dms.submit_json(&of("2024-01/2024-06", 39)).expect(201);
    assert_eq!(
        told(&answer),
        ["warning R-CUMULATIVE 1: 39 ≥ 40 (2024-01/2024-05)"]
    );
}

/// Occupancy of the reception centres, as two bodies report it.
fn occupancy(period: &str, value: u64) -> Value {
    json!({"dataflow": "RECEPTION_WEEKLY", "observations": [
        {"indicator": "ASY_RECEPT_OCC", "period": period, "value": value}]})
}

#[test]
fn two_bodies_reports_are_compared_and_only_the_centre_sees_both() {
    let app = TestApp::start();
    let (dms, unit, analyst) = (app.submitter("DMS"), app.submitter("DMS_RECEPT"), app.analyst());
    let _first = unit.submit_json(&occupancy("2024-W45", 777)).expect(201);
    let answer = dms.submit_json(&occupancy("2024-W45", 600)).expect(201);
    assert_eq!(
        told(&answer),
        ["warning R-MIRROR-RECEPTION 1: 600 5 % (DMS_RECEPT, ASY_RECEPT_OCC)"]
    );
    // Identifiers and digests hold any digits; what is told stands in the findings.
    let findings = answer.json()["findings"].to_string();
    assert!(!findings.contains("777"), "{findings}");
    let _alike = unit.submit_json(&occupancy("2024-W46", 500)).expect(201);
    assert!(told(&dms.submit_json(&occupancy("2024-W46", 510)).expect(201)).is_empty());

    let range = "from=2024-W40&to=2024-W50";
    let page = analyst
        .get(&format!("/v1/reconciliation?{range}"))
        .expect(200)
        .json();
    let lines: Vec<String> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{} {} {} {} {} {:.3} {}",
                it["rule_id"].as_str().unwrap(),
                it["period"].as_str().unwrap(),
                it["left"],
                it["right"],
                it["difference"],
                it["share"].as_f64().unwrap(),
                it["matches"]
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "R-MIRROR-RECEPTION 2024-W45 600.0 777.0 -177.0 0.228 false",
            "R-MIRROR-RECEPTION 2024-W46 510.0 500.0 10.0 0.020 true",
        ]
    );
    let count = |query: &str| {
        let page = analyst
            .get(&format!("/v1/reconciliation?{range}&{query}"))
            .expect(200)
            .json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(count("onlyBroken=true"), 1);
    assert_eq!(count("rule=R-MIRROR-CUSTODY"), 0);
    assert_eq!(count("indicator=ASY_RECEPT_OCC&body=DMS_RECEPT"), 2);
    assert_eq!(count("body=SBGS"), 0);
    let _none = analyst.get("/v1/reconciliation?from=2015&to=2024").expect(400);
    let _hidden = dms.get("/v1/reconciliation").expect(404);
}

#[test]
fn a_region_reported_by_the_service_and_by_its_office_is_compared_and_paged() {
    let app = TestApp::start();
    let (dms, office, analyst) = (app.submitter("DMS"), app.submitter("DMS_TO_46"), app.analyst());
    let document = |value: u64| {
        let rows = (1..=50).map(|number| {
            let citizenship = ["SY", "AF", "RU", "BY", "IQ"][number % 5];
            json!({"indicator": "ASY_APPL", "period": format!("2024-W{:02}", number / 5 + 1), "territory": LVIV,
                   "citizenship": citizenship, "value": value})
        });
        weekly(&rows.collect::<Vec<_>>())
    };
    let _office = office.submit_json(&document(100)).expect(201);
    assert_eq!(told(&dms.submit_json(&document(200)).expect(201)).len(), 50);
    let mut path = "/v1/reconciliation?from=2024&to=2024&limit=1".to_owned();
    let mut items = 0;
    loop {
        let page = analyst.get(&path).expect(200).json();
        items += page["items"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(items, 50);
}
