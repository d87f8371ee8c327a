//! Random documents: the reader never panics, tells every fault inside the document, and agrees with the schema.

use super::builders::written;
use super::documents::{faults, input, validator};
use crate::definition_members::DEFINITION_SHAPE;
use crate::operation_members::OPERATIONS;
use crate::{Definition, shipped_definitions};
use proptest::prelude::*;
use serde_json::{Value, json};

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
