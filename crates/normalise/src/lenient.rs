//! One row of a table that nobody described: read as people write, where what they write has one meaning.
//!
//! Every repair is counted by column and rule and told at the end. What has two meanings is an error in its cell:
//! nothing is taken as the likelier of two.

use crate::binding::Role;
use crate::drafts::{Sent, SentValue};
use crate::missing_marks::{MissingMark, missing_mark};
use crate::normaliser::{Chunk, Normaliser, number_of};
use crate::notes::{ReadingNote, Rule};
use crate::number_text::{NumberRefusal, number_from_text};
use crate::places::NO_COLUMN;
use crate::profiled::{add_missing, blank_slot};
use crate::row_labels::{RowLabel, row_label};
use crate::strict::{add_letters, confidentiality, deletes, read_slot, tell_cell};
use crate::{NumberFault, collapsed};
use leleka_domain::{CellKind, Code, ObsStatus, Row};
use std::borrow::Cow;

impl<F: FnMut(Chunk)> Normaliser<'_, F> {
    pub(crate) fn lenient_row(&mut self, row: Row<'_>) {
        if let Some(reason) = label_row(row) {
            *self.ignored_by_reason.entry(reason.to_owned()).or_default() += 1;
            return;
        }
        self.clear_draft();
        let mut value = SentValue {
            sent: Sent::Nothing,
            raw: "",
            column: NO_COLUMN,
            decimal_mark: '.',
        };
        for index in 0..self.columns.len() {
            let cell = row.cells.get(index).map_or("", |cell| &cell.text);
            if self
                .columns
                .get(index)
                .is_some_and(|column| column.role == Role::Value)
            {
                let (sent, status) = self.lenient_value(index, cell);
                add_missing(&mut self.draft, status);
                value = SentValue {
                    sent,
                    raw: cell,
                    column: number_of(index),
                    decimal_mark: '.',
                };
            } else {
                self.lenient_cell(index, cell);
            }
        }
        self.judge.judge(&self.draft, &value);
    }

    /// A cell that is not the value.
    fn lenient_cell(&mut self, index: usize, raw: &str) {
        let (judge, draft, at) = (&mut self.judge, &mut self.draft, number_of(index));
        let Some(column) = self.columns.get_mut(index) else {
            return;
        };
        let text = collapsed(raw);
        match column.role {
            Role::Period if !text.is_empty() => {
                // Line breaks part two dates.
                let slot = read_slot(judge, column, raw.trim(), at);
                draft.put(column.role, slot);
            }
            Role::Indicator | Role::Period | Role::Dimension(_) => {
                let slot = if text.is_empty() {
                    blank_slot(judge, draft, column.role, at)
                } else {
                    read_slot(judge, column, &text, at)
                };
                draft.put(column.role, slot);
            }
            Role::Status | Role::Flags if !text.is_empty() => {
                let single = column.role == Role::Status;
                let read = add_letters(judge, &text, single, at, &mut draft.statuses);
                draft.status_wrong |= !read;
            }
            Role::Confidentiality if !text.is_empty() => {
                draft.confidentiality = confidentiality(judge, &text, at);
            }
            Role::Action if !text.is_empty() => draft.deletes = deletes(judge, &text, at),
            Role::Expect if !text.is_empty() => {
                tell_cell(judge, column.role, at, Code::CellUnexpected, &text, Some(""));
            }
            Role::Status
            | Role::Flags
            | Role::Confidentiality
            | Role::Action
            | Role::Expect
            | Role::Value
            | Role::Ignore
            | Role::DimensionsObject
            | Role::Wide(_)
            | Role::Unknown => {}
        }
    }

    /// The number in a cell, or what stands there instead.
    fn lenient_value<'c>(&mut self, index: usize, raw: &'c str) -> (Sent<'c>, Option<ObsStatus>) {
        let mark = missing_mark(raw);
        let (sent, status, read) = match mark {
            Some(MissingMark::Empty) => return (Sent::Nothing, None),
            Some(MissingMark::Zero) => (Sent::Text(Cow::Borrowed("0")), None, "0"),
            Some(MissingMark::Status(status)) => (Sent::Nothing, Some(status), status.letter()),
            None => return self.auto_number(index, raw.trim(), raw),
        };
        self.note(index, vec![ReadingNote::new(Rule::MissingMark, raw, read)]);
        (sent, status)
    }

    /// A number in whichever dialect has one reading for it; a figure in thousands is an estimate.
    pub(crate) fn auto_number<'c>(
        &mut self,
        index: usize,
        text: &str,
        raw: &str,
    ) -> (Sent<'c>, Option<ObsStatus>) {
        let fault = match number_from_text(text) {
            Ok(read) => {
                let by_rounding = read.notes.iter().find(|note| note.rule == Rule::NumberByRounding);
                let Some(note) = by_rounding else {
                    self.note(index, read.notes);
                    let status = (read.unit_mult > 0).then_some(ObsStatus::Estimated);
                    return (Sent::Text(Cow::Owned(read.canonical)), status);
                };
                // A lone figure may be read by its rounding; a row of data is refused.
                NumberFault::Ambiguous(format!("{} / {}", note.read, text.replacen(',', ".", 1)))
            }
            Err(NumberRefusal::Ambiguous(readings)) => NumberFault::Ambiguous(readings),
            Err(NumberRefusal::NotNumber) => NumberFault::NotNumber,
        };
        self.tell_number('.', index, raw, &fault);
        (Sent::Wrong, None)
    }

    fn note(&mut self, index: usize, notes: Vec<ReadingNote>) {
        let (row, line) = (self.judge.row, self.judge.line);
        if let Some(column) = self.columns.get_mut(index) {
            column.tally.add(notes, row, line);
        }
    }
}

/// Why a row is no data: it is blank, a row of tags, or its only text is a label.
fn label_row(row: Row<'_>) -> Option<&'static str> {
    let mut texts = row
        .cells
        .iter()
        .filter(|cell| !matches!(cell.kind, CellKind::Absent | CellKind::Null))
        .map(|cell| cell.text.trim())
        .filter(|text| !text.is_empty());
    let Some(first) = texts.next() else {
        return Some("blank_row");
    };
    match row_label(first) {
        Some(RowLabel::HxlTags) if texts.all(|text| text.starts_with('#')) => Some("tag_row"),
        Some(RowLabel::Skip | RowLabel::Subheader) if texts.next().is_none() => Some("label_row"),
        Some(_) | None => None,
    }
}
