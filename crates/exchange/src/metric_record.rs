//! A computed value as it is stored, and whether it says something else than the one before.

use crate::ActError;
use crate::metric_feeding::text_of;
use chrono::{DateTime, Utc};
use leleka_risk::{Definition, Flag, MetricValue};
use leleka_store::StoredMetricValue;

/// A value as it is stored.
///
/// # Errors
/// When the definition is none that can be stored.
pub(crate) fn stored_value(
    definition: &Definition,
    value: &MetricValue,
    vintage: DateTime<Utc>,
) -> Result<StoredMetricValue, ActError> {
    let corrupt = || ActError::Definition(definition.code.clone());
    Ok(StoredMetricValue {
        id: 0,
        code: definition.code.clone(),
        version: version_of(definition)?,
        key: text_of(&value.key),
        dimensions: serde_json::json!(value.key),
        frequency: value.period.frequency().to_string(),
        period: value.period.start(),
        value: value.value.map(unsigned_zero),
        unit: value.unit.clone(),
        baseline: value.baseline.map(unsigned_zero),
        baseline_lower: value.baseline_lower.map(unsigned_zero),
        baseline_upper: value.baseline_upper.map(unsigned_zero),
        interval_low: value.interval.map(|interval| unsigned_zero(interval.low)),
        interval_high: value.interval.map(|interval| unsigned_zero(interval.high)),
        interval_level: value.interval.map(|interval| interval.level),
        interval_method: value.interval.map(|interval| interval.method.to_owned()),
        provisional_share: Some(unsigned_zero(value.provisional_share)),
        sensitivity: value.sensitivity.as_ref().map(|found| serde_json::json!(found)),
        method: value.method.map(str::to_owned),
        p: value.p.map(unsigned_zero),
        score: value.score.map(unsigned_zero),
        level: value.level.code().to_owned(),
        reason: value.reason.map(|reason| reason.code().to_owned()),
        flags: value.flags.codes().into_iter().map(str::to_owned).collect(),
        n_inputs: i32::try_from(value.n_inputs).unwrap_or(i32::MAX),
        coverage: unsigned_zero(value.coverage),
        n_baseline: i32::try_from(value.n_baseline).unwrap_or(i32::MAX),
        data_as_of: vintage,
        recorded_at: DateTime::default(),
        input_digest: digest_bytes(&value.input_digest).ok_or_else(corrupt)?,
        inputs: serde_json::json!(value.inputs),
    })
}

/// The same number; the store knows no negative zero.
fn unsigned_zero(number: f64) -> f64 {
    number + 0.0
}

/// The version of a definition as the store keeps it.
///
/// # Errors
/// When it is too large.
pub(crate) fn version_of(definition: &Definition) -> Result<i32, ActError> {
    i32::try_from(definition.version).map_err(|_| ActError::Definition(definition.code.clone()))
}

pub(crate) fn digest_bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let pairs = hexadecimal
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

/// Whether something else is said now; the vintage alone is no difference.
pub(crate) fn differs(before: &StoredMetricValue, now: &StoredMetricValue) -> bool {
    let mut same = StoredMetricValue {
        id: before.id,
        data_as_of: before.data_as_of,
        recorded_at: before.recorded_at,
        inputs: before.inputs.clone(),
        ..now.clone()
    };
    if before.provisional_share.is_none() {
        // Recorded before uncertainty was kept: silence about it is no difference.
        same = StoredMetricValue {
            baseline_lower: None,
            interval_low: None,
            interval_high: None,
            interval_level: None,
            interval_method: None,
            provisional_share: None,
            sensitivity: None,
            ..same
        };
        same.flags.retain(|flag| flag != Flag::Fragile.code());
    }
    same != *before
}
