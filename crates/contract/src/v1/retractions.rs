//! Retractions on the wire: what takes a submission back. The answer is a submission.

use crate::v1::PeriodText;
use serde::Deserialize;
use utoipa::ToSchema;

/// A request to take back what a submission brought.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason_code": "error_fix", "reason_text": "Wrong region", "periods": ["2026-W45"]}))]
pub struct RetractionCreate {
    /// Why: `late_data`, `error_fix`, `method_change`, `reclassification`, `deduplication`, `legal` or `other`.
    #[schema(max_length = 32)]
    pub reason_code: String,
    /// Why, in words; needed for `other`.
    #[schema(nullable = false, max_length = 2000)]
    pub reason_text: Option<String>,
    /// Only these periods of the submission; all when absent.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub periods: Vec<PeriodText>,
}
