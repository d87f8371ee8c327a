//! One row of the strict wire: codes only, canonical periods, JSON numbers.
//!
//! Nothing is trimmed, folded or translated here; an empty cell or `null` means that nothing was said.

use crate::binding::{BoundColumn, Role, field_of};
use crate::drafts::{Sent, SentValue, Slot};
use crate::judgement::Judge;
use crate::normaliser::{Chunk, Normaliser, number_of};
use crate::places::NO_COLUMN;
use crate::vocabulary::Meaning;
use leleka_domain::{Cell, CellKind, Code, ConfStatus, ObsStatus, Row};
use std::borrow::Cow;

impl<F: FnMut(Chunk)> Normaliser<'_, F> {
    pub(crate) fn strict_row(&mut self, row: Row<'_>) {
        self.clear_draft();
        let mut value = SentValue {
            sent: Sent::Nothing,
            raw: "",
            column: NO_COLUMN,
            decimal_mark: '.',
        };
        for (index, column) in self.columns.iter_mut().enumerate() {
            let (cell, at) = (row.cell(index), number_of(index));
            let judge = &mut self.judge;
            match column.role {
                Role::Indicator => self.draft.indicator = strict_slot(judge, column, cell, at),
                Role::Period => self.draft.period = strict_slot(judge, column, cell, at),
                Role::Dimension(number) => {
                    let slot = strict_slot(judge, column, cell, at);
                    if let Some(place) = self.draft.dimensions.get_mut(number) {
                        *place = slot;
                    }
                }
                Role::Value => {
                    value.column = at;
                    value.raw = &cell.text;
                    value.sent = strict_value(judge, cell, at);
                }
                Role::Status | Role::Flags => {
                    if let Some(text) = strict_text(judge, cell, at, column.role) {
                        let single = column.role == Role::Status;
                        let read = add_letters(judge, text, single, at, &mut self.draft.statuses);
                        self.draft.status_wrong |= !read;
                    } else {
                        self.draft.status_wrong |= !is_blank(cell);
                    }
                }
                Role::Confidentiality => {
                    if let Some(text) = strict_text(judge, cell, at, column.role) {
                        self.draft.confidentiality = confidentiality(judge, text, at);
                    }
                }
                Role::Action => {
                    if let Some(text) = strict_text(judge, cell, at, column.role) {
                        self.draft.deletes = deletes(judge, text, at);
                    }
                }
                Role::DimensionsObject if !matches!(cell.kind, CellKind::Absent | CellKind::Null) => {
                    let value = Some(&*cell.text);
                    judge.tell(Code::JsonType, at, "dimensions", value, Some("object"));
                }
                Role::Unknown if !judge.settings.format.is_table() && cell.kind != CellKind::Absent => {
                    let name = judge.heads.get(index).map_or("", |head| &head.name).to_owned();
                    judge.tell(Code::JsonMemberUnknown, at, &name, None, None);
                }
                Role::DimensionsObject | Role::Unknown | Role::Expect | Role::Ignore | Role::Wide(_) => {}
            }
        }
        self.judge.judge(&self.draft, &value);
    }

    pub(crate) fn clear_draft(&mut self) {
        let draft = &mut self.draft;
        draft.indicator = Slot::Blank(NO_COLUMN);
        draft.period = Slot::Blank(NO_COLUMN);
        draft.dimensions.fill(Slot::Blank(NO_COLUMN));
        draft.statuses.clear();
        draft.status_wrong = false;
        draft.confidentiality = ConfStatus::Free;
        draft.deletes = false;
    }
}

fn is_blank(cell: &Cell<'_>) -> bool {
    match cell.kind {
        CellKind::Absent | CellKind::Null => true,
        CellKind::Text => cell.text.is_empty(),
        CellKind::Number | CellKind::Other => false,
    }
}

/// The text of a cell that holds a word; `None` when it is blank, or no text, which is told.
fn strict_text<'c>(judge: &mut Judge<'_>, cell: &'c Cell<'_>, column: u32, role: Role) -> Option<&'c str> {
    if is_blank(cell) {
        return None;
    }
    // In a workbook nobody chose the type of a cell: a year is a number there.
    let number = cell.kind == CellKind::Number && !judge.settings.format.is_table();
    if number || cell.kind == CellKind::Other {
        tell_cell(judge, role, column, Code::JsonType, &cell.text, Some("string"));
        return None;
    }
    Some(&cell.text)
}

fn strict_slot(judge: &mut Judge<'_>, column: &mut BoundColumn<'_>, cell: &Cell<'_>, at: u32) -> Slot {
    if is_blank(cell) {
        return Slot::Blank(at);
    }
    match strict_text(judge, cell, at, column.role) {
        Some(text) => read_slot(judge, column, text, at),
        None => Slot::Wrong,
    }
}

