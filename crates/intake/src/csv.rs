//! Delimited text: preamble, header, data rows.
//!
//! Every cell is text; what it means is not judged here. Blank records are counted as lines, never as rows.

use crate::ReaderLimits;
use crate::carriage::CarriageReturns;
use crate::cells::{is_too_long, recycled};
use crate::encoding::{ByteOrderMark, Decoded, Encoding, TextDecoder};
use crate::header::{HeaderRows, spreadsheet_column};
use crate::records::{Record, RecordSplitter, Split};
use crate::rows::RowCount;
use crate::sheet::is_tag_row;
use leleka_domain::{Cell, CellKind, Code, Finding, Row, RowSink, Severity};

/// How a delimited file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvLayout {
    /// Encoding; a byte order mark in the file outranks it.
    pub encoding: Encoding,
    /// Between cells; an ASCII character.
    pub delimiter: u8,
    /// Physical records before the header, empty lines included.
    pub skip_rows: u32,
    /// Rows of the header, 1 to 4. Several are merged: the parts of a column are joined with ` / `, empty parts
    /// are left out, and an empty cell of an upper row repeats the cell to its left.
    pub header_rows: u32,
    /// What to do with cells beyond the header. Empty ones are always left out.
    pub width: RaggedWidth,
    /// Columns that somebody described whether or not the header names them; 0 for none.
    pub columns: u32,
}

/// What to do with a record that has filled cells beyond the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RaggedWidth {
    /// `csv.row_width` is an error and the row is not delivered: its cells may stand in wrong columns.
    #[default]
    Strict,
    /// `csv.row_width` is a warning and the row is delivered without the cells beyond the header.
    Cut,
}

#[derive(Debug)]
enum Phase {
    Preamble(u32),
    Header,
    Data,
    Done,
}

/// What only a file without a declared layout is forgiven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leniency {
    /// A CR without LF is a space: the file's lines end otherwise.
    pub(crate) lone_cr_is_space: bool,
    /// A row of HXL tags below the header is passed over.
    pub(crate) tag_row: bool,
}

/// Reads one file.
#[derive(Debug)]
pub(crate) struct CsvReader {
    decoder: Option<TextDecoder>,
    returns: Option<CarriageReturns>,
    splitter: RecordSplitter,
    table: Table,
}

impl CsvReader {
    /// Before the first byte behind the byte order mark.
    pub(crate) fn new<S: RowSink>(
        layout: CsvLayout,
        limits: ReaderLimits,
        mark: Option<ByteOrderMark>,
        sink: &mut S,
    ) -> Self {
        let decoder = TextDecoder::new(layout.encoding, mark);
        let encoding = match mark {
            None => layout.encoding,
            Some(ByteOrderMark::Utf8) => Encoding::Utf8,
            Some(ByteOrderMark::Utf16Little | ByteOrderMark::Utf16Big) => Encoding::Utf16,
        };
        let mut table = Table {
            layout: CsvLayout { encoding, ..layout },
            limits,
            phase: if layout.skip_rows > 0 {
                Phase::Preamble(layout.skip_rows)
            } else {
                Phase::Header
            },
            header: HeaderRows::new(layout.header_rows),
            names: Vec::new(),
            cells: Vec::new(),
            count: RowCount::new(limits.rows),
            malformed_told: false,
            tag_row_possible: false,
        };
        if encoding == Encoding::Utf16 && mark.is_none() {
            // Without its mark the byte order would be a guess.
            table.malformed_told = true;
            let mut finding = Finding::error(Code::EncodingInvalid).expected("utf-16 (BOM)");
            finding.line = Some(1);
            sink.finding(finding);
        }
        Self {
            decoder,
            returns: None,
            splitter: RecordSplitter::new(layout.delimiter, limits.row_bytes),
            table,
        }
    }

    /// The same, forgiving what a file without a declared layout may have.
    pub(crate) fn forgiving(mut self, leniency: Leniency) -> Self {
        self.returns = leniency.lone_cr_is_space.then(CarriageReturns::default);
        self.table.tag_row_possible = leniency.tag_row;
        self
    }

