//! Tables for the public: whole, safe, the same answer for the same figures, and pinned for citation.

use crate::api::risk_metrics::eventually;
use leleka_access::Role;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

const PUBLICATION: &str = "/v1/risk-metrics/RM_ASY_WEEK/publication";
const KYIV: &str = "UA80000000000093317";
const LVIV: &str = "UA46000000000026241";
const ODESA: &str = "UA51000000000030770";
/// The weeks whose Thursdays lie in October 2026.
const WEEKS: [&str; 5] = ["2026-W40", "2026-W41", "2026-W42", "2026-W43", "2026-W44"];

/// Applications of Kyiv, Lviv and Odesa, week by week: small ones in Lviv.
fn october() -> Vec<[u32; 3]> {
    vec![[60, 3, 20], [55, 12, 21], [70, 2, 33], [64, 17, 19], [58, 4, 25]]
}

fn document(counts: &[[u32; 3]]) -> Value {
    let mut rows = Vec::new();
    for (week, counts) in WEEKS.iter().zip(counts) {
        for (territory, count) in [KYIV, LVIV, ODESA].iter().zip(counts) {
            rows.push(
                json!({"indicator": "ASY_APPL", "period": week, "territory": territory, "value": count}),
            );
        }
    }
    json!({"dataflow": "ASYLUM_WEEKLY", "observations": rows})
}

fn delivered(app: &TestApp, counts: &[[u32; 3]]) -> Value {
    let receipt = app
        .submitter("DMS")
        .submit_json(&document(counts))
        .expect(201)
        .json();
    let page = "/v1/risk-metrics/RM_ASY_WEEK/values?from=2026-W40";
    eventually(&app.analyst(), page, |page| {
        page["items"].as_array().unwrap().len() >= 3 * counts.len()
    });
    receipt
}

fn cells(publication: &Value) -> Vec<Value> {
    let tables = publication["tables"].as_array().unwrap().iter();
    tables
        .flat_map(|table| table["cells"].as_array().unwrap().clone())
        .collect()
}

fn cell(publication: &Value, period: &str, territory: &str) -> Value {
    let found = cells(publication)
        .into_iter()
        .find(|cell| cell["period"] == period && cell["dimensions"]["territory"] == territory);
    found.unwrap_or_else(|| panic!("{period} {territory}: {publication:#}"))
}

/// The figures withheld in every line that a subtraction could close: a week with its total, a territory with its month.
fn lines_are_safe(publication: &Value) {
    let withheld =
        |period: &str, territory: &str| cell(publication, period, territory)["status"] == "withheld";
    let territories = [KYIV, LVIV, ODESA, "UA"];
    for week in WEEKS.iter().chain(&["2026-10"]) {
        let hidden = territories
            .iter()
            .filter(|territory| withheld(week, territory))
            .count();
        assert_ne!(hidden, 1, "{week}: {publication:#}");
    }
    for territory in territories {
        let periods = WEEKS.iter().chain(&["2026-10"]);
        assert_ne!(
            periods.filter(|week| withheld(week, territory)).count(),
            1,
            "{territory}: {publication:#}"
        );
    }
}

fn pin(caller: &TestCaller, key: &str, body: &Value) -> Response {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let path = "/v1/risk-metrics/RM_ASY_WEEK/publications";
    caller.request("POST", path, &headers, Some(body.to_string().as_bytes()))
}

