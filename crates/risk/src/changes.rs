//! Why a value differs from an earlier one: its change, split over the inputs that moved.
//!
//! Sums are split by differences, quotients and products by the logarithmic mean (LMDI-I, Ang 2005), functions of one
//! operand in its proportions. What none of these can split stands under the place of the operation as `residual`.
//! The parts always add up to the change; nothing is left out silently.

use crate::calendar::{ended_by, parts, window, year_base};
use crate::composite::{Combination, SLOPE, TOP};
use crate::decomposition::{geometric_change, product_change};
use crate::evaluate::{Evaluator, KeyRef, extended};
use crate::expression::{Node, Op, Resampling, WindowFunction};
use crate::library::label;
use crate::observations::Key;
use leleka_domain::Period;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Sums of parts may differ from a change by so much of the numbers they came from.
const ROUNDING: f64 = 1e-9;

/// What a part of a change belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChangePlace {
    /// Where it stands in the definition, RFC 6901.
    pub pointer: String,
    /// The input that it reads, or the metric that it refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Its key.
    #[serde(skip_serializing_if = "Key::is_empty")]
    pub key: Key,
    /// Whether it comes from the base of a comparison in time, not from what is compared with it.
    #[serde(skip_serializing_if = "is_false")]
    pub base: bool,
    /// Whether the operation that stands there cannot be split any further.
    #[serde(skip_serializing_if = "is_false")]
    pub residual: bool,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// One part of a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangePart {
    /// What it belongs to.
    #[serde(flatten)]
    pub place: ChangePlace,
    /// What it adds to the change.
    pub contribution: f64,
}

/// The change of a value since an earlier period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeExplanation {
    /// The earlier period.
    pub since: Period,
    /// The value then.
    pub from: f64,
    /// The value now.
    pub to: f64,
    /// `to` less `from`.
    pub change: f64,
    /// The parts, which add up to the change; by place.
    pub parts: Vec<ChangePart>,
}

/// Parts of a change while it is being split.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts(BTreeMap<ChangePlace, f64>);

impl Parts {
    fn one(place: ChangePlace, contribution: f64) -> Self {
        Self(BTreeMap::from([(place, contribution)]))
    }

    /// Adds other parts, times a factor.
    fn absorb(&mut self, other: Self, factor: f64) {
        for (place, contribution) in other.0 {
            *self.0.entry(place).or_default() += factor * contribution;
        }
    }

    fn scaled(self, factor: f64) -> Self {
        let mut parts = Self::default();
        parts.absorb(self, factor);
        parts
    }

    fn of_base(self) -> Self {
        let moved = self.0.into_iter();
        Self(
            moved
                .map(|(place, part)| {
                    (
                        ChangePlace {
                            base: !place.base,
                            ..place
                        },
                        part,
                    )
                })
                .collect(),
        )
    }

    fn sum(&self) -> f64 {
        self.0.values().sum()
    }

    fn is_finite(&self) -> bool {
        self.0.values().all(|part| part.is_finite())
    }
}

/// One factor of a product: its value before and after, and the parts of its change.
type Factor = (f64, f64, Parts);

fn place(node: &Node, key: &KeyRef, residual: bool) -> ChangePlace {
    ChangePlace {
        pointer: node.pointer.clone(),
        input: match &node.op {
            Op::In { name } => Some(name.clone()),
            Op::Metric { code, version, .. } => Some(label(code, *version)),
            _ => None,
        },
        key: (*key.codes).clone(),
        base: false,
        residual,
    }
}

/// Two numbers that differ by no more than rounding.
fn near(left: f64, right: f64, scale: f64) -> bool {
    (left - right).abs() <= ROUNDING * scale.abs().max(1.0)
}

impl<'a> Evaluator<'a> {
    /// The changes of a value since the period before and since the year before, where there were values.
    pub(crate) fn changes(&mut self, key: &KeyRef, period: Period) -> Vec<ChangeExplanation> {
        let bases = [period.shift(-1), year_base(period).map(|(base, _)| base)];
        let bases: BTreeSet<Period> = bases.into_iter().flatten().collect();
        bases
            .into_iter()
            .rev()
            .filter_map(|since| self.change_since(key, since, period))
            .collect()
    }

    fn change_since(&mut self, key: &KeyRef, since: Period, period: Period) -> Option<ChangeExplanation> {
        let root = &self.definition.expression;
        let from = self.cell(root, key, Some(since)).value()?;
        let to = self.cell(root, key, Some(period)).value()?;
        let change = Some(to - from).filter(|change| change.is_finite())?;
        let mut parts = self.split(root, key, (since, period))?;
        let rest = change - parts.sum();
        if near(rest, 0.0, from.abs().max(to.abs())) {
            // Rounding goes where it weighs least.
            let largest = parts
                .0
                .values_mut()
                .max_by(|left, right| left.abs().total_cmp(&right.abs()));
            if let Some(largest) = largest {
                *largest += rest;
            }
        } else {
            parts.absorb(Parts::one(place(root, key, true), rest), 1.0);
        }
        let parts = parts.0.into_iter();
        let parts = parts.map(|(place, contribution)| ChangePart { place, contribution });
        Some(ChangeExplanation {
            since,
            from,
            to,
            change,
            parts: parts.collect(),
        })
    }

