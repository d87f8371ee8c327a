//! Which series feed which groups of keys of a definition.
//!
//! A group is the keys whose results read the same series: one key, or all keys that differ only in what the
//! expression sums over. What feeds one group never touches another, so groups are loaded and computed apart.

use crate::metric_dirty::key_text;
use leleka_domain::{Frequency, SeriesKey};
use leleka_risk::{Definition, ExpectedSeries, InputSeries, Key, input_codes};
use leleka_store::{Expectation, InputSeriesQuery, Reader, StoreError, expectation_list, input_series_list};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The dimensions that tell the groups of a definition apart.
pub(crate) struct Grouping<'a> {
    definition: &'a Definition,
    dimensions: Vec<&'a str>,
}

impl<'a> Grouping<'a> {
    pub(crate) fn of(definition: &'a Definition) -> Self {
        let summed = definition.summed();
        let free = definition.by.iter().map(String::as_str);
        Self {
            definition,
            dimensions: free.filter(|dimension| !summed.contains(dimension)).collect(),
        }
    }

    /// The group of a key.
    pub(crate) fn group(&self, key: &Key) -> Key {
        let own = key
            .iter()
            .filter(|(name, _)| self.dimensions.contains(&name.as_str()));
        own.map(|(name, code)| (name.clone(), code.clone())).collect()
    }

    /// Whether a key has the dimensions of the definition.
    pub(crate) fn fits(&self, key: &Key) -> bool {
        key.len() == self.definition.by.len() && self.definition.by.iter().all(|name| key.contains_key(name))
    }
}

/// Groups, to be found by the codes with which an input reads a series.
pub(crate) struct Groups<'a> {
    grouping: &'a Grouping<'a>,
    list: Vec<Key>,
    index: FxHashMap<&'a str, FxHashMap<Vec<String>, Vec<usize>>>,
}

impl<'a> Groups<'a> {
    pub(crate) fn new(grouping: &'a Grouping<'a>, list: Vec<Key>) -> Self {
        let mut index: FxHashMap<&str, FxHashMap<Vec<String>, Vec<usize>>> = FxHashMap::default();
        for (name, input) in &grouping.definition.inputs {
            let own = index.entry(name.as_str()).or_default();
            for (place, group) in list.iter().enumerate() {
                let read = grouping
                    .dimensions
                    .iter()
                    .filter(|it| input.by.iter().any(|by| by == *it));
                let codes = read.filter_map(|dimension| group.get(*dimension).cloned());
                own.entry(codes.collect()).or_default().push(place);
            }
        }
        Self {
            grouping,
            list,
            index,
        }
    }

    pub(crate) fn list(&self) -> &[Key] {
        &self.list
    }

    /// The places of the groups that a series feeds by an input that reads it with these codes.
    pub(crate) fn fed(&self, input: &str, codes: &Key) -> &[usize] {
        let read = self.grouping.dimensions.iter();
        let codes: Vec<String> = read
            .filter_map(|dimension| codes.get(*dimension).cloned())
            .collect();
        let places = self.index.get(input).and_then(|index| index.get(&codes));
        places.map_or(&[], Vec::as_slice)
    }

    /// The codes of a dimension that any group has, when every input of an indicator reads it by that dimension.
    fn codes(&self, indicator: &str, dimension: &str) -> Option<Vec<String>> {
        let definition = self.grouping.definition;
        let mut inputs = definition
            .inputs
            .values()
            .filter(|input| input.indicator == indicator);
        let told_apart = self.grouping.dimensions.contains(&dimension)
            && inputs.all(|input| input.by.iter().any(|name| name == dimension));
        told_apart.then(|| {
            let codes: BTreeSet<&String> = self
                .list
                .iter()
                .filter_map(|group| group.get(dimension))
                .collect();
            codes.into_iter().cloned().collect()
        })
    }
}

/// A series that feeds a definition.
#[derive(Clone, Debug)]
pub(crate) struct Feeding {
    pub(crate) id: i64,
    pub(crate) frequency: Frequency,
    pub(crate) series: Arc<InputSeries>,
    /// Inputs that read it, each with the codes of its key.
    pub(crate) reads: Vec<(String, Key)>,
}

