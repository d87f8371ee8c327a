//! The metrics of the histories: every way in which a result reads other periods and other keys.

use leleka_risk::Definition;
use serde_json::{Value, json};

fn definition(code: &str, kind: &str, frequency: &str, by: &[&str], inputs: Value, rest: Value) -> Value {
    let mut document = json!({
        "code": code, "version": 1, "kind": kind, "freq": frequency, "decimals": 2, "direction": "up",
        "ciram": "impact", "family": "histories", "by": by, "inputs": inputs,
        "text": {"uk": {"name": code, "explanation": code}, "en": {"name": code, "explanation": code}},
    });
    let members = document.as_object_mut().unwrap();
    members.extend(rest.as_object().unwrap().clone());
    if kind == "level" {
        let points = json!([{"valid_from": null, "points": [[-100, 0], [0, 1], [500, 10]]}]);
        members.insert("breakpoints".to_owned(), points);
    }
    document
}

fn read(name: &str) -> Value {
    json!({"op": "in", "name": name})
}

/// The documents.
pub(super) fn documents() -> Vec<Value> {
    let (territory, citizenship) = (["territory"], ["citizenship"]);
    let detected = json!({"a": {"indicator": "IRR_DETECTED", "by": territory}});
    let with_people = json!({
        "a": {"indicator": "IRR_DETECTED", "by": territory},
        "pop": {"indicator": "POP_PRESENT", "frequency": "A", "by": territory},
    });
    let roll = json!({"op": "roll", "fn": "mean", "n": 3, "min_obs": 2, "a": read("a")});
    let moved = json!({"op": "add", "a": roll, "b": {"op": "sub", "a": {"op": "diff", "k": 1, "a": read("a")},
        "b": {"op": "lag", "k": 2, "a": read("a")}}});
    let per_capita = json!({"op": "per_capita", "a": read("a"), "population": "pop", "max_age_months": 18});
    let half =
        |op: Value, hi: u32| json!({"a": op, "weight": 1, "normalise": {"by": "minmax", "lo": 0, "hi": hi}});
    let chain = json!([{"method": "robust_z", "window": 8, "min_obs": 4}, {"method": "ears_c2"}]);
    let signal = json!({"unit": "persons", "expr": read("a"), "detectors": chain});
    let of = |unit: &str, expression: Value| json!({"unit": unit, "expr": expression});
    vec![
        definition(
            "RM_H_MOVED",
            "level",
            "W",
            &territory,
            detected.clone(),
            of("persons", moved),
        ),
        definition(
            "RM_H_YOY",
            "level",
            "W",
            &territory,
            detected.clone(),
            of("ratio", json!({"op": "yoy", "a": read("a")})),
        ),
        definition(
            "RM_H_CAPITA",
            "level",
            "W",
            &territory,
            with_people.clone(),
            of("per_100000", per_capita.clone()),
        ),
        definition(
            "RM_H_SHARE",
            "level",
            "W",
            &citizenship,
            json!({"a": {"indicator": "IRR_DETECTED", "by": citizenship}}),
            of(
                "ratio",
                json!({"op": "share", "over": citizenship, "a": {"op": "roll", "fn": "sum", "n": 2, "min_obs": 1, "a": read("a")}}),
            ),
        ),
        definition(
            "RM_H_ALL",
            "level",
            "W",
            &[],
            detected.clone(),
            of(
                "persons",
                json!({"op": "sum_over", "over": territory, "a": read("a")}),
            ),
        ),
        definition("RM_H_SIGNAL", "signal", "W", &territory, detected.clone(), signal),
        definition(
            "RM_H_BOTH",
            "composite",
            "W",
            &territory,
            with_people,
            of(
                "index",
                json!({"op": "composite", "combine": "arithmetic", "min_weight_coverage": 0.4,
                "components": [half(per_capita, 50), half(read("a"), 200)]}),
            ),
        ),
        definition(
            "RM_H_MONTH",
            "level",
            "M",
            &territory,
            json!({"a": {"indicator": "IRR_DETECTED", "frequency": "W", "by": territory}}),
            of("persons", json!({"op": "resample", "a": read("a")})),
        ),
    ]
}

/// The same, read.
pub(super) fn read_all() -> Vec<Definition> {
    documents()
        .iter()
        .map(|document| {
            Definition::parse(&document.to_string())
                .unwrap_or_else(|faults| panic!("{document:#}: {faults:?}"))
        })
        .collect()
}
