//! Bytes to rows: JSON, NDJSON and CSV, pushed in as they arrive, pushed out as rows.
//!
//! Never does I/O, never holds more than one row, never judges what a cell means: that is the normaliser's
//! work. Whatever the bytes are, reading ends with rows and findings, not with a panic.
//!
//! | format | framing | a row |
//! |---|---|---|
//! | JSON | RFC 8259, one object with `observations` | an element of `observations` |
//! | NDJSON | lines, LF or CRLF | a line that is not blank |
//! | CSV | RFC 4180 with any delimiter | a record that is not blank, below the header |

mod carry;
mod cells;
mod csv;
mod document;
mod encoding;
mod envelope;
mod header;
mod members;
mod ndjson;
mod object;
mod position;
mod reader;
mod records;
mod rows;
mod syntax;
mod value_scan;

#[cfg(test)]
mod tests;

pub use csv::{CsvLayout, RaggedWidth};
pub use encoding::{Encoding, UnknownEncoding};
pub use envelope::Envelope;
pub use reader::{Reader, ReaderKind, ReaderLimits, ReaderOutcome};
