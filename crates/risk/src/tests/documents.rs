//! Definitions as people write them: every fault at its place, and one form in the reader, the table of members and the
//! published JSON Schema.

use super::builders::written;
use crate::expression::Op;
use crate::operation_members::OPERATIONS;
use crate::{Definition, DefinitionFault, definition_schema, shipped_definitions};
use leleka_domain::Code;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(super) fn validator() -> &'static jsonschema::Validator {
    static VALIDATOR: OnceLock<jsonschema::Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let schema = serde_json::from_str(&definition_schema()).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    })
}

pub(super) fn faults(document: &Value) -> Vec<DefinitionFault> {
    Definition::parse(&document.to_string()).err().unwrap_or_default()
}

pub(super) fn input(name: &str) -> Value {
    json!({"op": "in", "name": name})
}

fn signal(more: Value) -> Value {
    let mut document = written(&json!({
        "kind": "signal", "breakpoints": null, "detectors": [{"method": "robust_z"}], "direction": "up"
    }));
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn composite(more: Value) -> Value {
    let part = |lo: f64| json!({"a": input("a"), "normalise": {"by": "minmax", "lo": lo, "hi": 10}});
    let mut document = written(&json!({
        "kind": "composite", "breakpoints": null, "unit": "index",
        "expr": {"op": "composite", "combine": "geometric", "components": [part(0.0), part(1.0)]}
    }));
    for (pointer, value) in more.as_object().unwrap() {
        *document.pointer_mut(pointer).unwrap() = value.clone();
    }
    document
}

fn with(more: Value) -> Value {
    written(&more)
}

#[test]
fn each_wrong_document_is_told_at_its_place() {
    let two = json!({"a": {"indicator": "A"}, "b": {"indicator": "B", "unit": "days"}});
    let (a, b) = (input("a"), input("b"));
    let wrong: Vec<(Value, Code, &str)> = vec![
        (with(json!({"code": "RM_lower"})), Code::JsonType, "/code"),
        (with(json!({"code": "RM_"})), Code::JsonType, "/code"),
        (with(json!({"decimals": 11})), Code::JsonType, "/decimals"),
        (with(json!({"by": null})), Code::FieldMissing, "/by"),
        (with(json!({"colour": "red"})), Code::JsonMemberUnknown, "/colour"),
        (with(json!({"freq": "weekly"})), Code::JsonType, "/freq"),
        (with(json!({"unit": "per_100"})), Code::JsonType, "/unit"),
        (
            with(json!({"family": "f".repeat(65)})),
            Code::TextTooLong,
            "/family",
        ),
        (with(json!({"cuts": [2, 4, 6]})), Code::JsonType, "/cuts"),
        (
            with(json!({"cuts": [2, 6, 4, 8]})),
            Code::DefinitionUnsound,
            "/cuts",
        ),
        (
            with(json!({"inputs": {"a": {"unit": "days"}}})),
            Code::FieldMissing,
            "/inputs/a/indicator",
        ),
        (
            with(json!({"inputs": {"a": {"indicator": "A", "filter": {"sex": []}}}})),
            Code::JsonType,
            "/inputs/a/filter/sex",
        ),
        (
            with(json!({"inputs": {"a": {"indicator": "A", "frequency": "X"}}})),
            Code::JsonType,
            "/inputs/a/frequency",
        ),
        (
            with(json!({"inputs": {"a": {"indicator": "A", "by": ["sex"], "over": ["sex"]}}})),
            Code::DefinitionUnsound,
            "/inputs/a/over/0",
        ),
        (
            with(json!({"expr": {"op": "sqrt", "a": a}})),
            Code::JsonType,
            "/expr/op",
        ),
        (with(json!({"expr": {"a": a}})), Code::FieldMissing, "/expr/op"),
        (
            with(json!({"expr": {"op": "add", "a": a}})),
            Code::FieldMissing,
            "/expr/b",
        ),
        (
            with(json!({"expr": {"op": "lag", "a": a, "k": 0}})),
            Code::JsonType,
            "/expr/k",
        ),
        (
            with(json!({"expr": {"op": "lag", "a": a, "k": 1, "by": 2}})),
            Code::JsonMemberUnknown,
            "/expr/by",
        ),
        (
            with(json!({"expr": {"op": "neg", "a": input("z")}})),
            Code::DefinitionUnsound,
            "/expr/a/name",
        ),
        (
            with(json!({"expr": {"op": "clamp", "a": a, "lo": 3, "hi": 1}})),
            Code::DefinitionUnsound,
            "/expr/lo",
        ),
        (
            with(json!({"expr": {"op": "roll", "fn": "mode", "a": a, "n": 3}})),
            Code::JsonType,
            "/expr/fn",
        ),
        (
            with(json!({"expr": {"op": "roll", "fn": "sd", "a": a, "n": 3, "min_obs": 4}})),
            Code::DefinitionUnsound,
            "/expr/min_obs",
        ),
        (
            with(json!({"expr": {"op": "share", "a": a, "over": ["sex"]}})),
            Code::DefinitionUnsound,
            "/expr/over",
        ),
        (
            with(json!({"inputs": two, "expr": {"op": "add", "a": a, "b": b}})),
            Code::DefinitionUnsound,
            "/expr",
        ),
        (
            with(json!({"expr": {"op": "coalesce", "args": []}})),
            Code::JsonType,
            "/expr/args",
        ),
        (
            with(json!({"expr": {"op": "at_least", "a": a, "bound": [{"value": "x"}]}})),
            Code::JsonType,
            "/expr/bound/0/value",
        ),
        (
            with(json!({"expr": {"op": "resample", "a": a, "how": "mean"}})),
            Code::DefinitionUnsound,
            "/expr",
        ),
        (
            with(json!({"expr": {"op": "yoy", "a": a}})),
            Code::DefinitionUnsound,
            "/unit",
        ),
        (
            with(json!({"breakpoints": null})),
            Code::DefinitionUnsound,
            "/breakpoints",
        ),
        (
            with(json!({"breakpoints": [[5, 0], [1, 10]]})),
            Code::DefinitionUnsound,
            "/breakpoints",
        ),
        (
            with(json!({"breakpoints": [[0, 0], [1, 10, 3]]})),
            Code::JsonType,
            "/breakpoints/1",
        ),
        (
            with(json!({"breakpoints": [{"points": [[0, 0], [1, 10]], "valid_from": "2024-13-01"}]})),
            Code::JsonType,
            "/breakpoints/0/valid_from",
        ),
        (
            with(json!({"text": {"uk": {"name": "n", "explanation": "e"}}})),
            Code::FieldMissing,
            "/text/en",
        ),
        (
            signal(json!({"detectors": []})),
            Code::DefinitionUnsound,
            "/detectors",
        ),
        (
            signal(json!({"detectors": [{"method": "guess"}]})),
            Code::JsonType,
            "/detectors/0/method",
        ),
        (
            signal(json!({"detectors": [{"method": "farrington", "w": 99}]})),
            Code::JsonType,
            "/detectors/0/w",
        ),
        (
            signal(json!({"baseline": {"start": "2022-W99"}})),
            Code::JsonType,
            "/baseline/start",
        ),
        (
            signal(json!({"baseline": {"exclude": [{"from": "2022-W10", "to": "2022-W08", "reason": "r"}]}})),
            Code::DefinitionUnsound,
            "/baseline/exclude/0",
        ),
        (
            composite(json!({"/expr/components/0/normalise/hi": -1})),
            Code::DefinitionUnsound,
            "/expr/components/0/normalise",
        ),
        (
            composite(json!({"/expr/components/1/normalise/by": "rank"})),
            Code::JsonType,
            "/expr/components/1/normalise/by",
        ),
        (
            composite(json!({"/expr/combine": "sum"})),
            Code::JsonType,
            "/expr/combine",
        ),
        (
            composite(json!({"/direction": "down"})),
            Code::DefinitionUnsound,
            "/direction",
        ),
    ];
    assert!(wrong.len() >= 25);
    assert_eq!(faults(&signal(json!({}))), []);
    assert_eq!(faults(&composite(json!({}))), []);
    for (document, code, pointer) in wrong {
        let told = faults(&document);
        let places: Vec<(Code, &str)> = told.iter().map(|it| (it.code, it.pointer.as_str())).collect();
        assert!(
            places.contains(&(code, pointer)),
            "{places:?} lacks {code} {pointer}"
        );
        for fault in told {
            let finding = fault.finding();
            let letters = |text: &str| text.chars().any(|letter| ('а'..='я').contains(&letter));
            assert!(
                letters(&finding.message_uk()) && !finding.message_en().is_empty(),
                "{finding:?}"
            );
            assert_eq!(finding.pointer.as_deref(), Some(fault.pointer.as_str()));
        }
    }
}

#[test]
fn faults_of_form_are_told_together() {
    let document = with(json!({
        "decimals": "two", "colour": 1, "expr": {"op": "add", "a": {"op": "lag", "a": input("a"), "k": -1}}
    }));
    let told: BTreeSet<String> = faults(&document).into_iter().map(|it| it.pointer).collect();
    let expected = ["/colour", "/decimals", "/expr/a/k", "/expr/b"];
    assert_eq!(told.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let twice = with(json!({}))
        .to_string()
        .replacen('{', r#"{"code":"RM_OTHER","#, 1);
    let told = Definition::parse(&twice).unwrap_err();
    assert_eq!(
        (told[0].code, told[0].pointer.as_str()),
        (Code::JsonDuplicateMember, "/code")
    );
}

#[test]
fn every_shipped_definition_fits_the_published_schema() {
    for (file, text) in shipped_definitions() {
        let document: Value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = validator()
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    }
}

#[test]
fn the_committed_schema_is_the_programs_byte_for_byte() {
    let committed = std::fs::read_to_string(repository().join("openapi/risk-metric-v1.schema.json"));
    assert!(
        committed.unwrap_or_default() == definition_schema(),
        "openapi/risk-metric-v1.schema.json differs: run `cargo run -p leleka-server -- openapi`"
    );
}

#[test]
fn the_guide_for_writers_explains_every_operation() {
    let guide = std::fs::read_to_string(repository().join("docs/risk-metrics.md")).unwrap();
    for operation in &OPERATIONS {
        let row = format!("| `{}` |", operation.word);
        assert!(guide.contains(&row), "docs/risk-metrics.md has no row for {row}");
    }
}

/// The words in backticks of what serde says is expected.
fn expected_words(error: &serde_json::Error) -> BTreeSet<String> {
    let text = error.to_string();
    let (_, expected) = text.split_once("expected").unwrap_or_default();
    expected
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_of_operations_has_exactly_the_members_of_the_rust_type() {
    let read = |value: Value| serde_json::from_value::<Op<Value>>(value).unwrap_err();
    let words: BTreeSet<String> = OPERATIONS.iter().map(|it| it.word.to_owned()).collect();
    assert_eq!(words.len(), OPERATIONS.len());
    assert_eq!(expected_words(&read(json!({"op": "?"}))), words);
    for operation in &OPERATIONS {
        let known = expected_words(&read(json!({"op": operation.word, "?": 1})));
        let described = operation.members.iter().map(|it| it.name.to_owned());
        assert_eq!(known, described.collect(), "{}", operation.word);
        for member in operation.members.iter().filter(|it| it.required) {
            // Without it, and with nothing else: serde misses the first of those that must be there.
            let text = read(json!({"op": operation.word})).to_string();
            assert!(
                text.contains("missing field"),
                "{} {}",
                operation.word,
                member.name
            );
        }
    }
}
