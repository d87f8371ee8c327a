//! The routes: every operation of the document answers, every other method is refused with `Allow`, and there is
//! no route that the document does not know.

use super::{analyst, app};
use crate::operations::{METHODS, operations, repository};
use leleka_domain::IdSource;
use leleka_testkit::Response;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Methods by path, as the document has them.
fn paths() -> BTreeMap<String, BTreeSet<String>> {
    let id = IdSource.next().to_string();
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations() {
        paths
            .entry(operation.path(&id))
            .or_default()
            .insert(operation.method);
    }
    paths
}

#[test]
fn every_operation_of_the_document_is_served() {
    let app = app();
    for operation in operations() {
        let answer = operation.send(app, &IdSource.next().to_string(), &[]);
        let place = format!("{} {}: {}", operation.method, operation.template, answer.status);
        // A route that is not there would be 404 or 405; a protected one that is there asks for a token first.
        match (&operation.scope, operation.id.as_str()) {
            (Some(_), _) => assert_eq!(answer.status, 401, "{place}"),
            (None, "token_create") => {
                assert_eq!(
                    (answer.status, &answer.json()["error"]),
                    (400, &"invalid_request".into())
                );
            }
            (None, _) => assert_eq!(answer.status, 200, "{place}"),
        }
    }
}

#[test]
fn every_other_method_of_a_known_path_is_405_and_told_what_is_allowed() {
    let app = app();
    for (path, served) in paths() {
        let methods = METHODS
            .map(str::to_uppercase)
            .into_iter()
            .chain(["PROPFIND".to_owned()]);
        for method in methods.filter(|method| !served.contains(method)) {
            let answer = Response::send(&app.base_url, &method, &path, &[], None);
            let place = format!("{method} {path}");
            assert_eq!(answer.status, 405, "{place}");
            let allow = answer
                .header("allow")
                .unwrap_or_else(|| panic!("{place}: no Allow"));
            let allowed: BTreeSet<String> = allow.split(", ").map(str::to_owned).collect();
            assert_eq!(allowed, served, "{place}");
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{place}"
            );
            if method != "HEAD" {
                assert_eq!(answer.json()["code"], "method.not_allowed", "{place}");
            }
        }
    }
}

#[test]
fn a_path_that_the_document_does_not_know_is_404_whatever_the_method() {
    let analyst = analyst();
    let unknown = [
        "/",
        "/v1",
        "/v1/",
        "/v2/submissions",
        "/v1/submission",
        "/v1/submissions/",
        "/v1//submissions",
        "/V1/submissions",
        "/v1/observations/1",
        "/v1/clients",
        "/v1/log-entries",
        "/admin",
        "/metrics",
        "/health",
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/api-docs/openapi.json",
        "/oauth2/authorize",
        "/.well-known/openid-configuration",
        "/.env",
        "/v1/..%2fopenapi.json",
        "/favicon.ico",
    ];
    for path in unknown {
        for method in ["GET", "POST", "DELETE", "OPTIONS"] {
            let answer = analyst.request(method, path, &[], None);
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{method} {path}"
            );
            assert_eq!(answer.json()["code"], "resource.not_found", "{method} {path}");
        }
    }
}

/// `METHOD path` of every route attribute in a source file, and the lines that make a route in another way.
fn routes_in_source(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut routes, mut others) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        for method in METHODS {
            let route = line.strip_prefix(&format!("#[{method}(\""));
            if let Some(path) = route.and_then(|rest| rest.split('"').next()) {
                routes.push(format!("{} {path}", method.to_uppercase()));
            }
        }
        let otherwise = [
            "#[route(",
            "#[routes]",
            ".route(",
            "web::resource(",
            "web::scope(",
        ];
        if otherwise.iter().any(|words| line.contains(words)) {
            others.push(line.to_owned());
        }
    }
    (routes, others)
}

fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn no_route_in_the_source_is_missing_from_the_document() {
    let mut texts = Vec::new();
    sources(&repository().join("api/src"), &mut texts);
    let (mut routes, mut others) = (BTreeSet::new(), Vec::new());
    for text in &texts {
        let (found, other) = routes_in_source(text);
        routes.extend(found);
        others.extend(other);
    }
    assert_eq!(others, Vec::<String>::new(), "routes made without an attribute");
    let mut documented: BTreeSet<String> = operations()
        .into_iter()
        .map(|operation| format!("{} {}", operation.method, operation.template))
        .collect();
    // The operations listener: another port, for the operator's own network, not in the contract.
    documented.extend(["GET /health/live".to_owned(), "GET /health/ready".to_owned()]);
    assert_eq!(routes, documented);
}
