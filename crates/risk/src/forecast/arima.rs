//! ARIMA models by exact likelihood, seasonal ones of a given order, others chosen by information criterion.
//!
//! Harvey's state-space form with a filter for noise-free observations; stationary and invertible by
//! construction (Monahan 1984); the order without a season is searched for as by Hyndman and Khandakar 2008,
//! differences by the test of Kwiatkowski and others 1992. The constant is concentrated out of the likelihood.

use super::arima_filter::{Filtered, filter, from_partials, multiplied};
use super::minimise::{Effort, minimise};
use std::collections::BTreeSet;

/// The order of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArimaOrder {
    /// Autoregressive terms.
    pub p: u8,
    /// Differences.
    pub d: u8,
    /// Moving-average terms.
    pub q: u8,
    /// Seasonal autoregressive terms.
    pub seasonal_p: u8,
    /// Seasonal differences.
    pub seasonal_d: u8,
    /// Seasonal moving-average terms.
    pub seasonal_q: u8,
    /// Periods of a season; 0 or 1 without one.
    pub period: u16,
}

/// A fitted model, at the end of its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Arima {
    /// Its order.
    pub order: ArimaOrder,
    /// Mean of the differenced series, where there is one.
    pub constant: Option<f64>,
    /// Variance of the innovations.
    pub sigma2: f64,
    /// Corrected information criterion.
    pub aicc: f64,
    autoregression: Vec<f64>,
    moving_average: Vec<f64>,
    /// Values so far, and how differences are made of them.
    values: Vec<f64>,
    differences: Vec<f64>,
    /// What the filter expects next, of the differenced series without its mean.
    state: Vec<f64>,
    /// Whether a root lies so close to one that the model is not to be trusted.
    edge: bool,
}

/// Longest season.
const PERIOD_LIMIT: u16 = 60;
/// Most terms in the search.
const TERMS: u8 = 5;
/// Critical value of the stationarity test at 5 %.
const KPSS: f64 = 0.463;

impl ArimaOrder {
    fn is_sound(self) -> bool {
        let seasonal = self.seasonal_p + self.seasonal_d + self.seasonal_q > 0;
        self.p <= TERMS
            && self.q <= TERMS
            && self.d <= 2
            && self.seasonal_p <= 2
            && self.seasonal_q <= 2
            && self.seasonal_d <= 1
            && (!seasonal || (2..=PERIOD_LIMIT).contains(&self.period))
    }

    fn terms(self) -> usize {
        usize::from(self.p + self.q + self.seasonal_p + self.seasonal_q)
    }

    /// (1 − B)^d · (1 − B^m)^D, without its leading 1, with the signs of an autoregression.
    fn differences(self) -> Vec<f64> {
        let mut polynomial = vec![1.0];
        for _ in 0..self.d {
            polynomial = multiplied(&polynomial, &[1.0, -1.0]);
        }
        for _ in 0..self.seasonal_d {
            let mut season = vec![0.0; usize::from(self.period) + 1];
            if let Some(first) = season.first_mut() {
                *first = 1.0;
            }
            if let Some(last) = season.last_mut() {
                *last = -1.0;
            }
            polynomial = multiplied(&polynomial, &season);
        }
        polynomial.iter().skip(1).map(|term| -term).collect()
    }

    /// Where the search begins: near no dependence; where both kinds of terms are there, which can stand in for
    /// each other, also on either side of it.
    fn beginnings(self, thorough: bool) -> Vec<Vec<f64>> {
        let mut all = vec![vec![0.1; self.terms()]];
        if thorough && self.p > 0 && self.q > 0 {
            let sides = [-1.0, 1.0].into_iter().map(|side| {
                let place = |at: usize| {
                    if at < usize::from(self.p) {
                        side
                    } else {
                        -0.3 * side
                    }
                };
                (0..self.terms()).map(place).collect()
            });
            all.extend(sides);
        }
        all
    }

