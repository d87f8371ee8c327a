//! Periods of observation and their frequencies.
//!
//! A period is written as in ISO 8601 and SDMX: `2015`, `2015-S1`, `2015-Q3`, `2015-07`, `2015-W30`,
//! `2015-07-23`, and a range of months or days, `2018-01/2018-05`, for cumulative figures, which are never
//! shown as their last month. Never guesses: lenient readings belong to mapping profiles.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How often a series is counted. The letters are SDMX `CL_FREQ`; a range is `_O` with its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Frequency {
    /// A calendar year.
    Annual,
    /// Half a calendar year.
    HalfYearly,
    /// A quarter.
    Quarterly,
    /// A month.
    Monthly,
    /// An ISO 8601 week, Monday to Sunday.
    Weekly,
    /// A day.
    Daily,
    /// A range of whole months, such as January to May.
    SpanMonths(u16),
    /// A range of days that are not whole months.
    SpanDays(u16),
}

impl Frequency {
    /// The code of SDMX `CL_FREQ`; both kinds of range are `_O`.
    #[must_use]
    pub fn sdmx(self) -> &'static str {
        match self {
            Self::Annual => "A",
            Self::HalfYearly => "S",
            Self::Quarterly => "Q",
            Self::Monthly => "M",
            Self::Weekly => "W",
            Self::Daily => "D",
            Self::SpanMonths(_) | Self::SpanDays(_) => "_O",
        }
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SpanMonths(months) => write!(f, "_O/P{months}M"),
            Self::SpanDays(days) => write!(f, "_O/P{days}D"),
            Self::Annual
            | Self::HalfYearly
            | Self::Quarterly
            | Self::Monthly
            | Self::Weekly
            | Self::Daily => f.write_str(self.sdmx()),
        }
    }
}

impl FromStr for Frequency {
    type Err = PeriodFault;

    fn from_str(text: &str) -> Result<Self, PeriodFault> {
        Ok(match text {
            "A" => Self::Annual,
            "S" => Self::HalfYearly,
            "Q" => Self::Quarterly,
            "M" => Self::Monthly,
            "W" => Self::Weekly,
            "D" => Self::Daily,
            other => {
                let span = other.strip_prefix("_O/P").ok_or(PeriodFault::Syntax)?;
                if let Some(months) = span.strip_suffix('M') {
                    Self::SpanMonths(months.parse().map_err(|_| PeriodFault::Syntax)?)
                } else {
                    let days = span.strip_suffix('D').ok_or(PeriodFault::Syntax)?;
                    Self::SpanDays(days.parse().map_err(|_| PeriodFault::Syntax)?)
                }
            }
        })
    }
}

impl Serialize for Frequency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Why a text is not a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// None of the known forms.
    #[error("the text has none of the forms of a period")]
    Syntax,
    /// The form is right, but no such day, week or month exists.
    #[error("no such period exists in the calendar")]
    NotInCalendar,
    /// Outside the years 1900 to 2199, or a range that ends before it begins.
    #[error("the period is outside the range that is kept")]
    OutOfRange,
}

/// One period: where it starts and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    frequency: Frequency,
    start: NaiveDate,
}

