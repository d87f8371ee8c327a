//! The table of an SDMX-CSV file: its header as a whole, then row after row in our columns.
//!
//! Never hands on a row that says nothing, and never a column that is not known. Every row is checked for what
//! concerns the file as such: one structure, known actions, periods of the frequency they claim.

use crate::sdmx::SdmxLayout;
use crate::sdmx_columns::{Part, SdmxColumn, cut_label, period_canonical, period_frequency};
use crate::sdmx_structure::{SdmxDataset, SdmxStructure, SdmxVersion};
use leleka_domain::{Cell, CellKind, Code, Column, ColumnOrigin, Finding, Row, RowSink, Severity};
use std::borrow::Cow;

/// What the columns and rows add up to.
#[derive(Debug, Default)]
pub(crate) struct SdmxTable {
    layout: SdmxLayout,
    columns: Vec<SdmxColumn>,
    /// Whether cells may carry labels: `AF: Afghanistan`.
    labels: bool,
    line: u64,
    prepared: bool,
    version: Option<SdmxVersion>,
    structure: Option<SdmxStructure>,
}

impl SdmxTable {
    /// Before the header.
    pub(crate) fn new(layout: SdmxLayout) -> Self {
        Self {
            layout,
            ..Self::default()
        }
    }

    /// Takes a column of the header.
    pub(crate) fn column_read(&mut self, column: Column<'_>) {
        if let ColumnOrigin::Header { line } = column.origin {
            self.line = line;
        }
        let id = cut_label(column.name);
        self.labels |= id.len() < column.name.len();
        // `STRUCTURE[|]` says what parts several values of one cell.
        let id = id.split_once('[').map_or(id, |(id, _)| id);
        let column = SdmxColumn::new(id, column.name, &self.layout.dimensions);
        self.columns.push(column);
    }

    fn position(&self, part: Part) -> Option<usize> {
        self.columns.iter().position(|column| column.part == part)
    }

