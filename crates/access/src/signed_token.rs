//! What access tokens and client assertions share: the three header members, the signature, the times.
//!
//! Never tries a second key, never chooses an algorithm from the token: the key fixes it. Never looks at the
//! system clock: `jsonwebtoken`'s own time checks are off and [`TokenTimes::check`] makes them on the caller's
//! `now`. Source: RFC 8725 §§ 3.1–3.11, RFC 9068 § 4, RFC 7515 § 4.1.11 (`crit`).

use crate::{PublicKey, SignatureAlgorithm, SigningKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How far two clocks may differ, in seconds. A replay table keeps a `jti` until `exp` plus this.
pub const LEEWAY_SECONDS: u64 = 30;

/// The longest token that is read at all, in bytes.
pub const TOKEN_MAX_BYTES: usize = 4096;

/// The longest client id, body code, key id and token id, in characters.
const IDENTIFIER_MAX_CHARS: usize = 64;

/// Why a token was refused: for the debug log only, never for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Longer than [`TOKEN_MAX_BYTES`].
    TooLarge,
    /// Not three parts of base64url.
    Malformed,
    /// The header is not exactly `alg`, `kid` and `typ`, each once and a text.
    Header,
    /// A token of another kind.
    Type,
    /// The header's algorithm is not the key's.
    Algorithm,
    /// No such key here.
    KeyUnknown,
    /// The signature is not the key's over these bytes.
    Signature,
    /// A claim is missing, stands twice, is unknown or of a wrong JSON type.
    Claims,
    /// Issued by somebody else.
    Issuer,
    /// Meant for somebody else.
    Audience,
    /// Issuer, subject and client do not agree.
    Subject,
    /// An identifier is empty, too long or not printable ASCII.
    Identifier,
    /// No longer valid.
    Expired,
    /// Not valid yet.
    NotYetValid,
    /// Issued in the future.
    IssuedInFuture,
    /// Valid for longer than a token may be, or for no time.
    Lifetime,
    /// The role is unknown, or a scope is not one of the role's.
    Rights,
}

/// A token could not be signed.
#[derive(Debug, Error)]
#[error("the token could not be signed")]
pub struct SigningFault(#[source] jsonwebtoken::errors::Error);

/// The whole header that a token may have.
///
/// Read by this crate and not by `jsonwebtoken` alone, which ignores `crit` and takes `"jku": null` for absent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenHeader {
    pub(crate) alg: String,
    pub(crate) kid: String,
    pub(crate) typ: String,
}

impl TokenHeader {
    /// Reads a token's header, refusing first by size and shape.
    pub(crate) fn read(token: &str) -> Result<Self, Denial> {
        let [header, _, _] = parts(token)?;
        let header: Self = object(&base64url(header)?).ok_or(Denial::Header)?;
        if is_identifier(&header.kid) {
            Ok(header)
        } else {
            Err(Denial::Header)
        }
    }

    /// Refuses a token of another kind; media types do not distinguish case.
    pub(crate) fn expect_type(&self, allowed: &[&str]) -> Result<(), Denial> {
        if allowed.iter().any(|typ| self.typ.eq_ignore_ascii_case(typ)) {
            Ok(())
        } else {
            Err(Denial::Type)
        }
    }

    /// Refuses a token whose algorithm is not the key's.
    pub(crate) fn expect_algorithm(&self, algorithm: SignatureAlgorithm) -> Result<(), Denial> {
        if self.alg == algorithm.as_str() {
            Ok(())
        } else {
            Err(Denial::Algorithm)
        }
    }
}

/// The times of a token, in seconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct TokenTimes {
    pub(crate) issued_at: u64,
    pub(crate) not_before: Option<u64>,
    pub(crate) expires_at: u64,
}

impl TokenTimes {
    /// Whether the token is valid at `now` and was never meant to live longer than `lifetime_max` seconds.
    pub(crate) fn check(self, lifetime_max: u64, now: u64) -> Result<(), Denial> {
        let lifetime = self.expires_at.saturating_sub(self.issued_at);
        if lifetime == 0 || lifetime > lifetime_max {
            return Err(Denial::Lifetime);
        }
        let latest = now.saturating_add(LEEWAY_SECONDS);
        if self.issued_at > latest {
            return Err(Denial::IssuedInFuture);
        }
        if self.not_before.is_some_and(|not_before| not_before > latest) {
            return Err(Denial::NotYetValid);
        }
        if now >= self.expires_at.saturating_add(LEEWAY_SECONDS) {
            return Err(Denial::Expired);
        }
        Ok(())
    }
}

