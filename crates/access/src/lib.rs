//! Who calls and what they may do: roles and scopes, keys, client assertions, access tokens.
//!
//! Never does I/O and never reads a clock: the present is a parameter, in whole seconds since 1970. Never holds
//! a client register, a replay table or a revocation list: it says what a token proves, the caller decides what
//! is still in force. The only crate that names `jsonwebtoken`.
//!
//! Source of the rules: FAPI 2.0 Security Profile (client credentials), RFC 7523 (client assertion), RFC 9068
//! (access token), RFC 8725 (JWT best practice), RFC 7638 (thumbprint), RFC 6750 (bearer).
//!
//! How a token endpoint uses it:
//! 1. [`assertion_client_id`] reads, without believing, who the sender says it is and which key it names;
//! 2. the caller looks up that key among the keys of that client only; if there is none,
//!    [`assertion_verify_dummy`] spends the same work and refuses;
//! 3. [`assertion_verify`] proves the assertion; the caller refuses a `jti` that it has seen;
//! 4. [`TokenSigner::issue`] writes the access token.
//!
//! How every other request is let in: [`bearer_token`], then [`TokenVerifier::verify`], then the caller's own
//! table (client active, `jti` not revoked), then [`AccessTokenClaims::grant`] against the route's scope.

mod access_token;
mod bearer;
mod client_assertion;
mod keys;
mod roles;
mod scopes;
mod signed_token;
mod signing_keys;

#[cfg(test)]
mod access_token_attacks;
#[cfg(test)]
mod client_assertion_attacks;
#[cfg(test)]
mod forgery;

pub use access_token::{
    ACCESS_TOKEN_LIFETIME_SECONDS, AccessGrant, AccessTokenClaims, IssueFault, TokenFault, TokenSigner,
    TokenVerifier, access_audience,
};
pub use bearer::{BearerFault, bearer_token};
pub use client_assertion::{
    ASSERTION_LIFETIME_SECONDS, AssertionFault, VerifiedAssertion, assertion_client_id, assertion_make,
    assertion_verify, assertion_verify_dummy,
};
pub use keys::{KeyFault, PublicJwk, PublicKey, SignatureAlgorithm};
pub use roles::{Reach, Role, RoleUnknown, ScopeFault};
pub use scopes::{Description, Scope, ScopeUnknown};
pub use signed_token::{Denial, LEEWAY_SECONDS, SigningFault, TOKEN_MAX_BYTES};
pub use signing_keys::{PrivateKeyPem, SigningKey};

/// Chooses AWS-LC as the cryptography behind tokens; call it first thing in `main`.
///
/// May be called any number of times. Without a choice `jsonwebtoken` panics at its first use as soon as another
/// crate of the build enables its second backend, so the functions of this crate make the choice too.
pub fn install_crypto() {
    // A refusal means that the choice was already made; only this crate makes it, always the same one.
    let _already_chosen = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

#[cfg(test)]
mod tests {
    #[test]
    fn choosing_the_cryptography_twice_is_harmless() {
        super::install_crypto();
        super::install_crypto();
    }
}
