//! The reader of a submission, whatever its format.
//!
//! Bytes are pushed in as they arrive; columns, rows and findings are pushed out as soon as they are known. How
//! the bytes are cut into chunks changes nothing.

use crate::csv::{CsvLayout, CsvReader};
use crate::document::DocumentReader;
use crate::encoding::ByteOrderMark;
use crate::envelope::Envelope;
use crate::ndjson::NdjsonReader;
use leleka_domain::{Code, Finding, RowSink};

/// Shape of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderKind {
    /// One JSON document.
    Json,
    /// A JSON object on each line.
    Ndjson,
    /// Delimited text.
    Csv(CsvLayout),
}

/// What a reader holds against large input. A submission over a limit is told so, and costs no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderLimits {
    /// Bytes of one row: a line, an element of `observations`, the cells of a record.
    pub row_bytes: usize,
    /// Characters of one cell.
    pub cell_characters: usize,
    /// Data rows.
    pub rows: u64,
    /// Levels of JSON, counted from what was sent as a whole: the document, or the object of a line.
    pub json_depth: u8,
}

impl Default for ReaderLimits {
    fn default() -> Self {
        Self {
            row_bytes: 64 * 1024,
            cell_characters: 4096,
            rows: 200_000,
            json_depth: 8,
        }
    }
}

/// What was read, beside the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderOutcome {
    /// Data rows met, faulty ones included, never more than the limit.
    pub rows: u64,
    /// What a JSON document says about itself. `None` for other formats, and for a document that could not be
    /// read to its end, of which a finding was pushed.
    pub envelope: Option<Envelope>,
}

#[derive(Debug)]
enum Format {
    Json(Box<DocumentReader>),
    Ndjson(Box<NdjsonReader>),
    Csv(Box<CsvReader>),
    /// The byte order mark of an encoding that JSON may not have.
    Refused,
}

/// Reads one submission.
#[derive(Debug)]
pub struct Reader {
    kind: ReaderKind,
    limits: ReaderLimits,
    /// The first bytes, until they tell whether they are a byte order mark.
    opening: Vec<u8>,
    format: Option<Format>,
}

impl Reader {
    /// A reader before its first byte.
    #[must_use]
    pub fn new(kind: ReaderKind, limits: ReaderLimits) -> Self {
        Self {
            kind,
            limits,
            opening: Vec::new(),
            format: None,
        }
    }

    /// Takes the next bytes, as many as there are.
    pub fn feed<S: RowSink>(&mut self, bytes: &[u8], sink: &mut S) {
        if let Some(format) = &mut self.format {
            format.feed(bytes, sink);
            return;
        }
        let mut rest = bytes;
        while let Some((byte, next)) = rest.split_first() {
            self.opening.push(*byte);
            rest = next;
            if !ByteOrderMark::is_undecided(&self.opening) {
                self.open(sink).feed(rest, sink);
                return;
            }
        }
    }

    /// Ends the submission.
    pub fn finish<S: RowSink>(mut self, sink: &mut S) -> ReaderOutcome {
        if self.format.is_none() {
            self.open(sink);
        }
        let (rows, envelope) = match self.format {
            Some(Format::Json(reader)) => reader.finish(sink),
            Some(Format::Ndjson(reader)) => (reader.finish(sink), None),
            Some(Format::Csv(reader)) => (reader.finish(sink), None),
            Some(Format::Refused) | None => (0, None),
        };
        ReaderOutcome { rows, envelope }
    }

    fn open<S: RowSink>(&mut self, sink: &mut S) -> &mut Format {
        let opening = std::mem::take(&mut self.opening);
        let (mark, rest) = ByteOrderMark::split(&opening);
        let in_utf16 = matches!(mark, Some(ByteOrderMark::Utf16Little | ByteOrderMark::Utf16Big));
        let mut format = match self.kind {
            ReaderKind::Csv(layout) => Format::Csv(Box::new(CsvReader::new(layout, self.limits, mark, sink))),
            ReaderKind::Json | ReaderKind::Ndjson if in_utf16 => {
                let mut finding = Finding::error(Code::EncodingInvalid).expected("UTF-8");
                finding.line = Some(1);
                sink.finding(finding);
                Format::Refused
            }
            ReaderKind::Json => Format::Json(Box::new(DocumentReader::new(self.limits))),
            ReaderKind::Ndjson => Format::Ndjson(Box::new(NdjsonReader::new(self.limits))),
        };
        format.feed(rest, sink);
        self.format.insert(format)
    }
}

impl Format {
    fn feed<S: RowSink>(&mut self, bytes: &[u8], sink: &mut S) {
        match self {
            Self::Json(reader) => reader.feed(bytes, sink),
            Self::Ndjson(reader) => reader.feed(bytes, sink),
            Self::Csv(reader) => reader.feed(bytes, sink),
            Self::Refused => {}
        }
    }
}
