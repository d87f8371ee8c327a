//! Workbooks of Excel (XLSX): one sheet to rows.
//!
//! A workbook is a ZIP and can be read only when it is there whole. Nothing in it is ever computed: a formula
//! counts as the value stored with it, links to other files are never followed, hidden sheets are never read.
//! Numbers are taken as stored, not as shown. Before the library opens the package it has been looked through
//! ([`crate::package`]); a fault of the library itself ends as a finding too.

use crate::package::{PackageFault, package_check};
use crate::sheet::{SheetChoice, SheetLayout, SheetMerge, SheetRow, SheetTable, column_letters};
use crate::{PackageLimits, ReaderLimits};
use calamine::{Data, DataRef, ExcelDateTime, Reader as _, Sheet, SheetType, SheetVisible, Xlsx, XlsxError};
use leleka_domain::{Cell, CellKind, Code, Finding, RowSink, Severity};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Compound files of Microsoft: XLS, and XLSX under a password.
const COMPOUND_FILE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const ZIP: &[u8] = b"PK\x03\x04";

/// How a workbook was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRead {
    /// The sheet, as it is named in the workbook.
    pub sheet: String,
    /// Row of the sheet in which the header begins.
    pub header_line: Option<u64>,
    /// Whether a row of HXL tags below the header was passed over.
    pub tag_row: bool,
    /// Cells of which the stored value of a formula was read.
    pub formulas: u64,
    /// Cells that hold an error of Excel.
    pub excel_errors: u64,
}

/// Reads the table of a whole workbook; says how many data rows it has.
pub(crate) fn workbook_read<S: RowSink>(
    bytes: &[u8],
    layout: &SheetLayout,
    limits: ReaderLimits,
    package: PackageLimits,
    sink: &mut S,
) -> (u64, Option<SheetRead>) {
    if let Some(code) = foreign_format(bytes) {
        sink.finding(Finding::error(code));
        return (0, None);
    }
    if let Err(fault) = package_check(bytes, package) {
        sink.finding(package_finding(fault, package));
        return (0, None);
    }
    let read = catch_unwind(AssertUnwindSafe(|| package_read(bytes, layout, limits, sink)));
    match read {
        Ok(read) => read,
        // The library gave up; rows given so far do not count, since an error was told.
        Err(_panic) => {
            sink.finding(Finding::error(Code::FileDamaged).value("xlsx"));
            (0, None)
        }
    }
}

/// What a file is that is no ZIP.
fn foreign_format(bytes: &[u8]) -> Option<Code> {
    if bytes.starts_with(ZIP) {
        return None;
    }
    if bytes.starts_with(COMPOUND_FILE) {
        let sign: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let protected = memchr::memmem::find(bytes, &sign).is_some();
        return Some(if protected {
            Code::FilePasswordProtected
        } else {
            Code::FileLegacyWorkbook
        });
    }
    Some(if is_markup(bytes) {
        Code::FileHtmlWorkbook
    } else {
        Code::FileNotWorkbook
    })
}

/// Whether a file begins as HTML or XML does.
pub(crate) fn is_markup(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start: Vec<u8> = start
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace())
        .take(6)
        .map(u8::to_ascii_lowercase)
        .collect();
    let openings: [&[u8]; 6] = [b"<!doct", b"<html", b"<?xml", b"<table", b"<head", b"<meta"];
    openings.iter().any(|opening| start.starts_with(opening))
}

/// Whether a file is a container of Microsoft or a ZIP, and so no text.
pub(crate) fn is_container(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(COMPOUND_FILE) || bytes.starts_with(b"%PDF-")
}

fn package_finding(fault: PackageFault, limits: PackageLimits) -> Finding {
    match fault {
        PackageFault::Damaged(place) => Finding::error(Code::FileDamaged).value(place),
        PackageFault::Encrypted => Finding::error(Code::FilePasswordProtected),
        PackageFault::NotWorkbook => Finding::error(Code::FileNotWorkbook),
        PackageFault::Entries => {
            Finding::error(Code::FileInflatesTooMuch).expected(format!("{} × ZIP", limits.entries))
        }
        PackageFault::Inflated => {
            Finding::error(Code::FileInflatesTooMuch).expected(format!("{} B", limits.inflated_bytes))
        }
        PackageFault::Ratio => {
            Finding::error(Code::FileInflatesTooMuch).expected(format!("× {}", limits.ratio))
        }
        PackageFault::Elements => Finding::error(Code::FileInflatesTooMuch).expected("XML"),
    }
}

