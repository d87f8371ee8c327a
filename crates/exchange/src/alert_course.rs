//! The course of an alert over stored levels: from rows to periods of the pure engine, and what is to be done.
//!
//! Pure. The same levels and the same alert give the same steps, so a repeated look does nothing twice.

use crate::metric_facets::CellPlace;
use chrono::NaiveDate;
use leleka_risk::{AlertCourse, AlertStep, LISTED_Q, Level, PeriodLevel};
use leleka_store::{StoredAlert, StoredLevel};
use std::collections::{BTreeMap, BTreeSet};

/// One period of one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CoursePeriod<'a> {
    pub(crate) stored: &'a StoredLevel,
    pub(crate) level: PeriodLevel,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CourseStep {
    /// A new alert, with the period at this place.
    Raise(usize),
    /// The alert that stands reached a higher level.
    Escalate(usize),
    /// The alert that stands is over.
    Close(usize),
    /// The calm that closed the alert is no longer there.
    Reopen(usize),
}

/// The level of a stored row; what this program does not know is unknown.
pub(crate) fn level_of(stored: &str) -> Level {
    stored.parse().unwrap_or(Level::Unknown)
}

/// The periods in which a q-value can make a difference: it is never below its p, and a level that is high enough
/// alarms without it.
pub(crate) fn periods_where_q_matters(levels: &[StoredLevel]) -> BTreeSet<NaiveDate> {
    let unsure = levels.iter().filter(|it| {
        let level = level_of(&it.level);
        it.p.is_some_and(|p| p <= LISTED_Q) && level > Level::Unknown && level < Level::Elevated
    });
    unsure.map(|it| it.period).collect()
}

/// The rows of each key, in the order of periods.
pub(crate) fn courses<'a>(
    code: &str,
    levels: &'a [StoredLevel],
    q: &BTreeMap<CellPlace, f64>,
) -> BTreeMap<&'a str, Vec<CoursePeriod<'a>>> {
    let mut courses: BTreeMap<&str, Vec<CoursePeriod<'_>>> = BTreeMap::new();
    for stored in levels {
        let place = (
            code.to_owned(),
            stored.key.clone(),
            stored.frequency.clone(),
            stored.period,
        );
        let weak = ["provisional", "incomplete"];
        let level = PeriodLevel {
            level: level_of(&stored.level),
            complete: stored.coverage >= 1.0 && !stored.flags.iter().any(|it| weak.contains(&it.as_str())),
            q: q.get(&place).copied(),
        };
        courses
            .entry(&stored.key)
            .or_default()
            .push(CoursePeriod { stored, level });
    }
    courses
}

