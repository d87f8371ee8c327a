//! The act of proposing a version of a definition. Its number is the newest plus one.
//!
//! Every fault is told at once, each at its JSON pointer. A version that follows another says what it changes, and keeps
//! frequency and key: what is counted otherwise is another metric and has another code.

use crate::definitions::{definition_read, findings_of, invalid};
use crate::keyed_request::KeyedAct;
use crate::metric_record::digest_bytes;
use crate::{ActError, Caller, Centre, KeyedRequest};
use leleka_domain::{Code, DefinitionState, Finding, json_document_read, json_fault};
use leleka_risk::{Definition, DefinitionFault};
use leleka_store::{
    DefinitionActor, NewDefinition, StoredDefinition, definition_insert_in_tx, definition_newest_lock_in_tx,
    definition_of_proposal, idempotency_find,
};
use serde_json::Value;

const OPERATION: &str = "risk_metric_create";
const NOTE_MISSING: (&str, &str) = (
    "Скажіть, що змінює ця версія: note_uk і note_en.",
    "Say what this version changes: note_uk and note_en.",
);
const OTHER_SERIES: (&str, &str) = (
    "Нова версія зберігає частоту і ключ попередньої; для інших потрібен інший код.",
    "A new version keeps the frequency and the key of the one before; others need another code.",
);

/// Proposes a version. Returns it, and whether the request was a repetition.
///
/// # Errors
/// [`ActError::Faulty`] with every fault of the document.
pub fn definition_propose(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    text: &[u8],
) -> Result<(StoredDefinition, bool), ActError> {
    let mut findings = Vec::new();
    let document = json_document_read(text, &mut findings).map_err(|finding| invalid(vec![*finding]))?;
    let code = code_of(&document);
    let act = KeyedAct {
        operation: OPERATION,
        action: "risk_metric.propose",
        object_type: "risk_metric",
        object_id: code.clone(),
        caller,
        request,
    };
    let made = centre.ids.next();
    let repeated = act.once(centre, made, |tx| {
        let newest = if code.is_empty() {
            None
        } else {
            definition_newest_lock_in_tx(tx, &code)?
        };
        let version = newest
            .as_ref()
            .map_or(1, |newest| newest.version.saturating_add(1));
        let (definition, content) = sound(centre, &document, (version, newest.as_ref()), findings)?;
        let sha256 = digest_bytes(&definition.body_sha256).and_then(|bytes| bytes.try_into().ok());
        let sha256: [u8; 32] = sha256.ok_or_else(|| ActError::Definition(code.clone()))?;
        let added = NewDefinition {
            code: &code,
            version,
            content: &content,
            content_sha256: &sha256,
            proposal: Some(made),
        };
        let actor = DefinitionActor {
            client_id: Some(&caller.client_id),
            body: Some(&caller.body),
            comment: "",
        };
        Ok(definition_insert_in_tx(
            tx,
            &added,
            DefinitionState::Draft,
            actor,
        )?)
    })?;
    let lost = || ActError::Definition(code.clone());
    let mut reader = centre.store.reader()?;
    let made = if repeated {
        let key = idempotency_find(&mut reader, &caller.body, OPERATION, &request.key)?;
        key.ok_or_else(lost)?.submission_id.0
    } else {
        made
    };
    let stored = definition_of_proposal(&mut reader, made)?.ok_or_else(lost)?;
    Ok((stored, repeated))
}

/// The code, where it is one that the store can be asked about; else empty.
fn code_of(document: &Value) -> String {
    let code = document.get("code").and_then(Value::as_str).unwrap_or_default();
    let plain = code
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && code.len() <= 64 {
        code.to_owned()
    } else {
        String::new()
    }
}

/// The definition under its number, when nothing is wrong with it.
fn sound(
    centre: &Centre,
    document: &Value,
    (version, newest): (i32, Option<&StoredDefinition>),
    mut findings: Vec<Finding>,
) -> Result<(Definition, Value), ActError> {
    let mut content = document.clone();
    if let Some(members) = content.as_object_mut() {
        let written = members.insert("version".to_owned(), Value::from(version));
        if let Some(written) = written.filter(|written| *written != version) {
            let finding = json_fault(Code::JsonType, "/version").value(&written.to_string());
            findings.push(finding.expected(version.to_string()));
        }
        let said = |name: &str| {
            let note = members.get(name).and_then(Value::as_str);
            note.is_some_and(|note| !note.trim().is_empty())
        };
        let unsaid = ["note_uk", "note_en"]
            .into_iter()
            .filter(|name| version > 1 && !said(name));
        let faults: Vec<DefinitionFault> = unsaid
            .map(|name| fault(&format!("/{name}"), NOTE_MISSING))
            .collect();
        findings.extend(findings_of(&faults));
    }
    match definition_read(&centre.book(), &content.to_string()) {
        Ok(definition) => {
            findings.extend(series_findings(&definition, newest));
            if findings.is_empty() {
                return Ok((definition, content));
            }
        }
        Err(found) => findings.extend(found),
    }
    Err(invalid(findings))
}

/// What of an earlier version must stay and did not.
fn series_findings(definition: &Definition, newest: Option<&StoredDefinition>) -> Vec<Finding> {
    let Some(newest) = newest else { return Vec::new() };
    let before = |name: &str| newest.content.get(name).cloned().unwrap_or_default();
    let mut by: Vec<String> = serde_json::from_value(before("by")).unwrap_or_default();
    let mut now = definition.by.clone();
    by.sort_unstable();
    now.sort_unstable();
    let mut faults = Vec::new();
    if before("freq") != definition.frequency.to_string() {
        faults.push(fault("/freq", OTHER_SERIES));
    }
    if by != now {
        faults.push(fault("/by", OTHER_SERIES));
    }
    findings_of(&faults)
}

fn fault(pointer: &str, (uk, en): (&str, &str)) -> DefinitionFault {
    DefinitionFault {
        code: Code::DefinitionUnsound,
        pointer: pointer.to_owned(),
        uk: uk.to_owned(),
        en: en.to_owned(),
    }
}
