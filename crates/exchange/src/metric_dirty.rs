//! What a submission makes dirty: for each series that changed, the metrics, keys and periods it feeds.
//!
//! Pure. Too much is allowed here, too little never: the recomputation finds out what really differs.

use chrono::NaiveDate;
use leleka_domain::SeriesKey;
use leleka_risk::{Definition, Input};
use leleka_store::DirtyRange;
use rustc_hash::FxHashMap;

/// Every key of a metric.
pub(crate) const EVERY_KEY: &str = "*";

/// The ranges to mark; one for each metric, key and input, however many series lead to it.
pub(crate) fn dirty_ranges<'a>(
    definitions: &[Definition],
    touched: impl Iterator<Item = (&'a SeriesKey, (NaiveDate, NaiveDate))>,
) -> Vec<DirtyRange> {
    let mut by_indicator: FxHashMap<&str, Vec<(&Definition, &str, &Input)>> = FxHashMap::default();
    for definition in definitions {
        for (name, input) in &definition.inputs {
            by_indicator
                .entry(&input.indicator)
                .or_default()
                .push((definition, name, input));
        }
    }
    let mut ranges: FxHashMap<(String, String, String), (NaiveDate, NaiveDate)> = FxHashMap::default();
    for (series, (from, to)) in touched {
        for (definition, name, input) in by_indicator.get(series.indicator.as_str()).into_iter().flatten() {
            let frequency_fits = input.frequency == series.frequency;
            let body_fits = input.body.as_ref().is_none_or(|body| *body == series.body);
            if !frequency_fits || !body_fits {
                continue;
            }
            let key = key_of(definition, input, series).unwrap_or_else(|| EVERY_KEY.to_owned());
            let range = ranges
                .entry((definition.code.clone(), key, (*name).to_owned()))
                .or_insert((from, to));
            *range = (range.0.min(from), range.1.max(to));
        }
    }
    let mut ranges: Vec<DirtyRange> = ranges
        .into_iter()
        .map(|((code, key, input), (period_from, period_to))| DirtyRange {
            code,
            key,
            input,
            period_from,
            period_to,
        })
        .collect();
    ranges.sort_by(|left, right| {
        (&left.code, &left.key, &left.input).cmp(&(&right.code, &right.key, &right.input))
    });
    ranges
}

/// The one key that a series feeds; `None` when it may feed several.
fn key_of(definition: &Definition, input: &Input, series: &SeriesKey) -> Option<String> {
    let summed = definition.summed();
    let mut pairs = Vec::new();
    for dimension in &definition.by {
        if !input.by.contains(dimension) || summed.contains(dimension.as_str()) {
            return None;
        }
        pairs.push((dimension.as_str(), series.dimension(dimension)?));
    }
    Some(key_text(pairs))
}

/// The canonical text of a key: `name=CODE`, sorted by name, joined by a semicolon.
pub(crate) fn key_text<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, code)| format!("{name}={code}"))
        .collect();
    pairs.sort_unstable();
    pairs.join(";")
}

/// A key from its text.
pub(crate) fn key_parse(text: &str) -> leleka_risk::Key {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, code)| (name.to_owned(), code.to_owned()))
        .collect()
}
