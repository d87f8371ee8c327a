//! The act of recomputing risk metrics, piece by piece: takes cells that are dirty, computes just those from one
//! settled vintage, and records what differs from what was said before.
//!
//! Idempotent, bounded, and safe against being stopped or killed: each piece is one transaction, in which its marks
//! go and its values come.

use crate::definitions::definition_in_force;
use crate::metric_cells::{BATCH_CELLS, BATCH_OBSERVATIONS};
use crate::metric_dirty::key_parse;
use crate::metric_feeding::{Grouping, text_of};
use crate::metric_load::{GroupWork, Loaded};
use crate::metric_record::{differs, stored_value, version_of};
use crate::metric_resolve::marks_resolve;
use crate::{ActError, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::Period;
use leleka_risk::{Definition, Detail, Key, evaluate_each};
use leleka_store::{
    CellRange, DirtyCells, LogEntry, LogOutcome, NewMetricRun, StoreError, StoredMetricValue, Tx,
    dirty_forget_in_tx, dirty_is_waiting, dirty_metric_hold_in_tx, dirty_unit_list_in_tx,
    dirty_unit_take_in_tx, log_entry_insert_in_tx, metric_run_insert_in_tx, metric_value_current_in_tx,
    metric_value_insert_in_tx, vintage_settled,
};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Values that are written at once.
const WRITTEN_AT_ONCE: usize = 500;
/// Units that are looked at for one piece.
const UNITS_SEEN: i64 = 4_000;

/// What one piece of recomputation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecomputeReport {
    /// Which metric.
    pub code: String,
    /// Values that were computed; none when the piece only found out which are to be.
    pub computed: usize,
    /// Values that differ from what was said before, and were recorded.
    pub recorded: usize,
    /// Observations that were read.
    pub observations: usize,
}

/// Whether anything is to be recomputed.
///
/// # Errors
/// When the database does not answer.
pub fn metrics_are_due(centre: &Centre) -> Result<bool, ActError> {
    Ok(dirty_is_waiting(&mut centre.store.reader()?)?)
}

/// How a piece ended without a commit.
enum PieceEnd {
    Stopped,
    Failed(ActError),
}

impl From<StoreError> for PieceEnd {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ActError> for PieceEnd {
    fn from(error: ActError) -> Self {
        Self::Failed(error)
    }
}

/// Recomputes one piece of what is dirty; `None` when nothing is, or when it was told to stop, which leaves
/// everything as it was before the piece.
///
/// # Errors
/// When the database does not answer; what was dirty stays so.
pub fn metrics_recompute(centre: &Centre, stop: &AtomicBool) -> Result<Option<RecomputeReport>, ActError> {
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    match centre.store.submit(|tx| piece(tx, centre, stop)) {
        Ok(report) => Ok(report),
        Err(PieceEnd::Stopped) => Ok(None),
        Err(PieceEnd::Failed(error)) => Err(error),
    }
}

fn piece(tx: &mut Tx<'_>, centre: &Centre, stop: &AtomicBool) -> Result<Option<RecomputeReport>, PieceEnd> {
    let Some(metric) = dirty_metric_hold_in_tx(tx)? else {
        return Ok(None);
    };
    let nothing = RecomputeReport {
        code: metric.code.clone(),
        computed: 0,
        recorded: 0,
        observations: 0,
    };
    // Read in this transaction: the catalogue in memory may be older than the marks of a new version.
    let book = centre.book();
    let Some(definition) = definition_in_force(&book, tx, &metric.code)? else {
        // A metric that was retired meanwhile has nothing to say any more.
        dirty_forget_in_tx(tx, &metric.code)?;
        return Ok(Some(nothing));
    };
    let definition = definition.as_ref();
    if metric.unresolved {
        marks_resolve(tx, centre, definition)?;
        return Ok(Some(nothing));
    }
    let cells = units_take(tx, &metric.code, metric.recent)?;
    let run = Run {
        centre,
        definition,
        stop,
        started_at: centre.clock.now(),
        clock: Instant::now(),
    };
    run.compute(tx, &cells).map(Some)
}

/// Takes units until they are as much as may be held at once; one at least.
fn units_take(tx: &mut Tx<'_>, code: &str, recent: bool) -> Result<Vec<DirtyCells>, StoreError> {
    let units = dirty_unit_list_in_tx(tx, code, recent, UNITS_SEEN)?;
    let (mut cells, mut observations) = (0, 0);
    let fitting = units.iter().enumerate().take_while(|(place, unit)| {
        cells += unit.cells;
        observations += unit.observations;
        *place == 0 || (cells <= BATCH_CELLS && observations <= BATCH_OBSERVATIONS)
    });
    let names: Vec<&str> = fitting.map(|(_, unit)| unit.unit.as_str()).collect();
    dirty_unit_take_in_tx(tx, code, recent, &names)
}

/// One piece while it runs.
struct Run<'a> {
    centre: &'a Centre,
    definition: &'a Definition,
    stop: &'a AtomicBool,
    started_at: DateTime<Utc>,
    clock: Instant,
}

