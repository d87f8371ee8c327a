//! Assessments on the wire: an analyst's judgement beside the computed level, never in its place.

use crate::v1::{CatalogueCode, PeriodText};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A component of the Common Integrated Risk Analysis Model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum CiramComponent {
    /// How much.
    #[serde(rename = "threat.magnitude")]
    ThreatMagnitude,
    /// How likely.
    #[serde(rename = "threat.likelihood")]
    ThreatLikelihood,
    /// Capacity to mitigate.
    #[serde(rename = "vulnerability")]
    Vulnerability,
    /// Consequences.
    #[serde(rename = "impact")]
    Impact,
}

/// A level that can be judged: there is no judgement that something is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssessedLevel {
    /// Low.
    Low,
    /// Guarded.
    Guarded,
    /// Elevated.
    Elevated,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// How sure the analyst is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssessmentConfidence {
    /// Little.
    Low,
    /// Fairly.
    Moderate,
    /// Very.
    High,
}

/// A judgement.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskAssessment {
    /// Identifier.
    pub id: Uuid,
    /// Code of the metric that is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub metric: Option<String>,
    /// The component that is judged, when no metric is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub component: Option<CiramComponent>,
    /// The dimensions that are judged.
    pub dimensions: BTreeMap<String, CatalogueCode>,
    /// The period that is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub period: Option<PeriodText>,
    /// Level.
    pub level: AssessedLevel,
    /// How sure.
    pub confidence: AssessmentConfidence,
    /// In Ukrainian.
    #[schema(max_length = 2000)]
    pub text_uk: String,
    /// In English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub text_en: Option<String>,
    /// It does not hold any more from this moment; never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Who judged.
    #[schema(max_length = 64)]
    pub client_id: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// Whether a newer one judges the same.
    pub superseded: bool,
}

/// Judgements, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RiskAssessmentPage {
    /// The judgements.
    #[schema(max_items = 500)]
    pub items: Vec<RiskAssessment>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 8192)]
    pub next: Option<String>,
}

/// A judgement to be kept. Either `metric` or `component`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "metric": "RM_VSM_REFUSED", "dimensions": {"citizenship": "UA", "reporting_state": "PL"}, "period": "2025",
    "level": "guarded", "confidence": "moderate", "text_uk": "Зростання пояснюється новими правилами в'їзду."
}))]
pub struct RiskAssessmentCreate {
    /// Code of the metric that is judged.
    #[schema(nullable = false, max_length = 64)]
    pub metric: Option<String>,
    /// The component that is judged, when no metric is.
    #[schema(nullable = false)]
    pub component: Option<CiramComponent>,
    /// The dimensions that are judged; of a metric, every one that it is computed by.
    #[serde(default)]
    pub dimensions: BTreeMap<String, CatalogueCode>,
    /// The period that is judged.
    #[schema(nullable = false)]
    pub period: Option<PeriodText>,
    /// Level.
    pub level: AssessedLevel,
    /// How sure.
    pub confidence: AssessmentConfidence,
    /// In Ukrainian.
    #[schema(min_length = 1, max_length = 2000)]
    pub text_uk: String,
    /// In English.
    #[schema(nullable = false, max_length = 2000)]
    pub text_en: Option<String>,
    /// It does not hold any more from this moment.
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
}