impl Period {
    /// The period of this frequency that begins on this day, as the store keeps it.
    ///
    /// The day is moved back to the start of the period that holds it.
    #[must_use]
    pub fn containing(frequency: Frequency, day: NaiveDate) -> Option<Self> {
        let first_month = match frequency {
            Frequency::Annual => Some(1),
            Frequency::HalfYearly => Some(if day.month() <= 6 { 1 } else { 7 }),
            Frequency::Quarterly => Some((day.month() - 1) / 3 * 3 + 1),
            Frequency::Monthly | Frequency::SpanMonths(_) => Some(day.month()),
            Frequency::Weekly | Frequency::Daily | Frequency::SpanDays(_) => None,
        };
        let start = match (first_month, frequency) {
            (Some(month), _) => NaiveDate::from_ymd_opt(day.year(), month, 1)?,
            (None, Frequency::Weekly) => {
                day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday())))?
            }
            (None, _) => day,
        };
        Some(Self { frequency, start })
    }

    /// How often.
    #[must_use]
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Its first day.
    #[must_use]
    pub fn start(&self) -> NaiveDate {
        self.start
    }

    /// Its last day, included.
    #[must_use]
    pub fn end(&self) -> NaiveDate {
        let next = match self.frequency {
            Frequency::Annual => self.start.checked_add_months(Months::new(12)),
            Frequency::HalfYearly => self.start.checked_add_months(Months::new(6)),
            Frequency::Quarterly => self.start.checked_add_months(Months::new(3)),
            Frequency::Monthly => self.start.checked_add_months(Months::new(1)),
            Frequency::Weekly => self.start.checked_add_days(Days::new(7)),
            Frequency::Daily => self.start.checked_add_days(Days::new(1)),
            Frequency::SpanMonths(n) => self.start.checked_add_months(Months::new(u32::from(n))),
            Frequency::SpanDays(n) => self.start.checked_add_days(Days::new(u64::from(n))),
        };
        next.and_then(|day| day.pred_opt()).unwrap_or(self.start)
    }

    /// The period that many steps later (earlier when negative), by the calendar.
    ///
    /// A range steps by whole years, since it is compared with the same range of other years.
    #[must_use]
    pub fn shift(&self, steps: i32) -> Option<Self> {
        let months = match self.frequency {
            Frequency::Annual | Frequency::SpanMonths(_) | Frequency::SpanDays(_) => 12,
            Frequency::HalfYearly => 6,
            Frequency::Quarterly => 3,
            Frequency::Monthly => 1,
            Frequency::Weekly | Frequency::Daily => 0,
        };
        let count = steps.unsigned_abs();
        let start = if months == 0 {
            let days = Days::new(u64::from(count) * if self.frequency == Frequency::Weekly { 7 } else { 1 });
            if steps < 0 {
                self.start.checked_sub_days(days)?
            } else {
                self.start.checked_add_days(days)?
            }
        } else {
            let months = Months::new(count.checked_mul(months)?);
            if steps < 0 {
                self.start.checked_sub_months(months)?
            } else {
                self.start.checked_add_months(months)?
            }
        };
        in_years(start).ok().map(|start| Self {
            frequency: self.frequency,
            start,
        })
    }

    /// The period with the same label a year before; a week 53 without one there is week 52 of that year.
    #[must_use]
    pub fn year_before(&self) -> Option<Self> {
        if self.frequency != Frequency::Weekly {
            let start = self.start.checked_sub_months(Months::new(12))?;
            return Some(Self {
                frequency: self.frequency,
                start,
            });
        }
        let week = self.start.iso_week();
        let start = NaiveDate::from_isoywd_opt(week.year() - 1, week.week(), Weekday::Mon)
            .or_else(|| NaiveDate::from_isoywd_opt(week.year() - 1, 52, Weekday::Mon))?;
        Some(Self {
            frequency: self.frequency,
            start,
        })
    }
}

fn in_years(start: NaiveDate) -> Result<NaiveDate, PeriodFault> {
    if (1900..2200).contains(&start.year()) {
        Ok(start)
    } else {
        Err(PeriodFault::OutOfRange)
    }
}

fn digits(text: &str, count: usize) -> Result<u32, PeriodFault> {
    if text.len() != count || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(PeriodFault::Syntax);
    }
    text.parse().map_err(|_| PeriodFault::Syntax)
}

impl FromStr for Period {
    type Err = PeriodFault;

    fn from_str(text: &str) -> Result<Self, PeriodFault> {
        match text.split_once('/') {
            None => plain(text),
            Some((from, to)) => range(plain(from)?, plain(to)?),
        }
    }
}

fn plain(text: &str) -> Result<Period, PeriodFault> {
    let (year, rest) = text.split_at_checked(4).ok_or(PeriodFault::Syntax)?;
    let year = i32::try_from(digits(year, 4)?).map_err(|_| PeriodFault::Syntax)?;
    let (frequency, start) = if rest.is_empty() {
        (Frequency::Annual, NaiveDate::from_ymd_opt(year, 1, 1))
    } else {
        let rest = rest.strip_prefix('-').ok_or(PeriodFault::Syntax)?;
        if let Some(half) = rest.strip_prefix('S') {
            let half = part(digits(half, 1)?, 2)?;
            (
                Frequency::HalfYearly,
                NaiveDate::from_ymd_opt(year, (half - 1) * 6 + 1, 1),
            )
        } else if let Some(quarter) = rest.strip_prefix('Q') {
            let quarter = part(digits(quarter, 1)?, 4)?;
            (
                Frequency::Quarterly,
                NaiveDate::from_ymd_opt(year, (quarter - 1) * 3 + 1, 1),
            )
        } else if let Some(week) = rest.strip_prefix('W') {
            (
                Frequency::Weekly,
                NaiveDate::from_isoywd_opt(year, digits(week, 2)?, Weekday::Mon),
            )
        } else if let Some((month, day)) = rest.split_once('-') {
            (
                Frequency::Daily,
                NaiveDate::from_ymd_opt(year, digits(month, 2)?, digits(day, 2)?),
            )
        } else {
            (
                Frequency::Monthly,
                NaiveDate::from_ymd_opt(year, digits(rest, 2)?, 1),
            )
        }
    };
    let start = in_years(start.ok_or(PeriodFault::NotInCalendar)?)?;
    Ok(Period { frequency, start })
}

fn part(number: u32, most: u32) -> Result<u32, PeriodFault> {
    if (1..=most).contains(&number) {
        Ok(number)
    } else {
        Err(PeriodFault::NotInCalendar)
    }
}

