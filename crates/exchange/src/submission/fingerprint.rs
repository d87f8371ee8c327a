//! What makes two requests the same request.

use crate::SubmissionRequest;
use sha2::{Digest, Sha256};

/// SHA-256 over method, path, query, media type and the digest of the raw body.
pub(crate) fn fingerprint(request: &SubmissionRequest, content_sha256: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(request.fingerprint_context.as_bytes())
        .chain_update(content_sha256)
        .finalize()
        .into()
}
