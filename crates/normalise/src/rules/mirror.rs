//! Two bodies' reports of one thing: which figure answers to which, and how far they are apart.
//!
//! A finding never tells one body what the other reported; the centre sees both side by side.

use crate::rules::definition::{Check, Mirror, MirrorSide, Rule};
use crate::rules::figures::{KnownFigures, SentFigure};
use crate::rules::judging::{Judging, finding_at, number, period_text};
use crate::rules::rulebook::RuleBook;
use leleka_domain::{Code, FindingRelated, SeriesKey};

/// A pair of indicators that two sides report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorPair {
    /// Number of the rule.
    pub rule: usize,
    /// Body of the left side; empty when it is a kind of bodies.
    pub body: Option<String>,
    /// Kind of the bodies of the left side.
    pub body_kind: Option<String>,
    /// Indicator of the left side.
    pub indicator: String,
    /// Indicator of the right side.
    pub other_indicator: String,
}

/// By which share of the greater one two figures differ; 0 when both are 0.
#[must_use]
pub fn differs_by(left: f64, right: f64) -> f64 {
    let greater = left.abs().max(right.abs());
    if greater > 0.0 {
        (left - right).abs() / greater
    } else {
        0.0
    }
}

impl Mirror {
    /// Whether two figures are too far apart.
    #[must_use]
    pub fn is_broken(&self, left: f64, right: f64) -> bool {
        left.abs().max(right.abs()) >= self.least && differs_by(left, right) > self.share + 1e-9
    }
}

impl RuleBook {
    fn is_on_side(&self, side: &MirrorSide, key: &SeriesKey) -> bool {
        let fixed = side.fixed.iter();
        if !fixed
            .clone()
            .all(|(dimension, code)| key.dimension(dimension) == Some(code))
        {
            return false;
        }
        match (&side.body, &side.body_kind) {
            (Some(body), _) => key.body == *body,
            (None, Some(kind)) => self
                .offices
                .get(&(kind.clone(), key.territory.clone()))
                .is_some_and(|office| *office == key.body),
            (None, None) => false,
        }
    }

    /// The key on the other side that answers to a key on this one.
    fn reflected(
        &self,
        key: &SeriesKey,
        from: &MirrorSide,
        to: &MirrorSide,
        indicator: &str,
    ) -> Option<SeriesKey> {
        // What is fixed here is absent there: it stands for the total.
        let plain = from
            .fixed
            .keys()
            .fold(key.clone(), |key, dimension| key.with_dimension(dimension, "_T"));
        let mut other = self.translated(&plain, indicator)?;
        for (dimension, code) in &to.fixed {
            other = other.with_dimension(dimension, code);
        }
        other.body = match (&to.body, &to.body_kind) {
            (Some(body), _) => body.clone(),
            (None, Some(kind)) => {
                let place = (kind.clone(), other.territory.clone());
                self.offices.get(&place)?.clone()
            }
            (None, None) => return None,
        };
        Some(other)
    }

    /// The keys that must say about the same as this one, by one rule.
    pub(crate) fn mirrored(&self, number: usize, key: &SeriesKey) -> Vec<SeriesKey> {
        let Some(Check::Mirror(mirror)) = self.rules().get(number).map(|rule| &rule.check) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (left, right) in &mirror.indicators {
            if *left == key.indicator && self.is_on_side(&mirror.left, key) {
                found.extend(self.reflected(key, &mirror.left, &mirror.right, right));
            }
            if *right == key.indicator && self.is_on_side(&mirror.right, key) {
                found.extend(self.reflected(key, &mirror.right, &mirror.left, left));
            }
        }
        found
    }

    /// Every pair of indicators of every mirror, in the order of the rules.
    #[must_use]
    pub fn mirror_pairs(&self) -> Vec<MirrorPair> {
        let mut pairs = Vec::new();
        for (number, rule) in self.rules().iter().enumerate() {
            let Check::Mirror(mirror) = &rule.check else {
                continue;
            };
            for (left, right) in &mirror.indicators {
                pairs.push(MirrorPair {
                    rule: number,
                    body: mirror.left.body.clone(),
                    body_kind: mirror.left.body_kind.clone(),
                    indicator: left.clone(),
                    other_indicator: right.clone(),
                });
            }
        }
        pairs
    }

    /// The right side's key of a pair for a key of its left side; `None` when the key is not of the left side.
    #[must_use]
    pub fn mirror_other(&self, pair: &MirrorPair, key: &SeriesKey) -> Option<SeriesKey> {
        let Check::Mirror(mirror) = &self.rules().get(pair.rule)?.check else {
            return None;
        };
        if key.indicator != pair.indicator || !self.is_on_side(&mirror.left, key) {
            return None;
        }
        self.reflected(key, &mirror.left, &mirror.right, &pair.other_indicator)
    }
}

impl Judging<'_> {
    pub(crate) fn mirror(
        &mut self,
        (number_of_rule, rule): (usize, &Rule),
        mirror: &Mirror,
        (key, figure): (&SeriesKey, SentFigure),
        known: &KnownFigures,
    ) {
        let Some(value) = figure.value else { return };
        for other in self.book.mirrored(number_of_rule, key) {
            let Some(found) = known.of(other.id(), figure.period) else {
                continue;
            };
            if !mirror.is_broken(value, found.value) {
                continue;
            }
            let finding = finding_at(rule, Code::MirrorMismatch, figure);
            let expected = format!(
                "{} % ({}, {})",
                number((mirror.share * 100.0).round()),
                other.body,
                other.indicator
            );
            let related = FindingRelated {
                series: other.to_string(),
                period: period_text(&other, figure.period),
                value: None,
                row: None,
            };
            self.tell(
                finding.value(&number(value)).expected(expected),
                std::iter::once(related),
            );
        }
    }
}
