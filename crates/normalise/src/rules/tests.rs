//! The rules over figures of a small catalogue: what is told and what is not.

mod properties;

use crate::rules::{Judging, KnownFigure, KnownFigures, RuleBook, RuleSet, SentFigure};
use chrono::NaiveDate;
use leleka_domain::{
    Body, Catalogue, CodeEntry, CodeList, Dimension, Finding, Frequency, Indicator, Period, SeriesKey,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn indicator(code: &str, dimensions: &[&str]) -> Indicator {
    serde_json::from_value(json!({
        "code": code, "dataflow": "D", "source_body": "B", "frequency": "M", "unit": "persons", "measure": "flow",
        "decimals": 0, "dimensions": dimensions, "direction": "neutral", "ciram": "threat", "name_uk": "я",
        "name_en": "e", "definition_uk": "я", "definition_en": "e", "counterpart": ""
    }))
    .unwrap()
}

fn code(list: &str, code: &str, level: i16) -> CodeEntry {
    CodeEntry {
        list: list.into(),
        code: code.into(),
        parent: None,
        level,
        name_uk: "я".into(),
        name_en: "e".into(),
        aliases: Vec::new(),
        other_codes: BTreeMap::new(),
        valid_from: None,
        valid_to: None,
    }
}

fn catalogue() -> Catalogue {
    let body = |code: &str, kind: &str, territory: Option<&str>| Body {
        code: code.into(),
        kind: kind.into(),
        territory: territory.map(str::to_owned),
        name_uk: "я".into(),
        name_en: "e".into(),
        note: None,
        valid_from: None,
        valid_to: None,
    };
    let dimension = |name: &str| Dimension {
        code: name.into(),
        list: name.into(),
        name_uk: "я".into(),
        name_en: "e".into(),
    };
    let names = ["territory", "citizenship", "sex", "route"];
    Catalogue {
        version: "1".into(),
        bodies: vec![
            body("B", "central", None),
            body("OFFICE", "office", Some("UA1")),
            body("E", "external", None),
        ],
        indicators: vec![
            indicator("IN", &["territory", "citizenship", "sex"]),
            indicator("OUT", &["citizenship", "route"]),
        ],
        dimensions: names.map(dimension).into(),
        code_lists: names
            .map(|name| CodeList {
                code: name.into(),
                name_uk: "я".into(),
                name_en: "e".into(),
                source: String::new(),
                open: false,
            })
            .into(),
        codes: vec![
            code("territory", "UA", 0),
            code("territory", "UA1", 1),
            code("territory", "UA2", 1),
            code("sex", "_T", 0),
            code("sex", "M", 0),
            code("sex", "F", 0),
            code("citizenship", "_T", 0),
            code("citizenship", "SY", 0),
            code("route", "_T", 0),
            code("route", "EAST", 0),
        ],
        ..Catalogue::default()
    }
}

fn try_book(check: Value) -> Result<RuleBook, Vec<String>> {
    let set: RuleSet = serde_json::from_value(json!({"version": "1", "rules": [{
        "id": "R-ONE", "severity": "warning", "since": "2026-01-01", "text_uk": "я", "text_en": "e", "check": check
    }]}))
    .unwrap();
    RuleBook::new(set, &catalogue())
}

fn key(indicator: &str, dimensions: &[(&str, &str)]) -> SeriesKey {
    let of = |name: &str, otherwise: &str| {
        let found = dimensions.iter().find(|(own, _)| *own == name);
        found.map_or(otherwise, |(_, code)| *code).to_owned()
    };
    let is_in = indicator == "IN";
    SeriesKey {
        indicator: indicator.into(),
        frequency: Frequency::Monthly,
        body: of("body", "B"),
        territory: if is_in { of("territory", "UA") } else { "_Z".into() },
        citizenship: of("citizenship", "_T"),
        sex: if is_in { of("sex", "_T") } else { "_Z".into() },
        age: "_Z".into(),
        extra: if is_in {
            String::new()
        } else {
            format!("route={}", of("route", "_T"))
        },
    }
}

fn day(text: &str) -> NaiveDate {
    let period: Period = text.parse().unwrap();
    period.start()
}

/// A figure of a submission: key, period, value.
type Told<'a> = (SeriesKey, &'a str, Option<f64>);

/// Judges a submission of these figures beside what earlier ones said.
fn judged(book: &RuleBook, sent: &[Told<'_>], earlier: &[Told<'_>], complete: bool) -> Vec<Finding> {
    let mut known = KnownFigures::default();
    for (key, period, value) in earlier {
        let figure = value.map(|value| KnownFigure { value, own_row: None });
        if let Some(figure) = figure {
            known.insert(key.id(), day(period), figure);
        }
    }
    let mut figures = Vec::new();
    for (row, (key, period, value)) in (1..).zip(sent) {
        figures.push(SentFigure {
            series: key.id(),
            period: day(period),
            row,
            value: *value,
            changed: true,
        });
        if let Some(value) = *value {
            let own_row = Some(row);
            known.insert(key.id(), day(period), KnownFigure { value, own_row });
        }
    }
    let mut judging = Judging::new(book);
    let key_of = |series| sent.iter().map(|(key, _, _)| key).find(|key| key.id() == series);
    judging.totals(&figures, key_of, complete);
    for ((key, _, _), figure) in sent.iter().zip(&figures) {
        // What a figure is held against must have been asked for.
        let needs = book.needs(key, figure.period);
        assert!(needs.iter().all(|need| need.from <= need.to));
        judging.figure(key, *figure, &known);
    }
    judging.into_findings()
}

