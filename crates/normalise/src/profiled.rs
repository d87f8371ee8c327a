//! One row of a file that a mapping profile describes: what may be skipped, translated and spread.
//!
//! Every lenient reading is declared in the profile; a cell that it does not cover is an error. A row of a wide
//! file is refused whole when any of its cells is wrong.

use crate::binding::{Role, header_key};
use crate::drafts::{Draft, Sent, Slot, number_example};
use crate::judgement::Judge;
use crate::normaliser::{Chunk, Normaliser, number_of};
use crate::places::NO_COLUMN;
use crate::profile::{MappingProfile, Numbers};
use crate::profile_plan::{FoldedRule, ProfilePlan};
use crate::strict::{add_letters, confidentiality, read_slot, tell_cell, tell_word};
use crate::{NumberFault, canonical_number, collapsed, folding};
use leleka_domain::{Code, ObsStatus, Row};
use std::borrow::Cow;

impl<F: FnMut(Chunk)> Normaliser<'_, F> {
    /// Compares the header with the profile, before the first row.
    pub(crate) fn prepare_profile(&mut self) {
        let Some(mut plan) = self.plan.take() else {
            return;
        };
        let profile = plan.profile;
        for (index, expected) in profile.header.first_columns.iter().enumerate() {
            let found = self.judge.heads.get(index).map(|head| header_key(&head.name));
            if found != Some(header_key(expected)) {
                if self.judge.heads.len() > index {
                    self.tell_header(Code::CsvHeaderUnexpected, number_of(index), Some(expected));
                } else {
                    self.tell_column_missing(expected);
                }
            }
        }
        for rule in &profile.columns {
            let told = profile.header.first_columns.contains(&rule.name);
            if plan.column_named(&self.judge.heads, &rule.name).is_none() && !told {
                self.tell_column_missing(&rule.name);
            }
        }
        for (index, _) in &plan.wide {
            if *index >= self.judge.heads.len() {
                self.tell_column_missing(&(index + 1).to_string());
            }
        }
        for rule in &profile.skip_rows_when {
            if let Some(index) = plan.column_named(&self.judge.heads, &rule.column) {
                plan.skip.push(FoldedRule::new(index, rule));
            }
        }
        let column = profile.sections.as_ref().map(|sections| &sections.column);
        plan.section_column = column.and_then(|name| plan.column_named(&self.judge.heads, name));
        self.plan = Some(plan);
    }

    pub(crate) fn profiled_row(&mut self, row: Row<'_>) {
        let Some(mut plan) = self.plan.take() else {
            return;
        };
        match plan.ignored(row) {
            Some(reason) => *self.ignored_by_reason.entry(reason).or_default() += 1,
            None => self.read_profiled(&mut plan, row),
        }
        self.plan = Some(plan);
    }

    fn read_profiled(&mut self, plan: &mut ProfilePlan<'_>, row: Row<'_>) {
        self.clear_draft();
        for code in plan.constants.iter().chain(&plan.section) {
            code.put(&mut self.draft, NO_COLUMN);
        }
        let mut value = None;
        for index in 0..self.columns.len() {
            let cell = collapsed(&row.cell(index).text);
            if self
                .columns
                .get(index)
                .is_some_and(|column| column.role == Role::Value)
            {
                value = Some((index, self.sent_value(plan, index, row)));
            } else {
                self.read_cell(plan.profile, index, &cell);
            }
        }
        if plan.wide.is_empty() {
            let (index, (sent, status)) = value.unwrap_or((usize::MAX, (Sent::Nothing, None)));
            add_missing(&mut self.draft, status);
            self.judge.judge(&self.draft, &plan.value_at(row, index, sent));
            return;
        }
        for number in 0..plan.wide.len() {
            let Some((index, codes)) = plan.wide.get(number) else {
                continue;
            };
            let index = *index;
            plan.spread.copy_from(&self.draft);
            for code in codes {
                code.put(&mut plan.spread, number_of(index));
            }
            let (sent, status) = self.sent_value(plan, index, row);
            add_missing(&mut plan.spread, status);
            let sent = plan.value_at(row, index, sent);
            self.judge.judge(&plan.spread, &sent);
        }
    }

    /// A cell that is not the value.
    fn read_cell(&mut self, profile: &MappingProfile, index: usize, cell: &str) {
        let (judge, draft, at) = (&mut self.judge, &mut self.draft, number_of(index));
        let Some(column) = self.columns.get_mut(index) else {
            return;
        };
        let rule = column.reading.rule;
        let word = matches!(column.role, Role::Status | Role::Confidentiality);
        let mapped = (word || cell.is_empty())
            .then(|| column.reading.mapped(cell))
            .flatten();
        match column.role {
            Role::Indicator | Role::Period | Role::Dimension(_) => {
                let slot = if cell.is_empty() && mapped.is_none() {
                    blank_slot(judge, draft, column.role, at)
                } else {
                    let cell = if profile.footnote_marks && column.role == Role::Period {
                        folding::without_footnote(cell)
                    } else {
                        cell
                    };
                    read_slot(judge, column, cell, at)
                };
                draft.put(column.role, slot);
            }
            Role::Status if !cell.is_empty() || mapped.is_some() => {
                let read = add_letters(judge, mapped.unwrap_or(cell), true, at, &mut draft.statuses);
                draft.status_wrong |= !read;
            }
            Role::Confidentiality if !cell.is_empty() || mapped.is_some() => {
                draft.confidentiality = confidentiality(judge, mapped.unwrap_or(cell), at);
            }
            Role::Flags => {
                let read = add_flags(judge, profile, cell, at, &mut draft.statuses);
                draft.status_wrong |= !read;
            }
            Role::Expect => {
                let equals = rule.map_or(&[][..], |rule| &rule.equals);
                if !equals.iter().any(|text| collapsed(text) == cell) {
                    let expected = equals.join(" / ");
                    tell_cell(
                        judge,
                        column.role,
                        at,
                        Code::CellUnexpected,
                        cell,
                        Some(&expected),
                    );
                }
            }
            Role::Status
            | Role::Confidentiality
            | Role::Action
            | Role::Value
            | Role::Ignore
            | Role::DimensionsObject
            | Role::Wide(_)
            | Role::Unknown => {}
        }
    }

    /// The number in a cell, or what its text says instead of one.
    fn sent_value<'c>(
        &mut self,
        plan: &ProfilePlan<'_>,
        index: usize,
        row: Row<'c>,
    ) -> (Sent<'c>, Option<ObsStatus>) {
        let raw = &row.cells.get(index).map_or("", |cell| &cell.text);
        let text = raw.trim();
        let key = collapsed(text);
        let profile = plan.profile;
        if let Some(letter) = profile.missing.get(&*key) {
            return (Sent::Nothing, letter.parse().ok());
        }
        if profile.zero.iter().any(|zero| **zero == *key) {
            return (Sent::Text(Cow::Borrowed("0")), None);
        }
        if key.is_empty() {
            return (Sent::Nothing, None);
        }
        let text = if profile.footnote_marks {
            folding::without_footnote(text)
        } else {
            text
        };
        if profile.dialect.numbers == Numbers::Auto {
            return self.auto_number(index, text, raw);
        }
        match canonical_number(text, &plan.numbers) {
            Ok(number) => (Sent::Text(number), None),
            Err(fault) => {
                self.tell_number(plan.numbers.decimal_mark, index, raw, &fault);
                (Sent::Wrong, None)
            }
        }
    }

    pub(crate) fn tell_number(&mut self, decimal_mark: char, index: usize, raw: &str, fault: &NumberFault) {
        let entry = match self.draft.indicator {
            Slot::Known(number, _) => self.judge.vocabulary.indicator(number),
            Slot::Blank(_) | Slot::Wrong => None,
        };
        let decimals = entry.map_or(0, |entry| entry.record.decimals);
        let (code, expected) = match fault {
            NumberFault::Ambiguous(readings) => (Code::ValueAmbiguous, Some(readings.clone())),
            NumberFault::NotNumber if raw.contains(char::is_control) => (Code::TextControlCharacter, None),
            NumberFault::NotNumber => {
                let example = number_example(decimals, decimal_mark);
                (Code::ValueNotNumber, Some(example))
            }
        };
        let at = number_of(index);
        tell_cell(&mut self.judge, Role::Value, at, code, raw, expected.as_deref());
    }
}