    /// Looks at the header as a whole and announces our columns.
    pub(crate) fn prepare<S: RowSink>(&mut self, sink: &mut S) {
        if std::mem::replace(&mut self.prepared, true) || self.columns.is_empty() {
            return;
        }
        let has = |part: Part| self.position(part).is_some();
        let version = match (
            has(Part::Dataflow),
            has(Part::Structure) && has(Part::StructureId),
        ) {
            (true, false) => Some(SdmxVersion::V1),
            (false, true) => Some(SdmxVersion::V2),
            (true, true) | (false, false) => None,
        };
        let has_status = has(Part::Status);
        self.version = version;
        if version.is_none() {
            let mut finding = Finding::error(Code::SdmxHeaderUnknown);
            finding.line = Some(self.line);
            sink.finding(finding);
        }
        let origin = ColumnOrigin::Header { line: self.line };
        let mut unused = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            if let Some(name) = &column.ours {
                sink.column(Column { index, name, origin });
            } else if column.part == Part::Unknown && !column.name.trim().is_empty() {
                let severity = match self.version {
                    Some(SdmxVersion::V1) => Severity::Error,
                    Some(SdmxVersion::V2) | None => Severity::Warning,
                };
                let mut finding = Finding::new(Code::SdmxColumnUnknown, severity).value(&column.name);
                finding.line = Some(self.line);
                finding.column = Some(column.place(index));
                sink.finding(finding);
            } else if matches!(column.part, Part::Unused | Part::Multiplier) {
                unused.push(column.name.as_str());
            }
        }
        if !unused.is_empty() {
            let mut finding = Finding::new(Code::SdmxColumnUnused, Severity::Info).value(&unused.join(", "));
            finding.line = Some(self.line);
            sink.finding(finding);
        }
        if !has_status {
            // A number that is intentionally missing needs a status that says so.
            let (index, name) = (self.columns.len(), "obs_status");
            sink.column(Column { index, name, origin });
        }
    }

    /// Takes a row.
    pub(crate) fn row_read<S: RowSink>(&mut self, row: Row<'_>, sink: &mut S) {
        if self.version.is_none() {
            return;
        }
        self.structure_check(row, sink);
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(self.columns.len() + 1);
        for (index, column) in self.columns.iter().enumerate() {
            cells.push(column.cell(row.cell(index), self.labels));
        }
        if !self.contents_check(row, &cells, sink) {
            return;
        }
        self.action_read(row, &mut cells, sink);
        self.period_read(row, &mut cells, sink);
        self.value_read(&mut cells);
        sink.row(Row { cells: &cells, ..row });
    }

    fn tell<S: RowSink>(
        &self,
        code: Code,
        at: usize,
        row: Row<'_>,
        value: &str,
        expected: &str,
        sink: &mut S,
    ) {
        let mut finding = Finding::error(code).at(row.number, row.line).value(value);
        if !expected.is_empty() {
            finding = finding.expected(expected);
        }
        finding.column = self.columns.get(at).map(|column| column.place(at));
        sink.finding(finding);
    }

    /// Every row names the structure; all name the same.
    fn structure_check<S: RowSink>(&mut self, row: Row<'_>, sink: &mut S) {
        let id_at = self.position(Part::StructureId).or(self.position(Part::Dataflow));
        let Some(id_at) = id_at else { return };
        let kind_at = self.position(Part::Structure);
        let text = row.cell(id_at).text.trim();
        let kind = kind_at.map(|at| row.cell(at).text.trim());
        if let Some(known) = &self.structure
            && known.is_written(kind, text)
        {
            return;
        }
        match (SdmxStructure::read(kind, cut_label(text)), &self.structure) {
            (Err(wrong_kind), _) => {
                let at = kind_at.filter(|_| wrong_kind).unwrap_or(id_at);
                let expected = if wrong_kind {
                    "dataflow | datastructure | dataprovision"
                } else {
                    "LELEKA:ASY(1.0.0)"
                };
                self.tell(
                    Code::SdmxStructureInvalid,
                    at,
                    row,
                    &row.cell(at).text,
                    expected,
                    sink,
                );
            }
            (Ok(structure), None) => self.structure = Some(structure.written(kind, text)),
            (Ok(structure), Some(known)) if structure.is_same(known) => {}
            (Ok(_), Some(known)) => {
                let expected = known.to_string();
                self.tell(Code::SdmxStructureMixed, id_at, row, text, &expected, sink);
            }
        }
    }

    /// Whether the row can be handed on: it says something beside its dimensions, and names all of those.
    fn contents_check<S: RowSink>(&self, row: Row<'_>, cells: &[Cell<'_>], sink: &mut S) -> bool {
        let says = |index: usize| {
            row.cells
                .get(index)
                .is_some_and(|cell| !cell.text.trim().is_empty())
        };
        let deletes = self
            .position(Part::Action)
            .is_some_and(|at| row.cell(at).text.trim() == "D");
        let content = |column: &SdmxColumn| column.part.is_content();
        let mut contents = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| content(column));
        if !deletes && !contents.any(|(index, _)| says(index)) {
            sink.finding(Finding::error(Code::SdmxRowEmpty).at(row.number, row.line));
            return false;
        }
        let is_off = |index: &usize| row.cell(*index).text.trim() == "~";
        let mut dimensions = (0..self.columns.len()).filter(|index| {
            self.columns
                .get(*index)
                .is_some_and(|column| column.part.is_dimension())
        });
        if let Some(off) = dimensions.find(is_off) {
            // Attributes above the observation have no place in our series.
            let has_value = self.position(Part::Value).is_some_and(says);
            let severity = if has_value {
                Severity::Error
            } else {
                Severity::Warning
            };
            let mut finding = Finding::new(Code::SdmxDimensionOff, severity).at(row.number, row.line);
            finding.column = self.columns.get(off).map(|column| column.place(off));
            sink.finding(finding);
            return false;
        }
        if let Some(at) = self.position(Part::Multiplier) {
            let text = cells.get(at).map_or("", |cell| cut_label(cell.text.trim()));
            if !matches!(text, "" | "0" | "#N/A") {
                self.tell(Code::SdmxMultiplier, at, row, text, "", sink);
            }
        }
        true
    }

    /// One letter for each kind of action: `M` merge, `R` replace, `D` delete.
    fn action_read<S: RowSink>(&self, row: Row<'_>, cells: &mut [Cell<'_>], sink: &mut S) {
        let Some(at) = self.position(Part::Action) else {
            return;
        };
        let sent = row.cell(at).text.trim();
        let letter = match cut_label(sent) {
            "I" | "A" | "M" => "M",
            "R" => "R",
            "D" => "D",
            _ => {
                self.tell(Code::SdmxActionUnknown, at, row, sent, "I | A | M | R | D", sink);
                ""
            }
        };
        if let Some(cell) = cells.get_mut(at) {
            cell.text = Cow::Borrowed(letter);
            cell.kind = CellKind::Text;
        }
    }

    fn period_read<S: RowSink>(&self, row: Row<'_>, cells: &mut [Cell<'_>], sink: &mut S) {
        let Some(at) = self.position(Part::Period) else {
            return;
        };
        let Some(cell) = cells.get_mut(at) else { return };
        if let Some(canonical) = period_canonical(&cell.text) {
            cell.text = Cow::Owned(canonical);
        }
        let Some(frequency_at) = self.position(Part::Frequency) else {
            return;
        };
        let frequency = cut_label(row.cell(frequency_at).text.trim());
        let implied = period_frequency(&cell.text);
        if !frequency.is_empty() && implied.is_some_and(|implied| implied != frequency) {
            let period = cell.text.clone();
            self.tell(
                Code::SdmxFrequencyMismatch,
                frequency_at,
                row,
                frequency,
                &period,
                sink,
            );
        }
    }

    /// `NaN` is a number that is intentionally missing; without a status of its own it is `O`.
    fn value_read(&self, cells: &mut Vec<Cell<'_>>) {
        let Some(value) = self.position(Part::Value).and_then(|at| cells.get_mut(at)) else {
            return;
        };
        if value.text.trim() != "NaN" {
            return;
        }
        *value = Cell::ABSENT;
        let missing = Cell {
            text: Cow::Borrowed("O"),
            kind: CellKind::Text,
        };
        match self.position(Part::Status) {
            None => cells.push(missing),
            Some(at) => {
                if let Some(status) = cells.get_mut(at).filter(|status| status.text.trim().is_empty()) {
                    *status = missing;
                }
            }
        }
    }

    /// What the file is about.
    pub(crate) fn into_dataset(self) -> Option<SdmxDataset> {
        let with_actions = self.position(Part::Action).is_some();
        Some(SdmxDataset {
            version: self.version?,
            structure: self.structure?,
            with_actions,
        })
    }
}
