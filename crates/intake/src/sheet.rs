//! The rows of one sheet: preamble, header, data, as cells come.
//!
//! Blank rows are counted as rows of the sheet, never as data rows; blank tails are left out. What a cell means
//! is not judged here.

use crate::cells::is_too_long;
use crate::header::{HeaderMerge, HeaderRows, spreadsheet_column};
use crate::rows::RowCount;
use crate::{RaggedWidth, ReaderLimits};
use leleka_domain::{Cell, CellKind, Code, Finding, Row, RowSink, Severity};

/// A sheet is not believed to have more columns; profiles describe a few dozen.
pub(crate) const MOST_COLUMNS: usize = 1_024;

/// Which sheet of a workbook holds the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SheetChoice {
    /// The first visible sheet that has data.
    #[default]
    FirstWithData,
    /// The visible sheet of this name; spaces around it, case and decomposed letters do not matter.
    Named(String),
    /// The visible sheet of this number, from 1.
    Number(u32),
}

/// How a table lies in a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetLayout {
    /// Which sheet.
    pub sheet: SheetChoice,
    /// Rows of the sheet before the header, empty ones included.
    pub skip_rows: u32,
    /// Rows of the header, 1 to 4, joined with ` / `; cells merged over columns name each of them.
    pub header_rows: u32,
    /// What to do with filled cells beyond the header.
    pub width: RaggedWidth,
    /// Columns that somebody described whether or not the header names them; 0 for none. They are announced
    /// with an empty name, and their cells are delivered.
    pub columns: u32,
}

impl Default for SheetLayout {
    fn default() -> Self {
        Self {
            sheet: SheetChoice::FirstWithData,
            skip_rows: 0,
            header_rows: 1,
            width: RaggedWidth::Strict,
            columns: 0,
        }
    }
}

/// One row of a sheet while its cells come.
#[derive(Debug)]
pub(crate) struct SheetRow<'a> {
    /// Row of the sheet, counted from 1.
    pub(crate) line: u64,
    cells: Vec<Cell<'a>>,
    bytes: usize,
    /// Columns with a formula that has no stored value.
    without_value: Vec<usize>,
    /// Number of cells up to the last one that is filled, wherever it stands.
    filled: usize,
}

impl<'a> SheetRow<'a> {
    /// A row before its first cell.
    pub(crate) fn new(line: u64) -> Self {
        Self {
            line,
            cells: Vec::new(),
            bytes: 0,
            without_value: Vec::new(),
            filled: 0,
        }
    }

    /// Puts a cell; empty ones leave no trace.
    pub(crate) fn put(&mut self, column: usize, cell: Cell<'a>) {
        if cell.text.chars().all(char::is_whitespace) {
            return;
        }
        self.bytes = self.bytes.saturating_add(cell.text.len());
        self.filled = self.filled.max(column.saturating_add(1));
        if column < MOST_COLUMNS {
            if self.cells.len() <= column {
                self.cells.resize(column + 1, Cell::ABSENT);
            }
            if let Some(place) = self.cells.get_mut(column) {
                *place = cell;
            }
        }
    }

    /// Notes a formula that has no stored value.
    pub(crate) fn put_formula_without_value(&mut self, column: usize) {
        self.without_value.push(column);
    }

    fn is_blank(&self) -> bool {
        self.filled == 0 && self.without_value.is_empty()
    }

    /// Whether it holds the tags of the Humanitarian Exchange Language, `#adm1+code`, under the header; a footnote
    /// may stand beside them.
    fn is_tag_row(&self, width: usize) -> bool {
        is_tag_row(self.cells.iter().take(width).map(|cell| cell.text.as_ref()))
    }
}

/// Whether every filled cell is a tag of the Humanitarian Exchange Language, and there are at least two.
pub(crate) fn is_tag_row<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let mut tags = 0;
    for cell in cells.map(str::trim).filter(|cell| !cell.is_empty()) {
        let name = cell.strip_prefix('#').unwrap_or_default();
        if !name.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            return false;
        }
        tags += 1;
    }
    tags >= 2
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Header,
    /// Data; whether the next row may be a row of tags.
    Data(bool),
    Done,
}

