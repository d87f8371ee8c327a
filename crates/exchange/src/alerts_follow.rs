//! The act that lets alerts follow the recorded levels: raises, escalates, closes, reopens, and tells of revisions.
//!
//! Runs after values were recorded, family by family, since a q-value depends on the whole family. It decides nothing
//! by itself: the course is `crates/risk`, and whoever runs it again writes nothing twice.

use crate::alert_changes::{AlertChange, Subject, alert_change};
use crate::alert_course::{CoursePeriod, CourseStep, courses, periods_where_q_matters, steps};
use crate::metric_facets::MetricFacets;
use crate::{ActError, Book, Centre};
use chrono::{Days, NaiveDate};
use leleka_domain::{Frequency, Period};
use leleka_store::{
    AlertEvent, AlertRevision, LevelQuery, LogEntry, LogOutcome, Reader, StoredAlert, StoredLevel, Tx,
    alert_due_first_in_tx, alert_due_take_in_tx, alert_event_insert_in_tx, alert_insert_in_tx,
    alert_newest_list, alert_revision_list, log_entry_insert_in_tx, metric_level_list, metric_newest_period,
    submission_at_position, submission_newest_between,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An alert is raised only for so many of a metric's newest periods, and never for what lies further back than this
/// year and the one before: history that is loaded in bulk raises no alarm. See decision 0024.
const ALERT_PERIODS: i32 = 8;
const ALERT_DAYS: u64 = 400;
/// So long the act waits for a recomputation to end.
const LOCK_SECONDS: u32 = 60;
/// Later than every period.
const LAST_DAY: NaiveDate = NaiveDate::MAX;
const OPEN: &str = "open";
const CLOSED: &str = "closed";

/// Lets the alerts of every metric follow of which values were recorded. Returns how many events were written.
///
/// # Errors
/// When the database does not answer; what was due stays so.
pub fn alerts_follow(centre: &Centre) -> Result<usize, ActError> {
    let mut written = 0;
    while let Some(events) = family_follow(centre)? {
        written += events;
    }
    Ok(written)
}

/// One family, in one transaction; `None` when nothing is due.
fn family_follow(centre: &Centre) -> Result<Option<usize>, ActError> {
    let book = centre.book();
    centre.store.submit(|tx| {
        let Some(code) = alert_due_first_in_tx(tx)? else {
            return Ok(None);
        };
        let facets = MetricFacets::read(centre, &mut centre.store.reader()?)?;
        let family = facets.family(&code).unwrap_or_default();
        let mut codes = facets.codes_of(&BTreeSet::from([family]));
        codes.push(code);
        tx.lock_wait_set(LOCK_SECONDS)?;
        alert_due_take_in_tx(tx, &codes)?;
        let published = facets.codes(false);
        let mut follow = Follow {
            centre,
            book: &book,
            facets: &facets,
            told: Vec::new(),
            written: 0,
        };
        codes.sort_unstable();
        codes.dedup();
        for code in codes.iter().filter(|code| published.contains(*code)) {
            follow.metric(tx, code)?;
        }
        Ok(Some(follow.tell(tx)?))
    })
}

struct Follow<'a> {
    centre: &'a Centre,
    book: &'a Book,
    facets: &'a MetricFacets,
    /// What the feed of changes will be told: it is written last.
    told: Vec<AlertChange>,
    written: usize,
}

/// The alert that a key's steps are about.
struct Standing {
    id: Uuid,
    state: String,
    peak: String,
    verdict: Option<String>,
}

