//! Is a value unusual against its own past? The history of a key, as the detectors of a definition see it.
//!
//! Reads only periods before the one judged, only those that the baseline admits, and no further back than the
//! detectors of the definition reach, so that loading more data changes nothing.

use crate::access::detection_reach;
use crate::calendar::window;
use crate::cell::{Cell, Reason};
use crate::detection::{Detection, Past, detect};
use crate::evaluate::{Evaluator, KeyRef};
use crate::explanation::ComparisonExplanation;
use leleka_domain::Period;
use std::rc::Rc;

/// What a detector found, and the observations behind it.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) detection: Detection,
    /// Observations behind the values of the past that were used.
    pub(crate) used: Vec<u32>,
    pub(crate) explanation: ComparisonExplanation,
}

/// One period of the past.
struct Week {
    period: Period,
    cell: Rc<Cell>,
    admitted: bool,
}

/// Compares a value with the past of its key.
pub(crate) fn compare<'a>(
    evaluator: &mut Evaluator<'a>,
    key: &KeyRef,
    period: Period,
    now: f64,
) -> Result<Comparison, Reason> {
    let definition = evaluator.definition;
    let history: Vec<Week> = window(period, 1, detection_reach(definition))
        .into_iter()
        .map(|period| Week {
            period,
            cell: evaluator.cell(&definition.expression, key, Some(period)),
            admitted: definition.baseline.admits(period),
        })
        .collect();
    let values = history
        .iter()
        .map(|week| week.cell.value().filter(|_| week.admitted));
    let values: Vec<Option<f64>> = values.collect();
    let begun = history.iter().position(|week| week.cell.value().is_some());
    let past = Past {
        values: &values,
        begun: begun.unwrap_or(history.len()),
        period,
        counts: definition.unit.is_count(),
    };
    let detection = detect(&past, now, &definition.detectors)?;
    let used = detection.used.iter().filter_map(|(place, _)| history.get(*place));
    Ok(Comparison {
        used: crate::cell::union(used.map(|week| &week.cell.used)),
        explanation: explained(&detection, &history),
        detection,
    })
}

fn explained(detection: &Detection, history: &[Week]) -> ComparisonExplanation {
    let (from, end) = detection.window;
    let seen = history.get(from..end).unwrap_or_default();
    let of = |wanted: fn(&Week) -> bool| {
        let found = seen.iter().filter(|week| wanted(week));
        found.map(|week| week.period).collect()
    };
    let used = detection.used.iter().filter_map(|(place, weight)| {
        let week = history.get(*place)?;
        Some((week.period, week.cell.value()?, *weight))
    });
    let used: Vec<(Period, f64, f64)> = used.collect();
    // Equal weights say nothing.
    let first = used.first().map_or(1.0, |week| week.2);
    let equal = used.iter().all(|week| (week.2 - first).abs() <= f64::EPSILON);
    ComparisonExplanation {
        method: detection.method,
        weights: if equal {
            Vec::new()
        } else {
            used.iter().map(|week| week.2).collect()
        },
        used: used.iter().map(|week| (week.0, week.1)).collect(),
        without_value: of(|week| week.admitted && week.cell.value().is_none()),
        excluded: of(|week| !week.admitted),
    }
}
