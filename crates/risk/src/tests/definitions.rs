//! Definitions: those that ship are sound, and every mistake is refused at its own place, in two languages.

use super::builders::{definition, written};
use crate::{Definition, canonical_json, sha256_hex, shipped_definitions};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn pointers(body: &Value) -> Vec<String> {
    let faults = Definition::parse(&body.to_string()).expect_err("the definition has a mistake");
    for fault in &faults {
        assert!(
            fault.uk.chars().any(|letter| ('а'..='я').contains(&letter)),
            "{fault:?}"
        );
        assert!(!fault.en.is_empty());
    }
    faults.into_iter().map(|fault| fault.pointer).collect()
}

fn refused(more: &Value, pointer: &str) {
    let found = pointers(&written(more));
    assert!(
        found.iter().any(|at| at == pointer),
        "{more}: {found:?} instead of {pointer}"
    );
}

#[test]
fn every_shipped_definition_is_sound_and_has_its_own_code() {
    let mut codes = BTreeSet::new();
    for (file, _) in shipped_definitions() {
        let definition = super::builders::shipped(file);
        assert_eq!(format!("{}.json", definition.code.to_lowercase()), *file);
        assert!(codes.insert(definition.code));
    }
    assert!(codes.len() >= 14);
}

#[test]
fn a_mistake_in_the_structure_is_found_at_its_place() {
    refused(&json!({ "code": null }), "/code");
    refused(&json!({ "code": "ASY" }), "/code");
    refused(&json!({ "surprise": 1 }), "/surprise");
    refused(&json!({ "a/b~c": 1 }), "/a~1b~0c");
    refused(&json!({ "kind": "opinion" }), "/kind");
    refused(&json!({ "decimals": "two" }), "/decimals");
    refused(&json!({ "ciram": "threat" }), "/ciram");
    refused(&json!({ "inputs": {} }), "/inputs");
    refused(&json!({ "inputs": { "a": 7 } }), "/inputs/a");
    refused(
        &json!({ "inputs": { "a": { "indicator": "X", "agg": "product" } } }),
        "/inputs/a/agg",
    );
    refused(
        &json!({ "inputs": { "a": { "indicator": "X", "filters": {} } } }),
        "/inputs/a/filters",
    );
    refused(
        &json!({ "inputs": { "a": { "indicator": "X", "min_coverage": 1.5 } } }),
        "/inputs/a/min_coverage",
    );
    refused(
        &json!({ "text": { "uk": { "name": " ", "explanation": "e" }, "en": { "name": "n", "explanation": "e" } } }),
        "/text/uk/name",
    );
    assert_eq!(pointers(&json!([])), [""]);
    assert!(Definition::parse("{").is_err());
    assert!(Definition::parse(&" ".repeat(70_000)).is_err());
}

#[test]
fn a_mistake_in_the_expression_is_found_at_its_node() {
    let a = json!({ "op": "in", "name": "a" });
    refused(
        &json!({ "expr": { "op": "neg", "a": { "op": "in", "name": "b" } } }),
        "/expr/a/name",
    );
    refused(
        &json!({ "expr": { "op": "add", "a": a, "b": { "op": "sqrt", "a": a } } }),
        "/expr/b/op",
    );
    refused(&json!({ "expr": { "op": "lag", "a": a, "k": -1 } }), "/expr/k");
    refused(&json!({ "expr": { "op": "lag", "a": a, "k": 521 } }), "/expr/k");
    refused(
        &json!({ "expr": { "op": "coalesce", "args": [a, { "op": "in" }] } }),
        "/expr/args/1/name",
    );
    refused(
        &json!({ "expr": { "op": "roll", "fn": "sd", "n": 4, "min_obs": 5, "a": a } }),
        "/expr/min_obs",
    );
    refused(
        &json!({ "expr": { "op": "clamp", "a": a, "lo": 2, "hi": 1 } }),
        "/expr/lo",
    );
    refused(
        &json!({ "expr": { "op": "sum_over", "a": a, "over": ["sex"] } }),
        "/expr/over",
    );
    refused(&json!({ "expr": { "op": "const", "value": 1 } }), "/unit");
}

