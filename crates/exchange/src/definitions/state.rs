//! The acts of publishing and retiring a version of a definition.
//!
//! Two persons: nobody publishes what they proposed. Publishing retires the version before and marks everything of the
//! metric to be computed, in one transaction. Asking for the state that a version has already changes nothing and gets
//! the same answer, so both requests may be repeated without a key.

use crate::definitions::{definition_read, invalid, log_entry, version_name};
use crate::{ActError, Caller, Centre, RefusedAttempt, refusal_record};
use leleka_domain::{Code, DefinitionState, RequestId};
use leleka_store::{
    DefinitionActor, NewChange, StoredDefinition, Tx, change_insert_in_tx, definition_event_insert_in_tx,
    definition_find_in_tx, definition_newest_lock_in_tx, definition_published_in_tx,
    dirty_insert_whole_in_tx, log_entry_insert_in_tx,
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionChange {
    /// Which metric.
    pub code: String,
    /// Which version.
    pub version: i32,
    /// The state it should get.
    pub to: DefinitionState,
    /// Why, in words.
    pub comment: String,
}

/// Gives a version its next state.
///
/// # Errors
/// A refusal when it is not there, when its state or its author does not allow it; [`ActError::Faulty`] when the
/// catalogue has changed so that it can no longer be published.
pub fn definition_state_change(
    centre: &Centre,
    caller: &Caller,
    request_id: RequestId,
    change: &DefinitionChange,
) -> Result<StoredDefinition, ActError> {
    let (action, kind) = match change.to {
        DefinitionState::Draft | DefinitionState::Published => {
            ("risk_metric.publish", "risk_metric.published")
        }
        DefinitionState::Retired => ("risk_metric.retire", "risk_metric.retired"),
    };
    let (place, entry_id) = ((change.code.as_str(), change.version), centre.ids.next());
    let changed = centre.store.submit(|tx| {
        definition_newest_lock_in_tx(tx, place.0)?;
        let missing = || ActError::refused(Code::ResourceNotFound);
        let found = definition_find_in_tx(tx, place.0, place.1)?.ok_or_else(missing)?;
        if found.state == change.to {
            return Ok(found);
        }
        let actor = DefinitionActor {
            client_id: Some(&caller.client_id),
            body: Some(&caller.body),
            comment: &change.comment,
        };
        if !found.state.may_become(change.to) {
            return Err(conflict(format!("{} → {}", found.state, change.to)));
        }
        let former = if change.to == DefinitionState::Published {
            publish(centre, tx, caller, &found, actor)?
        } else {
            None
        };
        definition_event_insert_in_tx(tx, place, change.to, actor)?;
        log_entry_insert_in_tx(tx, &log_entry(entry_id, caller, action, request_id, place))?;
        let (name, before) = (version_name(place), found.state.word());
        let details = serde_json::json!({
            "code": place.0, "version": place.1, "from": before, "retired_version": former,
        });
        let told = NewChange {
            kind,
            body: None,
            dataflow: None,
            object_type: "risk_metric",
            object_id: &name,
            details: &details,
        };
        change_insert_in_tx(tx, &told)?;
        Ok(StoredDefinition {
            state: change.to,
            ..found
        })
    });
    match &changed {
        // Here at once; the other servers look every two seconds, and so does this one when it fails now.
        Ok(_) => drop(centre.refresh()),
        Err(ActError::Refused(refusal)) if refusal.code != Code::ResourceNotFound => {
            let attempt = RefusedAttempt {
                client_id: Some(&caller.client_id),
                body: Some(&caller.body),
                role: Some(caller.role.as_str()),
                action,
                operation: Some(version_name(place)),
                code: refusal.code,
                request_id,
            };
            refusal_record(centre, attempt)?;
        }
        Err(_) => {}
    }
    changed
}

/// What goes with publishing: the checks, the end of the version before, whose number is returned, and the marks.
fn publish(
    centre: &Centre,
    tx: &mut Tx<'_>,
    caller: &Caller,
    found: &StoredDefinition,
    actor: DefinitionActor<'_>,
) -> Result<Option<i32>, ActError> {
    if found.author_client.as_deref() == Some(&caller.client_id) {
        return Err(ActError::refused(Code::DefinitionSecondPerson));
    }
    let former = definition_published_in_tx(tx, &found.code)?;
    if let Some(newer) = former.as_ref().filter(|former| former.version > found.version) {
        return Err(conflict(format!("{} {}", newer.state, newer.version)));
    }
    // The catalogue may have changed since it was proposed.
    let definition = definition_read(&centre.book(), &found.content.to_string()).map_err(invalid)?;
    if let Some(former) = &former {
        let place = (former.code.as_str(), former.version);
        definition_event_insert_in_tx(tx, place, DefinitionState::Retired, actor)?;
    }
    for (name, input) in &definition.inputs {
        dirty_insert_whole_in_tx(tx, &definition.code, name, &input.indicator)?;
    }
    Ok(former.map(|former| former.version))
}

fn conflict(detail: String) -> ActError {
    ActError::refused_because(Code::DefinitionStateConflict, detail)
}
