//! The token endpoint: RFC 6749 § 4.4 with RFC 7523, and nothing that tells one failure from another.

use super::{Keyholder, keyholder, now};
use leleka_access::{SignatureAlgorithm, SigningKey, assertion_make};
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp};
use std::collections::BTreeMap;

const JWT_BEARER: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
const FORM: &str = "application/x-www-form-urlencoded";

impl Keyholder {
    /// An assertion for somebody, made by somebody, at some time.
    fn assertion(&self, key: &SigningKey, audience: &str, at: u64) -> String {
        assertion_make(key, &self.id, audience, at, &IdSource.next().to_string()).unwrap()
    }
}

fn token_post(app: &TestApp, content_type: &str, form: &str) -> Response {
    Response::send(
        &app.base_url,
        "POST",
        "/oauth2/token",
        &[("content-type", content_type)],
        Some(form.as_bytes()),
    )
}

fn refused_as(answer: &Response, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["error"], error);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn a_registered_key_gets_a_bearer_token_of_ten_minutes_that_opens_a_door() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let answer = client
        .caller
        .token_request(&client.caller.assertion(), Some("catalogue:read submission:read"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let answer = answer.json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 600);
    assert_eq!(answer["scope"], "catalogue:read submission:read");
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let get = |path| {
        Response::send(
            &app.base_url,
            "GET",
            path,
            &[("authorization", bearer.as_str())],
            None,
        )
    };
    assert_eq!(get("/v1/bodies").status, 200);
    assert_eq!(
        get("/v1/observations").status,
        403,
        "the role has the scope, this token does not"
    );
}

#[test]
fn an_assertion_is_good_for_one_token_only() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let assertion = client.caller.assertion();
    assert_eq!(client.caller.token_request(&assertion, None).status, 200);
    refused_as(
        &client.caller.token_request(&assertion, None),
        401,
        "invalid_client",
    );
}

/// Every assertion that proves nothing, by what is wrong with it.
fn worthless_assertions(app: &TestApp, client: &Keyholder) -> BTreeMap<&'static str, String> {
    let foreign = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let endpoint = format!("{}/oauth2/token", app.base_url);
    let good = client.caller.assertion();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let jti = IdSource.next().to_string();
    let unknown = assertion_make(&client.key, "nobody-known", &app.base_url, now(), &jti).unwrap();
    BTreeMap::from([
        (
            "audience elsewhere",
            client.assertion(&client.key, "https://elsewhere.example", now()),
        ),
        (
            "audience is the endpoint",
            client.assertion(&client.key, &endpoint, now()),
        ),
        (
            "expired",
            client.assertion(&client.key, &app.base_url, now() - 120),
        ),
        (
            "from the future",
            client.assertion(&client.key, &app.base_url, now() + 120),
        ),
        (
            "key of somebody else",
            client.assertion(&foreign, &app.base_url, now()),
        ),
        ("bad signature", format!("{message}.{turned}")),
        ("no signature", format!("{message}.")),
        ("unknown client", unknown),
        ("no token at all", "x".to_owned()),
        ("an access token", client.caller.token().to_owned()),
    ])
}

#[test]
fn every_worthless_assertion_gets_the_same_answer_word_for_word() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let mut bodies = BTreeMap::new();
    for (what, assertion) in worthless_assertions(&app, &client) {
        let answer = client.caller.token_request(&assertion, None);
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        assert_eq!(answer.json()["error"], "invalid_client", "{what}");
        let mut headers: Vec<_> = answer.headers.clone().into_iter().collect();
        headers.retain(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
        headers.sort();
        bodies
            .entry((answer.text(), headers))
            .or_insert_with(Vec::new)
            .push(what);
    }
    assert_eq!(bodies.len(), 1, "answers differ: {bodies:#?}");
}

#[test]
fn a_worthless_assertion_does_not_lock_the_client_out() {
    let app = TestApp::start();
    let client = keyholder(&app);
    for _attempt in 0..12 {
        let foreign = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
        let assertion = client.assertion(&foreign, &app.base_url, now());
        refused_as(
            &client.caller.token_request(&assertion, None),
            401,
            "invalid_client",
        );
    }
    let answer = client.caller.token_request(&client.caller.assertion(), None);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_scope_that_does_not_exist_or_is_not_the_roles_is_an_invalid_scope() {
    let app = TestApp::start();
    let client = keyholder(&app);
    for scope in [
        "everything:do",
        "audit:read",
        "submission:write audit:read",
        "Submission:Write",
        " ",
    ] {
        let answer = client
            .caller
            .token_request(&client.caller.assertion(), Some(scope));
        refused_as(&answer, 400, "invalid_scope");
    }
}

#[test]
fn what_is_not_a_token_request_is_told_in_the_words_of_rfc_6749() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let assertion = client.caller.assertion();
    let good = format!(
        "grant_type=client_credentials&client_assertion_type={JWT_BEARER}&client_assertion={assertion}"
    );
    let other_grant = good.replace("client_credentials", "password");
    refused_as(
        &token_post(&app, FORM, &other_grant),
        400,
        "unsupported_grant_type",
    );
    for content_type in ["application/json", "text/plain", "multipart/form-data", ""] {
        refused_as(&token_post(&app, content_type, &good), 400, "invalid_request");
    }
    refused_as(
        &token_post(&app, FORM, "grant_type=client_credentials"),
        400,
        "invalid_request",
    );
    let twice = format!("{good}&grant_type=client_credentials");
    refused_as(&token_post(&app, FORM, &twice), 400, "invalid_request");
    let other_type = good.replace("jwt-bearer", "saml2-bearer");
    refused_as(&token_post(&app, FORM, &other_type), 401, "invalid_client");
    // None of these used the assertion up.
    assert_eq!(token_post(&app, FORM, &good).status, 200);
}

#[test]
fn a_client_secret_is_no_proof() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret=secret",
        client.id
    );
    refused_as(&token_post(&app, FORM, &form), 400, "invalid_request");
}

#[test]
fn a_key_past_its_last_day_proves_nothing() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let past = format!(
        "update client_key set not_after = now() - interval '1 day' where client_id = '{}'",
        client.id
    );
    app.database.execute(&past).unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(4);
    while client
        .caller
        .token_request(&client.caller.assertion(), None)
        .status
        == 200
    {
        assert!(
            std::time::Instant::now() < until,
            "a key past its last day still proves"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
