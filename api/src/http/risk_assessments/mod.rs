//! Analysts' judgements beside the computed levels.

pub(crate) mod create;
pub(crate) mod list;

use crate::http::risk_metrics::{dimensions_wire, period_text};
use leleka_contract::v1::{AssessedLevel, AssessmentConfidence, CiramComponent, PeriodText, RiskAssessment};
use leleka_store::StoredAssessment;

/// The components of CIRAM, as words of a parameter.
pub(crate) const COMPONENTS: [&str; 4] = ["threat.magnitude", "threat.likelihood", "vulnerability", "impact"];

/// The wire form of a component.
pub(crate) fn component_wire(stored: &str) -> CiramComponent {
    match stored {
        "threat.magnitude" => CiramComponent::ThreatMagnitude,
        "threat.likelihood" => CiramComponent::ThreatLikelihood,
        "vulnerability" => CiramComponent::Vulnerability,
        _ => CiramComponent::Impact,
    }
}

/// The wire form of a judgement.
pub(crate) fn assessment_wire(stored: StoredAssessment) -> RiskAssessment {
    let period = stored.frequency.zip(stored.period);
    RiskAssessment {
        id: stored.id,
        metric: stored.code,
        component: stored.component.as_deref().map(component_wire),
        dimensions: dimensions_wire(&stored.dimensions),
        period: period.map(|(frequency, day)| PeriodText(period_text(&frequency, day))),
        level: match stored.level.as_str() {
            "low" => AssessedLevel::Low,
            "guarded" => AssessedLevel::Guarded,
            "elevated" => AssessedLevel::Elevated,
            "high" => AssessedLevel::High,
            _ => AssessedLevel::Critical,
        },
        confidence: match stored.confidence.as_str() {
            "low" => AssessmentConfidence::Low,
            "moderate" => AssessmentConfidence::Moderate,
            _ => AssessmentConfidence::High,
        },
        text_uk: stored.text_uk,
        text_en: stored.text_en,
        expires_at: stored.expires_at,
        client_id: stored.client_id,
        occurred_at: stored.occurred_at,
        superseded: stored.superseded,
    }
}