/// What the rows of a sheet add up to.
#[derive(Debug)]
pub(crate) struct SheetTable<'m> {
    skip_rows: u64,
    width: RaggedWidth,
    columns: usize,
    limits: ReaderLimits,
    merges: &'m [SheetMerge],
    phase: Phase,
    header: HeaderRows,
    /// Line of the header's first and of its last row so far.
    header_lines: (u64, u64),
    names: Vec<String>,
    unnamed_told: Vec<usize>,
    count: RowCount,
    tag_row: bool,
}

/// Merged cells of one row of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SheetMerge {
    /// Row of the sheet, from 1.
    pub(crate) line: u64,
    /// First column, from 0.
    pub(crate) first: usize,
    /// Last column.
    pub(crate) last: usize,
}

impl<'m> SheetTable<'m> {
    /// Before the first row.
    pub(crate) fn new(layout: &SheetLayout, limits: ReaderLimits, merges: &'m [SheetMerge]) -> Self {
        Self {
            skip_rows: u64::from(layout.skip_rows),
            width: layout.width,
            columns: (layout.columns as usize).min(MOST_COLUMNS),
            limits,
            merges,
            phase: Phase::Header,
            header: HeaderRows::new(layout.header_rows),
            header_lines: (0, 0),
            names: Vec::new(),
            unnamed_told: Vec::new(),
            count: RowCount::new(limits.rows),
            tag_row: false,
        }
    }

    /// Whether no further row will be taken.
    pub(crate) fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// Data rows, faulty ones included.
    pub(crate) fn rows(&self) -> u64 {
        self.count.rows
    }

    /// Line of the header, if there is one, and whether a row of tags stood below it.
    pub(crate) fn header_found(&self) -> (Option<u64>, bool) {
        let line = Some(self.header_lines.0).filter(|line| *line > 0);
        (line, self.tag_row)
    }

    /// The header of a column.
    pub(crate) fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    /// Takes a row.
    pub(crate) fn row_read<S: RowSink>(&mut self, row: SheetRow<'_>, sink: &mut S) {
        if row.line <= self.skip_rows {
            return;
        }
        match self.phase {
            Phase::Done => {}
            Phase::Header => self.header_read(row, sink),
            Phase::Data(_) if row.is_blank() => {}
            Phase::Data(true) if row.is_tag_row(self.names.len()) => {
                self.phase = Phase::Data(false);
                self.tag_row = true;
                let mut finding = Finding::new(Code::FileTagRowSkipped, Severity::Info);
                finding.line = Some(row.line);
                sink.finding(finding);
            }
            Phase::Data(_) => {
                self.phase = Phase::Data(false);
                self.data_read(row, sink);
            }
        }
    }

    /// Ends the sheet: a header that broke off is told.
    pub(crate) fn finish<S: RowSink>(&mut self, sink: &mut S) {
        if self.phase == Phase::Header && !self.header.is_empty() {
            self.header_end(sink);
        }
        if self.phase == Phase::Header {
            let place = self.skip_rows + 1;
            let mut finding = Finding::error(Code::CsvHeaderMissing).expected(format!("№ {place}"));
            finding.line = Some(place);
            sink.finding(finding);
        }
    }

    fn header_read<S: RowSink>(&mut self, row: SheetRow<'_>, sink: &mut S) {
        if self.header.is_empty() {
            if row.is_blank() {
                return;
            }
            self.header_lines.0 = row.line;
        } else {
            // Rows that a sheet does not store are blank rows of the header.
            for line in self.header_lines.1 + 1..row.line {
                if self.header.push(line, std::iter::empty()) {
                    self.header_end(sink);
                    return self.row_read(row, sink);
                }
            }
        }
        self.header_lines.1 = row.line;
        if row.filled > MOST_COLUMNS {
            let mut finding = Finding::error(Code::FileTooLarge).expected(format!("{MOST_COLUMNS} × A:AMJ"));
            finding.line = Some(row.line);
            sink.finding(finding);
            self.phase = Phase::Done;
            return;
        }
        if self
            .header
            .push(row.line, row.cells.into_iter().map(|cell| cell.text))
        {
            self.header_end(sink);
        }
    }