/// What a text means in its column: remembered, or read once; a fault is told for each row.
pub(crate) fn read_slot(judge: &mut Judge<'_>, column: &mut BoundColumn<'_>, text: &str, at: u32) -> Slot {
    let meaning = if let Some((meaning, rules)) = column.remembered.find(text) {
        column.tally.again(rules);
        meaning
    } else {
        let (vocabulary, reading) = (&mut judge.vocabulary, column.reading);
        let meaning = match column.role {
            Role::Indicator => vocabulary.read_indicator(text, reading),
            Role::Dimension(number) => vocabulary.read_dimension(number, text, reading),
            Role::Period
            | Role::Value
            | Role::Status
            | Role::Flags
            | Role::Confidentiality
            | Role::Action
            | Role::Expect
            | Role::Ignore
            | Role::DimensionsObject
            | Role::Wide(_)
            | Role::Unknown => vocabulary.read_period(text, reading),
        };
        let mut notes = std::mem::take(&mut vocabulary.notes);
        if matches!(meaning, Meaning::Fault(_)) {
            notes.clear();
        }
        let rules = column.tally.add(notes, judge.row, judge.line);
        column.remembered.keep(text, meaning, rules);
        meaning
    };
    match meaning {
        Meaning::Known(number) => Slot::Known(number, at),
        Meaning::Fault(number) => {
            if let Some(fault) = judge.vocabulary.fault_behind(number).cloned() {
                tell_cell(
                    judge,
                    column.role,
                    at,
                    fault.code,
                    text,
                    fault.expected.as_deref(),
                );
            }
            Slot::Wrong
        }
    }
}

pub(crate) fn tell_cell(
    judge: &mut Judge<'_>,
    role: Role,
    column: u32,
    code: Code,
    value: &str,
    expected: Option<&str>,
) {
    let head = judge.heads.get(column as usize);
    let field = head
        .map_or("", |head| field_of(role, head, &judge.vocabulary))
        .to_owned();
    judge.tell(code, column, &field, Some(value), expected);
}

fn strict_value<'c>(judge: &mut Judge<'_>, cell: &'c Cell<'_>, column: u32) -> Sent<'c> {
    let json = !judge.settings.format.is_table();
    match cell.kind {
        CellKind::Absent | CellKind::Null => Sent::Nothing,
        CellKind::Text if !json && cell.text.is_empty() => Sent::Nothing,
        CellKind::Text if !json => Sent::Text(Cow::Borrowed(&cell.text)),
        CellKind::Number => Sent::Text(Cow::Borrowed(&cell.text)),
        CellKind::Text | CellKind::Other => {
            tell_cell(
                judge,
                Role::Value,
                column,
                Code::JsonType,
                &cell.text,
                Some("number"),
            );
            Sent::Wrong
        }
    }
}

/// Adds status letters: one in `obs_status`, several in `obs_flags`, where spaces and commas may part them.
pub(crate) fn add_letters(
    judge: &mut Judge<'_>,
    text: &str,
    single: bool,
    column: u32,
    statuses: &mut Vec<ObsStatus>,
) -> bool {
    if single && let Ok(status) = text.parse() {
        statuses.push(status);
        return true;
    }
    let mut letter_text = [0; 4];
    let known = !single
        && text
            .chars()
            .filter(|letter| !matches!(letter, ' ' | ','))
            .all(|letter| {
                let status = letter.encode_utf8(&mut letter_text).parse();
                status.map(|status| statuses.push(status)).is_ok()
            });
    if !known {
        let letters: Vec<_> = ObsStatus::ALL.iter().map(|status| status.letter()).collect();
        let role = if single { Role::Status } else { Role::Flags };
        tell_word(judge, role, column, text, &letters.join(", "));
    }
    known
}

pub(crate) fn confidentiality(judge: &mut Judge<'_>, text: &str, column: u32) -> ConfStatus {
    text.parse().unwrap_or_else(|()| {
        let letters: Vec<_> = ConfStatus::ALL.iter().map(|status| status.letter()).collect();
        tell_word(judge, Role::Confidentiality, column, text, &letters.join(", "));
        ConfStatus::Free
    })
}

/// Whether an SDMX action deletes. A row of the strict wire is a whole observation, so to insert (`I`), append (`A`),
/// merge (`M`) and replace (`R`) it are one and the same.
pub(crate) fn deletes(judge: &mut Judge<'_>, text: &str, column: u32) -> bool {
    match text {
        "I" | "A" | "M" | "R" => false,
        "D" => true,
        _ => {
            tell_cell(
                judge,
                Role::Action,
                column,
                Code::ActionUnknown,
                text,
                Some("I, A, M, R, D"),
            );
            false
        }
    }
}

/// A word that is none of a few possible ones.
pub(crate) fn tell_word(judge: &mut Judge<'_>, role: Role, column: u32, text: &str, possible: &str) {
    if text.contains(char::is_control) {
        tell_cell(judge, role, column, Code::TextControlCharacter, text, None);
    } else {
        tell_cell(judge, role, column, Code::StatusUnknown, text, Some(possible));
    }
}
