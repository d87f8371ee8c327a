//! First guesses for exponential smoothing: states from a rough decomposition, and the first steps of the search.

use super::ets::{EtsForm, EtsSeason, EtsTrend};

/// Where the search begins, and how far its first steps go.
pub(super) struct Start {
    /// The likelihood may have several tops: the first place is the usual one, the others lie apart from it.
    pub(super) places: Vec<Vec<f64>>,
    pub(super) steps: Vec<f64>,
}

/// First smoothing of level, slope and season on the logistic scale, after the one that suits most series.
const OTHERS: [(f64, f64, f64); 4] = [
    (-0.8, -2.0, -2.0),
    (-3.0, -4.0, -6.0),
    (-7.0, 2.0, -6.0),
    (3.0, 3.0, -2.0),
];
/// First damping on the logistic scale: 0.978 of what is allowed up to 0.98.
const DAMPED: f64 = 4.5;

/// The smoothing that suits most series, on the logistic scale: a season is smoothed less than a single period.
fn usual(period: usize) -> (f64, f64, f64) {
    let logistic = |share: f64| (share / (1.0 - share)).ln();
    (
        logistic(0.2 / period.max(1) as f64),
        logistic(0.1),
        logistic(0.05),
    )
}

/// First guesses in the order that a trial reads them.
pub(super) fn start(values: &[f64], period: usize, form: EtsForm) -> Start {
    let season = rough_season(values, period, form.season);
    let adjusted: Vec<f64> = values
        .iter()
        .enumerate()
        .map(
            |(at, value)| match (form.season, season.get(at % period.max(1))) {
                (EtsSeason::Additive, Some(state)) => value - state,
                (EtsSeason::Multiplicative, Some(state)) => value / state,
                (EtsSeason::None, _) | (_, None) => *value,
            },
        )
        .collect();
    let (level, slope) = line(&adjusted, (2 * period).max(10));
    let spread = crate::detect::mean_and_sd(&adjusted).map_or(1.0, |(_, sd)| sd.max(1e-6));
    let (trended, seasonal) = (form.trend != EtsTrend::None, form.season != EtsSeason::None);
    let beginnings = std::iter::once(usual(period)).chain(OTHERS);
    let beginnings = beginnings.map(|(alpha, beta, gamma)| {
        let damping = (form.trend == EtsTrend::Damped).then_some(DAMPED);
        let slope = trended.then_some(beta);
        let season = seasonal.then_some(gamma);
        let parts = [Some(alpha), slope, damping, season];
        parts.into_iter().flatten().collect::<Vec<f64>>()
    });
    let mut places: Vec<Vec<f64>> = beginnings.collect();
    let mut steps = vec![1.0; places.first().map_or(0, Vec::len)];
    let mut push = |x: f64, step: f64| {
        places.iter_mut().for_each(|place| place.push(x));
        steps.push(step);
    };
    push(level, 0.2 * spread);
    if form.trend != EtsTrend::None {
        push(slope, 0.5 * slope.abs() + 0.01 * spread);
    }
    let step = match form.season {
        EtsSeason::Multiplicative => 0.05,
        EtsSeason::None | EtsSeason::Additive => 0.1 * spread,
    };
    for state in season.iter().take(period.saturating_sub(1)) {
        push(*state, step);
    }
    Start { places, steps }
}

/// Level and slope before the first value, by least squares over the first values.
fn line(values: &[f64], most: usize) -> (f64, f64) {
    let n = values.len().min(most);
    let mean_x = (n as f64 + 1.0) / 2.0;
    let mean_y = values.iter().take(n).sum::<f64>() / n.max(1) as f64;
    let (mut cross, mut square) = (0.0, 0.0);
    for (at, value) in values.iter().take(n).enumerate() {
        let x = at as f64 + 1.0 - mean_x;
        cross += x * (value - mean_y);
        square += x * x;
    }
    let slope = if square > 0.0 { cross / square } else { 0.0 };
    (mean_y - slope * mean_x, slope)
}

/// Seasonal states from centred moving averages, neutral on the whole; empty without a season.
fn rough_season(values: &[f64], period: usize, kind: EtsSeason) -> Vec<f64> {
    if kind == EtsSeason::None || period < 2 {
        return Vec::new();
    }
    let half = period / 2;
    let mut sums = vec![(0.0, 0.0); period];
    for (at, value) in values.iter().enumerate() {
        let Some(window) = at.checked_sub(half).and_then(|from| values.get(from..=at + half)) else {
            continue;
        };
        let mut sum: f64 = window.iter().sum();
        if period.is_multiple_of(2) {
            let ends = window.first().zip(window.last());
            sum -= ends.map_or(0.0, |(first, last)| (first + last) / 2.0);
        }
        let trend = sum / period as f64;
        let part = match kind {
            EtsSeason::Multiplicative => value / trend.max(1e-8),
            EtsSeason::None | EtsSeason::Additive => value - trend,
        };
        if let Some((sum, count)) = sums.get_mut(at % period) {
            *sum += part;
            *count += 1.0;
        }
    }
    let neutral = if kind == EtsSeason::Multiplicative {
        1.0
    } else {
        0.0
    };
    let states: Vec<f64> = sums
        .iter()
        .map(|(sum, count)| if *count > 0.0 { sum / count } else { neutral })
        .collect();
    let mean = states.iter().sum::<f64>() / period as f64;
    let centred = states.iter().map(|state| match kind {
        EtsSeason::Multiplicative => (state / mean.max(1e-8)).max(0.01),
        EtsSeason::None | EtsSeason::Additive => state - mean,
    });
    centred.collect()
}
