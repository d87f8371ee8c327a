//! Access tokens: issued to a recognised client for ten minutes, checked on every request.
//!
//! Never holds personal data, never outlives [`LIFETIME_MAX_SECONDS`], never grants a scope outside the role as
//! it is today. Whether the client is still active and the `jti` not revoked is the caller's question; `jti` is
//! the only key for that, since one valid signature can be rewritten into another. Source: RFC 9068, RFC 8725.

use crate::signed_token::{
    Denial, SigningFault, TokenHeader, TokenTimes, claims_verified, is_identifier, token_sign, validation,
};
use crate::{PublicKey, Role, Scope, ScopeFault, SigningKey};
use jsonwebtoken::Validation;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use thiserror::Error;

/// How long an issued token lives, in seconds.
pub const ACCESS_TOKEN_LIFETIME_SECONDS: u64 = 600;

/// The longest life that is accepted, in seconds; leaves room for the tokens of a second issuer.
const LIFETIME_MAX_SECONDS: u64 = 900;
const ISSUED_MAX_BYTES: usize = 2048;
const TYPE: &str = "at+jwt";
const TYPES: [&str; 2] = [TYPE, "application/at+jwt"];
const REQUIRED: [&str; 5] = ["exp", "nbf", "iss", "aud", "sub"];

/// The audience of an issuer's tokens: version 1 of its API.
#[must_use]
pub fn access_audience(issuer: &str) -> String {
    format!("{issuer}/v1")
}

/// What a client may do: the content of a token, without its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessGrant {
    /// The client, 1 to 64 visible ASCII characters.
    pub client_id: String,
    /// Code of the client's body, 1 to 64 visible ASCII characters.
    pub body: String,
    /// The client's one role.
    pub role: Role,
    /// The scopes granted, all of them the role's, at least one.
    pub scopes: Vec<Scope>,
}

/// The claims of an access token. All are mandatory, and there are no others.
///
/// A token bound to a key (`cnf`) is therefore refused here: as a bearer token it would lose its binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessTokenClaims {
    /// Who issued it.
    pub iss: String,
    /// Whom it is for, as one text: see [`access_audience`].
    pub aud: String,
    /// The client.
    pub sub: String,
    /// The client again (RFC 9068 § 2.2).
    pub client_id: String,
    /// Code of the client's body.
    pub body: String,
    /// The client's role, as on the wire.
    pub role: String,
    /// The scopes granted, separated by blanks.
    pub scope: String,
    /// When it was issued, in seconds since 1970.
    pub iat: u64,
    /// When it begins to be valid, in seconds since 1970.
    pub nbf: u64,
    /// When it ceases to be valid, in seconds since 1970.
    pub exp: u64,
    /// The token's own id.
    pub jti: String,
}

impl AccessTokenClaims {
    /// The grant in the words of the code; `None` if the role or a scope of it does not exist today.
    #[must_use]
    pub fn grant(&self) -> Option<AccessGrant> {
        let role: Role = self.role.parse().ok()?;
        let scopes = role.scopes_named(&self.scope).ok()?;
        Some(AccessGrant {
            client_id: self.client_id.clone(),
            body: self.body.clone(),
            role,
            scopes,
        })
    }
}

/// Why a token was not issued.
#[derive(Debug, Error)]
pub enum IssueFault {
    /// The scopes are none, or not the role's.
    #[error("these scopes cannot be granted to the role")]
    Scopes(#[source] ScopeFault),
    /// The client id, the body or the token id is empty, too long or not visible ASCII.
    #[error("an identifier is not 1 to 64 visible ASCII characters")]
    Identifier,
    /// The token would be longer than 2 KiB.
    #[error("the token is too large")]
    TooLarge,
    /// The key did not sign.
    #[error(transparent)]
    Signing(#[from] SigningFault),
}

/// The token does not let anybody in. The answer is 401, the same for every reason.
#[derive(Clone, Copy, PartialEq, Eq, Error)]
#[error("the access token is not valid")]
pub struct TokenFault(Denial);

impl TokenFault {
    /// The reason, for the debug log only.
    #[must_use]
    pub const fn denial(self) -> Denial {
        self.0
    }
}

impl fmt::Debug for TokenFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenFault({:?})", self.0)
    }
}

