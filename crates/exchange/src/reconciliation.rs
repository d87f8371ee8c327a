//! Two bodies' reports of one thing, side by side: the mirror rules over what is current.
//!
//! Reads only, in bounded steps; what the pairs are stands in the rules. For those who see the whole centre.

use crate::centre::Book;
use crate::{ActError, Centre};
use chrono::NaiveDate;
use leleka_domain::{BodyScope, Period, SeriesKey};
use leleka_normalise::rules::{Check, MirrorPair, differs_by};
use leleka_store::{FigureRange, Reader, SeriesFilter, StoreError, figure_current, series_list};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Series of one side that are looked at with one statement.
const BATCH: i64 = 40;

/// Which reports.
#[derive(Clone, Debug)]
pub struct ReconciliationFilter {
    /// Of these rules; every mirror when empty.
    pub rules: Vec<String>,
    /// Of these indicators, on either side.
    pub indicators: Vec<String>,
    /// Of these bodies, on either side.
    pub bodies: Vec<String>,
    /// First day of the first period.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Only those that the rule does not take as alike.
    pub only_broken: bool,
}

/// Where a page ended: number of the pair, key of the last series of its left side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciliationPlace {
    pair: usize,
    key: Option<String>,
}

/// Two reports of one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciled {
    /// The rule.
    pub rule_id: String,
    /// The period.
    pub period: String,
    /// The one series.
    pub left_series: SeriesKey,
    /// The other.
    pub right_series: SeriesKey,
    /// What the one says.
    pub left: f64,
    /// What the other says.
    pub right: f64,
    /// The difference as a share of the greater one.
    pub share: f64,
    /// Whether the rule takes them as alike.
    pub matches: bool,
}

/// Reports side by side after a place, at least `limit` of them unless they end; and where the next page begins.
///
/// # Errors
/// When the database refuses.
pub fn reconciliation_page(
    centre: &Centre,
    filter: &ReconciliationFilter,
    after: ReconciliationPlace,
    limit: usize,
) -> Result<(Vec<Reconciled>, Option<ReconciliationPlace>), ActError> {
    let book = centre.book();
    let mut reader = centre.store.reader()?;
    let mut found = Vec::new();
    let mut after_key = after.key;
    for (number, pair) in book.rules.mirror_pairs().iter().enumerate().skip(after.pair) {
        if !is_wanted(&book, filter, pair) {
            continue;
        }
        loop {
            let series = SeriesFilter {
                indicators: vec![pair.indicator.clone()],
                bodies: left_bodies(&book, pair),
                after_key: after_key.take(),
                ..SeriesFilter::default()
            };
            let listed = series_list(&mut reader, &BodyScope::WholeCentre, &series, BATCH)?;
            let keys: Vec<SeriesKey> = listed.into_iter().map(|series| series.key).collect();
            found.extend(side_by_side(&mut reader, &book, filter, pair, &keys)?);
            if i64::try_from(keys.len()).unwrap_or(0) < BATCH {
                break;
            }
            after_key = keys.last().map(ToString::to_string);
            if found.len() >= limit {
                let place = ReconciliationPlace {
                    pair: number,
                    key: after_key,
                };
                return Ok((found, Some(place)));
            }
        }
        if found.len() >= limit {
            let place = ReconciliationPlace {
                pair: number + 1,
                key: None,
            };
            return Ok((found, Some(place)));
        }
    }
    Ok((found, None))
}

fn left_bodies(book: &Book, pair: &MirrorPair) -> Vec<String> {
    let kinds = book.catalogue.bodies.iter();
    let of_kind = kinds
        .filter(|body| pair.body_kind.as_ref() == Some(&body.kind))
        .map(|body| body.code.clone());
    pair.body.iter().cloned().chain(of_kind).collect()
}

fn is_wanted(book: &Book, filter: &ReconciliationFilter, pair: &MirrorPair) -> bool {
    let rule = book.rules.rules().get(pair.rule);
    let fits = |wanted: &[String], codes: &[&str]| {
        wanted.is_empty() || wanted.iter().any(|one| codes.contains(&one.as_str()))
    };
    rule.is_some_and(|rule| fits(&filter.rules, &[&rule.id]))
        && fits(&filter.indicators, &[&pair.indicator, &pair.other_indicator])
}

fn side_by_side(
    reader: &mut Reader,
    book: &Book,
    filter: &ReconciliationFilter,
    pair: &MirrorPair,
    keys: &[SeriesKey],
) -> Result<Vec<Reconciled>, StoreError> {
    let wanted = |body: &String| filter.bodies.is_empty() || filter.bodies.contains(body);
    let pairs: Vec<(&SeriesKey, SeriesKey)> = keys
        .iter()
        .filter_map(|left| Some((left, book.rules.mirror_other(pair, left)?)))
        .filter(|(left, right)| wanted(&left.body) || wanted(&right.body))
        .collect();
    let ranges: Vec<FigureRange> = pairs
        .iter()
        .flat_map(|(left, right)| [left.id(), right.id()])
        .map(|series| (series.0, filter.from, filter.to))
        .collect();
    let mut figures: FxHashMap<i64, Vec<(NaiveDate, f64)>> = FxHashMap::default();
    for (series, period, _, value, _) in figure_current(reader, &ranges)? {
        figures.entry(series).or_default().push((period, value));
    }
    let rule = book.rules.rules().get(pair.rule);
    let Some((rule, Check::Mirror(mirror))) = rule.map(|rule| (rule, &rule.check)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (left, right) in pairs {
        let (Some(lefts), Some(rights)) = (figures.get(&left.id().0), figures.get(&right.id().0)) else {
            continue;
        };
        for (period, one) in lefts {
            let other = rights.iter().find(|(at, _)| at == period);
            let Some((_, other)) = other else { continue };
            let matches = !mirror.is_broken(*one, *other);
            if matches && filter.only_broken {
                continue;
            }
            let text = Period::containing(left.frequency, *period).map(|period| period.to_string());
            found.push(Reconciled {
                rule_id: rule.id.clone(),
                period: text.unwrap_or_default(),
                left_series: left.clone(),
                right_series: right.clone(),
                left: *one,
                right: *other,
                share: differs_by(*one, *other),
                matches,
            });
        }
    }
    Ok(found)
}
