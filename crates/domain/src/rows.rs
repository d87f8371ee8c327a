//! The one row model between the readers of formats and the normaliser.
//!
//! A reader pushes columns, rows and its own findings into a [`RowSink`]; adding a format touches one reader.
//! Cells borrow from the reader's buffer: nothing is copied for a good row.

use crate::Finding;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a cell was on the wire. CSV cells are always [`CellKind::Text`] or [`CellKind::Absent`]; those of a
/// workbook may be [`CellKind::Number`] too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// The row has no such member or the record is shorter.
    Absent,
    /// JSON `null`.
    Null,
    /// A string.
    Text,
    /// A JSON number, whose text is exactly as sent, or a number stored in a workbook, whose text is the shortest
    /// decimal that reads back as the same number.
    Number,
    /// A JSON boolean, array or object where a scalar belongs; the text is as sent.
    Other,
}

/// One cell of a row.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// Its text, unescaped.
    pub text: Cow<'a, str>,
    /// What it was.
    pub kind: CellKind,
}

impl Cell<'_> {
    /// A cell that is not there.
    pub const ABSENT: Cell<'static> = Cell {
        text: Cow::Borrowed(""),
        kind: CellKind::Absent,
    };
}

/// The shape of the submission, which decides how places are written in findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFormat {
    /// One JSON document with an `observations` array; pointers are `/observations/41/sex`.
    Json,
    /// One JSON object on each line; pointers are relative to the line's object, `/sex`.
    Ndjson,
    /// Delimited text; no pointers, columns by index and name.
    Csv,
    /// A workbook of Excel; places as in [`RowFormat::Csv`], lines are rows of the sheet.
    Xlsx,
    /// Delimited text with the columns of SDMX-CSV 1.0 or 2.x; places as in [`RowFormat::Csv`].
    SdmxCsv,
}

impl RowFormat {
    /// Whether it is a table with a header: places are columns, and a cell has no type that a sender chose.
    #[must_use]
    pub fn is_table(self) -> bool {
        match self {
            Self::Json | Self::Ndjson => false,
            Self::Csv | Self::Xlsx | Self::SdmxCsv => true,
        }
    }
}

/// Where a column came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnOrigin {
    /// A header cell of a file, on this physical line.
    Header {
        /// Physical line, counted from 1.
        line: u64,
    },
    /// A JSON member; columns appear as members are first seen.
    Member,
    /// A member of the nested object `dimensions`.
    Dimension,
}

/// A column, announced before the first row that uses it.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Index into [`Row::cells`], from 0.
    pub index: usize,
    /// Header text or member name.
    pub name: &'a str,
    /// Where it came from.
    pub origin: ColumnOrigin,
}

/// One data row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Data row, counted from 1.
    pub number: u64,
    /// Physical line on which it begins, header counted, from 1.
    pub line: u64,
    /// Its cells by column index; shorter than the columns when trailing ones are absent.
    pub cells: &'a [Cell<'a>],
}

impl<'a> Row<'a> {
    /// The cell of a column.
    #[must_use]
    pub fn cell(&self, index: usize) -> &Cell<'a> {
        self.cells.get(index).unwrap_or(&Cell::ABSENT)
    }
}

/// What takes rows.
pub trait RowSink {
    /// A column was seen for the first time.
    fn column(&mut self, column: Column<'_>);
    /// A whole row was read.
    fn row(&mut self, row: Row<'_>);
    /// The reader itself found something wrong; reading goes on wherever it can.
    fn finding(&mut self, finding: Finding);
    /// The bytes of a row as they came, before it is read: an element of JSON, a line of NDJSON. Other formats and
    /// rows that are too long to be held do not give any.
    fn raw(&mut self, _number: u64, _bytes: &[u8]) {}
}
