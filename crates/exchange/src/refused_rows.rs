//! The rows of a submission that were refused, in the sender's own format, so that only what was wrong need be
//! corrected and sent again.
//!
//! Read from the kept bytes by the row numbers of the kept findings; nothing is rendered anew: a line is given back
//! as it came. Of a delimited file everything above the first data row goes with it, so that the same profile reads
//! it. A workbook has no lines: of it the cells that were read are given, as CSV.

use crate::submission::{BodyShape, reader_kind};
use crate::{ActError, Centre, ContentReader};
use leleka_domain::{Column, Finding, Row, RowFormat, RowSink, Severity};
use leleka_intake::{Reader, ReaderLimits};
use leleka_normalise::MappingProfile;
use leleka_store::{StoredSubmission, finding_page, profile_find};
use rustc_hash::FxHashSet;
use std::mem;

/// Findings that are read at once.
const PAGE: i64 = 10_000;

/// Which rows of which bytes.
#[derive(Debug)]
pub struct RefusedRowsSource {
    sha256: Vec<u8>,
    shape: BodyShape,
    mapping: Option<MappingProfile>,
    rows: FxHashSet<u64>,
    /// Rows that were read when it was submitted: the same bytes must give as many again.
    read: u64,
}

/// Finds out which rows of a submission were refused; format and delimiter are those of its media type.
///
/// # Errors
/// When the database refuses, or the profile that it was read with cannot be read.
pub fn refused_rows_source(
    centre: &Centre,
    submission: &StoredSubmission,
    format: RowFormat,
    delimiter: u8,
) -> Result<RefusedRowsSource, ActError> {
    let mut reader = centre.store.reader()?;
    let mut rows = FxHashSet::default();
    let mut after = 0;
    loop {
        let page = finding_page(&mut reader, submission.id, after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        let refusing = page
            .iter()
            .filter(|(_, finding)| matches!(finding.severity, Severity::Error | Severity::Fatal));
        rows.extend(refusing.filter_map(|(_, finding)| finding.row));
    }
    let mut mapping = None;
    if let Some((code, version)) = &submission.profile {
        let stored = profile_find(&mut reader, code, Some(*version))?.ok_or(ActError::WorkerLost)?;
        let read = serde_json::from_value(stored.profile.content);
        mapping = Some(read.map_err(|_error| ActError::Definition(format!("{code}@{version}")))?);
    }
    Ok(RefusedRowsSource {
        sha256: submission.content_sha256.clone(),
        shape: BodyShape {
            format,
            delimiter,
            detect: false,
            sheet: None,
        },
        mapping,
        rows,
        read: submission.counts.rows,
    })
}

/// Gives the refused rows part by part, until the taker has enough.
///
/// # Errors
/// When the kept bytes cannot be read.
pub fn refused_rows_write(
    centre: &Centre,
    source: &RefusedRowsSource,
    mut take: impl FnMut(Vec<u8>) -> bool,
) -> Result<(), ActError> {
    let format = source.shape.format;
    let mut shape = source.shape.clone();
    let (mut sink, mut rows) = source_read(centre, source, &shape, &mut take)?;
    if format == RowFormat::Csv && source.mapping.is_none() && rows != source.read {
        // It was sent with a layout to be found in it.
        shape.detect = true;
        (sink, rows) = source_read(centre, source, &shape, &mut take)?;
    }
    if rows != source.read && !matches!(format, RowFormat::Json | RowFormat::Ndjson) {
        // Other rows than were judged would be given out for the refused ones.
        return Err(ActError::NotReproduced("the rows of a submission".to_owned()));
    }
    if format == RowFormat::Json {
        sink.out
            .extend_from_slice(if sink.begun { b"\n]\n" } else { b"[]\n" });
    }
    if matches!(format, RowFormat::Csv | RowFormat::SdmxCsv) {
        let mut lines = KeptLines::new(mem::take(&mut sink.starts));
        for part in ContentReader::new(centre, &source.sha256) {
            let mut kept = Vec::new();
            lines.pass(&part?, &mut kept);
            if !kept.is_empty() && !take(kept) {
                return Ok(());
            }
        }
    }
    if !sink.out.is_empty() {
        take(sink.out);
    }
    Ok(())
}

/// Reads the kept bytes once more; gives what the sink noted, and how many rows there were.
fn source_read<'a>(
    centre: &Centre,
    source: &'a RefusedRowsSource,
    shape: &BodyShape,
    take: &mut impl FnMut(Vec<u8>) -> bool,
) -> Result<(RefusedSink<'a>, u64), ActError> {
    let limits = ReaderLimits {
        rows: centre.settings.rows,
        ..ReaderLimits::default()
    };
    let kind = reader_kind(&centre.book(), shape, source.mapping.as_ref());
    let mut reader = Reader::new(kind, limits);
    let mut sink = RefusedSink::new(source);
    for part in ContentReader::new(centre, &source.sha256) {
        reader.feed(&part?, &mut sink);
        if !sink.out.is_empty() && !take(mem::take(&mut sink.out)) {
            break;
        }
    }
    let rows = reader.finish(&mut sink).rows;
    Ok((sink, rows))
}

