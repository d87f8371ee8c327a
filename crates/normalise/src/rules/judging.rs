//! All kinds of rules over one submission.

use crate::rules::definition::{Check, Rule};
use crate::rules::figures::{KnownFigures, SentFigure};
use crate::rules::rulebook::RuleBook;
use chrono::NaiveDate;
use leleka_domain::{Code, Finding, FindingRelated, Period, SeriesId, SeriesKey, value_to_text};
use rustc_hash::FxHashSet;

/// Most figures that a finding names beside its own.
const RELATED_MOST: usize = 16;

/// The judging of one submission: what was told so far.
pub struct Judging<'a> {
    pub(crate) book: &'a RuleBook,
    /// Comparisons that were told, by rule, series and period: several figures lead to the same one.
    pub(crate) told: FxHashSet<(usize, SeriesId, NaiveDate)>,
    findings: Vec<Finding>,
}

impl<'a> Judging<'a> {
    /// Begins.
    #[must_use]
    pub fn new(book: &'a RuleBook) -> Self {
        Self {
            book,
            told: FxHashSet::default(),
            findings: Vec::new(),
        }
    }

    /// Judges a figure against those that [`RuleBook::needs`] asked for.
    pub fn figure(&mut self, key: &SeriesKey, figure: SentFigure, known: &KnownFigures) {
        if !figure.changed || figure.value.is_none() {
            return;
        }
        let book = self.book;
        let here = (key, figure);
        for (number, rule) in book.rules_of(&key.indicator) {
            match &rule.check {
                Check::TotalsDetails(_) => {}
                Check::CrossIndicator(it) => self.comparison((number, rule), it, here, known),
                Check::Jump(it) => self.jump(rule, it, here, known),
                Check::CumulativeMonotonic(_) => self.cumulative((number, rule), here, known),
                Check::Mirror(it) => self.mirror((number, rule), it, here, known),
            }
        }
    }

    /// The findings by row, code and rule: the same figures always give the same report.
    #[must_use]
    pub fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by(|left, right| {
            let order = |it: &Finding| (it.row, it.code.as_str(), it.rule_id.clone(), it.expected.clone());
            order(left).cmp(&order(right))
        });
        self.findings
    }

    pub(crate) fn tell(&mut self, mut finding: Finding, related: impl Iterator<Item = FindingRelated>) {
        finding.related = related.take(RELATED_MOST).collect();
        self.findings.push(finding);
    }
}

/// A finding of a rule at a figure.
pub(crate) fn finding_at(rule: &Rule, code: Code, figure: SentFigure) -> Finding {
    let mut finding = Finding::new(code, rule.severity).field("value");
    finding.row = Some(u64::from(figure.row));
    finding.rule_id = Some(rule.id.clone());
    finding
}

/// A number as people and machines read it.
pub(crate) fn number(value: f64) -> String {
    value_to_text(value)
}

/// The period of a series that begins on this day.
pub(crate) fn period_text(key: &SeriesKey, start: NaiveDate) -> String {
    Period::containing(key.frequency, start).map_or_else(|| start.to_string(), |period| period.to_string())
}