fn range(from: Period, to: Period) -> Result<Period, PeriodFault> {
    let whole_months = from.frequency == Frequency::Monthly && to.frequency == Frequency::Monthly;
    let whole_days = from.frequency == Frequency::Daily && to.frequency == Frequency::Daily;
    if !whole_months && !whole_days {
        return Err(PeriodFault::Syntax);
    }
    if to.start <= from.start {
        return Err(PeriodFault::OutOfRange);
    }
    let frequency = if whole_months {
        let months = (to.start.year() - from.start.year()) * 12
            + i32::try_from(to.start.month()).unwrap_or(0)
            - i32::try_from(from.start.month()).unwrap_or(0)
            + 1;
        Frequency::SpanMonths(u16::try_from(months).map_err(|_| PeriodFault::OutOfRange)?)
    } else {
        let days = (to.start - from.start).num_days() + 1;
        Frequency::SpanDays(u16::try_from(days).map_err(|_| PeriodFault::OutOfRange)?)
    };
    Ok(Period {
        frequency,
        start: from.start,
    })
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.start.year(), self.start.month());
        match self.frequency {
            Frequency::Annual => write!(f, "{year:04}"),
            Frequency::HalfYearly => write!(f, "{year:04}-S{}", (month - 1) / 6 + 1),
            Frequency::Quarterly => write!(f, "{year:04}-Q{}", (month - 1) / 3 + 1),
            Frequency::Monthly => write!(f, "{year:04}-{month:02}"),
            Frequency::Weekly => {
                let week = self.start.iso_week();
                write!(f, "{:04}-W{:02}", week.year(), week.week())
            }
            Frequency::Daily => write!(f, "{}", self.start),
            Frequency::SpanMonths(_) => {
                let end = self.end();
                write!(f, "{year:04}-{month:02}/{:04}-{:02}", end.year(), end.month())
            }
            Frequency::SpanDays(_) => write!(f, "{}/{}", self.start, self.end()),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn period(text: &str) -> Period {
        text.parse().expect(text)
    }

    #[test]
    fn every_written_form_prints_back_as_it_was() {
        for text in [
            "2015",
            "2015-S1",
            "2015-S2",
            "2015-Q3",
            "2015-07",
            "2015-W30",
            "2020-W53",
            "2026-W53",
            "2015-07-23",
            "2018-01/2018-05",
            "2017-01/2017-12",
            "2025-09-15/2025-11-01",
            "2016-02-29",
        ] {
            assert_eq!(period(text).to_string(), text);
        }
    }

    #[test]
    fn what_the_calendar_lacks_is_told_apart_from_what_has_no_form() {
        for text in [
            "2019-W53",
            "2015-13",
            "2015-02-29",
            "2015-Q5",
            "2015-S0",
            "2015-W00",
            "2015-00",
        ] {
            assert_eq!(text.parse::<Period>(), Err(PeriodFault::NotInCalendar), "{text}");
        }
        for text in [
            "",
            "15",
            "2015-7",
            "2015M07",
            "2015-W3",
            "2015-7-1",
            " 2015",
            "2015 ",
            "２０１５",
            "2015/2016",
        ] {
            assert_eq!(text.parse::<Period>(), Err(PeriodFault::Syntax), "{text}");
        }
        for text in ["1899", "2200-01", "2018-05/2018-01", "2018-05/2018-05"] {
            assert_eq!(text.parse::<Period>(), Err(PeriodFault::OutOfRange), "{text}");
        }
    }

    #[test]
    fn a_week_53_looks_back_to_week_52_of_a_shorter_year() {
        assert_eq!(period("2020-W53").year_before(), Some(period("2019-W52")));
        assert_eq!(period("2021-W10").year_before(), Some(period("2020-W10")));
        assert_eq!(period("2020-W53").shift(1), Some(period("2021-W01")));
        assert_eq!(
            period("2018-01/2018-05").year_before(),
            Some(period("2017-01/2017-05"))
        );
    }

    #[test]
    fn a_period_ends_on_its_last_day() {
        for (text, end) in [
            ("2015", "2015-12-31"),
            ("2015-S1", "2015-06-30"),
            ("2015-Q1", "2015-03-31"),
            ("2016-02", "2016-02-29"),
            ("2015-W30", "2015-07-26"),
            ("2018-01/2018-05", "2018-05-31"),
        ] {
            assert_eq!(period(text).end().to_string(), end);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,24}") {
            let _ = text.parse::<Period>();
        }

        #[test]
        fn what_prints_parses_back(days in 0_i32..100_000, kind in 0_u8..8, length in 2_u16..400) {
            let frequency = match kind {
                0 => Frequency::Annual, 1 => Frequency::HalfYearly, 2 => Frequency::Quarterly, 3 => Frequency::Monthly,
                4 => Frequency::Weekly, 5 => Frequency::Daily, 6 => Frequency::SpanMonths(length),
                _ => Frequency::SpanDays(length),
            };
            let day = NaiveDate::from_ymd_opt(1901, 1, 1).unwrap() + Days::new(days as u64);
            let one = Period::containing(frequency, day).unwrap();
            let text = one.to_string();
            if let Ok(back) = text.parse::<Period>() {
                prop_assert_eq!(back, one);
            } else {
                prop_assert!(one.end().year() >= 2200 || one.start().year() >= 2200, "{}", text);
            }
            prop_assert_eq!(frequency.to_string().parse::<Frequency>(), Ok(frequency));
        }
    }
}