/// Notes where rows begin, and keeps the bytes of refused rows where the reader gives them.
struct RefusedSink<'a> {
    source: &'a RefusedRowsSource,
    out: Vec<u8>,
    begun: bool,
    /// The line on which each row of a file begins, and whether it was refused.
    starts: Vec<(u64, bool)>,
    /// Header of a workbook, until it is written.
    names: Vec<String>,
}

impl<'a> RefusedSink<'a> {
    fn new(source: &'a RefusedRowsSource) -> Self {
        Self {
            source,
            out: Vec::new(),
            begun: false,
            starts: Vec::new(),
            names: Vec::new(),
        }
    }

    fn is_lines(&self) -> bool {
        matches!(self.source.shape.format, RowFormat::Csv | RowFormat::SdmxCsv)
    }

    /// One record as RFC 4180 has it.
    fn record<'t>(&mut self, cells: impl Iterator<Item = &'t str>) {
        for (index, cell) in cells.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
                self.out.extend_from_slice(quoted.as_bytes());
            } else {
                self.out.extend_from_slice(cell.as_bytes());
            }
        }
        self.out.extend_from_slice(b"\r\n");
    }

    fn begin(&mut self, number: u64, line: u64) {
        if self.starts.last().map(|(last, _)| *last) != Some(line) {
            self.starts.push((line, self.source.rows.contains(&number)));
        }
    }
}

impl RowSink for RefusedSink<'_> {
    fn column(&mut self, column: Column<'_>) {
        if self.source.shape.format == RowFormat::Xlsx {
            self.names
                .resize(self.names.len().max(column.index + 1), String::new());
            if let Some(name) = self.names.get_mut(column.index) {
                column.name.clone_into(name);
            }
        }
    }

    fn row(&mut self, row: Row<'_>) {
        if self.is_lines() {
            self.begin(row.number, row.line);
        }
        if self.source.shape.format == RowFormat::Xlsx {
            if !mem::replace(&mut self.begun, true) {
                let names = mem::take(&mut self.names);
                self.record(names.iter().map(String::as_str));
            }
            if self.source.rows.contains(&row.number) {
                self.record(row.cells.iter().map(|cell| &*cell.text));
            }
        }
    }

    fn finding(&mut self, finding: Finding) {
        // A row that the reader itself refused is not delivered: its finding says where it begins.
        if self.is_lines()
            && let (Some(number), Some(line)) = (finding.row, finding.line)
        {
            self.begin(number, line);
        }
    }

    fn raw(&mut self, number: u64, bytes: &[u8]) {
        if !self.source.rows.contains(&number) {
            return;
        }
        if self.source.shape.format != RowFormat::Json {
            self.out.extend_from_slice(bytes);
            self.out.push(b'\n');
            return;
        }
        self.out
            .extend_from_slice(if self.begun { b",\n" } else { b"[\n" });
        self.begun = true;
        if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok() {
            self.out.extend_from_slice(bytes);
        } else {
            // What is no JSON cannot stand in an array as it came: it stands there as a text.
            let text = serde_json::Value::from(String::from_utf8_lossy(bytes));
            self.out.extend_from_slice(text.to_string().as_bytes());
        }
    }
}

