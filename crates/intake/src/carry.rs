//! A piece of input that may arrive in several chunks.
//!
//! Never holds more than its limit: of a longer piece only the length is known.

/// Bytes of one piece, carried from chunk to chunk.
#[derive(Debug, Default)]
pub(crate) struct Carry {
    held: Vec<u8>,
    length: usize,
    most: usize,
}

impl Carry {
    /// Begins a new piece of at most so many bytes.
    pub(crate) fn begin(&mut self, most: usize) {
        self.held.clear();
        self.length = 0;
        self.most = most;
    }

    /// Adds a part that is not the last.
    pub(crate) fn push(&mut self, part: &[u8]) {
        self.length = self.length.saturating_add(part.len());
        if self.length <= self.most {
            self.held.extend_from_slice(part);
        } else {
            self.held.clear();
        }
    }

    /// The whole piece, given its last part; `None` when it is too long. Nothing is copied for a piece that
    /// came in one chunk.
    pub(crate) fn whole<'a>(&'a mut self, last: &'a [u8]) -> Option<&'a [u8]> {
        if self.length == 0 {
            return (last.len() <= self.most).then_some(last);
        }
        self.push(last);
        (self.length <= self.most).then_some(&self.held)
    }

    /// Whether nothing was carried yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }
}
