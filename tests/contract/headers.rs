//! Headers that stand on every answer, whatever its status.

use super::{app, submitter};
use leleka_domain::IdSource;
use leleka_testkit::{Contract, Response, TestApp};

const SECURITY: [(&str, &str); 5] = [
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "interest-cohort=()"),
];
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Method, path, headers sent, status expected.
type Ask<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], u16);

/// One answer of each kind, by what was asked.
fn answers(app: &TestApp, headers: &[(&str, &str)]) -> Vec<(String, Response)> {
    let kept = submitter();
    let bearer = format!("Bearer {}", kept.token());
    let mut with_token = headers.to_vec();
    with_token.push(("authorization", &bearer));
    let csv = [with_token.as_slice(), &[("accept", "image/png")]].concat();
    let asks: [Ask<'_>; 14] = [
        ("GET", "/v1/bodies", &with_token, 200),
        ("GET", "/v1/bodies", headers, 401),
        ("GET", "/v1/risk-metrics/RM_NONE", &with_token, 404),
        ("GET", "/v1/bodies?colour=red", &with_token, 400),
        ("GET", "/v1/bodies", &csv, 406),
        ("POST", "/v1/submissions", &with_token, 415),
        ("POST", "/v1/validations", &with_token, 415),
        ("POST", "/oauth2/token", headers, 400),
        ("GET", "/v1/openapi.json", headers, 200),
        ("GET", "/.well-known/jwks.json", headers, 200),
        ("GET", "/nowhere", headers, 404),
        ("DELETE", "/v1/bodies", &with_token, 405),
        ("GET", "/docs/", headers, 200),
        ("GET", "/docs/nowhere.js", headers, 404),
    ];
    asks.into_iter()
        .map(|(method, path, headers, status)| {
            let answer = Response::send(&app.base_url, method, path, headers, None);
            let place = format!("{method} {path}");
            assert_eq!(answer.status, status, "{place}: {}", answer.text());
            (place, answer)
        })
        .collect()
}

#[test]
fn every_answer_names_the_contract_the_request_and_how_a_browser_must_treat_it() {
    let app = app();
    let version = Contract::shared().document()["info"]["version"].as_str().unwrap();
    for (place, answer) in answers(app, &[]) {
        assert_eq!(answer.header("api-version"), Some(version), "{place}");
        let id = answer.header("x-request-id").unwrap_or("");
        assert!(
            id.len() == 36 && id.as_bytes()[14] == b'7',
            "{place}: {id} is not a UUIDv7"
        );
        for (name, value) in SECURITY {
            assert_eq!(answer.header(name), Some(value), "{place}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        let page = place.contains("/docs/");
        assert!(
            if page {
                policy.starts_with("default-src 'none';") && !policy.contains("unsafe")
            } else {
                policy == NOTHING
            },
            "{place}: {policy}"
        );
        assert_eq!(answer.header("server"), None, "{place}");
        if answer.status >= 400 && place != "POST /oauth2/token" {
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{place}"
            );
            let problem = answer.json();
            assert_eq!(problem["instance"], format!("urn:uuid:{id}"), "{place}");
            assert_eq!(problem["status"], answer.status, "{place}");
        }
    }
}

#[test]
fn the_clients_own_request_id_is_kept_on_every_answer() {
    let app = app();
    let id = "7f3c1c52-9a4e-4c1b-8f0e-2d6a1b9c0e55";
    for (place, answer) in answers(app, &[("x-request-id", id)]) {
        assert_eq!(answer.header("x-request-id"), Some(id), "{place}");
    }
}

#[test]
fn a_request_id_that_is_no_uuid_is_replaced_and_never_repeated() {
    let app = app();
    for sent in [
        "request-1",
        "<script>",
        "7f3c1c52-9a4e-4c1b-8f0e-2d6a1b9c0e5",
        "7f3c1c52-9a4e-4c1b-8f0e-2d6a1b9c0e55 ; drop",
    ] {
        let answer = Response::send(&app.base_url, "GET", "/nowhere", &[("x-request-id", sent)], None);
        let given = answer.header("x-request-id").unwrap();
        assert_ne!(given, sent);
        assert_eq!(given.len(), 36);
        assert!(!answer.text().contains(sent));
    }
    let (one, two) = (app.anonymous("GET", "/nowhere"), app.anonymous("GET", "/nowhere"));
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    assert!(!IdSource.next().is_nil());
}
