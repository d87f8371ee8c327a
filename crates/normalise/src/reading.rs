//! From the text of a cell to what it means, once for each distinct text of a column.
//!
//! The strict wire reads exact codes and canonical periods; what a profile or the lenient reading of a table adds
//! stands in [`Reading`].

use crate::codebook::{CITIZENSHIP_LIST, TERRITORY_LIST};
use crate::notes::RuleSet;
use crate::profile::ProfileColumn;
use crate::repair::repaired;
use crate::row_labels::{RowLabel, row_label};
use crate::vocabulary::{Meaning, TERRITORY, Vocabulary};
use crate::{PeriodContext, PeriodFormat, PeriodRefusal, Resolution, period_from_text, period_from_words};
use leleka_domain::{Code, Frequency, Period, PeriodFault};
use rustc_hash::FxHashMap;

/// Distinct texts that one column remembers; more are still read, only slower.
const REMEMBERED: usize = 16_384;
/// Longer texts are not remembered.
const LONGEST_REMEMBERED: usize = 128;

/// How the texts of one column are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    /// The profile's column; `None` on the strict wire.
    pub(crate) rule: Option<&'a ProfileColumn>,
    pub(crate) period_format: PeriodFormat,
    pub(crate) footnote_marks: bool,
    /// The letter that the profile declares for the whole file.
    pub(crate) frequency: Option<&'a str>,
    /// Whether names, cases and words are read without a profile.
    pub(crate) lenient: bool,
}

impl<'a> Reading<'a> {
    /// The code that the profile gives to a text outright.
    pub(crate) fn mapped(&self, text: &str) -> Option<&'a str> {
        self.rule?.mapped(text, self.footnote_marks)
    }

    pub(crate) const STRICT: Reading<'static> = Reading {
        rule: None,
        period_format: PeriodFormat::Iso,
        footnote_marks: false,
        frequency: None,
        lenient: false,
    };

    pub(crate) const LENIENT: Reading<'static> = Reading {
        period_format: PeriodFormat::Words,
        footnote_marks: true,
        lenient: true,
        ..Self::STRICT
    };

    /// Whether names and aliases are read as well as codes.
    fn reads_names(&self) -> bool {
        self.lenient || self.rule.is_some_and(|rule| rule.labels)
    }
}

/// What the texts of one column meant so far.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    last: Option<(String, Meaning, RuleSet)>,
    known: FxHashMap<Box<str>, (Meaning, RuleSet)>,
}

impl Remembered {
    pub(crate) fn find(&mut self, text: &str) -> Option<(Meaning, RuleSet)> {
        if let Some((last, meaning, rules)) = &self.last
            && last == text
        {
            return Some((*meaning, *rules));
        }
        let (meaning, rules) = *self.known.get(text)?;
        self.set_last(text, meaning, rules);
        Some((meaning, rules))
    }

    pub(crate) fn keep(&mut self, text: &str, meaning: Meaning, rules: RuleSet) {
        if text.len() <= LONGEST_REMEMBERED {
            self.set_last(text, meaning, rules);
            if self.known.len() < REMEMBERED {
                self.known.insert(text.into(), (meaning, rules));
            }
        }
    }

    fn set_last(&mut self, text: &str, meaning: Meaning, rules: RuleSet) {
        match &mut self.last {
            Some((last, kept, by)) => {
                last.clear();
                last.push_str(text);
                *kept = meaning;
                *by = rules;
            }
            None => self.last = Some((text.to_owned(), meaning, rules)),
        }
    }
}

