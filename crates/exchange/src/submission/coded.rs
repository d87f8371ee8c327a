//! A body that was sent compressed: inflated in pieces while it arrives, under the ceiling of any other body.
//!
//! The digest that a sender claims is of the bytes as they were sent (RFC 9530); what is kept, hashed and read is
//! what comes out of them.

use crate::ActError;
use leleka_domain::Code;
use leleka_intake::{GzipFault, GzipInflater, GzipLimits};
use sha2::{Digest, Sha256};

/// A gzip body on its way in.
pub(crate) struct CodedBody {
    inflater: GzipInflater,
    hash: Sha256,
    bytes: u64,
    most: u64,
}

impl CodedBody {
    /// Before its first byte; at most so many bytes may come in, and come out.
    pub(crate) fn new(most: u64) -> Self {
        let limits = GzipLimits {
            inflated_bytes: most,
            ..GzipLimits::default()
        };
        Self {
            inflater: GzipInflater::new(limits),
            hash: Sha256::new(),
            bytes: 0,
            most,
        }
    }

    /// Takes the next bytes; gives what comes out of them until giving fails.
    pub(crate) fn take(
        &mut self,
        bytes: &[u8],
        give: &mut impl FnMut(&[u8]) -> Result<(), ActError>,
    ) -> Result<(), ActError> {
        self.hash.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.bytes > self.most {
            return Err(refusal(GzipFault::TooLarge(self.most)));
        }
        let mut failed = None;
        let fed = self.inflater.feed(bytes, &mut |piece| {
            if failed.is_none() {
                failed = give(piece).err();
            }
        });
        failed.map_or(Ok(()), Err)?;
        fed.map_err(refusal)
    }

    /// Ends the body: the hash of what was sent.
    pub(crate) fn finish(self) -> Result<[u8; 32], ActError> {
        self.inflater.finish().map_err(refusal)?;
        Ok(self.hash.finalize().into())
    }
}

fn refusal(fault: GzipFault) -> ActError {
    let code = if fault.is_too_large() {
        Code::BodyTooLarge
    } else {
        Code::ContentCodingInvalid
    };
    ActError::refused_because(code, fault.to_string())
}
