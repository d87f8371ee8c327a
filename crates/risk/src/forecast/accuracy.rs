//! How good a forecast was: scaled errors, coverage and width of its intervals.
//!
//! Hyndman and Koehler 2006 and the M4 competition. A measure whose scale is zero, or that has nothing to
//! measure, is absent.

/// A forecast beside what came.
#[derive(Clone, Copy, Debug)]
pub struct Forecasted<'a> {
    /// What came.
    pub actual: &'a [f64],
    /// Point forecasts.
    pub point: &'a [f64],
    /// Bounds of the 80 % interval, lower and upper.
    pub at80: (&'a [f64], &'a [f64]),
    /// Bounds of the 95 % interval, lower and upper.
    pub at95: (&'a [f64], &'a [f64]),
}

/// The measures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Accuracy {
    /// Mean absolute error over that of the seasonal naive forecast in the past.
    pub mase: Option<f64>,
    /// Root mean squared error over that of the seasonal naive forecast in the past.
    pub rmsse: Option<f64>,
    /// Symmetric mean absolute percentage error, percent.
    pub smape_percent: Option<f64>,
    /// Share inside the 80 % interval.
    pub coverage80: Option<f64>,
    /// Share inside the 95 % interval.
    pub coverage95: Option<f64>,
    /// Mean scaled interval score of the 95 % interval.
    pub msis95: Option<f64>,
    /// Mean error over the scale; above zero: forecasts too high.
    pub bias: Option<f64>,
}

/// The errors of the seasonal naive forecast in a past: mean absolute, and root mean squared.
#[must_use]
pub fn naive_scales(past: &[f64], season: usize) -> Option<(f64, f64)> {
    let changes: Vec<f64> = past
        .iter()
        .zip(past.iter().skip(season.max(1)))
        .map(|(before, now)| now - before)
        .collect();
    let n = changes.len() as f64;
    if changes.is_empty() {
        return None;
    }
    let absolute = changes.iter().map(|change| change.abs()).sum::<f64>() / n;
    let squared = changes.iter().map(|change| change * change).sum::<f64>() / n;
    Some((absolute, squared.sqrt()))
}

/// Measures a forecast against the past it was made from.
#[must_use]
pub fn accuracy(past: &[f64], season: usize, found: &Forecasted<'_>) -> Accuracy {
    let n = found.actual.len();
    let (lower80, upper80) = found.at80;
    let (lower95, upper95) = found.at95;
    let lengths = [found.point, lower80, upper80, lower95, upper95];
    if n == 0 || lengths.iter().any(|part| part.len() != n) {
        return Accuracy::default();
    }
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n as f64;
    let errors = || {
        found
            .actual
            .iter()
            .zip(found.point)
            .map(|(actual, point)| point - actual)
    };
    let scales = naive_scales(past, season);
    let over = |value: f64, scale: Option<f64>| {
        let scaled = value / scale?;
        scaled.is_finite().then_some(scaled)
    };
    let (absolute, squared) = (scales.map(|scales| scales.0), scales.map(|scales| scales.1));
    let within = |lower: &[f64], upper: &[f64]| {
        let inside = found.actual.iter().zip(lower.iter().zip(upper));
        let inside = inside.filter(|(actual, (lower, upper))| lower <= actual && actual <= upper);
        inside.count() as f64 / n as f64
    };
    let percent = found.actual.iter().zip(found.point).map(|(actual, point)| {
        let size = actual.abs() + point.abs();
        if size > 0.0 {
            (actual - point).abs() / size
        } else {
            0.0
        }
    });
    let score = found.actual.iter().zip(lower95.iter().zip(upper95));
    let score = score.map(|(actual, (lower, upper))| {
        (upper - lower) + 40.0 * ((lower - actual).max(0.0) + (actual - upper).max(0.0))
    });
    Accuracy {
        mase: over(mean(&mut errors().map(f64::abs)), absolute),
        rmsse: over(mean(&mut errors().map(|error| error * error)).sqrt(), squared),
        smape_percent: Some(200.0 * mean(&mut percent.into_iter())),
        coverage80: Some(within(lower80, upper80)),
        coverage95: Some(within(lower95, upper95)),
        msis95: over(mean(&mut score.into_iter()), absolute),
        bias: over(mean(&mut errors()), absolute),
    }
}

/// The half-width of a split conformal interval: the ⌈(n + 1)·level⌉-th smallest absolute error, or nothing
/// where there are too few errors for the level. `level` between 0 and 1.
#[must_use]
pub fn conformal_half_width(errors: &[f64], level: f64) -> Option<f64> {
    let mut sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    if sizes.iter().any(|size| !size.is_finite()) {
        return None;
    }
    sizes.sort_by(f64::total_cmp);
    // The small step keeps 20·0.95 from becoming 19.000000000000004.
    let rank = ((sizes.len() as f64 + 1.0) * level - 1e-9).ceil();
    sizes.get((rank as usize).checked_sub(1)?).copied()
}
