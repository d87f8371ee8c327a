//! SDMX-CSV 1.0, 2.0 and 2.1: the columns of a statistics file, turned into ours while rows pass.
//!
//! Never stores anything by an unknown name, and never takes an empty cell for one that is intentionally
//! missing: `NaN` and `#N/A` are. Splitting, line counts and limits are those of delimited text. Source: the
//! field guides of SDMX-CSV 1.0 and 2.1, and the rules of submissions in `docs/formats.md`.

use crate::ReaderLimits;
use crate::csv::{CsvLayout, CsvReader, RaggedWidth};
use crate::encoding::{ByteOrderMark, Encoding};
use crate::sdmx_structure::SdmxDataset;
use crate::sdmx_table::SdmxTable;
use leleka_domain::{Column, Finding, Row, RowSink};

/// What the reader must know of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SdmxLayout {
    /// Names of the dimensions beside territory, citizenship, sex and age, as our rows have them. A column of the
    /// same name in capital letters is one of them.
    pub dimensions: Vec<String>,
}

const DELIMITER_WITHIN: usize = 4096;

/// Reads one file.
#[derive(Debug)]
pub(crate) struct SdmxReader {
    /// The first bytes, until they tell the delimiter.
    opening: Option<Vec<u8>>,
    csv: CsvReader,
    limits: ReaderLimits,
    table: SdmxTable,
}

impl SdmxReader {
    /// Before the first byte behind the byte order mark.
    pub(crate) fn new(layout: SdmxLayout, limits: ReaderLimits) -> Self {
        Self {
            opening: Some(Vec::new()),
            csv: csv_reader(b',', limits),
            limits,
            table: SdmxTable::new(layout),
        }
    }

    /// Takes the next bytes.
    pub(crate) fn feed<S: RowSink>(&mut self, bytes: &[u8], sink: &mut S) {
        let mut sink = SdmxSink {
            table: &mut self.table,
            sink,
        };
        let Some(opening) = &mut self.opening else {
            return self.csv.feed(bytes, &mut sink);
        };
        let mut rest = bytes;
        while let Some((byte, next)) = rest.split_first() {
            opening.push(*byte);
            rest = next;
            if let Some(delimiter) = delimiter_of(opening) {
                self.csv = csv_reader(delimiter, self.limits);
                let opening = self.opening.take().unwrap_or_default();
                self.csv.feed(&opening, &mut sink);
                return self.csv.feed(rest, &mut sink);
            }
        }
    }

    /// Ends the file: how many rows there were, and what they are about.
    pub(crate) fn finish<S: RowSink>(mut self, sink: &mut S) -> (u64, Option<SdmxDataset>) {
        let mut inner = SdmxSink {
            table: &mut self.table,
            sink,
        };
        if let Some(opening) = self.opening.take() {
            self.csv.feed(&opening, &mut inner);
        }
        let rows = self.csv.finish(&mut inner);
        self.table.prepare(sink);
        (rows, self.table.into_dataset())
    }
}

fn csv_reader(delimiter: u8, limits: ReaderLimits) -> CsvReader {
    let layout = CsvLayout {
        encoding: Encoding::Utf8,
        delimiter,
        skip_rows: 0,
        header_rows: 1,
        width: RaggedWidth::Strict,
        columns: 0,
    };
    CsvReader::new(layout, limits, Some(ByteOrderMark::Utf8), &mut NoSink)
}

/// A reader of UTF-8 tells nothing before its first byte.
struct NoSink;

impl RowSink for NoSink {
    fn column(&mut self, _column: Column<'_>) {}
    fn row(&mut self, _row: Row<'_>) {}
    fn finding(&mut self, _finding: Finding) {}
}

/// The character behind the first term of the header, whatever term that is; a list mark `[;]` belongs to it.
fn delimiter_of(opening: &[u8]) -> Option<u8> {
    let (mut quoted, mut in_mark) = (false, false);
    for byte in opening {
        match byte {
            b'"' => quoted = !quoted,
            b'[' => in_mark = true,
            b']' => in_mark = false,
            b',' | b';' if !quoted && !in_mark => return Some(*byte),
            b'\n' | b'\r' if !quoted => return Some(b','),
            _ => {}
        }
    }
    (opening.len() >= DELIMITER_WITHIN).then_some(b',')
}

/// Takes what the reader of delimited text gives, hands on what our rows are.
struct SdmxSink<'t, S> {
    table: &'t mut SdmxTable,
    sink: &'t mut S,
}

impl<S: RowSink> RowSink for SdmxSink<'_, S> {
    fn column(&mut self, column: Column<'_>) {
        self.table.column_read(column);
    }

    fn row(&mut self, row: Row<'_>) {
        self.table.prepare(self.sink);
        self.table.row_read(row, self.sink);
    }

    fn finding(&mut self, finding: Finding) {
        self.sink.finding(finding);
    }
}
