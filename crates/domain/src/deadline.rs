//! When a period's figures are due, how long they may be late, and when the period is closed.
//!
//! Pure: rules and calendar are data, the present is a parameter. Moments are Kyiv time with its summer time.

use crate::{Frequency, Period, WorkCalendar};
use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::Kyiv;
use serde::{Deserialize, Serialize};

/// When figures of a frequency are due; one dataflow may have a rule of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRule {
    /// The dataflow; every other one when absent.
    pub dataflow: Option<String>,
    /// Length of the period.
    pub frequency: Frequency,
    /// Due on this working day after the period has ended.
    pub due_working_days: u32,
    /// At this time in Kyiv.
    pub due_time: NaiveTime,
    /// So many hours after that still count as on time.
    pub grace_hours: u32,
    /// Closed at the end of this working day after the period; never when absent.
    pub freeze_working_days: Option<u32>,
    /// Periods that begin before carry no obligation under this rule and are never closed by it.
    pub obliged_from: NaiveDate,
}

/// Every rule of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineTable {
    /// Version, such as `2026.11.1`.
    pub version: String,
    /// Kinds of bodies that owe nothing, such as foreign sources.
    pub exempt_kinds: Vec<String>,
    /// The rules.
    pub rules: Vec<DeadlineRule>,
}

/// Deadlines and the calendar they are counted by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// When figures are due.
    pub deadlines: DeadlineTable,
    /// Which days are worked.
    pub calendar: WorkCalendar,
}

/// The moments of one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// From now on figures can be complete: the beginning of the last day.
    pub opens_at: DateTime<Utc>,
    /// Due.
    pub due_at: DateTime<Utc>,
    /// On time until here.
    pub grace_until: DateTime<Utc>,
    /// Closed from here; never when absent.
    pub freeze_at: Option<DateTime<Utc>>,
}

impl DeadlineTable {
    /// The rule of a period: a dataflow's own before the general one, the newest that is in force.
    #[must_use]
    pub fn rule(&self, dataflow: &str, period: Period) -> Option<&DeadlineRule> {
        let fits = self.rules.iter().filter(|rule| {
            rule.frequency == period.frequency()
                && rule.obliged_from <= period.start()
                && rule.dataflow.as_deref().is_none_or(|own| own == dataflow)
        });
        fits.max_by_key(|rule| (rule.dataflow.is_some(), rule.obliged_from))
    }

    /// The first day from which some rule of a frequency obliges.
    #[must_use]
    pub fn obliged_from(&self, frequency: Frequency) -> Option<NaiveDate> {
        let rules = self.rules.iter().filter(|rule| rule.frequency == frequency);
        rules.map(|rule| rule.obliged_from).min()
    }

    /// What is wrong with the rules, in words; nothing when they can be used.
    #[must_use]
    pub fn check(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            let name = rule.dataflow.as_deref().unwrap_or("*");
            let place = format!("{name} {} from {}", rule.frequency, rule.obliged_from);
            if matches!(rule.frequency, Frequency::SpanMonths(_) | Frequency::SpanDays(_)) {
                problems.push(format!("{place}: ranges have no deadline"));
            }
            if rule
                .freeze_working_days
                .is_some_and(|freeze| freeze <= rule.due_working_days)
            {
                problems.push(format!("{place}: closed before it is due"));
            }
            if rule.due_working_days > 400 || rule.freeze_working_days.is_some_and(|days| days > 2_000) {
                problems.push(format!("{place}: too far away"));
            }
            let same = |other: &DeadlineRule| {
                (&other.dataflow, other.frequency, other.obliged_from)
                    == (&rule.dataflow, rule.frequency, rule.obliged_from)
            };
            if self.rules.iter().skip(number + 1).any(same) {
                problems.push(format!("{place}: stands twice"));
            }
        }
        problems
    }
}

impl Schedule {
    /// The moments of a period of a dataflow; none where no rule obliges.
    #[must_use]
    pub fn deadline(&self, dataflow: &str, period: Period) -> Option<Deadline> {
        let rule = self.deadlines.rule(dataflow, period)?;
        let end = period.end();
        let due_at = kyiv_instant(
            self.calendar.working_day_after(end, rule.due_working_days),
            rule.due_time,
        );
        let freeze_at = rule.freeze_working_days.map(|days| {
            let last = self.calendar.working_day_after(end, days);
            kyiv_instant(
                last.checked_add_days(Days::new(1)).unwrap_or(last),
                NaiveTime::MIN,
            )
        });
        Some(Deadline {
            opens_at: kyiv_instant(end, NaiveTime::MIN),
            due_at,
            grace_until: due_at + TimeDelta::hours(i64::from(rule.grace_hours)),
            freeze_at,
        })
    }

    /// Working days between two moments, by their days in Kyiv.
    #[must_use]
    pub fn working_days_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> u32 {
        self.calendar.working_days_between(kyiv_day(from), kyiv_day(to))
    }
}

/// The moment at which a clock in Kyiv shows this. An hour that comes twice is meant the first time; one that does
/// not come at all is meant an hour later.
#[must_use]
pub fn kyiv_instant(day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let shown = day.and_time(time);
    match Kyiv.from_local_datetime(&shown) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => match Kyiv.from_local_datetime(&(shown + TimeDelta::hours(1))) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => shown.and_utc(),
        },
    }
}

