//! Metrics that rest on other metrics: read with a library, evaluated over the same data, dirty with them.

use super::builders::{definition, key, only, period, row, signal, written};
use crate::{
    Definition, Detail, InputObservation, Library, ObservationSet, PopulationSupply, Reason, dirty_periods,
    evaluate_metric, input_needs, metric_keys,
};
use serde_json::{Value, json};

fn library() -> Library {
    let mut library = Library::default();
    library.insert(signal(&json!({
        "code": "RM_BASE", "by": ["territory"], "inputs": { "x": { "indicator": "IND", "by": ["territory"] } },
        "expr": { "op": "in", "name": "x" },
    })));
    library.insert(definition(&json!({ "code": "RM_COUNTRY" })));
    library
}

fn reference(take: &str) -> Value {
    json!({ "op": "metric", "code": "RM_BASE", "version": 1, "take": take })
}

fn outer(more: &Value) -> Result<Definition, Vec<crate::DefinitionFault>> {
    let mut members = json!({
        "by": ["territory"], "unit": "index", "inputs": { "a": { "indicator": "OTHER", "by": ["territory"] } },
        "expr": { "op": "max", "a": reference("score"), "b": { "op": "ln1p", "a": { "op": "in", "name": "a" } } },
    });
    for (name, value) in more.as_object().unwrap() {
        members[name] = value.clone();
    }
    Definition::parse_with(&written(&members).to_string(), &library())
}

fn rows() -> Vec<InputObservation> {
    let weeks = std::iter::successors(Some(period("2025-W20")), |week| week.shift(1)).take(60);
    let made = weeks.enumerate().flat_map(|(at, week)| {
        let usual = 40.0 + f64::from(u32::try_from(at * 7 % 11).unwrap());
        let count = if at == 59 { 120.0 } else { usual };
        let place = [("territory", "UA05")];
        [
            row("IND", &place, &week.to_string(), count),
            row("OTHER", &place, &week.to_string(), 1.0),
        ]
    });
    made.collect()
}

#[test]
fn the_score_of_another_metric_is_what_that_metric_says() {
    let metric = outer(&json!({})).unwrap();
    let last = rows().last().unwrap().period.to_string();
    let place = [("territory", "UA05")];
    let base = only(library().find("RM_BASE", 1).unwrap(), &rows(), &place, &last);
    let found = only(&metric, &rows(), &place, &last);
    assert_eq!(found.value, base.score);
    assert!(found.value.unwrap() > 4.0);
    // The score rests on the past as well, and so does what was made of it.
    assert_eq!(found.n_inputs, base.n_inputs + base.n_baseline + 1);
    let tree = &found.explanation.unwrap().value;
    let part = &tree.parts[0];
    assert_eq!((part.op, part.input.as_deref()), ("metric", Some("RM_BASE/1")));
    assert_eq!(part.parts[0].pointer, "RM_BASE/1#/expr");
    assert_eq!(part.parts[0].value, base.value);
    let value = outer(&json!({ "unit": "persons", "expr": reference("value") })).unwrap();
    assert_eq!(only(&value, &rows(), &place, &last).value, base.value);
    // What the other metric cannot say, this one cannot either.
    let short = only(&metric, &rows()[..4], &place, "2025-W21");
    assert_eq!((short.value, short.reason), (None, Some(Reason::ShortHistory)));
}

#[test]
fn what_is_read_and_what_is_dirty_nest() {
    let metric = outer(&json!({})).unwrap();
    let at = period("2026-W10");
    let needs = input_needs(&metric, at, at);
    let nested = needs.iter().find(|need| need.input == "RM_BASE/1:x").unwrap();
    assert_eq!((nested.indicator.as_str(), nested.to), ("IND", at));
    let base = library();
    let own = input_needs(base.find("RM_BASE", 1).unwrap(), at, at);
    assert_eq!(nested.from, own[0].from, "its past is needed too");
    let until = period("2027-W20");
    let dirty = |definition: &Definition, input: &str| {
        dirty_periods(definition, input, (at, at), until, PopulationSupply::Unknown)
    };
    let of_base = dirty(base.find("RM_BASE", 1).unwrap(), "x");
    let found = dirty(&metric, "RM_BASE/1:x");
    assert_eq!(found.values.len(), of_base.values.len() + of_base.signals.len());
    assert_eq!(dirty(&metric, "a").values, [at]);
    let value = outer(&json!({ "unit": "persons", "expr": reference("value") })).unwrap();
    assert_eq!(dirty(&value, "RM_BASE/1:x").values, [at]);
    let set = ObservationSet::new(rows(), Vec::new());
    assert_eq!(metric_keys(&value, &set, &[]), [key(&[("territory", "UA05")])]);
    let found = evaluate_metric(&value, &set, None, &[at], Detail::Values);
    assert_eq!(found.len(), 1);
    assert!(!metric.mixes_keys());
}

#[test]
fn a_reference_that_cannot_be_followed_is_found_at_its_place() {
    let refused = |more: Value, pointer: &str| {
        let faults = outer(&more).expect_err("the reference is wrong");
        assert!(faults.iter().any(|fault| fault.pointer == pointer), "{faults:?}");
    };
    let to =
        |code: &str, version: u32| json!({ "expr": { "op": "metric", "code": code, "version": version } });
    refused(to("RM_NOBODY", 1), "/expr");
    refused(to("RM_BASE", 2), "/expr");
    refused(to("RM_TEST", 1), "/expr");
    refused(to("RM_COUNTRY", 1), "/expr");
    refused(
        json!({ "freq": "M", "inputs": { "a": { "indicator": "X" } } }),
        "/expr/a",
    );
    refused(
        json!({ "inputs": { "a:b": { "indicator": "X" } } }),
        "/inputs/a:b",
    );
    let alone =
        Definition::parse(&written(&json!({ "expr": reference("score"), "unit": "index" })).to_string());
    assert!(alone.is_err(), "without a library nothing can be referred to");
}

#[test]
fn documents_are_read_whatever_their_order_and_circles_are_refused() {
    let metric = |code: &str, of: &str| {
        let expr = json!({ "op": "metric", "code": of, "version": 1, "take": "value" });
        written(&json!({ "code": code, "expr": expr })).to_string()
    };
    let base = written(&json!({ "code": "RM_Z" })).to_string();
    let (a, b) = (metric("RM_A", "RM_B"), metric("RM_B", "RM_Z"));
    let (found, unread) = Library::read(&[&a, &b, &base]);
    assert!(unread.is_empty(), "{unread:?}");
    assert_eq!(found.definitions().count(), 3);
    assert!(
        found
            .find("RM_A", 1)
            .unwrap()
            .inputs
            .contains_key("RM_B/1:RM_Z/1:a")
    );
    let (c, d) = (metric("RM_C", "RM_D"), metric("RM_D", "RM_C"));
    let (found, unread) = Library::read(&[&base, &c, &d]);
    assert_eq!((found.definitions().count(), unread.len()), (1, 2));
    assert!(
        unread.iter().all(|it| it.faults[0].pointer == "/expr"),
        "{unread:?}"
    );
    let broken = written(&json!({ "code": "RM_B", "unit": "ratio" })).to_string();
    let (found, unread) = Library::read(&[&a, &broken, &base]);
    let documents: Vec<usize> = unread.iter().map(|it| it.document).collect();
    assert_eq!((found.definitions().count(), documents), (1, vec![1, 0]));
}
