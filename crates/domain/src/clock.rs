//! Time and identifiers as values that a test can fix.
//!
//! The only place that reads the system clock or draws random identifiers.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Where "now" comes from: the system, or a moment that a test moves by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until [`Clock::set`] moves it.
    #[must_use]
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// Moves a fixed clock; the system's clock stays as it is.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Some(cell) = &self.0 {
            *cell.lock().unwrap_or_else(PoisonError::into_inner) = at;
        }
    }

    /// Now, in whole milliseconds, as every instant on the wire.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system clock"
    )]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            None => Utc::now().trunc_subsecs(3),
            Some(cell) => *cell.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Now as whole seconds since 1970, as tokens count time.
    #[must_use]
    pub fn now_unix_seconds(&self) -> u64 {
        u64::try_from(self.now().timestamp()).unwrap_or(0)
    }
}

/// Where identifiers come from.
#[derive(Clone, Debug, Default)]
pub struct IdSource;

impl IdSource {
    /// A new identifier, ordered by time (`UUIDv7`).
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that draws identifiers")]
    pub fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
