//! The act of a person's decision on an alert: seen, judged, closed, opened again; always with words.
//!
//! Changes no level and no value. What the engine finds later it writes after the decision, never over it.

use crate::alert_changes::{Subject, alert_change};
use crate::keyed_request::{KeyedAct, text_check};
use crate::metric_stale::stale_find;
use crate::{ActError, Caller, Centre, KeyedRequest, MetricValueRead};
use chrono::NaiveDate;
use leleka_access::Scope;
use leleka_domain::Code;
use leleka_risk::Verdict;
use leleka_store::{
    AlertEvent, AlertFilter, LevelQuery, Reader, StoredAlert, alert_event_insert_in_tx, alert_event_list,
    alert_lock_in_tx, alert_page, metric_level_list, metric_value_find,
};
use uuid::Uuid;

/// What a person may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertDecision {
    /// Somebody looks into it.
    Acknowledge,
    /// It was found to be this.
    Assess(Verdict),
    /// Nothing remains to be done.
    Close,
    /// It is not over.
    Reopen,
}

/// An alert with everything that happened to it, and the value of its metric and key now.
#[derive(Clone, Debug)]
pub struct AlertHistory {
    /// As it stands.
    pub alert: StoredAlert,
    /// In its order.
    pub events: Vec<AlertEvent>,
    /// The newest value.
    pub value: Option<MetricValueRead>,
}

impl AlertDecision {
    /// What happened, and the state after it; `None` where the state does not allow it.
    fn after(self, state: &str) -> Option<(&'static str, &'static str)> {
        match (self, state) {
            (Self::Acknowledge, "open") => Some(("acknowledged", "acknowledged")),
            (Self::Assess(_), "open" | "acknowledged" | "assessed") => Some(("assessed", "assessed")),
            // The engine may have closed it before anybody judged it: the verdict still counts.
            (Self::Assess(_), "closed") => Some(("assessed", "closed")),
            (Self::Close, "assessed") => Some(("closed", "closed")),
            (Self::Reopen, "closed") => Some(("reopened", "open")),
            _ => None,
        }
    }
}

/// An alert with its history; `None` when it is not there or rests on confidential figures that the caller may not see.
///
/// # Errors
/// When the database does not answer.
pub fn alert_history(centre: &Centre, caller: &Caller, id: Uuid) -> Result<Option<AlertHistory>, ActError> {
    let mut reader = centre.store.reader()?;
    let Some(alert) = alert_find(&mut reader, caller, id)? else {
        return Ok(None);
    };
    let events = alert_event_list(&mut reader, id)?;
    let newest = newest_period(&mut reader, &alert)?;
    let value = reader.snapshot(|reader| {
        let found = metric_value_find(reader, &alert.code, &alert.key, newest, None)?;
        let stale = stale_find(reader, &centre.book(), &alert.code, None, found.as_slice())?;
        let stale = stale.first().copied().unwrap_or(false);
        Ok(found.map(|stored| MetricValueRead { stored, stale }))
    })?;
    Ok(Some(AlertHistory { alert, events, value }))
}

fn alert_find(reader: &mut Reader, caller: &Caller, id: Uuid) -> Result<Option<StoredAlert>, ActError> {
    let filter = AlertFilter {
        id: Some(id),
        with_confidential: caller.may(Scope::RiskMetricConfidential),
        limit: 1,
        ..AlertFilter::default()
    };
    Ok(alert_page(reader, &filter)?.into_iter().next())
}

/// The newest period of which anything was said about the alert's key.
fn newest_period(reader: &mut Reader, alert: &StoredAlert) -> Result<NaiveDate, ActError> {
    let query = LevelQuery {
        code: &alert.code,
        dimensions: &[],
        from: NaiveDate::MAX,
        to: NaiveDate::MAX,
        earlier: (std::slice::from_ref(&alert.key), alert.opened_period),
        as_of: None,
    };
    let levels = metric_level_list(reader, &query)?;
    Ok(levels.last().map_or(alert.opened_period, |it| it.period))
}

/// Decides on an alert. Returns it as it stands then, and whether the request was a repetition.
///
/// # Errors
/// A refusal when there is no such alert, its state takes no such decision, or there is no note.
pub fn alert_decide(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    id: Uuid,
    decision: AlertDecision,
    note: &str,
) -> Result<(AlertHistory, bool), ActError> {
    text_check("note", Some(note))?;
    let missing = || ActError::refused(Code::ResourceNotFound);
    let code = alert_find(&mut centre.store.reader()?, caller, id)?
        .ok_or_else(missing)?
        .code;
    let act = KeyedAct {
        operation: "alert_decision_create",
        action: "alert.decide",
        object_type: "alert",
        object_id: id.to_string(),
        caller,
        request,
    };
    let repeated = act.once(centre, centre.ids.next(), |tx| {
        alert_lock_in_tx(tx, &code)?;
        // Nobody writes to it from here on: another connection sees what counts.
        let mut reader = centre.store.reader()?;
        let alert = alert_find(&mut reader, caller, id)?.ok_or_else(missing)?;
        let (kind, state) = decision
            .after(&alert.state)
            .ok_or_else(|| ActError::refused_because(Code::AlertDecisionNotAllowed, alert.state.clone()))?;
        let verdict = match decision {
            AlertDecision::Assess(verdict) => Some(verdict.code().to_owned()),
            AlertDecision::Acknowledge | AlertDecision::Close | AlertDecision::Reopen => {
                alert.verdict.clone()
            }
        };
        let event = AlertEvent {
            alert_id: id,
            number: 0,
            kind: kind.to_owned(),
            state: state.to_owned(),
            period: newest_period(&mut reader, &alert)?,
            level_from: None,
            level_to: None,
            peak: alert.peak.clone(),
            q: None,
            verdict,
            value_id: None,
            cause_submission: None,
            client_id: Some(caller.client_id.clone()),
            body: Some(caller.body.clone()),
            note: Some(note.to_owned()),
            occurred_at: chrono::DateTime::default(),
        };
        alert_event_insert_in_tx(tx, &event)?;
        let of = Subject {
            code: &alert.code,
            dimensions: &alert.dimensions,
            frequency: &alert.frequency,
            confidential: alert.confidential,
        };
        if alert.confidential {
            Ok(())
        } else {
            alert_change(&event, &of).insert(tx)
        }
    })?;
    let history = alert_history(centre, caller, id)?.ok_or_else(missing)?;
    Ok((history, repeated))
}
