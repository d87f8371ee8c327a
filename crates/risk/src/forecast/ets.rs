//! Exponential smoothing in state-space form: error, trend and season, fitted by likelihood.
//!
//! Hyndman, Koehler, Ord and Snyder 2008; the parameter space and the count of parameters are those of R's
//! `ets`, so that AICc values compare. Fifteen forms; those known to be unstable (additive error with a
//! multiplicative season) are not there. Never reads a value after the last one given.

use super::ets_start::{Start, start};
use super::minimise::{Effort, minimise};

/// How errors act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EtsError {
    /// Added.
    Additive,
    /// In proportion to the forecast; positive values only.
    Multiplicative,
}

/// How the level changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EtsTrend {
    /// Not by itself.
    None,
    /// By a slope.
    Additive,
    /// By a slope that dies away.
    Damped,
}

/// How the season acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EtsSeason {
    /// There is none.
    None,
    /// Added.
    Additive,
    /// In proportion; positive values only.
    Multiplicative,
}

/// One form of exponential smoothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EtsForm {
    /// Error.
    pub error: EtsError,
    /// Trend.
    pub trend: EtsTrend,
    /// Season.
    pub season: EtsSeason,
}

/// A fitted model, at the end of its series.
#[derive(Clone, Debug, PartialEq)]
pub struct Ets {
    /// Its form.
    pub form: EtsForm,
    /// Smoothing of level, slope and season.
    pub smoothing: (f64, f64, f64),
    /// Damping; 1 without.
    pub damping: f64,
    /// Variance of the errors, relative ones for multiplicative errors.
    pub sigma2: f64,
    /// Corrected information criterion; the variance counts as a parameter.
    pub aicc: f64,
    pub(super) level: f64,
    pub(super) slope: f64,
    /// Seasonal states, the next one first.
    pub(super) season: Vec<f64>,
}

/// Smoothing parameters and first states of one trial.
pub(super) struct Trial {
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
    level: f64,
    slope: f64,
    season: Vec<f64>,
}

/// What a run over the series gives.
struct Run {
    squares: f64,
    logs: f64,
    level: f64,
    slope: f64,
    season: Vec<f64>,
}

const LOW: f64 = 1e-4;
const HIGH: f64 = 0.9999;
const DAMPING: (f64, f64) = (0.8, 0.98);
/// So much less in minus twice the log-likelihood is a clear difference.
const CLEARLY: f64 = 0.5;

fn squashed(x: f64, low: f64, high: f64) -> f64 {
    low + (high - low) / (1.0 + (-x).exp())
}

impl EtsForm {
    /// Free parameters: smoothing, damping and first states, without the variance.
    fn parameters(self, period: usize) -> usize {
        let trend = match self.trend {
            EtsTrend::None => 0,
            EtsTrend::Additive => 2,
            EtsTrend::Damped => 3,
        };
        let season = if self.season == EtsSeason::None { 0 } else { period };
        2 + trend + season
    }

    fn trial(self, x: &[f64], period: usize) -> Trial {
        let mut numbers = x.iter().copied();
        let mut next = || numbers.next().unwrap_or(0.0);
        let alpha = squashed(next(), LOW, HIGH);
        let has_trend = self.trend != EtsTrend::None;
        let beta = if has_trend {
            squashed(next(), LOW, alpha.max(LOW))
        } else {
            0.0
        };
        let phi = if self.trend == EtsTrend::Damped {
            squashed(next(), DAMPING.0, DAMPING.1)
        } else {
            1.0
        };
        let seasonal = self.season != EtsSeason::None;
        let gamma = if seasonal {
            squashed(next(), LOW, (1.0 - alpha).max(LOW))
        } else {
            0.0
        };
        let level = next();
        let slope = if has_trend { next() } else { 0.0 };
        let mut season: Vec<f64> = Vec::new();
        if seasonal {
            season.extend((1..period).map(|_| next()));
            let neutral = if self.season == EtsSeason::Additive {
                0.0
            } else {
                period as f64
            };
            season.push(neutral - season.iter().sum::<f64>());
        }
        Trial {
            alpha,
            beta,
            gamma,
            phi,
            level,
            slope,
            season,
        }
    }

