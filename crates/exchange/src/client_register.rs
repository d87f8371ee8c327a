//! The acts of registering a client with its public key, and of suspending or revoking it. The private key never comes here.

use crate::ActError;
use chrono::{DateTime, Days, Utc};
use leleka_access::{PublicKey, Role};
use leleka_domain::{Code, IdSource};
use leleka_store::{
    ClientKey, ClientState, LogEntry, LogOutcome, Migrator, client_insert_in_tx, client_key_insert_in_tx,
    client_state_set_in_tx,
};

/// Longest life of a client's key, in days.
const KEY_DAYS: u64 = 400;

/// A client to be registered.
#[derive(Clone, Debug)]
pub struct ClientRegistration<'a> {
    /// Client id.
    pub id: &'a str,
    /// The body it speaks for.
    pub body: &'a str,
    /// Its role.
    pub role: Role,
    /// Its public key as a JWK document.
    pub public_jwk: &'a str,
    /// Until when the key is accepted; 400 days from now at most.
    pub not_after: Option<DateTime<Utc>>,
}

/// Registers a client, or a further key of a client that is there. Returns the key's thumbprint.
///
/// # Errors
/// A refusal when the key is not a public P-256 or Ed25519 key; otherwise what the store fails with.
pub fn client_register(
    migrator: &mut Migrator,
    ids: &IdSource,
    now: DateTime<Utc>,
    registration: &ClientRegistration<'_>,
) -> Result<String, ActError> {
    let key = PublicKey::from_jwk(registration.public_jwk)
        .map_err(|fault| ActError::refused_because(Code::RequestMalformed, fault.to_string()))?;
    let jwk = key.jwk();
    let latest = now.checked_add_days(Days::new(KEY_DAYS)).unwrap_or(now);
    let stored = ClientKey {
        kid: jwk.kid.clone(),
        alg: jwk.alg.to_owned(),
        public_jwk: serde_json::json!(jwk),
        not_after: registration.not_after.map_or(latest, |day| day.min(latest)),
    };
    let entry = LogEntry {
        id: ids.next(),
        client_id: None,
        body: Some(registration.body),
        role: None,
        action: "client.register",
        object_type: Some("client"),
        object_id: Some(registration.id.to_owned()),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: None,
        payload_sha256: None,
    };
    migrator.write(&entry, |tx| {
        let role = registration.role.as_str();
        client_insert_in_tx(tx, registration.id, registration.body, role, now)?;
        client_key_insert_in_tx(tx, registration.id, &stored, now)
    })?;
    Ok(stored.kid)
}

/// Lets a client call again, suspends it, or revokes it for good. A running service knows within two seconds.
///
/// # Errors
/// A refusal when there is no such client, or it is revoked.
pub fn client_state_set(
    migrator: &mut Migrator,
    ids: &IdSource,
    id: &str,
    state: ClientState,
) -> Result<(), ActError> {
    let entry = LogEntry {
        id: ids.next(),
        client_id: None,
        body: None,
        role: None,
        action: match state {
            ClientState::Active => "client.activate",
            ClientState::Suspended => "client.suspend",
            ClientState::Revoked => "client.revoke",
        },
        object_type: Some("client"),
        object_id: Some(id.to_owned()),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: None,
        payload_sha256: None,
    };
    migrator.write(&entry, |tx| {
        if client_state_set_in_tx(tx, id, state)? {
            Ok(())
        } else {
            Err(ActError::refused_because(Code::ResourceNotFound, id))
        }
    })
}