impl Vocabulary<'_> {
    pub(crate) fn read_indicator(&mut self, text: &str, reading: Reading<'_>) -> Meaning {
        let codebook = self.codebook;
        let mapped = reading.mapped(text);
        let sent = mapped.unwrap_or(text);
        let found = if reading.reads_names() {
            codebook.resolve_indicator(sent)
        } else {
            codebook.indicator(sent)
        };
        if let Some(record) = found {
            return Meaning::Known(self.indicator_number(record));
        }
        if text.contains(char::is_control) {
            return self.fault(Code::TextControlCharacter, None);
        }
        let near = if self.may_suggest() {
            codebook.indicator_suggestions(text)
        } else {
            Vec::new()
        };
        let shown: Vec<String> = near
            .iter()
            .map(|one| format!("{} ({} / {})", one.code, one.name_uk, one.name_en))
            .collect();
        let expected = (!shown.is_empty()).then(|| format!("→ {}?", shown.join(", ")));
        self.fault(Code::IndicatorUnknown, expected)
    }

    pub(crate) fn read_dimension(&mut self, dimension: usize, text: &str, reading: Reading<'_>) -> Meaning {
        let (codebook, list) = (self.codebook, self.dimension(dimension).list);
        if let Some(code) = reading.mapped(text) {
            return self.read_code(dimension, code);
        }
        if text.contains(char::is_control) {
            return self.fault(Code::TextControlCharacter, None);
        }
        if let Some(scheme) = reading.rule.and_then(|rule| rule.format.as_ref()) {
            let resolution = codebook.resolve_in_scheme(list, scheme, text);
            return self.meaning(list, text, resolution);
        }
        if reading.reads_names() {
            return self.read_name(dimension, text, reading);
        }
        self.read_code(dimension, text)
    }

    /// A name as people write it; what was repaired is noted.
    fn read_name(&mut self, dimension: usize, text: &str, reading: Reading<'_>) -> Meaning {
        let (codebook, list) = (self.codebook, self.dimension(dimension).list);
        if !reading.lenient {
            let known = codebook.resolve_known(list, text);
            if let Resolution::One { .. } = known {
                self.notes.extend(repaired(text).notes);
                return self.meaning(list, text, known);
            }
            let has_forms = matches!(list, TERRITORY_LIST | CITIZENSHIP_LIST);
            if !has_forms || matches!(known, Resolution::Ambiguous { .. }) {
                return self.meaning(list, text, known);
            }
        }
        let read = codebook.read_known_name(list, text);
        if let Some(read) = read {
            self.notes.extend(read.notes);
            return self.meaning(list, text, read.resolution);
        }
        if reading.lenient && (matches!(text, "_T" | "_Z") || row_label(text) == Some(RowLabel::Total)) {
            let total = if text == "_Z" { "_Z" } else { "_T" };
            return self.read_code(
                dimension,
                if dimension == TERRITORY && total == "_T" {
                    "UA"
                } else {
                    total
                },
            );
        }
        let suggestions = Vec::new();
        self.meaning(list, text, Resolution::Unknown { suggestions })
    }

    /// An exact code. The total is a code of every dimension; a territory's total is the country.
    pub(crate) fn read_code(&mut self, dimension: usize, code: &str) -> Meaning {
        let (codebook, list) = (self.codebook, self.dimension(dimension).list);
        if let Some(found) = codebook.resolve_code(list, code) {
            return Meaning::Known(self.token(found));
        }
        let total = code == "_T" && dimension != crate::vocabulary::TERRITORY;
        if total || code == "_Z" {
            return Meaning::Known(self.token(code));
        }
        let nothing = crate::Resolution::Unknown {
            suggestions: Vec::new(),
        };
        self.meaning(list, code, nothing)
    }

    pub(crate) fn read_period(&mut self, text: &str, reading: Reading<'_>) -> Meaning {
        let mapped = reading.mapped(text);
        if mapped.is_none() && reading.period_format == PeriodFormat::Words {
            return self.read_period_words(text, reading);
        }
        let read = match mapped {
            Some(canonical) => canonical.parse(),
            None => period_from_text(text, reading.period_format),
        };
        self.period_meaning(text, reading, read)
    }

    /// A period in words: one, since an observation has one.
    fn read_period_words(&mut self, text: &str, reading: Reading<'_>) -> Meaning {
        match period_from_words(text, PeriodContext::default()) {
            Ok(read) => match *read.periods.as_slice() {
                [period] => {
                    self.notes.extend(read.notes);
                    self.period_meaning(text, reading, Ok(period))
                }
                _ => {
                    let found: Vec<String> = read.periods.iter().map(Period::to_string).collect();
                    self.fault(Code::PeriodSeveral, Some(found.join(", ")))
                }
            },
            Err(PeriodRefusal::Fault(fault)) => self.period_meaning(text, reading, Err(fault)),
            Err(PeriodRefusal::Ambiguous(readings)) => self.fault(Code::PeriodAmbiguous, Some(readings)),
            Err(PeriodRefusal::NeedsContext) => {
                let example = reading.period_format.example();
                self.fault(Code::PeriodNeedsYear, Some(example.to_owned()))
            }
        }
    }

    fn period_meaning(
        &mut self,
        text: &str,
        reading: Reading<'_>,
        read: Result<Period, PeriodFault>,
    ) -> Meaning {
        match read.and_then(|period| of_declared_frequency(period, reading)) {
            Ok(period) => Meaning::Known(self.period_number(period)),
            Err(_) if text.contains(char::is_control) => self.fault(Code::TextControlCharacter, None),
            Err(PeriodFault::Syntax) => {
                let example = reading.period_format.example();
                self.fault(Code::PeriodSyntax, Some(example.to_owned()))
            }
            Err(PeriodFault::NotInCalendar) => self.fault(Code::PeriodNotInCalendar, None),
            Err(PeriodFault::OutOfRange) => self.fault(Code::PeriodOutOfRange, None),
        }
    }
}

/// A profile may declare that days stand for the weeks, months, quarters or years that hold them.
fn of_declared_frequency(period: Period, reading: Reading<'_>) -> Result<Period, PeriodFault> {
    let Some(letter) = reading.frequency else {
        return Ok(period);
    };
    if period.frequency().sdmx() == letter {
        return Ok(period);
    }
    let declared: Frequency = letter.parse()?;
    if reading.period_format == PeriodFormat::Date && period.frequency() == Frequency::Daily {
        return Period::containing(declared, period.start()).ok_or(PeriodFault::OutOfRange);
    }
    Err(PeriodFault::Syntax)
}
