//! Which days are worked: weekends, public holidays, their suspension, and moved days, all as data.
//!
//! Never knows a holiday by itself and never reads a clock. Rules: Labour Code of Ukraine, articles 67 and 73; the
//! suspension under martial law is article 6 of law No 2136-IX. What applies is in the catalogue's calendar.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// Days looked at before a calendar without working days is given up.
const FARTHEST_DAYS: u32 = 3_660;

/// On which day a holiday falls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum HolidayDay {
    /// On the same day of each year.
    Yearly {
        /// Month, 1 to 12.
        month: u32,
        /// Day of the month.
        day: u32,
    },
    /// So many days after Orthodox Easter Sunday.
    Easter(i64),
    /// On one day only.
    Date(NaiveDate),
}

/// A public holiday, in force between two days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// When.
    pub on: HolidayDay,
    /// First day on which the rule is in force.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// Ukrainian name.
    pub name_uk: String,
    /// The act that it rests on.
    pub law: String,
}

/// A time in which holidays are worked and weekends do not move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidaySuspension {
    /// First day.
    pub from: NaiveDate,
    /// Last day; none while it lasts.
    pub to: Option<NaiveDate>,
    /// The act that it rests on.
    pub law: String,
}

/// One day that is worked, or not, whatever the other rules say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayTransfer {
    /// Which day.
    pub day: NaiveDate,
    /// Whether it is worked.
    pub works: bool,
    /// The act that it rests on.
    pub law: String,
}

/// The calendar of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkCalendar {
    /// Version, such as `2026.11.1`.
    pub version: String,
    /// Whether a holiday that falls on a weekend frees the next working day.
    pub weekend_carry: bool,
    /// Public holidays.
    pub holidays: Vec<Holiday>,
    /// Times without holidays.
    pub suspensions: Vec<HolidaySuspension>,
    /// Moved days.
    pub transfers: Vec<DayTransfer>,
}

impl WorkCalendar {
    /// Whether a day is worked.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        if let Some(moved) = self.transfers.iter().find(|moved| moved.day == day) {
            return moved.works;
        }
        if is_weekend(day) {
            return false;
        }
        !self.is_holiday(day) && !self.is_carried(day)
    }

    /// The n-th working day after a day; the day itself for 0.
    #[must_use]
    pub fn working_day_after(&self, day: NaiveDate, count: u32) -> NaiveDate {
        let (mut current, mut left) = (day, count);
        for _ in 0..FARTHEST_DAYS {
            if left == 0 {
                break;
            }
            let Some(next) = current.succ_opt() else { break };
            current = next;
            if self.is_working(current) {
                left -= 1;
            }
        }
        current
    }

    /// How many working days lie after the first day, up to and including the last.
    #[must_use]
    pub fn working_days_between(&self, first: NaiveDate, last: NaiveDate) -> u32 {
        let days = first.iter_days().skip(1).take_while(|day| *day <= last);
        let days = days.take(FARTHEST_DAYS as usize);
        u32::try_from(days.filter(|day| self.is_working(*day)).count()).unwrap_or(u32::MAX)
    }

    /// What is wrong with the calendar, in words; nothing when it can be used.
    #[must_use]
    pub fn check(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for holiday in &self.holidays {
            if let HolidayDay::Yearly { month, day } = holiday.on
                && NaiveDate::from_ymd_opt(2024, month, day).is_none()
            {
                problems.push(format!(
                    "{}: there is no day {day} of month {month}",
                    holiday.name_uk
                ));
            }
            if holiday.from.zip(holiday.to).is_some_and(|(from, to)| to < from) {
                problems.push(format!("{}: ends before it begins", holiday.name_uk));
            }
        }
        for suspension in &self.suspensions {
            if suspension.to.is_some_and(|to| to < suspension.from) {
                problems.push(format!("{}: ends before it begins", suspension.law));
            }
        }
        let mut moved: Vec<NaiveDate> = self.transfers.iter().map(|moved| moved.day).collect();
        moved.sort_unstable();
        let twice = moved.windows(2).find(|pair| pair.first() == pair.last());
        problems.extend(twice.map(|pair| format!("moved twice: {pair:?}")));
        problems
    }

    fn is_suspended(&self, day: NaiveDate) -> bool {
        self.suspensions
            .iter()
            .any(|it| it.from <= day && it.to.is_none_or(|to| day <= to))
    }

    fn is_holiday(&self, day: NaiveDate) -> bool {
        let falls = |holiday: &Holiday| match holiday.on {
            HolidayDay::Yearly { month, day: number } => day.month() == month && day.day() == number,
            HolidayDay::Easter(offset) => {
                orthodox_easter(day.year()).is_some_and(|easter| (day - easter).num_days() == offset)
            }
            HolidayDay::Date(date) => date == day,
        };
        !self.is_suspended(day)
            && self.holidays.iter().any(|holiday| {
                holiday.from.is_none_or(|from| from <= day)
                    && holiday.to.is_none_or(|to| day <= to)
                    && falls(holiday)
            })
    }

    /// Whether a working day is free instead of a holiday of the weekend before it.
    fn is_carried(&self, day: NaiveDate) -> bool {
        if !self.weekend_carry || self.is_suspended(day) {
            return false;
        }
        let monday = day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())));
        let Some(monday) = monday else { return false };
        let weekend = [1, 2].map(|back| monday.checked_sub_days(Days::new(back)));
        let fallen = weekend
            .into_iter()
            .flatten()
            .filter(|day| self.is_holiday(*day))
            .count();
        let free = monday.iter_days().take(5).filter(|day| !self.is_holiday(*day));
        free.take(fallen).any(|free| free == day)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Orthodox Easter Sunday as a day of the civil calendar, by the Julian computus of Meeus; 1900 to 2099.
