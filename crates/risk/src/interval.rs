//! Where a value may lie by chance alone, by the method that fits how it was made, or nothing.
//!
//! Counts: the exact Poisson interval of Garwood 1936. A part of a whole, both counted: Wilson 1927. Another rate of a
//! count: the Poisson interval of the numerator over a fixed denominator. A composite: its own draws. Never anything
//! else: what is not a plain sum of distinct counted things has no interval here. See decision 0022.

use crate::calendar::ended_by;
use crate::cell::{Flag, exact_sum};
use crate::definition::Aggregation;
use crate::evaluate::{Evaluator, KeyRef};
use crate::expression::{Node, Op, Resampling, WindowFunction};
use crate::robustness::Robustness;
use crate::types::infer;
use crate::units::Unit;
use leleka_domain::Period;
use serde::Serialize;
use statrs::function::gamma::{checked_gamma_lr, ln_gamma};

/// Level of the intervals of counts and rates.
const LEVEL: f64 = 0.95;
/// Level of the interval between the 5th and the 95th draw in a hundred.
const DRAWN_LEVEL: f64 = 0.9;
/// Φ⁻¹(0.975).
const Z: f64 = 1.959_963_984_540_054;
/// Above this count the approximation of Wilson and Hilferty is nearer than a hundredth of a case.
const EXACT: f64 = 10_000.0;

/// An interval around a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower bound, not above the value.
    pub low: f64,
    /// Upper bound, not below the value.
    pub high: f64,
    /// Nominal coverage, 0.8 to 0.95.
    pub level: f64,
    /// `poisson`, `wilson`, `poisson_rate` or `draws`.
    pub method: &'static str,
}

/// The interval of a composite: its draws, widened to hold the value itself.
pub(crate) fn of_draws(value: Option<f64>, robustness: &Robustness) -> Option<Interval> {
    around(value?, (robustness.p05, robustness.p95), DRAWN_LEVEL, "draws")
}

/// An interval of finite bounds that holds the value.
fn around(value: f64, (low, high): (f64, f64), level: f64, method: &'static str) -> Option<Interval> {
    let (low, high) = (low.min(value), high.max(value));
    let sound = low.is_finite() && high.is_finite();
    sound.then_some(Interval {
        low,
        high,
        level,
        method,
    })
}

/// The exact 95 % interval of a Poisson count.
#[must_use]
pub fn poisson_interval(count: f64) -> Option<(f64, f64)> {
    if !count.is_finite() || count < 0.0 {
        return None;
    }
    let tail = (1.0 - LEVEL) / 2.0;
    let low = if count > 0.0 {
        gamma_quantile(count, tail, -Z)?
    } else {
        0.0
    };
    Some((low, gamma_quantile(count + 1.0, 1.0 - tail, Z)?))
}

/// The quantile of a gamma distribution of this shape and scale 1; `z` is that of a normal one.
///
/// Wilson and Hilferty 1931, made exact by Newton steps.
fn gamma_quantile(shape: f64, p: f64, z: f64) -> Option<f64> {
    let ninth = 1.0 / (9.0 * shape);
    let mut x = shape * (1.0 - ninth + z * ninth.sqrt()).max(1e-3).powi(3);
    if shape > EXACT {
        return Some(x);
    }
    let log_norm = ln_gamma(shape);
    for _ in 0..50 {
        let miss = checked_gamma_lr(shape, x).ok()? - p;
        let density = ((shape - 1.0) * x.ln() - x - log_norm).exp();
        let step = miss / density;
        if !step.is_finite() {
            return None;
        }
        // A step never leaves the axis.
        x = if step < x { x - step } else { x / 2.0 };
        if step.abs() <= 1e-12 * x {
            break;
        }
    }
    Some(x)
}