    /// Takes the next bytes.
    pub(crate) fn feed<S: RowSink>(&mut self, bytes: &[u8], sink: &mut S) {
        self.decode(bytes, false, sink);
    }

    /// Ends the file; says how many rows there were.
    pub(crate) fn finish<S: RowSink>(mut self, sink: &mut S) -> u64 {
        self.decode(&[], true, sink);
        if let Some(returns) = &mut self.returns {
            self.table.text_read(returns.finish(), &mut self.splitter, sink);
        }
        if matches!(self.table.phase, Phase::Done) {
            return self.table.count.rows;
        }
        match self.splitter.finish() {
            Ok(split) => {
                self.table.split_read(split, &self.splitter, sink);
                self.table.finish(sink);
            }
            Err(line) => self.table.quote_unclosed(line, sink),
        }
        self.table.count.rows
    }

    fn decode<S: RowSink>(&mut self, bytes: &[u8], last: bool, sink: &mut S) {
        let Self {
            decoder,
            returns,
            splitter,
            table,
        } = self;
        let Some(decoder) = decoder else {
            let text = returns.as_mut().map_or(bytes, |returns| returns.replaced(bytes));
            table.text_read(text, splitter, sink);
            return;
        };
        let mut rest = bytes;
        while let Some(step) = decoder.step(&mut rest, last) {
            match step {
                Decoded::Text(text) => {
                    let text = returns.as_mut().map_or(text, |returns| returns.replaced(text));
                    table.text_read(text, splitter, sink);
                }
                Decoded::Malformed => {
                    table.malformed(splitter.line(), sink);
                    table.text_read("\u{fffd}".as_bytes(), splitter, sink);
                }
            }
        }
    }
}

/// What the records add up to.
#[derive(Debug)]
struct Table {
    layout: CsvLayout,
    limits: ReaderLimits,
    phase: Phase,
    header: HeaderRows,
    names: Vec<String>,
    cells: Vec<Cell<'static>>,
    count: RowCount,
    malformed_told: bool,
    /// Whether the next row may be one of HXL tags.
    tag_row_possible: bool,
}

impl Table {
    fn text_read<S: RowSink>(&mut self, text: &[u8], splitter: &mut RecordSplitter, sink: &mut S) {
        let mut rest = text;
        while !matches!(self.phase, Phase::Done) {
            let split = splitter.split(&mut rest);
            if split == Split::InputUsed {
                return;
            }
            self.split_read(split, splitter, sink);
        }
    }

    fn split_read<S: RowSink>(&mut self, split: Split, splitter: &RecordSplitter, sink: &mut S) {
        let record = match split {
            Split::InputUsed => return,
            Split::Record(line) => {
                let record = splitter.record();
                if !record.is_text()
                    && let Some(lines) = record.malformed_after()
                {
                    self.malformed(line + lines, sink);
                }
                Some((line, record))
            }
            Split::BlankLine | Split::TooLong(_) => None,
        };
        match (&mut self.phase, split, record) {
            (Phase::Preamble(left), _, _) => {
                *left -= 1;
                if *left == 0 {
                    self.phase = Phase::Header;
                }
            }
            (Phase::Header, Split::TooLong(line), _) => {
                let mut finding = self.too_long();
                finding.line = Some(line);
                sink.finding(finding);
                self.phase = Phase::Done;
            }
            (Phase::Header, _, record) => self.header_read(record, sink),
            (Phase::Data, Split::TooLong(line), _) => {
                if let Some(number) = self.row_take(line, sink) {
                    sink.finding(self.too_long().at(number, line));
                }
            }
            (Phase::Data, _, Some((line, record))) => self.row_read(line, record, sink),
            (Phase::Data | Phase::Done, _, _) => {}
        }
    }

