//! A CR without LF in a file whose lines end with LF: it stands inside a cell and becomes a space.

/// Replaces, over as many chunks as it takes.
#[derive(Debug, Default)]
pub(crate) struct CarriageReturns {
    pending: bool,
    replaced: Vec<u8>,
}

impl CarriageReturns {
    /// The next text, with every CR that no LF follows replaced by a space.
    pub(crate) fn replaced<'a>(&'a mut self, text: &'a [u8]) -> &'a [u8] {
        if !self.pending && memchr::memchr(b'\r', text).is_none() {
            return text;
        }
        self.replaced.clear();
        for byte in text {
            if std::mem::take(&mut self.pending) {
                self.replaced.push(if *byte == b'\n' { b'\r' } else { b' ' });
            }
            if *byte == b'\r' {
                self.pending = true;
            } else {
                self.replaced.push(*byte);
            }
        }
        &self.replaced
    }

    /// What is left at the end.
    pub(crate) fn finish(&mut self) -> &'static [u8] {
        if std::mem::take(&mut self.pending) {
            b" "
        } else {
            b""
        }
    }
}
