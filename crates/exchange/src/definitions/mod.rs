//! Definitions of risk metrics as versioned resources: propose, try, publish, retire.
//!
//! One version of a code is published, and only that one computes. One act is one transaction with its log entry; the
//! state of a version is its newest event. Who proposed a version never publishes it.

mod propose;
mod state;
mod test_run;
mod test_run_cells;

pub use propose::definition_propose;
pub use state::{DefinitionChange, definition_state_change};
pub use test_run::{DefinitionTestRun, TestRunRequest, definition_test_run};
pub use test_run_cells::{CELLS_SHOWN, CellSaid, ChangedCell, LevelPair, RunCounts, RunDifference};

pub use leleka_risk::definition_schema;

use crate::centre::Book;
use crate::{ActError, Caller};
use leleka_domain::{Code, Finding, RequestId};
use leleka_risk::{Definition, DefinitionFault};
use leleka_store::{LogEntry, LogOutcome, StoredDefinition, Tx, definition_published_in_tx};
use std::borrow::Cow;
use uuid::Uuid;

/// The refusal of a definition with its faults.
fn invalid(findings: Vec<Finding>) -> ActError {
    ActError::Faulty {
        code: Code::DefinitionInvalid,
        findings,
    }
}

fn findings_of(faults: &[DefinitionFault]) -> Vec<Finding> {
    faults.iter().map(DefinitionFault::finding).collect()
}

/// A text as a sound definition over the catalogue as it is now.
fn definition_read(book: &Book, text: &str) -> Result<Definition, Vec<Finding>> {
    let definition = Definition::parse_with(text, &book.library).map_err(|faults| findings_of(&faults))?;
    match definition.catalogue_faults(&book.catalogue.indicators) {
        faults if faults.is_empty() => Ok(definition),
        faults => Err(findings_of(&faults)),
    }
}

/// A stored version as this program reads it, whatever became of the catalogue.
fn stored_read(book: &Book, stored: &StoredDefinition) -> Result<Definition, ActError> {
    let fault = |_faults| ActError::Definition(format!("{}/{}", stored.code, stored.version));
    Definition::parse_with(&stored.content.to_string(), &book.library).map_err(fault)
}

/// The version that computes at this moment, which the book of this process may not know yet.
pub(crate) fn definition_in_force<'a>(
    book: &'a Book,
    tx: &mut Tx<'_>,
    code: &str,
) -> Result<Option<Cow<'a, Definition>>, ActError> {
    let Some(published) = definition_published_in_tx(tx, code)? else {
        return Ok(None);
    };
    let is_it = |it: &&Definition| it.code == code && i64::from(it.version) == i64::from(published.version);
    match book.definitions.iter().find(is_it) {
        Some(known) => Ok(Some(Cow::Borrowed(known))),
        None => stored_read(book, &published).map(|read| Some(Cow::Owned(read))),
    }
}

/// The log entry of an act on one version.
fn log_entry<'a>(
    id: Uuid,
    caller: &'a Caller,
    action: &'static str,
    request_id: RequestId,
    version: (&str, i32),
) -> LogEntry<'a> {
    LogEntry {
        id,
        client_id: Some(&caller.client_id),
        body: Some(&caller.body),
        role: Some(caller.role.as_str()),
        action,
        object_type: Some("risk_metric"),
        object_id: Some(version_name(version)),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: Some(request_id.0),
        payload_sha256: None,
    }
}

fn version_name((code, version): (&str, i32)) -> String {
    format!("{code}/{version}")
}
