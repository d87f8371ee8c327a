//! The operations whose change is split by more than a sign: products, windows, sums of members, composites.
//!
//! Each gives parts that add up to its own change, or none at all; whoever asks then says `residual`.

use crate::calendar::{ended_by, parts, window, year_base};
use crate::changes::{ChangePlace, Factor, Parts, near, place};
use crate::composite::{Combination, SLOPE, TOP};
use crate::decomposition::{geometric_change, product_change};
use crate::evaluate::{Evaluator, KeyRef, extended};
use crate::expression::{Node, Op, Resampling, WindowFunction};
use crate::operands::Weighted;
use leleka_domain::Period;

impl<'a> Evaluator<'a> {
    /// Operations that read other periods than their own.
    pub(crate) fn split_in_time(
        &mut self,
        node: &'a Node,
        key: &KeyRef,
        at: (Period, Period),
    ) -> Option<Parts> {
        let back = |k: u16| Some((at.0.shift(-i32::from(k))?, at.1.shift(-i32::from(k))?));
        match &node.op {
            Op::Lag { a, k } => self.split(a, key, back(*k)?),
            Op::Diff { a, k } => {
                let mut parts = self.split(a, key, at)?;
                parts.absorb(self.split(a, key, back(*k)?)?.of_base(), -1.0);
                Some(parts)
            }
            Op::PctChange { a, k, .. } => self.split_comparison(a, key, at, back(*k)?),
            Op::Yoy { a, .. } => {
                let bases = (year_base(at.0)?.0, year_base(at.1)?.0);
                self.split_comparison(a, key, at, bases)
            }
            Op::Latest {
                a,
                from,
                max_age_months,
                ..
            } => {
                let before = self.latest(a, key, ended_by(at.0, *from, *max_age_months)).1?;
                let after = self.latest(a, key, ended_by(at.1, *from, *max_age_months)).1?;
                self.split(a, key, (before, after))
            }
            Op::Roll {
                function,
                a,
                n,
                offset,
                ..
            } => {
                let windows = (window(at.0, *offset, *n), window(at.1, *offset, *n));
                let mut present = |periods: &[Period]| {
                    let cells = periods
                        .iter()
                        .filter(|at| self.cell(a, key, Some(**at)).value().is_some());
                    cells.count() as f64
                };
                let counts = (present(&windows.0), present(&windows.1));
                let weight = match function {
                    WindowFunction::Sum => 1.0,
                    WindowFunction::Mean if near(counts.0, counts.1, 1.0) => 1.0 / counts.0,
                    _ => return None,
                };
                let weighted = |periods: Vec<Period>| periods.into_iter().map(|at| (at, weight)).collect();
                Some(self.split_weighted(a, key, (weighted(windows.0), weighted(windows.1))))
            }
            Op::Resample { a, how } => {
                let how = how.unwrap_or(Resampling::Sum);
                Some(self.split_weighted(a, key, (resampled(at.0, how), resampled(at.1, how))))
            }
            _ => None,
        }
    }

    /// The population of a rate, as a factor.
    pub(crate) fn population(
        &mut self,
        node: &'a Node,
        name: &'a str,
        months: u16,
        key: &KeyRef,
        at: (Period, Period),
    ) -> Option<Factor> {
        let before = self.newest(name, key, at.0, months).0.value()?;
        let after = self.newest(name, key, at.1, months).0.value()?;
        let place = ChangePlace {
            pointer: format!("{}/population", node.pointer),
            input: Some(name.to_owned()),
            ..place(node, key, false)
        };
        Some((before, after, Parts::one(place, after - before)))
    }

    /// A node as a factor of a product.
    pub(crate) fn factor(&mut self, node: &'a Node, key: &KeyRef, at: (Period, Period)) -> Option<Factor> {
        let before = self.cell(node, key, Some(at.0)).value()?;
        let after = self.cell(node, key, Some(at.1)).value()?;
        Some((before, after, self.split(node, key, at)?))
    }

