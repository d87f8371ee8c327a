//! First guesses for exponential smoothing: states from a rough decomposition, and the first steps of the search.

use super::ets::{EtsForm, EtsSeason, EtsTrend};

/// Where the search begins, and how far its first steps go.
pub(super) struct Start {
    pub(super) place: Vec<f64>,
    pub(super) steps: Vec<f64>,
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
    // Logistic scale: about 0.3 for the level, small for slope and season.
    let mut place = vec![-0.8];
    let mut steps = vec![1.0];
    let mut push = |x: f64, step: f64| {
        place.push(x);
        steps.push(step);
    };
    if form.trend != EtsTrend::None {
        push(-2.0, 1.0);
    }
    if form.trend == EtsTrend::Damped {
        push(2.0, -1.0);
    }
    if form.season != EtsSeason::None {
        push(-2.0, 1.0);
    }
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
    Start { place, steps }
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
