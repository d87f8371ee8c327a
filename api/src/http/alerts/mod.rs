//! Alerts: read, and decided on by people.

pub(crate) mod decide;
pub(crate) mod list;
pub(crate) mod view;

use crate::http::risk_metrics::{dimensions_wire, level_wire, period_text, value_wire};
use leleka_contract::v1::{
    Alert, AlertDetail, AlertEvent, AlertEventKind, AlertState, AlertVerdict, PeriodText,
};
use leleka_exchange::AlertHistory;
use leleka_store::StoredAlert;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which alert.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AlertPath {
    /// Its identifier.
    alert_id: Uuid,
}

/// The wire form of a state.
pub(crate) fn state_wire(stored: &str) -> AlertState {
    match stored {
        "open" => AlertState::Open,
        "acknowledged" => AlertState::Acknowledged,
        "assessed" => AlertState::Assessed,
        _ => AlertState::Closed,
    }
}

/// The wire form of a verdict.
pub(crate) fn verdict_wire(stored: &str) -> Option<AlertVerdict> {
    match stored {
        "real" => Some(AlertVerdict::Real),
        "known_event" => Some(AlertVerdict::KnownEvent),
        "data_error" => Some(AlertVerdict::DataError),
        "false" => Some(AlertVerdict::False),
        _ => None,
    }
}

fn kind_wire(stored: &str) -> AlertEventKind {
    match stored {
        "raised" => AlertEventKind::Raised,
        "escalated" => AlertEventKind::Escalated,
        "acknowledged" => AlertEventKind::Acknowledged,
        "assessed" => AlertEventKind::Assessed,
        "closed" => AlertEventKind::Closed,
        "reopened" => AlertEventKind::Reopened,
        _ => AlertEventKind::Revised,
    }
}

/// The wire form of an alert.
pub(crate) fn alert_wire(stored: &StoredAlert) -> Alert {
    let period = |day| PeriodText(period_text(&stored.frequency, day));
    Alert {
        id: stored.id,
        metric: stored.code.clone(),
        dimensions: dimensions_wire(&stored.dimensions),
        opened_period: period(stored.opened_period),
        opened_at: stored.opened_at,
        state: state_wire(&stored.state),
        level: level_wire(&stored.peak),
        verdict: stored.verdict.as_deref().and_then(verdict_wire),
        closed_period: stored.closed_period.map(period),
        updated_at: stored.updated_at,
        href: format!("/v1/alerts/{}", stored.id),
    }
}

fn detail_wire(history: AlertHistory) -> AlertDetail {
    let alert = alert_wire(&history.alert);
    let frequency = history.alert.frequency;
    let events = history.events.into_iter().map(|event| AlertEvent {
        number: event.number,
        kind: kind_wire(&event.kind),
        state: state_wire(&event.state),
        period: PeriodText(period_text(&frequency, event.period)),
        level_from: event.level_from.as_deref().map(level_wire),
        level_to: event.level_to.as_deref().map(level_wire),
        q: event.q,
        cause_submission_id: event.cause_submission,
        verdict: event.verdict.as_deref().and_then(verdict_wire),
        client_id: event.client_id,
        note: event.note,
        occurred_at: event.occurred_at,
    });
    AlertDetail {
        alert,
        events: events.collect(),
        value: history
            .value
            .as_ref()
            .map(|read| value_wire(&read.stored, read.stale)),
    }
}
