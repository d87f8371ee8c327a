//! The examples of the contract are what a server really takes.

use super::submitter;
use crate::api::risk_metrics::eventually;
use crate::operations::{operations, week};
use leleka_access::Role;
use leleka_testkit::{Contract, TestApp};
use serde_json::{Value, json};

/// An alert that stands, under this identifier.
fn alert_made(app: &TestApp, id: &str) {
    app.database
        .execute(&format!(
            "insert into alert (id, code, key, dimensions, frequency, opened_period) \
             values ('{id}', 'RM_ASY_WEEK', 'territory=UA80000000000093317', '{{}}', 'W', '2026-11-02'); \
             insert into alert_event (alert_id, number, kind, state, period, peak) \
             values ('{id}', 1, 'raised', 'open', '2026-11-02', 'high')"
        ))
        .unwrap();
}

#[test]
fn every_example_of_a_request_body_is_accepted() {
    // What the centre decides changes what others may send: it is tried on a server of its own.
    let centre = TestApp::at("2026-12-10T08:00:00Z");
    let (submitter, keeper) = (submitter(), centre.caller("DMS_CENTRE", Role::CatalogueAdmin));
    let (analyst, publisher) = (centre.analyst(), centre.caller("DMS_CENTRE", Role::Publisher));
    let _series = centre
        .submitter("DMS")
        .submit_json(&week("2026-W45", 100))
        .expect(201);
    // The week of the example of a publication, once its metric is computed.
    let _week = centre
        .submitter("DMS")
        .submit_json(&json!({"dataflow": "ASYLUM_WEEKLY", "observations": [
            {"indicator": "ASY_APPL", "period": "2026-W44", "territory": "UA46000000000026241", "value": 100}
        ]}))
        .expect(201);
    let _computed = eventually(
        &analyst,
        "/v1/risk-metrics/RM_ASY_WEEK/values?from=2026-W44&to=2026-W44",
        |page| page["items"].as_array().is_some_and(|items| !items.is_empty()),
    );
    let mut seen = 0_u32;
    for operation in operations() {
        let Some(content) = operation.value.pointer("/requestBody/content") else {
            continue;
        };
        if operation.scope.is_none() {
            continue;
        }
        for (media_type, described) in content.as_object().unwrap() {
            if media_type.ends_with("spreadsheetml.sheet") {
                // A workbook is no text; `tests/api/formats.rs` delivers one.
                continue;
            }
            let schema = &described["schema"];
            let named = schema["$ref"].as_str().map(|target| &target[1..]);
            let schema = named.map_or(schema, |pointer| {
                Contract::shared().document().pointer(pointer).unwrap()
            });
            let example = [&described["example"], &schema["example"]]
                .into_iter()
                .find(|example| !example.is_null())
                .unwrap_or_else(|| panic!("{} {media_type}: no example", operation.id));
            let body = example
                .as_str()
                .map_or_else(|| example.to_string(), str::to_owned);
            let described = operation.template.contains("mapping-profiles");
            let delivered = submitter
                .submit_json(&week("2026-W45", 100 + seen))
                .expect(201)
                .json();
            let path = operation.path(delivered["id"].as_str().unwrap());
            let query = if media_type == "application/json" || described {
                ""
            } else {
                "?dataflow=ASYLUM_WEEKLY"
            };
            let key = leleka_domain::IdSource.next().to_string();
            let headers = [
                ("content-type", media_type.as_str()),
                ("idempotency-key", key.as_str()),
            ];
            let path = format!("{path}{query}");
            let delivers = operation.scope.as_deref() == Some("submission:write");
            let caller = match operation.scope.as_deref() {
                Some("risk-metric:propose" | "alert:decide" | "release:draft") => &analyst,
                Some("risk-metric:publish") => &publisher,
                _ if delivers => submitter,
                _ => &keeper,
            };
            if operation.template.contains("{alert_id}") {
                alert_made(&centre, delivered["id"].as_str().unwrap());
            }
            let answer = caller.request("POST", &path, &headers, Some(body.as_bytes()));
            let place = format!("{} {media_type}: {}", operation.id, answer.text());
            assert!([200, 201].contains(&answer.status), "{place}");
            seen += 1;
            if !delivers {
                continue;
            }
            let answer = answer.json();
            let state = answer.get("would_be").or(answer.get("state")).unwrap();
            assert_ne!(state, "rejected", "{place}");
        }
    }
    assert!(
        seen >= 9,
        "two operations take four media types of text, others one: {seen}"
    );
}

#[test]
fn an_example_has_every_required_member_and_no_unknown_one() {
    let schemas = Contract::shared().document()["components"]["schemas"]
        .as_object()
        .unwrap();
    for (name, schema) in schemas {
        let Some(example) = schema.get("example") else {
            continue;
        };
        for required in schema["required"].as_array().into_iter().flatten() {
            let member = required.as_str().unwrap();
            assert!(
                !matches!(example.get(member), None | Some(Value::Null)),
                "the example of {name} lacks {member}"
            );
        }
        for member in example
            .as_object()
            .into_iter()
            .flatten()
            .map(|(member, _)| member)
        {
            assert!(
                schema["properties"].get(member).is_some(),
                "the example of {name} has {member}"
            );
        }
    }
}