    fn header_end<S: RowSink>(&mut self, sink: &mut S) {
        let (first, _) = self.header_lines;
        let rows = self.header.rows();
        let merges: Vec<HeaderMerge> = self
            .merges
            .iter()
            .filter_map(|merge| {
                let row = usize::try_from(merge.line.checked_sub(first)?).ok()?;
                (row < rows).then_some(HeaderMerge {
                    row,
                    first: merge.first,
                    last: merge.last,
                })
            })
            .collect();
        let header = std::mem::replace(&mut self.header, HeaderRows::new(1));
        self.names = header.announce_merged(&merges, self.columns, sink);
        self.phase = Phase::Data(true);
    }

    fn data_read<S: RowSink>(&mut self, row: SheetRow<'_>, sink: &mut S) {
        let Some(number) = self.count.take(row.line, sink) else {
            self.phase = Phase::Done;
            return;
        };
        for column in &row.without_value {
            let mut finding = Finding::error(Code::CellFormulaWithoutValue).at(number, row.line);
            finding.column = Some(spreadsheet_column(*column, self.name(*column)));
            sink.finding(finding);
        }
        if row.bytes > self.limits.row_bytes {
            let most = self.limits.row_bytes.to_string();
            sink.finding(
                Finding::error(Code::RowTooLong)
                    .at(number, row.line)
                    .expected(most),
            );
            return;
        }
        if !self.width_check(&row, number, sink) {
            return;
        }
        let width = self.names.len();
        let cells = row.cells.get(..width.min(row.cells.len())).unwrap_or_default();
        for (index, cell) in cells.iter().enumerate() {
            self.cell_check(index, cell, number, row.line, sink);
        }
        sink.row(Row {
            number,
            line: row.line,
            cells,
        });
    }

    fn cell_check<S: RowSink>(
        &mut self,
        index: usize,
        cell: &Cell<'_>,
        number: u64,
        line: u64,
        sink: &mut S,
    ) {
        if cell.kind == CellKind::Absent {
            return;
        }
        let name = self.name(index);
        if name.is_empty() && index >= self.columns && !self.unnamed_told.contains(&index) {
            let mut finding = Finding::error(Code::FileColumnUnnamed)
                .at(number, line)
                .expected(column_letters(index));
            finding.column = Some(spreadsheet_column(index, ""));
            sink.finding(finding);
            self.unnamed_told.push(index);
        } else if is_too_long(&cell.text, self.limits.cell_characters) {
            let mut finding = Finding::error(Code::TextTooLong)
                .at(number, line)
                .expected(self.limits.cell_characters.to_string());
            finding.column = Some(spreadsheet_column(index, name));
            sink.finding(finding);
        }
    }

    /// Whether the row can be delivered.
    fn width_check<S: RowSink>(&self, row: &SheetRow<'_>, number: u64, sink: &mut S) -> bool {
        let width = self.names.len();
        if row.filled <= width {
            return true;
        }
        let severity = match self.width {
            RaggedWidth::Strict => Severity::Error,
            RaggedWidth::Cut => Severity::Warning,
        };
        let finding = Finding::new(Code::CsvRowWidth, severity).at(number, row.line);
        sink.finding(finding.value(&row.filled.to_string()).expected(width.to_string()));
        severity == Severity::Warning
    }
}

/// `A` for 0, `AA` for 26.
pub(crate) fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut left = index.saturating_add(1);
    while left > 0 {
        left -= 1;
        let letter = u8::try_from(left % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        left /= 26;
    }
    letters.into_iter().rev().collect()
}
