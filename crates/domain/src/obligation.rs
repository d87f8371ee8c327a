//! What a body owes for one period of a dataflow, and how it stands at a moment.
//!
//! Computed from what was received and from the server's clock, never from somebody's word that it is complete.

use crate::agreement::is_catalogue_code;
use crate::{Deadline, Frequency, Period};
use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;

/// How an obligation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObligationStatus {
    /// The period still runs.
    NotOpen,
    /// Can be delivered; not late yet.
    Open,
    /// Delivered in time.
    OnTime,
    /// Delivered after the grace time.
    Late,
    /// Not delivered, and the grace time is over.
    Overdue,
    /// Reported that there is nothing to report.
    Nil,
    /// The centre does not ask for it.
    Waived,
    /// Not delivered, and the period is closed.
    Frozen,
}

impl ObligationStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::NotOpen,
        Self::Open,
        Self::OnTime,
        Self::Late,
        Self::Overdue,
        Self::Nil,
        Self::Waived,
        Self::Frozen,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotOpen => "not_open",
            Self::Open => "open",
            Self::OnTime => "on_time",
            Self::Late => "late",
            Self::Overdue => "overdue",
            Self::Nil => "nil",
            Self::Waived => "waived",
            Self::Frozen => "frozen",
        }
    }
}

/// What the centre decided about one obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObligationDecision {
    /// It is not asked for.
    Waived,
    /// It is asked for again, and a closed period takes figures, until a moment when one is given.
    Reopened {
        /// The moment; open for good when absent.
        until: Option<DateTime<Utc>>,
    },
}

impl ObligationDecision {
    /// The word on the wire and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waived => "waived",
            Self::Reopened { .. } => "reopened",
        }
    }

    /// Back from its word.
    #[must_use]
    pub fn from_word(word: &str, until: Option<DateTime<Utc>>) -> Option<Self> {
        match word {
            "waived" => Some(Self::Waived),
            "reopened" => Some(Self::Reopened { until }),
            _ => None,
        }
    }
}

impl Deadline {
    /// Whether the period is closed at a moment, in the light of the newest decision.
    #[must_use]
    pub fn is_frozen(&self, now: DateTime<Utc>, decision: Option<ObligationDecision>) -> bool {
        let reopened = match decision {
            Some(ObligationDecision::Reopened { until }) => until.is_none_or(|until| now < until),
            Some(ObligationDecision::Waived) | None => false,
        };
        self.freeze_at.is_some_and(|freeze| freeze <= now) && !reopened
    }

    /// How the obligation stands at a moment. `received`: when the first figures that count came in, and whether
    /// the newest ones say that there is nothing to report.
    #[must_use]
    pub fn status(
        &self,
        now: DateTime<Utc>,
        received: Option<(DateTime<Utc>, bool)>,
        decision: Option<ObligationDecision>,
    ) -> ObligationStatus {
        if decision == Some(ObligationDecision::Waived) {
            return ObligationStatus::Waived;
        }
        match received {
            Some((_, true)) => ObligationStatus::Nil,
            Some((at, false)) if at > self.grace_until => ObligationStatus::Late,
            Some((_, false)) => ObligationStatus::OnTime,
            None if now < self.opens_at => ObligationStatus::NotOpen,
            None if now <= self.grace_until => ObligationStatus::Open,
            None if self.is_frozen(now, decision) => ObligationStatus::Frozen,
            None => ObligationStatus::Overdue,
        }
    }
}

/// Body, dataflow and period: what an obligation is known by, written `BODY:DATAFLOW:PERIOD`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObligationId {
    /// Who owes.
    pub body: String,
    /// What.
    pub dataflow: String,
    /// For when.
    pub period: Period,
}

impl fmt::Display for ObligationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.body, self.dataflow, self.period)
    }
}

impl FromStr for ObligationId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, ':');
        let mut part = || parts.next().ok_or(());
        let (body, dataflow, period) = (part()?, part()?, part()?);
        let period: Period = period.parse().map_err(|_fault| ())?;
        let range = matches!(
            period.frequency(),
            Frequency::SpanMonths(_) | Frequency::SpanDays(_)
        );
        if range || !is_catalogue_code(body) || !is_catalogue_code(dataflow) {
            return Err(());
        }
        Ok(Self {
            body: body.to_owned(),
            dataflow: dataflow.to_owned(),
            period,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn deadline() -> Deadline {
        Deadline {
            opens_at: at("2026-11-21T22:00:00Z"),
            due_at: at("2026-11-24T10:00:00Z"),
            grace_until: at("2026-11-24T14:00:00Z"),
            freeze_at: Some(at("2026-12-07T22:00:00Z")),
        }
    }

    #[test]
    fn without_figures_the_clock_alone_decides() {
        let status = |now: &str| deadline().status(at(now), None, None).word();
        assert_eq!(status("2026-11-21T21:59:59Z"), "not_open");
        assert_eq!(status("2026-11-21T22:00:00Z"), "open");
        assert_eq!(status("2026-11-24T14:00:00Z"), "open", "the grace time counts");
        assert_eq!(status("2026-11-24T14:00:01Z"), "overdue");
        assert_eq!(status("2026-12-07T22:00:00Z"), "frozen");
    }

    #[test]
    fn figures_are_judged_by_when_they_came_not_by_when_one_asks() {
        let status = |received: &str, nil| {
            let received = Some((at(received), nil));
            deadline()
                .status(at("2027-06-01T00:00:00Z"), received, None)
                .word()
        };
        assert_eq!(status("2026-11-24T14:00:00Z", false), "on_time");
        assert_eq!(status("2026-11-24T14:00:01Z", false), "late");
        assert_eq!(status("2026-11-24T09:00:00Z", true), "nil");
    }

    #[test]
    fn the_newest_decision_waives_or_reopens() {
        let now = at("2027-01-11T00:00:00Z");
        let status = |decision| deadline().status(now, None, Some(decision)).word();
        assert_eq!(status(ObligationDecision::Waived), "waived");
        let reopened = |until| ObligationDecision::Reopened { until };
        assert_eq!(status(reopened(None)), "overdue");
        assert_eq!(status(reopened(Some(at("2027-01-12T00:00:00Z")))), "overdue");
        assert_eq!(
            status(reopened(Some(at("2027-01-10T00:00:00Z")))),
            "frozen",
            "closed again"
        );
    }

    #[test]
    fn an_id_holds_a_period_of_the_calendar() {
        let id: ObligationId = "SBGS:BORDER_WEEKLY:2026-W47".parse().unwrap();
        assert_eq!(id.to_string(), "SBGS:BORDER_WEEKLY:2026-W47");
        for text in [
            "SBGS:BORDER_WEEKLY",
            "SBGS:BORDER_WEEKLY:2026-W60",
            "SBGS:B:2026",
            "a:B_C:2026",
            "SBGS:B_C:2026-01/2026-02",
        ] {
            assert!(text.parse::<ObligationId>().is_err(), "{text}");
        }
    }
}
