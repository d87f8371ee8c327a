//! Figures that are not free for publication: seen whole with the right to them, else a row without figures, which
//! nothing beside it gives away either.

use crate::api::risk_metrics::eventually;
use leleka_access::Role;
use leleka_testkit::{TestApp, TestCaller};
use serde_json::{Value, json};

const VALUES: &str = "/v1/risk-metrics/RM_ASY_WEEK/values";
const KYIV: &str = "UA80000000000093317";
const LVIV: &str = "UA46000000000026241";
const ODESA: &str = "UA51000000000030770";

/// Odesa is confidential in the second of three weeks; its total is reported too, and free.
fn delivered(app: &TestApp) {
    let row = |week: &str, territory: &str, value: u32, conf: &str| json!({"indicator": "ASY_APPL", "period": week, "territory": territory, "value": value, "conf_status": conf});
    let mut rows = Vec::new();
    for (week, odesa, conf) in [
        ("2026-W41", 40, "F"),
        ("2026-W42", 317, "C"),
        ("2026-W43", 41, "F"),
    ] {
        rows.push(row(week, KYIV, 60, "F"));
        rows.push(row(week, LVIV, 50, "F"));
        rows.push(row(week, ODESA, odesa, conf));
        rows.push(row(week, "UA", 110 + odesa, "F"));
    }
    let document = json!({"dataflow": "ASYLUM_WEEKLY", "observations": rows});
    let _answer = app.submitter("DMS").submit_json(&document).expect(201);
}

fn item<'p>(page: &'p Value, week: &str, territory: &str) -> Option<&'p Value> {
    let mut items = page["items"].as_array().unwrap().iter();
    items.find(|item| item["period"] == week && item["dimensions"]["territory"] == territory)
}

/// The page of a caller when every value is computed.
fn page_of(app: &TestApp) -> Value {
    let analyst = app.analyst();
    eventually(&analyst, &format!("{VALUES}?from=2026-W41"), |page| {
        let weeks = ["2026-W41", "2026-W42", "2026-W43"];
        weeks.iter().all(|week| {
            [KYIV, LVIV, ODESA, "UA"]
                .iter()
                .all(|territory| item(page, week, territory).is_some())
        })
    })
}

/// GET with a token of some of the role's scopes.
fn get_with(app: &TestApp, caller: &TestCaller, scopes: &str, path: &str) -> Value {
    let _known = caller.token();
    let token = caller
        .token_request(&caller.assertion(), Some(scopes))
        .expect(200)
        .json();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    leleka_testkit::Response::send(&app.base_url, "GET", path, &headers, None)
        .expect(200)
        .json()
}

#[test]
fn a_confidential_value_is_a_row_without_figures_and_its_total_gives_it_away_to_nobody() {
    let app = TestApp::start();
    delivered(&app);
    let whole = page_of(&app);
    let (odesa, total) = (
        item(&whole, "2026-W42", ODESA).unwrap(),
        item(&whole, "2026-W42", "UA").unwrap(),
    );
    assert_eq!((&odesa["value"], &total["value"]), (&json!(317), &json!(427)));
    assert_eq!(odesa["flags"], json!(["confidential"]));
    let auditor = app.caller("DMS_CENTRE", Role::Auditor);
    assert_eq!(
        auditor.get(&format!("{VALUES}?from=2026-W41")).expect(200).json(),
        whole
    );

    let path = format!("{VALUES}?from=2026-W41");
    let analyst = app.analyst();
    let without = get_with(&app, &analyst, "risk-metric:read observation:read", &path);
    let other_body = app.submitter("SBGS").get(&path).expect(200).json();
    let own_body = app.submitter("DMS").get(&path).expect(200).json();
    for page in [&without, &other_body, &own_body] {
        // No row is left out without a word.
        assert_eq!(
            page["items"].as_array().unwrap().len(),
            whole["items"].as_array().unwrap().len()
        );
        for territory in [ODESA, "UA"] {
            let row = item(page, "2026-W42", territory).unwrap();
            assert_eq!(
                (&row["value"], &row["level"], &row["reason"]),
                (&Value::Null, &json!("unknown"), &json!("confidential"))
            );
            for hidden in ["baseline", "baseline_upper", "p", "score", "method"] {
                assert!(row.get(hidden).is_none(), "{row:#}");
            }
        }
        assert_eq!(item(page, "2026-W42", KYIV).unwrap()["value"], 60);
        assert_eq!(item(page, "2026-W41", "UA").unwrap()["value"], 150);
        // The week after is free, what it was compared with is not.
        let after = item(page, "2026-W43", ODESA).unwrap();
        assert_eq!(after["value"], 41);
        assert!(
            after.get("baseline").is_none() && after.get("p").is_none(),
            "{after:#}"
        );
        assert!(!page.to_string().contains("\":317") && !page.to_string().contains("\":427"));
    }
}

