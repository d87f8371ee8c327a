//! What alerts a metric gives over its stored history, and how well it judges, on the wire.

use crate::v1::{AlertEventKind, CatalogueCode, PeriodText, RiskMetricLevel};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A period in which something happened to an alert.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertTurn {
    /// The period.
    pub period: PeriodText,
    /// `raised`, `escalated` or `closed`.
    pub kind: AlertEventKind,
    /// Its level.
    pub level: RiskMetricLevel,
    /// Its q-value, where it could decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub q: Option<f64>,
}

/// An alert as the definition has it over the stored values, whether or not it was raised at the time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PastAlert {
    /// The dimensions it is about.
    pub dimensions: BTreeMap<String, CatalogueCode>,
    /// The period that opens it.
    pub opened_period: PeriodText,
    /// The period that closes it; absent while it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closed_period: Option<PeriodText>,
    /// The highest level.
    pub level: RiskMetricLevel,
    /// What happens, the opening first.
    #[schema(max_items = 1000)]
    pub turns: Vec<AlertTurn>,
}

/// Alerts by key and time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PastAlertPage {
    /// The alerts.
    #[schema(max_items = 1000)]
    pub items: Vec<PastAlert>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 8192)]
    pub next: Option<String>,
}

/// A share with the band in which the true one lies with 95 % (Wilson).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct MeasuredShare {
    /// How many.
    #[schema(minimum = 0)]
    pub count: u64,
    /// Out of how many.
    #[schema(minimum = 0)]
    pub of: u64,
    /// The share; absent where there is nothing to take it of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub share: Option<f64>,
    /// Lower end of the band.
    #[schema(minimum = 0, maximum = 1)]
    pub low: f64,
    /// Upper end of the band.
    #[schema(minimum = 0, maximum = 1)]
    pub high: f64,
}

/// How often p was at most this on quiet periods.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct CalibrationPoint {
    /// As often as it should be.
    #[schema(minimum = 0, maximum = 1)]
    pub p: f64,
    /// As often as it was.
    pub found: MeasuredShare,
    /// Whether the band holds what should be.
    pub in_band: bool,
}

/// Verdicts counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerdictCounts {
    /// Something happened.
    #[schema(minimum = 0)]
    pub real: u64,
    /// Something known happened.
    #[schema(minimum = 0)]
    pub known_event: u64,
    /// The figures were wrong.
    #[schema(minimum = 0)]
    pub data_error: u64,
    /// Nothing happened.
    #[schema(minimum = 0)]
    pub r#false: u64,
}

/// First level said about a period against the one said now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct LevelRevisionCounts {
    /// Changed, of those known both times.
    pub changed: MeasuredShare,
    /// Of them, higher now.
    #[schema(minimum = 0)]
    pub raised: u64,
    /// Of them, lower now.
    #[schema(minimum = 0)]
    pub lowered: u64,
    /// Mean number of levels between.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 4)]
    pub mean_steps: Option<f64>,
    /// Unknown first, known now.
    #[schema(minimum = 0)]
    pub became_known: u64,
    /// Known first, unknown now.
    #[schema(minimum = 0)]
    pub became_unknown: u64,
}

/// Cells without a level for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonCount {
    /// The reason.
    #[schema(max_length = 64)]
    pub reason: String,
    /// How many.
    #[schema(minimum = 0)]
    pub count: u64,
}

/// How well a metric judges, measured on what is stored.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricEvaluation {
    /// Code of the metric.
    #[schema(max_length = 64)]
    pub metric: String,
    /// Tests that are judged together.
    #[schema(max_length = 64)]
    pub family: String,
    /// Cells: keys times periods.
    #[schema(minimum = 0)]
    pub cells: u64,
    /// Periods.
    #[schema(minimum = 0)]
    pub periods: u64,
    /// Whether p-values are what they say, on periods that no alert found true covers.
    #[schema(max_items = 10)]
    pub calibration: Vec<CalibrationPoint>,
    /// Cells at elevated or above.
    pub alarms: MeasuredShare,
    /// The same for one period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0)]
    pub alarms_per_period: Option<f64>,
    /// Cells with q at most 0.1 in their family.
    pub listed: MeasuredShare,
    /// Alerts raised.
    #[schema(minimum = 0)]
    pub alerts: u64,
    /// What they were found to be.
    pub verdicts: VerdictCounts,
    /// Real ones and known events among those judged: the positive predictive value.
    pub positive_predictive_value: MeasuredShare,
    /// Cells without a level.
    pub unknown: MeasuredShare,
    /// Why.
    #[schema(max_items = 100)]
    pub unknown_by_reason: Vec<ReasonCount>,
    /// How far levels moved after they were first said.
    pub revisions: LevelRevisionCounts,
}
