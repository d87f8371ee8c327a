//! Risk metrics: definitions, values, explanations, and how they came to be.

pub(crate) mod explanation;
pub(crate) mod list;
pub(crate) mod recomputations;
pub(crate) mod runs;
pub(crate) mod values;
pub(crate) mod view;

use crate::http::problem::hexadecimal;
use leleka_contract::v1::{RiskMetric, RiskMetricLevel, RiskMetricValue};
use leleka_domain::{Frequency, Period};
use leleka_store::{ActiveDefinition, StoredMetricValue};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;

/// Which metric.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RiskMetricPath {
    /// Its code.
    #[param(max_length = 64, example = "RM_VSM_ASY")]
    pub(crate) code: String,
}

/// The wire form of a definition.
pub(crate) fn definition_wire(stored: ActiveDefinition) -> RiskMetric {
    let name = |language: &str| {
        let text = stored.content.pointer(&format!("/text/name/{language}"));
        text.or_else(|| stored.content.pointer(&format!("/text/{language}/name")))
            .and_then(|name| name.as_str())
            .unwrap_or(&stored.code)
            .to_owned()
    };
    RiskMetric {
        name_uk: name("uk"),
        name_en: name("en"),
        code: stored.code,
        version: stored.version,
        status: stored.status,
        definition: stored.content,
        definition_sha256: hexadecimal(&stored.content_sha256),
        created_at: stored.created_at,
    }
}

/// The wire form of a value, and whether it is to be computed anew.
pub(crate) fn value_wire(stored: &StoredMetricValue, stale: bool) -> RiskMetricValue {
    let dimensions: BTreeMap<String, String> =
        serde_json::from_value(stored.dimensions.clone()).unwrap_or_default();
    let frequency: Option<Frequency> = stored.frequency.parse().ok();
    let period = frequency.and_then(|frequency| Period::containing(frequency, stored.period));
    let period = period.map_or_else(|| stored.period.to_string(), |period| period.to_string());
    let mut href = format!("/v1/risk-metrics/{}/explanation?period={period}", stored.code);
    for (name, code) in &dimensions {
        href.push_str(&format!("&dimension={name}={code}"));
    }
    RiskMetricValue {
        code: stored.code.clone(),
        version: stored.version,
        dimensions,
        period,
        value: stored.value,
        unit: stored.unit.clone(),
        baseline: stored.baseline,
        baseline_upper: stored.baseline_upper,
        method: stored.method.clone(),
        p: stored.p,
        score: stored.score,
        level: match stored.level.as_str() {
            "low" => RiskMetricLevel::Low,
            "guarded" => RiskMetricLevel::Guarded,
            "elevated" => RiskMetricLevel::Elevated,
            "high" => RiskMetricLevel::High,
            "critical" => RiskMetricLevel::Critical,
            _ => RiskMetricLevel::Unknown,
        },
        reason: stored.reason.clone(),
        flags: stored.flags.clone(),
        n_inputs: stored.n_inputs,
        coverage: stored.coverage,
        n_baseline: stored.n_baseline,
        data_as_of: stored.data_as_of,
        recorded_at: stored.recorded_at,
        stale,
        input_digest: hexadecimal(&stored.input_digest),
        explanation_href: href,
    }
}
