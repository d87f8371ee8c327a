//! From the text of a cell to what it means, once for each distinct text of a column.
//!
//! The strict wire reads exact codes and canonical periods; what a profile adds stands in [`Reading`].

use crate::profile::ProfileColumn;
use crate::vocabulary::{Meaning, Vocabulary};
use crate::{PeriodFormat, period_from_text};
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
    };
}

/// What the texts of one column meant so far.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    last: Option<(String, Meaning)>,
    known: FxHashMap<Box<str>, Meaning>,
}

impl Remembered {
    pub(crate) fn find(&mut self, text: &str) -> Option<Meaning> {
        if let Some((last, meaning)) = &self.last
            && last == text
        {
            return Some(*meaning);
        }
        let meaning = *self.known.get(text)?;
        self.set_last(text, meaning);
        Some(meaning)
    }

    pub(crate) fn keep(&mut self, text: &str, meaning: Meaning) {
        if text.len() <= LONGEST_REMEMBERED {
            self.set_last(text, meaning);
            if self.known.len() < REMEMBERED {
                self.known.insert(text.into(), meaning);
            }
        }
    }

    fn set_last(&mut self, text: &str, meaning: Meaning) {
        match &mut self.last {
            Some((last, kept)) => {
                last.clear();
                last.push_str(text);
                *kept = meaning;
            }
            None => self.last = Some((text.to_owned(), meaning)),
        }
    }
}

impl Vocabulary<'_> {
    pub(crate) fn read_indicator(&mut self, text: &str, reading: Reading<'_>) -> Meaning {
        let codebook = self.codebook;
        let mapped = reading.mapped(text);
        let labels = reading.rule.is_some_and(|rule| rule.labels);
        let sent = mapped.unwrap_or(text);
        let found = if labels {
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
        let Some(rule) = reading.rule else {
            return self.read_code(dimension, text);
        };
        if let Some(scheme) = &rule.format {
            let resolution = codebook.resolve_in_scheme(list, scheme, text);
            return self.meaning(list, text, resolution);
        }
        if rule.labels {
            let resolution = codebook.resolve_known(list, text);
            return self.meaning(list, text, resolution);
        }
        self.read_code(dimension, text)
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
        let read = match mapped {
            Some(canonical) => canonical.parse(),
            None => period_from_text(text, reading.period_format),
        };
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