impl Run<'_> {
    fn compute(&self, tx: &mut Tx<'_>, cells: &[DirtyCells]) -> Result<RecomputeReport, PieceEnd> {
        let works = works(self.definition, cells);
        let mut reader = self.centre.store.reader()?;
        // Every mark taken was committed before this moment was settled, so its data are in this vintage.
        let vintage = vintage_settled(&mut reader)?;
        let loaded = Loaded::read(&mut reader, self.definition, &works, vintage)?;
        drop(reader);
        let mut report = RecomputeReport {
            code: self.definition.code.clone(),
            computed: 0,
            recorded: 0,
            observations: loaded.observations(),
        };
        let said = said_before(tx, &self.definition.code, &works)?;
        let mut differing: Vec<StoredMetricValue> = Vec::new();
        for (place, work) in works.iter().enumerate() {
            let wanted: Vec<(Key, Vec<Period>)> = work
                .cells
                .iter()
                .map(|(key, periods)| (key.clone(), periods.iter().copied().collect()))
                .collect();
            let set = loaded.set(place);
            let ended = evaluate_each(self.definition, &set, &wanted, Detail::Values, |value| {
                if self.stop.load(Ordering::Relaxed) {
                    return ControlFlow::Break(PieceEnd::Stopped);
                }
                report.computed += 1;
                let stored = match stored_value(self.definition, &value, vintage) {
                    Ok(stored) => stored,
                    Err(error) => return ControlFlow::Break(error.into()),
                };
                let before = said.get(&(stored.key.clone(), stored.period));
                if before.is_none_or(|before| differs(before, &stored)) {
                    report.recorded += 1;
                    differing.push(stored);
                }
                if differing.len() < WRITTEN_AT_ONCE {
                    return ControlFlow::Continue(());
                }
                match metric_value_insert_in_tx(tx, &std::mem::take(&mut differing)) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => ControlFlow::Break(error.into()),
                }
            });
            if let ControlFlow::Break(end) = ended {
                return Err(end);
            }
        }
        metric_value_insert_in_tx(tx, &differing)?;
        self.record(tx, cells, &report, vintage)?;
        Ok(report)
    }

    /// Writes down what was done, and why.
    fn record(
        &self,
        tx: &mut Tx<'_>,
        cells: &[DirtyCells],
        report: &RecomputeReport,
        vintage: DateTime<Utc>,
    ) -> Result<(), PieceEnd> {
        let positions: BTreeSet<i64> = cells
            .iter()
            .flat_map(|cells| cells.positions.iter().copied())
            .collect();
        let keys: BTreeSet<&str> = cells.iter().map(|cells| cells.key.as_str()).collect();
        let run = NewMetricRun {
            code: &self.definition.code,
            version: version_of(self.definition)?,
            positions: &positions.into_iter().collect::<Vec<_>>(),
            keys: keys.len(),
            computed: report.computed,
            recorded: report.recorded,
            observations: report.observations,
            data_as_of: vintage,
            started_at: self.started_at,
            duration_ms: i64::try_from(self.clock.elapsed().as_millis()).unwrap_or(i64::MAX),
        };
        metric_run_insert_in_tx(tx, &run)?;
        Ok(log_entry_insert_in_tx(
            tx,
            &log_entry(self.centre, self.definition),
        )?)
    }
}

/// The cells by unit and group. A key that has not the dimensions of the definition is an older version's.
fn works(definition: &Definition, cells: &[DirtyCells]) -> Vec<GroupWork> {
    let grouping = Grouping::of(definition);
    let mut works: BTreeMap<(&str, Key), GroupWork> = BTreeMap::new();
    // Marks of different units may overlap: a cell is computed once.
    let mut seen: FxHashSet<(&str, Period)> = FxHashSet::default();
    for cells in cells {
        let key = key_parse(&cells.key);
        if !grouping.fits(&key) {
            continue;
        }
        let group = grouping.group(&key);
        let work = works
            .entry((cells.unit.as_str(), group.clone()))
            .or_insert_with(|| GroupWork {
                group,
                cells: BTreeMap::new(),
            });
        let first = Period::containing(definition.frequency, cells.period_from);
        let periods = std::iter::successors(first, |period| period.shift(1));
        let periods = periods.take_while(|period| period.start() <= cells.period_to);
        let unseen = periods.filter(|period| seen.insert((cells.key.as_str(), *period)));
        work.cells.entry(key).or_default().extend(unseen);
    }
    works.into_values().collect()
}

/// What was said about these cells so far.
fn said_before(
    tx: &mut Tx<'_>,
    code: &str,
    works: &[GroupWork],
) -> Result<BTreeMap<(String, NaiveDate), StoredMetricValue>, StoreError> {
    let cells = works.iter().flat_map(|work| &work.cells);
    let ranges = cells.filter_map(|(key, periods)| {
        Some(CellRange {
            key: text_of(key),
            from: periods.first()?.start(),
            to: periods.last()?.start(),
        })
    });
    let said = metric_value_current_in_tx(tx, code, &ranges.collect::<Vec<_>>())?;
    Ok(said
        .into_iter()
        .map(|value| ((value.key.clone(), value.period), value))
        .collect())
}

fn log_entry<'a>(centre: &Centre, definition: &Definition) -> LogEntry<'a> {
    LogEntry {
        id: centre.ids.next(),
        client_id: None,
        body: None,
        role: None,
        action: "metric.recompute",
        object_type: Some("risk_metric"),
        object_id: Some(format!("{}/{}", definition.code, definition.version)),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: None,
        payload_sha256: None,
    }
}
