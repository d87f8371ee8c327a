//! Is a value unusual against its own past? The history of a key, and the first detector whose need is met.
//!
//! Reads only periods before the one judged, only those that the baseline admits, and no further back than the
//! detectors of the definition reach, so that loading more data changes nothing.

use crate::access::detection_reach;
use crate::calendar::window;
use crate::cell::{Cell, Reason, exact_sum, finite};
use crate::definition::Definition;
use crate::detect::{Detector, EARS_GUARD, EARS_WINDOW, Transform, ears_point, ears_upper, robust_z};
use crate::evaluate::{Evaluator, KeyRef};
use crate::explanation::ComparisonExplanation;
use leleka_domain::Period;
use std::rc::Rc;

/// What a detector found.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// Median or mean of the past, on the axis of the values.
    pub(crate) baseline: Option<f64>,
    /// The value at which the upper probability is 1 %.
    pub(crate) upper: Option<f64>,
    /// Probability of a value this high, and this low.
    pub(crate) p: (f64, f64),
    /// Values of the past that were used.
    pub(crate) n: usize,
    /// Observations behind them.
    pub(crate) used: Vec<u32>,
    pub(crate) explanation: ComparisonExplanation,
}

/// One period of the past.
struct Past {
    period: Period,
    cell: Rc<Cell>,
    admitted: bool,
}

impl Past {
    fn value(&self) -> Option<f64> {
        self.cell.value().filter(|_| self.admitted)
    }
}

/// Compares a value with the past of its key.
pub(crate) fn compare<'a>(
    evaluator: &mut Evaluator<'a>,
    key: &KeyRef,
    period: Period,
    now: f64,
) -> Result<Comparison, Reason> {
    let definition = evaluator.definition;
    let history: Vec<Past> = window(period, 1, detection_reach(definition))
        .into_iter()
        .map(|period| Past {
            period,
            cell: evaluator.cell(&definition.expression, key, Some(period)),
            admitted: definition.baseline.admits(period),
        })
        .collect();
    let mut reason = Reason::ShortHistory;
    for detector in &definition.detectors {
        match judge(definition, detector, &history, now) {
            Ok(comparison) => return Ok(comparison),
            // Enough of a past, but nothing to be said from it, tells more than a past that is too short.
            Err(found) if found != Reason::ShortHistory => reason = found,
            Err(_) => {}
        }
    }
    Err(reason)
}

fn judge(
    definition: &Definition,
    detector: &Detector,
    history: &[Past],
    now: f64,
) -> Result<Comparison, Reason> {
    let fallback = if definition.unit.is_count() {
        Transform::Anscombe
    } else {
        Transform::None
    };
    let transform = detector.transform().unwrap_or(fallback);
    let (length, guard) = match detector {
        Detector::RobustZ { window, gap, .. } => (usize::from(*window), usize::from(*gap)),
        Detector::EarsC2 { .. } => (usize::from(EARS_WINDOW), usize::from(EARS_GUARD)),
    };
    let end = history.len().saturating_sub(guard);
    let from = end.saturating_sub(length);
    let slots = history.get(from..end).unwrap_or_default();
    let past: Vec<f64> = slots.iter().filter_map(Past::value).collect();
    let mut before = history.get(..=from).unwrap_or_default().iter();
    let begun = before.any(|past| past.cell.value().is_some());
    let Verdict { baseline, upper, p } = verdict(detector, transform, &past, begun, now)?;
    let used = slots.iter().filter(|past| past.value().is_some());
    let admitted = slots.iter().filter(|past| past.admitted);
    Ok(Comparison {
        baseline: Some(baseline),
        upper,
        p,
        n: past.len(),
        used: crate::cell::union(used.clone().map(|past| &past.cell.used)),
        explanation: ComparisonExplanation {
            method: detector.method(),
            used: used
                .filter_map(|past| past.value().map(|value| (past.period, value)))
                .collect(),
            without_value: admitted
                .filter(|past| past.cell.value().is_none())
                .map(|past| past.period)
                .collect(),
            excluded: slots
                .iter()
                .filter(|past| !past.admitted)
                .map(|past| past.period)
                .collect(),
        },
    })
}

/// What one detector says.
struct Verdict {
    baseline: f64,
    upper: Option<f64>,
    p: (f64, f64),
}

/// Asks one detector; `begun`: the series existed when the window began.
fn verdict(
    detector: &Detector,
    transform: Transform,
    past: &[f64],
    begun: bool,
    now: f64,
) -> Result<Verdict, Reason> {
    let moved: Option<Vec<f64>> = past.iter().map(|value| transform.apply(*value)).collect();
    let (Some(moved), Some(x)) = (moved, transform.apply(now)) else {
        return Err(Reason::Domain);
    };
    match detector {
        Detector::RobustZ { min_obs, .. } => {
            let found = robust_z(past, now, *min_obs, transform).ok_or(Reason::ShortHistory)?;
            let (baseline, upper) = (found.median, found.upper);
            let p = found.p.ok_or(Reason::ZeroScale)?;
            Ok(Verdict { baseline, upper, p })
        }
        // A gap inside the window is tolerated, a window that begins before the series is not.
        Detector::EarsC2 { .. } if !begun => Err(Reason::ShortHistory),
        Detector::EarsC2 { min_obs, .. } => {
            let point = ears_point(&moved, Some(x), transform.floor(), *min_obs);
            point.mean.ok_or(Reason::ShortHistory)?;
            let mean = exact_sum(past.iter().copied()) / past.len().max(1) as f64;
            let p = point.p.ok_or(Reason::ZeroScale)?;
            let (baseline, upper) = (finite(mean)?, ears_upper(&point, transform));
            Ok(Verdict { baseline, upper, p })
        }
    }
}
