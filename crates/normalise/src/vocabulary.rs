//! The words of one submission, each numbered once: codes, indicators, periods, and what was not understood.
//!
//! A row is then a handful of numbers. Grows with distinct words, never with rows.

use crate::codebook::{AGE_LIST, CITIZENSHIP_LIST, SEX_LIST, TERRITORY_LIST};
use crate::notes::ReadingNote;
use crate::{Codebook, Resolution};
use chrono::NaiveDate;
use leleka_domain::{Code, Frequency, Indicator, Period};
use rustc_hash::FxHashMap;

/// Token of `_Z`, not applicable.
pub(crate) const NOT_APPLICABLE: u32 = 0;
/// Token of `_T`, the total.
pub(crate) const TOTAL: u32 = 1;
/// Token of `UA`, the whole country.
pub(crate) const COUNTRY: u32 = 2;

/// The dimensions that a series keeps in fields of their own come first, in this order.
pub(crate) const TYPED_DIMENSIONS: [&str; 4] = [TERRITORY_LIST, CITIZENSHIP_LIST, SEX_LIST, AGE_LIST];
/// The number of the dimension `territory`.
pub(crate) const TERRITORY: usize = 0;

/// Distinct texts of one submission for which near names are looked for: each costs a walk over a list.
const SUGGESTED_TEXTS: u32 = 64;

/// A dimension of the catalogue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DimensionEntry<'a> {
    pub(crate) name: &'a str,
    pub(crate) list: &'a str,
}

/// An indicator of the submission and what its rules need.
#[derive(Clone, Debug)]
pub(crate) struct IndicatorEntry<'a> {
    pub(crate) record: &'a Indicator,
    /// By dimension number.
    pub(crate) allowed: Vec<bool>,
    /// The dimensions that go to `extra`, sorted by name.
    pub(crate) extra: Vec<usize>,
    /// By frequency kind; asked once.
    pub(crate) agreed: [Option<bool>; 7],
    /// Row, line and column of its first use.
    pub(crate) first: Option<(u64, u64, u32)>,
}

/// A period of the submission.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeriodEntry {
    pub(crate) period: Period,
    pub(crate) end: NaiveDate,
    /// Kind and length of the frequency in one number.
    pub(crate) frequency_key: u32,
}

/// Why a cell was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) expected: Option<Box<str>>,
}

/// What the text of a cell means in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Number of the token, indicator or period.
    Known(u32),
    /// Number of the fault.
    Fault(u32),
}

pub(crate) struct Vocabulary<'a> {
    pub(crate) codebook: &'a Codebook,
    pub(crate) dimensions: Vec<DimensionEntry<'a>>,
    dimension_numbers: FxHashMap<&'a str, usize>,
    texts: Vec<Box<str>>,
    tokens: FxHashMap<Box<str>, u32>,
    pub(crate) indicators: Vec<IndicatorEntry<'a>>,
    indicator_numbers: FxHashMap<&'a str, u32>,
    periods: Vec<PeriodEntry>,
    period_numbers: FxHashMap<Period, u32>,
    faults: Vec<Fault>,
    fault_numbers: FxHashMap<Fault, u32>,
    suggestions_left: u32,
    /// What was repaired in the text that is being read.
    pub(crate) notes: Vec<ReadingNote>,
}

impl<'a> Vocabulary<'a> {
    pub(crate) fn new(codebook: &'a Codebook) -> Self {
        let mut vocabulary = Self {
            codebook,
            dimensions: Vec::new(),
            dimension_numbers: FxHashMap::default(),
            texts: Vec::new(),
            tokens: FxHashMap::default(),
            indicators: Vec::new(),
            indicator_numbers: FxHashMap::default(),
            periods: Vec::new(),
            period_numbers: FxHashMap::default(),
            faults: Vec::new(),
            fault_numbers: FxHashMap::default(),
            suggestions_left: SUGGESTED_TEXTS,
            notes: Vec::new(),
        };
        // In the order of the three constants above.
        for code in ["_Z", "_T", "UA"] {
            vocabulary.token(code);
        }
        for name in TYPED_DIMENSIONS {
            let list = codebook.dimension(name).map_or(name, |found| &found.list);
            vocabulary.add_dimension(name, list);
        }
        for dimension in &codebook.catalogue().dimensions {
            vocabulary.add_dimension(&dimension.code, &dimension.list);
        }
        vocabulary
    }

    fn add_dimension(&mut self, name: &'a str, list: &'a str) {
        if !self.dimension_numbers.contains_key(name) {
            self.dimension_numbers.insert(name, self.dimensions.len());
            self.dimensions.push(DimensionEntry { name, list });
        }
    }

    pub(crate) fn dimension_number(&self, name: &str) -> Option<usize> {
        self.dimension_numbers.get(name).copied()
    }

