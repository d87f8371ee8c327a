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

impl AlertCourse {
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
