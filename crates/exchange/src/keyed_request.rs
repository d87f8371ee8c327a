//! A request that writes and may be repeated: its key, what the key covers, and what was made under it.
//!
//! The key is taken in the act's own transaction. A refused act leaves its key free; the refusal is logged apart.

use crate::{ActError, Caller, Centre, RefusedAttempt, refusal_record};
use leleka_domain::{Code, RequestId, SubmissionId};
use leleka_store::{LogEntry, LogOutcome, StoredAnswer, Tx, idempotency_find, idempotency_insert_in_tx};
use uuid::Uuid;

/// The key of a request and what it covers.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    /// Chosen by the sender.
    pub key: String,
    /// SHA-256 over method, path, media type and body.
    pub fingerprint: [u8; 32],
    /// SHA-256 of the body.
    pub payload_sha256: [u8; 32],
    /// The request.
    pub request_id: RequestId,
}

/// What a keyed act is called and acts on.
#[derive(Clone, Debug)]
pub(crate) struct KeyedAct<'a> {
    /// The operation of the API.
    pub(crate) operation: &'static str,
    /// What, as `area.verb`.
    pub(crate) action: &'static str,
    /// Kind of the thing acted on.
    pub(crate) object_type: &'static str,
    /// Which one.
    pub(crate) object_id: String,
    /// Who acts.
    pub(crate) caller: &'a Caller,
    /// The request.
    pub(crate) request: &'a KeyedRequest,
}

impl KeyedAct<'_> {
    /// Runs an act once: in one transaction with its log entry and its key. `true` when the request was a
    /// repetition, and nothing was done.
    ///
    /// # Errors
    /// What the act fails with; a refusal is logged first.
    pub(crate) fn once(
        &self,
        centre: &Centre,
        made: Uuid,
        act: impl FnOnce(&mut Tx<'_>) -> Result<(), ActError>,
    ) -> Result<bool, ActError> {
        Ok(self.once_made(centre, made, act)?.1)
    }

    /// The same for an act that makes something: what was made, by this request or by the one that it repeats.
    ///
    /// # Errors
    /// What the act fails with; a refusal is logged first.
    pub(crate) fn once_made(
        &self,
        centre: &Centre,
        made: Uuid,
        act: impl FnOnce(&mut Tx<'_>) -> Result<(), ActError>,
    ) -> Result<(Uuid, bool), ActError> {
        if let Some(made) = self.made_before(centre)? {
            return Ok((made, true));
        }
        let (caller, request) = (self.caller, self.request);
        let entry = LogEntry {
            id: centre.ids.next(),
            client_id: Some(&caller.client_id),
            body: Some(&caller.body),
            role: Some(caller.role.as_str()),
            action: self.action,
            object_type: Some(self.object_type),
            object_id: Some(self.object_id.clone()),
            outcome: LogOutcome::Allowed,
            reason_code: None,
            request_id: Some(request.request_id.0),
            payload_sha256: Some(request.payload_sha256),
        };
        let done = centre.store.write(&entry, |tx| {
            let (key, print) = (request.key.as_str(), &request.fingerprint);
            let answer = StoredAnswer {
                fingerprint: print.to_vec(),
                status: 201,
                submission_id: SubmissionId(made),
            };
            if idempotency_insert_in_tx(tx, &caller.body, self.operation, key, &answer)? {
                act(tx)
            } else {
                Err(ActError::refused(Code::IdempotencyInProgress))
            }
        });
        match done {
            Ok(()) => Ok((made, false)),
            // The same request at the same time: its answer is there by now.
            Err(ActError::Refused(refusal)) if refusal.code == Code::IdempotencyInProgress => {
                let made = self.made_before(centre)?;
                made.map(|made| (made, true)).ok_or(ActError::Refused(refusal))
            }
            Err(error) => {
                self.refusal_log(centre, &error)?;
                Err(error)
            }
        }
    }

    /// Whether the same request was answered before.
    ///
    /// # Errors
    /// A refusal when the key was used for another request.
    pub(crate) fn is_repeated(&self, centre: &Centre) -> Result<bool, ActError> {
        Ok(self.made_before(centre)?.is_some())
    }

    /// What the same request made before.
    fn made_before(&self, centre: &Centre) -> Result<Option<Uuid>, ActError> {
        let (body, key) = (&self.caller.body, &self.request.key);
        match idempotency_find(&mut centre.store.reader()?, body, self.operation, key)? {
            None => Ok(None),
            Some(answer) if answer.fingerprint == self.request.fingerprint => {
                Ok(Some(answer.submission_id.0))
            }
            Some(_) => Err(ActError::refused(Code::IdempotencyKeyReused)),
        }
    }

    /// Logs that the act was refused.
    pub(crate) fn refusal_log(&self, centre: &Centre, error: &ActError) -> Result<(), ActError> {
        let ActError::Refused(refusal) = error else {
            return Ok(());
        };
        refusal_record(
            centre,
            RefusedAttempt {
                client_id: Some(&self.caller.client_id),
                body: Some(&self.caller.body),
                role: Some(self.caller.role.as_str()),
                action: self.action,
                operation: Some(format!("{} {}", self.operation, self.object_id)),
                code: refusal.code,
                request_id: self.request.request_id,
            },
        )
    }
}

/// A text that people wrote: not empty, at most 2,000 characters, no control characters but line breaks.
pub(crate) fn text_check(member: &str, text: Option<&str>) -> Result<(), ActError> {
    let Some(text) = text else { return Ok(()) };
    let plain = !text.chars().any(|letter| letter.is_control() && letter != '\n');
    if plain && (1..=2_000).contains(&text.trim().chars().count()) && text.chars().count() <= 2_000 {
        Ok(())
    } else {
        Err(member_invalid(member, "1 … 2000"))
    }
}

/// A member of the request that has no expected value.
pub(crate) fn member_invalid(member: &str, expected: &str) -> ActError {
    ActError::refused_because(Code::MemberInvalid, format!("/{member}: {expected}"))
}
