//! Which access tokens open nothing, and how soon a suspended client is out.

use super::{Keyholder, keyholder};
use leleka_access::{AccessGrant, Role, Scope, SignatureAlgorithm, SigningKey, TokenSigner};
use leleka_testkit::{Response, TestApp};
use std::time::{Duration, Instant};

fn bodies_with(app: &TestApp, headers: &[(&str, &str)]) -> Response {
    Response::send(&app.base_url, "GET", "/v1/bodies", headers, None)
}

fn refused_as_invalid(answer: &Response, what: &str) {
    assert_eq!(answer.status, 401, "{what}");
    assert_eq!(answer.json()["code"], "auth.unauthenticated", "{what}");
    let told = answer.header("www-authenticate").unwrap();
    assert_eq!(told, "Bearer realm=\"leleka\", error=\"invalid_token\"", "{what}");
}

#[test]
fn a_token_opens_nothing_after_its_ten_minutes() {
    let app = TestApp::at("2026-11-22T08:00:00Z");
    let client = keyholder(&app);
    assert_eq!(client.caller.get("/v1/bodies").status, 200);
    app.clock.set("2026-11-22T08:10:00Z".parse().unwrap());
    assert_eq!(
        client.caller.get("/v1/bodies").status,
        200,
        "clocks may differ by half a minute"
    );
    app.clock.set("2026-11-22T08:10:31Z".parse().unwrap());
    refused_as_invalid(&client.caller.get("/v1/bodies"), "expired");
}

/// A token as the server writes it, by a key and an issuer of the attacker's choice.
fn token_signed(client: &Keyholder, key: SigningKey, issuer: &str) -> String {
    let grant = AccessGrant {
        client_id: client.id.clone(),
        body: "DMS".to_owned(),
        role: Role::AgencySubmitter,
        scopes: vec![Scope::CatalogueRead],
    };
    TokenSigner::new(key, issuer)
        .issue(&grant, super::now(), "01936f0e-7c2e-7b52-9d3a-1f6c0a4b7e00")
        .unwrap()
}

#[test]
fn a_token_that_this_server_did_not_issue_opens_nothing() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let own = || SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let good = client.caller.token();
    let parts: Vec<&str> = good.split('.').collect();
    let copied = SigningKey::from_pkcs8_pem(client.key.to_pkcs8_pem().expose()).unwrap();
    let forged = token_signed(&client, own(), &app.base_url);
    let forged_parts: Vec<&str> = forged.split('.').collect();
    let tokens = [
        ("signed by a foreign key", forged.clone()),
        (
            "signed by the client",
            token_signed(&client, copied, &app.base_url),
        ),
        (
            "of another issuer",
            token_signed(&client, own(), "https://elsewhere.example"),
        ),
        (
            "the real header over other claims",
            format!("{}.{}.{}", parts[0], forged_parts[1], parts[2]),
        ),
        ("without a signature", format!("{}.{}.", parts[0], parts[1])),
        ("an assertion", client.caller.assertion()),
        ("longer than any token", "a".repeat(5000)),
    ];
    for (what, token) in tokens {
        let bearer = format!("Bearer {token}");
        refused_as_invalid(&bodies_with(&app, &[("authorization", &bearer)]), what);
    }
}

#[test]
fn a_token_of_another_server_of_the_same_program_opens_nothing() {
    let (here, there) = (TestApp::start(), TestApp::start());
    let client = keyholder(&there);
    let bearer = format!("Bearer {}", client.caller.token());
    refused_as_invalid(
        &bodies_with(&here, &[("authorization", &bearer)]),
        "another server's",
    );
}

#[test]
fn a_token_is_taken_from_one_bearer_header_and_from_nowhere_else() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let token = client.caller.token();
    let (bearer, basic) = (format!("Bearer {token}"), format!("Basic {token}"));
    assert_eq!(bodies_with(&app, &[("authorization", &bearer)]).status, 200);
    let query = format!("/v1/bodies?access_token={token}");
    assert_eq!(
        app.anonymous("GET", &query).status,
        401,
        "a token in the query let somebody in"
    );
    let cookie = format!("access_token={token}");
    assert_eq!(bodies_with(&app, &[("cookie", &cookie)]).status, 401);
    assert_eq!(bodies_with(&app, &[("authorization", &basic)]).status, 401);
    assert_eq!(bodies_with(&app, &[("authorization", token)]).status, 401);
    let twice = [
        ("authorization", bearer.as_str()),
        ("authorization", bearer.as_str()),
    ];
    assert_eq!(bodies_with(&app, &twice).status, 401);
}

#[test]
fn a_suspended_client_is_out_within_three_seconds_with_its_token_in_hand() {
    let app = TestApp::start();
    let client = keyholder(&app);
    assert_eq!(client.caller.get("/v1/bodies").status, 200);
    let suspend = format!("update client set state = 'suspended' where id = '{}'", client.id);
    app.database.execute(&suspend).unwrap();
    let begun = Instant::now();
    while client.caller.get("/v1/bodies").status != 401 {
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "a suspended client still gets in"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    refused_as_invalid(&client.caller.get("/v1/bodies"), "suspended");
    let again = client.caller.token_request(&client.caller.assertion(), None);
    assert_eq!(
        (again.status, &again.json()["error"]),
        (401, &"invalid_client".into())
    );
}

#[test]
fn a_token_of_a_role_that_the_client_no_longer_has_opens_nothing() {
    let app = TestApp::start();
    let client = keyholder(&app);
    assert_eq!(client.caller.get("/v1/submissions").status, 200);
    let other = format!("update client set role = 'operator' where id = '{}'", client.id);
    app.database.execute(&other).unwrap();
    let begun = Instant::now();
    while client.caller.get("/v1/submissions").status != 401 {
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "the token outlived the role"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
