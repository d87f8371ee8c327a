//! A total against the sum of its parts, inside one submission.
//!
//! Both must have been sent: a total of March says nothing about parts that come tomorrow. Parts that need not
//! exhaust the total may not exceed it; parts that do exhaust it must make it, within what rounding explains.

use crate::rules::definition::{Check, Rule, Totals};
use crate::rules::figures::SentFigure;
use crate::rules::judging::{Judging, finding_at, number, period_text};
use chrono::NaiveDate;
use leleka_domain::{Code, FindingRelated, SeriesId, SeriesKey};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// A total and its parts in one period.
#[derive(Default)]
struct Group<'a> {
    total: Option<(&'a SeriesKey, SentFigure)>,
    parts: Vec<(&'a SeriesKey, SentFigure)>,
    changed: bool,
}

/// Rule, series of the total, period.
type GroupKey = (usize, SeriesId, NaiveDate);

impl Judging<'_> {
    /// Judges every total of the submission; `complete` says that these are all of its figures.
    pub fn totals<'k>(
        &mut self,
        figures: &[SentFigure],
        key_of: impl Fn(SeriesId) -> Option<&'k SeriesKey>,
        complete: bool,
    ) {
        let mut groups: BTreeMap<GroupKey, Group<'k>> = BTreeMap::new();
        let mut seats: FxHashMap<SeriesId, Vec<(usize, SeriesId, bool)>> = FxHashMap::default();
        for figure in figures {
            let Some(key) = key_of(figure.series) else {
                continue;
            };
            let seats = seats.entry(figure.series).or_insert_with(|| self.seats_of(key));
            for (rule, total, is_total) in seats.iter() {
                let group = groups.entry((*rule, *total, figure.period)).or_default();
                group.changed |= figure.changed;
                if *is_total {
                    group.total = Some((key, *figure));
                } else {
                    group.parts.push((key, *figure));
                }
            }
        }
        for ((number, _, _), group) in groups {
            let rule = self.book.rules().get(number);
            if let Some((rule, Check::TotalsDetails(totals))) = rule.map(|rule| (rule, &rule.check)) {
                self.group(rule, totals, &group, complete);
            }
        }
    }

    /// The groups in which a series stands: rule, series of the total, and whether it is the total itself.
    fn seats_of(&self, key: &SeriesKey) -> Vec<(usize, SeriesId, bool)> {
        let rules = self.book.rules_of(&key.indicator);
        rules
            .filter_map(|(number, rule)| {
                let Check::TotalsDetails(totals) = &rule.check else {
                    return None;
                };
                let code = key.dimension(&totals.dimension)?;
                let is_total = code == totals.total;
                if !is_total && !self.book.is_part(number, code) {
                    return None;
                }
                let total = key.with_dimension(&totals.dimension, &totals.total);
                Some((number, total.id(), is_total))
            })
            .collect()
    }

    fn group(&mut self, rule: &Rule, totals: &Totals, group: &Group<'_>, complete: bool) {
        let Some((key, figure)) = group.total else { return };
        let Some(total) = figure.value else { return };
        let numbers: Vec<f64> = group.parts.iter().filter_map(|(_, part)| part.value).collect();
        if !group.changed || numbers.is_empty() {
            return;
        }
        // A part without a number hides an unknown amount.
        let all_known = numbers.len() == group.parts.len();
        let there = |code: &String| {
            let mut parts = group.parts.iter();
            parts.any(|(key, _)| key.dimension(&totals.dimension) == Some(code))
        };
        let exhaustive = complete
            && all_known
            && !totals.exhaustive_with.is_empty()
            && totals.exhaustive_with.iter().all(there);
        let sum: f64 = numbers.iter().sum();
        let figures = f64::from(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        let tolerance = (figures + 1.0) * totals.rounding_step / 2.0 + sum.abs().max(total.abs()) * 1e-9;
        let (over, under) = (sum - total > tolerance, total - sum > tolerance);
        if !(over || (exhaustive && under)) {
            return;
        }
        let relation = if exhaustive { "=" } else { "≥" };
        let finding = finding_at(rule, Code::SumMismatch, figure);
        let finding = finding.value(&number(total)).expected(format!(
            "{relation} {} ({}, {}: {})",
            number(sum),
            period_text(key, figure.period),
            totals.dimension,
            numbers.len()
        ));
        let related = group.parts.iter().map(|(key, part)| FindingRelated {
            series: key.to_string(),
            period: period_text(key, part.period),
            value: part.value.map(number),
            row: Some(u64::from(part.row)),
        });
        self.tell(finding, related);
    }
}
