//! The document itself: committed as generated, whole, and complete.

use super::app;
use crate::operations::{METHODS, operations, repository_file};
use leleka_testkit::Contract;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

const FILE: &str = "openapi/leleka-v1.json";

/// Calls a visitor with every object of a document and the pointer to it.
fn each_object<'a>(value: &'a Value, place: &str, visit: &mut impl FnMut(&'a Value, &str)) {
    match value {
        Value::Object(members) => {
            visit(value, place);
            for (name, member) in members {
                each_object(member, &format!("{place}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                each_object(item, &format!("{place}/{number}"), visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_committed_contract_is_the_programs_byte_for_byte() {
    let (committed, made) = (repository_file(FILE), leleka_server::contract_document());
    let differs = committed
        .lines()
        .zip(made.lines())
        .position(|(left, right)| left != right);
    assert!(
        committed == made,
        "{FILE} differs from the program at line {:?}: run `cargo run -p leleka-server -- openapi` and tell the \
         change in openapi/CHANGELOG.md",
        differs.map(|line| line + 1)
    );
}

#[test]
fn the_document_is_made_the_same_every_time() {
    let once = leleka_server::contract_document();
    assert_eq!(once, leleka_server::contract_document());
    assert!(once.ends_with("}\n"));
}

#[test]
fn the_document_is_openapi_3_1_0_and_says_whose_it_is() {
    let document = Contract::shared().document();
    // 3.1.1 and 3.2 are refused by the data exchange bus.
    assert_eq!(document["openapi"], "3.1.0");
    for place in [
        "/info/title",
        "/info/version",
        "/info/description",
        "/info/license/identifier",
        "/info/contact/name",
        "/info/contact/email",
        "/info/contact/url",
        "/info/x-summary",
        "/info/x-api-id",
        "/servers/0/url",
    ] {
        let text = document.pointer(place).and_then(Value::as_str).unwrap_or("");
        assert!(!text.is_empty(), "{place} is missing");
    }
    assert_eq!(document["info"]["x-personal-data"], "none");
    let version = document["info"]["version"].as_str().unwrap();
    assert_eq!(
        version
            .split('.')
            .filter(|part| part.parse::<u32>().is_ok())
            .count(),
        3,
        "{version} is not a semantic version"
    );
    let change_log = repository_file("openapi/CHANGELOG.md");
    assert!(
        change_log.contains(version),
        "openapi/CHANGELOG.md does not tell of {version}"
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = Contract::shared().document();
    let mut targets = BTreeSet::new();
    each_object(document, "", &mut |object, place| {
        let Some(target) = object.get("$ref").and_then(Value::as_str) else {
            return;
        };
        let pointer = target
            .strip_prefix('#')
            .unwrap_or_else(|| panic!("{place} leads out: {target}"));
        assert!(
            document.pointer(pointer).is_some(),
            "{place}: {target} leads nowhere"
        );
        targets.insert(target.to_owned());
    });
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let target = format!("#/components/schemas/{name}");
        assert!(targets.contains(&target), "{name} is used nowhere");
    }
}

#[test]
fn every_operation_is_named_noun_first_and_only_once() {
    let mut seen = BTreeSet::new();
    let verbs = ["cancel", "create", "list", "view"];
    for operation in operations() {
        let id = &operation.id;
        let plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let ends = verbs.iter().any(|verb| id.ends_with(&format!("_{verb}")));
        assert!(
            plain && ends,
            "{id}: a noun, then one of {verbs:?}, in snake_case"
        );
        assert!(seen.insert(id.clone()), "{id} stands twice");
    }
}

#[test]
fn every_operation_says_what_it_is_for_what_it_needs_and_how_it_fails() {
    let document = Contract::shared().document();
    let tags: Vec<&Value> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    for operation in operations() {
        let (id, value) = (&operation.id, operation.value);
        for member in ["summary", "description"] {
            let text = value[member].as_str().unwrap_or("");
            assert!(text.len() > 5, "{id}: no {member}");
        }
        let own = value["tags"].as_array().unwrap();
        assert!(
            own.len() == 1 && tags.contains(&&own[0]),
            "{id}: one of the described tags"
        );
        // An empty list says "open to everybody"; a missing one says nothing.
        let security = value["security"]
            .as_array()
            .unwrap_or_else(|| panic!("{id}: security is not said"));
        assert!(
            security.is_empty() || operation.scope.is_some(),
            "{id}: exactly one scope"
        );
        let responses = value["responses"].as_object().unwrap();
        let mut needed = vec!["500", "503", "400"];
        if operation.scope.is_some() {
            needed.extend(["401", "403", "406"]);
        }
        if operation.template.contains('{') {
            needed.push("404");
        }
        if value.get("requestBody").is_some() && operation.scope.is_some() {
            needed.extend(["413", "415"]);
        }
        for status in needed {
            assert!(responses.contains_key(status), "{id}: {status} is not described");
        }
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{id}: no success"
        );
        for (status, response) in responses {
            let described = response["description"]
                .as_str()
                .is_some_and(|text| text.len() > 3);
            assert!(described, "{id} {status}: no description");
            let problem = status.starts_with(['4', '5']);
            // RFC 6749 § 5.2 has its own form of error.
            let oauth = id == "token_create" && ["400", "401"].contains(&status.as_str());
            let media_type = if oauth {
                "application/json"
            } else {
                "application/problem+json"
            };
            assert!(
                !problem || response["content"][media_type].is_object(),
                "{id} {status}: no {media_type}"
            );
        }
    }
}

#[test]
fn a_path_item_holds_operations_and_nothing_else() {
    let paths = Contract::shared().document()["paths"].as_object().unwrap();
    for (path, item) in paths {
        for member in item.as_object().unwrap().keys() {
            assert!(
                METHODS.contains(&member.as_str()),
                "{path}: {member} is no operation"
            );
        }
        assert!(
            !path.ends_with('/') && path.starts_with('/') && !path.contains(' '),
            "{path}"
        );
    }
}

#[test]
fn the_served_contract_is_the_committed_file_and_is_not_sent_twice() {
    let app = app();
    let first = app.anonymous("GET", "/v1/openapi.json").expect(200);
    assert!(
        first.text() == repository_file(FILE),
        "other bytes are served than those committed"
    );
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.header("access-control-allow-origin"), Some("*"));
    let etag = first.header("etag").unwrap();
    let digits = etag.trim_matches('"');
    assert!(
        etag.starts_with('"') && digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{etag}"
    );
    // A strong tag of the very bytes: the length first, then the bytes, 128 bits of their SHA-256.
    let bytes = first.body.as_slice();
    let hash = Sha256::new()
        .chain_update((bytes.len() as u64).to_be_bytes())
        .chain_update(bytes)
        .finalize();
    let expected: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digits, expected);
    let again = leleka_testkit::Response::send(
        &app.base_url,
        "GET",
        "/v1/openapi.json",
        &[("if-none-match", etag)],
        None,
    );
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(etag));
}
