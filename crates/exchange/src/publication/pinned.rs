//! The act of pinning an answer for citation: its bytes are kept as they are, and read again as they were.

use crate::keyed_request::KeyedAct;
use crate::{ActError, Caller, Centre, KeyedRequest};
use leleka_domain::Code;
use leleka_store::{StoredPublication, idempotency_find, publication_find, publication_insert_in_tx};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const OPERATION: &str = "risk_metric_publication_create";

/// Pins an answer under a new id; gives it back, and whether the request was a repetition.
///
/// `content` makes the bytes from the id.
///
/// # Errors
/// When the key was used for another request, or the database does not answer.
pub fn publication_pin(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    code: &str,
    content: impl FnOnce(Uuid) -> Result<Vec<u8>, ActError>,
) -> Result<(StoredPublication, bool), ActError> {
    let made = centre.ids.next();
    let act = KeyedAct {
        operation: OPERATION,
        action: "publication.create",
        object_type: "publication",
        object_id: made.to_string(),
        caller,
        request,
    };
    let content = content(made)?;
    let publication = StoredPublication {
        id: made,
        code: code.to_owned(),
        content_sha256: Sha256::digest(&content).to_vec(),
        content,
    };
    let repeated = act.once(centre, made, |tx| {
        Ok(publication_insert_in_tx(tx, &publication, &caller.client_id)?)
    })?;
    if !repeated {
        return Ok((publication, false));
    }
    let mut reader = centre.store.reader()?;
    let before = idempotency_find(&mut reader, &caller.body, OPERATION, &request.key)?;
    let missing = || ActError::refused(Code::ResourceNotFound);
    let id = before.ok_or_else(missing)?.submission_id.0;
    Ok((
        publication_find(&mut reader, code, id)?.ok_or_else(missing)?,
        true,
    ))
}

/// A pinned answer; `None` when the metric has none with this id.
///
/// # Errors
/// When the database does not answer.
pub fn publication_pinned(
    centre: &Centre,
    code: &str,
    id: Uuid,
) -> Result<Option<StoredPublication>, ActError> {
    Ok(publication_find(&mut centre.store.reader()?, code, id)?)
}
