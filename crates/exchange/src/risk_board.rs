//! The board: the newest value of every published metric and key, what changed, how it stands in its family, the alert
//! and the assessment beside it.
//!
//! Reads only. q-values are computed here from stored p-values; a judgement of an analyst never replaces a level.

use crate::alert_course::level_of;
use crate::metric_facets::{MetricFacet, MetricFacets};
use crate::metric_stale::stale_find;
use crate::{ActError, Caller, Centre, Extent, Withheld};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_access::Scope;
use leleka_domain::{BodyScope, Period};
use leleka_risk::{LISTED_Q, Level};
use leleka_store::{
    AlertFilter, AssessmentFilter, BoardQuery, BoardRow, Reader, StoredAlert, StoredAssessment,
    StoredMetricValue, alert_page, assessment_page, dirty_code_list, risk_board_list,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// More alerts or assessments than this are not looked through for one board.
const BESIDE_LIMIT: i64 = 20_000;

/// Which cells.
#[derive(Clone, Debug, Default)]
pub struct BoardFilter {
    /// Of these metrics; every one when empty.
    pub codes: Vec<String>,
    /// Dimensions that must match, `name` and codes of which one must match.
    pub dimensions: Vec<(String, Vec<String>)>,
    /// At these levels; every one when empty.
    pub levels: Vec<String>,
    /// Of these components; every one when empty.
    pub components: Vec<String>,
    /// Of these families; every one when empty.
    pub families: Vec<String>,
    /// Only what changed its level.
    pub changed_only: bool,
    /// Only what the family's list holds.
    pub listed_only: bool,
    /// In this period in place of the newest.
    pub period: Option<Period>,
    /// What was said by this moment.
    pub as_of: Option<DateTime<Utc>>,
    /// The moment at which an earlier page was read; later pages stay there.
    pub pinned: Option<DateTime<Utc>>,
}

/// How a level stands to that of the period before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelChange {
    /// Higher.
    Up,
    /// Lower.
    Down,
    /// The same.
    Same,
    /// There is no period before.
    New,
    /// It was unknown.
    BecameKnown,
    /// It is unknown now.
    BecameUnknown,
}

/// One cell.
#[derive(Clone, Debug)]
pub struct BoardCell {
    /// Value and what was before it.
    pub row: BoardRow,
    /// Whether the value is to be computed anew.
    pub stale: bool,
    /// Names, family, component.
    pub facet: MetricFacet,
    /// The q-value in its family and period.
    pub q: Option<f64>,
    /// How the level changed.
    pub change: LevelChange,
    /// By how many steps, signed.
    pub steps: i8,
    /// The alert that stands.
    pub alert: Option<StoredAlert>,
    /// The newest judgement that holds.
    pub assessment: Option<StoredAssessment>,
}

/// The board.
#[derive(Clone, Debug)]
pub struct Board {
    /// Highest level first, then smallest q, metric and key; unknown last.
    pub cells: Vec<BoardCell>,
    /// The newest recording among the values read.
    pub read_at: Option<DateTime<Utc>>,
    /// Cells that rest on confidential figures and are not shown.
    pub withheld: usize,
}

/// A cell's place in the order of the board; what has no q comes after what has one.
pub type BoardPlace = (Reverse<Level>, u64, String, String);

impl BoardCell {
    /// The level.
    #[must_use]
    pub fn level(&self) -> Level {
        level_of(&self.row.value.level)
    }

    /// Whether the list of its family holds it.
    #[must_use]
    pub fn listed(&self) -> bool {
        self.q.is_some_and(|q| q <= LISTED_Q)
    }

    /// Its place in the order. Numbers from 0 to 1 sort like their bits.
    #[must_use]
    pub fn place(&self) -> BoardPlace {
        (
            Reverse(self.level()),
            self.q.map_or(u64::MAX, f64::to_bits),
            self.row.value.code.clone(),
            self.row.value.key.clone(),
        )
    }
}