impl Follow<'_> {
    fn metric(&mut self, tx: &mut Tx<'_>, code: &str) -> Result<(), ActError> {
        let mut reader = self.centre.store.reader()?;
        let Some(newest) = metric_newest_period(&mut reader, code)? else {
            return Ok(());
        };
        for revision in alert_revision_list(&mut reader, code)? {
            self.revised(tx, code, revision)?;
        }
        let alerts = alert_newest_list(&mut reader, code)?;
        let alerts: BTreeMap<&str, &StoredAlert> = alerts.iter().map(|it| (it.key.as_str(), it)).collect();
        let frequency = self.book.definitions.iter().find(|it| it.code == code);
        let Some(start) = frequency.and_then(|it| window_start(it.frequency, newest)) else {
            return Ok(());
        };
        let levels = levels_read(&mut reader, code, start, &alerts)?;
        let family = BTreeSet::from([self.facets.family(code).unwrap_or_default()]);
        let periods = periods_where_q_matters(&levels);
        let q = self.facets.q_by_cell(&mut reader, &family, &periods, None)?;
        for (key, periods) in courses(code, &levels, &q) {
            self.key(tx, code, alerts.get(key).copied(), &periods, start)?;
        }
        Ok(())
    }

    fn key(
        &mut self,
        tx: &mut Tx<'_>,
        code: &str,
        alert: Option<&StoredAlert>,
        periods: &[CoursePeriod<'_>],
        start: NaiveDate,
    ) -> Result<(), ActError> {
        let mut standing = alert.map(Standing::of);
        for step in steps(alert, periods, start) {
            let (kind, at) = match step {
                CourseStep::Raise(at) => ("raised", at),
                CourseStep::Escalate(at) => ("escalated", at),
                CourseStep::Close(at) => ("closed", at),
                CourseStep::Reopen(at) => ("reopened", at),
            };
            let Some(period) = periods.get(at) else { continue };
            let stored = period.stored;
            let before = at.checked_sub(1).and_then(|at| periods.get(at));
            let mut level_from = before.map(|before| before.stored.level.clone());
            let mut now = match (&step, standing.take()) {
                (CourseStep::Raise(_), _) => self.raise(tx, code, stored)?,
                (_, Some(known)) => known,
                (_, None) => continue,
            };
            match step {
                CourseStep::Raise(_) => {}
                CourseStep::Escalate(_) => {
                    level_from = Some(std::mem::replace(&mut now.peak, stored.level.clone()));
                }
                CourseStep::Close(_) => CLOSED.clone_into(&mut now.state),
                CourseStep::Reopen(_) => OPEN.clone_into(&mut now.state),
            }
            let event = AlertEvent {
                level_from,
                level_to: Some(stored.level.clone()),
                q: period.level.q,
                value_id: Some(stored.id),
                ..now.event(kind, stored.period)
            };
            let of = Subject {
                code,
                dimensions: &stored.dimensions,
                frequency: &stored.frequency,
                confidential: is_confidential(stored) || alert.is_some_and(|alert| alert.confidential),
            };
            self.write(tx, event, &of)?;
            standing = Some(now);
        }
        Ok(())
    }

    fn raise(&self, tx: &mut Tx<'_>, code: &str, stored: &StoredLevel) -> Result<Standing, ActError> {
        let id = self.centre.ids.next();
        let of = (code, stored.key.as_str());
        alert_insert_in_tx(tx, id, of, &stored.dimensions, &stored.frequency, stored.period)?;
        Ok(Standing {
            id,
            state: OPEN.to_owned(),
            peak: stored.level.clone(),
            verdict: None,
        })
    }

    /// A level inside an alert became another one: the alert stays as it is, and says so.
    fn revised(&mut self, tx: &mut Tx<'_>, code: &str, revision: AlertRevision) -> Result<(), ActError> {
        let cause_submission = self.revision_cause(code, &revision)?;
        let standing = Standing {
            id: revision.alert_id,
            state: revision.state,
            peak: revision.peak,
            verdict: revision.verdict,
        };
        let event = AlertEvent {
            level_from: Some(revision.level_from),
            level_to: Some(revision.level_to),
            value_id: Some(revision.value_id),
            cause_submission,
            ..standing.event("revised", revision.period)
        };
        let of = Subject {
            code,
            dimensions: &revision.dimensions,
            frequency: &revision.frequency,
            confidential: revision.confidential,
        };
        self.write(tx, event, &of)
    }

    /// The submission that changed what was read; where the value rests on the same versions and only its past is
    /// another, the newest one between the vintages that could have changed it.
    fn revision_cause(&self, code: &str, revision: &AlertRevision) -> Result<Option<Uuid>, ActError> {
        let mut reader = self.centre.store.reader()?;
        let positions = |inputs: &serde_json::Value| -> BTreeSet<i64> {
            let versions = inputs.as_array().into_iter().flatten();
            let positions = versions.filter_map(|it| it.as_str()?.rsplit('/').next()?.parse().ok());
            positions.collect()
        };
        let new = positions(&revision.inputs_to);
        let new = new.difference(&positions(&revision.inputs_from)).max().copied();
        if let Some(position) = new {
            return Ok(submission_at_position(&mut reader, position)?);
        }
        let definition = self.book.definitions.iter().find(|it| it.code == code);
        let inputs = definition.into_iter().flat_map(|it| it.inputs.values());
        let dataflows: BTreeSet<String> = inputs
            .filter_map(|input| Some(self.book.codebook.indicator(&input.indicator)?.dataflow.clone()))
            .collect();
        let dataflows: Vec<String> = dataflows.into_iter().collect();
        let between = (revision.vintage_from, revision.vintage_to);
        Ok(submission_newest_between(&mut reader, &dataflows, between)?)
    }

    fn write(&mut self, tx: &mut Tx<'_>, event: AlertEvent, of: &Subject<'_>) -> Result<(), ActError> {
        alert_event_insert_in_tx(tx, &event)?;
        let entry = LogEntry {
            id: self.centre.ids.next(),
            client_id: None,
            body: None,
            role: None,
            action: "alert.follow",
            object_type: Some("alert"),
            object_id: Some(event.alert_id.to_string()),
            outcome: LogOutcome::Allowed,
            reason_code: None,
            request_id: None,
            payload_sha256: None,
        };
        log_entry_insert_in_tx(tx, &entry)?;
        self.written += 1;
        // The feed goes to every body: what rests on confidential figures is only in the list of alerts.
        if !of.confidential {
            self.told.push(alert_change(&event, of));
        }
        Ok(())
    }

    /// Tells the feed of changes, last of all; returns how many events were written.
    fn tell(self, tx: &mut Tx<'_>) -> Result<usize, ActError> {
        for told in &self.told {
            told.insert(tx)?;
        }
        Ok(self.written)
    }
}

