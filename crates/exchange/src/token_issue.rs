//! The act of issuing an access token: OAuth 2.0 client credentials with `private_key_jwt`.
//!
//! Never says which part of a proof was wrong: unknown client, unknown key and bad signature are one refusal
//! after the same work (RFC 6749 § 5.2, FAPI 2.0).

use crate::refusal_record::{RefusedAttempt, refusal_record};
use crate::{ActError, Centre};
use chrono::DateTime;
use leleka_access::{
    ACCESS_TOKEN_LIFETIME_SECONDS, AccessGrant, PublicKey, Role, Scope, TokenSigner, assertion_client_id,
    assertion_verify, assertion_verify_dummy,
};
use leleka_domain::{Code, RequestId};
use leleka_store::{Client, ClientState, LogEntry, LogOutcome, assertion_claim_in_tx};

/// A token and what it grants.
#[derive(Clone, Debug)]
pub struct TokenIssued {
    /// The access token.
    pub access_token: String,
    /// Its life in seconds.
    pub expires_in: u64,
    /// The granted scopes, separated by spaces.
    pub scope: String,
}

/// Why no token was issued, in the words of RFC 6749.
#[derive(Debug)]
pub enum TokenRefusal {
    /// `invalid_client`.
    InvalidClient,
    /// `invalid_scope`.
    InvalidScope,
    /// The service failed.
    Failed(ActError),
}

impl From<ActError> for TokenRefusal {
    fn from(error: ActError) -> Self {
        Self::Failed(error)
    }
}

impl From<leleka_store::StoreError> for TokenRefusal {
    fn from(error: leleka_store::StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Issues a token for a client assertion, with all of the role's scopes or those asked for.
///
/// # Errors
/// [`TokenRefusal`]; every refusal is logged.
pub fn token_issue(
    centre: &Centre,
    signer: &TokenSigner,
    issuer: &str,
    assertion: &str,
    scope: Option<&str>,
    request_id: RequestId,
) -> Result<TokenIssued, TokenRefusal> {
    let now = centre.clock.now_unix_seconds();
    let (client, jti, expires_at) = match assertion_prove(centre, issuer, assertion, now) {
        Ok(proven) => proven,
        Err(known) => {
            let client_id = known.map(|client| client.id);
            log_refusal(centre, client_id, Code::TokenInvalid, request_id)?;
            return Err(TokenRefusal::InvalidClient);
        }
    };
    let role: Role = client
        .role
        .parse()
        .map_err(|_unknown| TokenRefusal::InvalidClient)?;
    let named = scope.map_or_else(|| Ok(role.scopes().to_vec()), |list| role.scopes_named(list));
    let Ok(scopes) = named else {
        log_refusal(centre, Some(client.id), Code::ScopeInsufficient, request_id)?;
        return Err(TokenRefusal::InvalidScope);
    };
    let granted = scopes
        .iter()
        .map(|scope: &Scope| scope.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let grant = AccessGrant {
        client_id: client.id.clone(),
        body: client.body.clone(),
        role,
        scopes,
    };
    let token_id = centre.ids.next();
    let log = LogEntry {
        id: centre.ids.next(),
        client_id: Some(&client.id),
        body: Some(&client.body),
        role: Some(role.as_str()),
        action: "token.issue",
        object_type: Some("token"),
        object_id: Some(token_id.to_string()),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: Some(request_id.0),
        payload_sha256: None,
    };
    let instant = |seconds: u64| DateTime::from_timestamp(seconds.cast_signed(), 0).unwrap_or_default();
    // Kept a little longer than it is valid, because clocks differ.
    let fresh = centre.store.write(&log, |tx| {
        let fresh = assertion_claim_in_tx(
            tx,
            &client.id,
            &jti,
            instant(expires_at.saturating_add(60)),
            instant(now),
        )?;
        if fresh {
            Ok(())
        } else {
            Err(TokenRefusal::InvalidClient)
        }
    });
    if let Err(refusal) = fresh {
        log_refusal(centre, Some(client.id), Code::TokenInvalid, request_id)?;
        return Err(refusal);
    }
    let access_token = signer
        .issue(&grant, now, &token_id.to_string())
        .map_err(|_fault| TokenRefusal::InvalidScope)?;
    Ok(TokenIssued {
        access_token,
        expires_in: ACCESS_TOKEN_LIFETIME_SECONDS,
        scope: granted,
    })
}

/// The client behind an assertion, or the known client that failed to prove itself.
fn assertion_prove(
    centre: &Centre,
    issuer: &str,
    assertion: &str,
    now: u64,
) -> Result<(Client, String, u64), Option<Box<Client>>> {
    let (client_id, kid) = assertion_client_id(assertion).map_err(|_fault| None)?;
    let client = centre.client(&client_id);
    let key = client
        .as_ref()
        .filter(|client| client.state == ClientState::Active)
        .and_then(|client| {
            let key = client
                .keys
                .iter()
                .find(|key| key.kid == kid && key.not_after >= centre.clock.now())?;
            PublicKey::from_jwk(&key.public_jwk.to_string()).ok()
        });
    let (Some(client), Some(key)) = (client.clone(), key) else {
        assertion_verify_dummy(assertion, issuer, now);
        return Err(client.map(Box::new));
    };
    match assertion_verify(assertion, &key, issuer, now) {
        Ok(verified) => Ok((client, verified.jti, verified.expires_at)),
        Err(_fault) => Err(Some(Box::new(client))),
    }
}

fn log_refusal(
    centre: &Centre,
    client_id: Option<String>,
    code: Code,
    request_id: RequestId,
) -> Result<(), TokenRefusal> {
    let attempt = RefusedAttempt {
        client_id: client_id.as_deref(),
        body: None,
        role: None,
        action: "token.issue",
        operation: None,
        code,
        request_id,
    };
    Ok(refusal_record(centre, attempt)?)
}
