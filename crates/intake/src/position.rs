//! Where in the input a byte stands.

/// A place between two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Physical line, counted from 1. Lines end with LF.
    pub(crate) line: u64,
    /// Bytes before it on its line.
    pub(crate) column: u64,
}

impl Position {
    /// Before the first byte.
    pub(crate) const START: Self = Self { line: 1, column: 0 };

    /// Moves behind the bytes.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        match memchr::memrchr(b'\n', bytes) {
            None => self.column += bytes.len() as u64,
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
                self.column = (bytes.len() - last - 1) as u64;
            }
        }
    }

    /// The place behind the bytes.
    pub(crate) fn after(mut self, bytes: &[u8]) -> Self {
        self.pass(bytes);
        self
    }
}

/// Physical lines of a delimited file: they end with LF, CRLF or a lone CR, inside quotation marks too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineCount {
    /// Line of the next byte, counted from 1.
    pub(crate) line: u64,
    /// Whether the last byte was a CR: an LF after it ends no further line.
    pub(crate) after_cr: bool,
}

impl LineCount {
    /// Before the first byte.
    pub(crate) const START: Self = Self {
        line: 1,
        after_cr: false,
    };

    /// Moves behind the bytes.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        let mut behind_cr = self.after_cr.then_some(0);
        for at in memchr::memchr2_iter(b'\r', b'\n', bytes) {
            if bytes.get(at) == Some(&b'\r') {
                self.line += 1;
                behind_cr = Some(at + 1);
            } else if behind_cr != Some(at) {
                self.line += 1;
            }
        }
        if !bytes.is_empty() {
            self.after_cr = bytes.last() == Some(&b'\r');
        }
    }
}