/// Passes the lines above the first row and those of refused rows; lines end with LF, CRLF or a lone CR.
#[derive(Debug)]
struct KeptLines {
    starts: std::vec::IntoIter<(u64, bool)>,
    next: Option<(u64, bool)>,
    line: u64,
    keeps: bool,
    /// Whether the line before was kept, when the last unit was a CR: an LF after it belongs there.
    after_cr: Option<bool>,
    encoding: Option<Units>,
    rest: Vec<u8>,
}

/// How bytes make up characters, as far as line ends go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Units {
    Bytes,
    LittlePairs,
    BigPairs,
}

impl KeptLines {
    fn new(starts: Vec<(u64, bool)>) -> Self {
        let mut starts = starts.into_iter();
        let next = starts.next();
        Self {
            starts,
            next,
            line: 1,
            keeps: true,
            after_cr: None,
            encoding: None,
            rest: Vec::new(),
        }
    }

    fn pass(&mut self, bytes: &[u8], kept: &mut Vec<u8>) {
        let mut input = mem::take(&mut self.rest);
        input.extend_from_slice(bytes);
        let units = *self.encoding.get_or_insert(match input.get(..2) {
            Some([0xff, 0xfe]) => Units::LittlePairs,
            Some([0xfe, 0xff]) => Units::BigPairs,
            _ => Units::Bytes,
        });
        let width = if units == Units::Bytes { 1 } else { 2 };
        let whole = input.chunks_exact(width);
        self.rest = whole.remainder().to_vec();
        for unit in whole {
            let letter = match (units, unit) {
                (Units::LittlePairs, [letter, 0])
                | (Units::BigPairs, [0, letter])
                | (Units::Bytes, [letter]) => *letter,
                _ => 0,
            };
            self.unit(letter, unit, kept);
        }
    }

    fn unit(&mut self, letter: u8, unit: &[u8], kept: &mut Vec<u8>) {
        if let Some(kept_before) = self.after_cr.take()
            && letter == b'\n'
        {
            if kept_before {
                kept.extend_from_slice(unit);
            }
            return;
        }
        while let Some((line, refused)) = self.next.filter(|(line, _)| *line <= self.line) {
            self.keeps = refused;
            self.next = self.starts.next();
            debug_assert!(
                self.next.is_none_or(|(next, _)| next > line),
                "rows begin in order"
            );
        }
        if self.keeps {
            kept.extend_from_slice(unit);
        }
        if matches!(letter, b'\r' | b'\n') {
            self.line += 1;
            self.after_cr = (letter == b'\r').then_some(self.keeps);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &[u8], starts: &[(u64, bool)], cut: usize) -> Vec<u8> {
        let (mut lines, mut kept) = (KeptLines::new(starts.to_vec()), Vec::new());
        for part in text.chunks(cut) {
            lines.pass(part, &mut kept);
        }
        kept
    }

    #[test]
    fn the_head_and_the_refused_rows_are_kept_byte_for_byte_however_the_bytes_are_cut() {
        let text = b"title\r\nh1;h2\r\n1;\"two\r\nlines\"\r\n\r\n2;good\r3;bad\n4;good";
        let starts = [(3, true), (6, false), (7, true), (8, false)];
        for cut in 2..text.len() {
            let told = kept(text, &starts, cut);
            let expected = b"title\r\nh1;h2\r\n1;\"two\r\nlines\"\r\n\r\n3;bad\n";
            assert_eq!(
                String::from_utf8_lossy(&told),
                String::from_utf8_lossy(expected),
                "{cut}"
            );
        }
    }

    #[test]
    fn lines_of_utf_16_end_where_its_characters_say() {
        let little = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        // U+0D0A and U+0A0D hold the bytes of line ends and end no line.
        let text = little("\u{feff}h\n\u{0d0a}\u{0a0d}1\r\n2\n3");
        let told = kept(&text, &[(2, false), (3, true), (4, false)], 3);
        assert_eq!(told, little("\u{feff}h\n2\n"));
    }

    #[test]
    fn a_file_without_rows_is_its_head() {
        assert_eq!(kept(b"a;b\n", &[], 2), b"a;b\n");
    }
}
