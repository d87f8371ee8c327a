//! Quality of what was delivered: completeness, timeliness, punctuality and revisions of one indicator.
//!
//! The quality and performance indicators of the European Statistical System: R1, TP1 to TP3 and A6. Never
//! judges a body by what it was not asked for: expected cells are given, not found.

use crate::detect::median;
use chrono::NaiveDate;
use leleka_domain::Period;
use std::collections::BTreeMap;

/// One figure as it arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// What tells series of the indicator apart, such as a territory.
    pub series: String,
    /// Period.
    pub period: Period,
    /// Day of arrival.
    pub received: NaiveDate,
    /// The figure, if there was one.
    pub value: Option<f64>,
}

/// What the deliveries say; a measure is absent where nothing was delivered that it could be taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// Share of the expected cells that were delivered (R1).
    pub completeness: Option<f64>,
    /// Median days from the end of the period to the first figure (TP1).
    pub timeliness_median_days: Option<f64>,
    /// Mean of the same.
    pub timeliness_mean_days: Option<f64>,
    /// Share of the delivered cells that came in time (TP3).
    pub punctuality: Option<f64>,
    /// Share of the expected cells that came in time.
    pub punctuality_of_expected: Option<f64>,
    /// Share of the delivered cells that were delivered again.
    pub revised_share: Option<f64>,
    /// Mean absolute revision, from the first figure to the last (A6).
    pub mar: Option<f64>,
    /// Sum of absolute revisions over the sum of absolute last figures.
    pub rmar: Option<f64>,
    /// Mean revision: its sign tells a bias.
    pub mr: Option<f64>,
    /// Share of the revised cells that went up.
    pub revisions_upward_share: Option<f64>,
}

/// One cell: the first figure, the last, how often it was delivered.
struct Cell {
    delay: i64,
    first: f64,
    last: f64,
    deliveries: usize,
}

/// Measures deliveries against `expected` cells, due so many days after the end of their period.
#[must_use]
pub fn quality(deliveries: &[Delivery], expected: usize, due_days: i64) -> Quality {
    let cells = cells(deliveries);
    let share = |count: usize, of: usize| (of > 0).then(|| count as f64 / of as f64);
    let mean =
        |numbers: &[f64]| (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64);
    let delays: Vec<f64> = cells.iter().map(|cell| cell.delay as f64).collect();
    let revisions: Vec<f64> = cells.iter().map(|cell| cell.last - cell.first).collect();
    let sizes: Vec<f64> = revisions.iter().map(|revision| revision.abs()).collect();
    let finals: f64 = cells.iter().map(|cell| cell.last.abs()).sum();
    let in_time = cells.iter().filter(|cell| cell.delay <= due_days).count();
    let revised = cells.iter().filter(|cell| cell.deliveries > 1);
    let upward = revised.clone().filter(|cell| cell.last > cell.first).count();
    let revised = revised.count();
    Quality {
        completeness: share(cells.len(), expected),
        timeliness_median_days: median(&delays),
        timeliness_mean_days: mean(&delays),
        punctuality: share(in_time, cells.len()),
        punctuality_of_expected: share(in_time, expected),
        revised_share: share(revised, cells.len()),
        mar: mean(&sizes),
        rmar: (finals > 0.0).then(|| sizes.iter().sum::<f64>() / finals),
        mr: mean(&revisions),
        revisions_upward_share: share(upward, revised),
    }
}

fn cells(deliveries: &[Delivery]) -> Vec<Cell> {
    let mut grouped: BTreeMap<(&str, Period), Vec<&Delivery>> = BTreeMap::new();
    for delivery in deliveries {
        let cell = grouped.entry((&delivery.series, delivery.period)).or_default();
        cell.push(delivery);
    }
    let of_group = |((_, period), mut group): ((&str, Period), Vec<&Delivery>)| {
        group.sort_by_key(|delivery| delivery.received);
        let figures = || group.iter().filter_map(|delivery| delivery.value);
        // A cell that was only ever delivered empty was not delivered.
        let (first, last) = (figures().next()?, figures().next_back()?);
        let arrived = group.iter().find(|delivery| delivery.value.is_some())?.received;
        Some(Cell {
            delay: (arrived - period.end()).num_days(),
            first,
            last,
            deliveries: group.len(),
        })
    };
    grouped.into_iter().filter_map(of_group).collect()
}
