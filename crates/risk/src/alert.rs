//! From levels to alerts: hysteresis, so that a level that flickers is one alert and not five.
//!
//! An alert opens at elevated, or when the false-discovery rate of the period's family lists the signal; it
//! escalates at once and closes after two complete periods below guarded. `unknown` proves nothing: it neither
//! opens nor closes. Levels themselves have no memory.

use crate::fdr::LISTED_Q;
use crate::level::Level;

/// Complete periods below guarded after which an alert closes.
pub const CALM_PERIODS: u8 = 2;

/// What one period says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodLevel {
    /// The level.
    pub level: Level,
    /// Whether the period is complete.
    pub complete: bool,
    /// The q-value in the family of the period.
    pub q: Option<f64>,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertCourse {
    /// The highest level since it opened; absent while there is no alert.
    pub peak: Option<Level>,
    /// Complete periods below guarded in a row.
    pub calm: u8,
}

/// What a period did to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertStep {
    /// Nothing.
    Unchanged,
    /// A new alert.
    Opened,
    /// A higher level than before.
    Escalated,
    /// Calm again.
    Closed,
}

/// Something that happened to an alert on its way through the periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertTurn {
    /// Place of the period among those that were walked.
    pub at: usize,
    /// What.
    pub step: AlertStep,
    /// The level of that period.
    pub level: Level,
    /// The highest level before it; absent where there was no alert.
    pub peak_before: Option<Level>,
}

impl AlertCourse {
    /// An alert that stands, by its highest level.
    #[must_use]
    pub fn standing(peak: Level) -> Self {
        Self {
            peak: Some(peak),
            calm: 0,
        }
    }

    /// The alert after all these periods, in their order, and everything that happened on the way.
    ///
    /// The same periods give the same turns, however often they are walked.
    #[must_use]
    pub fn walk<'a>(self, periods: impl IntoIterator<Item = &'a PeriodLevel>) -> (Self, Vec<AlertTurn>) {
        let (mut course, mut turns) = (self, Vec::new());
        for (at, period) in periods.into_iter().enumerate() {
            let peak_before = course.peak;
            let (after, step) = course.after(period);
            course = after;
            if step != AlertStep::Unchanged {
                turns.push(AlertTurn {
                    at,
                    step,
                    level: period.level,
                    peak_before,
                });
            }
        }
        (course, turns)
    }

    /// The alert after one more period, and what happened.
    #[must_use]
    pub fn after(self, period: &PeriodLevel) -> (Self, AlertStep) {
        let alarming = period.level >= Level::Elevated
            || period.q.is_some_and(|q| q <= LISTED_Q) && period.level > Level::Unknown;
        match self.peak {
            None if alarming => {
                let opened = Self {
                    peak: Some(period.level),
                    calm: 0,
                };
                (opened, AlertStep::Opened)
            }
            None => (self, AlertStep::Unchanged),
            Some(peak) if period.level > peak => {
                let raised = Self {
                    peak: Some(period.level),
                    calm: 0,
                };
                (raised, AlertStep::Escalated)
            }
            Some(peak) => self.quieter(peak, period, alarming),
        }
    }

    fn quieter(self, peak: Level, period: &PeriodLevel, alarming: bool) -> (Self, AlertStep) {
        let calm = match (period.level, period.complete && !alarming) {
            (Level::Unknown, _) | (Level::Low, false) => self.calm,
            (Level::Low, true) => self.calm.saturating_add(1),
            (Level::Guarded | Level::Elevated | Level::High | Level::Critical, _) => 0,
        };
        if calm >= CALM_PERIODS {
            return (Self::default(), AlertStep::Closed);
        }
        let same = Self {
            peak: Some(peak),
            calm,
        };
        (same, AlertStep::Unchanged)
    }
}
