//! The one form of every error answer: RFC 9457.

use crate::v1::{Finding, SubmissionCounts};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The title of a problem in both languages.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProblemTitle {
    /// In Ukrainian.
    #[schema(max_length = 500)]
    pub uk: String,
    /// In English.
    #[schema(max_length = 500)]
    pub en: String,
}

/// What is wrong with one query parameter or header.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ParameterFault {
    /// Its name.
    #[schema(max_length = 128)]
    pub name: String,
    /// Stable code.
    #[schema(max_length = 64, pattern = "^[a-z_]+\\.[a-z_]+$")]
    pub code: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 500)]
    pub expected: Option<String>,
}

/// A quota policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuotaPolicy {
    /// Requests of a body.
    Body,
    /// Bytes that a body sends.
    Bytes,
}

/// An error answer. A 5xx carries the request id and nothing of its cause.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:leleka:problem:resource.not_found", "title": "Не знайдено", "status": 404,
    "instance": "urn:uuid:01936f0e-7c2e-7b52-9d3a-1f6c0a4b7e10", "code": "resource.not_found",
    "titles": {"uk": "Не знайдено", "en": "Not found"}
}))]
pub struct Problem {
    /// `urn:leleka:problem:` and the code; for an exceeded quota the registered type of HTTP problems.
    #[serde(rename = "type")]
    #[schema(max_length = 128, format = "uri")]
    pub type_uri: String,
    /// Title in the language asked for, Ukrainian by default.
    #[schema(max_length = 500)]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What exactly, where the title is not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 1000)]
    pub detail: Option<String>,
    /// The request, `urn:uuid:`.
    #[schema(max_length = 64, format = "uri")]
    pub instance: String,
    /// Stable code, `area.snake_case`.
    #[schema(max_length = 64, pattern = "^[a-z_]+\\.[a-z_]+$")]
    pub code: String,
    /// Title in both languages.
    pub titles: ProblemTitle,
    /// Every wrong query parameter or header, in one answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub parameters: Vec<ParameterFault>,
    /// Names of the quota policies that the request would have exceeded.
    #[serde(rename = "violated-policies", skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub violated_policies: Vec<QuotaPolicy>,
    /// The submission that was recorded as rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submission_id: Option<Uuid>,
    /// The submission that stands in the way: the same content, accepted before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub existing_submission_id: Option<Uuid>,
    /// Version of the checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub ruleset_version: Option<String>,
    /// Version of the shared schema of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub schema_version: Option<String>,
    /// SHA-256 of the body, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 64, max_length = 64)]
    pub content_sha256: Option<String>,
    /// Counts of the submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub counts: Option<SubmissionCounts>,
    /// The first findings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub findings: Vec<Finding>,
    /// Where every finding is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 256)]
    pub findings_href: Option<String>,
    /// Whether there are more findings than shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub truncated: Option<bool>,
}