    /// Runs over the series; `None` where a state leaves the domain of the form.
    fn run(self, values: &[f64], trial: &Trial) -> Option<Run> {
        let (mut level, mut slope) = (trial.level, trial.slope);
        let mut season = trial.season.clone();
        let share = if trial.alpha > 0.0 {
            trial.beta / trial.alpha
        } else {
            0.0
        };
        let (mut squares, mut logs) = (0.0, 0.0);
        let mut turn = 0_usize;
        for value in values {
            let moved = level + trial.phi * slope;
            let state = season.get(turn).copied().unwrap_or(0.0);
            let (forecast, adjusted) = match self.season {
                EtsSeason::None => (moved, *value),
                EtsSeason::Additive => (moved + state, value - state),
                EtsSeason::Multiplicative if state > 1e-8 && moved > 1e-8 => (moved * state, value / state),
                EtsSeason::Multiplicative => return None,
            };
            let error = match self.error {
                EtsError::Additive => value - forecast,
                EtsError::Multiplicative if forecast > 1e-8 => {
                    logs += forecast.ln();
                    (value - forecast) / forecast
                }
                EtsError::Multiplicative => return None,
            };
            squares += error * error;
            let before = level;
            level = moved + trial.alpha * (adjusted - moved);
            slope = trial.phi * slope + share * (level - before - trial.phi * slope);
            let target = if self.season == EtsSeason::Multiplicative {
                value / moved
            } else {
                value - moved
            };
            if let Some(own) = season.get_mut(turn) {
                *own += trial.gamma * (target - *own);
                turn = (turn + 1) % season.len();
            }
        }
        season.rotate_left(turn);
        Some(Run {
            squares,
            logs,
            level,
            slope,
            season,
        })
    }
}

impl Ets {
    /// Fits one form; `period` is 1 without a season.
    ///
    /// `None` for too few values, values that are not finite, or values that are not positive where the form
    /// needs them so.
    #[must_use]
    pub fn fit(values: &[f64], period: usize, form: EtsForm) -> Option<Self> {
        Self::fit_from(values, period, form, usize::MAX)
    }

    /// The same from the first few beginnings of the search only.
    pub(super) fn fit_from(values: &[f64], period: usize, form: EtsForm, beginnings: usize) -> Option<Self> {
        let n = values.len();
        let free = form.parameters(period);
        let positive = form.error == EtsError::Multiplicative || form.season == EtsSeason::Multiplicative;
        let seasonal = form.season != EtsSeason::None;
        if n < free + 4
            || values
                .iter()
                .any(|value| !value.is_finite() || positive && *value <= 0.0)
            || seasonal && (period < 2 || n < 2 * period)
            || form.error == EtsError::Additive && form.season == EtsSeason::Multiplicative
        {
            return None;
        }
        let Start { places, steps } = start(values, period, form);
        let count = n as f64;
        let mut height = |x: &[f64]| {
            let run = form.run(values, &form.trial(x, period));
            run.map_or(f64::INFINITY, |run| {
                count * run.squares.max(1e-300).ln() + 2.0 * run.logs
            })
        };
        let effort = |descents: usize| Effort {
            evaluations: 60 * steps.len().max(5),
            descents,
        };
        let mut tried = places
            .iter()
            .take(beginnings)
            .map(|place| minimise(place, &steps, effort(1), &mut height));
        // The top near the usual smoothing stands unless another is clearly higher: what the data hardly tell
        // apart should not flip with one more value.
        let usual = tried.next()?;
        let other = tried.min_by(|left, right| left.1.total_cmp(&right.1));
        let clearly = other.filter(|other| other.1 < usual.1 - CLEARLY);
        let (place, _) = clearly.unwrap_or(usual);
        let (found, height) = minimise(&place, &steps, effort(3), &mut height);
        let trial = form.trial(&found, period);
        let run = form.run(values, &trial)?;
        let k = free as f64 + 1.0;
        let aicc = height + 2.0 * k + 2.0 * k * (k + 1.0) / (count - k - 1.0);
        let known = Self {
            form,
            smoothing: (trial.alpha, trial.beta, trial.gamma),
            damping: trial.phi,
            sigma2: run.squares / (count - free as f64),
            aicc,
            level: run.level,
            slope: run.slope,
            season: run.season,
        };
        (aicc.is_finite() && known.sigma2.is_finite()).then_some(known)
    }

