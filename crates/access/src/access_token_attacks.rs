//! The attack table of access tokens: every known way in, each refused for its own reason.
//!
//! Each attack starts from a token that would be accepted and changes one thing. Sources: RFC 8725 § 2,
//! RFC 9068 § 5, and the traps of `jsonwebtoken` (ignored `typ` and `crit`, lists accepted for `iss` and `aud`,
//! claims of a wrong type taken for absent).

mod claims;

use crate::forgery::{
    cut, eddsa_key, es256_key, forged, forged_hs256, header_of, public_key_as_secrets, unsigned, with,
    with_character, with_other_signature, with_second, without,
};
use crate::{Denial, SigningKey, TokenVerifier};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

const ISSUER: &str = "https://leleka.example";
const NOW: u64 = 1_800_000_000;

/// An issuer with its published key, and a token that is in order.
struct Stage {
    key: SigningKey,
    header: Value,
    claims: Value,
    verifier: TokenVerifier,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let key = es256_key();
    let verifier = TokenVerifier::new(
        vec![key.public_key().clone(), eddsa_key().public_key().clone()],
        ISSUER,
    );
    let claims = json!({
        "iss": ISSUER, "aud": format!("{ISSUER}/v1"), "sub": "sbgs-exchange", "client_id": "sbgs-exchange",
        "body": "SBGS", "role": "agency-submitter", "scope": "submission:write submission:read",
        "iat": NOW, "nbf": NOW, "exp": NOW + 600, "jti": "0199d3a0-0000-7000-8000-000000000001",
    });
    Stage {
        header: header_of(&key, "at+jwt"),
        key,
        claims,
        verifier,
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

    fn token(&self) -> String {
        self.header_attack(&self.header.to_string())
    }

    #[track_caller]
    fn expect(&self, attack: &str, token: &str, denial: Denial) {
        let answer = self.verifier.verify(token, NOW).map_err(|fault| fault.denial());
        assert_eq!(answer, Err(denial), "{attack}");
    }
}

#[test]
fn the_token_before_any_attack_is_accepted() {
    let stage = &*STAGE;
    assert_eq!(
        stage.verifier.verify(&stage.token(), NOW).unwrap().client_id,
        "sbgs-exchange"
    );
    for typ in ["AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let token = stage.header_attack(&with(&stage.header, "typ", typ));
        assert!(stage.verifier.verify(&token, NOW).is_ok(), "{typ}");
    }
}

#[test]
fn no_algorithm_but_the_keys_own_is_believed() {
    let stage = &*STAGE;
    let claims = stage.claims.to_string();
    for alg in [
        "none", "None", "NONE", "", "RS256", "PS256", "ES384", "EdDSA", "es256", "HS256",
    ] {
        let header = with(&stage.header, "alg", alg);
        stage.expect(alg, &stage.header_attack(&header), Denial::Algorithm);
        stage.expect(alg, &unsigned(&header, &claims, ""), Denial::Algorithm);
    }
    for secret in public_key_as_secrets(stage.key.public_key()) {
        let hs256 = with(&stage.header, "alg", "HS256");
        stage.expect(
            "public key as secret",
            &forged_hs256(&hs256, &claims, &secret),
            Denial::Algorithm,
        );
        let es256 = stage.header.to_string();
        stage.expect(
            "HMAC called ES256",
            &forged_hs256(&es256, &claims, &secret),
            Denial::Signature,
        );
    }
}

#[test]
fn only_the_named_key_is_tried() {
    let stage = &*STAGE;
    let kid = stage.key.public_key().kid();
    let wrong = [
        kid.to_lowercase(),
        format!("{kid}="),
        "../keys/1".into(),
        "' OR 1=1 --".replace(' ', "_"),
    ];
    for kid in wrong {
        let token = stage.header_attack(&with(&stage.header, "kid", kid.clone()));
        stage.expect(&kid, &token, Denial::KeyUnknown);
    }
    for kid in [
        json!(null),
        json!(""),
        json!(7),
        json!([kid]),
        json!("k".repeat(65)),
        json!("ключ"),
    ] {
        let token = stage.header_attack(&with(&stage.header, "kid", kid.clone()));
        stage.expect(&kid.to_string(), &token, Denial::Header);
    }
    stage.expect(
        "no kid",
        &stage.header_attack(&without(&stage.header, "kid")),
        Denial::Header,
    );
    stage.expect(
        "no alg",
        &stage.header_attack(&without(&stage.header, "alg")),
        Denial::Header,
    );
}

#[test]
fn a_key_of_somebody_else_opens_nothing() {
    let stage = &*STAGE;
    let foreign = es256_key();
    let own_name = forged(
        &header_of(&foreign, "at+jwt").to_string(),
        &stage.claims.to_string(),
        &foreign,
    );
    stage.expect("foreign issuer's key", &own_name, Denial::KeyUnknown);
    let our_name = forged(&stage.header.to_string(), &stage.claims.to_string(), &foreign);
    stage.expect("foreign key under our kid", &our_name, Denial::Signature);
    let nobody = TokenVerifier::new(Vec::new(), ISSUER);
    assert_eq!(
        nobody.verify(&stage.token(), NOW).unwrap_err().denial(),
        Denial::KeyUnknown
    );
}

#[test]
fn a_token_of_another_kind_is_no_access_token() {
    let stage = &*STAGE;
    for typ in [
        "JWT",
        "client-authentication+jwt",
        "dpop+jwt",
        "at+jwt ",
        "application/jwt",
        "",
    ] {
        stage.expect(
            typ,
            &stage.header_attack(&with(&stage.header, "typ", typ)),
            Denial::Type,
        );
    }
    stage.expect(
        "no typ",
        &stage.header_attack(&without(&stage.header, "typ")),
        Denial::Header,
    );
}

#[test]
fn a_header_with_anything_more_is_refused() {
    let stage = &*STAGE;
    let jwk = serde_json::to_value(es256_key().public_key().jwk()).unwrap();
    let members: [(&str, Value); 16] = [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("jku", json!(null)),
        ("jwk", jwk),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("nonce", json!("1")),
        ("anything", json!("else")),
    ];
    for (name, value) in members {
        stage.expect(
            name,
            &stage.header_attack(&with(&stage.header, name, value)),
            Denial::Header,
        );
    }
    for name in ["alg", "kid", "typ"] {
        let twice = with_second(&stage.header, name, stage.header[name].clone());
        stage.expect("a member twice", &stage.header_attack(&twice), Denial::Header);
    }
    let kid = stage.key.public_key().kid();
    let array = json!(["ES256", kid, "at+jwt"]).to_string();
    stage.expect("header as an array", &stage.header_attack(&array), Denial::Header);
    stage.expect("empty header", &stage.header_attack(""), Denial::Header);
}

#[test]
fn size_and_shape_are_refused_before_anything_is_read() {
    let stage = &*STAGE;
    let token = stage.token();
    stage.expect(
        "5 KiB",
        &stage.claim_attack("body", "B".repeat(5 * 1024)),
        Denial::TooLarge,
    );
    stage.expect("5 KiB of nothing", &"A".repeat(5 * 1024), Denial::TooLarge);
    for text in ["", ".", "..", "...", "a.b", "a.b.c.d", "{}.{}.{}", "a b.c.d"] {
        let denial = stage.verifier.verify(text, NOW).unwrap_err().denial();
        assert!(
            matches!(denial, Denial::Malformed | Denial::Header),
            "{text}: {denial:?}"
        );
    }
    for padded in [
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}."),
    ] {
        stage.expect(&padded, &padded, Denial::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').unwrap();
    stage.expect("no signature", &format!("{message}."), Denial::Signature);
    stage.expect(
        "half a signature",
        &format!("{message}.{}", cut(signature, 40)),
        Denial::Signature,
    );
    for length in 0..token.len() {
        assert!(
            stage.verifier.verify(cut(&token, length), NOW).is_err(),
            "cut to {length}"
        );
    }
}

#[test]
fn a_rewritten_signature_keeps_its_jti() {
    let stage = &*STAGE;
    let token = stage.token();
    let other = with_other_signature(&token);
    assert_ne!(other, token);
    let [first, second] = [&token, &other].map(|token| stage.verifier.verify(token, NOW).unwrap());
    assert_eq!(first.jti, second.jti, "so revocation by jti catches both");
}

proptest! {
    #[test]
    fn no_text_makes_the_verifier_panic(text in "(?s).{0,300}") {
        prop_assert!(STAGE.verifier.verify(&text, NOW).is_err());
    }

    #[test]
    fn no_three_parts_make_the_verifier_panic(
        header in "[ -~]{0,80}", claims in "[ -~]{0,80}", signature in "[A-Za-z0-9_-]{0,100}", now in any::<u64>(),
    ) {
        prop_assert!(STAGE.verifier.verify(&unsigned(&header, &claims, &signature), now).is_err());
    }

    #[test]
    fn no_signed_times_make_the_verifier_panic(iat in any::<u64>(), nbf in any::<u64>(), exp in any::<u64>(), now in any::<u64>()) {
        let mut claims = STAGE.claims.clone();
        claims["iat"] = json!(iat);
        claims["nbf"] = json!(nbf);
        claims["exp"] = json!(exp);
        let accepted = STAGE.verifier.verify(&STAGE.claims_attack(&claims.to_string()), now).is_ok();
        prop_assert!(!accepted || (exp - iat <= 900 && now < exp.saturating_add(30)));
    }

    #[test]
    fn one_changed_character_anywhere_is_noticed(place in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let token = STAGE.token();
        let place = place.index(token.len());
        let changed = with_character(&token, place, &to);
        prop_assume!(changed != token);
        prop_assert!(STAGE.verifier.verify(&changed, NOW).is_err());
    }
}
