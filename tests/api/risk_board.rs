//! The board: newest levels with their q, what changed, judgements beside levels, and the same day for ever the same.

use super::risk_metrics::eventually;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

/// A stored value of a week, as the engine writes it.
fn said(app: &TestApp, code: &str, key: &str, week: &str, level: &str, p: Option<f64>) {
    let (name, member) = key.split_once('=').unwrap_or(("", ""));
    let dimensions = if name.is_empty() {
        json!({})
    } else {
        json!({name: member})
    };
    let (value, reason) = match level {
        "unknown" => ("null", "'missing_input'"),
        _ => ("7", "null"),
    };
    let p = p.map_or_else(|| "null".to_owned(), |p| p.to_string());
    app.database
        .execute(&format!(
            "insert into metric_value (code, version, key, dimensions, frequency, period, value, unit, p, level, reason, \
             flags, n_inputs, coverage, n_baseline, data_as_of, input_digest, inputs) select code, version, '{key}', \
             '{dimensions}', 'W', '{week}', {value}, 'persons', {p}, '{level}', {reason}, '{{}}', 1, 1, 0, now(), \
             sha256('{key}'), '[]' from metric_definition where code = '{code}' order by version desc limit 1"
        ))
        .unwrap();
}

fn judge(caller: &TestCaller, document: &Value) -> Response {
    let key = IdSource.next().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let body = document.to_string();
    caller.request("POST", "/v1/risk-assessments", &headers, Some(body.as_bytes()))
}

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap()
}

/// `p.adjust(c(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205), "BH")` of R 4.2.
const P_AND_Q: [(f64, f64); 8] = [
    (0.001, 0.008),
    (0.008, 0.032),
    (0.039, 0.0672),
    (0.041, 0.0672),
    (0.042, 0.0672),
    (0.06, 0.08),
    (0.074, 0.084_571_428_571_428_57),
    (0.205, 0.205),
];

#[test]
fn q_is_that_of_r_over_the_whole_family_of_a_period_whatever_is_asked_for() {
    let app = TestApp::start();
    let analyst = app.analyst();
    for (number, (p, _)) in P_AND_Q.iter().enumerate() {
        // One family, two metrics.
        let code = if number % 3 == 0 {
            "RM_IRR_WEEK"
        } else {
            "RM_ASY_WEEK"
        };
        said(
            &app,
            code,
            &format!("territory=UA{number:02}"),
            "2026-11-02",
            "guarded",
            Some(*p),
        );
    }
    // Other weeks, other families and cells without a p are other tests, or none.
    said(&app, "RM_ASY_WEEK", "territory=UA90", "2026-11-02", "low", None);
    said(
        &app,
        "RM_ASY_WEEK",
        "territory=UA91",
        "2026-10-26",
        "guarded",
        Some(0.03),
    );
    said(
        &app,
        "RM_REFUSED",
        "border_section=PL",
        "2026-11-02",
        "high",
        Some(0.0004),
    );
    let board = analyst
        .get("/v1/risk-board?family=inland-weekly")
        .expect(200)
        .json();
    let q_of = |key: &str| {
        let item = items(&board)
            .iter()
            .find(|it| it["value"]["dimensions"]["territory"] == key);
        item.unwrap_or_else(|| panic!("{key}: {board:#}"))["q"].as_f64()
    };
    for (number, (_, q)) in P_AND_Q.iter().enumerate() {
        let found = q_of(&format!("UA{number:02}")).unwrap();
        assert!((found - q).abs() < 1e-12, "{number}: {found} ≠ {q}");
    }
    assert_eq!((q_of("UA90"), q_of("UA91")), (None, Some(0.03)));
    let one = analyst
        .get("/v1/risk-board?dimension=territory%3DUA02")
        .expect(200)
        .json();
    assert!((items(&one)[0]["q"].as_f64().unwrap() - 0.0672).abs() < 1e-12);
    assert_eq!(items(&one)[0]["listed"], true);
    let listed = analyst
        .get("/v1/risk-board?family=inland-weekly&listedOnly=true")
        .expect(200)
        .json();
    assert_eq!(listed["summary"]["cells"], 8);
}