/// The 95 % interval of a share by its score test.
#[must_use]
pub fn wilson_interval(part: f64, whole: f64) -> Option<(f64, f64)> {
    if !whole.is_finite() || whole <= 0.0 || !(0.0..=whole).contains(&part) {
        return None;
    }
    let (share, z2) = (part / whole, Z * Z);
    let centre = (share + z2 / (2.0 * whole)) / (1.0 + z2 / whole);
    let spread = (share * (1.0 - share) / whole + z2 / (4.0 * whole * whole)).sqrt();
    let half = Z * spread / (1.0 + z2 / whole);
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

/// Whether a node can only be a sum of counts.
fn sums_counts(evaluator: &Evaluator<'_>, node: &Node) -> bool {
    let definition = evaluator.definition;
    match &node.op {
        Op::In { name } => {
            let input = definition.inputs.get(name);
            input.is_some_and(|input| input.unit.is_count() && input.agg == Aggregation::Sum)
        }
        Op::Add { .. }
        | Op::SumOver { .. }
        | Op::Lag { .. }
        | Op::Latest { .. }
        | Op::Coalesce { .. }
        | Op::Roll {
            function: WindowFunction::Sum,
            ..
        }
        | Op::Resample {
            how: None | Some(Resampling::Sum),
            ..
        } => node
            .op
            .operands()
            .into_iter()
            .all(|operand| sums_counts(evaluator, operand)),
        _ => false,
    }
}

impl<'a> Evaluator<'a> {
    /// The interval of a node that counts and their rates have; `None` where no method fits.
    pub(crate) fn interval(&mut self, node: &'a Node, key: &KeyRef, period: Period) -> Option<Interval> {
        match &node.op {
            Op::Latest {
                a,
                from,
                max_age_months,
                ..
            } => {
                let (_, at) = self.latest(a, key, ended_by(period, *from, *max_age_months));
                self.interval(a, key, at?)
            }
            Op::Lag { a, k } => self.interval(a, key, period.shift(-i32::from(*k))?),
            Op::Share { a, over } => {
                let value = self.cell(node, key, Some(period)).value()?;
                let part = self.counted(a, key, period)?;
                let members = self.members(a, over, key, period).into_iter();
                let keys = members.map(|member| crate::evaluate::extended(key, over, member));
                let keys: Vec<_> = keys.collect();
                let mut whole = 0.0;
                for codes in keys {
                    let key = self.key(codes);
                    if self.cell(a, &key, Some(period)).value().is_some() {
                        whole += self.counted(a, &key, period)?;
                    }
                }
                around(value, wilson_interval(part, whole)?, LEVEL, "wilson")
            }
            Op::Ratio { num, den, scale, .. } => self.rate(node, (num, den), *scale, key, period),
            Op::Div { a, b } => self.rate(node, (a, b), 1.0, key, period),
            Op::PerCapita {
                a,
                population,
                scale,
                max_age_months,
            } => {
                let value = self.cell(node, key, Some(period)).value()?;
                let count = self.counted(a, key, period)?;
                let people = self.newest(population, key, period, *max_age_months).0.value()?;
                let (low, high) = poisson_interval(count)?;
                around(
                    value,
                    (low / people * scale, high / people * scale),
                    LEVEL,
                    "poisson_rate",
                )
            }
            _ => {
                let count = self.counted(node, key, period)?;
                around(count, poisson_interval(count)?, LEVEL, "poisson")
            }
        }
    }

    fn rate(
        &mut self,
        node: &'a Node,
        (num, den): (&'a Node, &'a Node),
        scale: f64,
        key: &KeyRef,
        period: Period,
    ) -> Option<Interval> {
        let value = self.cell(node, key, Some(period)).value()?;
        let count = self.counted(num, key, period)?;
        let below = self
            .cell(den, key, Some(period))
            .value()
            .filter(|below| *below > 0.0)?;
        let unit = |of: &Node| {
            infer(of, self.definition, &mut Vec::new())
                .unit
                .filter(Unit::is_count)
        };
        let alike = unit(num)? == unit(den)?;
        let whole = self
            .counted(den, key, period)
            .filter(|whole| alike && count <= *whole);
        if let Some(whole) = whole {
            let (low, high) = wilson_interval(count, whole)?;
            return around(value, (low * scale, high * scale), LEVEL, "wilson");
        }
        let (low, high) = poisson_interval(count)?;
        around(
            value,
            (low / below * scale, high / below * scale),
            LEVEL,
            "poisson_rate",
        )
    }

    /// The value of a node when it is the plain sum of distinct observations of things counted one by one.
    ///
    /// Estimates and substitutes are no counts; a sum that takes an observation twice, or in part, is none either.
    fn counted(&mut self, node: &'a Node, key: &KeyRef, period: Period) -> Option<f64> {
        if !sums_counts(self, node) {
            return None;
        }
        let cell = self.cell(node, key, Some(period));
        let value = cell.value()?;
        if cell.flags.contains(Flag::Estimated) || cell.flags.contains(Flag::Imputed) {
            return None;
        }
        let numbers = cell.used.iter().map(|place| self.set.row(*place)?.number());
        let numbers: Vec<f64> = numbers.collect::<Option<_>>()?;
        let whole = numbers
            .iter()
            .all(|number| *number >= 0.0 && number.fract().abs() < f64::MIN_POSITIVE);
        let sum = exact_sum(numbers.into_iter());
        (whole && (sum - value).abs() <= 0.0).then_some(value)
    }
}
