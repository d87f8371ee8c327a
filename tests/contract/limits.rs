//! Descriptions and limits: every property says what it is, every text, list and number how far it goes.
//!
//! What falls short stands in a list that may only shrink: an entry that is mended must be taken out.

use crate::operations::operations;
use leleka_testkit::Contract;
use serde_json::Value;
use std::collections::BTreeSet;

/// Texts without a limit.
const TEXTS_UNBOUNDED: [&str; 15] = [
    "AuthorizationServerMetadata.grant_types_supported.items",
    "AuthorizationServerMetadata.response_types_supported.items",
    "AuthorizationServerMetadata.scopes_supported.items",
    "AuthorizationServerMetadata.token_endpoint_auth_methods_supported.items",
    "AuthorizationServerMetadata.token_endpoint_auth_signing_alg_values_supported.items",
    "CodeListEntry.aliases.items",
    "CodeListEntry.other_codes.additionalProperties",
    "Dataflow.indicators.items",
    "Indicator.dimensions.items",
    "Observation.obs_flags.items",
    "ObservationInput.dimensions.additionalProperties",
    "RiskMetricChangedCell.dimensions.additionalProperties",
    "RiskMetricValue.dimensions.additionalProperties",
    "RiskMetricValue.flags.items",
    "Series.dimensions.additionalProperties",
];
/// Numbers without a greatest value: values and statistics, which have no natural end, and counters.
const NUMBERS_UNBOUNDED: [&str; 0] = [];

/// A schema and where it stands.
type Visit<'v> = dyn FnMut(&Value, &str) + 'v;

/// Calls a visitor with a schema and every schema inside it, references not followed.
fn each_schema(schema: &Value, place: &str, visit: &mut Visit<'_>) {
    visit(schema, place);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        each_schema(property, &format!("{place}.{name}"), visit);
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            each_schema(&schema[inner], &format!("{place}.{inner}"), visit);
        }
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        for (number, option) in schema[choice].as_array().into_iter().flatten().enumerate() {
            each_schema(option, &format!("{place}.{choice}{number}"), visit);
        }
    }
}

/// Every schema of the document: components, parameters, headers.
fn every_schema(visit: &mut Visit<'_>) {
    let components = &Contract::shared().document()["components"]["schemas"];
    for (name, schema) in components.as_object().unwrap() {
        each_schema(schema, name, visit);
    }
    for operation in operations() {
        for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
            let place = format!("{}?{}", operation.id, parameter["name"].as_str().unwrap());
            each_schema(&parameter["schema"], &place, visit);
        }
        for (status, response) in operation.value["responses"].as_object().unwrap() {
            for (name, header) in response["headers"].as_object().into_iter().flatten() {
                each_schema(
                    &header["schema"],
                    &format!("{} {status} {name}", operation.id),
                    visit,
                );
            }
        }
    }
}

fn is_of(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind
        || schema["type"]
            .as_array()
            .is_some_and(|kinds| kinds.contains(&kind.into()))
}

fn has_any(schema: &Value, members: &[&str]) -> bool {
    members.iter().any(|member| schema.get(member).is_some())
}

/// The list must hold exactly what falls short: nothing new, and nothing that was mended.
fn may_only_shrink(what: &str, found: BTreeSet<String>, known: &[&str]) {
    let known: BTreeSet<String> = known.iter().map(|place| (*place).to_owned()).collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "{what}: {new:#?}");
    let mended: Vec<_> = known.difference(&found).collect();
    assert!(
        mended.is_empty(),
        "{what}: mended, take them off the list: {mended:#?}"
    );
}

#[test]
fn every_property_parameter_and_schema_says_what_it_is() {
    let components = &Contract::shared().document()["components"]["schemas"];
    let mut silent = BTreeSet::new();
    for (name, schema) in components.as_object().unwrap() {
        if schema["description"].as_str().is_none_or(str::is_empty) {
            silent.insert(name.clone());
        }
    }
    every_schema(&mut |schema, place| {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if property["description"].as_str().is_none_or(str::is_empty) {
                silent.insert(format!("{place}.{name}"));
            }
        }
    });
    for operation in operations() {
        for parameter in operation.value["parameters"].as_array().into_iter().flatten() {
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                silent.insert(format!(
                    "{}?{}",
                    operation.id,
                    parameter["name"].as_str().unwrap()
                ));
            }
        }
    }
    may_only_shrink("no description", silent, &[]);
}

#[test]
fn every_text_has_a_length_a_form_or_a_list() {
    let mut unbounded = BTreeSet::new();
    every_schema(&mut |schema, place| {
        if is_of(schema, "string") && !has_any(schema, &["maxLength", "format", "pattern", "enum", "const"]) {
            unbounded.insert(place.to_owned());
        }
    });
    may_only_shrink("a text without a limit", unbounded, &TEXTS_UNBOUNDED);
}

#[test]
fn every_list_has_a_greatest_length_and_every_number_a_bound() {
    let (mut lists, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    every_schema(&mut |schema, place| {
        if is_of(schema, "array") && !has_any(schema, &["maxItems"]) {
            lists.insert(place.to_owned());
        }
        if is_of(schema, "integer") && !has_any(schema, &["minimum", "enum", "const"]) {
            numbers.insert(place.to_owned());
        }
    });
    may_only_shrink("a list without a limit", lists, &[]);
    may_only_shrink(
        "a whole number without a least value",
        numbers,
        &NUMBERS_UNBOUNDED,
    );
}

#[test]
fn an_object_that_is_sent_takes_no_member_that_it_does_not_know() {
    let document = Contract::shared().document();
    let mut sent = vec!["#/components/schemas/SubmissionCreate".to_owned()];
    for operation in operations() {
        let content = operation.value.pointer("/requestBody/content");
        for (_, described) in content.and_then(Value::as_object).into_iter().flatten() {
            sent.extend(described["schema"]["$ref"].as_str().map(str::to_owned));
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(target) = sent.pop() {
        if !seen.insert(target.clone()) {
            continue;
        }
        let schema = document.pointer(&target[1..]).unwrap();
        if schema["type"] == "object" && target != "#/components/schemas/TokenRequest" {
            // RFC 6749 § 3.2: unknown members of a token request are ignored.
            assert_eq!(schema["additionalProperties"], false, "{target}");
        }
        each_schema(schema, &target, &mut |inner, _| {
            sent.extend(inner["$ref"].as_str().map(str::to_owned));
        });
    }
    assert!(seen.len() >= 3, "{seen:?}");
}