    pub(crate) fn split_product(
        &mut self,
        of: &[(&'a Node, f64)],
        scale: f64,
        key: &KeyRef,
        at: (Period, Period),
    ) -> Option<Parts> {
        let factors = of
            .iter()
            .map(|(node, power)| Some((self.factor(node, key, at)?, *power)));
        joined(factors.collect::<Option<_>>()?, scale)
    }

    /// Now over a base in the past.
    fn split_comparison(
        &mut self,
        a: &'a Node,
        key: &KeyRef,
        at: (Period, Period),
        bases: (Period, Period),
    ) -> Option<Parts> {
        let now = self.factor(a, key, at)?;
        let base = self.factor(a, key, bases)?;
        let base = (base.0, base.1, base.2.of_base());
        joined(vec![(now, 1.0), (base, -1.0)], 1.0)
    }

    /// A function of one operand: the change goes to its inputs in the proportions of the operand's own.
    pub(crate) fn split_function(
        &mut self,
        a: &'a Node,
        key: &KeyRef,
        at: (Period, Period),
        change: f64,
    ) -> Option<Parts> {
        let (before, after, parts) = self.factor(a, key, at)?;
        proportionally(parts, after - before, change)
    }

    /// An operation that takes one of its operands: split when it is the same one before and after.
    pub(crate) fn split_choice(
        &mut self,
        node: &'a Node,
        of: impl Iterator<Item = &'a Box<Node>>,
        key: &KeyRef,
        at: (Period, Period),
    ) -> Option<Parts> {
        let before = self.cell(node, key, Some(at.0)).value()?;
        let after = self.cell(node, key, Some(at.1)).value()?;
        for operand in of {
            let first = self.cell(operand, key, Some(at.0)).value();
            let last = self.cell(operand, key, Some(at.1)).value();
            let same = |value: Option<f64>, of: f64| value.is_some_and(|value| (value - of).abs() <= 0.0);
            if same(first, before) && same(last, after) {
                return self.split(operand, key, at);
            }
        }
        None
    }
}

/// The change of a product of powers times a scale, by the parts of its factors.
pub(crate) fn joined(factors: Vec<(Factor, f64)>, scale: f64) -> Option<Parts> {
    let of = |side: fn(&Factor) -> f64| {
        factors
            .iter()
            .map(|(factor, _)| side(factor))
            .collect::<Vec<f64>>()
    };
    let powers: Vec<f64> = factors.iter().map(|(_, power)| *power).collect();
    let found = product_change(&of(|factor| factor.0), &of(|factor| factor.1), &powers)?;
    let mut parts = Parts::default();
    for (((before, after, own), _), part) in factors.into_iter().zip(found.parts) {
        parts.absorb(proportionally(own, after - before, part * scale)?, 1.0);
    }
    Some(parts)
}

/// Parts of one change made to add up to another one.
fn proportionally(parts: Parts, of: f64, to: f64) -> Option<Parts> {
    if of.abs() <= 0.0 {
        return (to.abs() <= 0.0).then(Parts::default);
    }
    let factor = to / of;
    factor.is_finite().then(|| parts.scaled(factor))
}

type Weights = Vec<(Period, f64)>;

/// The shorter periods of a longer one, with what each counts for.
fn resampled(period: Period, how: Resampling) -> Weights {
    let parts = parts(period);
    let (last, n) = (parts.len().saturating_sub(1), parts.len() as f64);
    let weight = |place: usize, share: f64| match how {
        Resampling::Sum => share,
        Resampling::Mean => share / n,
        Resampling::Last if place == last => 1.0,
        Resampling::Last => 0.0,
    };
    let parts = parts.into_iter().enumerate();
    parts
        .map(|(place, (at, share))| (at, weight(place, share)))
        .collect()
}

impl<'a> Evaluator<'a> {
    /// A weighted sum over periods; one that had no value before or has none now comes or goes whole.
    fn split_weighted(&mut self, a: &'a Node, key: &KeyRef, (before, after): (Weights, Weights)) -> Parts {
        let mut parts = Parts::default();
        let most = before.len().max(after.len());
        for step in 0..most {
            let (first, last) = (before.get(step).copied(), after.get(step).copied());
            let same = first
                .zip(last)
                .filter(|(first, last)| (first.1 - last.1).abs() <= 0.0);
            let together =
                same.and_then(|(first, last)| Some(self.split(a, key, (first.0, last.0))?.scaled(first.1)));
            if let Some(together) = together {
                parts.absorb(together, 1.0);
                continue;
            }
            for (side, sign) in [(first, -1.0), (last, 1.0)] {
                let Some((at, weight)) = side else { continue };
                if let Some(value) = self.cell(a, key, Some(at)).value() {
                    parts.absorb(Parts::one(place(a, key, false), sign * weight * value), 1.0);
                }
            }
        }
        parts
    }

    /// A sum over members of dimensions, as a factor.
    pub(crate) fn split_members(
        &mut self,
        a: &'a Node,
        over: &[String],
        key: &KeyRef,
        at: (Period, Period),
    ) -> Option<Factor> {
        let mut members = self.members(a, over, key, at.0);
        members.extend(self.members(a, over, key, at.1));
        let (mut before, mut after, mut parts) = (0.0, 0.0, Parts::default());
        for member in members {
            let key = self.key(extended(key, over, member));
            let first = self.cell(a, &key, Some(at.0)).value();
            let last = self.cell(a, &key, Some(at.1)).value();
            before += first.unwrap_or(0.0);
            after += last.unwrap_or(0.0);
            let change = last.unwrap_or(0.0) - first.unwrap_or(0.0);
            let own = self.split(a, &key, at);
            parts.absorb(
                own.unwrap_or_else(|| Parts::one(place(a, &key, false), change)),
                1.0,
            );
        }
        Some((before, after, parts))
    }

    /// A composite whose components with a value are the same before and after.
    pub(crate) fn split_composite(
        &mut self,
        components: &'a [Weighted<Box<Node>>],
        (how, coverage): (Combination, f64),
        key: &KeyRef,
        at: (Period, Period),
    ) -> Option<Parts> {
        let before = self
            .composite(components, key, at.0, (how, coverage))
            .1
            .normalised;
        let after = self
            .composite(components, key, at.1, (how, coverage))
            .1
            .normalised;
        let mut present: Vec<(&'a Node, f64, f64, f64)> = Vec::new();
        for (part, scores) in components.iter().zip(before.into_iter().zip(after)) {
            match scores {
                (Some(before), Some(after)) => present.push((&part.a, part.weight, before, after)),
                (None, None) => {}
                (Some(_), None) | (None, Some(_)) => return None,
            }
        }
        let weights: Vec<f64> = present.iter().map(|part| part.1).collect();
        let moved = |of: &dyn Fn(f64) -> f64| {
            let before: Vec<f64> = present.iter().map(|part| of(part.2)).collect();
            let after: Vec<f64> = present.iter().map(|part| of(part.3)).collect();
            Some(geometric_change(&before, &after, &weights)?.parts)
        };
        let all: f64 = weights.iter().sum();
        let (shares, factor) = match how {
            Combination::Arithmetic => (
                Some(
                    present
                        .iter()
                        .map(|part| part.1 / all * (part.3 - part.2))
                        .collect(),
                ),
                1.0,
            ),
            Combination::GeometricStrict => (moved(&|score| score), 1.0),
            Combination::Geometric => (moved(&|score| SLOPE * score + 1.0), 1.0 / SLOPE),
            Combination::GeometricInverse => (moved(&|score| SLOPE * (TOP - score) + 1.0), -1.0 / SLOPE),
        };
        let shares: Vec<f64> = shares?;
        let mut parts = Parts::default();
        for ((node, ..), share) in present.into_iter().zip(shares) {
            let (before, after, own) = self.factor(node, key, at)?;
            parts.absorb(proportionally(own, after - before, share * factor)?, 1.0);
        }
        Some(parts)
    }
}