fn library_finding(error: &XlsxError) -> Finding {
    match error {
        XlsxError::Password => Finding::error(Code::FilePasswordProtected),
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => Finding::error(Code::FileNotWorkbook),
        _ => Finding::error(Code::FileDamaged).value("xlsx"),
    }
}

type Workbook<'b> = Xlsx<Cursor<&'b [u8]>>;

fn package_read<S: RowSink>(
    bytes: &[u8],
    layout: &SheetLayout,
    limits: ReaderLimits,
    sink: &mut S,
) -> (u64, Option<SheetRead>) {
    let mut read = SheetRead::default();
    let opened = Workbook::new(Cursor::new(bytes)).and_then(|mut workbook| {
        let Some(name) = sheet_choose(&mut workbook, &layout.sheet)? else {
            sink.finding(sheet_missing(&workbook, &layout.sheet));
            return Ok(0);
        };
        let merges = if layout.header_rows > 1 {
            header_merges(&mut workbook, &name)?
        } else {
            Vec::new()
        };
        read.sheet.clone_from(&name);
        let mut table = SheetTable::new(layout, limits, &merges);
        let told = cells_read(&mut workbook, &name, &mut table, &mut read, sink);
        (read.header_line, read.tag_row) = table.header_found();
        if let Err(error) = told {
            sink.finding(library_finding(&error));
        }
        Ok(table.rows())
    });
    match opened {
        Ok(rows) => (rows, Some(read).filter(|read| !read.sheet.is_empty())),
        Err(error) => {
            sink.finding(library_finding(&error));
            (0, None)
        }
    }
}

fn visible(sheet: &&Sheet) -> bool {
    sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet
}

fn sheet_choose(workbook: &mut Workbook<'_>, choice: &SheetChoice) -> Result<Option<String>, XlsxError> {
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    match choice {
        SheetChoice::Named(wanted) => {
            let wanted = sheet_key(wanted);
            Ok(names.into_iter().find(|name| sheet_key(name) == wanted))
        }
        SheetChoice::Number(number) => {
            let index = usize::try_from(*number).unwrap_or(usize::MAX);
            Ok(names.into_iter().nth(index.wrapping_sub(1)))
        }
        SheetChoice::FirstWithData => {
            for name in &names {
                let mut cells = workbook.worksheet_cells_reader(name)?;
                while let Some(record) = cells.next_cell_with_formula_metadata()? {
                    if record.value != DataRef::Empty || record.formula.is_some() {
                        return Ok(Some(name.clone()));
                    }
                }
            }
            Ok(None)
        }
    }
}

fn sheet_missing(workbook: &Workbook<'_>, choice: &SheetChoice) -> Finding {
    let names = workbook.sheets_metadata().iter().filter(visible);
    let names: Vec<&str> = names.map(|sheet| sheet.name.trim()).collect();
    let wanted = match choice {
        SheetChoice::FirstWithData => "…".to_owned(),
        SheetChoice::Named(name) => name.clone(),
        SheetChoice::Number(number) => format!("№ {number}"),
    };
    Finding::error(Code::FileSheetMissing)
        .value(&names.join(", "))
        .expected(wanted)
}

/// The key under which names of sheets are compared: composed, trimmed, in lower case. Of decomposed letters the
/// three that Ukrainian and Russian names have are composed.
fn sheet_key(name: &str) -> String {
    name.trim()
        .to_lowercase()
        .replace("и\u{306}", "й")
        .replace("і\u{308}", "ї")
        .replace("е\u{308}", "ё")
}

