//! A delimited file that says nothing about itself: encoding, delimiter, line ends and header are found first.
//!
//! Never guesses silently: what was found is a value ([`DetectedLayout`]), and what was not certain is a
//! finding. Holds the whole body, because an encoding can be told only from all of it.

use crate::csv::{CsvLayout, CsvReader, Leniency, RaggedWidth};
use crate::detect_encoding::{FoundEncoding, encoding_find};
use crate::encoding::{Decoded, TextDecoder};
use crate::records::{RecordSplitter, Split};
use crate::{DetectedLayout, EncodingReason, LineEnd, ReaderLimits};
use leleka_domain::{Code, Finding, RowSink, Severity};
use std::collections::BTreeMap;

/// Bytes that are looked at for delimiter and header; the encoding is found in the whole file.
const SAMPLE_BYTES: usize = 256 * 1024;
const SAMPLE_RECORDS: usize = 400;
/// In the order in which they are preferred where two fit equally.
const DELIMITERS: [u8; 3] = [b';', b'\t', b','];

/// Reads a whole file; says how many rows it has and how it was read.
pub(crate) fn detected_read<S: RowSink>(
    body: &[u8],
    limits: ReaderLimits,
    sink: &mut S,
) -> (u64, Option<DetectedLayout>) {
    let Ok(encoding) = encoding_find(body) else {
        sink.finding(Finding::error(Code::FileNotText));
        return (0, None);
    };
    let text = body.get(encoding.mark_bytes..).unwrap_or_default();
    let sample = Sample::new(text, &encoding, limits);
    let table = sample.table(limits);
    encoding_tell(&encoding, sink);
    table.tell(sink);
    let layout = CsvLayout {
        encoding: encoding.encoding,
        delimiter: table.delimiter,
        skip_rows: table.skipped_rows,
        header_rows: 1,
        width: RaggedWidth::Strict,
        columns: 0,
    };
    let leniency = Leniency {
        lone_cr_is_space: sample.line_end != LineEnd::Cr,
        tag_row: true,
    };
    let mut reader = CsvReader::new(layout, limits, encoding.mark, sink).forgiving(leniency);
    reader.feed(text, sink);
    let rows = reader.finish(sink);
    let detected = DetectedLayout {
        encoding: encoding.encoding,
        encoding_reason: encoding.reason,
        byte_order_mark: encoding.mark_bytes > 0,
        delimiter: char::from(table.delimiter),
        line_end: sample.line_end,
        header_line: table.header_line,
        skipped_rows: table.skipped_rows,
    };
    (rows, Some(detected))
}

fn encoding_tell<S: RowSink>(found: &FoundEncoding, sink: &mut S) {
    let severity = match found.reason {
        EncodingReason::ByteOrderMark | EncodingReason::ValidUtf8 => None,
        EncodingReason::LetterFrequency | EncodingReason::Utf16Pattern => Some(Severity::Info),
        EncodingReason::MostlyCyrillic | EncodingReason::Latin => Some(Severity::Warning),
    };
    if let Some(severity) = severity {
        sink.finding(Finding::new(Code::FileEncodingGuessed, severity).value(found.encoding.word()));
    }
    if let Some(word) = &found.lossy_word {
        sink.finding(Finding::error(Code::FileLossyEncoding).value(word));
    }
}

/// The beginning of a file, decoded.
struct Sample {
    text: String,
    line_end: LineEnd,
}

impl Sample {
    fn new(body: &[u8], found: &FoundEncoding, limits: ReaderLimits) -> Self {
        let length = SAMPLE_BYTES.max(limits.row_bytes.saturating_mul(2));
        let cut = body.len() > length;
        let bytes = body.get(..length).unwrap_or(body);
        let mut text = match TextDecoder::new(found.encoding, found.mark) {
            None => String::from_utf8_lossy(bytes).into_owned(),
            Some(mut decoder) => {
                let (mut text, mut rest) = (String::new(), bytes);
                while let Some(step) = decoder.step(&mut rest, true) {
                    match step {
                        Decoded::Text(part) => text.push_str(&String::from_utf8_lossy(part)),
                        Decoded::Malformed => text.push('\u{fffd}'),
                    }
                }
                text
            }
        };
        let line_end = line_end(&text);
        if line_end != LineEnd::Cr {
            text = text.replace("\r\n", "\n").replace('\r', " ");
        }
        if cut {
            let end = text.rfind(['\n', '\r']).unwrap_or(text.len());
            text.truncate(end);
        }
        Self { text, line_end }
    }

    fn table(&self, limits: ReaderLimits) -> FoundTable {
        let mut fits: Vec<Fit> = DELIMITERS
            .iter()
            .map(|delimiter| Fit::new(&self.text, *delimiter, limits))
            .collect();
        // Stable: where two fit equally the one named first stays in front.
        fits.sort_by_key(|fit| std::cmp::Reverse(fit.rank()));
        let rival = fits.get(1).filter(|rival| {
            let best = fits.first().map(Fit::rank);
            rival.usual > 1 && best.is_some_and(|best| rival.rank().0 == best.0)
        });
        let rival = rival.map(|rival| rival.delimiter);
        let Some(best) = fits.first() else {
            return FoundTable::default();
        };
        FoundTable {
            rival,
            ..best.header_find()
        }
    }
}

/// LF and CR LF win over a CR alone, which may stand inside cells.
fn line_end(text: &str) -> LineEnd {
    let crlf = text.matches("\r\n").count();
    let lf = text.matches('\n').count() - crlf;
    match (crlf, lf) {
        (0, 0) if text.contains('\r') => LineEnd::Cr,
        (0, 0) => LineEnd::None,
        (0, _) => LineEnd::Lf,
        (_, 0) => LineEnd::CrLf,
        (_, _) => LineEnd::Mixed,
    }
}

