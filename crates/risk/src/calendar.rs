//! Periods that a computation reads: bases of year-on-year, windows, parts of longer periods, reference weeks.
//!
//! All of it is calendar arithmetic on the first days of periods; labels matter only for year-on-year, where
//! week 53 without a counterpart is compared with week 52. Never reads a clock.

use chrono::{Datelike, Days, Months, NaiveDate};
use leleka_domain::{Frequency, Period};

/// The base of a year-on-year comparison, and whether a week 53 had to be compared with a week 52.
#[must_use]
pub fn year_base(period: Period) -> Option<(Period, bool)> {
    let base = period.year_before()?;
    let substituted = period.frequency() == Frequency::Weekly
        && period.start().iso_week().week() != base.start().iso_week().week();
    Some((base, substituted))
}

/// The `count` periods that end `offset` periods before this one, oldest first.
///
/// A period outside the years that are kept is left out.
#[must_use]
pub fn window(period: Period, offset: u16, count: u16) -> Vec<Period> {
    (0..i32::from(count))
        .rev()
        .filter_map(|back| period.shift(-(i32::from(offset) + back)))
        .collect()
}

/// The shorter periods that make a longer one, each with the share of it that belongs there.
///
/// A month takes each ISO week by its days in the month, out of seven; a quarter takes its three months whole.
/// Other frequencies have no parts.
#[must_use]
pub fn parts(period: Period) -> Vec<(Period, f64)> {
    let (first, last) = (period.start(), period.end());
    let mut found = Vec::new();
    let part = match period.frequency() {
        Frequency::Monthly => Frequency::Weekly,
        Frequency::Quarterly => Frequency::Monthly,
        Frequency::Annual
        | Frequency::HalfYearly
        | Frequency::Weekly
        | Frequency::Daily
        | Frequency::SpanMonths(_)
        | Frequency::SpanDays(_) => return found,
    };
    let mut next = Period::containing(part, first);
    while let Some(current) = next.filter(|current| current.start() <= last) {
        let days = (current.end().min(last) - current.start().max(first)).num_days() + 1;
        let share = if part == Frequency::Weekly {
            f64::from(i32::try_from(days).unwrap_or(0)) / 7.0
        } else {
            1.0
        };
        found.push((current, share));
        next = current.shift(1);
    }
    found
}

/// Periods of `frequency` that have ended by the end of `period`, newest first, none older than `months`.
///
/// Age is counted in calendar months between the two last days.
#[must_use]
pub fn ended_by(period: Period, frequency: Frequency, months: u16) -> Vec<Period> {
    let end = period.end();
    let mut found = Vec::new();
    let mut next = Period::containing(frequency, end);
    while let Some(current) = next {
        let closed = current.end();
        let age = (end.year() - closed.year()) * 12 + month(end) - month(closed);
        if age > i32::from(months) {
            break;
        }
        if closed <= end {
            found.push(current);
        }
        next = current.shift(-1);
    }
    found
}

fn month(day: NaiveDate) -> i32 {
    i32::try_from(day.month()).unwrap_or(0)
}

/// The Monday closest to the same date `years` before; 29 February becomes 1 March.
#[must_use]
pub fn reference_monday(monday: NaiveDate, years: u16) -> Option<NaiveDate> {
    let moved = monday.checked_sub_months(Months::new(12 * u32::from(years)))?;
    // Months arithmetic clips 29 February to the 28th.
    let target = if moved.day() == monday.day() {
        moved
    } else {
        moved.succ_opt()?
    };
    let days = target.weekday().num_days_from_monday();
    let before = target.checked_sub_days(Days::new(u64::from(days)))?;
    if days <= 3 {
        Some(before)
    } else {
        before.checked_add_days(Days::new(7))
    }
}