/// Cells merged over several columns, row by row, as far as a header may reach.
fn header_merges(workbook: &mut Workbook<'_>, name: &str) -> Result<Vec<SheetMerge>, XlsxError> {
    const HEADER_REACH: u32 = 1_000;
    let merges = workbook.merge_cells_by_sheet_name(name)?;
    let wide = merges
        .into_iter()
        .filter(|merge| merge.start.1 < merge.end.1 && merge.start.0 < HEADER_REACH);
    Ok(wide
        .map(|merge| SheetMerge {
            line: u64::from(merge.start.0) + 1,
            first: merge.start.1 as usize,
            last: merge.end.1 as usize,
        })
        .collect())
}

/// Cells of one kind: how many, and where the first one is.
#[derive(Debug, Default)]
struct Tally {
    cells: u64,
    first: Option<String>,
}

impl Tally {
    fn add(&mut self, line: u64, column: usize) {
        self.cells += 1;
        self.first
            .get_or_insert_with(|| format!("{}{line}", column_letters(column)));
    }

    fn tell<S: RowSink>(self, code: Code, severity: Severity, sink: &mut S) -> u64 {
        if let Some(first) = self.first {
            let finding = Finding::new(code, severity).value(&self.cells.to_string());
            sink.finding(finding.expected(first));
        }
        self.cells
    }
}

fn cells_read<S: RowSink>(
    workbook: &mut Workbook<'_>,
    name: &str,
    table: &mut SheetTable<'_>,
    read: &mut SheetRead,
    sink: &mut S,
) -> Result<(), XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(name)?;
    let (mut formulas, mut errors) = (Tally::default(), Tally::default());
    let mut row: Option<SheetRow<'_>> = None;
    while !table.is_done() {
        let Some(record) = cells.next_cell_with_formula_metadata()? else {
            break;
        };
        let (line, column) = (u64::from(record.pos.0) + 1, record.pos.1 as usize);
        let current = row.get_or_insert_with(|| SheetRow::new(line));
        if current.line > line {
            // No program writes rows out of order; what belongs where cannot be told.
            return Err(XlsxError::Unexpected("rows out of order"));
        }
        if current.line < line {
            let ended = std::mem::replace(current, SheetRow::new(line));
            table.row_read(ended, sink);
        }
        if record.formula.is_some() {
            if record.value == DataRef::Empty {
                current.put_formula_without_value(column);
                continue;
            }
            formulas.add(line, column);
        }
        if matches!(record.value, DataRef::Error(_)) {
            errors.add(line, column);
        }
        if let Some(cell) = cell_text(record.value) {
            current.put(column, cell);
        }
    }
    if let Some(row) = row {
        table.row_read(row, sink);
    }
    table.finish(sink);
    read.formulas = formulas.tell(Code::CellFormulaRead, Severity::Info, sink);
    read.excel_errors = errors.tell(Code::CellExcelError, Severity::Warning, sink);
    Ok(())
}

/// A stored value as text; `None` for an empty cell.
fn cell_text(value: DataRef<'_>) -> Option<Cell<'_>> {
    let (text, kind) = match value {
        DataRef::Empty => return None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            (Cow::Owned(text), CellKind::Text)
        }
        DataRef::SharedString(text) => (Cow::Borrowed(text), CellKind::Text),
        DataRef::Int(number) => (Cow::Owned(number.to_string()), CellKind::Number),
        // Infinities and the like are no numbers of a workbook: they stay a text that reads as none.
        DataRef::Float(number) if !number.is_finite() => (Cow::Owned(number.to_string()), CellKind::Text),
        // The shortest decimal that reads back as the same number; a negative zero is a zero.
        DataRef::Float(number) => (Cow::Owned((number + 0.0).to_string()), CellKind::Number),
        DataRef::Bool(flag) => (Cow::Owned(flag.to_string()), CellKind::Text),
        DataRef::DateTime(moment) => (Cow::Owned(moment_text(&moment)), CellKind::Text),
        DataRef::Error(error) => (Cow::Owned(Data::Error(error).to_string()), CellKind::Text),
    };
    Some(Cell { text, kind })
}

/// A date as `2026-11-16`, a moment with its time behind it, a time of day alone, a duration in days.
fn moment_text(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() {
        return days.to_string();
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    if (0.0..1.0).contains(&days) {
        time
    } else if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date}T{time}")
    }
}