#[test]
fn neither_a_question_for_levels_nor_the_explanation_gives_a_confidential_value_away() {
    let app = TestApp::start();
    delivered(&app);
    let whole = page_of(&app);
    let level = item(&whole, "2026-W42", ODESA).unwrap()["level"]
        .as_str()
        .unwrap()
        .to_owned();
    let sbgs = app.submitter("SBGS");
    for asked in ["low", "guarded", "elevated", "high", "critical"] {
        let page = sbgs
            .get(&format!("{VALUES}?from=2026-W42&to=2026-W42&level={asked}"))
            .expect(200)
            .json();
        assert!(
            item(&page, "2026-W42", ODESA).is_none() && item(&page, "2026-W42", "UA").is_none(),
            "{level}: {page:#}"
        );
    }
    let unknown = sbgs
        .get(&format!("{VALUES}?from=2026-W42&to=2026-W42&level=unknown"))
        .expect(200)
        .json();
    assert!(item(&unknown, "2026-W42", ODESA).is_some());

    let href =
        format!("/v1/risk-metrics/RM_ASY_WEEK/explanation?period=2026-W42&dimension=territory={ODESA}");
    let analyst = app.analyst();
    let told = analyst.get(&href).expect(200).json();
    assert_eq!(told["computation"]["value"]["value"].as_f64(), Some(317.0));
    assert_eq!(told["observations"][0]["value"], 317);
    let scopes = "risk-metric:read observation:read";
    let after = href.replace("W42", "W43");
    for explained in [
        sbgs.get(&href).expect(200).json(),
        get_with(&app, &analyst, scopes, &href),
    ] {
        assert_eq!(
            (&explained["computation"], &explained["observations"]),
            (&json!({}), &json!([]))
        );
        assert_eq!(explained["value"]["reason"], "confidential");
        assert!(!explained.to_string().contains("\":317"), "{explained:#}");
    }
    let explained = get_with(&app, &analyst, scopes, &after);
    assert_eq!(explained["value"]["value"], 41);
    assert!(!explained.to_string().contains("\":317"), "{explained:#}");
    // What was said before shows no more.
    let history = sbgs
        .get(&format!("{VALUES}?from=2026-W41&includeHistory=true"))
        .expect(200)
        .text();
    assert!(!history.contains("\":317") && !history.contains("\":427"));
    let csv = sbgs
        .get(&format!("{VALUES}?from=2026-W41&format=csv"))
        .expect(200)
        .text();
    assert!(!csv.contains(",317,") && csv.contains("confidential"), "{csv}");
}

#[test]
fn observations_of_another_body_are_not_there_whatever_their_status() {
    let app = TestApp::start();
    delivered(&app);
    let path = "/v1/observations?indicator=ASY_APPL&includeHistory=true";
    let others = app.submitter("SBGS").get(path).expect(200).json();
    assert_eq!(others["items"], json!([]));
    let own = app.submitter("DMS").get(path).expect(200).text();
    assert!(own.contains("\":317"));
    let series = app
        .submitter("SBGS")
        .get("/v1/series?indicator=ASY_APPL")
        .expect(200)
        .json();
    assert_eq!(series["items"], json!([]));
    let changes = app.submitter("SBGS").get("/v1/changes").expect(200).text();
    assert!(
        !changes.contains("\":317") && !changes.contains("ASYLUM_WEEKLY"),
        "{changes}"
    );
}
