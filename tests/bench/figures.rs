//! Weekly figures as a migration service reports them: 19,170 series, period by period.
//!
//! Five indicators, 27 territories, 71 citizenships, two sexes. Invented numbers, the same in every run.

use crate::Outcome;
use crate::cluster::Cluster;
use chrono::{Datelike, Days, NaiveDate};
use std::fmt::Write;

/// The dataflow of all five.
pub(crate) const DATAFLOW: &str = "IRREGULAR_WEEKLY";
const INDICATORS: [&str; 5] = ["EXP_DEC", "EXP_EXEC", "IRR_DETECTED", "RTN_DEC", "RTN_DEC_EXEC"];
const CITIZENSHIPS: usize = 71;

/// The series, as the beginning of their NDJSON lines.
pub(crate) struct Figures {
    series: Vec<String>,
    first: NaiveDate,
}

impl Figures {
    pub(crate) fn new(cluster: &Cluster) -> Outcome<Self> {
        let first = NaiveDate::from_isoywd_opt(2006, 1, chrono::Weekday::Mon).ok_or("no such week")?;
        let mut series = Vec::new();
        for indicator in INDICATORS {
            for territory in &cluster.regions {
                for citizenship in cluster.countries.iter().take(CITIZENSHIPS) {
                    for sex in ["F", "M"] {
                        series.push(format!(
                            "\"indicator\":\"{indicator}\",\"territory\":\"{territory}\",\
                             \"citizenship\":\"{citizenship}\",\"sex\":\"{sex}\""
                        ));
                    }
                }
            }
        }
        Ok(Self { series, first })
    }

    pub(crate) fn series_count(&self) -> usize {
        self.series.len()
    }

    /// Appends one week of all series to a body; weeks are counted from the first of 2006.
    pub(crate) fn week_append(&self, week: usize, body: &mut String) {
        let period = week_text(self.first, week);
        for (number, series) in self.series.iter().enumerate() {
            let value = (number.wrapping_mul(2_654_435_761) >> 7).wrapping_add(week * 31) % 400;
            let _infallible = writeln!(body, "{{\"period\":\"{period}\",{series},\"value\":{value}}}");
        }
    }

    /// A body of so many weeks.
    pub(crate) fn body(&self, weeks: usize) -> String {
        let mut body = String::new();
        for week in 0..weeks {
            self.week_append(week, &mut body);
        }
        body
    }
}

/// The ISO week so many weeks after a Monday.
pub(crate) fn week_text(first: NaiveDate, weeks: usize) -> String {
    let day = first
        .checked_add_days(Days::new(7 * weeks as u64))
        .unwrap_or(first);
    let week = day.iso_week();
    format!("{}-W{:02}", week.year(), week.week())
}
