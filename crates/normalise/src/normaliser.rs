//! The sink that turns rows into observations and findings, chunk by chunk, in one pass.
//!
//! Never keeps more than a chunk of observations; never stops at the first error. Rows balance: each row of
//! data gives observations, is refused, or is ignored by a rule of its profile.

use crate::binding::{BoundColumn, Role, field_of, profiled_column, strict_role};
use crate::drafts::Draft;
use crate::judgement::{CellPlace, Judge};
use crate::lenient_header::lenient_column;
use crate::places::{Head, NO_COLUMN, spreadsheet_column};
use crate::profile_plan::ProfilePlan;
use crate::reading::Reading;
use crate::{Codebook, MappingProfile};
use chrono::NaiveDate;
use leleka_domain::{
    Code, Column, ColumnOrigin, Finding, Findings, ObservationRow, Row, RowFormat, RowSink, SeriesId,
    SeriesKey, printable_excerpt,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a submission is read by.
#[derive(Clone, Copy, Debug)]
pub struct NormaliserSettings<'a> {
    /// The catalogue.
    pub codebook: &'a Codebook,
    /// The body that submits.
    pub body: &'a str,
    /// The dataflow; `None` when it is known only at the end.
    pub dataflow: Option<&'a str>,
    /// The territory that the body answers for; everything in it belongs to it.
    pub territory_scope: Option<&'a str>,
    /// The day of the submission, by which agreements hold and periods have ended.
    pub today: NaiveDate,
    /// The shape of the submission.
    pub format: RowFormat,
    /// How the file is to be read; `None` on the strict wire.
    pub profile: Option<&'a MappingProfile>,
    /// Without a profile: whether a table is read as people write it, its headers by their words. Every repair
    /// is told; the strict wire never sets it.
    pub lenient: bool,
    /// Observations after which a chunk is delivered, at the end of a row.
    pub chunk_rows: usize,
    /// Findings that are kept whole; all are counted.
    pub findings_kept: usize,
}

/// A part of the observations, sorted by series and period, no key twice.
#[derive(Clone, Debug, Default)]
pub struct Chunk {
    /// The observations.
    pub rows: Vec<ObservationRow>,
    /// Series seen for the first time in this submission.
    pub new_series: Vec<(SeriesId, SeriesKey)>,
    /// Whether the submission has an error already.
    pub errors_so_far: bool,
}

/// What came of a whole submission.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Every finding, counted exactly.
    pub findings: Findings,
    /// Data rows.
    pub rows: u64,
    /// Rows with an error.
    pub rows_refused: u64,
    /// Rows that the profile declares to be no data.
    pub rows_ignored: u64,
    /// Ignored rows by the code of their rule.
    pub ignored_by_reason: BTreeMap<String, u64>,
    /// Observations delivered, those of `rest` included.
    pub observations: u64,
    /// The last chunk, not delivered yet.
    pub rest: Chunk,
    /// Whether the rows say one by one what they do: there is a column for actions.
    pub actions: bool,
    /// Whether some row deletes its observation.
    pub deletes: bool,
    /// Indicators that the submission names.
    pub indicators: BTreeSet<String>,
}

/// Takes rows, gives chunks of observations.
pub struct Normaliser<'a, F: FnMut(Chunk)> {
    pub(crate) judge: Judge<'a>,
    pub(crate) columns: Vec<BoundColumn<'a>>,
    pub(crate) draft: Draft,
    pub(crate) plan: Option<ProfilePlan<'a>>,
    prepared: bool,
    header_line: Option<u64>,
    duplicate_columns: Vec<u32>,
    reader_told_duplicates: bool,
    reader_told_errors: bool,
    /// The row that the reader told an error of last.
    reader_refused: Option<u64>,
    rows: u64,
    rows_refused: u64,
    pub(crate) ignored_by_reason: BTreeMap<String, u64>,
    observations: u64,
    may_be_empty: bool,
    on_chunk: F,
}

