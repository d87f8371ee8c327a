//! Seasonal decomposition by local regression (STL) with a periodic season: Cleveland and others 1990.
//!
//! The settings, the number of rounds and the scale of residuals are those of R's `stl`, so that its results are
//! met to the last digits it prints; why no crate does that is `docs/decisions/0027-stl-as-in-r.md`.

use super::middle::two_middle;

/// A season of averages by place and a trend.
pub(super) struct Stl {
    pub(super) seasonal: Vec<f64>,
    pub(super) trend: Vec<f64>,
}

/// Rounds in which outliers lose weight.
const ROBUST_ROUNDS: usize = 15;
/// Shares of a reach within which a weight is whole, and beyond which it is nothing.
const WHOLE: f64 = 0.001;
const NOTHING: f64 = 0.999;

/// Local regression at every value, or at some with straight lines between.
struct Loess {
    /// Values that count, the nearest ones.
    length: usize,
    /// A line, or a level only.
    line: bool,
    /// Distance of the places at which it is computed.
    jump: usize,
}

/// Decomposes at least two whole seasons.
pub(super) fn stl(values: &[f64], period: usize, robust: bool) -> Stl {
    let odd = |length: usize| length + usize::from(length.is_multiple_of(2));
    let tenth = |length: usize, line: bool| Loess {
        length,
        line,
        jump: length.div_ceil(10),
    };
    // A window of ten times the series is the mean of each place in the season.
    let season = tenth(10 * values.len() + 1, false);
    let trend_length = (1.5 * period as f64 / (1.0 - 1.5 / season.length as f64)).ceil() as usize;
    let (trending, low_pass) = (tenth(odd(trend_length), true), tenth(odd(period), true));
    let (rounds, loops) = if robust { (ROBUST_ROUNDS, 1) } else { (0, 2) };
    let mut trend = vec![0.0; values.len()];
    let mut seasonal = trend.clone();
    let mut weights: Option<Vec<f64>> = None;
    for round in 0..=rounds {
        for _ in 0..loops {
            let weights = weights.as_deref();
            let bare = difference(values, &trend);
            let cycles = season.by_place(&bare, period, weights);
            let low = averages(&averages(&averages(&cycles, period), period), 3);
            let low = low_pass.smooth(&low, None);
            seasonal = difference(cycles.get(period..).unwrap_or_default(), &low);
            trend = trending.smooth(&difference(values, &seasonal), weights);
        }
        if round < rounds {
            let fitted: Vec<f64> = trend
                .iter()
                .zip(&seasonal)
                .map(|(trend, season)| trend + season)
                .collect();
            weights = Some(robust_weights(&difference(values, &fitted)));
        }
    }
    Stl { seasonal, trend }
}

fn difference(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(left, right)| left - right).collect()
}

/// Moving averages of so many values; shorter by as many less one.
fn averages(values: &[f64], length: usize) -> Vec<f64> {
    let mean = |window: &[f64]| window.iter().sum::<f64>() / length as f64;
    values.windows(length).map(mean).collect()
}

/// The bisquare of residuals over six times their median size.
fn robust_weights(residuals: &[f64]) -> Vec<f64> {
    let sizes: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
    let (lower, upper) = two_middle(&sizes);
    let reach = 3.0 * (lower + upper);
    let weight = |size: &f64| {
        if *size <= WHOLE * reach {
            1.0
        } else if *size <= NOTHING * reach {
            (1.0 - (size / reach).powi(2)).powi(2)
        } else {
            0.0
        }
    };
    sizes.iter().map(weight).collect()
}

