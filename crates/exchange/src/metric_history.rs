//! What alerts would have been by the definition, over everything that is stored; and how well a metric judges.
//!
//! Reads only: courses and measures are computed from stored levels whenever they are asked for. This is where it is
//! seen that a shock was flagged in the period in which it began.

use crate::alert_course::{CoursePeriod, courses, level_of, periods_where_q_matters};
use crate::metric_facets::MetricFacets;
use crate::{ActError, Caller, Centre, Extent, Withheld};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_access::Scope;
use leleka_risk::{
    AlertCourse, AlertStep, Calibration, LISTED_Q, Level, LevelRevision, LevelRevisions, Proportion, Verdict,
    VerdictCounts, calibration, level_revisions,
};
use leleka_store::{
    AlertFilter, LevelQuery, Reader, StoredAlert, StoredLevel, alert_page, metric_level_list,
};
use std::collections::{BTreeMap, BTreeSet};

/// More alerts than this of one metric are not looked through.
const ALERT_LIMIT: i64 = 20_000;

/// Which part of a metric's history.
#[derive(Clone, Debug)]
pub struct HistoryFilter {
    /// Which metric.
    pub code: String,
    /// Dimensions that must match, `name` and codes of which one must match.
    pub dimensions: Vec<(String, Vec<String>)>,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period at the latest.
    pub to: NaiveDate,
    /// What was said by this moment.
    pub as_of: Option<DateTime<Utc>>,
}

/// A period in which something happened to a course.
#[derive(Clone, Debug, PartialEq)]
pub struct CourseTurn {
    /// First day of the period.
    pub period: NaiveDate,
    /// What.
    pub step: AlertStep,
    /// Its level.
    pub level: Level,
    /// Its q-value, where it was needed.
    pub q: Option<f64>,
}

/// An alert as the definition has it: from the period that opens it to the one that closes it.
#[derive(Clone, Debug, PartialEq)]
pub struct PastAlert {
    /// Which key.
    pub key: String,
    /// The same, as an object.
    pub dimensions: serde_json::Value,
    /// Frequency.
    pub frequency: String,
    /// Highest level.
    pub peak: Level,
    /// What happened, the opening first.
    pub turns: Vec<CourseTurn>,
}

/// How well a metric judges.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricEvaluation {
    /// Its family.
    pub family: String,
    /// Cells: keys times periods.
    pub cells: u64,
    /// Periods.
    pub periods: u64,
    /// Are p-values what they say, on quiet periods?
    pub calibration: Vec<Calibration>,
    /// Cells at elevated or above.
    pub alarms: Proportion,
    /// The same for a period.
    pub alarms_per_period: Option<f64>,
    /// Cells that the list of the family holds.
    pub listed: Proportion,
    /// Verdicts about its alerts.
    pub verdicts: VerdictCounts,
    /// Alerts in all.
    pub alerts: u64,
    /// Cells without a level.
    pub unknown: Proportion,
    /// The same, by reason.
    pub unknown_by_reason: BTreeMap<String, u64>,
    /// First level against the one now.
    pub revisions: LevelRevisions,
}

struct Read {
    facets: MetricFacets,
    levels: Vec<StoredLevel>,
}

fn history_read(
    centre: &Centre,
    reader: &mut Reader,
    caller: &Caller,
    filter: &HistoryFilter,
) -> Result<Option<Read>, ActError> {
    let facets = MetricFacets::read(centre, reader)?;
    if facets.family(&filter.code).is_none() {
        return Ok(None);
    }
    let query = LevelQuery {
        code: &filter.code,
        dimensions: &filter.dimensions,
        from: filter.from,
        to: filter.to,
        earlier: (&[], filter.from),
        as_of: filter.as_of,
    };
    let mut levels = metric_level_list(reader, &query)?;
    if !caller.may(Scope::RiskMetricConfidential) {
        let withheld = Withheld::read(centre, reader, &filter.code, filter.as_of.is_some())?;
        levels.retain(|it| withheld.extent_at(&it.key, it.period, &it.flags) != Extent::Figures);
    }
    Ok(Some(Read { facets, levels }))
}

/// The alerts that the definition gives over the stored levels, by key and time; `None` when there is no such metric.
///
/// # Errors
/// When the database does not answer.
pub fn metric_alert_history(
    centre: &Centre,
    caller: &Caller,
    filter: &HistoryFilter,
) -> Result<Option<Vec<PastAlert>>, ActError> {
    let mut reader = centre.store.reader()?;
    let Some(Read { facets, levels }) = history_read(centre, &mut reader, caller, filter)? else {
        return Ok(None);
    };
    let family = BTreeSet::from([facets.family(&filter.code).unwrap_or_default()]);
    let periods = periods_where_q_matters(&levels);
    let q = facets.q_by_cell(&mut reader, &family, &periods, filter.as_of)?;
    let courses = courses(&filter.code, &levels, &q);
    Ok(Some(
        courses
            .values()
            .flat_map(|periods| past_alerts(periods))
            .collect(),
    ))
}

