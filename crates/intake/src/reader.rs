//! The reader of a submission, whatever its format.
//!
//! Bytes are pushed in as they arrive; columns, rows and findings are pushed out as soon as they are known. How
//! the bytes are cut into chunks changes nothing. Two kinds need all bytes before they can give the first row,
//! workbooks and files without a declared layout: they are held up to a limit.

use crate::DetectedLayout;
use crate::csv::{CsvLayout, CsvReader};
use crate::detect::detected_read;
use crate::document::DocumentReader;
use crate::encoding::ByteOrderMark;
use crate::envelope::Envelope;
use crate::ndjson::NdjsonReader;
use crate::package::PackageLimits;
use crate::sdmx::{SdmxLayout, SdmxReader};
use crate::sdmx_structure::SdmxDataset;
use crate::sheet::SheetLayout;
use crate::workbook::{SheetRead, workbook_read};
use leleka_domain::{Code, Finding, RowSink};

/// Shape of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderKind {
    /// One JSON document.
    Json,
    /// A JSON object on each line.
    Ndjson,
    /// Delimited text.
    Csv(CsvLayout),
    /// Delimited text of which nothing was declared; held whole.
    CsvDetected,
    /// SDMX-CSV 1.0, 2.0 or 2.1.
    SdmxCsv(SdmxLayout),
    /// A workbook of Excel; held whole.
    Xlsx(SheetLayout),
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
    /// Bytes of a submission that has to be held whole.
    pub whole_bytes: usize,
    /// What a workbook may become when it is unpacked.
    pub package: PackageLimits,
}

impl Default for ReaderLimits {
    fn default() -> Self {
        Self {
            row_bytes: 64 * 1024,
            cell_characters: 4096,
            rows: 200_000,
            json_depth: 8,
            whole_bytes: 64 * 1024 * 1024,
            package: PackageLimits::default(),
        }
    }
}

/// What was read, beside the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReaderOutcome {
    /// Data rows met, faulty ones included, never more than the limit.
    pub rows: u64,
    /// What a JSON document says about itself. `None` for other formats, and for a document that could not be
    /// read to its end, of which a finding was pushed.
    pub envelope: Option<Envelope>,
    /// How a file without a declared layout was read.
    pub detected: Option<DetectedLayout>,
    /// How a workbook was read.
    pub sheet: Option<SheetRead>,
    /// What an SDMX-CSV file says that it is about.
    pub dataset: Option<SdmxDataset>,
}

#[derive(Debug)]
enum Format {
    Json(Box<DocumentReader>),
    Ndjson(Box<NdjsonReader>),
    Csv(Box<CsvReader>),
    SdmxCsv(Box<SdmxReader>),
    Whole(WholeBody),
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
        let mut outcome = ReaderOutcome::default();
        match self.format {
            Some(Format::Json(reader)) => (outcome.rows, outcome.envelope) = reader.finish(sink),
            Some(Format::Ndjson(reader)) => outcome.rows = reader.finish(sink),
            Some(Format::Csv(reader)) => outcome.rows = reader.finish(sink),
            Some(Format::SdmxCsv(reader)) => (outcome.rows, outcome.dataset) = reader.finish(sink),
            Some(Format::Whole(body)) => body.read(&self.kind, self.limits, sink, &mut outcome),
            Some(Format::Refused) | None => {}
        }
        outcome
    }

    fn open<S: RowSink>(&mut self, sink: &mut S) -> &mut Format {
        let opening = std::mem::take(&mut self.opening);
        let (mark, rest) = ByteOrderMark::split(&opening);
        let in_utf16 = matches!(mark, Some(ByteOrderMark::Utf16Little | ByteOrderMark::Utf16Big));
        if matches!(self.kind, ReaderKind::CsvDetected | ReaderKind::Xlsx(_)) {
            let mut body = WholeBody::new(self.limits.whole_bytes);
            body.feed(&opening);
            return self.format.insert(Format::Whole(body));
        }
        let mut format = match self.kind.clone() {
            ReaderKind::Csv(layout) => Format::Csv(Box::new(CsvReader::new(layout, self.limits, mark, sink))),
            ReaderKind::Json | ReaderKind::Ndjson | ReaderKind::SdmxCsv(_) if in_utf16 => {
                let mut finding = Finding::error(Code::EncodingInvalid).expected("UTF-8");
                finding.line = Some(1);
                sink.finding(finding);
                Format::Refused
            }
            ReaderKind::Json => Format::Json(Box::new(DocumentReader::new(self.limits))),
            ReaderKind::Ndjson => Format::Ndjson(Box::new(NdjsonReader::new(self.limits))),
            ReaderKind::SdmxCsv(layout) => Format::SdmxCsv(Box::new(SdmxReader::new(layout, self.limits))),
            ReaderKind::CsvDetected | ReaderKind::Xlsx(_) => Format::Refused,
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
            Self::SdmxCsv(reader) => reader.feed(bytes, sink),
            Self::Whole(body) => body.feed(bytes),
            Self::Refused => {}
        }
    }
}

/// All bytes of a submission, up to a limit.
#[derive(Debug)]
struct WholeBody {
    bytes: Vec<u8>,
    most: usize,
    past: bool,
}

impl WholeBody {
    fn new(most: usize) -> Self {
        Self {
            bytes: Vec::new(),
            most,
            past: false,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.past |= self.bytes.len().saturating_add(bytes.len()) > self.most;
        if self.past {
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn read<S: RowSink>(
        self,
        kind: &ReaderKind,
        limits: ReaderLimits,
        sink: &mut S,
        outcome: &mut ReaderOutcome,
    ) {
        if self.past {
            sink.finding(Finding::error(Code::FileTooLarge).expected(format!("{} B", self.most)));
            return;
        }
        match kind {
            ReaderKind::CsvDetected => {
                (outcome.rows, outcome.detected) = detected_read(&self.bytes, limits, sink);
            }
            ReaderKind::Xlsx(layout) => {
                (outcome.rows, outcome.sheet) =
                    workbook_read(&self.bytes, layout, limits, limits.package, sink);
            }
            ReaderKind::Json | ReaderKind::Ndjson | ReaderKind::Csv(_) | ReaderKind::SdmxCsv(_) => {}
        }
    }
}
