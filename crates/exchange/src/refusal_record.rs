//! The act of recording that somebody was refused: one log entry in a transaction of its own, so that a
//! rollback elsewhere erases nothing. Holds no token, no assertion, no address.

use crate::{ActError, Centre};
use leleka_domain::{Code, RequestId};
use leleka_store::{LogEntry, LogOutcome};

/// Who was refused what.
#[derive(Clone, Debug)]
pub struct RefusedAttempt<'a> {
    /// Which client, when one was recognised.
    pub client_id: Option<&'a str>,
    /// Its body.
    pub body: Option<&'a str>,
    /// Its role.
    pub role: Option<&'a str>,
    /// What was attempted, as `area.verb`.
    pub action: &'static str,
    /// The operation of the API, when one was called.
    pub operation: Option<String>,
    /// Why it was refused.
    pub code: Code,
    /// The request.
    pub request_id: RequestId,
}

/// Records a refusal before it is answered.
///
/// # Errors
/// When the database does not answer; the caller then fails instead of refusing unrecorded.
pub fn refusal_record(centre: &Centre, attempt: RefusedAttempt<'_>) -> Result<(), ActError> {
    let entry = LogEntry {
        id: centre.ids.next(),
        client_id: attempt.client_id,
        body: attempt.body,
        role: attempt.role,
        action: attempt.action,
        object_type: attempt.operation.as_ref().map(|_| "operation"),
        object_id: attempt.operation,
        outcome: LogOutcome::Denied,
        reason_code: Some(attempt.code.as_str()),
        request_id: Some(attempt.request_id.0),
        payload_sha256: None,
    };
    centre.store.write(&entry, |_tx| Ok(()))
}