/// Issues tokens with one key.
#[derive(Clone, Debug)]
pub struct TokenSigner {
    key: SigningKey,
    issuer: String,
    audience: String,
}

impl TokenSigner {
    /// A signer for the issuer with this exact identifier.
    #[must_use]
    pub fn new(key: SigningKey, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        let audience = access_audience(&issuer);
        Self {
            key,
            issuer,
            audience,
        }
    }

    /// The public half of the key, to be published before the first token is issued.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    /// Writes a token that lives for ten minutes from `now`.
    ///
    /// # Errors
    /// [`IssueFault`]: a scope outside the role, an identifier that cannot stand in a token, or no signature.
    pub fn issue(&self, grant: &AccessGrant, now: u64, jti: &str) -> Result<String, IssueFault> {
        if ![grant.client_id.as_str(), &grant.body, jti]
            .into_iter()
            .all(is_identifier)
        {
            return Err(IssueFault::Identifier);
        }
        let scope: Vec<&str> = grant.scopes.iter().map(|scope| scope.as_str()).collect();
        let scope = scope.join(" ");
        grant.role.scopes_named(&scope).map_err(IssueFault::Scopes)?;
        let claims = AccessTokenClaims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: grant.client_id.clone(),
            client_id: grant.client_id.clone(),
            body: grant.body.clone(),
            role: grant.role.to_string(),
            scope,
            iat: now,
            nbf: now,
            exp: now.saturating_add(ACCESS_TOKEN_LIFETIME_SECONDS),
            jti: jti.to_owned(),
        };
        let token = token_sign(&self.key, TYPE, &claims)?;
        if token.len() > ISSUED_MAX_BYTES {
            Err(IssueFault::TooLarge)
        } else {
            Ok(token)
        }
    }
}

/// Checks tokens of one issuer, with the keys that it publishes.
#[derive(Clone, Debug)]
pub struct TokenVerifier {
    keys: HashMap<String, (PublicKey, Validation)>,
}

impl TokenVerifier {
    /// A verifier for the issuer with this exact identifier; without keys it refuses everything.
    #[must_use]
    pub fn new(keys: Vec<PublicKey>, issuer: &str) -> Self {
        let audience = access_audience(issuer);
        let keys = keys.into_iter().map(|key| {
            let mut validation = validation(key.algorithm(), &audience, &REQUIRED);
            validation.set_issuer(&[issuer]);
            (key.kid().to_owned(), (key, validation))
        });
        Self { keys: keys.collect() }
    }

    /// Proves a token and returns what it says.
    ///
    /// # Errors
    /// [`TokenFault`]: not a token of this issuer for this API, or not valid at `now`.
    pub fn verify(&self, token: &str, now: u64) -> Result<AccessTokenClaims, TokenFault> {
        self.claims_proven(token, now).map_err(TokenFault)
    }

