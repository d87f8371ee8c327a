//! The act of drafting a version of a mapping profile. Its number is the newest plus one.
//!
//! Who keeps the catalogue drafts for any body, everybody else for their own. The same draft sent again by the same
//! author makes no second version: the request may be repeated without harm.

use crate::profiles::log_entry;
use crate::{ActError, BodyFault, Caller, Centre};
use leleka_access::Scope;
use leleka_domain::{Code, Finding, ProfileState, RequestId};
use leleka_normalise::{ProfileDocument, profile_read};
use leleka_store::{
    ProfileActor, ProfileVersion, StoredProfile, log_entry_insert_in_tx, profile_draft_insert_in_tx,
    profile_find_in_tx, profile_newest_lock_in_tx,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Largest profile, in bytes of its JSON.
pub const PROFILE_BYTES: u64 = 256 * 1024;

/// What a draft became.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileDrafted {
    /// The version.
    pub version: ProfileVersion,
    /// Whether it is new; otherwise the same draft was there already.
    pub created: bool,
}

/// Drafts a version.
///
/// # Errors
/// [`ActError::Faulty`] with every fault of the profile; a refusal when it is too large or did not arrive.
pub fn profile_draft<B: AsRef<[u8]>>(
    centre: &Centre,
    caller: &Caller,
    request_id: RequestId,
    body: impl Iterator<Item = Result<B, BodyFault>>,
) -> Result<ProfileDrafted, ActError> {
    let mut text = Vec::new();
    for bytes in body {
        text.extend_from_slice(bytes.map_err(|fault| ActError::refused(fault.code()))?.as_ref());
        if text.len() as u64 > PROFILE_BYTES {
            return Err(ActError::refused_because(
                Code::BodyTooLarge,
                PROFILE_BYTES.to_string(),
            ));
        }
    }
    let read = profile_read(&text, 1, &centre.book().codebook).map_err(invalid)?;
    let of_body = &read.profile.body;
    if *of_body != caller.body && !caller.may(Scope::CatalogueWrite) {
        return Err(invalid(vec![body_finding(
            Code::BodyOutsideScope,
            of_body,
            &caller.body,
        )]));
    }
    let entry_id = centre.ids.next();
    let sha256: [u8; 32] = Sha256::digest(&text).into();
    let drafted = centre.store.submit(|tx| {
        let newest = profile_newest_lock_in_tx(tx, &read.profile.code)?;
        if let Some(newest) = &newest
            && newest.profile.body != *of_body
        {
            return Err(invalid(vec![body_finding(
                Code::JsonType,
                of_body,
                &newest.profile.body,
            )]));
        }
        if let Some(newest) = newest.as_ref().filter(|newest| is_same(newest, caller, &read)) {
            return Ok(ProfileDrafted {
                version: newest.clone(),
                created: false,
            });
        }
        let version = newest.map_or(1, |newest| newest.profile.version.saturating_add(1));
        let profile = stored(&read, version);
        let actor = ProfileActor {
            client_id: &caller.client_id,
            body: &caller.body,
            comment: "",
        };
        profile_draft_insert_in_tx(tx, &profile, actor)?;
        let place = (profile.code.as_str(), version);
        let entry = log_entry(
            entry_id,
            caller,
            "mapping_profile.create",
            request_id,
            place,
            Some(sha256),
        );
        log_entry_insert_in_tx(tx, &entry)?;
        let version = profile_find_in_tx(tx, place.0, version)?.ok_or(ActError::WorkerLost)?;
        Ok(ProfileDrafted {
            version,
            created: true,
        })
    })?;
    if drafted.created {
        // Here at once; the other servers look every two seconds, and so does this one when it fails now.
        let _later = centre.refresh();
    }
    Ok(drafted)
}

/// The refusal of a profile with its faults.
pub(crate) fn invalid(findings: Vec<Finding>) -> ActError {
    ActError::Faulty {
        code: Code::ProfileInvalid,
        findings,
    }
}

fn body_finding(code: Code, found: &str, expected: &str) -> Finding {
    let mut finding = Finding::error(code)
        .field("/body")
        .value(found)
        .expected(expected);
    finding.pointer = Some("/body".to_owned());
    finding
}

fn is_same(newest: &ProfileVersion, caller: &Caller, read: &ProfileDocument) -> bool {
    let profile = &newest.profile;
    newest.state == ProfileState::Draft
        && newest.author_client.as_deref() == Some(&caller.client_id)
        && profile.content == stored(read, profile.version).content
}

fn stored(read: &ProfileDocument, version: i32) -> StoredProfile {
    let mut content = read.content.clone();
    if let Some(members) = content.as_object_mut() {
        members.insert("version".to_owned(), Value::from(version));
    }
    StoredProfile {
        code: read.profile.code.clone(),
        version,
        body: read.profile.body.clone(),
        dataflow: read.profile.dataflow.clone(),
        content,
    }
}
