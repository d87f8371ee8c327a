//! Publications of risk metrics on the wire: tables made safe, whole spans of time, pinned for citation.

use crate::number;
use crate::v1::RiskMetricLevel;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a table is made safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicationMethod {
    /// Small counts are left out, with others that would betray them.
    Suppress,
    /// Each count is rounded by itself; what would still betray a small one is left out.
    Round,
}

/// What is told of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicationCellStatus {
    /// The figure itself.
    Told,
    /// The figure, rounded.
    Rounded,
    /// Left out; which cells are small themselves is not said.
    Withheld,
    /// There is no figure.
    Missing,
}

/// One cell of a published table.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublicationCell {
    /// Codes by dimension of the metric, totals among them.
    #[schema(value_type = Object)]
    pub dimensions: BTreeMap<String, String>,
    /// The period; of weekly and daily metrics also the month that they add up to.
    #[schema(max_length = 21)]
    pub period: String,
    /// What is told.
    pub status: PublicationCellStatus,
    /// Whether it is a sum of the cells of this table that no source reported.
    pub computed: bool,
    /// The figure.
    #[serde(serialize_with = "number::value")]
    #[schema(required)]
    pub value: Option<f64>,
    /// Its level; absent where it would tell more than the figure does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub level: Option<RiskMetricLevel>,
    /// Its score from 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 10)]
    pub score: Option<f64>,
    /// Why there is no figure or no level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub reason: Option<String>,
}

/// The table of one span, as it was told; the cells asked for, of a table that was made safe as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PublicationTable {
    /// Its id: the same figures are always told as the same table.
    pub id: Uuid,
    /// The period that it is whole for: the month for weekly and daily metrics.
    #[schema(max_length = 21)]
    pub span: String,
    /// Version of the metric's definition.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Counts above zero and below this are not told.
    #[schema(minimum = 2, maximum = 1000)]
    pub threshold: i64,
    /// Counts are rounded to multiples of this.
    #[schema(minimum = 2, maximum = 1000)]
    pub rounding_base: u32,
    /// The newest vintage among its values.
    pub data_as_of: DateTime<Utc>,
    /// When it was told first.
    pub recorded_at: DateTime<Utc>,
    /// The cells.
    #[schema(max_items = 100_000)]
    pub cells: Vec<PublicationCell>,
}

/// Tables of a metric that may be shown to everybody.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskMetricPublication {
    /// Its id, when it is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<Uuid>,
    /// The metric.
    #[schema(max_length = 64)]
    pub code: String,
    /// Unit of its values.
    #[schema(max_length = 64)]
    pub unit: String,
    /// How the tables were made safe.
    pub method: PublicationMethod,
    /// The tables, by span.
    #[schema(max_items = 60)]
    pub tables: Vec<PublicationTable>,
}

/// What is to be pinned.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"from": "2026-W40", "to": "2026-W44", "method": "suppress"}))]
pub struct RiskMetricPublicationCreate {
    /// First period.
    #[schema(max_length = 21, example = "2026-W40")]
    pub from: String,
    /// Last period.
    #[schema(max_length = 21, example = "2026-W44")]
    pub to: String,
    /// How the tables are made safe.
    pub method: PublicationMethod,
}
