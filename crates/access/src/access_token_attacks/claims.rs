//! Attacks by the claims: missing, twice, of another type, for somebody else, at another time, with other rights.

use super::{ISSUER, NOW, STAGE};
use crate::Denial;
use crate::forgery::{with_second, without};
use serde_json::{Value, json};

#[test]
fn every_claim_must_be_there_once_and_of_its_type() {
    let stage = &*STAGE;
    for (name, value) in stage.claims.as_object().unwrap() {
        stage.expect(
            name,
            &stage.claims_attack(&without(&stage.claims, name)),
            Denial::Claims,
        );
        stage.expect(
            name,
            &stage.claims_attack(&with_second(&stage.claims, name, value.clone())),
            Denial::Claims,
        );
        let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], name.get(1..).unwrap());
        let twice = with_second(&stage.claims, &escaped, value.clone());
        stage.expect(
            "escaped second name",
            &stage.claims_attack(&twice),
            Denial::Claims,
        );
        let other_type = if value.is_string() {
            json!(1)
        } else {
            json!(value.to_string())
        };
        for wrong in [
            json!(null),
            other_type,
            json!([value]),
            json!({"value": value}),
            json!(-1),
            json!(1.5),
        ] {
            stage.expect(name, &stage.claim_attack(name, wrong), Denial::Claims);
        }
    }
    stage.expect(
        "a bound token as a bearer token",
        &stage.claim_attack("cnf", json!({"jkt": "A"})),
        Denial::Claims,
    );
    let array: Value = stage.claims.as_object().unwrap().values().cloned().collect();
    stage.expect(
        "claims as an array",
        &stage.claims_attack(&array.to_string()),
        Denial::Claims,
    );
    stage.expect(
        "nested to exhaustion",
        &stage.claims_attack(&"[".repeat(2_000)),
        Denial::Claims,
    );
}

#[test]
fn issuer_and_audience_are_one_exact_text() {
    let stage = &*STAGE;
    let audience = format!("{ISSUER}/v1");
    stage.expect(
        "list iss",
        &stage.claim_attack("iss", json!([ISSUER, "https://x.example"])),
        Denial::Claims,
    );
    stage.expect(
        "list aud",
        &stage.claim_attack("aud", json!([audience])),
        Denial::Claims,
    );
    for iss in [
        "https://leleka.example/",
        "https://LELEKA.example",
        "https://leleka.example.evil",
        "",
    ] {
        stage.expect(iss, &stage.claim_attack("iss", iss), Denial::Issuer);
    }
    for aud in [
        ISSUER,
        "https://leleka.example/v2",
        "https://other.example/v1",
        "",
    ] {
        stage.expect(aud, &stage.claim_attack("aud", aud), Denial::Audience);
    }
}

#[test]
fn the_clock_decides_and_nothing_lives_long() {
    let stage = &*STAGE;
    let at = |iat: u64, nbf: u64, exp: u64| {
        let mut claims = stage.claims.clone();
        claims["iat"] = json!(iat);
        claims["nbf"] = json!(nbf);
        claims["exp"] = json!(exp);
        stage.claims_attack(&claims.to_string())
    };
    stage.expect("expired", &at(NOW - 630, NOW - 630, NOW - 30), Denial::Expired);
    stage.expect(
        "not yet valid",
        &at(NOW, NOW + 31, NOW + 600),
        Denial::NotYetValid,
    );
    stage.expect(
        "issued in the future",
        &at(NOW + 31, NOW, NOW + 600),
        Denial::IssuedInFuture,
    );
    stage.expect("lives too long", &at(NOW, NOW, NOW + 901), Denial::Lifetime);
    stage.expect("lives for ever", &at(NOW, NOW, u64::MAX), Denial::Lifetime);
    stage.expect("lives backwards", &at(NOW, NOW, NOW - 1), Denial::Lifetime);
    assert!(
        stage
            .verifier
            .verify(&at(NOW - 629, NOW - 629, NOW - 29), NOW)
            .is_ok(),
        "within the leeway"
    );
    assert!(
        stage.verifier.verify(&stage.token(), NOW + 629).is_ok(),
        "within the leeway"
    );
    assert!(
        stage.verifier.verify(&stage.token(), NOW + 630).is_err(),
        "after the leeway"
    );
    assert!(
        stage.verifier.verify(&stage.token(), 0).is_err(),
        "a clock that was never set"
    );
    assert!(
        stage.verifier.verify(&stage.token(), u64::MAX).is_err(),
        "a clock at its end"
    );
}

#[test]
fn rights_and_names_are_those_of_today() {
    let stage = &*STAGE;
    for role in ["admin", "Agency-Submitter", "operator", ""] {
        stage.expect(role, &stage.claim_attack("role", role), Denial::Rights);
    }
    for scope in [
        "release:publish",
        "submission:write audit:read",
        "submission:*",
        "",
        " ",
    ] {
        stage.expect(scope, &stage.claim_attack("scope", scope), Denial::Rights);
    }
    stage.expect(
        "another subject",
        &stage.claim_attack("sub", "npu-exchange"),
        Denial::Subject,
    );
    for (name, value) in [("jti", ""), ("jti", "a\nb"), ("body", ""), ("body", "ДПСУ")] {
        stage.expect(name, &stage.claim_attack(name, value), Denial::Identifier);
    }
    stage.expect(
        "long jti",
        &stage.claim_attack("jti", "j".repeat(65)),
        Denial::Identifier,
    );
}
