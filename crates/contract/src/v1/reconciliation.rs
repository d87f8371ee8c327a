//! Two bodies' reports of one thing, side by side, on the wire.

use crate::v1::PeriodText;
use serde::Serialize;
use utoipa::ToSchema;

/// Two reports of one thing in one period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "rule_id": "R-MIRROR-RECEPTION", "period": "2026-W44", "left_series": "ASY_RECEPT_OCC|W|DMS|_Z|_T|_T|_T|facility=_T",
    "right_series": "ASY_RECEPT_OCC|W|DMS_RECEPT|_Z|_T|_T|_T|facility=_T", "left": 120.0, "right": 90.0,
    "difference": 30.0, "share": 0.25, "matches": false
}))]
pub struct ReconciledFigure {
    /// The rule that says that they should be alike.
    #[schema(max_length = 64)]
    pub rule_id: String,
    /// The period.
    pub period: PeriodText,
    /// Key of the one series.
    #[schema(max_length = 1000)]
    pub left_series: String,
    /// Key of the other.
    #[schema(max_length = 1000)]
    pub right_series: String,
    /// What the one says.
    #[schema(minimum = -1e15)]
    pub left: f64,
    /// What the other says.
    #[schema(minimum = -1e15)]
    pub right: f64,
    /// The one less the other.
    #[schema(minimum = -1e15)]
    pub difference: f64,
    /// The difference as a share of the greater one.
    #[schema(minimum = 0, maximum = 2)]
    pub share: f64,
    /// Whether the rule takes them as alike.
    pub matches: bool,
}

/// A page of reports side by side.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReconciliationPage {
    /// By rule, pair of indicators, series and period.
    #[schema(max_items = 50_000)]
    pub items: Vec<ReconciledFigure>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    pub next: Option<String>,
}
