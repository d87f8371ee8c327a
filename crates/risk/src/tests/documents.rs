//! Definitions as people write them: every fault at its place, and one form in the reader, the table of members and the
//! published JSON Schema.

use super::builders::written;
use crate::definition_members::DEFINITION_SHAPE;
use crate::expression::Op;
use crate::operation_members::OPERATIONS;
use crate::{Definition, DefinitionFault, definition_schema, shipped_definitions};
use leleka_domain::Code;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn validator() -> &'static jsonschema::Validator {
    static VALIDATOR: OnceLock<jsonschema::Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let schema = serde_json::from_str(&definition_schema()).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    })
}

fn faults(document: &Value) -> Vec<DefinitionFault> {
    Definition::parse(&document.to_string()).err().unwrap_or_default()
}

fn input(name: &str) -> Value {
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
            with(json!({"expr": {"op": "roll", "fn": "sd", "a": a, "n": 3, "min_obs": 1}})),
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

/// Pointers of every value in a document.
fn pointers(value: &Value, place: &str, found: &mut Vec<String>) {
    found.push(place.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// A place of the document, or a member that one of its objects lacks.
fn is_inside(document: &Value, pointer: &str) -> bool {
    let parent = pointer.rsplit_once('/').map(|(parent, _)| parent);
    document.pointer(pointer).is_some()
        || parent.is_some_and(|parent| document.pointer(parent).is_some_and(Value::is_object))
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(-1)),
        Just(json!(0.5)),
        Just(json!(1e300)),
        Just(json!(4_294_967_296_u64)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([1, 2])),
        Just(json!({"op": "in", "name": "a"})),
        Just(json!("a\u{0}b")),
        Just(json!("")),
        (0_u32..600).prop_map(|number| json!(number)),
        "[A-Z_]{0,70}".prop_map(Value::from),
    ]
}

/// JSON that looks like an expression more often than not.
fn expression_like() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(OPERATIONS.iter().map(|it| it.word).collect::<Vec<_>>());
    let names = vec![
        "a",
        "b",
        "num",
        "den",
        "args",
        "components",
        "k",
        "n",
        "fn",
        "over",
        "name",
        "bound",
        "value",
        "population",
        "from",
        "to",
        "window",
        "lo",
        "hi",
        "scale",
    ];
    let leaf = prop_oneof![
        odd_value(),
        Just(input("a")),
        Just(json!("sum")),
        Just(json!(["sex"]))
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let members = prop::collection::vec((prop::sample::select(names.clone()), inner.clone()), 0..5);
        prop_oneof![
            4 => (word.clone(), members).prop_map(|(op, members)| {
                let mut node = json!({"op": op});
                for (name, value) in members {
                    node[name] = value;
                }
                node
            }),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::from),
        ]
    })
}

proptest! {
    #[test]
    fn what_the_schema_refuses_the_reader_refuses_at_a_place_of_the_document(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), odd in odd_value(), act in 0_u8..3,
    ) {
        let mut document: Value = serde_json::from_str(which.get(shipped_definitions()).1).unwrap();
        let mut places = Vec::new();
        pointers(&document, "", &mut places);
        let place = at.get(&places).clone();
        match (act, place.rsplit_once('/')) {
            (0, Some((parent, name))) => match document.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(name)),
                other => *other = odd,
            },
            (1, _) => match document.pointer_mut(&place).unwrap() {
                Value::Object(members) => drop(members.insert("further".to_owned(), odd)),
                other => *other = odd,
            },
            _ => *document.pointer_mut(&place).unwrap() = odd,
        }
        let fits = validator().is_valid(&document);
        let mut findings = Vec::new();
        DEFINITION_SHAPE.compare(&document, "", &mut findings);
        prop_assert_eq!(fits, findings.is_empty(), "{:?}\n{}", findings, document);
        let told = faults(&document);
        prop_assert!(fits || !told.is_empty());
        for fault in told {
            prop_assert!(is_inside(&document, &fault.pointer), "{fault:?}\n{document}");
        }
    }

    #[test]
    fn no_expression_makes_the_reader_panic(expr in expression_like()) {
        let document = written(&json!({"expr": expr}));
        let mut named = document.clone();
        named["expr"] = expr;
        for fault in faults(&named) {
            prop_assert!(is_inside(&named, &fault.pointer), "{fault:?}\n{named}");
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[{}\\[\\]\",:a-z0-9 .-]{0,80}") {
        prop_assert!(Definition::parse(&text).is_err());
    }
}
