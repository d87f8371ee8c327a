//! Applying a submission to the ledger: one transaction from the first chunk to the stored record.
//!
//! Nothing is committed unless every row of every chunk is right; the record, the idempotency key and the log
//! entry are written by the statement that ends the transaction.

use crate::centre::Book;
use crate::forecasts::forecasts_mark;
use crate::metric_dirty::dirty_ranges;
use crate::submission::checks::SentFigures;
use crate::submission::deadline_check::deadline_check;
use crate::submission::difference::difference_keep;
use crate::submission::report::Finished;
use crate::submission::slices::{Slices, retraction_touch};
use crate::{ActError, Caller, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{
    Code, Finding, ObservationRow, SeriesId, SeriesKey, SubmissionCounts, SubmissionMode, SubmissionState,
};
use leleka_normalise::Chunk;
use leleka_store::{
    CurrentObservation, JobLease, StoreError, Tx, dirty_insert_in_tx, finding_insert_in_tx, job_finish_in_tx,
    ledger_position_draw_in_tx, observation_current_in_tx, observation_insert_in_tx, series_insert_in_tx,
    submission_insert_in_tx,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// What the writer is told.
pub(crate) enum Message {
    /// Another chunk without errors.
    Chunk(Chunk),
    /// The body has ended without errors; this is its record.
    Finish(Box<Finished>),
}

/// How applying ended without a commit.
pub(crate) enum ApplyEnd {
    /// The rows contradict each other: here is the record, with the findings added.
    Rejected(Box<Finished>),
    /// It was a dry run: here is what would have been recorded.
    WouldBe(Box<Finished>),
    /// The key was used meanwhile by the same request.
    KeyTaken,
    /// The sender of chunks gave up.
    Abandoned,
    /// The act failed.
    Failed(ActError),
}

impl From<StoreError> for ApplyEnd {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ActError> for ApplyEnd {
    fn from(error: ActError) -> Self {
        Self::Failed(error)
    }
}

/// Whether the transaction is meant to be committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApplyMode {
    Commit,
    DryRun,
    /// Committed together with the end of the job that reads a submission taken before.
    Job(JobLease),
}

/// So long a job waits for another submission of the same dataflow; nobody waits for its answer.
const JOB_LOCK_SECONDS: u32 = 600;

/// A dry run draws no position: it takes one that no submission will ever have.
const DRY_RUN_POSITION: i64 = i64::MAX;

/// Applies chunks as they come and then the record. `may_replace` says whether what is not sent may have to be
/// retracted.
pub(crate) fn submission_apply(
    centre: &Centre,
    book: &Book,
    caller: &Caller,
    mode: ApplyMode,
    may_replace: bool,
    messages: impl Iterator<Item = Message>,
) -> Result<(Box<Finished>, DateTime<Utc>), ApplyEnd> {
    let (finished, recorded_at, inserted) = centre.store.submit(|tx| {
        if let ApplyMode::Job(_) = mode {
            tx.lock_wait_set(JOB_LOCK_SECONDS)?;
        }
        let mut writing = Writing::default();
        writing.slices.keeps_unchanged = may_replace;
        for message in messages {
            match message {
                Message::Chunk(chunk) => writing.chunk_write(tx, centre, book, caller, mode, chunk)?,
                Message::Finish(finished) => {
                    let (finished, recorded_at) =
                        writing.record_write(tx, book, caller, mode, centre.clock.now(), finished)?;
                    return Ok((finished, recorded_at, writing.series));
                }
            }
        }
        Err(ApplyEnd::Abandoned)
    })?;
    centre.remember_series(inserted.into_keys());
    Ok((finished, recorded_at))
}

/// The series of a submission, each with its key and the range of its changed periods.
pub(crate) type TouchedSeries = FxHashMap<SeriesId, (SeriesKey, Option<(NaiveDate, NaiveDate)>)>;

/// The open transaction's memory: a few words for each series, never the rows.
#[derive(Default)]
struct Writing {
    position: Option<i64>,
    counts: SubmissionCounts,
    duplicates: Vec<(u32, u32)>,
    /// Every series of the submission, with its key and the range of its changed periods.
    series: TouchedSeries,
    /// Series that this transaction created: nobody else can have written to them.
    fresh: FxHashSet<SeriesId>,
    /// What the rules over several figures look at.
    sent: SentFigures,
    /// Frequency and period of every row, changed or not.
    slices: Slices,
}

impl Writing {
    fn position(
        &mut self,
        tx: &mut Tx<'_>,
        caller: &Caller,
        mode: ApplyMode,
        dataflow: &str,
    ) -> Result<i64, StoreError> {
        if let Some(position) = self.position {
            return Ok(position);
        }
        let position = match mode {
            ApplyMode::DryRun => DRY_RUN_POSITION,
            ApplyMode::Commit | ApplyMode::Job(_) => ledger_position_draw_in_tx(tx, &caller.body, dataflow)?,
        };
        self.position = Some(position);
        Ok(position)
    }

    fn chunk_write(
        &mut self,
        tx: &mut Tx<'_>,
        centre: &Centre,
        book: &Book,
        caller: &Caller,
        mode: ApplyMode,
        chunk: Chunk,
    ) -> Result<(), StoreError> {
        let Chunk {
            mut rows,
            new_series,
            errors_so_far: _,
        } = chunk;
        let (Some(first), Some(dataflow)) = (rows.first(), chunk_dataflow(book, &new_series, &self.series))
        else {
            return Ok(());
        };
        let (mut from, mut to) = (first.period_start, first.period_start);
        let position = self.position(tx, caller, mode, &dataflow)?;
        let unknown = centre.unknown_series(new_series.iter().map(|(id, _)| *id));
        self.series
            .extend(new_series.into_iter().map(|(id, key)| (id, (key, None))));
        self.slices.see(&rows, &self.series);
        let to_insert: Vec<(SeriesId, &SeriesKey)> = unknown
            .iter()
            .filter_map(|id| self.series.get(id).map(|(key, _)| (*id, key)))
            .collect();
        self.fresh.extend(series_insert_in_tx(tx, &to_insert)?);
        let mut known: Vec<i64> = Vec::new();
        for (series, first, last) in series_spans(&rows) {
            (from, to) = (from.min(first), to.max(last));
            if self.may_be_written(series, first, last) {
                known.push(series.0);
            }
        }
        let mut current: Vec<CurrentObservation> = Vec::new();
        if !known.is_empty() {
            current = observation_current_in_tx(tx, &known, from, to)?;
            current.sort_unstable_by_key(|known| (known.series_id, known.period));
        }
        let begin = self.sent.note(book, &self.series, &rows);
        let difference = difference_keep(&mut rows, &current, position, self.slices.keeps_unchanged);
        self.sent.mark_changed(begin, &rows);
        self.counts.new += difference.new;
        self.counts.revised += difference.revised;
        self.counts.unchanged += difference.unchanged;
        self.counts.retracted += difference.retracted;
        self.slices.keep(&difference.unchanged_keys);
        self.duplicates.extend(difference.duplicates);
        for (series, from, to) in series_spans(&rows) {
            if let Some((_, touched)) = self.series.get_mut(&series) {
                let (first, last) = touched.unwrap_or((from, to));
                *touched = Some((first.min(from), last.max(to)));
            }
        }
        observation_insert_in_tx(tx, position, &rows)
    }

    /// Whether the ledger may hold the series in these periods; a body in the order of periods is spared the
    /// look for series that it creates itself.
    fn may_be_written(&self, series: SeriesId, from: NaiveDate, to: NaiveDate) -> bool {
        let written = self.series.get(&series).and_then(|(_, range)| *range);
        !self.fresh.contains(&series) || written.is_some_and(|(first, last)| from <= last && first <= to)
    }

    fn record_write(
        &mut self,
        tx: &mut Tx<'_>,
        book: &Book,
        caller: &Caller,
        mode: ApplyMode,
        now: DateTime<Utc>,
        mut finished: Box<Finished>,
    ) -> Result<(Box<Finished>, DateTime<Utc>), ApplyEnd> {
        finished.counts.new = self.counts.new;
        finished.counts.revised = self.counts.revised;
        finished.counts.unchanged = self.counts.unchanged;
        finished.counts.retracted = self.counts.retracted;
        if !self.duplicates.is_empty() {
            finished.duplicates_add(&self.duplicates);
            return Err(ApplyEnd::Rejected(finished));
        }
        if let Some(position) = self.position {
            let findings = self.sent.judge(tx, book, &self.series, position)?;
            finished.rules_add(findings);
        }
        finished.explain();
        finished.revision_warn();
        if finished.state() == SubmissionState::Rejected {
            return Err(ApplyEnd::Rejected(finished));
        }
        let dataflow = finished.declaration.dataflow.clone().unwrap_or_default();
        let position = self.position(tx, caller, mode, &dataflow)?;
        let periods = self.slices.periods(&finished.declaration.nil_periods);
        let late = deadline_check(tx, book, caller, &dataflow, &periods, finished.received_at)?;
        finished.findings.extend(late);
        finished.findings.truncate(finished.findings_kept);
        if finished.declaration.mode == SubmissionMode::ReplaceSlice {
            let slices = &self.slices;
            let unsent = slices.unsent_retract(tx, book, &caller.body, &dataflow, &periods, position)?;
            finished.retraction_warn(unsent.len() as u64);
            unsent
                .into_iter()
                .for_each(|one| retraction_touch(&mut self.series, one));
        }
        finished.slices_write(tx, caller, &periods, position, mode == ApplyMode::DryRun)?;
        if let Err(stale) = finished.promise_check(tx, caller, book, now) {
            let is_repetition = finished.key_is_taken(tx, caller)?;
            return Err(if is_repetition {
                ApplyEnd::KeyTaken
            } else {
                stale.into()
            });
        }
        if mode == ApplyMode::DryRun {
            return Err(ApplyEnd::WouldBe(finished));
        }
        finished.position = Some(position);
        let touched = self
            .series
            .values()
            .filter_map(|(key, range)| range.map(|range| (key, range)));
        dirty_insert_in_tx(tx, position, &dirty_ranges(&book.definitions, touched))?;
        forecasts_mark(tx, position, &self.series)?;
        finished.kept.store_in_tx(tx)?;
        let recorded_at = finished.record_insert(tx, caller)?.ok_or(ApplyEnd::KeyTaken)?;
        Ok((finished, recorded_at))
    }
}

/// Each series of sorted rows with its first and last period.
fn series_spans(rows: &[ObservationRow]) -> impl Iterator<Item = (SeriesId, NaiveDate, NaiveDate)> {
    rows.chunk_by(|left, right| left.series == right.series)
        .filter_map(|group| {
            let (first, last) = (group.first()?, group.last()?);
            Some((first.series, first.period_start, last.period_start))
        })
}

/// The dataflow of a chunk: every row of a submission without findings is of one dataflow, and that of JSON is
/// declared in a member that may stand after the rows.
fn chunk_dataflow(book: &Book, new_series: &[(SeriesId, SeriesKey)], seen: &TouchedSeries) -> Option<String> {
    let key = new_series
        .first()
        .map(|(_, key)| key)
        .or_else(|| seen.values().next().map(|(key, _)| key))?;
    book.codebook
        .indicator(&key.indicator)
        .map(|indicator| indicator.dataflow.clone())
}

impl Finished {
    /// `None` when somebody else has made the record meanwhile; the caller must then roll back.
    pub(crate) fn record_insert(
        &self,
        tx: &mut Tx<'_>,
        caller: &Caller,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        if let Some(lease) = self.lease
            && !job_finish_in_tx(tx, lease, self.counts.rows)?
        {
            return Ok(None);
        }
        let recorded_at = submission_insert_in_tx(tx, &self.new_submission(caller), &self.log_entry(caller))?;
        if recorded_at.is_some() {
            finding_insert_in_tx(tx, self.id, &self.findings)?;
        }
        Ok(recorded_at)
    }

    /// Records a rejection: the raw bytes, the record and every kept finding, and not one observation.
    pub(crate) fn rejection_write(
        &mut self,
        centre: &Centre,
        caller: &Caller,
    ) -> Result<Option<DateTime<Utc>>, ActError> {
        self.position = None;
        let written = centre.store.submit(|tx| {
            self.kept.store_in_tx(tx)?;
            // A taken key must leave no trace: the rollback needs an error.
            self.record_insert(tx, caller)?.ok_or(ApplyEnd::KeyTaken)
        });
        match written {
            Ok(recorded_at) => Ok(Some(recorded_at)),
            Err(ApplyEnd::KeyTaken) => Ok(None),
            Err(ApplyEnd::Failed(error)) => Err(error),
            Err(ApplyEnd::Rejected(_) | ApplyEnd::WouldBe(_) | ApplyEnd::Abandoned) => {
                Err(ActError::WorkerLost)
            }
        }
    }

    fn duplicates_add(&mut self, duplicates: &[(u32, u32)]) {
        for (row, earlier) in duplicates {
            self.counts.errors += 1;
            self.counts.rows_refused += 1;
            if self.findings.len() < self.findings_kept {
                let mut finding = Finding::error(Code::RowDuplicateKey).expected(earlier.to_string());
                finding.row = Some(u64::from(*row));
                self.findings.push(finding);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, number).unwrap()
    }

    fn key() -> SeriesKey {
        SeriesKey {
            indicator: "RTN_DEC".into(),
            frequency: leleka_domain::Frequency::Daily,
            body: "DMS".into(),
            territory: "UA".into(),
            citizenship: "SY".into(),
            sex: "_T".into(),
            age: "_T".into(),
            extra: String::new(),
        }
    }

    #[test]
    fn only_a_series_of_our_own_in_untouched_periods_needs_no_look() {
        let (ours, theirs, unwritten) = (SeriesId(1), SeriesId(2), SeriesId(3));
        let mut writing = Writing::default();
        writing.fresh.extend([ours, unwritten]);
        writing.series.insert(ours, (key(), Some((day(5), day(9)))));
        writing.series.insert(theirs, (key(), Some((day(5), day(9)))));
        writing.series.insert(unwritten, (key(), None));
        assert!(!writing.may_be_written(ours, day(10), day(12)));
        assert!(!writing.may_be_written(ours, day(1), day(4)));
        assert!(
            writing.may_be_written(ours, day(9), day(12)),
            "a row may be repeated in a later chunk"
        );
        assert!(writing.may_be_written(ours, day(1), day(5)));
        assert!(writing.may_be_written(theirs, day(20), day(21)));
        assert!(!writing.may_be_written(unwritten, day(1), day(30)));
    }
}
