//! Risk metrics on the wire.

use crate::number;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A level. `unknown` always has a reason and never means low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskMetricLevel {
    /// Low.
    Low,
    /// Guarded.
    Guarded,
    /// Elevated.
    Elevated,
    /// High.
    High,
    /// Critical.
    Critical,
    /// Not known, and why.
    Unknown,
}

/// One version of a definition.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetric {
    /// Stable code.
    #[schema(max_length = 64)]
    pub code: String,
    /// Version; its content never changes.
    #[schema(minimum = 1)]
    pub version: i32,
    /// `draft`, `active` or `retired`.
    #[schema(max_length = 16)]
    pub status: String,
    /// Ukrainian name.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name.
    #[schema(max_length = 500)]
    pub name_en: String,
    /// The definition: inputs, expression, detectors, thresholds.
    #[schema(value_type = Object)]
    pub definition: serde_json::Value,
    /// SHA-256 of its canonical JSON.
    #[schema(min_length = 64, max_length = 64)]
    pub definition_sha256: String,
    /// When this version was added.
    pub created_at: DateTime<Utc>,
}

/// Definitions of risk metrics.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricPage {
    /// The definitions.
    #[schema(max_items = 500)]
    pub items: Vec<RiskMetric>,
}

/// A computed value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricValue {
    /// Code of the metric.
    #[schema(max_length = 64)]
    pub code: String,
    /// Version of the definition.
    #[schema(minimum = 1)]
    pub version: i32,
    /// The dimensions it is computed by.
    pub dimensions: BTreeMap<String, String>,
    /// The period.
    #[schema(max_length = 21)]
    pub period: String,
    /// The value; `null` with a reason.
    #[serde(serialize_with = "number::value")]
    #[schema(required)]
    pub value: Option<f64>,
    /// Unit.
    #[schema(max_length = 64)]
    pub unit: String,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::value")]
    #[schema(nullable = false)]
    pub baseline: Option<f64>,
    /// Upper bound of what was expected.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::value")]
    #[schema(nullable = false)]
    pub baseline_upper: Option<f64>,
    /// Detector that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub method: Option<String>,
    /// p-value of the detector.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub p: Option<f64>,
    /// Score from 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 10)]
    pub score: Option<f64>,
    /// Level.
    pub level: RiskMetricLevel,
    /// Why there is no value or level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub reason: Option<String>,
    /// Remarks that travel with the value.
    #[schema(max_items = 20)]
    pub flags: Vec<String>,
    /// Observations used.
    #[schema(minimum = 0)]
    pub n_inputs: i32,
    /// Present cells over expected ones.
    #[schema(minimum = 0, maximum = 1)]
    pub coverage: f64,
    /// Periods in the baseline.
    #[schema(minimum = 0)]
    pub n_baseline: i32,
    /// The vintage of the data.
    pub data_as_of: DateTime<Utc>,
    /// When the value was recorded; `asOf` compares with it.
    pub recorded_at: DateTime<Utc>,
    /// Whether figures have changed since and the value is yet to be computed anew; `false` with `asOf`.
    pub stale: bool,
    /// SHA-256 of the sorted observation versions used.
    #[schema(min_length = 64, max_length = 64)]
    pub input_digest: String,
    /// Where its explanation is.
    #[schema(max_length = 1024)]
    pub explanation_href: String,
}

/// A page of values, by dimensions and period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricValuePage {
    /// The values.
    #[schema(max_items = 1000)]
    pub items: Vec<RiskMetricValue>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 4096)]
    pub next: Option<String>,
}

/// An observation that a value was computed from, down to the row of the file.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExplainedObservation {
    /// Its series.
    pub series: crate::v1::Series,
    /// Its period.
    #[schema(max_length = 21)]
    pub period: String,
    /// Its value in the version that was used.
    #[serde(serialize_with = "number::value")]
    #[schema(required)]
    pub value: Option<f64>,
    /// Its status.
    #[schema(value_type = String, max_length = 1)]
    pub obs_status: &'static str,
    /// The submission that brought it.
    pub submission_id: Uuid,
    /// When that became known.
    pub recorded_at: DateTime<Utc>,
    /// Its data row there.
    #[schema(minimum = 1)]
    pub row: i32,
    /// Where the raw bytes are.
    #[schema(max_length = 256)]
    pub content_href: String,
}

/// A value taken apart: the computation, and every observation it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricExplanation {
    /// The value.
    pub value: RiskMetricValue,
    /// The sentence, in Ukrainian.
    #[schema(max_length = 2000)]
    pub text_uk: String,
    /// The sentence, in English.
    #[schema(max_length = 2000)]
    pub text_en: String,
    /// The tree of the computation with the value at each node.
    #[schema(value_type = Object)]
    pub computation: serde_json::Value,
    /// The observations.
    #[schema(max_items = 5000)]
    pub observations: Vec<ExplainedObservation>,
}