    /// Autoregression and moving average of a place of the search.
    fn polynomials(self, x: &[f64]) -> (Vec<f64>, Vec<f64>, bool) {
        let mut partials = x.iter().map(|x| x.tanh());
        let mut take = |count: u8| partials.by_ref().take(usize::from(count)).collect::<Vec<f64>>();
        let parts = [
            take(self.p),
            take(self.q),
            take(self.seasonal_p),
            take(self.seasonal_q),
        ];
        let edge = parts.iter().flatten().any(|partial| partial.abs() > 0.99);
        let [p, q, seasonal_p, seasonal_q] = parts;
        let polynomial = |partials: &[f64], sign: f64, apart: usize| {
            let mut polynomial = vec![0.0; partials.len() * apart + 1];
            let terms = from_partials(partials);
            let places = polynomial.iter_mut().step_by(apart.max(1));
            for (place, term) in places.zip(std::iter::once(1.0).chain(terms.iter().map(|term| sign * term)))
            {
                *place = term;
            }
            polynomial
        };
        let season = usize::from(self.period.max(1));
        let regression = multiplied(&polynomial(&p, -1.0, 1), &polynomial(&seasonal_p, -1.0, season));
        let average = multiplied(&polynomial(&q, -1.0, 1), &polynomial(&seasonal_q, -1.0, season));
        let regression = regression.iter().skip(1).map(|term| -term).collect();
        (regression, average.into_iter().skip(1).collect(), edge)
    }
}

/// A series after differences.
fn differenced(values: &[f64], differences: &[f64]) -> Vec<f64> {
    let reach = differences.len();
    let windows = values.windows(reach + 1);
    let differenced = windows.filter_map(|window| {
        let (now, before) = window.split_last()?;
        let carried: f64 = before
            .iter()
            .rev()
            .zip(differences)
            .map(|(value, by)| value * by)
            .sum();
        Some(now - carried)
    });
    differenced.collect()
}

impl Arima {
    /// Fits an order, with or without a constant; `None` for an order that is too large, too few values, or a
    /// constant with two differences.
    #[must_use]
    pub fn fit(values: &[f64], order: ArimaOrder, constant: bool) -> Option<Self> {
        let effort = Effort {
            evaluations: 150 * order.terms().max(1),
            descents: 3,
        };
        Self::fit_with(values, order, constant, effort)
    }

    fn fit_with(values: &[f64], order: ArimaOrder, constant: bool, effort: Effort) -> Option<Self> {
        let differences = order.differences();
        let parameters = order.terms() + usize::from(constant);
        if !order.is_sound()
            || constant && order.d + order.seasonal_d > 1
            || values.iter().any(|value| !value.is_finite())
            || values.len() < differences.len() + parameters + 4
        {
            return None;
        }
        let left = differenced(values, &differences);
        let n = left.len() as f64;
        let likelihood = |filtered: &Filtered| {
            // A series that is explained exactly would have no end of likelihood.
            n * (filtered.squares / n).max(1e-300).ln() + filtered.logs
        };
        let mut height = |x: &[f64]| {
            let (regression, average, _) = order.polynomials(x);
            let filtered = filter(&left, &regression, &average, constant);
            filtered.map_or(f64::INFINITY, |filtered| likelihood(&filtered))
        };
        let steps = vec![0.4; order.terms()];
        let tried = order.beginnings(effort.descents > 1).into_iter();
        let tried = tried.map(|start| minimise(&start, &steps, effort, &mut height));
        let (found, _) = tried.min_by(|left, right| left.1.total_cmp(&right.1))?;
        let (autoregression, moving_average, edge) = order.polynomials(&found);
        let filtered = filter(&left, &autoregression, &moving_average, constant)?;
        let k = parameters as f64 + 1.0;
        let twice = likelihood(&filtered) + n * (1.0 + (2.0 * std::f64::consts::PI).ln());
        let aicc = twice + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
        let sigma2 = filtered.squares / (n - parameters as f64);
        let fitted = Self {
            order,
            constant: filtered.mean,
            sigma2,
            aicc,
            autoregression,
            moving_average,
            values: values.to_vec(),
            differences,
            state: filtered.state,
            edge,
        };
        (n - k > 1.0 && aicc.is_finite() && sigma2.is_finite()).then_some(fitted)
    }

    /// Whether a root lies so close to one that the model is not to be trusted; a search leaves such models out.
    #[must_use]
    pub fn is_at_the_edge(&self) -> bool {
        self.edge
    }

