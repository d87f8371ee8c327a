//! How a file without a declared layout was read, as data that a report can show.

use crate::Encoding;
use serde::{Deserialize, Serialize};

/// Everything that was found out about a delimited file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetectedLayout {
    /// Encoding in which it was read.
    pub encoding: Encoding,
    /// Why in this one.
    pub encoding_reason: EncodingReason,
    /// Whether the file begins with a byte order mark.
    pub byte_order_mark: bool,
    /// Between cells.
    pub delimiter: char,
    /// At the end of lines.
    pub line_end: LineEnd,
    /// Physical line of the header, counted from 1.
    pub header_line: u64,
    /// Records before the header, empty lines included.
    pub skipped_rows: u32,
}

/// Why a file was read in its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncodingReason {
    /// Its byte order mark says so.
    ByteOrderMark,
    /// All of its bytes are UTF-8.
    ValidUtf8,
    /// Every second byte is one that UTF-16 text has there.
    Utf16Pattern,
    /// The letters are those of Ukrainian in this code page, by frequency.
    LetterFrequency,
    /// In no other code page do mostly Cyrillic words come out.
    MostlyCyrillic,
    /// Not UTF-8, and no Cyrillic words come out.
    Latin,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// There is a single line.
    None,
    /// LF.
    Lf,
    /// CR LF.
    CrLf,
    /// CR alone, as on old Macintosh computers.
    Cr,
    /// LF in some places, CR LF in others.
    Mixed,
}
