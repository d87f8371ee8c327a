//! One problem in one submission, at its place, in both languages.
//!
//! Never carries a whole row: at most 64 characters of the value, control characters escaped.

use crate::Code;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Reading cannot go on: whatever follows is not known.
    Fatal,
    /// The row, or the whole submission, cannot be accepted.
    Error,
    /// Implausible: accepted only with an explanation.
    Soft,
    /// Accepted; worth reading.
    Warning,
    /// Told for completeness.
    Info,
}

impl Severity {
    /// The word on the wire and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fatal => "fatal",
            Self::Error => "error",
            Self::Soft => "soft",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// Back from the store.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Fatal, Self::Error, Self::Soft, Self::Warning, Self::Info]
            .into_iter()
            .find(|severity| severity.word() == word)
    }

    /// Whether it stands against acceptance whatever the sender explains.
    #[must_use]
    pub fn refuses(self) -> bool {
        matches!(self, Self::Fatal | Self::Error)
    }
}

/// The column of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingColumn {
    /// Counted from 1, as a spreadsheet counts.
    pub index: u32,
    /// Its header.
    pub name: String,
}

/// Another figure that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRelated {
    /// Key of its series.
    pub series: String,
    /// Its period.
    pub period: String,
    /// Its value, where the sender may see it.
    pub value: Option<String>,
    /// Its data row, when it stands in the same submission.
    pub row: Option<u64>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingTexts {
    /// In Ukrainian.
    pub uk: String,
    /// In English.
    pub en: String,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// RFC 6901 pointer into what was sent (JSON: the document; NDJSON: the object of that line).
    pub pointer: Option<String>,
    /// Data row, counted from 1.
    pub row: Option<u64>,
    /// Physical line, header counted, from 1.
    pub line: Option<u64>,
    /// Column of a delimited file.
    pub column: Option<FindingColumn>,
    /// The word of the shared schema that the cell fills.
    pub field: Option<String>,
    /// What was found, at most 64 characters.
    pub value: Option<String>,
    /// What would be right.
    pub expected: Option<String>,
    /// What the sender said about an implausible figure.
    #[serde(default)]
    pub explanation: Option<String>,
    /// The rule of the catalogue that speaks, for checks over several figures.
    #[serde(default)]
    pub rule_id: Option<String>,
    /// The other figures that it is about.
    #[serde(default)]
    pub related: Vec<FindingRelated>,
    /// What is said in place of the code's own text, where that cannot say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<FindingTexts>,
}

impl Finding {
    /// A finding without a place yet.
    #[must_use]
    pub fn new(code: Code, severity: Severity) -> Self {
        Self {
            code,
            severity,
            pointer: None,
            row: None,
            line: None,
            column: None,
            field: None,
            value: None,
            expected: None,
            explanation: None,
            rule_id: None,
            related: Vec::new(),
            texts: None,
        }
    }

    /// A finding of severity error.
    #[must_use]
    pub fn error(code: Code) -> Self {
        Self::new(code, Severity::Error)
    }

    /// Says on which data row and physical line.
    #[must_use]
    pub fn at(mut self, row: u64, line: u64) -> Self {
        self.row = Some(row);
        self.line = Some(line);
        self
    }

    /// Says which field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Keeps what was found, shortened and escaped.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        self.value = Some(printable_excerpt(value));
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// The message for a person, in Ukrainian.
    #[must_use]
    pub fn message_uk(&self) -> String {
        match &self.texts {
            Some(texts) => texts.uk.clone(),
            None => self.message(self.code.text_uk()),
        }
    }

    /// The message for a person, in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        match &self.texts {
            Some(texts) => texts.en.clone(),
            None => self.message(self.code.text_en()),
        }
    }

    fn message(&self, template: &str) -> String {
        let place = self.column.as_ref().map(|column| column.name.as_str());
        let field = place.or(self.field.as_deref()).unwrap_or("");
        // One pass, so that a sent value that looks like a placeholder stays as it is.
        let mut message = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            message.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                break;
            };
            message.push_str(match name {
                "field" => field,
                "value" => self.value.as_deref().unwrap_or(""),
                _ => self.expected.as_deref().unwrap_or(""),
            });
            rest = tail;
        }
        message.push_str(rest);
        message.trim_end().trim_start_matches(": ").to_owned()
    }

    /// Names of members and columns are the sender's: they may hold what no database and no terminal takes.
    fn with_printable_place(mut self) -> Self {
        let column = self.column.as_mut().map(|column| &mut column.name);
        for text in [self.pointer.as_mut(), self.field.as_mut(), column]
            .into_iter()
            .flatten()
        {
            if text.chars().any(char::is_control) {
                *text = escaped(text.chars());
            }
            if text.len() > LONGEST_PLACE {
                *text = printable_excerpt(text);
            }
        }
        self
    }

    fn order(&self) -> (u64, u64, u32, &'static str) {
        let column = self.column.as_ref().map_or(0, |column| column.index);
        (
            self.line.unwrap_or(0),
            self.row.unwrap_or(0),
            column,
            self.code.as_str(),
        )
    }
}