    /// The order without a season that has the least AICc among those that are tried.
    #[must_use]
    pub fn automatic(values: &[f64]) -> Option<Self> {
        let d = differences_needed(values);
        let mut tried = BTreeSet::new();
        let mut best: Option<Self> = None;
        let free = d <= 1;
        let mut next: Vec<(u8, u8, bool)> = vec![
            (2, 2, free),
            (0, 0, free),
            (1, 0, free),
            (0, 1, free),
            (0, 0, false),
        ];
        while !next.is_empty() {
            let before = best.as_ref().map(|best| best.aicc);
            for (p, q, constant) in std::mem::take(&mut next) {
                if !tried.insert((p, q, constant)) {
                    continue;
                }
                let order = ArimaOrder {
                    p,
                    d,
                    q,
                    ..ArimaOrder::default()
                };
                let rough = Effort {
                    evaluations: 40 + 30 * order.terms(),
                    descents: 1,
                };
                let found = Self::fit_with(values, order, constant, rough);
                let found = found.filter(|found| !found.edge);
                if let Some(found) = found
                    && best.as_ref().is_none_or(|best| found.aicc < best.aicc)
                {
                    best = Some(found);
                }
            }
            if let Some(best) = &best
                && Some(best.aicc) != before
            {
                next = neighbours(best.order.p, best.order.q, best.constant.is_some(), free);
            }
        }
        // The search looked at each order briefly; the one it chose is fitted well.
        let chosen = best?;
        Self::fit(values, chosen.order, chosen.constant.is_some()).or(Some(chosen))
    }

    /// Point and variance of the next values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<(f64, f64)> {
        let mut values = self.values.clone();
        let mut state = self.state.clone();
        let mut whole: Vec<f64> = std::iter::once(1.0)
            .chain(self.autoregression.iter().map(|term| -term))
            .collect();
        let unit: Vec<f64> = std::iter::once(1.0)
            .chain(self.differences.iter().map(|term| -term))
            .collect();
        whole = multiplied(&whole, &unit);
        let mut weights: Vec<f64> = Vec::with_capacity(horizon);
        let mut variance = 0.0;
        let ahead = (0..horizon).map(|step| {
            let expected = state.first().copied().unwrap_or(0.0) + self.constant.unwrap_or(0.0);
            let first = state.first().copied().unwrap_or(0.0);
            let moved = (0..state.len()).map(|at| {
                let own = self.autoregression.get(at).copied().unwrap_or(0.0) * first;
                own + state.get(at + 1).copied().unwrap_or(0.0)
            });
            state = moved.collect();
            let carried = values.iter().rev().zip(&self.differences);
            let point = expected + carried.map(|(value, by)| value * by).sum::<f64>();
            values.push(point);
            let own = if step == 0 {
                1.0
            } else {
                self.moving_average.get(step - 1).copied().unwrap_or(0.0)
            };
            let earlier = weights.iter().rev().zip(whole.iter().skip(1));
            let weight = own - earlier.map(|(weight, term)| weight * term).sum::<f64>();
            weights.push(weight);
            variance += weight * weight * self.sigma2;
            (point, variance)
        });
        ahead.collect()
    }
}

fn neighbours(p: u8, q: u8, constant: bool, free: bool) -> Vec<(u8, u8, bool)> {
    let steps: [(i8, i8); 8] = [
        (1, 0),
        (-1, 0),
        (0, 1),
        (0, -1),
        (1, 1),
        (-1, -1),
        (1, -1),
        (-1, 1),
    ];
    let moved = steps.iter().filter_map(|(by_p, by_q)| {
        let (p, q) = (p.checked_add_signed(*by_p)?, q.checked_add_signed(*by_q)?);
        (p <= TERMS && q <= TERMS).then_some((p, q, constant))
    });
    let mut all: Vec<(u8, u8, bool)> = moved.collect();
    if free {
        all.push((p, q, !constant));
    }
    all
}

/// How often a series is to be differenced until it looks stationary, at most twice.
fn differences_needed(values: &[f64]) -> u8 {
    let mut left = values.to_vec();
    for d in 0..2 {
        if kpss(&left).is_none_or(|statistic| statistic <= KPSS) {
            return d;
        }
        left = left
            .iter()
            .zip(left.iter().skip(1))
            .map(|(before, now)| now - before)
            .collect();
    }
    2
}

fn kpss(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let left: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let sums = left.iter().scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum * *sum)
    });
    let squares: f64 = sums.sum();
    let lags = (3.0 * n.sqrt() / 13.0).trunc();
    let covariance = |lag: usize| {
        let pairs = left.iter().zip(left.iter().skip(lag));
        pairs.map(|(before, now)| before * now).sum::<f64>() / n
    };
    let weighted: f64 = (1..=lags as usize)
        .map(|lag| 2.0 * (1.0 - lag as f64 / (lags + 1.0)) * covariance(lag))
        .sum();
    let variance = covariance(0) + weighted;
    let statistic = squares / (n * n * variance);
    (variance > 0.0 && statistic.is_finite()).then_some(statistic)
}
