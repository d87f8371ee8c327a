//! Which series there are, page by page.

use crate::api::deliveries::{LVIV, applicants, weekly};
use leleka_testkit::TestApp;
use serde_json::{Value, json};

#[test]
fn small_pages_of_series_lose_and_repeat_nothing_while_new_ones_arrive() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let countries = ["AF", "IQ", "IR", "SY", "TR", "UZ", "VN"];
    let rows: Vec<Value> = countries
        .iter()
        .map(|country| applicants("2024-W45", country, 1))
        .collect();
    let _stored = dms.submit_json(&weekly(&rows)).expect(201);
    let mut value = 1;
    for limit in [1, 2, 3, 7, 8] {
        let (mut seen, mut path) = (
            Vec::new(),
            Some(format!("/v1/series?indicator=ASY_APPL&limit={limit}")),
        );
        while let Some(here) = path {
            let page = dms.get(&here).expect(200).json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit);
            seen.extend(
                items
                    .iter()
                    .map(|series| series["citizenship"].as_str().unwrap().to_owned()),
            );
            path = page["next"].as_str().map(str::to_owned);
            // A series that sorts in front of the place never shows up again.
            value += 1;
            let _stored = dms
                .submit_json(&weekly(&[applicants("2024-W45", "AF", value)]))
                .expect(201);
        }
        assert_eq!(seen, countries, "limit {limit}");
    }
}

#[test]
fn a_series_tells_what_is_counted_and_how_it_is_broken_down() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let row = json!({"indicator": "ASY_APPL", "period": "2024-W45", "territory": LVIV, "citizenship": "SY",
        "sex": "F", "dimensions": {"applicant_type": "FRST"}, "value": 1});
    let decision = json!({"dataflow": "ASYLUM_MONTHLY", "observations": [
        {"indicator": "ASY_DEC_REF", "period": "2024-01", "citizenship": "SY", "value": 1}]});
    let _stored = dms.submit_json(&weekly(&[row])).expect(201);
    let _stored = dms.submit_json(&decision).expect(201);
    let page = dms.get("/v1/series?indicator=ASY_APPL").expect(200).json();
    let mut series = page["items"][0].clone();
    let id = series["id"].take();
    assert_eq!(id.as_str().unwrap().len(), 16);
    assert_eq!(
        series,
        json!({"id": null, "indicator": "ASY_APPL", "frequency": "W", "body": "DMS", "territory": LVIV,
               "citizenship": "SY", "sex": "F", "age": "_T", "dimensions": {"applicant_type": "FRST"}, "unit": "persons"})
    );
    // A decision has no territory: the series does not pretend that it has one.
    let page = dms.get("/v1/series?indicator=ASY_DEC_REF").expect(200).json();
    assert_eq!(page["items"][0].get("territory"), None);
    for (query, count) in [
        ("citizenship=SY", 2),
        ("dimension=applicant_type%3DFRST", 1),
        ("territory=UA&descendants=true", 1),
        ("frequency=M", 1),
        ("body=SBGS", 0),
    ] {
        let page = dms.get(&format!("/v1/series?{query}")).expect(200).json();
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
    }
}