#[test]
fn small_counts_are_left_out_of_a_month_with_all_that_would_betray_them() {
    let app = TestApp::start();
    delivered(&app, &october());
    let analyst = app.analyst();
    let answer = analyst.get(&format!("{PUBLICATION}?period=2026-10")).expect(200);
    let month = answer.json();
    assert_eq!(
        (&month["method"], &month["unit"]),
        (&json!("suppress"), &json!("persons"))
    );
    for week in ["2026-W40", "2026-W42", "2026-W44"] {
        let small = cell(&month, week, LVIV);
        assert_eq!(
            (&small["status"], &small["value"]),
            (&json!("withheld"), &Value::Null)
        );
        assert!(
            small.get("level").is_none() && small.get("score").is_none() && small.get("reason").is_none()
        );
    }
    lines_are_safe(&month);
    let told = cell(&month, "2026-W41", LVIV);
    assert!(told["status"] == "withheld" || told["value"] == 12, "{told}");
    let total = cell(&month, "2026-10", "UA");
    assert_eq!(
        (&total["computed"], &total["status"]),
        (&json!(true), &json!("told"))
    );
    assert_eq!(total["value"], october().iter().flatten().sum::<u32>());

    // The same figures, the same bytes; a known answer is not sent again.
    let again = analyst.get(&format!("{PUBLICATION}?period=2026-10")).expect(200);
    assert_eq!(again.text(), answer.text());
    let etag = answer.header("etag").unwrap();
    let path = format!("{PUBLICATION}?period=2026-10");
    let _answer = analyst
        .request("GET", &path, &[("if-none-match", etag)], None)
        .expect(304);
    let csv = analyst
        .get(&format!("{PUBLICATION}?period=2026-10&format=csv"))
        .expect(200)
        .text();
    assert!(
        csv.starts_with("code,period,territory,status,value,unit,level"),
        "{csv}"
    );
    assert!(
        csv.contains(&format!("RM_ASY_WEEK,2026-W40,{LVIV},withheld,,persons,,")),
        "{csv}"
    );
}

#[test]
fn a_part_of_the_table_says_no_more_than_the_whole() {
    let app = TestApp::start();
    delivered(&app, &october());
    let analyst = app.analyst();
    // Asked for first, so that the whole could only follow the part.
    let part = analyst.get(&format!(
        "{PUBLICATION}?period=2026-W40&dimension=territory={LVIV}&dimension=territory=UA"
    ));
    let part = part.expect(200).json();
    let range = analyst
        .get(&format!("{PUBLICATION}?from=2026-W40&to=2026-W42"))
        .expect(200)
        .json();
    let whole = analyst
        .get(&format!("{PUBLICATION}?period=2026-10"))
        .expect(200)
        .json();
    // Regions whose offices reported nothing are in the table as well, without a figure.
    let with_figure = |table: &Value| {
        let cells = cells(table);
        cells.iter().filter(|cell| cell["status"] != "missing").count()
    };
    assert_eq!(
        (with_figure(&part), with_figure(&range), with_figure(&whole)),
        (2, 12, 24)
    );
    for found in cells(&part).iter().chain(&cells(&range)) {
        assert!(cells(&whole).contains(found), "{found:#}");
    }
}

#[test]
fn what_was_left_out_stays_out_after_a_revision_and_a_citation_stays_what_it_was() {
    let app = TestApp::start();
    let receipt = delivered(&app, &october());
    let analyst = app.analyst();
    let path = format!("{PUBLICATION}?period=2026-10");
    let before = analyst.get(&path).expect(200).json();
    let body = json!({"from": "2026-W40", "to": "2026-W44", "method": "suppress"});
    let key = IdSource.next().to_string();
    let pinned = pin(&analyst, &key, &body).expect(201);
    let location = pinned.header("location").unwrap().to_owned();
    assert_eq!(analyst.get(&location).expect(200).text(), pinned.text());
    let repeated = pin(&analyst, &key, &body).expect(201);
    assert_eq!(
        (repeated.header("idempotency-replayed"), repeated.text()),
        (Some("true"), pinned.text())
    );

    // One figure is corrected: Odesa in the first week.
    let mut corrected = october();
    corrected[0][2] = 26;
    let mut correction = document(&corrected);
    correction["kind"] = json!("correction");
    correction["supersedes"] = receipt["id"].clone();
    correction["reason_code"] = json!("error_fix");
    let _answer = app.submitter("DMS").submit_json(&correction).expect(201);
    let values =
        format!("/v1/risk-metrics/RM_ASY_WEEK/values?from=2026-W40&to=2026-W40&dimension=territory={ODESA}");
    eventually(&analyst, &values, |page| page["items"][0]["value"] == 26);
    let after = analyst.get(&path).expect(200).json();
    assert_ne!(after["tables"][0]["id"], before["tables"][0]["id"]);
    lines_are_safe(&after);
    for found in cells(&before).iter().filter(|cell| cell["status"] == "withheld") {
        let territory = found["dimensions"]["territory"].as_str().unwrap();
        let period = found["period"].as_str().unwrap();
        let revised = ["2026-W40", "2026-10"].contains(&period) && [ODESA, "UA"].contains(&territory);
        assert!(
            revised || cell(&after, period, territory)["status"] == "withheld",
            "{found:#}"
        );
    }
    assert_eq!(analyst.get(&location).expect(200).text(), pinned.text());
}