#[test]
fn units_frequencies_and_keys_must_fit() {
    let (a, b) = (
        json!({ "op": "in", "name": "a" }),
        json!({ "op": "in", "name": "b" }),
    );
    let with =
        |b: Value, expr: Value| json!({ "inputs": { "a": { "indicator": "A" }, "b": b }, "expr": expr });
    let add = json!({ "op": "add", "a": a, "b": b });
    refused(
        &with(json!({ "indicator": "B", "unit": "places" }), add.clone()),
        "/expr",
    );
    refused(
        &with(json!({ "indicator": "B", "frequency": "M" }), add.clone()),
        "/expr",
    );
    refused(&with(json!({ "indicator": "B", "by": ["sex"] }), add), "/expr");
    let ratio = json!({ "op": "ratio", "num": a, "den": b, "scale": 1000 });
    refused(&with(json!({ "indicator": "B" }), ratio.clone()), "/unit");
    let mut sound = with(json!({ "indicator": "B" }), ratio);
    sound["unit"] = json!("per_1000");
    assert_eq!(definition(&sound).unit.to_string(), "per_1000");
    refused(&json!({ "by": ["territory"] }), "/by");
    refused(
        &json!({ "freq": "M", "inputs": { "a": { "indicator": "A", "frequency": "W" } } }),
        "/freq",
    );
}

#[test]
fn limits_hold() {
    let deep = |levels: usize| {
        (0..levels).fold(
            json!({ "op": "in", "name": "a" }),
            |inner, _| json!({ "op": "neg", "a": inner }),
        )
    };
    definition(&json!({ "expr": deep(15) }));
    refused(&json!({ "expr": deep(16) }), &format!("/expr{}", "/a".repeat(16)));
    let wide = vec![json!({ "op": "in", "name": "a" }); 64];
    refused(
        &json!({ "expr": { "op": "coalesce", "args": wide } }),
        "/expr/args/63",
    );
    let window = |inner: Value| json!({ "op": "roll", "fn": "mean", "n": 520, "a": inner });
    let nested = window(window(window(json!({ "op": "in", "name": "a" }))));
    refused(&json!({ "expr": nested }), "/expr");
}

#[test]
fn signals_and_levels_have_what_they_need_and_nothing_else() {
    refused(&json!({ "kind": "signal" }), "/detectors");
    refused(&json!({ "kind": "signal" }), "/breakpoints");
    refused(&json!({ "detectors": [{ "method": "robust_z" }] }), "/detectors");
    refused(&json!({ "direction": "both" }), "/direction");
    refused(&json!({ "breakpoints": [[0, 0]] }), "/breakpoints");
    refused(&json!({ "breakpoints": [[1, 0], [0, 5]] }), "/breakpoints");
    refused(&json!({ "breakpoints": [[0, 0], [1, 11]] }), "/breakpoints");
    refused(&json!({ "cuts": [2, 4, 4, 8] }), "/cuts");
    let rate = json!({
        "kind": "signal", "breakpoints": null, "detectors": [{ "method": "robust_z", "transform": "anscombe" }],
        "unit": "ratio", "expr": { "op": "yoy", "a": { "op": "in", "name": "a" } },
    });
    refused(&rate, "/detectors/0/transform");
}

#[test]
fn the_digest_of_a_definition_does_not_depend_on_how_it_is_written() {
    let body = written(&json!({}));
    let compact = Definition::parse(&body.to_string()).unwrap();
    let pretty = serde_json::to_string_pretty(&body)
        .unwrap()
        .replace("100,", "1e2,");
    assert_eq!(
        compact.body_sha256,
        Definition::parse(&pretty).unwrap().body_sha256
    );
    let mut next = body;
    next["version"] = json!(2);
    assert_ne!(
        compact.body_sha256,
        Definition::parse(&next.to_string()).unwrap().body_sha256
    );
    let parsed: Value = serde_json::from_str(r#"{"b":[1.0,2.5,"є"],"a":null}"#).unwrap();
    assert_eq!(canonical_json(&parsed), r#"{"a":null,"b":[1,2.5,"є"]}"#);
    assert_eq!(
        sha256_hex(b""),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}
