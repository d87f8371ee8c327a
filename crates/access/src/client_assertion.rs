//! Client assertions (`private_key_jwt`): how a client proves to the token endpoint who it is.
//!
//! Never accepts a shared secret, a list of audiences or the endpoint's URL as audience, and never says why it
//! refuses. One use only: the caller keeps `jti` until `expires_at` plus [`LEEWAY_SECONDS`](crate::LEEWAY_SECONDS)
//! and refuses it when it comes again; the text of a token is no key for that, since one signature can be
//! rewritten into another valid one. Source: RFC 7523 § 3, FAPI 2.0 § 5.3.2.1.

use crate::signed_token::{
    Denial, SigningFault, TokenHeader, TokenTimes, claims_unverified, claims_verified, is_identifier,
    token_sign, validation,
};
use crate::{PublicKey, SignatureAlgorithm, SigningKey};
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// The longest life of an assertion, and the life of those made here, in seconds.
pub const ASSERTION_LIFETIME_SECONDS: u64 = 60;

const TYPE: &str = "client-authentication+jwt";
const TYPES: [&str; 2] = [TYPE, "JWT"];
const REQUIRED: [&str; 4] = ["exp", "iss", "aud", "sub"];

/// The client could not be recognised. The answer is `invalid_client`, the same for every reason.
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[error("the client could not be recognised")]
pub struct AssertionFault(Denial);

impl AssertionFault {
    /// The reason, for the debug log only.
    #[must_use]
    pub const fn denial(self) -> Denial {
        self.0
    }
}

impl fmt::Debug for AssertionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssertionFault({:?})", self.0)
    }
}

/// What a proven assertion says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// The client.
    pub client_id: String,
    /// The assertion's own id, 1 to 64 characters; to be refused when it comes again.
    pub jti: String,
    /// `exp`, in seconds since 1970.
    pub expires_at: u64,
}

#[derive(Serialize, Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: String,
    jti: String,
    iat: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<u64>,
    exp: u64,
}

/// Makes an assertion for the authorization server `issuer`, valid for a minute from `now`.
///
/// # Errors
/// [`SigningFault`]: the key did not sign.
pub fn assertion_make(
    key: &SigningKey,
    client_id: &str,
    issuer: &str,
    now: u64,
    jti: &str,
) -> Result<String, SigningFault> {
    let claims = AssertionClaims {
        iss: client_id.to_owned(),
        sub: client_id.to_owned(),
        aud: issuer.to_owned(),
        jti: jti.to_owned(),
        iat: now,
        nbf: None,
        exp: now.saturating_add(ASSERTION_LIFETIME_SECONDS),
    };
    token_sign(key, TYPE, &claims)
}

/// Reads, without believing it, which client the assertion names and which key: `(client_id, kid)`.
///
/// Look the key up among the keys of that client only. Refuses what no client could make valid, so nothing
/// refused here tells one client from another.
///
/// # Errors
/// [`AssertionFault`]: too large, malformed, another kind of token, or `iss` is not `sub`.
pub fn assertion_client_id(token: &str) -> Result<(String, String), AssertionFault> {
    let header = assertion_header(token)?;
    let claims: AssertionClaims = claims_unverified(token).map_err(AssertionFault)?;
    check_names(&claims).map_err(AssertionFault)?;
    Ok((claims.sub, header.kid))
}

/// Proves an assertion with the registered key that it names.
///
/// # Errors
/// [`AssertionFault`]: not signed by this key, not for this `issuer`, or not valid at `now`.
pub fn assertion_verify(
    token: &str,
    key: &PublicKey,
    issuer: &str,
    now: u64,
) -> Result<VerifiedAssertion, AssertionFault> {
    let header = assertion_header(token)?;
    let denial = if header.kid != key.kid() {
        Some(Denial::KeyUnknown)
    } else {
        header.expect_algorithm(key.algorithm()).err()
    };
    if let Some(denial) = denial {
        // The quick answer would tell an outsider that the client has this key, or has it for the other algorithm.
        assertion_verify_dummy(token, issuer, now);
        return Err(AssertionFault(denial));
    }
    claims_proven(token, key.algorithm(), key.decoding_key(), issuer, now).map_err(AssertionFault)
}

/// Spends the work of [`assertion_verify`] on an assertion of an unknown client or key, and refuses it.
///
/// So that the time until the answer does not tell which clients exist.
pub fn assertion_verify_dummy(token: &str, issuer: &str, now: u64) -> AssertionFault {
    let Ok(header) = assertion_header(token) else {
        return AssertionFault(Denial::KeyUnknown);
    };
    let (algorithm, key) = if header.alg == SignatureAlgorithm::EdDsa.as_str() {
        (
            SignatureAlgorithm::EdDsa,
            DecodingKey::from_ed_der(&ED25519_BASE_POINT),
        )
    } else {
        (
            SignatureAlgorithm::Es256,
            DecodingKey::from_ec_der(&P256_BASE_POINT),
        )
    };
    // Anybody can sign for a base point, so even a valid signature is refused.
    let _never_believed = claims_proven(token, algorithm, &key, issuer, now);
    AssertionFault(Denial::KeyUnknown)
}

fn assertion_header(token: &str) -> Result<TokenHeader, AssertionFault> {
    let header = TokenHeader::read(token).map_err(AssertionFault)?;
    header.expect_type(&TYPES).map_err(AssertionFault)?;
    Ok(header)
}

fn claims_proven(
    token: &str,
    algorithm: SignatureAlgorithm,
    key: &DecodingKey,
    issuer: &str,
    now: u64,
) -> Result<VerifiedAssertion, Denial> {
    let claims: AssertionClaims = claims_verified(token, key, &validation(algorithm, issuer, &REQUIRED))?;
    check_names(&claims)?;
    let times = TokenTimes {
        issued_at: claims.iat,
        not_before: claims.nbf,
        expires_at: claims.exp,
    };
    times.check(ASSERTION_LIFETIME_SECONDS, now)?;
    Ok(VerifiedAssertion {
        client_id: claims.sub,
        jti: claims.jti,
        expires_at: claims.exp,
    })
}

fn check_names(claims: &AssertionClaims) -> Result<(), Denial> {
    if claims.iss != claims.sub {
        return Err(Denial::Subject);
    }
    if is_identifier(&claims.sub) && is_identifier(&claims.jti) {
        Ok(())
    } else {
        Err(Denial::Identifier)
    }
}

/// The base point of P-256 (SEC 2 § 2.4.2), uncompressed.
const P256_BASE_POINT: [u8; 65] = *b"\x04\
    \x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\
    \x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96\
    \x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\
    \x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5";

/// The base point of Ed25519 (RFC 8032 § 5.1), encoded.
const ED25519_BASE_POINT: [u8; 32] = *b"\
    \x58\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\
    \x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dummy_keys_are_real_keys_so_that_the_work_is_real() {
        let (x, y) = P256_BASE_POINT[1..].split_at(32);
        assert!(PublicKey::on_p256(x.try_into().unwrap(), y.try_into().unwrap()).is_ok());
        assert!(PublicKey::on_ed25519(ED25519_BASE_POINT).is_ok());
    }
}