    pub(crate) fn dimension(&self, number: usize) -> DimensionEntry<'a> {
        let unnamed = DimensionEntry { name: "", list: "" };
        self.dimensions.get(number).copied().unwrap_or(unnamed)
    }

    /// The token of a code.
    pub(crate) fn token(&mut self, code: &str) -> u32 {
        if let Some(token) = self.tokens.get(code) {
            return *token;
        }
        let token = count(self.texts.len());
        self.texts.push(code.into());
        self.tokens.insert(code.into(), token);
        token
    }

    /// The code behind a token.
    pub(crate) fn text(&self, token: u32) -> &str {
        self.texts.get(token as usize).map_or("", |text| text)
    }

    /// The number of an indicator of the catalogue.
    pub(crate) fn indicator_number(&mut self, record: &'a Indicator) -> u32 {
        if let Some(number) = self.indicator_numbers.get(record.code.as_str()) {
            return *number;
        }
        let mut allowed = vec![false; self.dimensions.len()];
        let mut extra = Vec::new();
        for name in &record.dimensions {
            let Some(number) = self.dimension_number(name) else {
                continue;
            };
            if let Some(allowed) = allowed.get_mut(number) {
                *allowed = true;
            }
            if number >= TYPED_DIMENSIONS.len() {
                extra.push(number);
            }
        }
        extra.sort_unstable_by_key(|number| self.dimension(*number).name);
        extra.dedup();
        let number = count(self.indicators.len());
        self.indicator_numbers.insert(&record.code, number);
        self.indicators.push(IndicatorEntry {
            record,
            allowed,
            extra,
            agreed: [None; 7],
            first: None,
        });
        number
    }

    pub(crate) fn indicator(&self, number: u32) -> Option<&IndicatorEntry<'a>> {
        self.indicators.get(number as usize)
    }

    /// The number of a period.
    pub(crate) fn period_number(&mut self, period: Period) -> u32 {
        if let Some(number) = self.period_numbers.get(&period) {
            return *number;
        }
        let number = count(self.periods.len());
        let (kind, length) = frequency_kind(period.frequency());
        self.periods.push(PeriodEntry {
            period,
            end: period.end(),
            frequency_key: count(kind) << 16 | u32::from(length),
        });
        self.period_numbers.insert(period, number);
        number
    }

    pub(crate) fn period(&self, number: u32) -> Option<PeriodEntry> {
        self.periods.get(number as usize).copied()
    }

    /// A fault, numbered once however many cells have it.
    pub(crate) fn fault(&mut self, code: Code, expected: Option<String>) -> Meaning {
        let fault = Fault {
            code,
            expected: expected.map(String::into_boxed_str),
        };
        if let Some(number) = self.fault_numbers.get(&fault) {
            return Meaning::Fault(*number);
        }
        let number = count(self.faults.len());
        self.faults.push(fault.clone());
        self.fault_numbers.insert(fault, number);
        Meaning::Fault(number)
    }

    pub(crate) fn fault_behind(&self, number: u32) -> Option<&Fault> {
        self.faults.get(number as usize)
    }

    /// What a resolution of a list means; near names are looked for while the allowance lasts.
    pub(crate) fn meaning(&mut self, list: &str, text: &str, resolution: Resolution) -> Meaning {
        match resolution {
            Resolution::One { code } => Meaning::Known(self.token(&code)),
            Resolution::Ambiguous { codes } => {
                let expected = self.shown(list, &codes);
                self.fault(Code::CodeAmbiguous, expected)
            }
            Resolution::Unknown { suggestions } => {
                let near = if suggestions.is_empty() && self.may_suggest() {
                    self.codebook.suggestions(list, text)
                } else {
                    suggestions
                };
                let expected = self.shown(list, &near).map(|shown| format!("→ {shown}?"));
                self.fault(Code::CodeUnknown, expected)
            }
        }
    }

    pub(crate) fn may_suggest(&mut self) -> bool {
        let may = self.suggestions_left > 0;
        self.suggestions_left = self.suggestions_left.saturating_sub(1);
        may
    }

    /// Codes with both names, for people.
    fn shown(&self, list: &str, codes: &[String]) -> Option<String> {
        let shown: Vec<String> = codes
            .iter()
            .take(5)
            .map(|code| match self.codebook.code(list, code) {
                Some(entry) => format!("{code} ({} / {})", entry.name_uk, entry.name_en),
                None => code.clone(),
            })
            .collect();
        (!shown.is_empty()).then(|| shown.join(", "))
    }
}

/// Number of the kind of a frequency as agreements know it: both kinds of range are one.
pub(crate) fn agreed_kind(frequency: Frequency) -> usize {
    frequency_kind(frequency).0.min(6)
}

/// Number of the kind of a frequency, and the length of a range.
fn frequency_kind(frequency: Frequency) -> (usize, u16) {
    match frequency {
        Frequency::Annual => (0, 0),
        Frequency::HalfYearly => (1, 0),
        Frequency::Quarterly => (2, 0),
        Frequency::Monthly => (3, 0),
        Frequency::Weekly => (4, 0),
        Frequency::Daily => (5, 0),
        Frequency::SpanMonths(months) => (6, months),
        Frequency::SpanDays(days) => (7, days),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
