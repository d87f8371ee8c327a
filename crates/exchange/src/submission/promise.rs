//! The promise of a dry run: what it depends on, and whether the submission that names it keeps it.
//!
//! Never lets a submission through that ends otherwise than was promised: the sender validates again.

use crate::centre::Book;
use crate::submission::declared::SubmissionRequest;
use crate::submission::report::Finished;
use crate::submission::slices::slice_etag;
use crate::{ActError, Caller};
use chrono::{DateTime, Duration, Utc};
use leleka_domain::Code;
use leleka_store::{StoreError, Tx, ValidationPromise, validation_find_in_tx};
use sha2::{Digest, Sha256};

/// A promise holds for a day.
pub(crate) const PROMISE_HOURS: i64 = 24;

/// SHA-256 of what is declared beside the bytes.
pub(crate) fn context_sha256(request: &SubmissionRequest) -> [u8; 32] {
    Sha256::digest(request.declared_context.as_bytes()).into()
}

impl Finished {
    /// What this result is, and what it depends on.
    pub(crate) fn promise(&self, book: &Book) -> Result<ValidationPromise, StoreError> {
        let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
        let findings = serde_json::to_vec(&self.findings).map_err(corrupt)?;
        Ok(ValidationPromise {
            content_sha256: self.kept.sha256.to_vec(),
            context_sha256: self.context_sha256.to_vec(),
            ruleset_version: self.ruleset_version.clone(),
            catalogue_generation: book.generation,
            slice_etag: self.slices_before.map(slice_etag).unwrap_or_default(),
            outcome: serde_json::json!({
                "state": self.state(),
                "counts": self.told_counts(),
                "profile": self.profile,
                "findings_sha256": Sha256::digest(&findings).to_vec(),
            }),
        })
    }

    /// Refuses when a dry run is named and it promised something else, to somebody else, or too long ago.
    pub(crate) fn promise_check(
        &self,
        tx: &mut Tx<'_>,
        caller: &Caller,
        book: &Book,
        now: DateTime<Utc>,
    ) -> Result<(), ActError> {
        let Some(id) = self.validation_id else {
            return Ok(());
        };
        let not_before = now - Duration::hours(PROMISE_HOURS);
        let promised = validation_find_in_tx(tx, id, &caller.body, not_before)?;
        if promised.is_some_and(|promised| self.promise(book).is_ok_and(|kept| kept == promised)) {
            Ok(())
        } else {
            Err(ActError::refused(Code::ValidationStale))
        }
    }
}
