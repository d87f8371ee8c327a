//! Why a value differs from an earlier one: its change, split over the inputs that moved.
//!
//! Sums are split by differences, quotients and products by the logarithmic mean (LMDI-I, Ang 2005), functions of one
//! operand in its proportions. What none of these can split stands under the place of the operation as `residual`.
//! The parts always add up to the change; nothing is left out silently.

use crate::calendar::year_base;
use crate::changes_split::joined;
use crate::evaluate::{Evaluator, KeyRef};
use crate::expression::{Node, Op};
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
    pub(crate) fn one(place: ChangePlace, contribution: f64) -> Self {
        Self(BTreeMap::from([(place, contribution)]))
    }

    /// Adds other parts, times a factor.
    pub(crate) fn absorb(&mut self, other: Self, factor: f64) {
        for (place, contribution) in other.0 {
            *self.0.entry(place).or_default() += factor * contribution;
        }
    }

    pub(crate) fn scaled(self, factor: f64) -> Self {
        let mut parts = Self::default();
        parts.absorb(self, factor);
        parts
    }

    pub(crate) fn of_base(self) -> Self {
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
pub(crate) type Factor = (f64, f64, Parts);

pub(crate) fn place(node: &Node, key: &KeyRef, residual: bool) -> ChangePlace {
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
pub(crate) fn near(left: f64, right: f64, scale: f64) -> bool {
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
    pub(crate) fn split(&mut self, node: &'a Node, key: &KeyRef, at: (Period, Period)) -> Option<Parts> {
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
                let how = (*combine, *min_weight_coverage);
                self.split_composite(components, how, key, at)
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
                let people = self.population(node, population, *max_age_months, key, at)?;
                joined(vec![(part, 1.0), (people, -1.0)], *scale)
            }
            _ => self.split_in_time(node, key, at),
        }
    }
}
