//! Risk metrics: definitions and their life, values, explanations, and how they came to be.

pub(crate) mod alert_history;
pub(crate) mod create;
pub(crate) mod evaluation;
pub(crate) mod explanation;
pub(crate) mod list;
pub(crate) mod publication;
pub(crate) mod publications;
pub(crate) mod recomputations;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod states;
pub(crate) mod test_runs;
pub(crate) mod values;
pub(crate) mod view;
pub(crate) mod withheld;

use crate::http::problem::{Failure, hexadecimal};
use crate::service::Service;
use chrono::NaiveDate;
use leleka_contract::v1::{
    CatalogueCode, RiskMetric, RiskMetricDetail, RiskMetricEvent, RiskMetricInterval, RiskMetricLevel,
    RiskMetricSensitivity, RiskMetricValue,
};
use leleka_domain::{Code, Frequency, Period};
use leleka_store::{DefinitionEvent, StoredDefinition, StoredMetricValue, definition_event_list};
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

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RiskMetricVersionPath {
    /// Code of the metric.
    #[param(max_length = 64, example = "RM_VSM_ASY")]
    pub(crate) code: String,
    /// Its version.
    #[param(minimum = 1)]
    pub(crate) version: i32,
}

impl RiskMetricVersionPath {
    /// PostgreSQL cannot even be asked about a code with U+0000.
    fn sound(self) -> Result<Self, Failure> {
        if self.code.contains('\0') {
            return Err(Failure::new(Code::ResourceNotFound));
        }
        Ok(self)
    }
}

/// Most events of a version that are told; the newest ones.
const MOST: usize = 1_000;

fn version_href(stored: &StoredDefinition) -> String {
    format!("/v1/risk-metrics/{}/versions/{}", stored.code, stored.version)
}

/// A version with its history; reads the database.
fn detail_read(service: &Service, stored: StoredDefinition) -> Result<RiskMetricDetail, Failure> {
    let mut reader = service.centre.store.reader()?;
    let mut history = definition_event_list(&mut reader, &stored.code, stored.version)?;
    history.drain(..history.len().saturating_sub(MOST));
    let event = |event: DefinitionEvent| RiskMetricEvent {
        occurred_at: event.occurred_at,
        from: event.from.map(Into::into),
        to: event.to.into(),
        client_id: event.client_id,
        body: event.body,
        comment: event.comment,
    };
    Ok(RiskMetricDetail {
        metric: definition_wire(stored),
        history: history.into_iter().map(event).collect(),
    })
}

/// The wire form of a definition.
pub(crate) fn definition_wire(stored: StoredDefinition) -> RiskMetric {
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
        href: version_href(&stored),
        code: stored.code,
        version: stored.version,
        state: stored.state.into(),
        note_uk: stored.note_uk,
        note_en: stored.note_en,
        definition: stored.content,
        definition_sha256: hexadecimal(&stored.content_sha256),
        created_at: stored.created_at,
    }
}

/// A period as it is written, from its frequency and first day as they are stored.
pub(crate) fn period_text(frequency: &str, day: NaiveDate) -> String {
    let frequency: Option<Frequency> = frequency.parse().ok();
    let period = frequency.and_then(|frequency| Period::containing(frequency, day));
    period.map_or_else(|| day.to_string(), |period| period.to_string())
}

/// The wire form of a level.
pub(crate) fn level_wire(stored: &str) -> RiskMetricLevel {
    match stored {
        "low" => RiskMetricLevel::Low,
        "guarded" => RiskMetricLevel::Guarded,
        "elevated" => RiskMetricLevel::Elevated,
        "high" => RiskMetricLevel::High,
        "critical" => RiskMetricLevel::Critical,
        _ => RiskMetricLevel::Unknown,
    }
}

/// The wire form of the dimensions of a key.
pub(crate) fn dimensions_wire(stored: &serde_json::Value) -> BTreeMap<String, CatalogueCode> {
    let pairs = stored.as_object().into_iter().flatten();
    pairs
        .filter_map(|(name, code)| Some((name.clone(), CatalogueCode(code.as_str()?.to_owned()))))
        .collect()
}

/// The wire form of a value, and whether it is to be computed anew.
pub(crate) fn value_wire(stored: &StoredMetricValue, stale: bool) -> RiskMetricValue {
    let dimensions: BTreeMap<String, String> =
        serde_json::from_value(stored.dimensions.clone()).unwrap_or_default();
    let period = period_text(&stored.frequency, stored.period);
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
        interval: interval_wire(stored),
        baseline: stored.baseline,
        baseline_lower: stored.baseline_lower,
        baseline_upper: stored.baseline_upper,
        method: stored.method.clone(),
        p: stored.p,
        score: stored.score,
        level: level_wire(&stored.level),
        reason: stored.reason.clone(),
        flags: stored.flags.clone(),
        n_inputs: stored.n_inputs,
        coverage: stored.coverage,
        provisional_share: stored.provisional_share,
        sensitivity: stored
            .sensitivity
            .as_ref()
            .and_then(|found| RiskMetricSensitivity::deserialize(found).ok()),
        n_baseline: stored.n_baseline,
        data_as_of: stored.data_as_of,
        recorded_at: stored.recorded_at,
        stale,
        input_digest: hexadecimal(&stored.input_digest),
        explanation_href: href,
    }
}

fn interval_wire(stored: &StoredMetricValue) -> Option<RiskMetricInterval> {
    Some(RiskMetricInterval {
        low: stored.interval_low?,
        high: stored.interval_high?,
        level: stored.interval_level?,
        method: stored.interval_method.clone()?,
    })
}