impl Loess {
    /// The regression at a place, counted from 1, over the values `from..end`; `None` where no weight is left.
    fn at(
        &self,
        values: &[f64],
        weights: Option<&[f64]>,
        place: f64,
        (from, end): (usize, usize),
    ) -> Option<f64> {
        let mut reach = (place - (from as f64 + 1.0)).max(end as f64 - place);
        reach += (self.length.saturating_sub(values.len()) / 2) as f64;
        let near = values.get(from..end)?;
        let tricube = |offset: usize| {
            let place_there = (from + offset) as f64 + 1.0;
            let distance = (place_there - place).abs();
            let weight = if distance > NOTHING * reach {
                0.0
            } else if distance <= WHOLE * reach {
                1.0
            } else {
                (1.0 - (distance / reach).powi(3)).powi(3)
            };
            let own = weights.map_or(1.0, |weights| weights.get(from + offset).copied().unwrap_or(0.0));
            (place_there, weight * own)
        };
        let mut shares: Vec<(f64, f64)> = (0..near.len()).map(tricube).collect();
        let total: f64 = shares.iter().map(|share| share.1).sum();
        if total <= 0.0 {
            return None;
        }
        shares.iter_mut().for_each(|share| share.1 /= total);
        if reach > 0.0 && self.line {
            let centre: f64 = shares.iter().map(|(there, share)| there * share).sum();
            let square: f64 = shares
                .iter()
                .map(|(there, share)| share * (there - centre).powi(2))
                .sum();
            // Where the weight sits on one place, a line has no slope.
            if square.sqrt() > WHOLE * (values.len() as f64 - 1.0) {
                let slope = (place - centre) / square;
                shares
                    .iter_mut()
                    .for_each(|(there, share)| *share *= slope * (*there - centre) + 1.0);
            }
        }
        Some(
            shares
                .iter()
                .zip(near)
                .map(|((_, share), value)| share * value)
                .sum(),
        )
    }

    /// Which values are the nearest to a place, counted from 0; `every` tells whether each place is computed.
    fn nearest(&self, place: usize, n: usize) -> (usize, usize) {
        if self.length >= n {
            return (0, n);
        }
        let half = self.length.div_ceil(2);
        let from = (place + 1).saturating_sub(half).min(n - self.length);
        (from, from + self.length)
    }

    /// The smoothed series.
    fn smooth(&self, values: &[f64], weights: Option<&[f64]>) -> Vec<f64> {
        let n = values.len();
        let Some(last) = n.checked_sub(1).filter(|last| *last > 0) else {
            return values.to_vec();
        };
        let jump = self.jump.clamp(1, last);
        let fitted = |place: usize| {
            let own = values.get(place).copied().unwrap_or(0.0);
            self.at(values, weights, place as f64 + 1.0, self.nearest(place, n))
                .unwrap_or(own)
        };
        let mut knots: Vec<(usize, f64)> = (0..n).step_by(jump).map(|place| (place, fitted(place))).collect();
        if let Some((reached, _)) = knots.last().copied().filter(|knot| knot.0 < last) {
            // The last value is computed over the neighbourhood of the last knot.
            let own = values.last().copied().unwrap_or(0.0);
            let near = self.nearest(reached, n);
            knots.push((last, self.at(values, weights, n as f64, near).unwrap_or(own)));
        }
        let mut smooth = Vec::with_capacity(n);
        for (left, right) in knots.iter().zip(knots.iter().skip(1)) {
            let width = right.0 - left.0;
            let slope = (right.1 - left.1) / width as f64;
            smooth.extend((0..width).map(|step| left.1 + slope * step as f64));
        }
        smooth.extend(knots.last().map(|knot| knot.1));
        smooth
    }

    /// Each place of the season smoothed by itself, with one more season before and one behind.
    fn by_place(&self, values: &[f64], period: usize, weights: Option<&[f64]>) -> Vec<f64> {
        let mut whole = vec![0.0; values.len() + 2 * period];
        for place in 0..period {
            let own: Vec<f64> = values.iter().skip(place).step_by(period).copied().collect();
            let weights: Option<Vec<f64>> =
                weights.map(|weights| weights.iter().skip(place).step_by(period).copied().collect());
            let (weights, n) = (weights.as_deref(), own.len());
            let smooth = self.smooth(&own, weights);
            let near = self.length.min(n);
            let first = self.at(&own, weights, 0.0, (0, near)).or(smooth.first().copied());
            let last = self
                .at(&own, weights, n as f64 + 1.0, (n - near, n))
                .or(smooth.last().copied());
            let extended = first.into_iter().chain(smooth.iter().copied()).chain(last);
            for (cell, value) in whole.iter_mut().skip(place).step_by(period).zip(extended) {
                *cell = value;
            }
        }
        whole
    }
}
