//! The log: one entry for each act. Never holds tokens, keys, bodies, values or free text.

use crate::StoreError;
use crate::connections::Tx;
use crate::statement::{Bind, Statement};
use diesel::RunQueryDsl;
use uuid::Uuid;

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOutcome {
    /// It was done.
    Allowed,
    /// It was refused.
    Denied,
    /// It failed.
    Failed,
}

impl LogOutcome {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// One entry.
#[derive(Clone, Debug)]
pub struct LogEntry<'a> {
    /// Its identifier.
    pub id: Uuid,
    /// Who, when somebody was recognised.
    pub client_id: Option<&'a str>,
    /// For which body.
    pub body: Option<&'a str>,
    /// In which role.
    pub role: Option<&'a str>,
    /// What, as `area.verb`.
    pub action: &'static str,
    /// Kind of the thing acted on.
    pub object_type: Option<&'static str>,
    /// Which one.
    pub object_id: Option<String>,
    /// How it ended.
    pub outcome: LogOutcome,
    /// Stable code of the reason when not allowed.
    pub reason_code: Option<&'static str>,
    /// The request it belongs to.
    pub request_id: Option<Uuid>,
    /// SHA-256 of the bytes received.
    pub payload_sha256: Option<[u8; 32]>,
}

pub(crate) const LOG_ENTRY_INSERT: &str = "insert into log_entry (id, client_id, body, role, action, object_type, \
     object_id, outcome, reason_code, request_id, payload_sha256) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

pub(crate) fn log_entry_binds<'a>(entry: &'a LogEntry<'_>) -> Vec<Bind<'a>> {
    vec![
        Bind::Uuid(entry.id),
        Bind::MaybeText(entry.client_id),
        Bind::MaybeText(entry.body),
        Bind::MaybeText(entry.role),
        Bind::Text(entry.action),
        Bind::MaybeText(entry.object_type),
        Bind::MaybeText(entry.object_id.as_deref()),
        Bind::Text(entry.outcome.word()),
        Bind::MaybeText(entry.reason_code),
        Bind::MaybeUuid(entry.request_id),
        Bind::MaybeBytes(entry.payload_sha256.as_ref().map(<[u8; 32]>::as_slice)),
    ]
}

/// Writes one entry into an open transaction.
///
/// # Errors
/// When the database refuses.
pub fn log_entry_insert_in_tx(tx: &mut Tx<'_>, entry: &LogEntry<'_>) -> Result<(), StoreError> {
    Statement::new(LOG_ENTRY_INSERT, log_entry_binds(entry)).execute(tx.0)?;
    Ok(())
}