/// The day that it is in Kyiv at a moment.
#[must_use]
pub fn kyiv_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Kyiv).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Holiday, HolidayDay};
    use proptest::prelude::*;

    fn rule(frequency: Frequency) -> DeadlineRule {
        DeadlineRule {
            dataflow: None,
            frequency,
            due_working_days: 2,
            due_time: "12:00:00".parse().unwrap(),
            grace_hours: 4,
            freeze_working_days: Some(10),
            obliged_from: "2020-01-01".parse().unwrap(),
        }
    }

    fn schedule(rules: Vec<DeadlineRule>) -> Schedule {
        Schedule {
            deadlines: DeadlineTable {
                version: "1".to_owned(),
                exempt_kinds: Vec::new(),
                rules,
            },
            calendar: WorkCalendar::default(),
        }
    }

    fn moments(schedule: &Schedule, period: &str) -> [String; 4] {
        let deadline = schedule.deadline("FLOW", period.parse().unwrap()).unwrap();
        [
            Some(deadline.opens_at),
            Some(deadline.due_at),
            Some(deadline.grace_until),
            deadline.freeze_at,
        ]
        .map(|at| at.map_or("never".to_owned(), |at| at.format("%Y-%m-%dT%H:%MZ").to_string()))
    }

    #[test]
    fn the_clock_change_of_autumn_moves_the_moment_and_not_the_hour_in_kyiv() {
        let weekly = schedule(vec![rule(Frequency::Weekly)]);
        // Summer time ended on Sunday 25 October 2026: noon in Kyiv is 09:00Z before and 10:00Z after.
        assert_eq!(
            moments(&weekly, "2026-W42"),
            [
                "2026-10-17T21:00Z",
                "2026-10-20T09:00Z",
                "2026-10-20T13:00Z",
                "2026-10-30T22:00Z"
            ]
        );
        assert_eq!(
            moments(&weekly, "2026-W43"),
            [
                "2026-10-24T21:00Z",
                "2026-10-27T10:00Z",
                "2026-10-27T14:00Z",
                "2026-11-06T22:00Z"
            ]
        );
    }

    #[test]
    fn an_hour_that_comes_twice_or_never_has_one_meaning() {
        let at =
            |day: &str, time: &str| kyiv_instant(day.parse().unwrap(), time.parse().unwrap()).to_rfc3339();
        assert_eq!(at("2026-10-25", "03:30:00"), "2026-10-25T00:30:00+00:00");
        assert_eq!(at("2026-03-29", "03:30:00"), "2026-03-29T01:30:00+00:00");
        assert_eq!(
            kyiv_day("2026-11-22T22:30:00Z".parse().unwrap()).to_string(),
            "2026-11-23"
        );
    }

    #[test]
    fn a_week_53_ends_in_the_next_year_and_is_due_there() {
        let weekly = schedule(vec![rule(Frequency::Weekly)]);
        assert_eq!(
            moments(&weekly, "2026-W53")[..2],
            ["2027-01-02T22:00Z", "2027-01-05T10:00Z"]
        );
        let mut calendar = weekly;
        calendar.calendar.holidays.push(Holiday {
            on: HolidayDay::Date("2027-01-04".parse().unwrap()),
            from: None,
            to: None,
            name_uk: "День".to_owned(),
            law: "act".to_owned(),
        });
        assert_eq!(
            moments(&calendar, "2026-W53")[1],
            "2027-01-06T10:00Z",
            "another table, another day"
        );
    }

    #[test]
    fn a_year_and_its_last_month_end_together() {
        let all = schedule(vec![rule(Frequency::Annual), rule(Frequency::Monthly)]);
        assert_eq!(moments(&all, "2026"), moments(&all, "2026-12"));
    }

    #[test]
    fn a_dataflows_own_rule_and_the_newest_one_count() {
        let own = DeadlineRule {
            dataflow: Some("FLOW".to_owned()),
            due_working_days: 1,
            ..rule(Frequency::Weekly)
        };
        let later = DeadlineRule {
            due_working_days: 5,
            obliged_from: "2026-06-01".parse().unwrap(),
            ..own.clone()
        };
        let table = schedule(vec![rule(Frequency::Weekly), later, own]).deadlines;
        let days = |dataflow: &str, period: &str| {
            table
                .rule(dataflow, period.parse().unwrap())
                .map(|rule| rule.due_working_days)
        };
        assert_eq!(days("FLOW", "2026-W10"), Some(1));
        assert_eq!(days("FLOW", "2026-W40"), Some(5));
        assert_eq!(days("OTHER", "2026-W40"), Some(2));
        assert_eq!(days("FLOW", "2019-W40"), None, "history owes nothing");
        assert_eq!(days("FLOW", "2026-10"), None);
    }

    #[test]
    fn rules_that_contradict_themselves_are_told() {
        let closed = DeadlineRule {
            freeze_working_days: Some(2),
            ..rule(Frequency::Monthly)
        };
        let table = schedule(vec![rule(Frequency::Weekly), rule(Frequency::Weekly), closed]).deadlines;
        assert_eq!(table.check().len(), 2, "{:?}", table.check());
    }

    proptest! {
        #[test]
        fn moments_come_in_order_in_every_period(days in 0_u64..60_000, due in 0_u32..30, more in 1_u32..30) {
            let day = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(days);
            for frequency in [Frequency::Weekly, Frequency::Monthly, Frequency::Quarterly, Frequency::Daily] {
                let rule = DeadlineRule { due_working_days: due, freeze_working_days: Some(due + more), grace_hours: 0, ..rule(frequency) };
                let period = Period::containing(frequency, day).unwrap();
                let Some(deadline) = schedule(vec![rule]).deadline("FLOW", period) else { continue };
                prop_assert!(deadline.opens_at < deadline.due_at);
                prop_assert!(deadline.due_at <= deadline.grace_until);
                prop_assert!(deadline.grace_until < deadline.freeze_at.unwrap());
            }
        }
    }
}
