//! The filter of an ARMA process, and the polynomials it works with.
//!
//! Observations carry no noise of their own, so after each of them the first state is known exactly and the
//! filter is a shift. Never looks for parameters.

use crate::linear::Matrix;

/// What a run of the filter gives.
pub(super) struct Filtered {
    /// Sum of squared standardised innovations.
    pub(super) squares: f64,
    /// Sum of the logarithms of their variances.
    pub(super) logs: f64,
    /// The mean, where one was asked for.
    pub(super) mean: Option<f64>,
    /// What is expected next, without the mean.
    pub(super) state: Vec<f64>,
}

/// Coefficients of an autoregression with these partial correlations.
pub(super) fn from_partials(partials: &[f64]) -> Vec<f64> {
    let mut terms: Vec<f64> = Vec::with_capacity(partials.len());
    for partial in partials {
        let turned: Vec<f64> = terms.iter().rev().copied().collect();
        for (term, other) in terms.iter_mut().zip(turned) {
            *term -= partial * other;
        }
        terms.push(*partial);
    }
    terms
}

/// The product of two polynomials.
pub(super) fn multiplied(left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; (left.len() + right.len()).saturating_sub(1)];
    for (at, a) in left.iter().enumerate() {
        for (place, b) in product.iter_mut().skip(at).zip(right) {
            *place += a * b;
        }
    }
    product
}

/// The stationary variance of the states.
fn stationary(regression: &[f64], loads: &[f64]) -> Option<Matrix> {
    let r = loads.len();
    let mut step = Matrix::zeros(r, r);
    let mut variance = Matrix::zeros(r, r);
    for (row, load) in loads.iter().enumerate() {
        step.set(row, 0, regression.get(row).copied().unwrap_or(0.0));
        if row + 1 < r {
            step.set(row, row + 1, 1.0);
        }
        for (column, other) in loads.iter().enumerate() {
            variance.set(row, column, load * other);
        }
    }
    for _ in 0..60 {
        // variance + step·variance·stepᵀ; the variance is symmetric.
        let more = step.times_transposed(&variance).times_transposed(&step);
        let growth = more.largest();
        variance.add(&more);
        if !growth.is_finite() {
            return None;
        }
        if growth <= 1e-14 * variance.largest() {
            return Some(variance);
        }
        step = step.times_transposed(&step.transposed());
    }
    None
}

/// Runs the filter over a series; `None` where the process is not stationary.
pub(super) fn filter(
    values: &[f64],
    regression: &[f64],
    average: &[f64],
    constant: bool,
) -> Option<Filtered> {
    let r = regression.len().max(average.len() + 1);
    let loads: Vec<f64> = std::iter::once(1.0)
        .chain((0..r - 1).map(|at| average.get(at).copied().unwrap_or(0.0)))
        .collect();
    let mut variance = stationary(regression, &loads)?;
    let mut state = vec![0.0; r];
    let mut ones = vec![0.0; r];
    let mut settled = false;
    let (mut yy, mut y1, mut one_one, mut logs) = (0.0, 0.0, 0.0, 0.0);
    for value in values {
        let spread = variance.get(0, 0);
        if spread <= 0.0 || !spread.is_finite() {
            return None;
        }
        let column: Vec<f64> = (0..r).map(|row| variance.get(row, 0)).collect();
        let error = value - state.first().copied().unwrap_or(0.0);
        let error_of_one = 1.0 - ones.first().copied().unwrap_or(0.0);
        yy += error * error / spread;
        y1 += error * error_of_one / spread;
        one_one += error_of_one * error_of_one / spread;
        logs += spread.ln();
        state = stepped(&state, &column, error / spread, *value, regression);
        ones = stepped(&ones, &column, error_of_one / spread, 1.0, regression);
        // An innovation of variance 1 is the noise itself: nothing is left to be learnt of the states.
        if (spread - 1.0).abs() > 1e-13 || !settled {
            settled = (spread - 1.0).abs() <= 1e-13;
            shift(&mut variance, &column, spread, &loads);
        }
    }
    let mean = (constant && one_one > 0.0).then(|| y1 / one_one);
    let of_mean = mean.unwrap_or(0.0);
    let squares = yy - of_mean * of_mean * if mean.is_some() { one_one } else { 0.0 };
    Some(Filtered {
        squares: squares.max(0.0),
        logs,
        mean,
        state: state
            .iter()
            .zip(&ones)
            .map(|(own, one)| own - of_mean * one)
            .collect(),
    })
}

/// The states one period on, once a value is known.
fn stepped(state: &[f64], column: &[f64], gain: f64, known: f64, regression: &[f64]) -> Vec<f64> {
    let later = state
        .iter()
        .zip(column)
        .skip(1)
        .map(|(own, with_first)| own + with_first * gain);
    let later = later.chain(std::iter::once(0.0));
    let by_first = regression.iter().copied().chain(std::iter::repeat(0.0));
    later
        .zip(by_first)
        .map(|(later, by)| later + by * known)
        .collect()
}

/// The variance one period on: after a value the first state has none.
fn shift(variance: &mut Matrix, column: &[f64], spread: f64, loads: &[f64]) {
    let r = loads.len();
    let at = |place: usize| column.get(place).copied().unwrap_or(0.0);
    for (row, load) in loads.iter().enumerate() {
        for (place, other) in loads.iter().enumerate() {
            let inside = row + 1 < r && place + 1 < r;
            let left = if inside {
                variance.get(row + 1, place + 1) - at(row + 1) * at(place + 1) / spread
            } else {
                0.0
            };
            variance.set(row, place, left + load * other);
        }
    }
}
