//! Explaining one stored value: the computation again, from its own vintage, down to the rows.
//!
//! Reads only. What is computed must be what was stored, to the digest of its inputs; else it is no explanation.

use crate::metric_dirty::key_text;
use crate::metric_feeding::Grouping;
use crate::metric_load::{GroupWork, Loaded};
use crate::metric_record::digest_bytes;
use crate::metric_stale::stale_find;
use crate::{ActError, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{Period, value_to_text};
use leleka_risk::{
    Definition, Detail, Key, Level, MetricValue, ObservationId, evaluate_metric, explained_since,
};
use leleka_store::{
    ObservationVersion, StoredMetricValue, StoredSeries, definition_find, metric_value_find,
    observation_version_list,
};
use std::collections::{BTreeMap, BTreeSet};

/// A value with everything behind it.
#[derive(Clone, Debug)]
pub struct MetricExplained {
    /// The value, as stored.
    pub stored: StoredMetricValue,
    /// Whether it is to be computed anew.
    pub stale: bool,
    /// In a sentence, Ukrainian.
    pub text_uk: String,
    /// In a sentence, English.
    pub text_en: String,
    /// The tree of the computation.
    pub computation: serde_json::Value,
    /// The observation versions that were used, with their series, submissions and rows.
    pub observations: Vec<(StoredSeries, ObservationVersion)>,
}

/// Explains what was said about a key and period; `None` when nothing was said.
///
/// # Errors
/// When the database does not answer, or the stored value cannot be computed again.
pub fn metric_explain(
    centre: &Centre,
    code: &str,
    key: &Key,
    period: Period,
    as_of: Option<DateTime<Utc>>,
) -> Result<Option<MetricExplained>, ActError> {
    let text = key_text(key.iter().map(|(name, code)| (name.as_str(), code.as_str())));
    let (found, stale) = centre.store.reader()?.snapshot(|reader| {
        let found = metric_value_find(reader, code, &text, period.start(), as_of)?;
        let stale = stale_find(reader, &centre.book(), code, as_of, found.as_slice())?;
        Ok((found, stale.first().copied().unwrap_or(false)))
    })?;
    let Some(stored) = found.filter(|stored| stored.frequency == period.frequency().to_string()) else {
        return Ok(None);
    };
    let definition = definition_of(centre, &stored)?;
    let work = GroupWork {
        group: Grouping::of(&definition).group(key),
        cells: BTreeMap::from([(key.clone(), BTreeSet::from([explained_since(period), period]))]),
    };
    let works = std::slice::from_ref(&work);
    let loaded = Loaded::read(&mut centre.store.reader()?, &definition, works, stored.data_as_of)?;
    let computed = evaluate_metric(
        &definition,
        &loaded.set(0),
        Some(std::slice::from_ref(key)),
        &[period],
        Detail::Explained,
    );
    let value = computed
        .into_iter()
        .next()
        .ok_or_else(|| ActError::Definition(code.to_owned()))?;
    if digest_bytes(&value.input_digest) != Some(stored.input_digest.clone()) {
        return Err(ActError::NotReproduced(format!("{code} {period}")));
    }
    let observations = observations_read(centre, &value)?;
    let (text_uk, text_en) = sentences(&definition, &value);
    let computation = serde_json::json!(value.explanation);
    Ok(Some(MetricExplained {
        stored,
        stale,
        text_uk,
        text_en,
        computation,
        observations,
    }))
}

/// The version of the definition that made the value, which may be retired by now.
pub(crate) fn definition_of(centre: &Centre, stored: &StoredMetricValue) -> Result<Definition, ActError> {
    let fault = || ActError::Definition(format!("{}/{}", stored.code, stored.version));
    let book = centre.book();
    let version = u32::try_from(stored.version).map_err(|_error| fault())?;
    if let Some(known) = book.library.find(&stored.code, version) {
        return Ok((**known).clone());
    }
    // Published a moment ago: this process has not read it yet.
    let found = definition_find(&mut centre.store.reader()?, &stored.code, stored.version)?;
    let text = found.ok_or_else(fault)?.content.to_string();
    Definition::parse_with(&text, &book.library).map_err(|_faults| fault())
}

fn observations_read(
    centre: &Centre,
    value: &MetricValue,
) -> Result<Vec<(StoredSeries, ObservationVersion)>, ActError> {
    let mut ids: Vec<ObservationId> = value
        .inputs
        .iter()
        .chain(&value.baseline_inputs)
        .copied()
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<(i64, NaiveDate, i64)> = ids
        .into_iter()
        .map(|id| (id.series.0, id.period_start, id.position))
        .collect();
    Ok(observation_version_list(&mut centre.store.reader()?, &ids)?)
}

/// What was measured, against what, and what came out, in both languages.
fn sentences(definition: &Definition, value: &MetricValue) -> (String, String) {
    let number = |number: Option<f64>| {
        number.map_or_else(|| "–".to_owned(), |it| value_to_text(rounded(it, definition)))
    };
    let (period, shown) = (value.period, number(value.value));
    let (mut uk, mut en) = (
        format!(
            "{}, {period}: значення {shown}, рівень {}",
            definition.text.uk.name,
            level_uk(value.level)
        ),
        format!(
            "{}, {period}: value {shown}, level {}",
            definition.text.en.name,
            value.level.code()
        ),
    );
    if let Some(reason) = value.reason {
        let (reason_uk, reason_en) = reason.text();
        uk.push_str(&format!(" ({reason_uk})"));
        en.push_str(&format!(" ({reason_en})"));
    }
    if value.baseline.is_some() {
        uk.push_str(&format!(
            "; зазвичай {}, {} періодів",
            number(value.baseline),
            value.n_baseline
        ));
        en.push_str(&format!(
            "; usually {}, {} periods",
            number(value.baseline),
            value.n_baseline
        ));
    }
    uk.push_str(&format!(". {}", definition.text.uk.explanation));
    en.push_str(&format!(". {}", definition.text.en.explanation));
    (uk, en)
}

fn level_uk(level: Level) -> &'static str {
    match level {
        Level::Unknown => "невідомий",
        Level::Low => "низький",
        Level::Guarded => "помірний",
        Level::Elevated => "підвищений",
        Level::High => "високий",
        Level::Critical => "критичний",
    }
}

fn rounded(number: f64, definition: &Definition) -> f64 {
    let scale = 10_f64.powi(i32::from(definition.decimals));
    (number * scale).round_ties_even() / scale
}
