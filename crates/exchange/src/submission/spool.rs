//! Raw bytes kept aside while they arrive: hashed, compressed, in memory up to a mebibyte, then on disk.

use crate::ActError;
use leleka_store::{Tx, content_insert_in_tx};
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use tempfile::SpooledTempFile;
use zstd::stream::write::Encoder;

const MEMORY_BYTES: usize = 1024 * 1024;
const PART_BYTES: u64 = 4 * 1024 * 1024;
/// Fast enough to keep up with a body on one core; figures compress well at any level.
const LEVEL: i32 = 1;

/// Bytes on their way in.
pub(crate) struct Spool {
    hash: Sha256,
    encoder: Encoder<'static, SpooledTempFile>,
    bytes: u64,
}

/// All bytes of a body, kept aside.
pub(crate) struct Kept {
    pub(crate) sha256: [u8; 32],
    pub(crate) bytes: u64,
    file: SpooledTempFile,
}

impl Spool {
    pub(crate) fn new(dir: &Path) -> Result<Self, ActError> {
        let file = tempfile::spooled_tempfile_in(MEMORY_BYTES, dir);
        let encoder = Encoder::new(file, LEVEL).map_err(ActError::Spool)?;
        Ok(Self {
            hash: Sha256::new(),
            encoder,
            bytes: 0,
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<u64, ActError> {
        self.hash.update(bytes);
        self.encoder.write_all(bytes).map_err(ActError::Spool)?;
        self.bytes += bytes.len() as u64;
        Ok(self.bytes)
    }

    pub(crate) fn finish(self) -> Result<Kept, ActError> {
        let file = self.encoder.finish().map_err(ActError::Spool)?;
        Ok(Kept {
            sha256: self.hash.finalize().into(),
            bytes: self.bytes,
            file,
        })
    }
}

impl Kept {
    /// Writes the compressed bytes into the store, part by part.
    pub(crate) fn store_in_tx(&mut self, tx: &mut Tx<'_>) -> Result<(), ActError> {
        self.file.seek(SeekFrom::Start(0)).map_err(ActError::Spool)?;
        for part in 0.. {
            let mut buffer = Vec::new();
            (&mut self.file)
                .take(PART_BYTES)
                .read_to_end(&mut buffer)
                .map_err(ActError::Spool)?;
            if buffer.is_empty() {
                break;
            }
            content_insert_in_tx(tx, &self.sha256, part, &buffer)?;
        }
        Ok(())
    }
}