/// A longer name of a member or column is cut.
const LONGEST_PLACE: usize = 4096;

/// Control characters as `\u{…}`, everything else as it is.
fn escaped(letters: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for letter in letters {
        if letter.is_control() {
            let _ = write!(text, "\\u{{{:x}}}", u32::from(letter));
        } else {
            text.push(letter);
        }
    }
    text
}

/// At most 64 characters of a sent text; control characters are escaped, a cut is marked with `…`.
#[must_use]
pub fn printable_excerpt(text: &str) -> String {
    if text.chars().nth(64).is_some() {
        return escaped(text.chars().take(63)) + "…";
    }
    escaped(text.chars())
}

/// How many findings of each severity; exact even where not every finding is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FindingCounts {
    /// Errors, fatal ones among them.
    pub errors: u64,
    /// Implausible figures.
    pub soft: u64,
    /// Warnings.
    pub warnings: u64,
    /// Infos.
    pub infos: u64,
    /// Errors that belong to no row, or after which reading could not go on: no sound row is left of these.
    pub beyond_rows: u64,
}

/// The findings of one submission: the first ones are kept whole, all are counted.
#[derive(Clone, Debug)]
pub struct Findings {
    kept: Vec<Finding>,
    most_kept: usize,
    counts: FindingCounts,
}

impl Findings {
    /// An empty report that keeps at most so many findings.
    #[must_use]
    pub fn keeping(most_kept: usize) -> Self {
        Self {
            kept: Vec::new(),
            most_kept,
            counts: FindingCounts::default(),
        }
    }

    /// Adds one; its place, which names what was sent, is made printable.
    pub fn push(&mut self, finding: Finding) {
        let refuses_all = finding.severity == Severity::Fatal || finding.row.is_none();
        if finding.severity.refuses() && refuses_all {
            self.counts.beyond_rows += 1;
        }
        match finding.severity {
            Severity::Fatal | Severity::Error => self.counts.errors += 1,
            Severity::Soft => self.counts.soft += 1,
            Severity::Warning => self.counts.warnings += 1,
            Severity::Info => self.counts.infos += 1,
        }
        if self.kept.len() < self.most_kept {
            self.kept.push(finding.with_printable_place());
        }
    }

    /// Exact counts.
    #[must_use]
    pub fn counts(&self) -> FindingCounts {
        self.counts
    }

    /// Whether anything stands against acceptance.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.counts.errors > 0
    }

    /// The kept findings by line, row, column and code: the same file gives the same report.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.kept.sort_by(|left, right| left.order().cmp(&right.order()));
        self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_field_and_the_value_and_what_would_be_right() {
        let finding = Finding::error(Code::CodeUnknown)
            .at(7, 8)
            .field("territory")
            .value("Лвівська")
            .expected("Можливо, «Львівська область»?");
        assert_eq!(
            finding.message_uk(),
            "territory: у довіднику немає «Лвівська». Можливо, «Львівська область»?"
        );
    }

    #[test]
    fn a_sent_value_never_acts_as_a_placeholder() {
        let finding = Finding::error(Code::ValueNotInteger)
            .field("value")
            .value("{expected}{field}");
        assert!(finding.message_en().contains("\"{expected}{field}\""));
    }

    #[test]
    fn long_and_unprintable_values_are_cut_and_escaped() {
        let excerpt = printable_excerpt(&"я\u{0}".repeat(60));
        assert!(excerpt.starts_with("я\\u{0}я") && excerpt.ends_with('…'));
        assert_eq!(printable_excerpt("line\nbreak"), "line\\u{a}break");
    }

    #[test]
    fn a_place_named_by_the_sender_is_printable_and_bounded() {
        let mut findings = Findings::keeping(1);
        let mut finding = Finding::error(Code::JsonMemberUnknown).field("\u{0}x");
        finding.pointer = Some("/observations/0/\u{0}x".to_owned());
        finding.column = Some(FindingColumn {
            index: 1,
            name: "я".repeat(5_000),
        });
        findings.push(finding);
        let kept = findings.into_sorted().remove(0);
        assert_eq!(kept.pointer.as_deref(), Some("/observations/0/\\u{0}x"));
        assert_eq!(kept.field.as_deref(), Some("\\u{0}x"));
        assert_eq!(kept.column.map(|column| column.name.chars().count()), Some(64));
    }

    #[test]
    fn counting_goes_on_after_keeping_stops() {
        let mut findings = Findings::keeping(2);
        for row in (1..=5).rev() {
            findings.push(Finding::error(Code::ValueMissing).at(row, row + 1));
        }
        assert_eq!(findings.counts().errors, 5);
        let rows: Vec<_> = findings
            .into_sorted()
            .into_iter()
            .map(|finding| finding.row)
            .collect();
        assert_eq!(rows, [Some(4), Some(5)]);
    }
}
