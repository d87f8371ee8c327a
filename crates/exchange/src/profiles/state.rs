//! The acts of approving and retiring a version of a mapping profile.
//!
//! Two persons: nobody approves what they drafted. Asking for the state that a version has already changes nothing
//! and gets the same answer, so both requests may be repeated without a key.

use crate::profiles::draft::invalid;
use crate::profiles::log_entry;
use crate::{ActError, Caller, Centre, RefusedAttempt, refusal_record};
use leleka_domain::{Code, ProfileState, RequestId};
use leleka_normalise::profile_read;
use leleka_store::{
    ProfileActor, ProfileVersion, log_entry_insert_in_tx, profile_event_insert_in_tx, profile_find_in_tx,
    profile_newest_lock_in_tx,
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileChange {
    /// Which profile.
    pub code: String,
    /// Which version.
    pub version: i32,
    /// The state it should get.
    pub to: ProfileState,
    /// Why, in words.
    pub comment: String,
}

/// Gives a version its next state.
///
/// # Errors
/// A refusal when it is not there, when its state or its author does not allow it; [`ActError::Faulty`] when the
/// catalogue has changed so that it can no longer be approved.
pub fn profile_state_change(
    centre: &Centre,
    caller: &Caller,
    request_id: RequestId,
    change: &ProfileChange,
) -> Result<ProfileVersion, ActError> {
    let action = match change.to {
        ProfileState::Draft | ProfileState::Approved => "mapping_profile.approve",
        ProfileState::Retired => "mapping_profile.retire",
    };
    let (place, entry_id) = ((change.code.as_str(), change.version), centre.ids.next());
    let changed = centre.store.submit(|tx| {
        profile_newest_lock_in_tx(tx, place.0)?;
        let missing = || ActError::refused(Code::ResourceNotFound);
        let found = profile_find_in_tx(tx, place.0, place.1)?.ok_or_else(missing)?;
        if found.state == change.to {
            return Ok(found);
        }
        change_check(centre, caller, change, &found)?;
        let actor = ProfileActor {
            client_id: &caller.client_id,
            body: &caller.body,
            comment: &change.comment,
        };
        profile_event_insert_in_tx(tx, place.0, place.1, change.to, actor)?;
        let entry = log_entry(entry_id, caller, action, request_id, place, None);
        log_entry_insert_in_tx(tx, &entry)?;
        Ok(ProfileVersion {
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
                operation: Some(format!("{}@{}", place.0, place.1)),
                code: refusal.code,
                request_id,
            };
            refusal_record(centre, attempt)?;
        }
        Err(_) => {}
    }
    changed
}

fn change_check(
    centre: &Centre,
    caller: &Caller,
    change: &ProfileChange,
    found: &ProfileVersion,
) -> Result<(), ActError> {
    if !found.state.may_become(change.to) {
        let states = format!("{} → {}", found.state, change.to);
        return Err(ActError::refused_because(Code::ProfileStateConflict, states));
    }
    if change.to != ProfileState::Approved {
        return Ok(());
    }
    if found.author_client.as_deref() == Some(&caller.client_id) {
        return Err(ActError::refused(Code::ProfileSecondPerson));
    }
    // The catalogue may have changed since it was drafted.
    let text = found.profile.content.to_string();
    let version = u32::try_from(change.version).unwrap_or(1);
    match profile_read(text.as_bytes(), version, &centre.book().codebook) {
        Ok(_) => Ok(()),
        Err(findings) => Err(invalid(findings)),
    }
}
