//! The header of a table: one row, or several merged into one name for each column.

use leleka_domain::{Code, Column, ColumnOrigin, Finding, FindingColumn, RowSink};
use std::borrow::Cow;
use std::collections::HashSet;

const BETWEEN_PARTS: &str = " / ";

/// Header rows collected so far.
#[derive(Debug)]
pub(crate) struct HeaderRows {
    rows: Vec<Vec<String>>,
    wanted: usize,
    line: u64,
}

impl HeaderRows {
    /// None yet, of so many.
    pub(crate) fn new(wanted: u32) -> Self {
        Self {
            rows: Vec::new(),
            wanted: wanted.clamp(1, 4) as usize,
            line: 1,
        }
    }

    /// Whether no row was taken yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes the cells of a row; says whether the header is now whole.
    pub(crate) fn push<'c>(&mut self, line: u64, cells: impl Iterator<Item = Cow<'c, str>>) -> bool {
        let mut names: Vec<String> = cells.map(|cell| name_trimmed(&cell).to_owned()).collect();
        let width = names
            .iter()
            .rposition(|name| !name.is_empty())
            .map_or(0, |last| last + 1);
        names.truncate(width);
        if self.rows.is_empty() {
            self.line = line;
        }
        self.rows.push(names);
        self.rows.len() >= self.wanted
    }

    /// Rows collected so far.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Announces the columns of delimited text, at least so many, and returns their names. A name that stands
    /// twice is told.
    pub(crate) fn announce<S: RowSink>(mut self, columns: usize, sink: &mut S) -> Vec<String> {
        self.widen(columns);
        self.fill_from_left();
        self.announce_filled(usize::MAX, sink)
    }

    /// Announces the columns of a sheet that have a name, and returns all names. A cell merged over several
    /// columns names each of them that a lower row names too. So many columns are announced in any case.
    pub(crate) fn announce_merged<S: RowSink>(
        mut self,
        merges: &[HeaderMerge],
        columns: usize,
        sink: &mut S,
    ) -> Vec<String> {
        self.widen(columns);
        self.fill_within(merges);
        self.announce_filled(columns, sink)
    }

    fn widen(&mut self, columns: usize) {
        if let Some(row) = self.rows.last_mut()
            && row.len() < columns
        {
            row.resize(columns, String::new());
        }
    }

    fn announce_filled<S: RowSink>(self, described: usize, sink: &mut S) -> Vec<String> {
        let line = self.line;
        let names = self.joined();
        let mut seen = HashSet::new();
        for (index, name) in names.iter().enumerate() {
            if !name.is_empty() && !seen.insert(name.as_str()) {
                let mut finding = Finding::error(Code::CsvColumnDuplicate).value(name);
                finding.line = Some(line);
                finding.column = Some(spreadsheet_column(index, name));
                sink.finding(finding);
            }
            if index < described || !name.is_empty() {
                let origin = ColumnOrigin::Header { line };
                sink.column(Column { index, name, origin });
            }
        }
        names
    }

    fn width_even(&mut self) -> usize {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        for row in &mut self.rows {
            row.resize(width, String::new());
        }
        width
    }

    /// A cell that is merged over several columns comes out of a spreadsheet as its text and empty cells, so in
    /// upper rows an empty cell repeats its left one where a lower row names the column; a column that no lower
    /// row names was not part of the merge.
    fn fill_from_left(&mut self) {
        let mut named_below = vec![false; self.width_even()];
        for (from_below, row) in self.rows.iter_mut().rev().enumerate() {
            let own: Vec<bool> = row.iter().map(|cell| !cell.is_empty()).collect();
            let mut left = String::new();
            for (cell, below) in row.iter_mut().zip(&named_below) {
                if !cell.is_empty() {
                    left.clone_from(cell);
                } else if *below && from_below > 0 {
                    cell.clone_from(&left);
                }
            }
            for (below, own) in named_below.iter_mut().zip(own) {
                *below |= own;
            }
        }
    }

    fn fill_within(&mut self, merges: &[HeaderMerge]) {
        let mut named_below = vec![false; self.width_even()];
        for (number, row) in self.rows.iter_mut().enumerate().rev() {
            let own: Vec<bool> = row.iter().map(|cell| !cell.is_empty()).collect();
            for merge in merges.iter().filter(|merge| merge.row == number) {
                let Some(text) = row.get(merge.first).cloned() else {
                    continue;
                };
                let covered = row.iter_mut().zip(&named_below);
                let covered = covered.take(merge.last.saturating_add(1)).skip(merge.first);
                for (cell, below) in covered {
                    if *below && cell.is_empty() {
                        cell.clone_from(&text);
                    }
                }
            }
            for (below, own) in named_below.iter_mut().zip(own) {
                *below |= own;
            }
        }
    }

    /// One name for each column: its parts from top to bottom.
    fn joined(mut self) -> Vec<String> {
        let width = self.width_even();
        let cell = |row: &'_ Vec<String>, index: usize| row.get(index).cloned().unwrap_or_default();
        (0..width)
            .map(|index| {
                let parts = self.rows.iter().map(|row| cell(row, index));
                parts
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(BETWEEN_PARTS)
            })
            .collect()
    }
}

/// Cells of one header row that a spreadsheet merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeaderMerge {
    /// Row of the header, from 0.
    pub(crate) row: usize,
    /// First column, from 0.
    pub(crate) first: usize,
    /// Last column.
    pub(crate) last: usize,
}

/// The column of a finding, counted from 1.
pub(crate) fn spreadsheet_column(index: usize, name: &str) -> FindingColumn {
    FindingColumn {
        index: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
        name: name.to_owned(),
    }
}

fn name_trimmed(name: &str) -> &str {
    name.trim_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}')
}
