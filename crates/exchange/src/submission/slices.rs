//! The slices of a submission: which it touches, what must hold in them, and what a whole delivery retracts.
//!
//! A slice is one body's dataflow in one period; its version is the position of the submission that touched it
//! last. Decided in `docs/decisions/0020-slices-and-retraction.md`. Holds no SQL.

use crate::centre::Book;
use crate::submission::apply::{ApplyEnd, TouchedSeries};
use crate::submission::report::{Finished, operation_of};
use crate::{ActError, Caller};
use chrono::NaiveDate;
use leleka_domain::{Code, Frequency, ObservationRow, Period, SubmissionKind, SubmissionMode};
use leleka_store::{
    RetractedObservation, Retracting, SameContent, StoreError, TouchedSlices, Tx, idempotency_is_taken_in_tx,
    observation_retract_in_tx, slice_version_insert_in_tx,
};
use rustc_hash::FxHashSet;

/// What a submission touches, as far as it was read.
#[derive(Default)]
pub(crate) struct Slices {
    seen: FxHashSet<(Frequency, NaiveDate)>,
    /// Whether what is not sent may have to be retracted: then the keys are kept that were sent and written
    /// nothing, because the ledger alone does not show that they were sent.
    pub(crate) keeps_unchanged: bool,
    unchanged_series: Vec<i64>,
    unchanged_periods: Vec<NaiveDate>,
}

impl Slices {
    /// Takes in the slices of sorted rows, before any of them is dropped.
    pub(crate) fn see(&mut self, rows: &[ObservationRow], series: &TouchedSeries) {
        for group in rows.chunk_by(|left, right| left.series == right.series) {
            let frequency = group
                .first()
                .and_then(|row| series.get(&row.series))
                .map(|(key, _)| key.frequency);
            let periods = group.iter().map(|row| row.period_start);
            self.seen
                .extend(periods.filter_map(|day| Some((frequency?, day))));
        }
    }

    /// Remembers a key that was sent and is equal to what is current.
    pub(crate) fn keep(&mut self, unchanged: &[(i64, NaiveDate)]) {
        self.unchanged_series
            .extend(unchanged.iter().map(|(series, _)| *series));
        self.unchanged_periods
            .extend(unchanged.iter().map(|(_, period)| *period));
    }

    /// Every slice, those reported as empty among them, in a fixed order.
    pub(crate) fn periods(&self, nil_periods: &[String]) -> Vec<Period> {
        let seen = self.seen.iter();
        let seen = seen.filter_map(|(frequency, day)| Period::containing(*frequency, *day));
        let nil = nil_periods.iter().filter_map(|text| text.parse().ok());
        let mut periods: Vec<Period> = seen.chain(nil).collect();
        periods.sort_unstable();
        periods.dedup();
        periods
    }

    /// Retracts what is current in these slices and was not sent again.
    pub(crate) fn unsent_retract(
        &self,
        tx: &mut Tx<'_>,
        book: &Book,
        body: &str,
        dataflow: &str,
        periods: &[Period],
        position: i64,
    ) -> Result<Vec<RetractedObservation>, StoreError> {
        let retracting = Retracting {
            body,
            indicators: &book.indicators_of(dataflow),
            periods,
            brought_by: None,
            kept_series: &self.unchanged_series,
            kept_periods: &self.unchanged_periods,
            position,
        };
        observation_retract_in_tx(tx, &retracting)
    }
}

/// Marks the series of a retracted observation as changed in its period.
pub(crate) fn retraction_touch(series: &mut TouchedSeries, retracted: RetractedObservation) {
    let RetractedObservation {
        series: id,
        key,
        period,
    } = retracted;
    let (_, touched) = series.entry(id).or_insert((key, None));
    let (first, last) = touched.unwrap_or((period, period));
    *touched = Some((first.min(period), last.max(period)));
}

