//! The attack table of client assertions: who may not become which client.
//!
//! Each attack starts from an assertion that would be accepted and changes one thing. Sources: RFC 7523 § 3,
//! FAPI 2.0 § 5.3.2.1, RFC 8725 § 2.

use crate::forgery::{
    cut, eddsa_key, es256_key, forged, forged_hs256, header_of, public_key_as_secrets, unsigned, with,
    with_character, with_other_signature, with_second, without,
};
use crate::{
    AccessGrant, Denial, Role, SigningKey, TokenSigner, assertion_client_id, assertion_make,
    assertion_verify, assertion_verify_dummy,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

const ISSUER: &str = "https://leleka.example";
const CLIENT: &str = "sbgs-exchange";
const NOW: u64 = 1_800_000_000;

/// A registered client with its key, and an assertion that is in order.
struct Stage {
    key: SigningKey,
    header: Value,
    claims: Value,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let key = es256_key();
    let claims =
        json!({"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "a-1", "iat": NOW, "exp": NOW + 60});
    Stage {
        header: header_of(&key, "client-authentication+jwt"),
        key,
        claims,
    }
});

impl Stage {
    fn header_attack(&self, header: &str) -> String {
        forged(header, &self.claims.to_string(), &self.key)
    }

    fn claims_attack(&self, claims: &str) -> String {
        forged(&self.header.to_string(), claims, &self.key)
    }

    fn claim_attack(&self, name: &str, value: impl Into<Value>) -> String {
        self.claims_attack(&with(&self.claims, name, value))
    }

    fn verify(&self, token: &str, now: u64) -> Result<String, Denial> {
        assertion_verify(token, self.key.public_key(), ISSUER, now)
            .map(|verified| verified.client_id)
            .map_err(|fault| fault.denial())
    }

    #[track_caller]
    fn expect(&self, attack: &str, token: &str, denial: Denial) {
        assert_eq!(self.verify(token, NOW), Err(denial), "{attack}");
    }
}

#[test]
fn an_assertion_names_its_client_and_proves_it() {
    for key in [es256_key(), eddsa_key()] {
        let token = assertion_make(&key, CLIENT, ISSUER, NOW, "a-1").unwrap();
        let named = assertion_client_id(&token).unwrap();
        assert_eq!(named, (CLIENT.to_owned(), key.public_key().kid().to_owned()));
        let verified = assertion_verify(&token, key.public_key(), ISSUER, NOW + 5).unwrap();
        assert_eq!(
            (verified.client_id.as_str(), verified.jti.as_str()),
            (CLIENT, "a-1")
        );
        assert_eq!(verified.expires_at, NOW + 60);
    }
}

#[test]
fn both_types_of_the_standard_are_accepted() {
    for typ in ["JWT", "jwt", "client-authentication+jwt"] {
        let token = STAGE.header_attack(&with(&STAGE.header, "typ", typ));
        assert_eq!(STAGE.verify(&token, NOW), Ok(CLIENT.to_owned()), "{typ}");
    }
}

#[test]
fn an_assertion_for_somebody_else_is_refused() {
    let stage = &*STAGE;
    let endpoint = format!("{ISSUER}/oauth2/token");
    for aud in [
        endpoint.as_str(),
        "https://leleka.example/",
        "https://other.example",
        "",
    ] {
        stage.expect(aud, &stage.claim_attack("aud", aud), Denial::Audience);
    }
    stage.expect(
        "aud list",
        &stage.claim_attack("aud", json!([ISSUER])),
        Denial::Claims,
    );
    stage.expect(
        "aud list of two",
        &stage.claim_attack("aud", json!([ISSUER, "x"])),
        Denial::Claims,
    );
}

#[test]
fn nobody_speaks_for_another_client() {
    let stage = &*STAGE;
    stage.expect(
        "iss is not sub",
        &stage.claim_attack("iss", "npu-exchange"),
        Denial::Subject,
    );
    stage.expect(
        "sub is not iss",
        &stage.claim_attack("sub", "npu-exchange"),
        Denial::Subject,
    );
    let split = stage.claim_attack("sub", "npu-exchange");
    assert_eq!(assertion_client_id(&split).unwrap_err().denial(), Denial::Subject);

    let other = es256_key();
    let under_own_kid = assertion_make(&other, CLIENT, ISSUER, NOW, "a-1").unwrap();
    let (client_id, kid) = assertion_client_id(&under_own_kid).unwrap();
    assert_eq!(
        (client_id.as_str(), kid.as_str()),
        (CLIENT, other.public_key().kid())
    );
    assert_ne!(
        kid,
        stage.key.public_key().kid(),
        "so the client's own keys do not contain it"
    );
    stage.expect("other client's key", &under_own_kid, Denial::KeyUnknown);
    let under_our_kid = forged(&stage.header.to_string(), &stage.claims.to_string(), &other);
    stage.expect(
        "other client's key under our kid",
        &under_our_kid,
        Denial::Signature,
    );
}

#[test]
fn no_algorithm_but_the_keys_own_is_believed() {
    let stage = &*STAGE;
    let claims = stage.claims.to_string();
    for alg in ["none", "HS256", "RS256", "PS256", "ES384", "EdDSA", ""] {
        let header = with(&stage.header, "alg", alg);
        stage.expect(alg, &stage.header_attack(&header), Denial::Algorithm);
        stage.expect(alg, &unsigned(&header, &claims, ""), Denial::Algorithm);
    }
    for secret in public_key_as_secrets(stage.key.public_key()) {
        let header = with(&stage.header, "alg", "HS256");
        stage.expect(
            "public key as secret",
            &forged_hs256(&header, &claims, &secret),
            Denial::Algorithm,
        );
    }
}

#[test]
fn the_header_is_exactly_three_members() {
    let stage = &*STAGE;
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("jku", json!("https://attacker.example")),
        ("jku", json!(null)),
        ("jwk", json!({})),
        ("x5c", json!(["MIIB"])),
        ("cty", json!("JWT")),
    ] {
        stage.expect(
            name,
            &stage.header_attack(&with(&stage.header, name, value)),
            Denial::Header,
        );
    }
    for name in ["alg", "kid", "typ"] {
        stage.expect(
            name,
            &stage.header_attack(&without(&stage.header, name)),
            Denial::Header,
        );
        let twice = with_second(&stage.header, name, "x");
        stage.expect(name, &stage.header_attack(&twice), Denial::Header);
    }
    for typ in ["at+jwt", "dpop+jwt", ""] {
        stage.expect(
            typ,
            &stage.header_attack(&with(&stage.header, "typ", typ)),
            Denial::Type,
        );
    }
}

#[test]
fn an_access_token_is_no_assertion() {
    let stage = &*STAGE;
    let signer = TokenSigner::new(stage.key.clone(), ISSUER);
    let role = Role::Analyst;
    let grant = AccessGrant {
        client_id: CLIENT.into(),
        body: "DMS".into(),
        role,
        scopes: role.scopes().to_vec(),
    };
    let token = signer.issue(&grant, NOW, "t-1").unwrap();
    stage.expect("access token", &token, Denial::Type);
    assert!(assertion_client_id(&token).is_err());
}

#[test]
fn every_claim_must_be_there_once_and_of_its_type() {
    let stage = &*STAGE;
    for (name, value) in stage.claims.as_object().unwrap() {
        let wrong_type = if value.is_string() {
            json!(1)
        } else {
            json!(value.to_string())
        };
        for token in [
            stage.claims_attack(&without(&stage.claims, name)),
            stage.claims_attack(&with_second(&stage.claims, name, value.clone())),
            stage.claim_attack(name, Value::Null),
            stage.claim_attack(name, wrong_type),
            stage.claim_attack(name, json!([value])),
        ] {
            stage.expect(name, &token, Denial::Claims);
            assert_eq!(
                assertion_client_id(&token).unwrap_err().denial(),
                Denial::Claims,
                "{name}"
            );
        }
    }
    stage.expect("nbf as text", &stage.claim_attack("nbf", "0"), Denial::Claims);
    for (name, value) in [
        ("jti", String::new()),
        ("jti", "j".repeat(65)),
        ("jti", "a\u{0}".into()),
    ] {
        stage.expect(name, &stage.claim_attack(name, value), Denial::Identifier);
    }
}

#[test]
fn an_assertion_lives_a_minute_at_most() {
    let stage = &*STAGE;
    stage.expect(
        "long-lived",
        &stage.claim_attack("exp", NOW + 61),
        Denial::Lifetime,
    );
    stage.expect("endless", &stage.claim_attack("exp", u64::MAX), Denial::Lifetime);
    stage.expect("backwards", &stage.claim_attack("exp", NOW - 1), Denial::Lifetime);
    stage.expect(
        "not yet valid",
        &stage.claim_attack("nbf", NOW + 31),
        Denial::NotYetValid,
    );
    let token = stage.claims_attack(&stage.claims.to_string());
    assert_eq!(stage.verify(&token, NOW - 31), Err(Denial::IssuedInFuture));
    assert_eq!(stage.verify(&token, NOW - 30), Ok(CLIENT.to_owned()));
    assert_eq!(stage.verify(&token, NOW + 89), Ok(CLIENT.to_owned()));
    assert_eq!(stage.verify(&token, NOW + 90), Err(Denial::Expired));
}

#[test]
fn a_replay_shows_the_same_jti_whatever_its_signature() {
    let stage = &*STAGE;
    let token = stage.claims_attack(&stage.claims.to_string());
    let other = with_other_signature(&token);
    assert_ne!(other, token);
    let [first, second] =
        [&token, &other].map(|token| assertion_verify(token, stage.key.public_key(), ISSUER, NOW).unwrap());
    assert_eq!(first, second);
}

#[test]
fn size_and_shape_are_refused_before_anything_is_read() {
    let stage = &*STAGE;
    let huge = stage.claim_attack("jti", "j".repeat(5 * 1024));
    stage.expect("5 KiB", &huge, Denial::TooLarge);
    assert_eq!(assertion_client_id(&huge).unwrap_err().denial(), Denial::TooLarge);
    let token = stage.claims_attack(&stage.claims.to_string());
    for length in 0..token.len() {
        assert!(stage.verify(cut(&token, length), NOW).is_err(), "cut to {length}");
    }
}

#[test]
fn the_dummy_refuses_even_what_its_own_key_signed() {
    // The private half of P-256's base point is 1, which anybody knows.
    let mut pkcs8 = Vec::from(
        *b"\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\
        \x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x27\x30\x25\x02\x01\x01\x04\x20",
    );
    pkcs8.extend([0; 31]);
    pkcs8.push(1);
    let key = SigningKey::from_pkcs8(&pkcs8).unwrap();
    let token = assertion_make(&key, CLIENT, ISSUER, NOW, "a-1").unwrap();
    assert!(
        assertion_verify(&token, key.public_key(), ISSUER, NOW).is_ok(),
        "the signature itself holds"
    );
    assert_eq!(
        assertion_verify_dummy(&token, ISSUER, NOW).denial(),
        Denial::KeyUnknown
    );
}

#[test]
fn every_refusal_reads_the_same() {
    let stage = &*STAGE;
    let token = stage.claims_attack(&stage.claims.to_string());
    let expired = assertion_verify(&token, stage.key.public_key(), ISSUER, NOW + 900).unwrap_err();
    let unknown = assertion_verify_dummy(&token, ISSUER, NOW);
    assert_ne!(expired.denial(), unknown.denial());
    assert_eq!(expired.to_string(), unknown.to_string());
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in "(?s).{0,300}", now in any::<u64>()) {
        prop_assert!(assertion_client_id(&text).is_err());
        prop_assert!(STAGE.verify(&text, now).is_err());
        assertion_verify_dummy(&text, ISSUER, now);
    }

    #[test]
    fn no_three_parts_make_the_readers_panic(header in "[ -~]{0,80}", claims in "[ -~]{0,80}", signature in "[A-Za-z0-9_-]{0,100}") {
        let token = unsigned(&header, &claims, &signature);
        prop_assert!(assertion_client_id(&token).is_err());
        prop_assert!(STAGE.verify(&token, NOW).is_err());
        assertion_verify_dummy(&token, ISSUER, NOW);
    }

    #[test]
    fn one_changed_character_anywhere_is_noticed(place in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let token = STAGE.claims_attack(&STAGE.claims.to_string());
        let place = place.index(token.len());
        let changed = with_character(&token, place, &to);
        prop_assume!(changed != token);
        prop_assert!(STAGE.verify(&changed, NOW).is_err());
    }
}