/// What is to be done about a key, given its newest alert; new alerts only from a day on.
pub(crate) fn steps(
    alert: Option<&StoredAlert>,
    periods: &[CoursePeriod<'_>],
    start: NaiveDate,
) -> Vec<CourseStep> {
    let (mut course, mut steps) = (AlertCourse::default(), Vec::new());
    let mut begins: Box<dyn Fn(NaiveDate) -> bool> = Box::new(|_| true);
    if let Some(alert) = alert {
        let (opened, reopened) = (alert.opened_period, alert.reopened_period);
        // Who opened it again has seen the calm before.
        let own: Box<dyn Fn(NaiveDate) -> bool> =
            Box::new(move |day| reopened.map_or(day >= opened, |seen| day > seen));
        let standing = AlertCourse::standing(level_of(&alert.peak));
        match alert.closed_period {
            None => (course, begins) = (standing, own),
            Some(closed) => {
                let until_closed = periods
                    .iter()
                    .filter(|it| own(it.stored.period) && it.stored.period <= closed);
                let (_, turns) = standing.walk(until_closed.map(|it| &it.level));
                let lasts = alert.closed_by_person
                    || closed < start
                    || turns.iter().any(|turn| turn.step == AlertStep::Closed);
                if lasts {
                    begins = Box::new(move |day| day > closed);
                } else {
                    let at = periods.iter().rposition(|it| it.stored.period <= closed);
                    steps.extend(at.map(CourseStep::Reopen));
                    (course, begins) = (standing, own);
                }
            }
        }
    }
    for (at, period) in periods.iter().enumerate() {
        let day = period.stored.period;
        if !begins(day) || course.peak.is_none() && day < start {
            continue;
        }
        let (after, step) = course.after(&period.level);
        course = after;
        match step {
            AlertStep::Unchanged => {}
            AlertStep::Opened => steps.push(CourseStep::Raise(at)),
            AlertStep::Escalated => steps.push(CourseStep::Escalate(at)),
            AlertStep::Closed => steps.push(CourseStep::Close(at)),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn day(week: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() + chrono::Days::new(7 * week)
    }

    fn levels(levels: &[&str]) -> Vec<StoredLevel> {
        let rows = levels.iter().zip(0..).map(|(level, week)| StoredLevel {
            id: 1,
            key: "territory=UA".to_owned(),
            dimensions: serde_json::json!({"territory": "UA"}),
            frequency: "W".to_owned(),
            period: day(week),
            level: (*level).to_owned(),
            reason: None,
            p: None,
            coverage: 1.0,
            flags: Vec::new(),
            first_level: (*level).to_owned(),
        });
        rows.collect()
    }

    fn alert(opened: u64, peak: &str) -> StoredAlert {
        StoredAlert {
            id: Uuid::nil(),
            code: "RM_ASY_WEEK".to_owned(),
            key: "territory=UA".to_owned(),
            dimensions: serde_json::json!({"territory": "UA"}),
            frequency: "W".to_owned(),
            opened_period: day(opened),
            opened_at: chrono::DateTime::default(),
            state: "open".to_owned(),
            peak: peak.to_owned(),
            verdict: None,
            updated_at: chrono::DateTime::default(),
            closed_period: None,
            closed_by_person: false,
            reopened_period: None,
            confidential: false,
        }
    }

    fn walked(of: Option<&StoredAlert>, said: &[&str], start: u64) -> Vec<CourseStep> {
        let levels = levels(said);
        let courses = courses("RM_ASY_WEEK", &levels, &BTreeMap::new());
        courses
            .values()
            .flat_map(|periods| steps(of, periods, day(start)))
            .collect()
    }

    #[test]
    fn what_was_done_is_not_done_again() {
        let said = ["low", "elevated", "high", "low", "unknown", "low", "critical"];
        let first = walked(None, &said, 0);
        let expected = [
            CourseStep::Raise(1),
            CourseStep::Escalate(2),
            CourseStep::Close(5),
            CourseStep::Raise(6),
        ];
        assert_eq!(first, expected);
        assert_eq!(walked(Some(&alert(6, "critical")), &said, 0), []);
        assert_eq!(walked(Some(&alert(1, "high")), &said[..5], 0), []);
    }

    #[test]
    fn nothing_is_raised_before_the_window_but_a_standing_alert_goes_on() {
        let said = ["high", "low", "low", "high", "critical", "low", "low"];
        assert_eq!(walked(None, &said, 5), []);
        let standing = alert(3, "high");
        assert_eq!(
            walked(Some(&standing), &said, 5),
            [CourseStep::Escalate(4), CourseStep::Close(6)]
        );
    }

    #[test]
    fn an_alert_whose_calm_is_gone_is_open_again_unless_a_person_closed_it() {
        let mut closed = alert(0, "high");
        closed.closed_period = Some(day(2));
        assert_eq!(walked(Some(&closed), &["high", "low", "low", "low"], 0), []);
        let revised = ["high", "low", "elevated", "low"];
        assert_eq!(walked(Some(&closed), &revised, 0), [CourseStep::Reopen(2)]);
        assert_eq!(walked(Some(&closed), &revised, 3), [], "too long ago");
        closed.closed_by_person = true;
        assert_eq!(walked(Some(&closed), &revised, 0), []);
        assert_eq!(
            walked(Some(&closed), &["high", "low", "elevated", "high"], 0),
            [CourseStep::Raise(3)]
        );
    }

    #[test]
    fn calm_that_a_person_saw_before_reopening_closes_nothing() {
        let mut reopened = alert(0, "high");
        reopened.reopened_period = Some(day(2));
        assert_eq!(walked(Some(&reopened), &["high", "low", "low", "low"], 0), []);
        assert_eq!(
            walked(Some(&reopened), &["high", "low", "low", "low", "low"], 0),
            [CourseStep::Close(4)]
        );
    }
}