fn lines(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|it| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            format!(
                "{} {} {} {}",
                it.code,
                it.row.unwrap(),
                text(&it.value),
                text(&it.expected)
            )
        })
        .collect()
}

fn sexes() -> Value {
    json!({"kind": "totals_details", "indicators": ["IN"], "dimension": "sex", "total": "_T",
           "parts": {"codes": ["M", "F"]}, "exhaustive_with": ["M", "F"]})
}

fn by_sex(total: f64, men: Option<f64>, women: Option<f64>) -> Vec<Told<'static>> {
    vec![
        (key("IN", &[]), "2026-03", Some(total)),
        (key("IN", &[("sex", "M")]), "2026-03", men),
        (key("IN", &[("sex", "F")]), "2026-03", women),
    ]
}

#[test]
fn a_total_is_held_against_its_parts_at_its_own_row() {
    let book = try_book(sexes()).unwrap();
    let none: [&str; 0] = [];
    assert_eq!(
        lines(&judged(&book, &by_sex(10.0, Some(6.0), Some(4.0)), &[], true)),
        none
    );
    let found = judged(&book, &by_sex(11.0, Some(6.0), Some(4.0)), &[], true);
    assert_eq!(lines(&found), ["sum.mismatch 1 11 = 10 (2026-03, sex: 2)"]);
    assert_eq!(found[0].rule_id.as_deref(), Some("R-ONE"));
    assert_eq!(
        found[0].related.iter().map(|it| it.row).collect::<Vec<_>>(),
        [Some(2), Some(3)]
    );
    // A suppressed part hides an unknown amount, and so does the rest of a submission that was not looked at.
    assert_eq!(
        lines(&judged(&book, &by_sex(11.0, Some(6.0), None), &[], true)),
        none
    );
    assert_eq!(
        lines(&judged(&book, &by_sex(11.0, Some(6.0), Some(4.0)), &[], false)),
        none
    );
    let found = judged(&book, &by_sex(5.0, Some(6.0), None), &[], true);
    assert_eq!(lines(&found), ["sum.mismatch 1 5 ≥ 6 (2026-03, sex: 1)"]);
}

#[test]
fn parts_that_need_not_exhaust_the_total_may_be_less() {
    let regions = json!({"kind": "totals_details", "indicators": ["IN"], "dimension": "territory", "total": "UA",
                         "parts": {"level": 1}});
    let book = try_book(regions).unwrap();
    let sent = |total| {
        vec![
            (key("IN", &[("territory", "UA1")]), "2026-03", Some(3.0)),
            (key("IN", &[("territory", "UA2")]), "2026-03", Some(4.0)),
            (key("IN", &[]), "2026-03", Some(total)),
        ]
    };
    assert!(judged(&book, &sent(100.0), &[], true).is_empty());
    assert_eq!(
        lines(&judged(&book, &sent(6.0), &[], true)),
        ["sum.mismatch 3 6 ≥ 7 (2026-03, territory: 2)"]
    );
}

#[test]
fn indicators_are_compared_at_equal_places_and_the_stock_before() {
    let check = json!({"kind": "cross_indicator", "left": [{"indicator": "OUT"}], "relation": "at_most",
                       "right": [{"indicator": "IN", "lag": 1}]});
    let book = try_book(check).unwrap();
    let syrians = [("citizenship", "SY")];
    let out = |period, value| (key("OUT", &syrians), period, Some(value));
    let before = [(key("IN", &syrians), "2026-02", Some(10.0))];
    assert!(judged(&book, &[out("2026-03", 10.0)], &before, true).is_empty());
    assert_eq!(
        lines(&judged(&book, &[out("2026-03", 11.0)], &before, true)),
        ["value.cross_indicator 1 11 ≤ 10: OUT ≤ IN[-1]"]
    );
    // The other side may be the one that is sent; both sent is told once.
    let earlier = [out("2026-03", 11.0)];
    let stock = (key("IN", &syrians), "2026-02", Some(10.0));
    assert_eq!(
        judged(&book, std::slice::from_ref(&stock), &earlier, true).len(),
        1
    );
    assert_eq!(judged(&book, &[out("2026-03", 11.0), stock], &[], true).len(), 1);
    // A route has no counterpart among entries by sex: nothing to compare.
    let east = (
        key("OUT", &[("citizenship", "SY"), ("route", "EAST")]),
        "2026-03",
        Some(99.0),
    );
    assert!(judged(&book, &[east], &before, true).is_empty());
}

fn jump() -> Value {
    json!({"kind": "jump", "indicators": ["IN"], "history": 24, "least_history": 6, "least_size": 50.0,
           "threshold": 5.0, "least_deviation": 0.2, "least_factor": 3.0})
}

