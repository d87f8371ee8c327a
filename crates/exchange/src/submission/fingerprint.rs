//! What makes two requests the same request.

use crate::SubmissionRequest;
use sha2::{Digest, Sha256};

/// SHA-256 over method, path, query, media type and the digest of the raw body.
pub(crate) fn fingerprint(request: &SubmissionRequest, content_sha256: &[u8; 32]) -> [u8; 32] {
    fingerprint_of(&request.fingerprint_context, content_sha256)
}

/// The same over a context that is a text already.
pub(crate) fn fingerprint_of(context: &str, content_sha256: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(context.as_bytes())
        .chain_update(content_sha256)
        .finalize()
        .into()
}
