//! The risk board on the wire: the newest value of every metric and key, and what stands beside it.

use crate::number;
use crate::v1::{
    AlertState, AlertVerdict, CiramComponent, PeriodText, RiskAssessment, RiskMetricLevel, RiskMetricValue,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a level stands to that of the period before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevelChange {
    /// Higher.
    Up,
    /// Lower.
    Down,
    /// The same.
    Same,
    /// There is no period before.
    New,
    /// It was unknown before.
    BecameKnown,
    /// It is unknown now.
    BecameUnknown,
}

/// What was said about the period before.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskBoardBefore {
    /// The period.
    pub period: PeriodText,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::value")]
    #[schema(nullable = false)]
    pub value: Option<f64>,
    /// Its level.
    pub level: RiskMetricLevel,
}

/// A newer period, which has no value.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskBoardNewer {
    /// The period.
    pub period: PeriodText,
    /// Why it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub reason: Option<String>,
}

/// The alert that stands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskBoardAlert {
    /// Identifier.
    pub id: Uuid,
    /// Where it stands.
    pub state: AlertState,
    /// The highest level since it opened.
    pub level: RiskMetricLevel,
    /// The period that opened it.
    pub opened_period: PeriodText,
    /// What it was found to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub verdict: Option<AlertVerdict>,
}

/// One cell of the board.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskBoardItem {
    /// The value of the newest period that has one; where there never was one, the newest period with its reason.
    pub value: RiskMetricValue,
    /// Ukrainian name of the metric.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name of the metric.
    #[schema(max_length = 500)]
    pub name_en: String,
    /// Component of CIRAM.
    pub component: CiramComponent,
    /// Tests that are judged together.
    #[schema(max_length = 64)]
    pub family: String,
    /// Benjamini–Hochberg q among all cells of the family in this period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub q: Option<f64>,
    /// Whether q is at most 0.1: then a bulletin lists it.
    pub listed: bool,
    /// How the level changed since the period before.
    pub change: RiskLevelChange,
    /// By how many levels, signed.
    #[schema(minimum = -4, maximum = 4)]
    pub change_steps: i8,
    /// The period before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<RiskBoardBefore>,
    /// A newer period without a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub newer: Option<RiskBoardNewer>,
    /// The alert that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub alert: Option<RiskBoardAlert>,
    /// The newest judgement of an analyst that holds; it stands beside the level and never replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub assessment: Option<RiskAssessment>,
}

/// Cells by level. Unknown is counted apart and never as low.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct RiskLevelCounts {
    /// Critical.
    #[schema(minimum = 0)]
    pub critical: u64,
    /// High.
    #[schema(minimum = 0)]
    pub high: u64,
    /// Elevated.
    #[schema(minimum = 0)]
    pub elevated: u64,
    /// Guarded.
    #[schema(minimum = 0)]
    pub guarded: u64,
    /// Low.
    #[schema(minimum = 0)]
    pub low: u64,
    /// Not known.
    #[schema(minimum = 0)]
    pub unknown: u64,
}

/// Cells of one component of CIRAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RiskComponentCounts {
    /// The component.
    pub component: CiramComponent,
    /// Its cells by level.
    pub levels: RiskLevelCounts,
}

/// The board in numbers: everything that the query names, not only this page.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskBoardSummary {
    /// Cells.
    #[schema(minimum = 0)]
    pub cells: u64,
    /// By level.
    pub levels: RiskLevelCounts,
    /// By component and level.
    #[schema(max_items = 4)]
    pub components: Vec<RiskComponentCounts>,
    /// Cells that a bulletin lists.
    #[schema(minimum = 0)]
    pub listed: u64,
    /// Cells whose level rose.
    #[schema(minimum = 0)]
    pub raised: u64,
    /// Cells with an alert that stands.
    #[schema(minimum = 0)]
    pub alerts: u64,
    /// Cells that are not shown because they rest on confidential figures.
    #[schema(minimum = 0)]
    pub withheld: u64,
    /// The newest vintage among the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub data_as_of: Option<DateTime<Utc>>,
}

/// The board: highest level first, then smallest q, then metric and key; unknown last.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskBoardPage {
    /// In numbers.
    pub summary: RiskBoardSummary,
    /// The cells.
    #[schema(max_items = 1000)]
    pub items: Vec<RiskBoardItem>,
    /// Path of the next page, which shows the same moment; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 8192)]
    pub next: Option<String>,
}