/// Reads the board as a caller may see it.
///
/// # Errors
/// When the database does not answer.
pub fn risk_board(centre: &Centre, caller: &Caller, filter: &BoardFilter) -> Result<Board, ActError> {
    let mut reader = centre.store.reader()?;
    let facets = MetricFacets::read(centre, &mut reader)?;
    // A metric that was retired since is still on the board of a day before.
    let mut codes = facets.codes(filter.as_of.is_some());
    if !filter.codes.is_empty() {
        codes.retain(|code| filter.codes.contains(code));
    }
    let query = BoardQuery {
        codes: codes.into_iter().collect(),
        dimensions: filter.dimensions.clone(),
        period: filter
            .period
            .map(|period| (period.frequency().to_string(), period.start())),
        as_of: filter.as_of.or(filter.pinned),
        settle: filter.as_of.is_some(),
    };
    let rows = risk_board_list(&mut reader, &query)?;
    let read_at = rows.iter().map(|row| row.value.recorded_at).max();
    let sees_all = caller.may(Scope::RiskMetricConfidential);
    let hidden = if sees_all {
        BTreeMap::new()
    } else {
        hidden(centre, &mut reader, &rows, filter.as_of.is_some())?
    };
    let mut withheld = 0;
    let mut cells = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(facet) = facets.of(&row.value.code, row.value.version) else {
            continue;
        };
        let hidden = hidden.get(&row.value.code);
        let extent = hidden.map_or(Extent::Nothing, |hidden| hidden.extent(&row.value));
        if extent == Extent::Figures {
            withheld += 1;
        } else if wanted(&filter.components, &facet.component) && wanted(&filter.families, &facet.family) {
            cells.push(cell(row, facet.clone(), hidden));
        }
    }
    stale_fill(centre, &mut reader, &mut cells, filter.as_of)?;
    q_fill(&mut reader, &facets, &mut cells, query.as_of)?;
    cells.retain(|cell| {
        wanted(&filter.levels, &cell.row.value.level)
            && (!filter.changed_only || cell.change != LevelChange::Same)
            && (!filter.listed_only || cell.listed())
    });
    let judging = caller.body_scope() == Some(BodyScope::WholeCentre);
    let moment = filter.as_of.unwrap_or_else(|| centre.clock.now());
    beside_fill(
        &mut reader,
        &mut cells,
        (filter.as_of, moment),
        (sees_all, judging),
    )?;
    cells.sort_by_cached_key(|cell| {
        let (level, q, code, key) = cell.place();
        (level, q, code, key)
    });
    Ok(Board {
        cells,
        read_at,
        withheld,
    })
}

fn wanted(words: &[String], word: &str) -> bool {
    words.is_empty() || words.iter().any(|it| it == word)
}

/// What of each metric on the board a caller may not see.
fn hidden(
    centre: &Centre,
    reader: &mut Reader,
    rows: &[BoardRow],
    past: bool,
) -> Result<BTreeMap<String, Withheld>, ActError> {
    let codes: BTreeSet<&String> = rows.iter().map(|row| &row.value.code).collect();
    let of_code = codes.into_iter().map(|code| {
        let withheld = Withheld::read(centre, reader, code, past)?;
        Ok((code.clone(), withheld))
    });
    of_code.collect()
}

fn cell(mut row: BoardRow, facet: MetricFacet, hidden: Option<&Withheld>) -> BoardCell {
    if let Some(hidden) = hidden {
        let flags = row.previous_flags.as_deref().unwrap_or_default();
        let before = row
            .previous_period
            .map(|period| hidden.extent_at(&row.value.key, period, flags));
        if before == Some(Extent::Figures) {
            (row.previous_period, row.previous_value, row.previous_level) = (None, None, None);
        }
        if hidden.extent(&row.value) != Extent::Nothing {
            let value = &mut row.value;
            (value.baseline, value.baseline_lower, value.baseline_upper) = (None, None, None);
            (value.p, value.score) = (None, None);
        }
    }
    let now = level_of(&row.value.level);
    let before = row.previous_level.as_deref().map(level_of);
    let (change, steps) = level_change(before, now);
    BoardCell {
        row,
        stale: false,
        facet,
        q: None,
        change,
        steps,
        alert: None,
        assessment: None,
    }
}

