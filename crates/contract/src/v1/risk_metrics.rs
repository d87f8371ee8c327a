//! Risk metrics on the wire.

use crate::number;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
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
    /// Its state.
    pub state: crate::v1::RiskMetricState,
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
    /// What this version changes, in Ukrainian; from version 2 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub note_uk: Option<String>,
    /// What this version changes, in English; from version 2 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub note_en: Option<String>,
    /// When this version was added.
    pub created_at: DateTime<Utc>,
    /// Where its history is.
    #[schema(max_length = 256)]
    pub href: String,
}

/// Definitions of risk metrics.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricPage {
    /// The definitions.
    #[schema(max_items = 500)]
    pub items: Vec<RiskMetric>,
}

/// Where a value may lie by chance alone; it says nothing of errors in the data.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricInterval {
    /// Lower bound, not above the value.
    pub low: f64,
    /// Upper bound, not below the value.
    pub high: f64,
    /// Nominal coverage.
    #[schema(minimum = 0.8, maximum = 0.95)]
    pub level: f64,
    /// `poisson` (a count), `wilson` (a part of a counted whole), `poisson_rate` (a count over a fixed denominator) or
    /// `draws` (a composite).
    #[schema(max_length = 32)]
    pub method: String,
}

/// The score of a composite without one component.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RiskMetricLeftOut {
    /// Where the component stands in the definition, as a JSON pointer.
    #[schema(max_length = 256)]
    pub pointer: String,
    /// The score without it; absent when it had no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 10)]
    pub score: Option<f64>,
}

/// How far a composite hangs on its weights, scales and form: 1,000 draws of them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RiskMetricSensitivity {
    /// 5 % of the draws score below.
    #[schema(minimum = 0, maximum = 10)]
    pub p05: f64,
    /// 5 % of the draws score above.
    #[schema(minimum = 0, maximum = 10)]
    pub p95: f64,
    /// Share of draws with the level of the value.
    #[schema(minimum = 0, maximum = 1)]
    pub same_level: f64,
    /// Whether that share is below 0.7: the level is not to be relied on. The flag `fragile` says the same.
    pub fragile: bool,
    /// The score without each component.
    #[schema(max_items = 16)]
    pub leave_one_out: Vec<RiskMetricLeftOut>,
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
    /// Where the value may lie by chance alone; absent where no method fits how it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub interval: Option<RiskMetricInterval>,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::value")]
    #[schema(nullable = false)]
    pub baseline: Option<f64>,
    /// Lower bound of what was expected.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::value")]
    #[schema(nullable = false)]
    pub baseline_lower: Option<f64>,
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
    /// Share of the observations used that are provisional; absent in values recorded before it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub provisional_share: Option<f64>,
    /// How far a composite hangs on its weights, scales and form; composites only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sensitivity: Option<RiskMetricSensitivity>,
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
    /// The computation, for people and tools that look closer; members may be added. Empty for a caller of one body
    /// when figures of others are in it.
    ///
    /// `value` is the tree of the expression: each node has `op`, `pointer` (into the definition), `period`, `value` or
    /// `reason`, `coverage`, and where they apply `input` (or the metric referred to, `RM_X/1`), `key`, `flags`,
    /// `contribution` (what it adds to a sum, mean or composite above it), `parts` and `observations`.
    /// `changes` holds the change since the period before and since the year before: `since`, `from`, `to`, `change` and
    /// `parts` of `pointer`, `input`, `key`, `contribution`, which add up to the change; `base` marks what comes from the
    /// base of a comparison, `residual` what could not be split further.
    /// `comparison`, for signals, holds `method`, `used` (periods with values), `weights`, `without_value`, `excluded`.
    #[schema(value_type = Object)]
    pub computation: serde_json::Value,
    /// The observations.
    #[schema(max_items = 5000)]
    pub observations: Vec<ExplainedObservation>,
}
