//! Versions of risk metrics on the wire: states, history, proposals, test runs. The form of a definition itself is
//! `openapi/risk-metric-v1.schema.json`.

use crate::number;
use crate::v1::{RiskMetric, RiskMetricLevel};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What may be done with a version of a risk metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskMetricState {
    /// May be tried, computes nothing.
    Draft,
    /// Computes; one version of each code.
    Published,
    /// Computes nothing any more; its values stay readable.
    Retired,
}

impl From<leleka_domain::DefinitionState> for RiskMetricState {
    fn from(state: leleka_domain::DefinitionState) -> Self {
        match state {
            leleka_domain::DefinitionState::Draft => Self::Draft,
            leleka_domain::DefinitionState::Published => Self::Published,
            leleka_domain::DefinitionState::Retired => Self::Retired,
        }
    }
}

/// One change of a version's state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricEvent {
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// State before; absent for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<RiskMetricState>,
    /// State after.
    pub to: RiskMetricState,
    /// With which client; absent when the catalogue was loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub client_id: Option<String>,
    /// For which body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub body: Option<String>,
    /// Why, in words.
    #[schema(max_length = 2000)]
    pub comment: String,
}

/// One version with its history.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricDetail {
    /// The version.
    #[serde(flatten)]
    pub metric: RiskMetric,
    /// What happened to this version, in order.
    #[schema(max_items = 1000)]
    pub history: Vec<RiskMetricEvent>,
}

/// A state that may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskMetricNextState {
    /// Computes from now on, in place of the version before.
    Published,
    /// Computes nothing any more.
    Retired,
}

impl From<RiskMetricNextState> for leleka_domain::DefinitionState {
    fn from(state: RiskMetricNextState) -> Self {
        match state {
            RiskMetricNextState::Published => Self::Published,
            RiskMetricNextState::Retired => Self::Retired,
        }
    }
}

/// The next state of a version, and why.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": "published", "comment": "Випробувано на двох роках: 14 рівнів змінюються, усі пояснені"}))]
pub struct RiskMetricStateCreate {
    /// The state.
    pub to: RiskMetricNextState,
    /// In words; stands in the history.
    #[schema(min_length = 1, max_length = 2000)]
    pub comment: String,
}

/// What is tried.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"from": "2024-W45", "to": "2026-W46", "cells": 20}))]
pub struct RiskMetricTestRunCreate {
    /// First period, of the frequency of the metric; two years before the last when absent. At most 520 periods.
    #[schema(nullable = false, max_length = 21)]
    pub from: Option<String>,
    /// Last period; the newest for which an input has a figure when absent.
    #[schema(nullable = false, max_length = 21)]
    pub to: Option<String>,
    /// On the figures as known at this moment.
    #[schema(nullable = false)]
    pub as_of: Option<DateTime<Utc>>,
    /// So many changed cells are shown; 50 when absent.
    #[schema(nullable = false, minimum = 0, maximum = 200)]
    pub cells: Option<u32>,
}

/// What a version says of one key and period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricCell {
    /// The value; `null` where there is none, or where it may not be shown.
    #[serde(serialize_with = "number::value")]
    #[schema(required)]
    pub value: Option<f64>,
    /// Its level.
    pub level: RiskMetricLevel,
    /// Why there is no value or level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub reason: Option<String>,
}

/// A cell whose level changes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricChangedCell {
    /// The dimensions it is computed by.
    pub dimensions: BTreeMap<String, String>,
    /// The period.
    #[schema(max_length = 21)]
    pub period: String,
    /// Under the published version; absent where it has no such cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<RiskMetricCell>,
    /// Under the version that was tried; absent where it has no such cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<RiskMetricCell>,
}

/// Cells that go from one level to another.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricLevelPair {
    /// Under the published version; absent where it has no such cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<RiskMetricLevel>,
    /// Under the version that was tried; absent where it has no such cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<RiskMetricLevel>,
    /// How many.
    #[schema(minimum = 0)]
    pub cells: u64,
}

/// A version beside the published one.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricDifference {
    /// The published version.
    #[schema(minimum = 1)]
    pub published_version: i32,
    /// Cells that either of them has.
    #[schema(minimum = 0)]
    pub cells: u64,
    /// Cells whose value differs.
    #[schema(minimum = 0)]
    pub values_changed: u64,
    /// Cells whose level differs.
    #[schema(minimum = 0)]
    pub levels_changed: u64,
    /// The same, by pair of levels.
    #[schema(max_items = 49)]
    pub level_pairs: Vec<RiskMetricLevelPair>,
    /// The first cells whose level differs, by key and period.
    #[schema(max_items = 200)]
    pub changed: Vec<RiskMetricChangedCell>,
}

/// What a version says about the past.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricTestRun {
    /// Code of the metric.
    #[schema(max_length = 64)]
    pub code: String,
    /// Version that was tried.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Its state.
    pub state: RiskMetricState,
    /// First period.
    #[schema(max_length = 21)]
    pub from: String,
    /// Last period.
    #[schema(max_length = 21)]
    pub to: String,
    /// The vintage of the figures, one for everything in this answer.
    pub data_as_of: DateTime<Utc>,
    /// Keys and periods.
    #[schema(minimum = 0)]
    pub cells: u64,
    /// Those with a value.
    #[schema(minimum = 0)]
    pub values: u64,
    /// Those without a level, by reason.
    pub unknown_by_reason: BTreeMap<String, u64>,
    /// Cells by level.
    pub levels: BTreeMap<String, u64>,
    /// Beside the published version; absent where none is, or where it has another frequency or key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub difference: Option<RiskMetricDifference>,
}