fn past_alerts(periods: &[CoursePeriod<'_>]) -> Vec<PastAlert> {
    let (_, turns) = AlertCourse::default().walk(periods.iter().map(|it| &it.level));
    let mut alerts: Vec<PastAlert> = Vec::new();
    for turn in turns {
        let Some(CoursePeriod { stored, level }) = periods.get(turn.at) else {
            continue;
        };
        if turn.step == AlertStep::Opened {
            alerts.push(PastAlert {
                key: stored.key.clone(),
                dimensions: stored.dimensions.clone(),
                frequency: stored.frequency.clone(),
                peak: turn.level,
                turns: Vec::new(),
            });
        }
        if let Some(alert) = alerts.last_mut() {
            alert.peak = alert.peak.max(turn.level);
            alert.turns.push(CourseTurn {
                period: stored.period,
                step: turn.step,
                level: turn.level,
                q: level.q,
            });
        }
    }
    alerts
}

/// Measures a metric; `None` when there is none.
///
/// # Errors
/// When the database does not answer.
pub fn metric_evaluate(
    centre: &Centre,
    caller: &Caller,
    filter: &HistoryFilter,
) -> Result<Option<MetricEvaluation>, ActError> {
    let mut reader = centre.store.reader()?;
    let Some(Read { facets, levels }) = history_read(centre, &mut reader, caller, filter)? else {
        return Ok(None);
    };
    let alerts = alert_page(
        &mut reader,
        &AlertFilter {
            codes: vec![filter.code.clone()],
            dimensions: filter.dimensions.clone(),
            as_of: filter.as_of,
            with_confidential: caller.may(Scope::RiskMetricConfidential),
            limit: ALERT_LIMIT,
            ..AlertFilter::default()
        },
    )?;
    let family = facets.family(&filter.code).unwrap_or_default().to_owned();
    let testing = levels.iter().filter(|it| it.p.is_some_and(|p| p <= LISTED_Q));
    let periods: BTreeSet<NaiveDate> = testing.map(|it| it.period).collect();
    let families = BTreeSet::from([family.as_str()]);
    let q = facets.q_by_cell(&mut reader, &families, &periods, filter.as_of)?;
    let listed = courses(&filter.code, &levels, &q)
        .values()
        .flatten()
        .filter(|it| it.level.q.is_some_and(|q| q <= LISTED_Q))
        .count();
    Ok(Some(evaluation(&levels, &alerts, family, listed as u64, filter)))
}

fn evaluation(
    levels: &[StoredLevel],
    alerts: &[StoredAlert],
    family: String,
    listed: u64,
    filter: &HistoryFilter,
) -> MetricEvaluation {
    let cells = levels.len() as u64;
    let periods: BTreeSet<NaiveDate> = levels.iter().map(|it| it.period).collect();
    let loud = |it: &StoredLevel| {
        let covers = |alert: &&StoredAlert| {
            alert.key == it.key
                && alert.opened_period <= it.period
                && alert.closed_period.is_none_or(|closed| it.period <= closed)
        };
        let mut over = alerts.iter().filter(covers);
        over.any(|alert| verdict_of(alert).is_some_and(Verdict::is_true))
    };
    let quiet: Vec<f64> = levels
        .iter()
        .filter(|it| !loud(it))
        .filter_map(|it| it.p)
        .collect();
    let mut unknown_by_reason: BTreeMap<String, u64> = BTreeMap::new();
    for reason in levels.iter().filter_map(|it| it.reason.clone()) {
        *unknown_by_reason.entry(reason).or_default() += 1;
    }
    let mut verdicts = VerdictCounts::default();
    let within = |alert: &&StoredAlert| (filter.from..=filter.to).contains(&alert.opened_period);
    let opened: Vec<&StoredAlert> = alerts.iter().filter(within).collect();
    opened
        .iter()
        .filter_map(|alert| verdict_of(alert))
        .for_each(|verdict| verdicts.add(verdict));
    let alarms = levels.iter().filter(|it| level_of(&it.level) >= Level::Elevated);
    let alarms = Proportion::of(alarms.count() as u64, cells);
    MetricEvaluation {
        family,
        cells,
        periods: periods.len() as u64,
        calibration: calibration(&quiet),
        alarms,
        alarms_per_period: (!periods.is_empty()).then(|| alarms.count as f64 / periods.len() as f64),
        listed: Proportion::of(listed, cells),
        verdicts,
        alerts: opened.len() as u64,
        unknown: Proportion::of(unknown_by_reason.values().sum(), cells),
        unknown_by_reason,
        revisions: level_revisions(levels.iter().map(|it| LevelRevision {
            first: level_of(&it.first_level),
            newest: level_of(&it.level),
        })),
    }
}

fn verdict_of(alert: &StoredAlert) -> Option<Verdict> {
    let word = alert.verdict.as_deref()?;
    Verdict::ALL.into_iter().find(|verdict| verdict.code() == word)
}
