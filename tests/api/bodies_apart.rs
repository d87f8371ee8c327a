//! Bodies kept apart: each reads its own, the centre reads all; a territorial office answers for its territory.

use crate::api::deliveries::{KYIV, LVIV, LVIV_RAION, applicants, figures, stored_figures, told, weekly};
use leleka_access::Role;
use leleka_testkit::TestApp;
use serde_json::{Value, json};

fn codes_of(page: &Value, name: &str) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item[name].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn another_bodys_submissions_are_not_found_and_its_figures_are_not_listed() {
    let app = TestApp::start();
    let (dms, sbgs, analyst) = (app.submitter("DMS"), app.submitter("SBGS"), app.analyst());
    let border = json!({"dataflow": "BORDER_WEEKLY", "observations": [
        {"indicator": "BRD_REFUSED", "period": "2024-W45", "citizenship": "SY", "value": 3}]});
    let theirs = sbgs.submit_json(&border).expect(201).json();
    let ours = dms
        .submit_json(&weekly(&[applicants("2024-W45", "SY", 1)]))
        .expect(201)
        .json();
    let path = format!("/v1/submissions/{}", theirs["id"].as_str().unwrap());
    let nobody = "/v1/submissions/01936b2e-0000-7000-8000-000000000000";
    for tail in ["", "/findings", "/content"] {
        let _own = sbgs.get(&format!("{path}{tail}")).expect(200);
        let _centre = analyst.get(&format!("{path}{tail}")).expect(200);
        let hidden = dms.get(&format!("{path}{tail}")).expect(404).json();
        // Not a hint that it exists: the answer is that of an identifier that nobody has.
        let mut unknown = dms.get(&format!("{nobody}{tail}")).expect(404).json();
        unknown["instance"] = hidden["instance"].clone();
        assert_eq!(hidden, unknown);
    }
    let mine = dms.get("/v1/submissions").expect(200).json();
    assert_eq!(codes_of(&mine, "id"), [ours["id"].as_str().unwrap()]);
    for query in ["", "?body=SBGS", "?body=SBGS&body=DMS", "?indicator=BRD_REFUSED"] {
        let series = dms.get(&format!("/v1/series{query}")).expect(200).json();
        assert!(
            codes_of(&series, "body").iter().all(|body| body == "DMS"),
            "{query}"
        );
        let page = dms.get(&format!("/v1/observations{query}")).expect(200);
        assert!(!page.text().contains("SBGS"), "{query}");
        let csv = dms.request(
            "GET",
            &format!("/v1/observations{query}"),
            &[("accept", "text/csv")],
            None,
        );
        assert!(!csv.expect(200).text().contains("SBGS"), "{query}");
    }
    assert_eq!(figures(&dms, "").len(), 1);
    assert_eq!(figures(&analyst, "").len(), 2);
    let all = analyst.get("/v1/submissions").expect(200).json();
    assert_eq!(
        codes_of(&all, "id"),
        [ours["id"].as_str().unwrap(), theirs["id"].as_str().unwrap()],
        "newest first"
    );
    let filtered = analyst
        .get("/v1/submissions?body=SBGS&dataflow=BORDER_WEEKLY&state=accepted")
        .json();
    assert_eq!(codes_of(&filtered, "id"), [theirs["id"].as_str().unwrap()]);
}

#[test]
fn a_bodys_cursor_shows_another_body_nothing() {
    let app = TestApp::start();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let rows = [applicants("2024-W45", "SY", 1), applicants("2024-W46", "SY", 1)];
    let _stored = dms.submit_json(&weekly(&rows)).expect(201);
    let page = dms.get("/v1/observations?limit=1").expect(200).json();
    let next = sbgs.get(page["next"].as_str().unwrap());
    if next.status == 200 {
        assert_eq!(next.json()["items"], json!([]));
    } else {
        assert_eq!(next.expect(400).json()["code"], "cursor.invalid");
    }
}

#[test]
fn two_bodies_that_deliver_the_same_cell_keep_a_series_each() {
    let app = TestApp::start();
    let office = app.caller("DMS_TO_46", Role::TerritorialOffice);
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let mut row = applicants("2024-W45", "SY", 5);
    row["territory"] = json!(LVIV);
    let _stored = office.submit_json(&weekly(&[row.clone()])).expect(201);
    row["value"] = json!(6);
    let central = dms.submit_json(&weekly(&[row])).expect(201).json();
    assert_eq!(central["counts"]["new"], 1);
    assert_eq!(figures(&analyst, "").len(), 2);
    assert_eq!(figures(&office, ""), [format!("2024-W45 {LVIV} SY _T _T = 5 A")]);
    assert_eq!(figures(&dms, ""), [format!("2024-W45 {LVIV} SY _T _T = 6 A")]);
}

#[test]
fn a_territorial_office_delivers_its_territory_and_what_is_below_it() {
    let app = TestApp::start();
    let office = app.caller("DMS_TO_46", Role::TerritorialOffice);
    let submitter = app.submitter("DMS_TO_46");
    let row = |territory: Option<&str>| {
        let mut row = applicants("2024-W45", "SY", 5);
        if let Some(territory) = territory {
            row["territory"] = json!(territory);
        }
        row
    };
    // The body's territory binds every client of it, whatever its role is called.
    for caller in [&office, &submitter] {
        let answer = caller.submit_json(&weekly(&[
            row(Some(LVIV)),
            row(Some(KYIV)),
            row(None),
            row(Some(LVIV_RAION)),
            row(Some("UA")),
        ]));
        let answer = answer.expect(422);
        assert_eq!(
            told(&answer),
            [
                "territory.outside_scope 2:1 /observations/1/territory",
                "territory.outside_scope 3:1 /observations/2/territory",
                "territory.outside_scope 5:1 /observations/4/territory",
            ]
        );
        assert_eq!(answer.json()["findings"][0]["expected"], LVIV);
        assert_eq!(stored_figures(&app), "0/0");
    }
    let answer = office.submit_json(&weekly(&[row(Some(LVIV)), row(Some(LVIV_RAION))]));
    assert_eq!(answer.expect(201).json()["counts"]["new"], 2);
    let passports = json!({"dataflow": "BORDER_WEEKLY", "observations": [
        {"indicator": "BRD_REFUSED", "period": "2024-W45", "value": 1}]});
    assert_eq!(
        told(&office.submit_json(&passports).expect(422)),
        ["indicator.not_agreed 1:1 /observations/0/indicator"]
    );
}