/// The series that feed a definition, or only those that feed one of these groups.
///
/// # Errors
/// When the database refuses.
pub(crate) fn feeding_list(
    reader: &mut Reader,
    definition: &Definition,
    groups: Option<&Groups<'_>>,
) -> Result<Vec<Feeding>, StoreError> {
    let inputs = definition.inputs.values();
    let sources: BTreeSet<(&str, String)> = inputs
        .map(|input| (input.indicator.as_str(), input.frequency.to_string()))
        .collect();
    let mut found = Vec::new();
    for (indicator, frequency) in sources {
        let codes = |dimension| groups.and_then(|groups| groups.codes(indicator, dimension));
        let (territories, citizenships) = (codes("territory"), codes("citizenship"));
        let query = InputSeriesQuery {
            indicator,
            frequency: &frequency,
            territories: territories.as_deref(),
            citizenships: citizenships.as_deref(),
        };
        for stored in input_series_list(reader, &query)? {
            let series = input_series(&stored.key);
            let reads = reads(definition, &series, stored.key.frequency);
            let wanted = groups.is_none_or(|groups| {
                let mut reads = reads.iter();
                reads.any(|(input, codes)| !groups.fed(input, codes).is_empty())
            });
            if wanted && !reads.is_empty() {
                found.push(Feeding {
                    id: stored.id.0,
                    frequency: stored.key.frequency,
                    series: Arc::new(series),
                    reads,
                });
            }
        }
    }
    Ok(found)
}

/// Inputs that read a series, each with the codes of its key.
fn reads(definition: &Definition, series: &InputSeries, frequency: Frequency) -> Vec<(String, Key)> {
    let inputs = definition
        .inputs
        .iter()
        .filter(|(_, input)| input.indicator == series.indicator && input.frequency == frequency);
    inputs
        .filter_map(|(name, input)| {
            let codes = input_codes(input, &series.body, &series.dimensions)?;
            Some((name.clone(), codes))
        })
        .collect()
}

fn input_series(key: &SeriesKey) -> InputSeries {
    let names = ["territory", "citizenship", "sex", "age"].into_iter();
    let typed = names.filter_map(|name| Some((name.to_owned(), key.dimension(name)?.to_owned())));
    let extra = key.extra_dimensions();
    let extra = extra.map(|(name, code)| (name.to_owned(), code.to_owned()));
    InputSeries {
        indicator: key.indicator.clone(),
        body: key.body.clone(),
        dimensions: typed.chain(extra).collect(),
    }
}

/// A series that an agreement makes expected, with the inputs that read it.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) series: ExpectedSeries,
    pub(crate) reads: Vec<(String, Key)>,
}

/// What agreements in force made expected of a definition's inputs in a vintage.
///
/// # Errors
/// When the database refuses.
pub(crate) fn due_list(
    reader: &mut Reader,
    definition: &Definition,
    vintage: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Due>, StoreError> {
    let indicators: BTreeSet<&String> = definition.inputs.values().map(|input| &input.indicator).collect();
    let indicators: Vec<String> = indicators.into_iter().cloned().collect();
    let found = expectation_list(reader, &indicators, vintage)?;
    Ok(found.iter().flat_map(|it| due_series(definition, it)).collect())
}

fn due_series(definition: &Definition, expectation: &Expectation) -> Vec<Due> {
    // Cumulative ranges (`_O`) have no period of their own, and their letter is no frequency.
    let letters = expectation.frequencies.iter();
    let frequencies = letters.filter_map(|letter| letter.parse::<Frequency>().ok());
    let dimensions: BTreeMap<String, String> =
        BTreeMap::from([("territory".to_owned(), expectation.territory.clone())]);
    frequencies
        .filter_map(|frequency| {
            let series = InputSeries {
                indicator: expectation.indicator.clone(),
                body: expectation.body.clone(),
                dimensions: dimensions.clone(),
            };
            let reads = reads(definition, &series, frequency);
            let series = ExpectedSeries {
                indicator: series.indicator,
                body: series.body,
                frequency,
                dimensions: series.dimensions,
                from: expectation.valid_from,
                to: expectation.valid_to,
            };
            (!reads.is_empty()).then_some(Due { series, reads })
        })
        .collect()
}

/// The key that a series makes, when it makes one.
pub(crate) fn key_made(definition: &Definition, reads: &[(String, Key)]) -> Option<Key> {
    let makers = definition.key_inputs();
    let (_, codes) = reads.iter().find(|(input, _)| makers.contains(input.as_str()))?;
    let own = codes.iter().filter(|(name, _)| definition.by.contains(name));
    Some(own.map(|(name, code)| (name.clone(), code.clone())).collect())
}

/// The text of a key.
pub(crate) fn text_of(key: &Key) -> String {
    key_text(key.iter().map(|(name, code)| (name.as_str(), code.as_str())))
}
