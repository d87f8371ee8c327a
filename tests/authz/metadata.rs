//! What the authorization server says of itself: RFC 8414 and RFC 7517.

use super::keyholder;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use leleka_access::{PublicKey, TokenVerifier};
use leleka_testkit::TestApp;
use serde_json::Value;
use sha2::{Digest, Sha256};

#[test]
fn the_metadata_lead_to_the_endpoints_of_this_server() {
    let app = TestApp::start();
    let metadata = app
        .anonymous("GET", "/.well-known/oauth-authorization-server")
        .expect(200)
        .json();
    assert_eq!(metadata["issuer"], app.base_url.as_str());
    assert_eq!(
        metadata["token_endpoint"],
        format!("{}/oauth2/token", app.base_url)
    );
    assert_eq!(
        metadata["token_endpoint_auth_methods_supported"],
        serde_json::json!(["private_key_jwt"])
    );
    for link in ["jwks_uri", "service_documentation"] {
        let address = metadata[link].as_str().unwrap();
        let path = address.strip_prefix(&app.base_url).unwrap();
        assert_eq!(app.anonymous("GET", path).status, 200, "{address}");
    }
}

#[test]
fn a_published_key_is_named_by_its_thumbprint_and_verifies_a_real_token() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let answer = app.anonymous("GET", "/.well-known/jwks.json").expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let jwks = answer.json();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let key = &keys[0];
    assert_eq!(key["d"], Value::Null, "a private key was published");
    assert_eq!((&key["alg"], &key["use"]), (&"ES256".into(), &"sig".into()));
    // RFC 7638 § 3: the required members in lexical order, without blanks.
    let canonical = format!(
        r#"{{"crv":{},"kty":{},"x":{},"y":{}}}"#,
        key["crv"], key["kty"], key["x"], key["y"]
    );
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
    assert_eq!(key["kid"], thumbprint.as_str());
    let token = client.caller.token();
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(
        (&header["kid"], &header["typ"]),
        (&thumbprint.as_str().into(), &"at+jwt".into())
    );
    let published = PublicKey::from_jwk(&key.to_string()).unwrap();
    let claims = TokenVerifier::new(vec![published], &app.base_url)
        .verify(token, super::now())
        .unwrap();
    assert_eq!((claims.client_id, claims.body), (client.id, "DMS".to_owned()));
}
