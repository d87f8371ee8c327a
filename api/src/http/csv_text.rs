//! Writing CSV as RFC 4180 has it: UTF-8, comma, CRLF, quotes where needed.

use std::fmt::Write as _;

/// A CSV text that grows row by row.
pub(crate) struct CsvText(String);

impl CsvText {
    pub(crate) fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        let mut text = Self(String::with_capacity(4096));
        text.row(header);
        text
    }

    /// Adds a row.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            if cell
                .bytes()
                .any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
            {
                let _ = write!(self.0, "\"{}\"", cell.replace('"', "\"\""));
            } else {
                self.0.push_str(cell);
            }
        }
        self.0.push_str("\r\n");
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_quotes_gets_them() {
        let mut text = CsvText::new(["a", "b"]);
        text.row(["1,5", "він сказав \"так\""]);
        let text = String::from_utf8(text.into_bytes()).unwrap();
        assert_eq!(text, "a,b\r\n\"1,5\",\"він сказав \"\"так\"\"\"\r\n");
    }
}
