//! The figures that are judged, and those that are known beside them.

use chrono::NaiveDate;
use leleka_domain::SeriesId;
use std::collections::BTreeMap;

/// One figure of the submission.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SentFigure {
    /// Which series.
    pub series: SeriesId,
    /// First day of the period.
    pub period: NaiveDate,
    /// Data row, counted from 1.
    pub row: u32,
    /// The number, unless its status carries none.
    pub value: Option<f64>,
    /// Whether it is new or differs from what was current.
    pub changed: bool,
}

/// A figure that is current.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownFigure {
    /// The number.
    pub value: f64,
    /// Its data row, when this very submission brought it.
    pub own_row: Option<u32>,
}

/// Current figures, this submission's among them.
#[derive(Clone, Debug, Default)]
pub struct KnownFigures(BTreeMap<(SeriesId, NaiveDate), KnownFigure>);

impl KnownFigures {
    /// Adds one.
    pub fn insert(&mut self, series: SeriesId, period: NaiveDate, figure: KnownFigure) {
        self.0.insert((series, period), figure);
    }

    /// The figure of a series and period.
    #[must_use]
    pub fn of(&self, series: SeriesId, period: NaiveDate) -> Option<KnownFigure> {
        self.0.get(&(series, period)).copied()
    }

    /// What earlier submissions said of a series from a day up to, not including, another.
    pub(crate) fn earlier(&self, series: SeriesId, from: NaiveDate, before: NaiveDate) -> Vec<f64> {
        if from >= before {
            return Vec::new();
        }
        let between = self.0.range((series, from)..(series, before));
        between
            .filter(|(_, figure)| figure.own_row.is_none())
            .map(|(_, figure)| figure.value)
            .collect()
    }
}