/// An empty cell is not a total: it takes the declared constant, or it is an error.
pub(crate) fn blank_slot(judge: &mut Judge<'_>, draft: &Draft, role: Role, at: u32) -> Slot {
    let declared = match role {
        Role::Indicator => Some(draft.indicator),
        Role::Dimension(number) => draft.dimensions.get(number).copied(),
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
        | Role::Unknown => None,
    };
    if let Some(known @ Slot::Known(..)) = declared {
        return known;
    }
    if let Role::Dimension(number) = role {
        let name = judge.vocabulary.dimension(number).name;
        judge.tell(Code::FieldMissing, at, name, None, None);
        return Slot::Wrong;
    }
    Slot::Blank(at)
}

/// A text that stands for no number gives its status; a more exact one beside it replaces a plain "missing".
pub(crate) fn add_missing(draft: &mut Draft, status: Option<ObsStatus>) {
    let exact = draft.statuses.iter().any(|status| !status.carries_value());
    match status {
        Some(ObsStatus::Missing) if exact => {}
        Some(status) => draft.statuses.push(status),
        None => {}
    }
}

/// Flag marks: the whole text, or each of its letters.
fn add_flags(
    judge: &mut Judge<'_>,
    profile: &MappingProfile,
    text: &str,
    column: u32,
    statuses: &mut Vec<ObsStatus>,
) -> bool {
    let mut add = |mark: &str| match profile.flags.get(mark) {
        Some(letter) => {
            statuses.extend(letter.parse::<ObsStatus>());
            true
        }
        None => mark.is_empty(),
    };
    let mut mark = [0; 4];
    let read = add(text)
        || text
            .chars()
            .filter(|letter| !matches!(letter, ' ' | ','))
            .all(|letter| add(letter.encode_utf8(&mut mark)));
    if !read {
        let known: Vec<&str> = profile.flags.keys().map(String::as_str).collect();
        tell_word(judge, Role::Flags, column, text, &known.join(", "));
    }
    read
}
