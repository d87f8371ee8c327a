//! What the feed of changes says about an alert: which metric and key, in which period, from which level to which.
//!
//! Never a figure, and nothing about what rests on confidential figures: the feed goes to every body.

use crate::ActError;
use leleka_domain::{Frequency, Period};
use leleka_store::{AlertEvent, NewChange, Tx, change_insert_in_tx};
use serde_json::{Value, json};

/// What an alert is about.
pub(crate) struct Subject<'a> {
    pub(crate) code: &'a str,
    pub(crate) dimensions: &'a Value,
    pub(crate) frequency: &'a str,
    /// Whether it rests on confidential figures.
    pub(crate) confidential: bool,
}

/// A change to tell.
pub(crate) struct AlertChange {
    kind: String,
    alert_id: String,
    details: Value,
}

/// The change of an event.
pub(crate) fn alert_change(event: &AlertEvent, of: &Subject<'_>) -> AlertChange {
    let frequency: Option<Frequency> = of.frequency.parse().ok();
    let period = frequency.and_then(|frequency| Period::containing(frequency, event.period));
    AlertChange {
        kind: format!("alert.{}", event.kind),
        alert_id: event.alert_id.to_string(),
        details: json!({
            "metric": of.code,
            "dimensions": of.dimensions,
            "period": period.map_or_else(|| event.period.to_string(), |period| period.to_string()),
            "state": event.state,
            "level_from": event.level_from,
            "level_to": event.level_to,
        }),
    }
}

impl AlertChange {
    /// Writes it; best the last statement of its transaction.
    pub(crate) fn insert(&self, tx: &mut Tx<'_>) -> Result<(), ActError> {
        let change = NewChange {
            kind: &self.kind,
            body: None,
            dataflow: None,
            object_type: "alert",
            object_id: &self.alert_id,
            details: &self.details,
        };
        Ok(change_insert_in_tx(tx, &change)?)
    }
}
