//! The cells of an answer: what is told of each, and nothing that would tell more.
//!
//! A cell that is left out does not say why: who knew which ones are small themselves would know more than is told.

use super::table::Place;
use super::{Figures, span_of};
use crate::metric_dirty::{key_parse, key_text};
use chrono::{Days, NaiveDate};
use leleka_domain::{Frequency, Period};
use leleka_risk::{Definition, Key, ReleaseRules, Told, rounded};
use leleka_store::StoredMetricValue;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an answer says of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableCellStatus {
    /// The figure itself.
    Told,
    /// The figure, rounded.
    Rounded,
    /// Left out, to keep small or confidential counts.
    Withheld,
    /// There is no figure, and why.
    Missing,
}

/// One cell of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableCell {
    /// Codes by dimension.
    pub dimensions: Key,
    /// The period, or the month that its weeks add up to.
    pub period: String,
    /// What is told.
    pub status: TableCellStatus,
    /// Whether it is a sum made here of the cells of the table.
    pub computed: bool,
    /// The figure.
    pub value: Option<f64>,
    /// Its level; with rounding only where the figure is well above the threshold.
    pub level: Option<String>,
    /// Its score; never with rounding.
    pub score: Option<f64>,
    /// Why there is no figure or no level.
    pub reason: Option<String>,
}

/// What is told of a cell of the figures, by key and period.
type Spoken = BTreeMap<(String, String), (Told, i64, bool)>;

/// The answer of a span.
pub(super) fn answer_of(
    definition: &Definition,
    values: &[StoredMetricValue],
    figures: &Figures,
    (places, overlapping): (&BTreeMap<String, Vec<Place>>, &BTreeSet<String>),
    rules: ReleaseRules,
) -> Vec<TableCell> {
    let is_count = figures.contains_key("");
    let spoken = |name: &String| -> Spoken {
        let cells = figures.get(name).into_iter().flat_map(|table| &table.cells);
        let places = places.get(name).into_iter().flatten();
        let spoken = cells.zip(places).map(|(cell, place)| {
            let told = if cell.known { Told::Exact } else { cell.told };
            (at(&place.key, &place.period), (told, cell.count, place.computed))
        });
        spoken.collect()
    };
    let tables: Vec<Spoken> = figures.keys().map(spoken).collect();
    let mut cells = Vec::new();
    for value in values {
        let Some(period) = Period::containing(definition.frequency, value.period) else {
            continue;
        };
        let place = (value.key.clone(), period.to_string());
        let of_cell: Vec<(Told, i64)> = tables
            .iter()
            .filter_map(|table| table.get(&place).map(|(told, count, _)| (*told, *count)))
            .collect();
        let told = if value.value.is_none() {
            None
        } else if is_count {
            Some(of_cell.first().copied().unwrap_or((Told::Nothing, 0)))
        } else {
            // A quotient whose counts were not found is kept; one that is made of no counts has nothing to keep.
            let unseen = of_cell.is_empty() && !figures.is_empty();
            let kept = unseen
                || overlapping.contains(&value.key)
                || of_cell.iter().any(|(told, _)| *told == Told::Nothing);
            let confidential = value.flags.iter().any(|flag| flag == "confidential");
            let told = if kept || confidential {
                Told::Nothing
            } else {
                Told::Exact
            };
            Some((told, 0))
        };
        cells.push(cell_of(value, period, told, is_count, rules));
    }
    let said: BTreeSet<(String, String)> = cells
        .iter()
        .map(|cell| at(&cell.dimensions, &cell.period))
        .collect();
    if let Some(table) = tables.first().filter(|_| is_count) {
        let sums = table.iter().filter(|(place, _)| !said.contains(*place));
        cells.extend(sums.map(|(place, (told, count, _))| sum_cell(place, *told, *count, rules)));
    }
    cells
}

fn at(key: &Key, period: &str) -> (String, String) {
    let text = key_text(key.iter().map(|(name, code)| (name.as_str(), code.as_str())));
    (text, period.to_owned())
}

fn cell_of(
    value: &StoredMetricValue,
    period: Period,
    told: Option<(Told, i64)>,
    is_count: bool,
    rules: ReleaseRules,
) -> TableCell {
    let mut cell = TableCell {
        dimensions: key_parse(&value.key),
        period: period.to_string(),
        status: TableCellStatus::Missing,
        computed: false,
        value: None,
        level: None,
        score: None,
        reason: value.reason.clone(),
    };
    let Some((told, count)) = told else { return cell };
    let (status, number) = number_of(told, count, rules);
    (cell.status, cell.value) = (status, number);
    if told == Told::Exact {
        cell.value = if is_count { number } else { value.value };
        cell.level = Some(value.level.clone());
        cell.score = value.score;
    } else if told == Told::Rounded && number.is_some_and(|number| is_well_above(number, rules)) {
        // A level of its own for a figure near the threshold would tell on which side of it the figure is.
        cell.level = Some(value.level.clone());
    } else {
        cell.reason = None;
    }
    cell
}

fn sum_cell((key, period): &(String, String), told: Told, count: i64, rules: ReleaseRules) -> TableCell {
    let (status, value) = number_of(told, count, rules);
    TableCell {
        dimensions: key_parse(key),
        period: period.clone(),
        status,
        computed: true,
        value,
        level: None,
        score: None,
        reason: None,
    }
}

fn number_of(told: Told, count: i64, rules: ReleaseRules) -> (TableCellStatus, Option<f64>) {
    match told {
        Told::Exact => (TableCellStatus::Told, Some(count as f64)),
        Told::Rounded => (
            TableCellStatus::Rounded,
            Some(rounded(count, rules.rounding_base) as f64),
        ),
        Told::Nothing => (TableCellStatus::Withheld, None),
    }
}

fn is_well_above(number: f64, rules: ReleaseRules) -> bool {
    number >= (rules.threshold + i64::from(rules.rounding_base)) as f64
}

/// Whether a cell lies within these days: a week by its Thursday, any other period whole.
#[must_use]
pub fn cell_is_within(cell: &TableCell, from: NaiveDate, to: NaiveDate) -> bool {
    let Ok(period) = cell.period.parse::<Period>() else {
        return false;
    };
    let (first, last) = match period.frequency() {
        Frequency::Weekly => {
            let thursday = period
                .start()
                .checked_add_days(Days::new(3))
                .unwrap_or(period.start());
            (thursday, thursday)
        }
        _ => (period.start(), period.end()),
    };
    span_of(period).is_some() && from <= first && last <= to
}
