//! Cumulative figures: January to May is never less than January to April.
//!
//! A month is the range of one, a year that of twelve; only January's month begins what is cumulated.

use crate::rules::definition::Rule;
use crate::rules::figures::{KnownFigures, SentFigure};
use crate::rules::judging::{Judging, finding_at, number, period_text};
use crate::rules::rulebook::Need;
use chrono::Datelike;
use leleka_domain::{Code, FindingRelated, Frequency, Period, SeriesKey};

/// How many months a cumulative figure spans; `None` for anything else.
fn months(period: Period) -> Option<u16> {
    match period.frequency() {
        Frequency::Monthly if period.start().month() == 1 => Some(1),
        Frequency::SpanMonths(months) if months <= 12 => Some(months),
        Frequency::Annual => Some(12),
        _ => None,
    }
}

/// The ranges from the same day with another length.
fn ranges(period: Period) -> Vec<(u16, Frequency)> {
    let Some(own) = months(period) else {
        return Vec::new();
    };
    let january = period.start().month() == 1;
    let spans = (2..=12).map(|length| (length, Frequency::SpanMonths(length)));
    let ends = [(1, Frequency::Monthly), (12, Frequency::Annual)];
    let ends = ends.into_iter().filter(|_| january);
    spans.chain(ends).filter(|(length, _)| *length != own).collect()
}

fn with_frequency(key: &SeriesKey, frequency: Frequency) -> SeriesKey {
    SeriesKey {
        frequency,
        ..key.clone()
    }
}

/// The figures of other ranges from the same day.
pub(crate) fn cumulative_needs(key: &SeriesKey, period: Period, needs: &mut Vec<Need>) {
    let start = period.start();
    needs.extend(ranges(period).into_iter().map(|(_, frequency)| Need {
        series: with_frequency(key, frequency).id(),
        from: start,
        to: start,
    }));
}

impl Judging<'_> {
    pub(crate) fn cumulative(
        &mut self,
        (number_of_rule, rule): (usize, &Rule),
        (key, figure): (&SeriesKey, SentFigure),
        known: &KnownFigures,
    ) {
        let period = Period::containing(key.frequency, figure.period);
        let (Some(period), Some(value)) = (period, figure.value) else {
            return;
        };
        let Some(own) = months(period) else { return };
        let others: Vec<(u16, SeriesKey, _)> = ranges(period)
            .into_iter()
            .map(|(length, frequency)| (length, with_frequency(key, frequency)))
            .filter_map(|(length, other)| {
                let found = known.of(other.id(), figure.period)?;
                Some((length, other, found))
            })
            .collect();
        let shorter = others.iter().filter(|(length, _, _)| *length < own);
        let longer = others.iter().filter(|(length, _, _)| *length > own);
        let nearest = [
            shorter.max_by_key(|(length, _, _)| *length),
            longer.min_by_key(|(length, _, _)| *length),
        ];
        for (length, other, found) in nearest.into_iter().flatten() {
            let is_shorter = *length < own;
            let falls = if is_shorter {
                found.value > value
            } else {
                value > found.value
            };
            let place = if is_shorter { key.id() } else { other.id() };
            if !falls || !self.told.insert((number_of_rule, place, figure.period)) {
                continue;
            }
            let finding = finding_at(rule, Code::ValueNotMonotonic, figure);
            let expected = format!(
                "{} {} ({})",
                if is_shorter { "≥" } else { "≤" },
                number(found.value),
                period_text(other, figure.period)
            );
            let related = FindingRelated {
                series: other.to_string(),
                period: period_text(other, figure.period),
                value: Some(number(found.value)),
                row: found.own_row.map(u64::from),
            };
            self.tell(
                finding.value(&number(value)).expected(expected),
                std::iter::once(related),
            );
        }
    }
}
