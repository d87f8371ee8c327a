//! The rules over several figures, applied to a submission inside its own transaction.
//!
//! What was just written is seen by the reads here, in a dry run as in a commit, so both say the same. Memory and
//! statements are bounded: so many figures are kept, so many are looked up at a time. No rule of its own.

use crate::centre::Book;
use crate::submission::apply::TouchedSeries;
use crate::submission::report::Finished;
use chrono::NaiveDate;
use leleka_domain::{Code, Finding, ObservationRow, SeriesId, SeriesKey, Severity};
use leleka_normalise::rules::{Judging, KnownFigure, KnownFigures, SentFigure};
use leleka_store::{FigureRange, StoreError, Tx, figure_current_in_tx};
use std::collections::BTreeMap;

/// So many figures of a submission are checked, in the order in which they are written; the rest is counted.
const FIGURES_CHECKED: usize = 20_000;
/// So many are looked up with one statement.
const BATCH: usize = 500;

/// The figures of a submission that some rule looks at.
#[derive(Default)]
pub(crate) struct SentFigures {
    kept: Vec<SentFigure>,
    passed_over: u64,
}

impl SentFigures {
    /// Notes the figures of a chunk; gives the place where they begin.
    pub(crate) fn note(&mut self, book: &Book, series: &TouchedSeries, rows: &[ObservationRow]) -> usize {
        let begin = self.kept.len();
        for group in rows.chunk_by(|left, right| left.series == right.series) {
            let key = group.first().and_then(|row| series.get(&row.series));
            if !key.is_some_and(|(key, _)| book.rules.concerns(&key.indicator)) {
                continue;
            }
            for row in group {
                if self.kept.len() >= FIGURES_CHECKED {
                    self.passed_over += 1;
                    continue;
                }
                self.kept.push(SentFigure {
                    series: row.series,
                    period: row.period_start,
                    row: row.row,
                    value: row.value,
                    changed: false,
                });
            }
        }
        begin
    }

    /// Marks those that are new or differ: `changed` are the rows of the same chunk that are left, in its order.
    pub(crate) fn mark_changed(&mut self, begin: usize, changed: &[ObservationRow]) {
        let mut changed = changed.iter().peekable();
        for figure in self.kept.iter_mut().skip(begin) {
            let here = (figure.series, figure.period);
            while changed
                .next_if(|row| (row.series, row.period_start) < here)
                .is_some()
            {}
            figure.changed = changed
                .next_if(|row| (row.series, row.period_start) == here)
                .is_some();
        }
    }

    /// What the rules say about them.
    pub(crate) fn judge(
        &mut self,
        tx: &mut Tx<'_>,
        book: &Book,
        series: &TouchedSeries,
        position: i64,
    ) -> Result<Vec<Finding>, StoreError> {
        if !self.kept.iter().any(|figure| figure.changed) {
            return Ok(Vec::new());
        }
        let key_of = |id: SeriesId| series.get(&id).map(|(key, _)| key);
        let mut judging = Judging::new(&book.rules);
        judging.totals(&self.kept, key_of, self.passed_over == 0);
        let changed: Vec<(&SeriesKey, SentFigure)> = self
            .kept
            .iter()
            .filter(|figure| figure.changed && figure.value.is_some())
            .filter_map(|figure| Some((key_of(figure.series)?, *figure)))
            .collect();
        for batch in changed.chunks(BATCH) {
            let known = known_read(tx, book, batch, position)?;
            for (key, figure) in batch {
                judging.figure(key, *figure, &known);
            }
        }
        let mut findings = judging.into_findings();
        if self.passed_over > 0 {
            let finding = Finding::new(Code::RulesCapped, Severity::Info);
            let finding = finding
                .value(&self.passed_over.to_string())
                .expected(FIGURES_CHECKED.to_string());
            findings.push(finding);
        }
        Ok(findings)
    }
}

/// The current figures that a batch must be held against.
fn known_read(
    tx: &mut Tx<'_>,
    book: &Book,
    batch: &[(&SeriesKey, SentFigure)],
    position: i64,
) -> Result<KnownFigures, StoreError> {
    let mut ranges: BTreeMap<SeriesId, (NaiveDate, NaiveDate)> = BTreeMap::new();
    for (key, figure) in batch {
        for need in book.rules.needs(key, figure.period) {
            let range = ranges.entry(need.series).or_insert((need.from, need.to));
            *range = (range.0.min(need.from), range.1.max(need.to));
        }
    }
    let ranges: Vec<FigureRange> = ranges
        .into_iter()
        .map(|(series, (from, to))| (series.0, from, to))
        .collect();
    let mut known = KnownFigures::default();
    for (series, period, at, value, row) in figure_current_in_tx(tx, &ranges)? {
        let own_row = (at == position).then_some(row.cast_unsigned());
        known.insert(SeriesId(series), period, KnownFigure { value, own_row });
    }
    Ok(known)
}

impl Finished {
    /// Takes what the rules say into the report, after what the rows themselves have to be told.
    pub(crate) fn rules_add(&mut self, findings: Vec<Finding>) {
        for mut finding in findings {
            match finding.severity {
                Severity::Fatal | Severity::Error => {
                    self.counts.errors += 1;
                    // A rule looks at several figures: no single row can be left out for it.
                    self.errors_beyond_rows += 1;
                }
                Severity::Soft => self.counts.soft += 1,
                Severity::Warning => self.counts.warnings += 1,
                Severity::Info => {}
            }
            if self.findings.len() < self.findings_kept {
                finding.pointer = self.pointer_of(&finding);
                self.findings.push(finding);
            }
        }
    }

    /// Where the figure stands in what was sent: in the document, or in the object of the line.
    fn pointer_of(&self, finding: &Finding) -> Option<String> {
        let row = finding.row?;
        if self.content_type.starts_with("application/json") {
            Some(format!("/observations/{}/value", row.saturating_sub(1)))
        } else {
            self.content_type
                .starts_with("application/x-ndjson")
                .then(|| "/value".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leleka_domain::{ConfStatus, ObsFlags, ObsStatus};

    fn row(series: i64, day: u32, number: u32) -> ObservationRow {
        ObservationRow {
            series: SeriesId(series),
            period_start: NaiveDate::from_ymd_opt(2026, 1, day).unwrap(),
            row: number,
            retracts: false,
            value: Some(1.0),
            status: ObsStatus::Normal,
            flags: ObsFlags::default(),
            confidentiality: ConfStatus::Free,
        }
    }

    #[test]
    fn what_is_left_of_a_chunk_is_what_changed() {
        let rows = [row(1, 1, 1), row(1, 2, 2), row(3, 1, 3), row(4, 9, 4)];
        let figure = |row: &ObservationRow| SentFigure {
            series: row.series,
            period: row.period_start,
            row: row.row,
            value: row.value,
            changed: false,
        };
        let mut sent = SentFigures {
            // Series 3 is of no rule's concern.
            kept: rows.iter().filter(|row| row.series.0 != 3).map(figure).collect(),
            passed_over: 0,
        };
        sent.mark_changed(0, &[row(1, 2, 2), row(3, 1, 3), row(4, 9, 4)]);
        let changed: Vec<bool> = sent.kept.iter().map(|figure| figure.changed).collect();
        assert_eq!(changed, [false, true, true]);
    }
}
