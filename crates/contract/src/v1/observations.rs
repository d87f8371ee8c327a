//! Series and observations on the wire.

use crate::number;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A series: what is counted, by whom, broken down how.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Series {
    /// Its number, 16 hexadecimal digits.
    #[schema(min_length = 16, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    pub id: String,
    /// Indicator.
    #[schema(max_length = 64)]
    pub indicator: String,
    /// SDMX `CL_FREQ`; `_O` for ranges.
    #[schema(max_length = 2)]
    pub frequency: String,
    /// Source body.
    #[schema(max_length = 32)]
    pub body: String,
    /// KATOTTH code or `UA`; absent when the indicator has no such dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub territory: Option<String>,
    /// Country code; `_T` is the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub citizenship: Option<String>,
    /// SDMX `CL_SEX`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 8)]
    pub sex: Option<String>,
    /// SDMX age.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 16)]
    pub age: Option<String>,
    /// Other dimensions by name.
    pub dimensions: BTreeMap<String, String>,
    /// Counting unit.
    #[schema(max_length = 64)]
    pub unit: String,
}

/// A page of series, by key.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SeriesPage {
    /// The series.
    #[schema(max_items = 1000)]
    pub items: Vec<Series>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    pub next: Option<String>,
}

/// One observation in one version.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Observation {
    /// The period.
    #[schema(max_length = 21)]
    pub period: String,
    /// The number, exactly as sent; `null` when the status says why there is none.
    #[serde(serialize_with = "number::value")]
    #[schema(required)]
    pub value: Option<f64>,
    /// Whether it was taken back at this moment: from here on there is no figure. Only with `includeHistory` or
    /// `updatedAfter`; then `value` is `null` and `obs_status` is `O`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub retracted: bool,
    /// SDMX `CL_OBS_STATUS`.
    #[schema(value_type = String, max_length = 1, pattern = "^[A-Z]$")]
    pub obs_status: &'static str,
    /// Other statuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, max_items = 20)]
    pub obs_flags: Vec<&'static str>,
    /// SDMX `CL_CONF_STATUS`; absent when free.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, max_length = 1)]
    pub conf_status: Option<&'static str>,
    /// The submission that brought it; with `lineage=true` or history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submission_id: Option<Uuid>,
    /// Its data row there; absent when no row took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub row: Option<i32>,
    /// When it became known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recorded_at: Option<DateTime<Utc>>,
}

/// A series and its observations, by period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SeriesObservations {
    /// The series.
    pub series: Series,
    /// Its observations; with history, versions of one period stand in the order in which they became known.
    #[schema(max_items = 50_000)]
    pub observations: Vec<Observation>,
}

/// A page of observations, by series and period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ObservationPage {
    /// When the newest submission that can be in the answer became known; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub data_as_of: Option<DateTime<Utc>>,
    /// Series with their observations.
    #[schema(max_items = 50_000)]
    pub items: Vec<SeriesObservations>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 4096)]
    pub next: Option<String>,
}