    /// The change of a node between two periods by part; `None` when it has no value in one of them.
    fn split(&mut self, node: &'a Node, key: &KeyRef, at: (Period, Period)) -> Option<Parts> {
        let before = self.cell(node, key, Some(at.0)).value()?;
        let after = self.cell(node, key, Some(at.1)).value()?;
        let change = after - before;
        let found = match &node.op {
            Op::In { .. } | Op::Metric { .. } => Some(Parts::one(place(node, key, false), change)),
            Op::Const { .. } => Some(Parts::default()),
            _ => self.split_operation(node, key, at, change),
        };
        let scale = before.abs().max(after.abs());
        let exact = found.filter(|parts| parts.is_finite() && near(parts.sum(), change, scale));
        Some(exact.unwrap_or_else(|| Parts::one(place(node, key, true), change)))
    }

    fn split_operation(
        &mut self,
        node: &'a Node,
        key: &KeyRef,
        at: (Period, Period),
        change: f64,
    ) -> Option<Parts> {
        match &node.op {
            Op::Neg { a } => Some(self.split(a, key, at)?.scaled(-1.0)),
            Op::Add { a, b } => {
                let mut parts = self.split(a, key, at)?;
                parts.absorb(self.split(b, key, at)?, 1.0);
                Some(parts)
            }
            Op::Sub { a, b } => {
                let mut parts = self.split(a, key, at)?;
                parts.absorb(self.split(b, key, at)?, -1.0);
                Some(parts)
            }
            Op::Mul { a, b } => match (&a.op, &b.op) {
                (Op::Const { value }, _) => Some(self.split(b, key, at)?.scaled(*value)),
                (_, Op::Const { value }) => Some(self.split(a, key, at)?.scaled(*value)),
                _ => self.split_product(&[(a, 1.0), (b, 1.0)], 1.0, key, at),
            },
            Op::Div { a, b } => self.split_product(&[(a, 1.0), (b, -1.0)], 1.0, key, at),
            Op::Ratio { num, den, scale, .. } => {
                self.split_product(&[(num, 1.0), (den, -1.0)], *scale, key, at)
            }
            Op::Clamp { a, .. } | Op::Ln1p { a } => self.split_function(a, key, at, change),
            Op::Min { a, b } | Op::Max { a, b } => self.split_choice(node, [a, b].into_iter(), key, at),
            Op::Coalesce { args } => self.split_choice(node, args.iter(), key, at),
            Op::Composite {
                components,
                combine,
                min_weight_coverage,
            } => {
                let parts = components
                    .iter()
                    .map(|part| (&*part.a, part.weight))
                    .collect::<Vec<_>>();
                let how = (*combine, *min_weight_coverage);
                let before = self.composite(components, key, at.0, how).1.normalised;
                let after = self.composite(components, key, at.1, how).1.normalised;
                self.split_composite(&parts, (&before, &after), *combine, key, at)
            }
            Op::SumOver { a, over } => Some(self.split_members(a, over, key, at)?.2),
            Op::Share { a, over } => {
                let part = self.factor(a, key, at)?;
                let whole = self.split_members(a, over, key, at)?;
                joined(vec![(part, 1.0), (whole, -1.0)], 1.0)
            }
            Op::PerCapita {
                a,
                population,
                scale,
                max_age_months,
            } => {
                let part = self.factor(a, key, at)?;
                let before = self.newest(population, key, at.0, *max_age_months).0.value()?;
                let after = self.newest(population, key, at.1, *max_age_months).0.value()?;
                let place = ChangePlace {
                    pointer: format!("{}/population", node.pointer),
                    input: Some(population.clone()),
                    ..place(node, key, false)
                };
                let people = (before, after, Parts::one(place, after - before));
                joined(vec![(part, 1.0), (people, -1.0)], *scale)
            }
            _ => self.split_in_time(node, key, at),
        }
    }

    /// Operations that read other periods than their own.
    fn split_in_time(&mut self, node: &'a Node, key: &KeyRef, at: (Period, Period)) -> Option<Parts> {
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
                let (before, after) = (parts(at.0), parts(at.1));
                let weighted = |parts: Vec<(Period, f64)>| -> Vec<(Period, f64)> {
                    let (last, n) = (parts.len().saturating_sub(1), parts.len() as f64);
                    let parts = parts.into_iter().enumerate();
                    let weight = |place: usize, share: f64| match how.unwrap_or(Resampling::Sum) {
                        Resampling::Sum => share,
                        Resampling::Mean => share / n,
                        Resampling::Last if place == last => 1.0,
                        Resampling::Last => 0.0,
                    };
                    parts
                        .map(|(place, (at, share))| (at, weight(place, share)))
                        .collect()
                };
                Some(self.split_weighted(a, key, (weighted(before), weighted(after))))
            }
            _ => None,
        }
    }

    /// A node as a factor of a product.
    fn factor(&mut self, node: &'a Node, key: &KeyRef, at: (Period, Period)) -> Option<Factor> {
        let before = self.cell(node, key, Some(at.0)).value()?;
        let after = self.cell(node, key, Some(at.1)).value()?;
        Some((before, after, self.split(node, key, at)?))
    }

    fn split_product(
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
    fn split_function(
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
    fn split_choice(
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
fn joined(factors: Vec<(Factor, f64)>, scale: f64) -> Option<Parts> {
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
    fn split_members(
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
    fn split_composite(
        &mut self,
        components: &[(&'a Node, f64)],
        (before, after): (&[Option<f64>], &[Option<f64>]),
        how: Combination,
        key: &KeyRef,
        at: (Period, Period),
    ) -> Option<Parts> {
        let mut present: Vec<(&'a Node, f64, f64, f64)> = Vec::new();
        for ((node, weight), scores) in components.iter().zip(before.iter().zip(after)) {
            match scores {
                (Some(before), Some(after)) => present.push((node, *weight, *before, *after)),
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