/// Reads claims without believing them.
pub(crate) fn claims_unverified<T: DeserializeOwned>(token: &str) -> Result<T, Denial> {
    let [_, claims, _] = parts(token)?;
    object(&base64url(claims)?).ok_or(Denial::Claims)
}

/// The checks of `jsonwebtoken` for one key: its one algorithm, the audience, the claims that must be there.
///
/// Without the required list an `iss`, `aud` or `sub` of a wrong JSON type counts as absent and passes.
pub(crate) fn validation(algorithm: SignatureAlgorithm, audience: &str, required: &[&str]) -> Validation {
    let mut validation = Validation::new(algorithm.of_jsonwebtoken());
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(required);
    validation
}

/// Proves the signature and reads the claims; the times are still to be checked.
pub(crate) fn claims_verified<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    validation: &Validation,
) -> Result<T, Denial> {
    crate::install_crypto();
    match jsonwebtoken::decode::<T>(token, key, validation) {
        Ok(decoded) => Ok(decoded.claims),
        Err(error) => Err(denial_of(error.kind())),
    }
}

/// Writes and signs a token with exactly `alg`, `kid` and `typ` in its header.
pub(crate) fn token_sign<T: Serialize>(
    key: &SigningKey,
    typ: &str,
    claims: &T,
) -> Result<String, SigningFault> {
    crate::install_crypto();
    let public: &PublicKey = key.public_key();
    let mut header = Header::new(public.algorithm().of_jsonwebtoken());
    header.typ = Some(typ.to_owned());
    header.kid = Some(public.kid().to_owned());
    jsonwebtoken::encode(&header, claims, key.encoding_key()).map_err(SigningFault)
}

/// Whether a text can name a client, a body, a key or a token: 1 to 64 visible ASCII characters.
pub(crate) fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.len() <= IDENTIFIER_MAX_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn parts(token: &str) -> Result<[&str; 3], Denial> {
    if token.len() > TOKEN_MAX_BYTES {
        return Err(Denial::TooLarge);
    }
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(signature), None) => Ok([header, claims, signature]),
        _ => Err(Denial::Malformed),
    }
}

fn base64url(part: &str) -> Result<Vec<u8>, Denial> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_not_base64url| Denial::Malformed)
}

/// Reads a JSON object; an array would fill a struct by position, so it is refused here.
fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    json.trim_ascii_start()
        .starts_with(b"{")
        .then(|| serde_json::from_slice(json).ok())
        .flatten()
}

fn denial_of(kind: &ErrorKind) -> Denial {
    if matches!(kind, ErrorKind::InvalidSignature) {
        Denial::Signature
    } else if matches!(kind, ErrorKind::InvalidAlgorithm) {
        Denial::Algorithm
    } else if matches!(kind, ErrorKind::InvalidIssuer) {
        Denial::Issuer
    } else if matches!(kind, ErrorKind::InvalidAudience) {
        Denial::Audience
    } else if matches!(kind, ErrorKind::Base64(_) | ErrorKind::InvalidToken) {
        Denial::Malformed
    } else {
        Denial::Claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(issued_at: u64, expires_at: u64) -> TokenTimes {
        TokenTimes {
            issued_at,
            not_before: Some(issued_at),
            expires_at,
        }
    }

    #[test]
    fn the_edges_of_a_life_are_exact() {
        let check = |now| times(1_000, 1_060).check(60, now);
        assert_eq!(check(969), Err(Denial::IssuedInFuture));
        assert_eq!(check(970), Ok(()));
        assert_eq!(check(1_089), Ok(()));
        assert_eq!(check(1_090), Err(Denial::Expired));
    }

    #[test]
    fn a_life_is_neither_too_long_nor_empty_nor_backwards() {
        assert_eq!(times(1_000, 1_061).check(60, 1_000), Err(Denial::Lifetime));
        assert_eq!(times(1_000, 1_000).check(60, 1_000), Err(Denial::Lifetime));
        assert_eq!(times(1_000, 999).check(60, 1_000), Err(Denial::Lifetime));
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        assert_eq!(times(0, u64::MAX).check(u64::MAX, u64::MAX), Err(Denial::Expired));
        assert_eq!(
            times(u64::MAX - 1, u64::MAX).check(60, 0),
            Err(Denial::IssuedInFuture)
        );
        let late_start = TokenTimes {
            issued_at: 0,
            not_before: Some(u64::MAX),
            expires_at: 60,
        };
        assert_eq!(late_start.check(60, 0), Err(Denial::NotYetValid));
    }
}