impl Finished {
    /// Writes the touched slices, and ends what may not be: a state that is not the one the sender knew, or the
    /// very same content once more. A dry run is only told.
    pub(crate) fn slices_write(
        &mut self,
        tx: &mut Tx<'_>,
        caller: &Caller,
        periods: &[Period],
        position: i64,
        is_dry_run: bool,
    ) -> Result<(), ApplyEnd> {
        let declaration = &self.declaration;
        let must_match =
            declaration.kind == SubmissionKind::Correction && declaration.mode == SubmissionMode::Merge;
        let same = SameContent {
            sha256: &self.kept.sha256,
            kind: declaration.kind,
            mode: declaration.mode,
            profile: self
                .profile
                .as_ref()
                .map(|(code, version)| (code.as_str(), *version)),
            nil_periods: &declaration.nil_periods,
        };
        let touched = TouchedSlices {
            body: &caller.body,
            dataflow: declaration.dataflow.as_deref().unwrap_or_default(),
            periods,
            nil: !declaration.nil_periods.is_empty(),
            position,
            written: !is_dry_run,
            version_wanted: is_dry_run
                || must_match
                || declaration.if_match.is_some()
                || self.validation_id.is_some(),
            same: (declaration.kind != SubmissionKind::Retraction && !declaration.sheet_named)
                .then_some(same),
        };
        let before = slice_version_insert_in_tx(tx, &touched)?;
        self.slices_before = before.version;
        if is_dry_run {
            self.slice_version = before.version;
            if let Some(existing) = before.duplicate {
                self.duplicate_warn(existing);
            }
            return Ok(());
        }
        self.slice_version = Some(if periods.is_empty() { 0 } else { position });
        let refusal = match declaration.if_match {
            None if must_match => Some(ActError::refused(Code::PreconditionMissing)),
            Some(_) if declaration.if_match != before.version => {
                Some(ActError::refused(Code::PreconditionFailed))
            }
            _ => before.duplicate.map(ActError::duplicate_of),
        };
        match refusal {
            None => Ok(()),
            Some(_) if self.key_is_taken(tx, caller)? => Err(ApplyEnd::KeyTaken),
            Some(refusal) => Err(ApplyEnd::Failed(refusal)),
        }
    }

    /// Whether this request was answered already: then it is a repetition, and its own work must not refuse it.
    pub(crate) fn key_is_taken(&self, tx: &mut Tx<'_>, caller: &Caller) -> Result<bool, StoreError> {
        let Some((key, _)) = &self.idempotency else {
            return Ok(false);
        };
        idempotency_is_taken_in_tx(tx, &caller.body, operation_of(self.declaration.kind), key)
    }
}

/// The entity tag of slices at a version: `"s17"`, with its quotation marks.
#[must_use]
pub fn slice_etag(version: i64) -> String {
    format!("\"s{version}\"")
}

/// The version behind an entity tag; clients that cannot set headers may leave out its quotation marks.
#[must_use]
pub fn slice_version_parse(text: &str) -> Option<i64> {
    let bare = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    let digits = bare.strip_prefix('s')?;
    let legal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_leads_back_to_its_version_and_nothing_else_is_one() {
        for version in [0, 17, i64::MAX] {
            assert_eq!(slice_version_parse(&slice_etag(version)), Some(version));
        }
        assert_eq!(slice_version_parse("s17"), Some(17));
        for text in [
            "",
            "\"17\"",
            "W/\"s17\"",
            "s",
            "s-1",
            "s+1",
            "*",
            "s17, s18",
            "s99999999999999999999",
        ] {
            assert_eq!(slice_version_parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_period_that_is_seen_and_reported_empty_is_one_slice() {
        let mut slices = Slices::default();
        let week: Period = "2026-W45".parse().unwrap();
        slices.seen.insert((week.frequency(), week.start()));
        let month: Period = "2026-01".parse().unwrap();
        let periods = slices.periods(&["2026-W45".to_owned(), "2026-01".to_owned()]);
        assert_eq!(periods.len(), 2);
        assert!(periods.contains(&week) && periods.contains(&month));
    }
}