    fn claims_proven(&self, token: &str, now: u64) -> Result<AccessTokenClaims, Denial> {
        let header = TokenHeader::read(token)?;
        header.expect_type(&TYPES)?;
        let (key, validation) = self.keys.get(&header.kid).ok_or(Denial::KeyUnknown)?;
        header.expect_algorithm(key.algorithm())?;
        let claims: AccessTokenClaims = claims_verified(token, key.decoding_key(), validation)?;
        let times = TokenTimes {
            issued_at: claims.iat,
            not_before: Some(claims.nbf),
            expires_at: claims.exp,
        };
        times.check(LIFETIME_MAX_SECONDS, now)?;
        if claims.sub != claims.client_id {
            return Err(Denial::Subject);
        }
        if ![&claims.client_id, &claims.body, &claims.jti]
            .into_iter()
            .all(|text| is_identifier(text))
        {
            return Err(Denial::Identifier);
        }
        if claims.grant().is_none() {
            return Err(Denial::Rights);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SignatureAlgorithm;

    const ISSUER: &str = "https://leleka.example";

    fn grant() -> AccessGrant {
        AccessGrant {
            client_id: "sbgs-exchange".into(),
            body: "SBGS".into(),
            role: Role::AgencySubmitter,
            scopes: vec![Scope::SubmissionWrite, Scope::SubmissionRead],
        }
    }

    fn signer(algorithm: SignatureAlgorithm) -> TokenSigner {
        TokenSigner::new(SigningKey::generate(algorithm).unwrap(), ISSUER)
    }

    #[test]
    fn an_issued_token_says_what_was_granted() {
        for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
            let signer = signer(algorithm);
            let token = signer.issue(&grant(), 1_000, "t-1").unwrap();
            let verifier = TokenVerifier::new(vec![signer.public_key().clone()], ISSUER);
            let claims = verifier.verify(&token, 1_300).unwrap();
            assert_eq!(claims.grant(), Some(grant()));
            assert_eq!((claims.iat, claims.nbf, claims.exp), (1_000, 1_000, 1_600));
            assert_eq!(
                (claims.jti.as_str(), claims.aud.as_str()),
                ("t-1", "https://leleka.example/v1")
            );
        }
    }

    #[test]
    fn a_token_of_every_role_with_all_its_scopes_fits_and_is_accepted() {
        let signer = signer(SignatureAlgorithm::Es256);
        let verifier = TokenVerifier::new(vec![signer.public_key().clone()], ISSUER);
        for role in Role::ALL {
            let grant = AccessGrant {
                role,
                scopes: role.scopes().to_vec(),
                ..grant()
            };
            let token = signer.issue(&grant, 1_000, "t-1").unwrap();
            assert_eq!(verifier.verify(&token, 1_000).unwrap().grant(), Some(grant));
        }
    }

    #[test]
    fn old_and_new_keys_are_accepted_side_by_side_during_a_rotation() {
        let (old, new) = (
            signer(SignatureAlgorithm::Es256),
            signer(SignatureAlgorithm::Es256),
        );
        let keys = [&old, &new].map(|signer| signer.public_key().clone());
        let verifier = TokenVerifier::new(keys.to_vec(), ISSUER);
        for signer in [old, new] {
            assert!(
                verifier
                    .verify(&signer.issue(&grant(), 1_000, "t-1").unwrap(), 1_000)
                    .is_ok()
            );
        }
    }

    #[test]
    fn a_grant_that_could_not_be_accepted_is_not_issued() {
        let signer = signer(SignatureAlgorithm::Es256);
        let issue = |grant: AccessGrant, jti: &str| signer.issue(&grant, 1_000, jti).unwrap_err();
        let outside = AccessGrant {
            scopes: vec![Scope::ReleasePublish],
            ..grant()
        };
        assert!(matches!(
            issue(outside, "t"),
            IssueFault::Scopes(ScopeFault::OutsideRole(_))
        ));
        let none = AccessGrant {
            scopes: Vec::new(),
            ..grant()
        };
        assert!(matches!(issue(none, "t"), IssueFault::Scopes(ScopeFault::Empty)));
        let nobody = AccessGrant {
            body: String::new(),
            ..grant()
        };
        assert!(matches!(issue(nobody, "t"), IssueFault::Identifier));
        assert!(matches!(issue(grant(), ""), IssueFault::Identifier));
        let wordy = TokenSigner::new(signer.key.clone(), format!("https://{}", "x".repeat(1_500)));
        assert!(matches!(
            wordy.issue(&grant(), 1_000, "t"),
            Err(IssueFault::TooLarge)
        ));
    }

    #[test]
    fn a_refusal_says_nothing_of_its_reason_to_the_outside() {
        assert_eq!(
            TokenFault(Denial::Expired).to_string(),
            TokenFault(Denial::Signature).to_string()
        );
    }
}
