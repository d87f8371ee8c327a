//! What a metric's figures give away about counts: the counts themselves, or those that a quotient is made of.
//!
//! A metric that is a count is one table. Of any other, every count in the computation of its value is a table of its
//! own, with totals that readers may know from elsewhere: a quotient and its denominator are as good as the numerator.

use super::table::{Completion, Count, Place, is_grouping, table_of};
use super::{Figures, Period};
use crate::centre::Book;
use crate::metric_dirty::{key_parse, key_text};
use crate::{ActError, Centre};
use chrono::NaiveDate;
use leleka_domain::{ConfStatus, ObsFlags, ObsStatus, SeriesId};
use leleka_risk::{
    Definition, Detail, ExplanationNode, InputObservation, InputSeries, Key, ObservationId, ObservationSet,
    Op, ReleaseTable, Unit, WindowFunction, evaluate_metric, is_total,
};
use leleka_store::{ObservationVersion, StoredMetricValue, StoredSeries, observation_version_list};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Tables by what they count, and where the cells of each stand.
pub(super) struct Measures {
    pub(super) by_name: Figures,
    pub(super) places: BTreeMap<String, Vec<Place>>,
    /// Keys that overlap with others and are told nothing of.
    pub(super) overlapping: BTreeSet<String>,
}

/// Counts by the name of what they count.
type Named = BTreeMap<String, Vec<Count>>;

/// The tables behind the values of a span.
pub(super) fn measures_of(
    centre: &Centre,
    book: &Book,
    definition: &Definition,
    values: &[StoredMetricValue],
    (span, threshold): (Period, i64),
) -> Result<Measures, ActError> {
    let overlapping = overlaps(book, definition, values);
    let own = values.iter().filter(|value| !overlapping.contains(&value.key));
    let is_count = is_count(definition, values);
    let named = if is_count {
        let counts = own.filter_map(|value| count_of(value, definition, value.value?));
        Named::from([(String::new(), counts.collect())])
    } else {
        operands(centre, definition, &own.collect::<Vec<_>>())?
    };
    let flows = definition.inputs.values().all(|input| {
        let indicator = book.codebook.indicator(&input.indicator);
        indicator.is_some_and(|indicator| indicator.measure == "flow")
    });
    let complete = values
        .iter()
        .map(|value| value.period)
        .collect::<BTreeSet<_>>()
        .len()
        == parts(definition, span);
    let month = (is_count && flows && complete && parts(definition, span) > 1).then_some(span);
    let (mut by_name, mut places) = (Figures::new(), BTreeMap::new());
    for (name, counts) in named {
        let completion = Completion {
            book,
            by: &definition.by,
            month,
            totals_known_from: (!is_count).then_some(threshold),
        };
        let (table, at): (ReleaseTable, Vec<Place>) = table_of(counts, completion);
        by_name.insert(name.clone(), table);
        places.insert(name, at);
    }
    Ok(Measures {
        by_name,
        places,
        overlapping,
    })
}

/// How many periods of the metric a span has.
fn parts(definition: &Definition, span: Period) -> usize {
    let mut day = Some(span.start());
    let mut found = BTreeSet::new();
    while let Some(at) = day.filter(|at| *at <= span.end()) {
        let period = Period::containing(definition.frequency, at);
        found.extend(period.filter(|period| super::span_of(*period) == Some(span)));
        day = at.succ_opt();
    }
    found.len()
}

/// Keys that overlap with others of the table: groupings beside single states.
fn overlaps(book: &Book, definition: &Definition, values: &[StoredMetricValue]) -> BTreeSet<String> {
    let keys: Vec<(String, Key)> = values
        .iter()
        .map(|it| (it.key.clone(), key_parse(&it.key)))
        .collect();
    let mut found = BTreeSet::new();
    for dimension in &definition.by {
        let code = |key: &Key| key.get(dimension).cloned().unwrap_or_default();
        let groups = |key: &Key| is_grouping(book, dimension, &code(key));
        let single = |key: &Key| !groups(key) && !is_total(dimension, &code(key));
        let codes: BTreeSet<String> = keys
            .iter()
            .filter(|(_, key)| groups(key))
            .map(|(_, key)| code(key))
            .collect();
        if codes.len() > 1 || keys.iter().any(|(_, key)| single(key)) {
            found.extend(
                keys.iter()
                    .filter(|(_, key)| groups(key))
                    .map(|(text, _)| text.clone()),
            );
        }
    }
    found
}

/// Whether the metric's own values are counts, and add up.
fn is_count(definition: &Definition, values: &[StoredMetricValue]) -> bool {
    fn adds_up(op: &Op<Box<leleka_risk::Node>>) -> bool {
        match op {
            Op::In { .. } => true,
            Op::Roll { function, a, .. } => *function == WindowFunction::Sum && adds_up(&a.op),
            Op::Add { a, b } => adds_up(&a.op) && adds_up(&b.op),
            Op::SumOver { a, .. } => adds_up(&a.op),
            _ => false,
        }
    }
    let whole = |value: f64| value >= 0.0 && value.fract().abs() < f64::EPSILON;
    matches!(definition.unit, Unit::Count(_))
        && adds_up(&definition.expression.op)
        && values.iter().filter_map(|value| value.value).all(whole)
}

#[expect(clippy::cast_possible_truncation, reason = "counts are far below 2^53")]
fn count_of(value: &StoredMetricValue, definition: &Definition, number: f64) -> Option<Count> {
    Some(Count {
        key: key_parse(&value.key),
        period: Period::containing(definition.frequency, value.period)?,
        count: number.round() as i64,
        confidential: value.flags.iter().any(|flag| flag == "confidential"),
    })
}