    /// The form with the least AICc; with a season when `period` is above 1.
    #[must_use]
    pub fn automatic(values: &[f64], period: usize) -> Option<Self> {
        let mut best: Option<Self> = None;
        let seasons: &[EtsSeason] = if period > 1 {
            &[EtsSeason::None, EtsSeason::Additive, EtsSeason::Multiplicative]
        } else {
            &[EtsSeason::None]
        };
        for error in [EtsError::Additive, EtsError::Multiplicative] {
            for trend in [EtsTrend::None, EtsTrend::Additive, EtsTrend::Damped] {
                for season in seasons {
                    let form = EtsForm {
                        error,
                        trend,
                        season: *season,
                    };
                    let found = Self::fit(values, period, form);
                    if let Some(found) = found
                        && best.as_ref().is_none_or(|best| found.aicc < best.aicc)
                    {
                        best = Some(found);
                    }
                }
            }
        }
        best
    }

    /// How far the slope carries the level in so many steps.
    fn carried(&self, steps: usize) -> f64 {
        match self.form.trend {
            EtsTrend::None => 0.0,
            EtsTrend::Additive => steps as f64,
            EtsTrend::Damped => (1..=steps).map(|step| self.damping.powi(step as i32)).sum(),
        }
    }

    /// Point and variance of the next values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<(f64, f64)> {
        let (alpha, beta, gamma) = self.smoothing;
        let period = self.season.len();
        let is_turn = |step: usize| period > 0 && step.is_multiple_of(period);
        let additive = self.form.season == EtsSeason::Additive;
        let weight = |step: usize| {
            let trend = match self.form.trend {
                EtsTrend::None => 0.0,
                EtsTrend::Additive | EtsTrend::Damped => beta * self.carried(step),
            };
            let season = if additive && is_turn(step) { gamma } else { 0.0 };
            (alpha + trend + season).powi(2)
        };
        let state = |step: usize| self.season.get((step - 1) % period.max(1)).copied();
        let mut spread: Vec<f64> = Vec::with_capacity(horizon);
        let step = |step: usize| {
            let bare = self.level + self.slope * self.carried(step);
            let added = if additive { state(step).unwrap_or(0.0) } else { 0.0 };
            let mean = bare + added;
            if self.form.error == EtsError::Additive {
                let sum: f64 = (1..step).map(weight).sum();
                return (mean, self.sigma2 * (1.0 + sum));
            }
            let earlier = spread.iter().rev().enumerate();
            let sum: f64 = earlier.map(|(at, theta)| weight(at + 1) * theta).sum();
            let theta = mean * mean + self.sigma2 * sum;
            spread.push(theta);
            if self.form.season != EtsSeason::Multiplicative {
                return (mean, (1.0 + self.sigma2) * theta - mean * mean);
            }
            let factor = state(step).unwrap_or(1.0);
            let turns = ((step - 1) / period.max(1)) as i32;
            let grown = theta * (1.0 + self.sigma2) * (1.0 + gamma * gamma * self.sigma2).powi(turns);
            (mean * factor, factor * factor * (grown - mean * mean))
        };
        (1..=horizon).map(step).collect()
    }
}
