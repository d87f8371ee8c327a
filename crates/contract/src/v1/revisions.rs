//! Revisions and nowcasts on the wire.

use crate::number;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// One version of a figure.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FigureVersion {
    /// The figure; `null` when it was taken back or is missing.
    #[serde(serialize_with = "number::value")]
    #[schema(required)]
    pub value: Option<f64>,
    /// When it became known.
    pub recorded_at: DateTime<Utc>,
    /// The submission that brought it.
    pub submission_id: Uuid,
    /// Difference from the figure before; absent for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub change: Option<f64>,
    /// The difference over the figure before; absent where that is zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub relative_change: Option<f64>,
}

/// A figure with everything that was said of it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RevisedFigure {
    /// Its period.
    #[schema(max_length = 21)]
    pub period: String,
    /// Days from the end of the period to the first figure; absent when there never was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = -100_000)]
    pub delay_days: Option<i64>,
    /// Every version, the first one first.
    #[schema(max_items = 100_000)]
    pub versions: Vec<FigureVersion>,
}

/// How figures were revised, from the first to the newest.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RevisionStatistics {
    /// Figures that were delivered.
    #[schema(minimum = 0)]
    pub figures: usize,
    /// Figures that were delivered again with another value.
    #[schema(minimum = 0)]
    pub revised: usize,
    /// Mean revision over all figures; its sign tells a bias.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mean: Option<f64>,
    /// Mean absolute revision over all figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mean_absolute: Option<f64>,
    /// Sum of absolute revisions over the sum of absolute newest figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub relative_mean_absolute: Option<f64>,
    /// Median of the absolute revisions of those that were revised.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub median_absolute: Option<f64>,
    /// The size that nine tenths of the revised do not exceed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub p90_absolute: Option<f64>,
    /// Share of the revised that went up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, maximum = 1)]
    pub upward_share: Option<f64>,
    /// Median days from the end of a period to its first figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub delay_days_median: Option<f64>,
}

/// How complete figures are so many periods after their own has ended, from first vintages.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DelayCompleteness {
    /// Whole periods since the end of the period that the figure is of.
    #[schema(minimum = 0)]
    pub delay: usize,
    /// By how much figures grew from the delay before; absent for the first, and where no period tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub factor: Option<f64>,
    /// Periods that the factor rests on.
    #[schema(minimum = 0)]
    pub n_periods: usize,
    /// Share of the final figure that is there by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub completeness: Option<f64>,
}

/// What a newest period will hold once everything is reported. It stands beside what was reported, never in its place.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Nowcast {
    /// The period.
    #[schema(max_length = 21)]
    pub period: String,
    /// What was reported.
    pub reported: f64,
    /// The estimate.
    pub estimate: f64,
    /// Always `estimated`.
    #[schema(value_type = String, max_length = 16)]
    pub flag: &'static str,
    /// Lower bound of the 95 % interval, by Mack's standard error; absent where too few periods tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub lo95: Option<f64>,
    /// Upper bound of the 95 % interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub hi95: Option<f64>,
    /// Share of the estimate that is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub completeness: Option<f64>,
    /// The fewest periods that one of its factors rests on.
    #[schema(minimum = 0)]
    pub n_periods: usize,
}

/// Revisions of one indicator as one body reports it, or of one series.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RevisionGroup {
    /// Source body.
    #[schema(max_length = 32)]
    pub body: String,
    /// Indicator.
    #[schema(max_length = 64)]
    pub indicator: String,
    /// SDMX `CL_FREQ`.
    #[schema(max_length = 2)]
    pub frequency: String,
    /// Series in the group.
    #[schema(minimum = 0)]
    pub series: usize,
    /// Statistics over all figures.
    pub statistics: RevisionStatistics,
    /// Completeness by delay, from periods whose first figure came in time.
    #[schema(max_items = 32)]
    pub completeness: Vec<DelayCompleteness>,
    /// Estimates for periods that may still grow, oldest first.
    #[schema(max_items = 32)]
    pub nowcasts: Vec<Nowcast>,
    /// Every figure with its versions; only when `seriesId` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 100_000)]
    pub figures: Option<Vec<RevisedFigure>>,
}

/// Revisions by source body and indicator.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RevisionPage {
    /// The vintage that was looked at.
    pub data_as_of: DateTime<Utc>,
    /// The groups, by body, indicator and frequency.
    #[schema(max_items = 500)]
    pub items: Vec<RevisionGroup>,
}
