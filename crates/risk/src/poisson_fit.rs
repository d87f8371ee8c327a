//! A log-linear Poisson regression with prior weights, by iteratively reweighted least squares.
//!
//! McCullagh and Nelder 1989. For a few hundred rows and a dozen columns; gives nothing where the normal
//! equations are singular.

use crate::linear::{Cholesky, Matrix, dot};

/// A fitted regression.
pub(crate) struct PoissonFit {
    pub(crate) coefficients: Vec<f64>,
    /// Fitted means.
    pub(crate) means: Vec<f64>,
    /// Diagonal of the hat matrix of the weighted fit.
    pub(crate) leverages: Vec<f64>,
    /// Dispersion, at least 1.
    pub(crate) dispersion: f64,
}

const ROUNDS: usize = 200;
const PRECISION: f64 = 1e-12;

/// Fits ln μ = x·β to counts; `rows` are the rows of x.
pub(crate) fn poisson_fit(rows: &[Vec<f64>], counts: &[f64], weights: &[f64]) -> Option<PoissonFit> {
    let columns = rows.first()?.len();
    if counts.len() <= columns {
        return None;
    }
    let mut means: Vec<f64> = counts.iter().map(|count| count + 0.1).collect();
    let mut before = f64::INFINITY;
    for _ in 0..ROUNDS {
        let working: Vec<f64> = counts
            .iter()
            .zip(&means)
            .map(|(count, mean)| mean.ln() + (count - mean) / mean)
            .collect();
        let factor = normal_equations(rows, &means, weights)?;
        let right = weighted_sums(rows, &means, weights, &working);
        let coefficients = factor.solve(&right);
        means = rows.iter().map(|row| dot(row, &coefficients).exp()).collect();
        if means.iter().any(|mean| !mean.is_finite() || *mean <= 0.0) {
            return None;
        }
        let deviance = deviance(counts, &means, weights);
        if (deviance - before).abs() <= PRECISION * (deviance.abs() + 0.1) {
            return finished(rows, counts, weights, coefficients, means);
        }
        before = deviance;
    }
    None
}

fn finished(
    rows: &[Vec<f64>],
    counts: &[f64],
    weights: &[f64],
    coefficients: Vec<f64>,
    means: Vec<f64>,
) -> Option<PoissonFit> {
    let factor = normal_equations(rows, &means, weights)?;
    let leverages = rows.iter().zip(&means).zip(weights).map(|((row, mean), weight)| {
        let half = factor.forward(row);
        weight * mean * dot(&half, &half)
    });
    let leverages = leverages.collect();
    let pearson: f64 = counts
        .iter()
        .zip(&means)
        .zip(weights)
        .map(|((count, mean), weight)| weight * (count - mean).powi(2) / mean)
        .sum();
    let freedom = counts.len().checked_sub(coefficients.len())?.max(1);
    Some(PoissonFit {
        coefficients,
        means,
        leverages,
        dispersion: (pearson / freedom as f64).max(1.0),
    })
}

fn normal_equations(rows: &[Vec<f64>], means: &[f64], weights: &[f64]) -> Option<Cholesky> {
    let columns = rows.first()?.len();
    let mut matrix = Matrix::zeros(columns, columns);
    for ((row, mean), weight) in rows.iter().zip(means).zip(weights) {
        for (at, left) in row.iter().enumerate() {
            for (to, right) in row.iter().enumerate().take(at + 1) {
                let sum = matrix.get(at, to) + weight * mean * left * right;
                matrix.set(at, to, sum);
            }
        }
    }
    Cholesky::of(&matrix)
}

fn weighted_sums(rows: &[Vec<f64>], means: &[f64], weights: &[f64], working: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; rows.first().map_or(0, Vec::len)];
    for (((row, mean), weight), value) in rows.iter().zip(means).zip(weights).zip(working) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += weight * mean * value * x;
        }
    }
    sums
}

fn deviance(counts: &[f64], means: &[f64], weights: &[f64]) -> f64 {
    let parts = counts.iter().zip(means).zip(weights);
    let parts = parts.map(|((count, mean), weight)| {
        let log = if *count > 0.0 {
            count * (count / mean).ln()
        } else {
            0.0
        };
        2.0 * weight * (log - (count - mean))
    });
    parts.sum()
}
