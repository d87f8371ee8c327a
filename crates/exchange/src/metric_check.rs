//! The act of computing stored values again and comparing: each at its own vintage, or all at the newest one.
//!
//! Writes nothing. At its own vintage a value must come out to the last bit; at the newest one it must say the same,
//! or it was not computed anew when it should have been.

use crate::metric_dirty::key_parse;
use crate::metric_explain::definition_of;
use crate::metric_feeding::Grouping;
use crate::metric_load::{GroupWork, Loaded};
use crate::metric_record::stored_value;
use crate::metric_stale::metric_value_read;
use crate::{ActError, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::Period;
use leleka_risk::{Definition, Detail, Key, evaluate_each};
use leleka_store::{MetricValueFilter, StoredMetricValue, vintage_settled};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Periods that are loaded at once where a result reads the figures of other keys.
const PERIODS_AT_ONCE: usize = 64;

/// From which vintage values are computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricCheckAt {
    /// Each from its own.
    Own,
    /// All from the newest one.
    Newest,
}

/// Which values are computed again.
#[derive(Clone, Debug)]
pub struct MetricCheck {
    /// Which values; its limit counts them.
    pub filter: MetricValueFilter,
    /// From which vintage.
    pub at: MetricCheckAt,
}

/// A value that came out differently.
#[derive(Clone, Debug, PartialEq)]
pub struct CellDifference {
    /// As it is stored.
    pub stored: StoredMetricValue,
    /// As it came out now.
    pub computed: StoredMetricValue,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct MetricChecked {
    /// Values that were compared.
    pub compared: usize,
    /// Values left out, because they are to be computed anew anyway.
    pub stale: usize,
    /// Those that differ.
    pub different: Vec<CellDifference>,
    /// The last value looked at, where there may be more.
    pub last: Option<(String, NaiveDate, i64)>,
}

/// Computes values again.
///
/// # Errors
/// When the database does not answer, or a definition cannot be read.
pub fn metric_check(centre: &Centre, check: &MetricCheck) -> Result<MetricChecked, ActError> {
    let newest = match check.at {
        MetricCheckAt::Own => None,
        MetricCheckAt::Newest => Some(vintage_settled(&mut centre.store.reader()?)?),
    };
    let values = metric_value_read(centre, &check.filter)?;
    let full = i64::try_from(values.len()).is_ok_and(|count| count >= check.filter.limit);
    let mut checked = MetricChecked::default();
    let last = values.last().filter(|_| full).map(|value| &value.stored);
    checked.last = last.map(|value| (value.key.clone(), value.period, value.id));
    let mut by_vintage: BTreeMap<(i32, DateTime<Utc>), Vec<StoredMetricValue>> = BTreeMap::new();
    for value in values {
        // What was computed from a later vintage than ours is as little ours to judge as what is yet to be computed.
        let later = newest.is_some_and(|newest| value.stored.data_as_of > newest);
        if newest.is_some() && (value.stale || later) {
            checked.stale += 1;
            continue;
        }
        let stored = value.stored;
        let vintage = newest.unwrap_or(stored.data_as_of);
        by_vintage
            .entry((stored.version, vintage))
            .or_default()
            .push(stored);
    }
    for ((_version, vintage), values) in by_vintage {
        let Some(first) = values.first() else { continue };
        let definition = definition_of(centre, first)?;
        for work in works(&definition, &values) {
            work_check(centre, &definition, &work, vintage, &values, &mut checked)?;
        }
    }
    checked.different.sort_by(|left, right| {
        (&left.stored.key, left.stored.period).cmp(&(&right.stored.key, right.stored.period))
    });
    Ok(checked)
}

/// The cells by group, few enough to be loaded at once.
fn works(definition: &Definition, values: &[StoredMetricValue]) -> Vec<GroupWork> {
    let grouping = Grouping::of(definition);
    let mut groups: BTreeMap<Key, BTreeMap<Period, BTreeSet<Key>>> = BTreeMap::new();
    for value in values {
        let key = key_parse(&value.key);
        if let Some(period) = Period::containing(definition.frequency, value.period) {
            let group = groups.entry(grouping.group(&key)).or_default();
            group.entry(period).or_default().insert(key);
        }
    }
    let at_once = if definition.summed().is_empty() {
        usize::MAX
    } else {
        PERIODS_AT_ONCE
    };
    let mut works = Vec::new();
    for (group, periods) in groups {
        let mut work = GroupWork::default();
        for (place, (period, keys)) in periods.into_iter().enumerate() {
            if place > 0 && place % at_once == 0 {
                works.push(std::mem::take(&mut work));
            }
            work.group.clone_from(&group);
            for key in keys {
                work.cells.entry(key).or_default().insert(period);
            }
        }
        works.push(work);
    }
    works
}

fn work_check(
    centre: &Centre,
    definition: &Definition,
    work: &GroupWork,
    vintage: DateTime<Utc>,
    values: &[StoredMetricValue],
    checked: &mut MetricChecked,
) -> Result<(), ActError> {
    let works = std::slice::from_ref(work);
    let loaded = Loaded::read(&mut centre.store.reader()?, definition, works, vintage)?;
    let mut computed = BTreeMap::new();
    let cells = work.cells.iter();
    let cells: Vec<(Key, Vec<Period>)> = cells
        .map(|(key, periods)| (key.clone(), periods.iter().copied().collect()))
        .collect();
    let ended = evaluate_each(
        definition,
        &loaded.set(0),
        &cells,
        Detail::Values,
        |value| match stored_value(definition, &value, vintage) {
            Ok(value) => {
                computed.insert((value.key.clone(), value.period), value);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        },
    );
    if let ControlFlow::Break(error) = ended {
        return Err(error);
    }
    for stored in values {
        let Some(computed) = computed.remove(&(stored.key.clone(), stored.period)) else {
            continue;
        };
        checked.compared += 1;
        if !same_bits(stored, &computed) {
            checked.different.push(CellDifference {
                stored: stored.clone(),
                computed,
            });
        }
    }
    Ok(())
}

/// Whether two values say the same to the last bit, whenever they were said.
fn same_bits(stored: &StoredMetricValue, computed: &StoredMetricValue) -> bool {
    let bits = |number: Option<f64>| number.map(f64::to_bits);
    let numbers = |value: &StoredMetricValue| {
        let optional = [
            value.value,
            value.baseline,
            value.baseline_upper,
            value.p,
            value.score,
        ];
        // The rest of the uncertainty is held against each other by `differs`.
        (optional.map(bits), value.coverage.to_bits())
    };
    numbers(stored) == numbers(computed) && !crate::metric_record::differs(stored, computed)
}
