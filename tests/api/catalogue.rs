//! Reading the catalogue: what may be delivered, by whom, in which codes.

use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};
use std::sync::OnceLock;

fn reader() -> &'static TestCaller {
    static READER: OnceLock<(TestApp, TestCaller)> = OnceLock::new();
    let (_app, reader) = READER.get_or_init(|| {
        let app = TestApp::start();
        let reader = app.submitter("DMS");
        (app, reader)
    });
    reader
}

fn read(path: &str) -> Value {
    reader().get(path).expect(200).json()
}

fn entry<'a>(page: &'a Value, code: &str) -> &'a Value {
    let items = page["items"].as_array().unwrap();
    items.iter().find(|item| item["code"] == code).unwrap()
}

#[test]
fn an_indicator_tells_its_definition_its_unit_and_who_supplies_it() {
    let listed = read("/v1/indicators");
    let indicator = read("/v1/indicators/ASY_APPL");
    assert_eq!(entry(&listed, "ASY_APPL"), &indicator);
    assert_eq!(indicator["dataflow"], "ASYLUM_WEEKLY");
    assert_eq!(indicator["unit"], "persons");
    assert_eq!(indicator["decimals"], 0);
    assert_eq!(
        indicator["dimensions"],
        json!(["territory", "citizenship", "sex", "age", "applicant_type"])
    );
    let agreements = indicator["agreements"].as_array().unwrap();
    let own = agreements.iter().find(|it| it["body"] == "DMS").unwrap();
    assert_eq!(own["frequencies"], json!(["A", "W", "_O"]));
    assert!(
        indicator["definition_uk"]
            .as_str()
            .unwrap()
            .contains("Кількість осіб")
    );
}

#[test]
fn a_dataflow_names_exactly_the_indicators_that_name_it() {
    let (dataflows, indicators) = (read("/v1/dataflows"), read("/v1/indicators"));
    let mut named = 0;
    for dataflow in dataflows["items"].as_array().unwrap() {
        for indicator in dataflow["indicators"].as_array().unwrap() {
            assert_eq!(
                entry(&indicators, indicator.as_str().unwrap())["dataflow"],
                dataflow["code"]
            );
            named += 1;
        }
    }
    assert_eq!(named, indicators["items"].as_array().unwrap().len());
    let one = read("/v1/dataflows/ASYLUM_WEEKLY");
    assert_eq!(entry(&dataflows, "ASYLUM_WEEKLY"), &one);
    let dimensions: Vec<&Value> = one["dimensions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|dimension| &dimension["code"])
        .collect();
    assert!(dimensions.contains(&&json!("applicant_type")), "{dimensions:?}");
}

#[test]
fn every_dimension_has_a_code_list_and_every_list_its_codes() {
    let lists = read("/v1/code-lists");
    for dataflow in read("/v1/dataflows")["items"].as_array().unwrap() {
        for dimension in dataflow["dimensions"].as_array().unwrap() {
            let _list = entry(&lists, dimension["list"].as_str().unwrap());
        }
    }
    let sexes = read("/v1/code-lists/sex");
    let codes: Vec<&str> = sexes["codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code["code"].as_str().unwrap())
        .collect();
    assert!(
        ["F", "M", "_T"].iter().all(|code| codes.contains(code)),
        "{codes:?}"
    );
    let territories = read("/v1/code-lists/territory");
    let codes = territories["codes"].as_array().unwrap();
    let lviv = codes
        .iter()
        .find(|code| code["code"] == "UA46000000000026241")
        .unwrap();
    assert_eq!((&lviv["parent"], &lviv["level"]), (&json!("UA"), &json!(1)));
    assert_eq!(lviv["name_uk"], "Львівська область");
    assert!(codes.len() > 1_000);
}

#[test]
fn bodies_and_mapping_profiles_are_listed() {
    let bodies = read("/v1/bodies");
    assert_eq!(entry(&bodies, "DMS_TO_46")["territory"], "UA46000000000026241");
    let profiles = read("/v1/mapping-profiles");
    let profile = entry(&profiles, "EUROSTAT_EIRFS");
    assert_eq!(
        (&profile["body"], &profile["dataflow"]),
        (&json!("EUROSTAT"), &json!("EU_ENFORCEMENT"))
    );
    let href = profile["href"].as_str().unwrap();
    assert_eq!(read(href)["content"]["code"], "EUROSTAT_EIRFS");
}

#[test]
fn what_is_not_in_the_catalogue_is_not_found() {
    for path in [
        "/v1/indicators/NOPE",
        "/v1/indicators/asy_appl",
        "/v1/dataflows/NOPE",
        "/v1/code-lists/NOPE",
        "/v1/code-lists/%00",
        "/v1/risk-metrics/NOPE",
        "/v1/risk-metrics/NOPE/values",
        "/v1/risk-metrics/NOPE/explanation?period=2015",
        "/v1/nothing",
    ] {
        let answer = reader().get(path).expect(404);
        assert_eq!(answer.json()["code"], "resource.not_found", "{path}");
    }
}

#[test]
fn an_unchanged_catalogue_is_not_sent_again() {
    for path in [
        "/v1/indicators",
        "/v1/code-lists/territory",
        "/v1/bodies",
        "/v1/risk-metrics",
    ] {
        let first = reader().get(path).expect(200);
        let tag = first.header("etag").unwrap();
        let again = reader()
            .request("GET", path, &[("if-none-match", tag)], None)
            .expect(304);
        assert!(again.body.is_empty());
    }
}
