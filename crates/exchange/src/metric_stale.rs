//! Whether a value that is shown is to be computed anew: its cell is marked, or an act touched it a moment ago.
//!
//! Values and marks are read in one snapshot, so an answer never mixes a fresh value with the mark of the old one.

use crate::centre::Book;
use crate::metric_resolve::Touched;
use crate::{ActError, Centre};
use chrono::{DateTime, Utc};
use leleka_domain::Period;
use leleka_store::{
    DirtyCells, MetricValueFilter, Reader, StoreError, StoredMetricValue, dirty_cells_list, dirty_list,
    metric_value_page, metric_value_wait,
};
use std::collections::BTreeMap;

/// A value and whether it is to be computed anew.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricValueRead {
    /// The value.
    pub stored: StoredMetricValue,
    /// Whether its cell is marked. What was said by a moment is history, and never stale.
    pub stale: bool,
}

/// Reads values of a metric.
///
/// # Errors
/// When the database does not answer.
pub fn metric_value_read(
    centre: &Centre,
    filter: &MetricValueFilter,
) -> Result<Vec<MetricValueRead>, ActError> {
    let mut reader = centre.store.reader()?;
    // Before the snapshot: it must see what was committed while this waited.
    metric_value_wait(&mut reader, filter.as_of)?;
    let (values, stale) = reader.snapshot(|reader| {
        let values = metric_value_page(reader, filter)?;
        let stale = stale_find(reader, &centre.book(), &filter.code, filter.as_of, &values)?;
        Ok((values, stale))
    })?;
    let read = values.into_iter().zip(stale);
    Ok(read
        .map(|(stored, stale)| MetricValueRead { stored, stale })
        .collect())
}

/// Whether each of these values is stale.
///
/// # Errors
/// When the database refuses.
pub(crate) fn stale_find(
    reader: &mut Reader,
    book: &Book,
    code: &str,
    as_of: Option<DateTime<Utc>>,
    values: &[StoredMetricValue],
) -> Result<Vec<bool>, StoreError> {
    let definition = book.definitions.iter().find(|definition| definition.code == code);
    let (Some(definition), None) = (definition, as_of) else {
        return Ok(vec![false; values.len()]);
    };
    let marks = dirty_list(reader, code)?;
    let touched = Touched::of(definition, &marks);
    let last = values.iter().map(|value| value.period).max();
    let until = last.and_then(|day| Period::containing(definition.frequency, day));
    let touched_periods = touched.periods(definition, until);
    let mut keys: Vec<&str> = values.iter().map(|value| value.key.as_str()).collect();
    keys.dedup();
    let cells = dirty_cells_list(reader, code, &keys)?;
    let mut by_key: BTreeMap<&str, Vec<&DirtyCells>> = BTreeMap::new();
    for cells in &cells {
        by_key.entry(&cells.key).or_default().push(cells);
    }
    let stale = values.iter().map(|value| {
        let own = by_key.get(value.key.as_str()).into_iter().flatten();
        let marked = own
            .copied()
            .any(|cells| (cells.period_from..=cells.period_to).contains(&value.period));
        let period = Period::containing(definition.frequency, value.period);
        let touched = !marks.is_empty()
            && period.is_some_and(|period| touched.touches(&value.key, period, &touched_periods));
        marked || touched
    });
    Ok(stale.collect())
}
