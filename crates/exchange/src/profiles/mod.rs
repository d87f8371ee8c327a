//! Mapping profiles as versioned resources: draft, try, approve, retire.
//!
//! A submission sees only approved versions (`book`). One act is one transaction with its log entry; the state of a
//! version is its newest event. Who drafted a version never approves it.

mod book;
mod draft;
mod state;
mod test_run;

pub use book::ProfileBook;
pub use draft::{PROFILE_BYTES, ProfileDrafted, profile_draft};
pub use state::{ProfileChange, profile_state_change};
pub use test_run::{OBSERVATIONS_SHOWN, ProfileTestRun, ReadObservation, profile_test_run};

pub use leleka_normalise::profile_schema;

use crate::Caller;
use leleka_domain::RequestId;
use leleka_risk::{canonical_json, sha256_hex};
use leleka_store::{LogEntry, LogOutcome};
use uuid::Uuid;

/// SHA-256 of a profile as canonical JSON, hexadecimal.
#[must_use]
pub fn content_sha256(content: &serde_json::Value) -> String {
    sha256_hex(canonical_json(content).as_bytes())
}

/// The log entry of an act on one version.
fn log_entry<'a>(
    id: Uuid,
    caller: &'a Caller,
    action: &'static str,
    request_id: RequestId,
    version: (&str, i32),
    payload_sha256: Option<[u8; 32]>,
) -> LogEntry<'a> {
    LogEntry {
        id,
        client_id: Some(&caller.client_id),
        body: Some(&caller.body),
        role: Some(caller.role.as_str()),
        action,
        object_type: Some("mapping_profile"),
        object_id: Some(format!("{}@{}", version.0, version.1)),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: Some(request_id.0),
        payload_sha256,
    }
}