/// The table in the sample.
#[derive(Debug)]
struct FoundTable {
    delimiter: u8,
    rival: Option<u8>,
    header_line: u64,
    skipped_rows: u32,
    /// Whether something but blank lines was skipped.
    skipped_text: bool,
    header_unsure: bool,
}

impl Default for FoundTable {
    fn default() -> Self {
        Self {
            delimiter: b',',
            rival: None,
            header_line: 1,
            skipped_rows: 0,
            skipped_text: false,
            header_unsure: false,
        }
    }
}

impl FoundTable {
    fn tell<S: RowSink>(&self, sink: &mut S) {
        let shown = |delimiter: u8| match delimiter {
            b'\t' => "tab".to_owned(),
            other => char::from(other).to_string(),
        };
        if let Some(rival) = self.rival {
            let finding = Finding::new(Code::FileDelimiterAmbiguous, Severity::Warning);
            sink.finding(finding.value(&shown(self.delimiter)).expected(shown(rival)));
        }
        let mut place = |code: Code, severity: Severity, value: String| {
            let mut finding = Finding::new(code, severity).value(&value);
            finding.line = Some(self.header_line);
            sink.finding(finding);
        };
        if self.header_unsure {
            place(
                Code::FileHeaderUnsure,
                Severity::Warning,
                self.header_line.to_string(),
            );
        }
        if self.skipped_text {
            place(
                Code::FileRowsSkipped,
                Severity::Info,
                self.skipped_rows.to_string(),
            );
        }
    }
}

/// A record of the sample; blank lines have no cells.
struct SampleRecord {
    line: u64,
    cells: Vec<String>,
}

impl SampleRecord {
    fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }

    /// Whether it could be names of columns: words in at least half of the filled cells.
    fn is_worded(&self) -> bool {
        let words = self
            .cells
            .iter()
            .filter(|cell| cell.chars().any(char::is_alphabetic));
        words.count() * 2 >= self.filled()
    }
}

/// How well a delimiter fits.
struct Fit {
    delimiter: u8,
    records: Vec<SampleRecord>,
    /// The width that most records have, and how many have it.
    usual: usize,
    agreeing: usize,
    /// Records that are not blank.
    counted: usize,
}

impl Fit {
    fn new(text: &str, delimiter: u8, limits: ReaderLimits) -> Self {
        let records = records_of(text, delimiter, limits);
        let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
        for record in records.iter().filter(|record| record.filled() > 0) {
            *widths.entry(record.cells.len()).or_default() += 1;
        }
        let usual = widths.iter().max_by_key(|(width, count)| (**count, **width));
        let (usual, agreeing) = usual.map_or((0, 0), |(width, count)| (*width, *count));
        Self {
            delimiter,
            usual,
            agreeing,
            counted: widths.values().sum(),
            records,
        }
    }

    /// The more, the better: whether it parts at all, the share of agreeing records in thousandths, the width.
    fn rank(&self) -> ((bool, usize), usize) {
        let share = (self.agreeing * 1000).checked_div(self.counted).unwrap_or(0);
        ((self.usual > 1, share), self.usual)
    }

    /// The header: the first record about as full as most are, made of words.
    fn header_find(&self) -> FoundTable {
        let mut fullness: BTreeMap<usize, usize> = BTreeMap::new();
        for record in self.records.iter().filter(|record| record.filled() > 1) {
            *fullness.entry(record.filled()).or_default() += 1;
        }
        let usual = fullness.iter().max_by_key(|(filled, count)| (**count, **filled));
        let usual = usual.map_or(1, |(filled, _)| *filled);
        let wanted = (usual * 6).div_ceil(10).max(usual.min(2));
        let header = self
            .records
            .iter()
            .position(|record| record.filled() >= wanted && record.is_worded());
        let first = self.records.iter().position(|record| record.filled() > 0);
        let place = header.or(first).unwrap_or(0);
        let skipped = self.records.iter().take(place);
        FoundTable {
            delimiter: self.delimiter,
            rival: None,
            header_line: self.records.get(place).map_or(1, |record| record.line),
            skipped_rows: u32::try_from(place).unwrap_or(0),
            skipped_text: skipped.into_iter().any(|record| record.filled() > 0),
            header_unsure: header.is_none() && first.is_some(),
        }
    }
}

fn records_of(text: &str, delimiter: u8, limits: ReaderLimits) -> Vec<SampleRecord> {
    let mut splitter = RecordSplitter::new(delimiter, limits.row_bytes);
    let mut rest = text.as_bytes();
    let mut records = Vec::new();
    while records.len() < SAMPLE_RECORDS {
        let blank_line = splitter.line();
        let split = match splitter.split(&mut rest) {
            Split::InputUsed => splitter.finish().unwrap_or(Split::InputUsed),
            split @ (Split::BlankLine | Split::Record(_) | Split::TooLong(_)) => split,
        };
        let record = match split {
            Split::InputUsed => break,
            Split::BlankLine => SampleRecord {
                line: blank_line,
                cells: Vec::new(),
            },
            Split::TooLong(line) => SampleRecord {
                line,
                cells: Vec::new(),
            },
            Split::Record(line) => SampleRecord {
                line,
                cells: splitter
                    .record()
                    .cells()
                    .map(|cell| cell.trim().to_owned())
                    .collect(),
            },
        };
        records.push(record);
    }
    records
}