#[test]
fn a_span_is_told_by_one_method_and_only_counts_are_rounded() {
    let app = TestApp::start();
    delivered(&app, &october());
    let analyst = app.analyst();
    let rounded = analyst
        .get(&format!("{PUBLICATION}?period=2026-10&method=round"))
        .expect(200)
        .json();
    let small = cell(&rounded, "2026-W42", LVIV);
    assert!(small["status"] == "withheld" || small["value"] == 0, "{small}");
    assert!(small.get("level").is_none() && small.get("score").is_none());
    assert_eq!(cell(&rounded, "2026-W40", KYIV)["value"], 60);
    let other = analyst
        .get(&format!("{PUBLICATION}?period=2026-10&method=suppress"))
        .expect(409)
        .json();
    assert_eq!(
        (&other["code"], &other["detail"]),
        (&json!("publication.method_unfit"), &json!("method=round"))
    );
    let _answer = analyst.get(&format!("{PUBLICATION}?from=2026-W40")).expect(400);
    let _answer = analyst
        .get("/v1/risk-metrics/RM_NOT_THERE/publication?period=2026-10")
        .expect(404);
}

#[test]
fn only_roles_of_the_whole_centre_read_publications_and_only_drafters_pin_them() {
    let app = TestApp::start();
    delivered(&app, &october());
    let path = format!("{PUBLICATION}?period=2026-10");
    let _answer = app.submitter("DMS").get(&path).expect(404);
    let auditor = app.caller("DMS_CENTRE", Role::Auditor);
    let _answer = auditor.get(&path).expect(200);
    let body = json!({"from": "2026-W40", "to": "2026-W44", "method": "suppress"});
    let _answer = pin(&auditor, &IdSource.next().to_string(), &body).expect(403);
    let nothing = json!({"from": "2020-W01", "to": "2020-W02", "method": "suppress"});
    let _answer = pin(&app.analyst(), &IdSource.next().to_string(), &nothing).expect(404);
    let wrong = json!({"from": "October", "to": "2026-W44", "method": "suppress"});
    let _answer = pin(&app.analyst(), &IdSource.next().to_string(), &wrong).expect(422);
}

#[test]
fn a_quotient_of_small_counts_is_left_out_with_its_level() {
    let app = TestApp::start();
    let row = |indicator: &str, section: &str, value: u32| json!({"indicator": indicator, "period": "2026-W44", "dimensions": {"border_section": section}, "value": value});
    let counts = [("HU", 80, 12_000), ("PL", 3, 9_000), ("SK", 40, 6_000)];
    let rows: Vec<Value> = counts
        .iter()
        .flat_map(|(section, refused, entered)| {
            [
                row("BRD_REFUSED", section, *refused),
                row("BRD_ENTRY", section, *entered),
            ]
        })
        .collect();
    let document = json!({"dataflow": "BORDER_WEEKLY", "observations": rows});
    let _answer = app.submitter("SBGS").submit_json(&document).expect(201);
    let analyst = app.analyst();
    let values = "/v1/risk-metrics/RM_REFUSAL_RATE/values?from=2026-W44";
    eventually(&analyst, values, |page| {
        let items = page["items"].as_array().unwrap();
        items.iter().filter(|item| !item["value"].is_null()).count() >= 3
    });
    let path = "/v1/risk-metrics/RM_REFUSAL_RATE/publication?period=2026-W44";
    let found = analyst.get(path).expect(200).json();
    let status = |section: &str| {
        let mut all = cells(&found).into_iter();
        let cell = all
            .rfind(|cell| cell["dimensions"]["border_section"] == section)
            .unwrap();
        assert_eq!(
            cell["status"] == "withheld",
            cell["value"].is_null() && cell.get("level").is_none(),
            "{cell}"
        );
        cell["status"].clone()
    };
    assert_eq!(status("PL"), "withheld");
    // Whoever knows the total of the numerator would subtract: another quotient is left out with it.
    assert_eq!(
        ["HU", "SK"].iter().filter(|it| status(it) == "withheld").count(),
        1,
        "{found:#}"
    );
    let rounded = analyst.get(&format!("{path}&method=round")).expect(409).json();
    assert_eq!(rounded["detail"], "method=suppress");
}