/// The counts inside the computation of each value, computed again from the very observations that it was made of.
fn operands(
    centre: &Centre,
    definition: &Definition,
    values: &[&StoredMetricValue],
) -> Result<Named, ActError> {
    let mut wanted = BTreeSet::new();
    for value in values {
        wanted.extend(ids_of(value));
    }
    let wanted: Vec<(i64, NaiveDate, i64)> = wanted.into_iter().collect();
    let found = observation_version_list(&mut centre.store.reader()?, &wanted)?;
    let found: BTreeMap<(i64, NaiveDate, i64), InputObservation> = found
        .iter()
        .filter_map(|(series, version)| Some((id_of(series, version), observation(series, version)?)))
        .collect();
    let mut named = Named::new();
    for value in values {
        let Some(period) = Period::containing(definition.frequency, value.period) else {
            continue;
        };
        let own: Vec<InputObservation> = ids_of(value)
            .iter()
            .filter_map(|id| found.get(id).cloned())
            .collect();
        let key = key_parse(&value.key);
        let set = ObservationSet::new(own, Vec::new());
        let computed = evaluate_metric(
            definition,
            &set,
            Some(std::slice::from_ref(&key)),
            &[period],
            Detail::Explained,
        );
        let tree = computed.into_iter().next().and_then(|value| value.explanation);
        let mut counts = BTreeMap::new();
        if let Some(tree) = tree {
            let walk = Walk {
                definition,
                found: &found,
                key: &key,
                period,
            };
            walk.collect(&tree.value, &mut counts);
        }
        for (name, number) in counts {
            named
                .entry(name)
                .or_default()
                .extend(count_of(value, definition, number));
        }
    }
    Ok(named)
}

/// The walk through one computation.
struct Walk<'w> {
    definition: &'w Definition,
    found: &'w BTreeMap<(i64, NaiveDate, i64), InputObservation>,
    key: &'w Key,
    period: Period,
}

impl Walk<'_> {
    /// Counts by name: where in the definition, and what of key and period differs from the value's own.
    fn collect(&self, node: &ExplanationNode, counts: &mut BTreeMap<String, f64>) {
        let whole = node
            .value
            .filter(|value| value.fract().abs() < f64::EPSILON && *value >= 0.0);
        if self.adds_up(node)
            && let Some(value) = whole
        {
            counts.insert(self.name(node), value);
        } else if node.parts.is_empty() {
            // A step that does not show its parts: each observation behind it counts by itself.
            for id in &node.observations {
                let observation = self.found.get(&(id.series.0, id.period_start, id.position));
                let counted = observation.filter(|it| self.is_counted(&it.series.indicator));
                if let Some(value) = counted.and_then(|it| it.value) {
                    counts.insert(
                        format!("{}|{}|{}", node.pointer, id.series.0, id.period_start),
                        value,
                    );
                }
            }
        }
        for part in &node.parts {
            self.collect(part, counts);
        }
    }

    fn name(&self, node: &ExplanationNode) -> String {
        let other = node
            .key
            .iter()
            .filter(|(name, code)| self.key.get(*name) != Some(*code));
        let other = key_text(other.map(|(name, code)| (name.as_str(), code.as_str())));
        let period = if node.period == self.period {
            String::new()
        } else {
            node.period.to_string()
        };
        format!("{}|{period}|{other}", node.pointer)
    }

    fn adds_up(&self, node: &ExplanationNode) -> bool {
        if let Some(input) = node.input.as_ref() {
            let input = self.definition.inputs.get(input);
            return input.is_some_and(|input| matches!(input.unit, Unit::Count(_)));
        }
        ["roll", "add", "sum_over", "coalesce", "latest"].contains(&node.op)
            && !node.parts.is_empty()
            && node.parts.iter().all(|part| self.adds_up(part))
    }

    fn is_counted(&self, indicator: &str) -> bool {
        let inputs = self.definition.inputs.values();
        inputs
            .filter(|input| input.indicator == indicator)
            .any(|input| matches!(input.unit, Unit::Count(_)))
    }
}

/// The observation versions that a value was made of, as stored: `series/day/position`.
fn ids_of(value: &StoredMetricValue) -> Vec<(i64, NaiveDate, i64)> {
    let texts = value.inputs.as_array().into_iter().flatten();
    texts
        .filter_map(|text| {
            let mut parts = text.as_str()?.split('/');
            Some((
                parts.next()?.parse().ok()?,
                parts.next()?.parse().ok()?,
                parts.next()?.parse().ok()?,
            ))
        })
        .collect()
}

fn id_of(series: &StoredSeries, version: &ObservationVersion) -> (i64, NaiveDate, i64) {
    (series.id.0, version.period, version.position)
}

fn observation(series: &StoredSeries, version: &ObservationVersion) -> Option<InputObservation> {
    let names = ["territory", "citizenship", "sex", "age"].into_iter();
    let typed = names.filter_map(|name| Some((name.to_owned(), series.key.dimension(name)?.to_owned())));
    let extra = series.key.extra_dimensions();
    let extra = extra.map(|(name, code)| (name.to_owned(), code.to_owned()));
    Some(InputObservation {
        id: ObservationId {
            series: SeriesId(series.id.0),
            period_start: version.period,
            position: version.position,
        },
        series: Arc::new(InputSeries {
            indicator: series.key.indicator.clone(),
            body: series.key.body.clone(),
            dimensions: typed.chain(extra).collect(),
        }),
        period: Period::containing(series.key.frequency, version.period)?,
        value: version.value,
        status: ObsStatus::from_number(version.status)?,
        flags: ObsFlags::from_bits(version.flags),
        confidentiality: ConfStatus::from_number(version.confidentiality)?,
    })
}
