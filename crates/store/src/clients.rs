//! Registered clients, their public keys, and the assertions they have used. Never a secret.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Jsonb, Nullable, Text, Timestamptz};
use diesel::{QueryableByName, RunQueryDsl};
use std::collections::BTreeMap;

/// Whether a client may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientState {
    /// It may.
    Active,
    /// Not at the moment.
    Suspended,
    /// Never again.
    Revoked,
}

impl ClientState {
    /// The word in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }
}

/// A public key of a client.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientKey {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// `ES256` or `EdDSA`.
    pub alg: String,
    /// The public key as a JWK.
    pub public_jwk: serde_json::Value,
    /// Last moment at which it is accepted.
    pub not_after: DateTime<Utc>,
}

/// A registered client.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Client id.
    pub id: String,
    /// The body it speaks for.
    pub body: String,
    /// The body's territory, when it is a territorial office.
    pub territory: Option<String>,
    /// Wire name of its role.
    pub role: String,
    /// Whether it may call.
    pub state: ClientState,
    /// Its keys.
    pub keys: Vec<ClientKey>,
}

#[derive(QueryableByName)]
struct ClientRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Nullable<Text>)]
    territory: Option<String>,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    kid: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    alg: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    public_jwk: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    not_after: Option<DateTime<Utc>>,
}

/// Every client with its keys; there are few, and the service keeps them in memory.
///
/// # Errors
/// When the database refuses.
pub fn client_list(reader: &mut Reader) -> Result<Vec<Client>, StoreError> {
    let rows: Vec<ClientRow> = Statement::new(
        "select c.id, c.body, b.territory, c.role, c.state, k.kid, k.alg, k.public_jwk, k.not_after from client c \
         join body b on b.code = c.body left join client_key k on k.client_id = c.id order by c.id, k.kid",
        Vec::new(),
    )
    .load(&mut reader.0)?;
    let mut clients: BTreeMap<String, Client> = BTreeMap::new();
    for row in rows {
        let state = match row.state.as_str() {
            "active" => ClientState::Active,
            "suspended" => ClientState::Suspended,
            _ => ClientState::Revoked,
        };
        let client = clients.entry(row.id.clone()).or_insert_with(|| Client {
            id: row.id,
            body: row.body,
            territory: row.territory,
            role: row.role,
            state,
            keys: Vec::new(),
        });
        if let (Some(kid), Some(alg), Some(public_jwk), Some(not_after)) =
            (row.kid, row.alg, row.public_jwk, row.not_after)
        {
            client.keys.push(ClientKey {
                kid,
                alg,
                public_jwk,
                not_after,
            });
        }
    }
    Ok(clients.into_values().collect())
}

/// Registers a client; one that is there with the same body and role stays as it is, suspended or not.
///
/// # Errors
/// [`StoreError::Constraint`] when the body is unknown or the id has a wrong form; [`StoreError::Corrupt`] when
/// the id is taken by another body or role.
pub fn client_insert_in_tx(
    tx: &mut Tx<'_>,
    id: &str,
    body: &str,
    role: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into client (id, body, role, state, created_at) values (?, ?, ?, 'active', ?) on conflict do nothing",
        vec![Bind::Text(id), Bind::Text(body), Bind::Text(role), Bind::Instant(now)],
    )
    .execute(tx.0)?;
    let same = Statement::new(
        "update client set state = state where id = ? and body = ? and role = ?",
        vec![Bind::Text(id), Bind::Text(body), Bind::Text(role)],
    )
    .execute(tx.0)?;
    if same == 1 {
        Ok(())
    } else {
        Err(StoreError::Corrupt(format!(
            "client {id} has another body or role"
        )))
    }
}

/// Lets a client call, or stops it; `false` when there is no such client. A revoked client stays revoked.
///
/// # Errors
/// When the database refuses.
pub fn client_state_set_in_tx(tx: &mut Tx<'_>, id: &str, state: ClientState) -> Result<bool, StoreError> {
    let changed = Statement::new(
        "update client set state = ? where id = ? and (state <> 'revoked' or ? = 'revoked')",
        vec![Bind::Text(state.word()), Bind::Text(id), Bind::Text(state.word())],
    )
    .execute(tx.0)?;
    Ok(changed == 1)
}

/// Registers a public key of a client.
///
/// # Errors
/// When the client is unknown or the key's life is longer than 400 days.
pub fn client_key_insert_in_tx(
    tx: &mut Tx<'_>,
    client_id: &str,
    key: &ClientKey,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into client_key (client_id, kid, alg, public_jwk, not_after, created_at) values (?, ?, ?, ?, ?, ?) \
         on conflict (client_id, kid) do nothing",
        vec![
            Bind::Text(client_id),
            Bind::Text(&key.kid),
            Bind::Text(&key.alg),
            Bind::Json(&key.public_jwk),
            Bind::Instant(key.not_after),
            Bind::Instant(now),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Marks an assertion as used; `false` when it was used before. Sweeps what has expired.
///
/// # Errors
/// When the database refuses.
pub fn assertion_claim_in_tx(
    tx: &mut Tx<'_>,
    client_id: &str,
    jti: &str,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    Statement::new(
        "delete from client_assertion where expires_at < ?",
        vec![Bind::Instant(now)],
    )
    .execute(tx.0)?;
    let claimed = Statement::new(
        "insert into client_assertion (client_id, jti, expires_at) values (?, ?, ?) on conflict do nothing",
        vec![Bind::Text(client_id), Bind::Text(jti), Bind::Instant(expires_at)],
    )
    .execute(tx.0)?;
    Ok(claimed == 1)
}
