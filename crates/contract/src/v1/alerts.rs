//! Alerts on the wire: what became unusual, what happened to it since, and what people decided.

use crate::v1::{CatalogueCode, PeriodText, RiskMetricLevel, RiskMetricValue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has looked yet.
    Open,
    /// Somebody looks into it.
    Acknowledged,
    /// Judged.
    Assessed,
    /// Over.
    Closed,
}

/// What an alert was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertVerdict {
    /// Something happened.
    Real,
    /// Something that was known to come happened.
    KnownEvent,
    /// The figures were wrong.
    DataError,
    /// Nothing happened.
    False,
}

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertEventKind {
    /// It was opened.
    Raised,
    /// A higher level than before.
    Escalated,
    /// The level of one of its periods became another one.
    Revised,
    /// Somebody looks into it.
    Acknowledged,
    /// It was judged.
    Assessed,
    /// It is over.
    Closed,
    /// It is not over after all.
    Reopened,
}

/// An alert: a metric and key whose level became unusual.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Alert {
    /// Identifier.
    pub id: Uuid,
    /// Code of the metric.
    #[schema(max_length = 64)]
    pub metric: String,
    /// The dimensions it is about.
    pub dimensions: BTreeMap<String, CatalogueCode>,
    /// The period that opened it.
    pub opened_period: PeriodText,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// Where it stands.
    pub state: AlertState,
    /// The highest level since it opened.
    pub level: RiskMetricLevel,
    /// What it was found to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub verdict: Option<AlertVerdict>,
    /// The period with which it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closed_period: Option<PeriodText>,
    /// When something last happened to it.
    pub updated_at: DateTime<Utc>,
    /// Where it is with everything that happened.
    #[schema(max_length = 256)]
    pub href: String,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertEvent {
    /// Order, from 1.
    #[schema(minimum = 1)]
    pub number: i32,
    /// What.
    pub kind: AlertEventKind,
    /// The state after it.
    pub state: AlertState,
    /// The period concerned; with decisions of people, the newest that they could see.
    pub period: PeriodText,
    /// The level before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub level_from: Option<RiskMetricLevel>,
    /// The level after.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub level_to: Option<RiskMetricLevel>,
    /// q-value of the period in its family, where it decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub q: Option<f64>,
    /// The submission that made the level another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cause_submission_id: Option<Uuid>,
    /// The verdict in force after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub verdict: Option<AlertVerdict>,
    /// Who decided; absent when the engine acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub client_id: Option<String>,
    /// Why, in words of who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub note: Option<String>,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// An alert with everything that happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertDetail {
    /// As it stands.
    pub alert: Alert,
    /// What happened, the opening first.
    #[schema(max_items = 10000)]
    pub events: Vec<AlertEvent>,
    /// The newest value of its metric and key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub value: Option<RiskMetricValue>,
}

/// Alerts, the latest opened first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertPage {
    /// The alerts.
    #[schema(max_items = 500)]
    pub items: Vec<Alert>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 8192)]
    pub next: Option<String>,
}

/// What may be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertDecisionKind {
    /// Somebody looks into it: from `open`.
    Acknowledge,
    /// Judge it: from any state; a closed alert stays closed.
    Assess,
    /// Close it: from `assessed`.
    Close,
    /// Open it again: from `closed`.
    Reopen,
}

/// A decision on an alert.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"decision": "assess", "verdict": "known_event", "note": "новий порядок подання з 1 листопада"}))]
pub struct AlertDecisionCreate {
    /// What.
    pub decision: AlertDecisionKind,
    /// With `assess`: what it was found to be.
    #[schema(nullable = false)]
    pub verdict: Option<AlertVerdict>,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub note: String,
}