fn level_change(before: Option<Level>, now: Level) -> (LevelChange, i8) {
    let Some(before) = before else {
        return (LevelChange::New, 0);
    };
    let steps = now as i8 - before as i8;
    match (before, now) {
        _ if before == now => (LevelChange::Same, 0),
        (Level::Unknown, _) => (LevelChange::BecameKnown, 0),
        (_, Level::Unknown) => (LevelChange::BecameUnknown, 0),
        _ if steps > 0 => (LevelChange::Up, steps),
        _ => (LevelChange::Down, steps),
    }
}

/// Says which cells are to be computed anew: of the metrics that are marked at all.
fn stale_fill(
    centre: &Centre,
    reader: &mut Reader,
    cells: &mut [BoardCell],
    as_of: Option<DateTime<Utc>>,
) -> Result<(), ActError> {
    let book = centre.book();
    for code in dirty_code_list(reader)? {
        let mut own: Vec<&mut BoardCell> = cells
            .iter_mut()
            .filter(|cell| cell.row.value.code == code)
            .collect();
        let values: Vec<StoredMetricValue> = own.iter().map(|cell| cell.row.value.clone()).collect();
        let stale = stale_find(reader, &book, &code, as_of, &values)?;
        for (cell, stale) in own.iter_mut().zip(stale) {
            cell.stale = stale;
        }
    }
    Ok(())
}

fn q_fill(
    reader: &mut Reader,
    facets: &MetricFacets,
    cells: &mut [BoardCell],
    as_of: Option<DateTime<Utc>>,
) -> Result<(), ActError> {
    let tested = || cells.iter().filter(|cell| cell.row.value.p.is_some());
    let families: BTreeSet<&str> = tested().map(|cell| cell.facet.family.as_str()).collect();
    let periods: BTreeSet<NaiveDate> = tested().map(|cell| cell.row.value.period).collect();
    let q = facets.q_by_cell(reader, &families, &periods, as_of)?;
    for cell in cells.iter_mut() {
        let value = &cell.row.value;
        let place = (
            value.code.clone(),
            value.key.clone(),
            value.frequency.clone(),
            value.period,
        );
        cell.q = q.get(&place).copied();
    }
    Ok(())
}

/// Puts alerts that stand and judgements that hold beside the cells.
fn beside_fill(
    reader: &mut Reader,
    cells: &mut [BoardCell],
    (as_of, moment): (Option<DateTime<Utc>>, DateTime<Utc>),
    (sees_all, judging): (bool, bool),
) -> Result<(), ActError> {
    let codes: BTreeSet<String> = cells.iter().map(|cell| cell.row.value.code.clone()).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    let filter = AlertFilter {
        codes: codes.clone(),
        states: ["open", "acknowledged", "assessed"].map(str::to_owned).to_vec(),
        with_confidential: sees_all,
        as_of,
        limit: BESIDE_LIMIT,
        ..AlertFilter::default()
    };
    let mut alerts: BTreeMap<(String, String), StoredAlert> = BTreeMap::new();
    for alert in alert_page(reader, &filter)? {
        alerts
            .entry((alert.code.clone(), alert.key.clone()))
            .or_insert(alert);
    }
    let mut judged: BTreeMap<(String, String), StoredAssessment> = BTreeMap::new();
    if judging {
        let filter = AssessmentFilter {
            codes,
            as_of,
            limit: BESIDE_LIMIT,
            ..AssessmentFilter::default()
        };
        for it in assessment_page(reader, &filter)? {
            let holds = it.expires_at.is_none_or(|end| end > moment);
            if let (Some(code), Some(key), true) = (it.code.clone(), it.key.clone(), holds) {
                judged.entry((code, key)).or_insert(it);
            }
        }
    }
    for cell in cells {
        let place = (cell.row.value.code.clone(), cell.row.value.key.clone());
        cell.alert = alerts.remove(&place);
        cell.assessment = judged.remove(&place);
    }
    Ok(())
}
