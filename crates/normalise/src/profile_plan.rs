//! A mapping profile made ready for rows: texts folded, codes numbered, columns found.
//!
//! Built once for each submission. A code of the profile that does not exist is told once, and refuses the rows.

use crate::NumberDialect;
use crate::binding::{Role, header_key};
use crate::drafts::{Draft, Sent, SentValue, Slot};
use crate::folding::folded_with_marks;
use crate::judgement::Judge;
use crate::normaliser::number_of;
use crate::places::Head;
use crate::profile::{MappingProfile, SECTION_ROWS, SkipRule, folded_label};
use crate::reading::Reading;
use crate::vocabulary::Meaning;
use leleka_domain::{Code, Finding, Row};
use std::collections::BTreeMap;

/// A profile made ready for rows.
pub(crate) struct ProfilePlan<'a> {
    pub(crate) profile: &'a MappingProfile,
    pub(crate) numbers: NumberDialect,
    pub(crate) constants: Vec<Assigned>,
    /// By folded label.
    sections: BTreeMap<String, Vec<Assigned>>,
    pub(crate) section_column: Option<usize>,
    /// The codes of the label row above.
    pub(crate) section: Vec<Assigned>,
    pub(crate) skip: Vec<FoldedRule<'a>>,
    pub(crate) wide: Vec<(usize, Vec<Assigned>)>,
    pub(crate) spread: Draft,
}

/// A skip rule with its texts folded.
pub(crate) struct FoldedRule<'a> {
    column: usize,
    rule: &'a SkipRule,
    equals: Vec<String>,
    starts_with: Vec<String>,
    contains: Vec<String>,
}

impl<'a> FoldedRule<'a> {
    pub(crate) fn new(column: usize, rule: &'a SkipRule) -> Self {
        let fold = |texts: &[String]| texts.iter().map(|text| folded_with_marks(text)).collect();
        Self {
            column,
            rule,
            equals: fold(&rule.equals),
            starts_with: fold(&rule.starts_with),
            contains: fold(&rule.contains),
        }
    }

    fn holds(&self, cell: &str) -> bool {
        let cell = folded_with_marks(cell);
        (self.rule.empty && cell.is_empty())
            || self.equals.contains(&cell)
            || self.starts_with.iter().any(|text| cell.starts_with(text))
            || self.contains.iter().any(|text| cell.contains(text))
    }
}

/// A code that the profile gives to a whole file, section or column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assigned {
    to: Role,
    meaning: Option<u32>,
}

impl Assigned {
    pub(crate) fn put(self, draft: &mut Draft, column: u32) {
        let slot = self
            .meaning
            .map_or(Slot::Wrong, |number| Slot::Known(number, column));
        draft.put(self.to, slot);
    }
}

impl<'a> ProfilePlan<'a> {
    pub(crate) fn new(profile: &'a MappingProfile, judge: &mut Judge<'a>) -> Self {
        let dialect = &profile.dialect;
        let constants = assigned(judge, &profile.constants);
        let labels = profile.sections.iter().flat_map(|sections| &sections.values);
        let sections = labels
            .map(|(label, codes)| (folded_with_marks(label), assigned(judge, codes)))
            .collect();
        let mut wide = Vec::new();
        for column in profile.wide.iter().flat_map(|wide| &wide.columns) {
            let mut codes = assigned(judge, &column.dimensions);
            let indicator = column.indicator.as_deref().map(|code| ("indicator", code));
            let period = column.period.as_deref().map(|text| ("period", text));
            for (name, code) in indicator.into_iter().chain(period) {
                codes.extend(assign(judge, name, code));
            }
            wide.push((column.index as usize, codes));
        }
        Self {
            profile,
            numbers: NumberDialect {
                decimal_mark: dialect.decimal_mark,
                thousands: dialect.thousands.as_deref().unwrap_or("").chars().collect(),
            },
            constants,
            sections,
            section_column: None,
            section: Vec::new(),
            skip: Vec::new(),
            wide,
            spread: Draft::empty(judge.vocabulary.dimensions.len()),
        }
    }

    pub(crate) fn column_named(&self, heads: &[Head], name: &str) -> Option<usize> {
        let wanted = header_key(name);
        heads.iter().position(|head| header_key(&head.name) == wanted)
    }
}

fn assigned(judge: &mut Judge<'_>, codes: &BTreeMap<String, String>) -> Vec<Assigned> {
    codes
        .iter()
        .filter(|(name, _)| *name != "frequency")
        .flat_map(|(name, code)| assign(judge, name, code))
        .collect()
}

/// A code of the profile; one that does not exist is told once, and no row can be accepted.
fn assign(judge: &mut Judge<'_>, name: &str, code: &str) -> Option<Assigned> {
    let vocabulary = &mut judge.vocabulary;
    let (to, meaning) = match name {
        "indicator" => (Role::Indicator, vocabulary.read_indicator(code, Reading::STRICT)),
        "period" => (Role::Period, vocabulary.read_period(code, Reading::STRICT)),
        _ => {
            let number = vocabulary.dimension_number(name);
            let Some(number) = number else {
                judge
                    .findings
                    .push(Finding::error(Code::CodeUnknown).field(name).value(code));
                return None;
            };
            if !judge.filled.contains(&number) {
                judge.filled.push(number);
            }
            (Role::Dimension(number), judge.vocabulary.read_code(number, code))
        }
    };
    let meaning = match meaning {
        Meaning::Known(number) => Some(number),
        Meaning::Fault(number) => {
            if let Some(fault) = judge.vocabulary.fault_behind(number) {
                let finding = Finding::error(fault.code).field(name).value(code);
                judge.findings.push(finding);
            }
            None
        }
    };
    Some(Assigned { to, meaning })
}

impl ProfilePlan<'_> {
    /// Under which code a row is ignored; a label row changes the section.
    pub(crate) fn ignored(&mut self, row: Row<'_>) -> Option<String> {
        for skip in &self.skip {
            if skip.holds(&row.cell(skip.column).text) {
                return Some(skip.rule.code.clone());
            }
        }
        let label = &row.cell(self.section_column?).text;
        let label = folded_label(label, self.profile.footnote_marks, |key| {
            self.sections.contains_key(key)
        })?;
        let codes = self.sections.get(&label)?;
        self.section.clone_from(codes);
        Some(SECTION_ROWS.to_owned())
    }

    pub(crate) fn value_at<'c>(&self, row: Row<'c>, index: usize, sent: Sent<'c>) -> SentValue<'c> {
        SentValue {
            sent,
            raw: row.cells.get(index).map_or("", |cell| &cell.text),
            column: number_of(index),
            decimal_mark: self.numbers.decimal_mark,
        }
    }
}
