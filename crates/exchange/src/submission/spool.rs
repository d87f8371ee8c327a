//! Raw bytes kept aside while they arrive: hashed, compressed, in memory up to a mebibyte, then on disk.

use crate::ActError;
use leleka_store::{Tx, content_insert_in_tx};
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::SpooledTempFile;
use zstd::stream::write::Encoder;

const MEMORY_BYTES: usize = 1024 * 1024;
/// Up to this size a body is compressed in one go: the tables are then as small as the body.
const WHOLE_BYTES: usize = 64 * 1024;
const PART_BYTES: u64 = 1024 * 1024;
/// Fast enough to keep up with a body on one core; figures compress well at any level.
const LEVEL: i32 = 1;

/// Bytes on their way in.
pub(crate) struct Spool {
    hash: Sha256,
    dir: PathBuf,
    /// What has come, until it is too much to be compressed in one go.
    whole: Vec<u8>,
    encoder: Option<Encoder<'static, SpooledTempFile>>,
    bytes: u64,
}

/// All bytes of a body, kept aside.
pub(crate) struct Kept {
    pub(crate) sha256: [u8; 32],
    pub(crate) bytes: u64,
    /// None when the store has them already.
    file: Option<SpooledTempFile>,
}

impl Spool {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            hash: Sha256::new(),
            dir: dir.to_owned(),
            whole: Vec::new(),
            encoder: None,
            bytes: 0,
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<u64, ActError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        match &mut self.encoder {
            Some(encoder) => encoder.write_all(bytes).map_err(ActError::Spool)?,
            None if self.whole.len() + bytes.len() <= WHOLE_BYTES => self.whole.extend_from_slice(bytes),
            None => {
                let mut encoder = Encoder::new(self.file(), LEVEL).map_err(ActError::Spool)?;
                encoder
                    .write_all(&std::mem::take(&mut self.whole))
                    .and_then(|()| encoder.write_all(bytes))
                    .map_err(ActError::Spool)?;
                self.encoder = Some(encoder);
            }
        }
        Ok(self.bytes)
    }

    pub(crate) fn finish(self) -> Result<Kept, ActError> {
        let mut file = self.file();
        match self.encoder {
            Some(encoder) => file = encoder.finish().map_err(ActError::Spool)?,
            None => zstd::bulk::compress(&self.whole, LEVEL)
                .and_then(|compressed| file.write_all(&compressed))
                .map_err(ActError::Spool)?,
        }
        Ok(Kept {
            sha256: self.hash.finalize().into(),
            bytes: self.bytes,
            file: Some(file),
        })
    }

    fn file(&self) -> SpooledTempFile {
        tempfile::spooled_tempfile_in(MEMORY_BYTES, &self.dir)
    }
}

impl Kept {
    /// Bytes that were stored by an earlier act.
    pub(crate) fn stored(sha256: [u8; 32], bytes: u64) -> Self {
        Self {
            sha256,
            bytes,
            file: None,
        }
    }

    /// Writes the compressed bytes into the store, part by part, unless they are there.
    pub(crate) fn store_in_tx(&mut self, tx: &mut Tx<'_>) -> Result<(), ActError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        file.seek(SeekFrom::Start(0)).map_err(ActError::Spool)?;
        let mut buffer = Vec::new();
        for part in 0.. {
            buffer.clear();
            Read::by_ref(file)
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