impl<'a, F: FnMut(Chunk)> Normaliser<'a, F> {
    /// Data rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ready for the columns and rows of one submission.
    pub fn new(settings: NormaliserSettings<'a>, on_chunk: F) -> Self {
        let mut judge = Judge::new(settings);
        let plan = settings
            .profile
            .map(|profile| ProfilePlan::new(profile, &mut judge));
        Self {
            draft: Draft::empty(judge.vocabulary.dimensions.len()),
            judge,
            columns: Vec::new(),
            plan,
            prepared: false,
            header_line: None,
            duplicate_columns: Vec::new(),
            reader_told_duplicates: false,
            reader_told_errors: false,
            reader_refused: None,
            rows: 0,
            rows_refused: 0,
            ignored_by_reason: BTreeMap::new(),
            observations: 0,
            may_be_empty: false,
            on_chunk,
        }
    }

    /// The sender says that there is nothing to report: no row is no fault then, nor is the lack of a header.
    pub fn expect_nothing(&mut self) {
        self.may_be_empty = true;
    }

    /// The end of the submission. A dataflow that was not known before is compared now: each indicator that
    /// belongs to another is told once, at its first row.
    pub fn finish(mut self, dataflow: Option<&str>) -> Outcome {
        if !self.may_be_empty || !self.columns.is_empty() {
            self.prepare();
        }
        self.tell_readings();
        if let Some(dataflow) = dataflow.filter(|_| self.judge.settings.dataflow.is_none()) {
            self.tell_other_dataflows(dataflow);
        }
        let rest = self.take_chunk();
        let rows_ignored: u64 = self.ignored_by_reason.values().sum();
        if self.rows == rows_ignored && !self.reader_told_errors && !self.may_be_empty {
            self.judge.findings.push(Finding::error(Code::SubmissionEmpty));
        }
        let entries = &self.judge.vocabulary.indicators;
        let named = entries.iter().filter(|entry| entry.first.is_some());
        Outcome {
            actions: self.columns.iter().any(|column| column.role == Role::Action),
            deletes: self.judge.deletes,
            indicators: named.map(|entry| entry.record.code.clone()).collect(),
            rest: Chunk {
                errors_so_far: self.judge.findings.has_errors(),
                ..rest
            },
            findings: self.judge.findings,
            rows: self.rows,
            rows_refused: self.rows_refused,
            rows_ignored,
            ignored_by_reason: self.ignored_by_reason,
            observations: self.observations,
        }
    }

    fn tell_other_dataflows(&mut self, dataflow: &str) {
        let judge = &mut self.judge;
        let others: Vec<_> = judge
            .vocabulary
            .indicators
            .iter()
            .filter(|entry| entry.record.dataflow != dataflow)
            .filter_map(|entry| Some((entry.record, entry.first?)))
            .collect();
        for (record, (row, line, column)) in others {
            let place = judge.place(row, line, column, "indicator");
            let finding = place
                .mark(Finding::error(Code::IndicatorOtherDataflow))
                .value(&record.code)
                .expected(record.dataflow.as_str());
            judge.findings.push(finding);
        }
    }

    /// One finding for each rule by which the cells of a column were read otherwise than letter by letter.
    fn tell_readings(&mut self) {
        for (index, column) in self.columns.iter().enumerate() {
            let at = number_of(index);
            let head = self.judge.heads.get(index);
            let field = head.map_or("", |head| field_of(column.role, head, &self.judge.vocabulary));
            for counted in &column.tally.counted {
                let note = &counted.first;
                let place = self.judge.place(counted.row, counted.line, at, field);
                let mut finding = place
                    .mark(Finding::new(note.rule.code(), note.rule.severity()))
                    .value(&note.raw)
                    .expected(format!("{} (×{})", printable_excerpt(&note.read), counted.count));
                // A header is no data row.
                finding.row = finding.row.filter(|row| *row > 0);
                self.judge.findings.push(finding);
            }
        }
    }

    fn take_chunk(&mut self) -> Chunk {
        let (rows, refused) = self.judge.take_sorted();
        self.rows_refused += refused;
        self.observations += rows.len() as u64;
        Chunk {
            rows,
            new_series: std::mem::take(&mut self.judge.series.new),
            errors_so_far: self.judge.findings.has_errors(),
        }
    }

