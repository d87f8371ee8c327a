//! Mapping profiles on the wire. The form of a profile itself is `openapi/mapping-profile-v1.schema.json`.

use crate::v1::{Finding, Observation, Series, SubmissionCounts, SubmissionState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What may be done with a version of a mapping profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MappingProfileState {
    /// May be tried, may not be used.
    Draft,
    /// May be used by submissions.
    Approved,
    /// May not be used any more; what was read with it stays.
    Retired,
}

impl From<leleka_domain::ProfileState> for MappingProfileState {
    fn from(state: leleka_domain::ProfileState) -> Self {
        match state {
            leleka_domain::ProfileState::Draft => Self::Draft,
            leleka_domain::ProfileState::Approved => Self::Approved,
            leleka_domain::ProfileState::Retired => Self::Retired,
        }
    }
}

/// How a body's file becomes rows: one version, without its content.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MappingProfile {
    /// Stable code, for `profile=CODE`.
    #[schema(max_length = 64)]
    pub code: String,
    /// Version, for `profile=CODE@3`; a stored version is never changed.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Its state.
    pub state: MappingProfileState,
    /// Whose file.
    #[schema(max_length = 32)]
    pub body: String,
    /// Which dataflow it fills.
    #[schema(max_length = 64)]
    pub dataflow: String,
    /// What it is for, in Ukrainian.
    #[schema(max_length = 2000)]
    pub note_uk: String,
    /// What it is for, in English.
    #[schema(max_length = 2000)]
    pub note_en: String,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// Where its content and history are.
    #[schema(max_length = 256)]
    pub href: String,
}

/// A page of mapping profiles, by code and version.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MappingProfilePage {
    /// The versions.
    #[schema(max_items = 200)]
    pub items: Vec<MappingProfile>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    pub next: Option<String>,
}

/// One change of a version's state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MappingProfileEvent {
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// State before; absent for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<MappingProfileState>,
    /// State after.
    pub to: MappingProfileState,
    /// With which client; absent when the catalogue was loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub client_id: Option<String>,
    /// For which body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub body: Option<String>,
    /// Why, in words.
    #[schema(max_length = 2000)]
    pub comment: String,
}

/// A version of a profile and its state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MappingProfileVersion {
    /// Version.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Its state.
    pub state: MappingProfileState,
}

/// One version with its content and history.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MappingProfileDetail {
    /// The version.
    #[serde(flatten)]
    pub profile: MappingProfile,
    /// SHA-256 of the content as JSON with sorted members and no blanks, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
    /// The description; its form is `GET /v1/mapping-profiles/schema`.
    #[schema(value_type = Object)]
    pub content: serde_json::Value,
    /// What happened to this version, in order.
    #[schema(max_items = 1000)]
    pub history: Vec<MappingProfileEvent>,
    /// Every version of this code, oldest first.
    #[schema(max_items = 1000)]
    pub versions: Vec<MappingProfileVersion>,
}

/// Why a version is approved or retired.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"comment": "Перевірено на трьох файлах за жовтень"}))]
pub struct MappingProfileChange {
    /// In words; stands in the history.
    #[schema(min_length = 1, max_length = 2000)]
    pub comment: String,
}

/// An observation that was read from a sample.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MappingProfileObservation {
    /// Data row of the sample, counted from 1.
    #[schema(minimum = 1)]
    pub row: u32,
    /// Its series.
    pub series: Series,
    /// Period, value and statuses.
    pub observation: Observation,
}

/// What a version makes of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MappingProfileTestRun {
    /// Code of the profile.
    #[schema(max_length = 64)]
    pub code: String,
    /// Version that was tried.
    #[schema(minimum = 1)]
    pub version: i32,
    /// Its state.
    pub state: MappingProfileState,
    /// The state that a submission would get, as far as its rows decide it.
    pub would_be: SubmissionState,
    /// Counts. A sample is not compared with stored figures: `new`, `revised` and `unchanged` are 0.
    pub counts: SubmissionCounts,
    /// Ignored rows by the reason declared in the profile.
    pub ignored_by_reason: BTreeMap<String, u64>,
    /// SHA-256 of the sample, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub content_sha256: String,
    /// Version of the checks.
    #[schema(max_length = 32)]
    pub ruleset_version: String,
    /// The first findings.
    #[schema(max_items = 100)]
    pub findings: Vec<Finding>,
    /// Whether there are more.
    pub truncated: bool,
    /// The first observations of sound rows, by row.
    #[schema(max_items = 20)]
    pub observations: Vec<MappingProfileObservation>,
}