fn orthodox_easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 4, year % 7, year % 19);
    let d = (19 * c + 15) % 30;
    let e = (2 * a + 4 * b - d + 34) % 7;
    let (month, day) = ((d + e + 114) / 31, (d + e + 114) % 31 + 1);
    let julian = NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)?;
    // In these years the Julian calendar is 13 days behind.
    (1900..2100)
        .contains(&year)
        .then(|| julian.checked_add_days(Days::new(13)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn yearly(month: u32, number: u32, to: Option<&str>) -> Holiday {
        Holiday {
            on: HolidayDay::Yearly { month, day: number },
            from: None,
            to: to.map(day),
            name_uk: "Свято".to_owned(),
            law: "act".to_owned(),
        }
    }

    fn calendar() -> WorkCalendar {
        WorkCalendar {
            version: "1".to_owned(),
            weekend_carry: true,
            holidays: vec![
                yearly(1, 1, None),
                yearly(8, 24, None),
                Holiday {
                    on: HolidayDay::Easter(0),
                    ..yearly(1, 1, None)
                },
            ],
            suspensions: Vec::new(),
            transfers: Vec::new(),
        }
    }

    #[test]
    fn easter_falls_where_the_church_put_it() {
        for (year, sunday) in [
            (2018, "2018-04-08"),
            (2021, "2021-05-02"),
            (2024, "2024-05-05"),
            (2026, "2026-04-12"),
        ] {
            assert_eq!(orthodox_easter(year), Some(day(sunday)));
        }
        assert_eq!(orthodox_easter(2150), None);
    }

    #[test]
    fn a_holiday_on_a_weekend_frees_the_next_working_day() {
        let calendar = calendar();
        // 24 August 2019 was a Saturday; Easter is a Sunday always.
        assert!(!calendar.is_working(day("2019-08-26")));
        assert!(calendar.is_working(day("2019-08-27")));
        assert!(!calendar.is_working(day("2021-05-03")));
        let plain = WorkCalendar {
            weekend_carry: false,
            ..calendar
        };
        assert!(plain.is_working(day("2019-08-26")));
    }

    #[test]
    fn the_same_dates_under_another_table_are_other_working_days() {
        let peace = calendar();
        let war = WorkCalendar {
            suspensions: vec![HolidaySuspension {
                from: day("2022-03-24"),
                to: None,
                law: "2136-IX".to_owned(),
            }],
            ..calendar()
        };
        let monday = day("2026-08-24");
        assert!(!peace.is_working(monday) && war.is_working(monday));
        assert_eq!(peace.working_day_after(day("2026-08-23"), 1), day("2026-08-25"));
        assert_eq!(war.working_day_after(day("2026-08-23"), 1), monday);
        // Before the suspension nothing changes.
        assert_eq!(
            peace.is_working(day("2021-08-24")),
            war.is_working(day("2021-08-24"))
        );
        assert!(!war.is_working(day("2026-08-22")), "weekends stay");
    }

    #[test]
    fn a_moved_day_wins_over_every_rule() {
        let moved = |text, works| DayTransfer {
            day: day(text),
            works,
            law: "order".to_owned(),
        };
        let calendar = WorkCalendar {
            transfers: vec![moved("2027-01-02", true), moved("2027-01-04", false)],
            ..calendar()
        };
        assert!(calendar.is_working(day("2027-01-02")), "a Saturday to be worked");
        assert!(!calendar.is_working(day("2027-01-04")));
        assert_eq!(
            calendar.working_day_after(day("2026-12-31"), 2),
            day("2027-01-05")
        );
    }

    #[test]
    fn counting_days_and_stepping_over_them_agree() {
        let calendar = calendar();
        let start = day("2026-12-28");
        for count in 0..40 {
            let end = calendar.working_day_after(start, count);
            assert_eq!(calendar.working_days_between(start, end), count);
        }
    }

    #[test]
    fn a_calendar_that_contradicts_itself_is_told() {
        let broken = WorkCalendar {
            holidays: vec![
                yearly(2, 30, None),
                Holiday {
                    from: Some(day("2024-01-01")),
                    ..yearly(1, 7, Some("2023-01-01"))
                },
            ],
            ..calendar()
        };
        assert_eq!(broken.check().len(), 2, "{:?}", broken.check());
        assert!(calendar().check().is_empty());
    }
}