#[test]
fn the_board_shows_the_newest_of_each_key_highest_first_and_unknown_last() {
    let app = TestApp::start();
    let analyst = app.analyst();
    let week = |number: u32| format!("2026-{}", ["10-05", "10-12", "10-19"][number as usize]);
    for (key, levels) in [
        ("territory=UA01", ["low", "guarded", "high"]),
        ("territory=UA02", ["high", "low", "low"]),
        ("territory=UA03", ["low", "low", "unknown"]),
        ("territory=UA04", ["unknown", "unknown", "unknown"]),
    ] {
        for (number, level) in (0..).zip(levels) {
            said(&app, "RM_ASY_WEEK", key, &week(number), level, None);
        }
    }
    said(&app, "RM_ASY_WEEK", "territory=UA05", &week(1), "critical", None);
    let before = app.database.sql("select to_char(max(recorded_at) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from metric_value");
    let board = analyst.get("/v1/risk-board").expect(200).json();
    let shown: Vec<_> = items(&board)
        .iter()
        .map(|it| {
            let value = &it["value"];
            let key = value["dimensions"]["territory"].as_str().unwrap();
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            (
                key,
                text(&value["period"]),
                text(&value["level"]),
                text(&it["change"]),
                it["change_steps"].as_i64(),
            )
        })
        .collect();
    let row = |key, period: &str, level: &str, change: &str, steps| {
        (
            key,
            period.to_owned(),
            level.to_owned(),
            change.to_owned(),
            Some(steps),
        )
    };
    let expected = [
        row("UA05", "2026-W42", "critical", "new", 0),
        row("UA01", "2026-W43", "high", "up", 2),
        row("UA02", "2026-W43", "low", "same", 0),
        row("UA03", "2026-W42", "low", "same", 0),
        row("UA04", "2026-W43", "unknown", "same", 0),
    ];
    assert_eq!(shown, expected);
    // A newer period without a value is told, never hidden.
    assert_eq!(
        items(&board)[3]["newer"],
        json!({"period": "2026-W43", "reason": "missing_input"})
    );
    let summary = &board["summary"];
    assert_eq!(
        summary["levels"],
        json!({"critical": 1, "high": 1, "elevated": 0, "guarded": 0, "low": 2, "unknown": 1})
    );
    assert_eq!(summary["components"][0]["component"], "threat.magnitude");
    let count =
        |query: &str| items(&analyst.get(&format!("/v1/risk-board?{query}")).expect(200).json()).len();
    assert_eq!(count("changedOnly=true"), 2);
    assert_eq!(count("level=unknown"), 1);
    assert_eq!(count("ciram=impact"), 0);
    assert_eq!(count("period=2026-W41"), 4);
    for limit in [1, 2, 4] {
        let (mut read, mut path) = (Vec::new(), Some(format!("/v1/risk-board?limit={limit}")));
        while let Some(here) = path {
            let page = analyst.get(&here).expect(200).json();
            read.extend(items(&page).clone());
            path = page["next"].as_str().map(str::to_owned);
        }
        assert_eq!(&read, items(&board), "limit {limit}");
    }
    let csv = analyst.get("/v1/risk-board?format=csv").expect(200).text();
    assert_eq!(csv.lines().count(), 6);
    // What is said later changes nothing about what was said by then.
    said(&app, "RM_ASY_WEEK", "territory=UA02", &week(2), "critical", None);
    let then = analyst
        .get(&format!("/v1/risk-board?asOf={}", before.unwrap()))
        .expect(200)
        .json();
    assert_eq!(items(&then), items(&board));
    let now = analyst.get("/v1/risk-board").expect(200);
    let unchanged = analyst.request(
        "GET",
        "/v1/risk-board",
        &[("if-none-match", now.header("etag").unwrap())],
        None,
    );
    assert_eq!((now.status, unchanged.status), (200, 304));
    assert_eq!(items(&now.json())[0]["value"]["dimensions"]["territory"], "UA02");
}

#[test]
fn a_judgement_stands_beside_the_level_until_it_expires_or_a_newer_one_comes() {
    let app = TestApp::at("2026-11-22T08:00:00Z");
    let analyst = app.analyst();
    said(&app, "RM_ASY_WEEK", "territory=UA01", "2026-10-19", "high", None);
    let judged = json!({
        "metric": "RM_ASY_WEEK", "dimensions": {"territory": "UA01"}, "period": "2026-W43", "level": "guarded",
        "confidence": "moderate", "text_uk": "Разове прибуття групи.", "expires_at": "2026-11-23T00:00:00Z"
    });
    let first = judge(&analyst, &judged).expect(201).json();
    let board = eventually(&analyst, "/v1/risk-board", |board| items(board).len() == 1);
    assert_eq!(items(&board)[0]["value"]["level"], "high");
    assert_eq!(items(&board)[0]["assessment"], first);
    // Bodies that deliver see levels, not judgements.
    let dms = app.submitter("DMS");
    assert_eq!(
        items(&dms.get("/v1/risk-board").expect(200).json())[0].get("assessment"),
        None
    );
    assert_eq!(
        dms.get("/v1/risk-assessments").expect(200).json()["items"],
        json!([])
    );
    assert_eq!(judge(&dms, &judged).status, 403);

    let mut newer = judged.clone();
    newer["level"] = json!("elevated");
    let newer = judge(&analyst, &newer).expect(201).json();
    let list = analyst
        .get("/v1/risk-assessments?metric=RM_ASY_WEEK")
        .expect(200)
        .json();
    assert_eq!(items(&list), &vec![newer.clone()]);
    let all = analyst
        .get("/v1/risk-assessments?includeHistory=true")
        .expect(200)
        .json();
    let superseded: Vec<_> = items(&all)
        .iter()
        .map(|it| (&it["id"], &it["superseded"]))
        .collect();
    assert_eq!(
        superseded,
        [(&newer["id"], &json!(false)), (&first["id"], &json!(true))]
    );
    let component =
        json!({"component": "impact", "level": "low", "confidence": "low", "text_uk": "Без змін."});
    let _kept = judge(&analyst, &component).expect(201);
    assert_eq!(
        items(
            &analyst
                .get("/v1/risk-assessments?component=impact")
                .expect(200)
                .json()
        )
        .len(),
        1
    );

    for (member, value) in [
        ("metric", json!("RM_NONE")),
        ("dimensions", json!({"citizenship": "UA"})),
        ("period", json!("2026-10")),
        ("expires_at", json!("2026-11-21T00:00:00Z")),
        ("text_uk", json!("  ")),
        ("component", json!("impact")),
    ] {
        let mut wrong = judged.clone();
        wrong[member] = value;
        let refused = judge(&analyst, &wrong).expect(422).json();
        assert_eq!(refused["code"], "request.member_invalid", "{member}");
    }
    app.clock.set("2026-11-23T00:00:01Z".parse().unwrap());
    let analyst = app.analyst();
    assert_eq!(
        items(&analyst.get("/v1/risk-board").expect(200).json())[0].get("assessment"),
        None
    );
}
