//! Results: pairs measured alternately, their ratios, and the table in which they are shown.

use serde_json::{Value, json};
use std::fmt;

/// Which way is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mark {
    /// The ratio must reach this.
    AtLeast(f64),
    /// The figure or ratio must not exceed this.
    AtMost(f64),
    /// Shown for information.
    None,
}

/// One job.
pub(crate) struct Row {
    pub(crate) job: String,
    /// Of both columns.
    pub(crate) unit: &'static str,
    pub(crate) ours: Vec<f64>,
    /// What it is held against, measured in the same pairs; empty when the figure stands for itself.
    pub(crate) limit: Vec<f64>,
    pub(crate) mark: Mark,
    pub(crate) note: String,
}

impl Row {
    pub(crate) fn ratios(&self) -> Vec<f64> {
        self.ours
            .iter()
            .zip(&self.limit)
            .map(|(ours, limit)| ours / limit)
            .collect()
    }

    fn judged(&self) -> f64 {
        if self.limit.is_empty() {
            median(&self.ours)
        } else {
            median(&self.ratios())
        }
    }

    fn verdict(&self) -> &'static str {
        let met = match self.mark {
            Mark::AtLeast(mark) => self.judged() >= mark,
            Mark::AtMost(mark) => self.judged() <= mark,
            Mark::None => return "",
        };
        if met { "met" } else { "MISSED" }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "job": self.job, "unit": self.unit, "ours": self.ours, "limit": self.limit, "ratios": self.ratios(),
            "median": self.judged(), "mark": self.mark.to_string(), "verdict": self.verdict(), "note": self.note,
        })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(mark) => write!(f, ">= {mark}"),
            Self::AtMost(mark) => write!(f, "<= {mark}"),
            Self::None => Ok(()),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = if self.limit.is_empty() {
            String::new()
        } else {
            figure(median(&self.limit))
        };
        let ratios = self.ratios();
        let (ratio, range) = if ratios.is_empty() {
            (String::new(), range_text(&self.ours))
        } else {
            (format!("{:.2}", median(&ratios)), range_text(&ratios))
        };
        write!(
            f,
            "{:<42} {:>12} {:>12} {:<8} {:>6} {:>15} {:>8} {:<7} {}",
            self.job,
            figure(median(&self.ours)),
            limit,
            self.unit,
            ratio,
            range,
            self.mark.to_string(),
            self.verdict(),
            self.note,
        )
    }
}

/// The heading over the rows.
pub(crate) fn heading() -> String {
    format!(
        "{:<42} {:>12} {:>12} {:<8} {:>6} {:>15} {:>8}",
        "job (medians)", "ours", "limit", "unit", "ratio", "range", "mark"
    )
}

fn range_text(figures: &[f64]) -> String {
    let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let most = figures.iter().copied().fold(0.0, f64::max);
    format!("{}-{}", figure(least), figure(most))
}

fn figure(number: f64) -> String {
    if number >= 100.0 {
        format!("{number:.0}")
    } else {
        format!("{number:.2}")
    }
}

/// The middle; the mean of both middles of an even number.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

/// Load averages of the machine, as it says them.
pub(crate) fn load_average() -> String {
    std::fs::read_to_string("/proc/loadavg").map_or_else(
        |_| "unknown".to_owned(),
        |text| text.split(' ').take(3).collect::<Vec<_>>().join(" "),
    )
}