impl Standing {
    fn of(alert: &StoredAlert) -> Self {
        Self {
            id: alert.id,
            state: alert.state.clone(),
            peak: alert.peak.clone(),
            verdict: alert.verdict.clone(),
        }
    }

    fn event(&self, kind: &str, period: NaiveDate) -> AlertEvent {
        AlertEvent {
            alert_id: self.id,
            number: 0,
            kind: kind.to_owned(),
            state: self.state.clone(),
            period,
            level_from: None,
            level_to: None,
            peak: self.peak.clone(),
            q: None,
            verdict: self.verdict.clone(),
            value_id: None,
            cause_submission: None,
            client_id: None,
            body: None,
            note: None,
            occurred_at: chrono::DateTime::default(),
        }
    }
}

fn is_confidential(stored: &StoredLevel) -> bool {
    stored.flags.iter().any(|flag| flag == "confidential")
}

/// The first day from which alerts may open.
fn window_start(frequency: Frequency, newest: NaiveDate) -> Option<NaiveDate> {
    let first = Period::containing(frequency, newest)?.shift(1 - ALERT_PERIODS)?;
    Some(first.start().max(newest.checked_sub_days(Days::new(ALERT_DAYS))?))
}

/// Levels since the window began, and those of alerts that stand for longer.
fn levels_read(
    reader: &mut Reader,
    code: &str,
    start: NaiveDate,
    alerts: &BTreeMap<&str, &StoredAlert>,
) -> Result<Vec<StoredLevel>, ActError> {
    let lasting = alerts.values().filter(|alert| {
        alert.closed_period.is_none_or(|closed| closed >= start) && alert.opened_period < start
    });
    let (keys, opened): (Vec<String>, Vec<NaiveDate>) = lasting
        .map(|alert| (alert.key.clone(), alert.opened_period))
        .unzip();
    let query = LevelQuery {
        code,
        dimensions: &[],
        from: start,
        to: LAST_DAY,
        earlier: (&keys, opened.into_iter().min().unwrap_or(start)),
        as_of: None,
    };
    Ok(metric_level_list(reader, &query)?)
}