    /// Takes a row of the header. Blank ones count once the header has begun.
    fn header_read<S: RowSink>(&mut self, record: Option<(u64, Record<'_>)>, sink: &mut S) {
        let whole = match record {
            Some((line, record)) if !self.header.is_empty() || !is_blank(&record) => {
                self.header.push(line, record.cells())
            }
            None if !self.header.is_empty() => self.header.push(0, std::iter::empty()),
            Some(_) | None => return,
        };
        if whole {
            self.phase = Phase::Data;
            let header = std::mem::replace(&mut self.header, HeaderRows::new(1));
            self.names = header.announce(self.layout.columns as usize, sink);
        }
    }

    fn row_read<S: RowSink>(&mut self, line: u64, record: Record<'_>, sink: &mut S) {
        let mut cells = std::mem::take(&mut self.cells);
        cells.extend(record.cells().map(|text| Cell {
            text,
            kind: CellKind::Text,
        }));
        let filled = cells
            .iter()
            .rposition(|cell| !is_empty(&cell.text))
            .map_or(0, |last| last + 1);
        let tags = std::mem::take(&mut self.tag_row_possible) && filled > 0;
        let under_header = cells.iter().take(self.names.len());
        if tags && is_tag_row(under_header.map(|cell| cell.text.as_ref())) {
            let mut finding = Finding::new(Code::FileTagRowSkipped, Severity::Info);
            finding.line = Some(line);
            sink.finding(finding);
        } else if filled > 0
            && let Some(number) = self.row_take(line, sink)
            && self.width_check(filled, number, line, sink)
        {
            cells.truncate(self.names.len());
            self.lengths_check(&cells, number, line, sink);
            sink.row(Row {
                number,
                line,
                cells: &cells,
            });
        }
        self.cells = recycled(cells);
    }

    fn row_take<S: RowSink>(&mut self, line: u64, sink: &mut S) -> Option<u64> {
        let number = self.count.take(line, sink);
        if number.is_none() {
            self.phase = Phase::Done;
        }
        number
    }

    /// Whether the row can be delivered.
    fn width_check<S: RowSink>(&self, filled: usize, number: u64, line: u64, sink: &mut S) -> bool {
        let width = self.names.len();
        if filled <= width {
            return true;
        }
        let severity = match self.layout.width {
            RaggedWidth::Strict => Severity::Error,
            RaggedWidth::Cut => Severity::Warning,
        };
        let finding = Finding::new(Code::CsvRowWidth, severity).at(number, line);
        sink.finding(finding.value(&filled.to_string()).expected(width.to_string()));
        severity == Severity::Warning
    }

    fn lengths_check<S: RowSink>(&self, cells: &[Cell<'_>], number: u64, line: u64, sink: &mut S) {
        let most = self.limits.cell_characters;
        for (index, (cell, name)) in cells.iter().zip(&self.names).enumerate() {
            if is_too_long(&cell.text, most) {
                let mut finding = Finding::error(Code::TextTooLong)
                    .at(number, line)
                    .expected(most.to_string());
                finding.column = Some(spreadsheet_column(index, name));
                sink.finding(finding);
            }
        }
    }

    /// Tells the first place that is not in the file's encoding.
    fn malformed<S: RowSink>(&mut self, line: u64, sink: &mut S) {
        if matches!(self.phase, Phase::Done) || std::mem::replace(&mut self.malformed_told, true) {
            return;
        }
        let mut finding = Finding::error(Code::EncodingInvalid).expected(self.layout.encoding.word());
        finding.line = Some(line);
        sink.finding(finding);
    }

    fn too_long(&self) -> Finding {
        Finding::error(Code::RowTooLong).expected(self.limits.row_bytes.to_string())
    }

    fn quote_unclosed<S: RowSink>(&mut self, line: u64, sink: &mut S) {
        let mut finding = Finding::new(Code::CsvQuoteUnclosed, Severity::Fatal);
        finding.line = Some(line);
        if matches!(self.phase, Phase::Data) {
            finding.row = self.row_take(line, sink);
            if finding.row.is_none() {
                return;
            }
        }
        sink.finding(finding);
    }

    fn finish<S: RowSink>(&self, sink: &mut S) {
        if matches!(self.phase, Phase::Preamble(_) | Phase::Header) {
            let place = u64::from(self.layout.skip_rows) + 1;
            let mut finding = Finding::error(Code::CsvHeaderMissing).expected(format!("№ {place}"));
            finding.line = Some(place);
            sink.finding(finding);
        }
    }
}

fn is_blank(record: &Record<'_>) -> bool {
    record.cells().all(|cell| is_empty(&cell))
}

fn is_empty(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}