fn months(values: &[f64]) -> Vec<Told<'static>> {
    const NAMES: [&str; 8] = [
        "2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06", "2025-07", "2025-08",
    ];
    NAMES
        .iter()
        .zip(values)
        .map(|(name, value)| (key("IN", &[]), *name, Some(*value)))
        .collect()
}

#[test]
fn a_figure_far_from_its_own_history_is_told_with_its_ordinary_range() {
    let book = try_book(jump()).unwrap();
    let history = months(&[100.0, 110.0, 95.0, 105.0, 90.0, 100.0, 102.0]);
    let now = |value| [(key("IN", &[]), "2025-08", Some(value))];
    assert!(judged(&book, &now(250.0), &history, true).is_empty());
    assert_eq!(
        lines(&judged(&book, &now(1000.0), &history, true)),
        ["value.outlier 1 1000 33–302"]
    );
    assert_eq!(lines(&judged(&book, &now(3.0), &history, true)).len(), 1);
    // Too little history, too small, or a history that came with the figure itself: nothing to say.
    assert!(judged(&book, &now(1000.0), &history[..5], true).is_empty());
    let small = months(&[1.0, 2.0, 1.0, 1.0, 2.0, 1.0, 1.0]);
    assert!(judged(&book, &now(40.0), &small, true).is_empty());
    let mut at_once = history;
    at_once.extend(now(1000.0));
    assert!(judged(&book, &at_once, &[], true).is_empty());
}

#[test]
fn a_cumulative_figure_does_not_fall() {
    let book = try_book(json!({"kind": "cumulative_monotonic", "indicators": ["IN"]})).unwrap();
    let of = |period: &'static str, value| {
        let frequency = period.parse::<Period>().unwrap().frequency();
        let key = SeriesKey {
            frequency,
            ..key("IN", &[])
        };
        (key, period, Some(value))
    };
    let (january, may) = (of("2026-01", 5.0), of("2026-01/2026-05", 20.0));
    assert!(judged(&book, &[january.clone(), may.clone()], &[], true).is_empty());
    assert_eq!(
        lines(&judged(
            &book,
            &[of("2026-01/2026-06", 19.0)],
            std::slice::from_ref(&may),
            true
        )),
        ["value.not_monotonic 1 19 ≥ 20 (2026-01/2026-05)"]
    );
    let year = of("2026", 18.0);
    assert_eq!(
        judged(&book, &[may, year], &[january], true).len(),
        1,
        "told once for the pair"
    );
    // February to May is another sum.
    assert!(
        judged(
            &book,
            &[of("2026-02/2026-05", 1.0)],
            &[of("2026-01/2026-05", 20.0)],
            true
        )
        .is_empty()
    );
}

#[test]
fn a_mirror_tells_that_two_bodies_differ_and_not_what_the_other_said() {
    let check = json!({"kind": "mirror", "left": {"body": "B"}, "right": {"body_kind": "office"},
                       "indicators": [["IN", "IN"]], "share": 0.1, "least": 20.0});
    let book = try_book(check).unwrap();
    let of = |body, territory, value| {
        let key = key("IN", &[("body", body), ("territory", territory)]);
        (key, "2026-03", Some(value))
    };
    let office = [of("OFFICE", "UA1", 777.0)];
    assert!(judged(&book, &[of("B", "UA1", 710.0)], &office, true).is_empty());
    let found = judged(&book, &[of("B", "UA1", 600.0)], &office, true);
    assert_eq!(lines(&found), ["mirror.mismatch 1 600 10 % (OFFICE, IN)"]);
    assert!(!format!("{found:?}").contains("777"));
    // Seen from the office; another region; what is too small to matter.
    assert_eq!(judged(&book, &office, &[of("B", "UA1", 600.0)], true).len(), 1);
    assert!(judged(&book, &[of("B", "UA2", 600.0)], &office, true).is_empty());
    assert!(judged(&book, &[of("B", "UA1", 10.0)], &[of("OFFICE", "UA1", 19.0)], true).is_empty());
    let pairs = book.mirror_pairs();
    let other = book.mirror_other(&pairs[0], &of("B", "UA1", 0.0).0);
    assert_eq!(other, Some(office[0].0.clone()));
}

#[test]
fn a_set_that_names_what_is_not_there_is_refused_with_every_fault() {
    let faults = |check| try_book(check).unwrap_err().join("; ");
    let mut wrong = sexes();
    wrong["indicators"] = json!(["NOWHERE", "OUT"]);
    wrong["exhaustive_with"] = json!(["X"]);
    let told = faults(wrong);
    for part in [
        "NOWHERE is not in the catalogue",
        "OUT is not broken down by sex",
        "sex has no code X",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let mut senseless = jump();
    senseless["least_history"] = json!(99);
    assert!(faults(senseless).contains("least_history"));
    let nobody = json!({"kind": "mirror", "left": {"body": "B"}, "right": {"body": "NOBODY"},
                        "indicators": [["IN", "IN"]], "share": 0.1, "least": 1.0});
    assert!(faults(nobody).contains("a side names one body"));
    assert_eq!(RuleBook::default().version(), "none");
}
