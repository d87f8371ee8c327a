//! Raw bytes of a submission, given back part by part.

use crate::{ActError, Centre};
use leleka_store::content_read;
use std::io::{self, Read};
use std::sync::Arc;
use zstd::stream::read::Decoder;

const PART_BYTES: usize = 64 * 1024;

/// The bytes behind a digest, decompressed while they are read.
pub struct ContentReader<'a> {
    decoder: Option<Result<Decoder<'static, io::BufReader<StoredParts<'a>>>, io::Error>>,
}

struct StoredParts<'a> {
    centre: &'a Centre,
    sha256: Arc<[u8]>,
    next: i32,
    left: io::Cursor<Vec<u8>>,
}

impl<'a> ContentReader<'a> {
    /// Reads what was kept under this digest.
    #[must_use]
    pub fn new(centre: &'a Centre, sha256: &[u8]) -> Self {
        let parts = StoredParts {
            centre,
            sha256: sha256.into(),
            next: 0,
            left: io::Cursor::new(Vec::new()),
        };
        Self {
            decoder: Some(Decoder::new(parts)),
        }
    }
}

impl Iterator for ContentReader<'_> {
    type Item = Result<Vec<u8>, ActError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut part = Vec::new();
        let read = match self.decoder.as_mut()? {
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            Ok(decoder) => decoder.take(PART_BYTES as u64).read_to_end(&mut part),
        };
        match read {
            Ok(0) => None,
            Ok(_) => Some(Ok(part)),
            Err(error) => {
                self.decoder = None;
                Some(Err(ActError::Spool(error)))
            }
        }
    }
}

impl Read for StoredParts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.left.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            let part = self
                .centre
                .store
                .reader()
                .and_then(|mut reader| content_read(&mut reader, &self.sha256, self.next))
                .map_err(io::Error::other)?;
            match part {
                None => return Ok(0),
                Some(bytes) => {
                    self.left = io::Cursor::new(bytes);
                    self.next += 1;
                }
            }
        }
    }
}
