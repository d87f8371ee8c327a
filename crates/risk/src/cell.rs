//! One computed cell: a value or the reason why there is none, with everything that weakens it.
//!
//! Zero is a value. A cell never holds a number that is not finite: such a result is outside the domain.

use serde::{Serialize, Serializer};

/// Why there is no value, or why a value has no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// Nothing was reported.
    MissingInput,
    /// Too few of the expected series reported.
    InsufficientCoverage,
    /// Two observations claim the same cell and differ.
    AmbiguousInput,
    /// Division by zero.
    ZeroDenominator,
    /// The operation has no result for this number.
    Domain,
    /// The base of a change is zero.
    ZeroBase,
    /// The base is below the least that the definition asks for.
    SmallBase,
    /// The past is too short for the window or the detector.
    ShortHistory,
    /// The past does not vary, so nothing can be called unusual.
    ZeroScale,
    /// A low figure of a period that is not complete yet.
    IncompletePeriod,
    /// The scale of the metric is not in force in this period.
    NoThreshold,
}

impl Reason {
    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingInput => "missing_input",
            Self::InsufficientCoverage => "insufficient_coverage",
            Self::AmbiguousInput => "ambiguous_input",
            Self::ZeroDenominator => "zero_denominator",
            Self::Domain => "domain",
            Self::ZeroBase => "zero_base",
            Self::SmallBase => "small_base",
            Self::ShortHistory => "short_history",
            Self::ZeroScale => "zero_scale",
            Self::IncompletePeriod => "incomplete_period",
            Self::NoThreshold => "no_threshold",
        }
    }

    /// What it says to people, in Ukrainian and in English.
    #[must_use]
    pub fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::MissingInput => ("Потрібних даних не подано.", "The data needed were not reported."),
            Self::InsufficientCoverage => (
                "Звітувало замало очікуваних рядів.",
                "Too few of the expected series reported.",
            ),
            Self::AmbiguousInput => (
                "Для однієї клітинки є кілька різних значень: оберіть орган або розріз.",
                "One cell has several different values: choose the body or the breakdown.",
            ),
            Self::ZeroDenominator => ("Знаменник дорівнює нулю.", "The denominator is zero."),
            Self::Domain => (
                "Для такого числа дія не має результату.",
                "The operation has no result for this number.",
            ),
            Self::ZeroBase => (
                "База порівняння дорівнює нулю.",
                "The base of the comparison is zero.",
            ),
            Self::SmallBase => (
                "База порівняння надто мала для висновку.",
                "The base of the comparison is too small for a conclusion.",
            ),
            Self::ShortHistory => (
                "Минулих періодів замало для порівняння.",
                "There are too few past periods to compare with.",
            ),
            Self::ZeroScale => (
                "Минулі значення однакові: звичайне коливання невідоме.",
                "Past values are all equal: the usual variation is unknown.",
            ),
            Self::IncompletePeriod => (
                "Період ще неповний: низьке значення нічого не доводить.",
                "The period is not complete yet: a low figure proves nothing.",
            ),
            Self::NoThreshold => (
                "Для цього періоду шкалу ризику не визначено.",
                "No risk scale is in force for this period.",
            ),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// What weakens a value, or restricts who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Flag {
    /// The population or capacity is older than two years.
    AgedDenominator,
    /// A break in a series that was read.
    Break,
    /// A source is not free for publication.
    Confidential,
    /// A source is an estimate or a forecast.
    Estimated,
    /// The level of a composite hangs on its weights, scales or form.
    Fragile,
    /// A substitute was used, here or by the receiver.
    Imputed,
    /// The period is not complete yet.
    Incomplete,
    /// Week 53 was compared with week 52.
    IsoW53,
    /// Too few events lately for an alarm upwards.
    LowCounts,
    /// Something expected is absent from the sum.
    Partial,
    /// A source is provisional.
    Provisional,
    /// The denominator of a rate is below fifty.
    SmallBase,
    /// A source exists and was suppressed by its sender.
    SuppressedAtSource,
}

impl Flag {
    /// Every flag, in the order of the codes.
    pub const ALL: &'static [Self] = &[
        Self::AgedDenominator,
        Self::Break,
        Self::Confidential,
        Self::Estimated,
        Self::Fragile,
        Self::Imputed,
        Self::Incomplete,
        Self::IsoW53,
        Self::LowCounts,
        Self::Partial,
        Self::Provisional,
        Self::SmallBase,
        Self::SuppressedAtSource,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::AgedDenominator => "aged_denominator",
            Self::Break => "break",
            Self::Confidential => "confidential",
            Self::Estimated => "estimated",
            Self::Fragile => "fragile",
            Self::Imputed => "imputed",
            Self::Incomplete => "incomplete",
            Self::IsoW53 => "iso_w53",
            Self::LowCounts => "low_counts",
            Self::Partial => "partial",
            Self::Provisional => "provisional",
            Self::SmallBase => "small_base",
            Self::SuppressedAtSource => "suppressed_at_source",
        }
    }
}

/// A set of flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u16);

impl Flags {
    /// Adds a flag.
    pub fn insert(&mut self, flag: Flag) {
        self.0 |= 1 << (flag as u8);
    }

    /// Adds every flag of another set.
    pub fn extend(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the flag is in the set.
    #[must_use]
    pub fn contains(self, flag: Flag) -> bool {
        self.0 & (1 << (flag as u8)) != 0
    }

    /// The codes in the set, sorted.
    #[must_use]
    pub fn codes(self) -> Vec<&'static str> {
        let held = Flag::ALL.iter().filter(|flag| self.contains(**flag));
        held.map(|flag| flag.code()).collect()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl Serialize for Flags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.codes())
    }
}

/// One computed cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// The value, always finite, or why there is none.
    pub(crate) outcome: Result<f64, Reason>,
    /// What weakens it.
    pub(crate) flags: Flags,
    /// Places of the observations used, sorted, in the set that was read.
    pub(crate) used: Vec<u32>,
    /// Share of what was expected that is present, 0 to 1.
    pub(crate) coverage: f64,
}

impl Cell {
    /// A cell in which nothing was reported.
    pub(crate) fn missing() -> Self {
        Self {
            outcome: Err(Reason::MissingInput),
            flags: Flags::default(),
            used: Vec::new(),
            coverage: 0.0,
        }
    }

    /// A number that rests on no observation.
    pub(crate) fn constant(value: f64) -> Self {
        Self {
            outcome: finite(value),
            flags: Flags::default(),
            used: Vec::new(),
            coverage: 1.0,
        }
    }

    pub(crate) fn value(&self) -> Option<f64> {
        self.outcome.ok()
    }
}

/// The number, unless it is infinite or not a number.
pub(crate) fn finite(value: f64) -> Result<f64, Reason> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Reason::Domain)
    }
}

/// Two sorted lists as one, without repetitions.
pub(crate) fn union<'a>(lists: impl Iterator<Item = &'a Vec<u32>>) -> Vec<u32> {
    let mut all: Vec<u32> = lists.flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The sum of these numbers in their order; exact while all of them are whole.
pub(crate) fn exact_sum(values: impl Iterator<Item = f64> + Clone) -> f64 {
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    let whole = values
        .clone()
        .all(|value| value.abs() <= WHOLE && value.fract().abs() < f64::MIN_POSITIVE);
    if whole {
        // Each fits a 64-bit integer, so the sum of any list in memory fits 128 bits.
        values.map(|value| i128::from(value as i64)).sum::<i128>() as f64
    } else {
        values.fold(0.0, |sum, value| sum + value)
    }
}