    /// Looks at the header as a whole, before the first row.
    fn prepare(&mut self) {
        if self.prepared {
            return;
        }
        self.prepared = true;
        if !self.reader_told_duplicates {
            for column in std::mem::take(&mut self.duplicate_columns) {
                self.tell_header(Code::CsvColumnDuplicate, column, None);
            }
        }
        if self.judge.settings.profile.is_some() {
            self.prepare_profile();
        } else if self.judge.settings.format.is_table() && self.header_line.is_some() {
            let has = |role: Role| self.columns.iter().any(|column| column.role == role);
            let needed = [
                ("indicator", has(Role::Indicator)),
                ("period", has(Role::Period)),
                // Rows without numbers need statuses that say why.
                ("value", has(Role::Value) || has(Role::Status)),
            ];
            for (name, _) in needed.into_iter().filter(|(_, there)| !there) {
                self.tell_column_missing(name);
            }
        }
    }

    pub(crate) fn tell_column_missing(&mut self, name: &str) {
        self.judge.header_incomplete = true;
        let mut finding = Finding::error(Code::CsvColumnMissing).field(name).expected(name);
        finding.line = self.header_line;
        self.judge.findings.push(finding);
    }

    pub(crate) fn tell_header(&mut self, code: Code, column: u32, expected: Option<&str>) {
        let Some(head) = self.judge.heads.get(column as usize) else {
            return;
        };
        let mut finding = Finding::error(code).value(&head.name);
        finding.column = Some(spreadsheet_column(column, head));
        finding.line = self.header_line;
        finding.expected = expected.map(str::to_owned);
        self.judge.findings.push(finding);
    }

    fn bind(&mut self, column: Column<'_>) -> BoundColumn<'a> {
        let vocabulary = &self.judge.vocabulary;
        let bound = match self.judge.settings.profile {
            Some(profile) => profiled_column(column, profile, vocabulary),
            None if self.judge.settings.lenient => lenient_column(column, vocabulary),
            None => BoundColumn::new(strict_role(column, vocabulary), Reading::STRICT),
        };
        let single = !matches!(bound.role, Role::Unknown | Role::Ignore | Role::Expect);
        if single && self.columns.iter().any(|other| other.role == bound.role) {
            self.duplicate_columns.push(number_of(column.index));
            return BoundColumn::new(Role::Ignore, Reading::STRICT);
        }
        if let Role::Dimension(number) = bound.role
            && !self.judge.filled.contains(&number)
        {
            self.judge.filled.push(number);
        }
        bound
    }
}

impl<F: FnMut(Chunk)> RowSink for Normaliser<'_, F> {
    fn column(&mut self, column: Column<'_>) {
        if let ColumnOrigin::Header { line } = column.origin {
            self.header_line = self.header_line.or(Some(line));
        }
        let bound = self.bind(column);
        let unknown = bound.role == Role::Unknown;
        while self.columns.len() <= column.index {
            self.columns.push(BoundColumn::new(Role::Ignore, Reading::STRICT));
            self.judge.heads.push(Head {
                name: String::new(),
                origin: column.origin,
            });
        }
        if let Some(place) = self.columns.get_mut(column.index) {
            *place = bound;
        }
        if let Some(head) = self.judge.heads.get_mut(column.index) {
            head.name = column.name.to_owned();
            head.origin = column.origin;
        }
        if unknown && matches!(column.origin, ColumnOrigin::Header { .. }) {
            self.tell_header(Code::CsvColumnUnknown, number_of(column.index), None);
        }
    }

    fn row(&mut self, row: Row<'_>) {
        self.prepare();
        self.rows += 1;
        self.judge.begin_row(row.number, row.line);
        let before = self.judge.pending.len();
        if self.judge.settings.profile.is_some() {
            self.profiled_row(row);
        } else if self.judge.settings.lenient {
            self.lenient_row(row);
        } else {
            self.strict_row(row);
        }
        if self.judge.row_refused || self.reader_refused == Some(row.number) {
            self.judge.pending.truncate(before);
            self.rows_refused += 1;
        }
        if self.judge.pending.len() >= self.judge.settings.chunk_rows.max(1) {
            let chunk = self.take_chunk();
            (self.on_chunk)(chunk);
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.reader_told_duplicates |= finding.code == Code::CsvColumnDuplicate;
        if finding.severity.refuses() {
            self.reader_told_errors = true;
            self.reader_refused = finding.row.or(self.reader_refused);
            if let Some(row) = finding.row {
                self.judge.unread.retain(|(told, _)| *told == row);
                self.judge.unread.push((row, CellPlace::of(&finding)));
            }
        }
        self.judge.findings.push(finding);
    }
}

pub(crate) fn number_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NO_COLUMN)
}
