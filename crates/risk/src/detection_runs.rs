//! Detectors that follow a series period by period: the forecast of now, and sums of small shifts that last.
//!
//! The forecast gives a probability like the others. A CUSUM (Page 1954) has none: its score is 4 where it alarms.
//! Reads nothing after the value judged.

use crate::cell::{Reason, finite};
use crate::detect::{Transform, cusum, median, robust_z};
use crate::detection::{Detection, Evidence, Past, slots};
use crate::forecast::{ForecastSettings, forecast_next};
use crate::level::TOP_SCORE;
use leleka_domain::{Frequency, Period};

/// The score at which a CUSUM alarms.
const ALARM: f64 = 4.0;

/// Periods after which a series of a frequency comes round.
fn season(period: Period) -> usize {
    match period.frequency() {
        Frequency::Weekly => 52,
        Frequency::Monthly => 12,
        Frequency::Daily => 7,
        Frequency::Quarterly => 4,
        Frequency::HalfYearly => 2,
        Frequency::Annual | Frequency::SpanMonths(_) | Frequency::SpanDays(_) => 1,
    }
}

/// A value in the distribution that the past forecasts for it.
pub(crate) fn forecast(
    past: &Past<'_>,
    now: f64,
    length: usize,
    min_obs: usize,
) -> Result<Detection, Reason> {
    let slots = slots(past, length, 0);
    if slots.used.len() < min_obs {
        return Err(Reason::ShortHistory);
    }
    if past.counts && (now < 0.0 || slots.used.iter().any(|used| used.2 < 0.0)) {
        return Err(Reason::Domain);
    }
    let values = past
        .values
        .get(slots.window.0..slots.window.1)
        .unwrap_or_default();
    let settings = ForecastSettings {
        period: season(past.period),
        horizon: 1,
        counts: past.counts,
    };
    // A past with too many gaps is too short a past.
    let next = forecast_next(values, settings).map_err(|reason| match reason {
        Reason::MissingInput | Reason::InsufficientCoverage => Reason::ShortHistory,
        other => other,
    })?;
    let evidence = Evidence::of(next.p(now));
    Ok(slots.detection("forecast", finite(next.point)?, next.bounds(), evidence))
}

/// Sums of what the last periods exceed the usual value by.
///
/// `reach` is the length of the window that says what is usual, and of the run behind it without the value judged.
pub(crate) fn shifts(
    past: &Past<'_>,
    now: f64,
    reach: (usize, usize),
    min_obs: u16,
    (k, h): (f64, f64),
    transform: Transform,
) -> Result<Detection, Reason> {
    let mut slots_before = slots(past, reach.0, reach.1);
    let usual: Vec<f64> = slots_before.used.iter().map(|used| used.2).collect();
    let run = slots(past, reach.1, 0);
    let moved = |value: f64| transform.apply(value).ok_or(Reason::Domain);
    let on_axis: Vec<f64> = usual.iter().copied().map(moved).collect::<Result<_, _>>()?;
    let found = robust_z(&usual, moved(now).map(|_| now)?, min_obs, transform).ok_or(Reason::ShortHistory)?;
    let (centre, scale) = (median(&on_axis).ok_or(Reason::ShortHistory)?, found.scale);
    if scale <= 0.0 {
        return Err(Reason::ZeroScale);
    }
    let (from, end) = run.window;
    let values = past.values.get(from..end).unwrap_or_default().iter().copied();
    let values = values.chain([Some(now)]);
    let values: Vec<Option<f64>> = values
        .map(|it| it.map(moved).transpose())
        .collect::<Result<_, _>>()?;
    let mirrored: Vec<Option<f64>> = values.iter().map(|it| it.map(|it| -it)).collect();
    let (up, before_up) = last_two(&cusum(&values, (centre, scale), (k, h), false));
    let (down, before_down) = last_two(&cusum(&mirrored, (-centre, scale), (k, h), false));
    let score = |sum: f64| (ALARM * sum / h).clamp(0.0, TOP_SCORE);
    // The value at which the sum would just reach h.
    let room = |before: f64| scale * (h + k - before);
    let bounds = transform.bounds(centre - room(before_down), centre + room(before_up));
    slots_before.window.1 = end;
    slots_before.used.extend(run.used);
    let evidence = Evidence::Score {
        up: score(up),
        down: score(down),
    };
    Ok(slots_before.detection("cusum", finite(found.median)?, bounds, evidence))
}

/// The last sum, and the one before it; a period without a value leaves the sum as it was.
fn last_two(sums: &[Option<(f64, bool)>]) -> (f64, f64) {
    let mut known = sums.iter().rev().flatten().map(|(sum, _)| *sum);
    let last = known.next().unwrap_or(0.0);
    (last, known.next().unwrap_or(0.0))
}
