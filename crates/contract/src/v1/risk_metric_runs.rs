//! How values of risk metrics came to be, on the wire: pieces of recomputation, and computing values again.

use crate::v1::RiskMetricValue;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A piece of recomputation: some cells of a metric, computed from one vintage.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricRun {
    /// By which version of the definition.
    #[schema(minimum = 1)]
    pub version: i32,
    /// The submissions that led to it; the first hundred of them.
    #[schema(max_items = 100)]
    pub submission_ids: Vec<Uuid>,
    /// Whether a new version of the definition led to it.
    pub by_definition: bool,
    /// Whether an agreement led to it: what is expected has changed.
    pub by_agreement: bool,
    /// Keys of which values were computed.
    #[schema(minimum = 0)]
    pub keys: i32,
    /// Values that were computed.
    #[schema(minimum = 0)]
    pub computed: i32,
    /// Values that differed from what was said before, and were recorded.
    #[schema(minimum = 0)]
    pub recorded: i32,
    /// Observations that were read.
    #[schema(minimum = 0)]
    pub observations: i64,
    /// The vintage they were read from.
    pub data_as_of: DateTime<Utc>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0)]
    pub duration_ms: i64,
}

/// A page of pieces, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricRunPage {
    /// The pieces.
    #[schema(max_items = 200)]
    pub items: Vec<RiskMetricRun>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    pub next: Option<String>,
}

/// A value that came out differently when it was computed again.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricMismatch {
    /// As it is stored.
    pub stored: RiskMetricValue,
    /// As it came out; its `recorded_at` is that of the stored value.
    pub computed: RiskMetricValue,
}

/// Stored values, computed again and compared to the last bit.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricRecomputation {
    /// Values that were compared.
    #[schema(minimum = 0)]
    pub compared: usize,
    /// Values that came out the same.
    #[schema(minimum = 0)]
    pub equal: usize,
    /// Values left out because they are to be computed anew anyway; only with `at=newest`.
    #[schema(minimum = 0)]
    pub stale: usize,
    /// Values that came out differently.
    #[schema(max_items = 1000)]
    pub different: Vec<RiskMetricMismatch>,
    /// Path for the following values; absent when these were the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 4096)]
    pub next: Option<String>,
}
