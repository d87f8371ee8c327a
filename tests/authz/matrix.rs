//! Every operation × every role: allowed exactly where the table says so.
//!
//! Computed from the contract and `openapi/roles.json`; nothing is listed by hand.

use crate::operations::{Operation, operations, repository_file, week};
use leleka_access::{Role, Scope};
use leleka_testkit::{Contract, TestApp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn roles_file() -> Value {
    serde_json::from_str(&repository_file("openapi/roles.json")).unwrap()
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Scopes by role, as the published table has them.
fn table() -> BTreeMap<String, Vec<String>> {
    let file = roles_file();
    let roles = file["roles"].as_array().unwrap().iter();
    roles
        .map(|role| (role["role"].as_str().unwrap().to_owned(), texts(&role["scopes"])))
        .collect()
}

fn body_of(role: Role) -> &'static str {
    match role {
        Role::AgencySubmitter | Role::TerritorialOffice => "DMS",
        Role::Analyst | Role::Publisher | Role::CatalogueAdmin | Role::Auditor | Role::Operator => {
            "DMS_CENTRE"
        }
    }
}

fn protected() -> Vec<Operation> {
    let mut all = operations();
    all.retain(|operation| operation.scope.is_some());
    assert!(
        all.len() > 15,
        "the contract lost its protected operations: {}",
        all.len()
    );
    all
}

#[test]
fn roles_in_code_in_the_table_and_in_the_contract_are_the_same() {
    let table = table();
    let code: BTreeMap<String, Vec<String>> = Role::ALL
        .iter()
        .map(|role| {
            let scopes = role.scopes().iter().map(|scope| scope.as_str().to_owned());
            (role.as_str().to_owned(), scopes.collect())
        })
        .collect();
    assert_eq!(code, table);
    let reaches: Vec<&str> = Role::ALL.iter().map(|role| role.reach().as_str()).collect();
    let file = roles_file();
    let published = file["roles"].as_array().unwrap().iter();
    assert_eq!(
        reaches,
        published
            .map(|role| role["reach"].as_str().unwrap())
            .collect::<Vec<_>>()
    );

    let known: BTreeSet<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let described = file["scopes"].as_array().unwrap().iter();
    let described: BTreeSet<&str> = described.map(|scope| scope["scope"].as_str().unwrap()).collect();
    assert_eq!(described, known);
    let scheme = &Contract::shared().document()["components"]["securitySchemes"]["leleka_oauth2"];
    let offered = scheme["flows"]["clientCredentials"]["scopes"]
        .as_object()
        .unwrap();
    assert_eq!(offered.keys().map(String::as_str).collect::<BTreeSet<_>>(), known);
    for operation in protected() {
        let scope = operation.scope.unwrap();
        assert!(known.contains(scope.as_str()), "{}: {scope}", operation.id);
        let holders = table.values().filter(|scopes| scopes.contains(&scope)).count();
        assert!(holders > 0, "{}: no role has {scope}", operation.id);
    }
}

#[test]
fn what_is_open_to_everybody_is_on_a_short_list() {
    let open: BTreeSet<String> = operations()
        .into_iter()
        .filter(|operation| operation.scope.is_none())
        .map(|operation| operation.id)
        .collect();
    let expected = [
        "authorization_server_view",
        "contract_view",
        "jwks_view",
        "token_create",
    ];
    assert_eq!(
        open.iter().map(String::as_str).collect::<Vec<_>>(),
        expected,
        "a new open operation is a decision"
    );
}

#[test]
fn no_operation_answers_without_a_token() {
    let app = TestApp::start();
    for operation in protected() {
        let answer = operation.send(&app, &leleka_domain::IdSource.next().to_string(), &[]);
        let place = format!("{} {}", operation.method, operation.template);
        assert_eq!(answer.status, 401, "{place}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{place}"
        );
        assert_eq!(answer.json()["code"], "auth.unauthenticated", "{place}");
        // RFC 6750 § 3.1: who sent no token is told no error.
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"leleka\""),
            "{place}"
        );
    }
}

#[test]
fn each_role_reaches_exactly_the_operations_of_its_scopes() {
    let app = TestApp::start();
    let table = table();
    let delivered = app
        .submitter("DMS")
        .submit_json(&week("2026-W43", 1))
        .expect(201)
        .json();
    let submission_id = delivered["id"].as_str().unwrap();
    let (mut allowed, mut refused) = (0, 0);
    // All are registered first: the server looks for new clients every two seconds.
    let callers = Role::ALL.map(|role| (role, app.caller(body_of(role), role)));
    for (role, caller) in callers {
        let bearer = format!("Bearer {}", caller.token());
        for operation in protected() {
            let scope = operation.scope.clone().unwrap();
            let answer = operation.send(&app, submission_id, &[("authorization", &bearer)]);
            let place = format!("{} {} as {role}", operation.method, operation.template);
            let held = &table[role.as_str()];
            if operation.scopes.iter().any(|scope| held.contains(scope)) {
                allowed += 1;
                assert!(
                    ![401, 403, 405].contains(&answer.status) && answer.status < 500,
                    "{place}: {} {}",
                    answer.status,
                    answer.text()
                );
            } else {
                refused += 1;
                assert_eq!(answer.status, 403, "{place}");
                assert_eq!(answer.json()["code"], "auth.insufficient_scope", "{place}");
                let told =
                    format!("Bearer realm=\"leleka\", error=\"insufficient_scope\", scope=\"{scope}\"");
                assert_eq!(answer.header("www-authenticate"), Some(told.as_str()), "{place}");
            }
        }
    }
    assert_eq!(allowed + refused, Role::ALL.len() * protected().len());
    assert!(
        allowed > 40 && refused > 20,
        "{allowed} allowed, {refused} refused"
    );
}

#[test]
fn a_token_with_one_scope_opens_the_operations_of_that_scope_and_no_other() {
    let app = TestApp::start();
    let submitter = app.submitter("DMS");
    let delivered = submitter.submit_json(&week("2026-W43", 1)).expect(201).json();
    let submission_id = delivered["id"].as_str().unwrap();
    let holders: BTreeMap<String, Role> = protected()
        .into_iter()
        .map(|it| (it.scope.clone().unwrap(), it.role()))
        .collect();
    for (held, role) in holders {
        let caller = app.caller(body_of(role), role);
        let _known = caller.token();
        let token = caller.token_request(&caller.assertion(), Some(&held));
        let bearer = format!("Bearer {}", token.json()["access_token"].as_str().unwrap());
        for operation in protected() {
            let status = operation
                .send(&app, submission_id, &[("authorization", &bearer)])
                .status;
            let opens = operation.scopes.contains(&held);
            let place = format!(
                "{} {} with {held}: {status}",
                operation.method, operation.template
            );
            assert_eq!(status != 403, opens, "{place}");
            assert_ne!(status, 401, "{place}");
        }
    }
}
