//! What was repaired while a sender's text was read: one note for each rule, with the text before and after.
//!
//! A note never changes a value. Rules come from real files: each stands for a habit that was counted there.

use leleka_domain::{Code, Severity};

/// The rule by which a text was read otherwise than letter by letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Letters of two alphabets in one word.
    LookAlike,
    /// Invisible characters, hard spaces, runs of spaces, hyphens left over from a line break.
    Typography,
    /// A star, a superscript or a digit that points to a footnote.
    Footnote,
    /// A grammatical case, an abbreviation, a word such as «громадяни» around the name.
    NameForm,
    /// A number with spaces or marks between thousands, a decimal comma, another minus, an exponent.
    NumberAsText,
    /// A number in thousands or millions.
    NumberMultiplied,
    /// A thousands comma that only the rounding of the figure speaks for.
    NumberByRounding,
    /// A mark in place of a number.
    MissingMark,
    /// A period written in words, or in a form other than the canonical one.
    PeriodWords,
    /// A column named by a word of people, not by a word of the schema.
    Header,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 10] = [
        Self::LookAlike,
        Self::Typography,
        Self::Footnote,
        Self::NameForm,
        Self::NumberAsText,
        Self::NumberMultiplied,
        Self::NumberByRounding,
        Self::MissingMark,
        Self::PeriodWords,
        Self::Header,
    ];

    /// The code under which readings by this rule are told.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::LookAlike => Code::ReadingLookAlike,
            Self::Typography => Code::ReadingTypography,
            Self::Footnote => Code::ReadingFootnote,
            Self::NameForm => Code::ReadingNameForm,
            Self::NumberAsText | Self::NumberByRounding => Code::ReadingNumberAsText,
            Self::NumberMultiplied => Code::ReadingNumberMultiplied,
            Self::MissingMark => Code::ReadingMissingMark,
            Self::PeriodWords => Code::ReadingPeriodWords,
            Self::Header => Code::ReadingHeader,
        }
    }

    /// Whether somebody should look at it: letters of two alphabets break searches elsewhere, and a figure in
    /// thousands is no count.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::LookAlike | Self::NumberMultiplied | Self::NumberByRounding => Severity::Warning,
            Self::Typography
            | Self::Footnote
            | Self::NameForm
            | Self::NumberAsText
            | Self::MissingMark
            | Self::PeriodWords
            | Self::Header => Severity::Info,
        }
    }
}

/// One repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingNote {
    /// By which rule.
    pub rule: Rule,
    /// The text as it was sent.
    pub raw: String,
    /// What was read.
    pub read: String,
}

impl ReadingNote {
    pub(crate) fn new(rule: Rule, raw: &str, read: impl Into<String>) -> Self {
        Self {
            rule,
            raw: raw.to_owned(),
            read: read.into(),
        }
    }
}

/// Rules that one text was read by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RuleSet(u16);

impl RuleSet {
    fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << (rule as u16))
    }

    fn contains(self, rule: Rule) -> bool {
        self.0 & (1 << (rule as u16)) != 0
    }
}

/// How often each rule was used in one column, and where first.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) counted: Vec<Counted>,
}

/// One rule in one column.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) first: ReadingNote,
    pub(crate) row: u64,
    pub(crate) line: u64,
    pub(crate) count: u64,
}

impl Tally {
    /// Counts the notes of a text that is read for the first time.
    pub(crate) fn add(&mut self, notes: Vec<ReadingNote>, row: u64, line: u64) -> RuleSet {
        let mut rules = RuleSet::default();
        for note in notes {
            if rules.contains(note.rule) {
                continue;
            }
            rules = rules.with(note.rule);
            match self
                .counted
                .iter_mut()
                .find(|counted| counted.first.rule == note.rule)
            {
                Some(counted) => counted.count += 1,
                None => self.counted.push(Counted {
                    first: note,
                    row,
                    line,
                    count: 1,
                }),
            }
        }
        rules
    }

    /// Counts the rules of a text that was read before.
    pub(crate) fn again(&mut self, rules: RuleSet) {
        for counted in &mut self.counted {
            counted.count += u64::from(rules.contains(counted.first.rule));
        }
    }
}
