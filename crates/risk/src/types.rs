//! Types of expressions: unit, frequency, key and how far back an expression reads.
//!
//! A constant takes any unit, frequency and key. `add sub min max coalesce` need equals; `mul div ratio` do
//! algebra of units and let the wider key contain the narrower; only `resample` changes the frequency.

use crate::access::detection_reach;
use crate::definition::Definition;
use crate::definition_fault::DefinitionFault;
use crate::expression::{Node, Op, Resampling, Take};
use crate::units::Unit;
use leleka_domain::Frequency;
use std::collections::BTreeSet;

/// What an expression yields; `None` where a constant leaves it open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Type {
    pub(crate) unit: Option<Unit>,
    pub(crate) frequency: Option<Frequency>,
    pub(crate) keys: Option<BTreeSet<String>>,
    /// Periods before the one asked for.
    pub(crate) reach: u32,
}

pub(crate) type Faults = Vec<DefinitionFault>;

pub(crate) type Sentence = (&'static str, &'static str);

pub(crate) fn infer(node: &Node, definition: &Definition, faults: &mut Faults) -> Type {
    let operands = node.op.operands().into_iter();
    let of: Vec<Type> = operands
        .map(|operand| infer(operand, definition, faults))
        .collect();
    crate::members_check::check_members(node, faults);
    let first = of.first().cloned().unwrap_or_default();
    match &node.op {
        Op::In { name } => input(node, "name", name, definition, faults),
        Op::Const { .. } => Type::default(),
        Op::Neg { .. } | Op::Clamp { .. } => first,
        Op::Add { .. } | Op::Sub { .. } | Op::Min { .. } | Op::Max { .. } | Op::Coalesce { .. } => {
            let joined = of
                .into_iter()
                .reduce(|left, right| equal(node, left, right, faults));
            joined.unwrap_or_default()
        }
        Op::Mul { .. } => product(node, of, Unit::times, faults),
        Op::Div { .. } => product(node, of, |a, b| a.over(b, 1.0), faults),
        Op::Ratio { scale, .. } => product(node, of, |a, b| a.over(b, *scale), faults),
        Op::PerCapita {
            population, scale, ..
        } => {
            let people = input(node, "population", population, definition, faults);
            let frequency = None;
            let of = vec![first, Type { frequency, ..people }];
            product(node, of, |a, b| a.over(b, *scale), faults)
        }
        Op::Share { over, .. } => {
            without(node, &first, over, faults);
            in_unit(Unit::Ratio, first)
        }
        Op::SumOver { over, .. } => {
            let keys = without(node, &first, over, faults);
            Type { keys, ..first }
        }
        Op::Lag { k, .. } | Op::Diff { k, .. } => back(u32::from(*k), first),
        Op::PctChange { k, .. } => in_unit(Unit::Ratio, back(u32::from(*k), first)),
        Op::Yoy { .. } => in_unit(Unit::Ratio, back(year(first.frequency), first)),
        Op::Roll { n, offset, .. } => back(u32::from(n.saturating_add(*offset)), first),
        Op::Ln1p { .. } => in_unit(Unit::Index, first),
        Op::Resample { how, .. } => resampled(node, *how, first, faults),
        Op::Latest {
            from,
            to,
            max_age_months,
            ..
        } => latest(node, (*from, *to, *max_age_months), first, faults),
        Op::AtLeast { .. } | Op::Below { .. } => in_unit(Unit::Index, first),
        Op::All { .. } | Op::Any { .. } => conditions(node, of, faults),
        Op::RobustZ { window, gap, .. } => {
            let reach = u32::from(window.saturating_add(*gap));
            in_unit(Unit::Index, back(reach, first))
        }
        Op::Concentration { over, .. } => {
            let keys = without(node, &first, over, faults);
            in_unit(Unit::Ratio, Type { keys, ..first })
        }
        Op::Metric { code, version, take } => referred(definition, code, *version, *take),
        Op::Composite { .. } => {
            let index = |_: &Unit, _: &Unit| Unit::Index;
            let joined = of
                .into_iter()
                .reduce(|left, right| product(node, vec![left, right], index, faults));
            in_unit(Unit::Index, joined.unwrap_or_default())
        }
    }
}

fn in_unit(unit: Unit, of: Type) -> Type {
    let unit = Some(unit);
    Type { unit, ..of }
}

pub(crate) fn fault(node: &Node, member: &str, (uk, en): Sentence, faults: &mut Faults) {
    faults.push(DefinitionFault::new(&format!("{}{member}", node.pointer), uk, en));
}

fn input(node: &Node, member: &str, name: &str, definition: &Definition, faults: &mut Faults) -> Type {
    let Some(input) = definition.inputs.get(name) else {
        fault(
            node,
            &format!("/{member}"),
            ("Входу з такою назвою немає.", "There is no input of this name."),
            faults,
        );
        return Type::default();
    };
    Type {
        unit: Some(input.unit.clone()),
        frequency: Some(input.frequency),
        keys: Some(input.by.iter().cloned().collect()),
        reach: 0,
    }
}

/// Another metric; a reference that was not resolved has its fault already.
fn referred(definition: &Definition, code: &str, version: u32, take: Take) -> Type {
    let Some(of) = definition.metrics.get(&crate::library::label(code, version)) else {
        return Type::default();
    };
    let found = infer(&of.expression, of, &mut Vec::new());
    match take {
        Take::Value => found,
        Take::Score => in_unit(Unit::Index, back(u32::from(detection_reach(of)), found)),
    }
}

fn back(periods: u32, of: Type) -> Type {
    let reach = of.reach.saturating_add(periods);
    Type { reach, ..of }
}

fn year(frequency: Option<Frequency>) -> u32 {
    match frequency {
        Some(Frequency::HalfYearly) => 2,
        Some(Frequency::Quarterly) => 4,
        Some(Frequency::Monthly) => 12,
        Some(Frequency::Weekly) => 53,
        Some(Frequency::Daily) => 366,
        Some(Frequency::Annual | Frequency::SpanMonths(_) | Frequency::SpanDays(_)) | None => 1,
    }
}

/// Operands that must have equal unit, frequency and key.
fn equal(node: &Node, left: Type, right: Type, faults: &mut Faults) -> Type {
    if left.unit.is_some() && right.unit.is_some() && left.unit != right.unit {
        fault(
            node,
            "",
            (
                "Операнди мають різні одиниці.",
                "The operands have different units.",
            ),
            faults,
        );
    }
    if left.keys.is_some() && right.keys.is_some() && left.keys != right.keys {
        fault(
            node,
            "",
            ("Операнди мають різні ключі.", "The operands have different keys."),
            faults,
        );
    }
    Type {
        frequency: same_frequency(node, &left, &right, faults),
        unit: left.unit.or(right.unit),
        keys: left.keys.or(right.keys),
        reach: left.reach.max(right.reach),
    }
}

fn same_frequency(node: &Node, left: &Type, right: &Type, faults: &mut Faults) -> Option<Frequency> {
    if left.frequency.is_some() && right.frequency.is_some() && left.frequency != right.frequency {
        fault(
            node,
            "",
            (
                "Операнди мають різні частоти: зведіть їх через resample.",
                "The operands have different frequencies: bring them together by resample.",
            ),
            faults,
        );
    }
    left.frequency.or(right.frequency)
}

/// Two operands whose units multiply or divide, and of whose keys one contains the other.
fn product(node: &Node, of: Vec<Type>, unit: impl Fn(&Unit, &Unit) -> Unit, faults: &mut Faults) -> Type {
    let mut of = of.into_iter();
    let (left, right) = (of.next().unwrap_or_default(), of.next().unwrap_or_default());
    let frequency = same_frequency(node, &left, &right, faults);
    let keys = match (left.keys, right.keys) {
        (Some(left), Some(right)) if left.is_superset(&right) => Some(left),
        (Some(left), Some(right)) if right.is_superset(&left) => Some(right),
        (Some(left), Some(_)) => {
            fault(
                node,
                "",
                (
                    "Ключ одного операнда має містити ключ іншого.",
                    "The key of one operand must contain the key of the other.",
                ),
                faults,
            );
            Some(left)
        }
        (left, right) => left.or(right),
    };
    let unit = match (&left.unit, &right.unit) {
        (Some(left), Some(right)) => Some(unit(left, right)),
        (Some(left), None) => Some(unit(left, &Unit::Ratio)),
        (None, Some(right)) => Some(unit(&Unit::Ratio, right)),
        (None, None) => None,
    };
    Type {
        unit,
        frequency,
        keys,
        reach: left.reach.max(right.reach),
    }
}

/// The key without the dimensions that are summed; they must be part of it.
fn without(node: &Node, of: &Type, over: &[String], faults: &mut Faults) -> Option<BTreeSet<String>> {
    let mut keys = of.keys.clone()?;
    let all_known = over.iter().all(|dimension| keys.remove(dimension));
    if over.is_empty() || !all_known {
        fault(
            node,
            "/over",
            (
                "Підсумовують за розрізами ключа.",
                "Sums go over dimensions of the key.",
            ),
            faults,
        );
    }
    Some(keys)
}

fn resampled(node: &Node, how: Option<Resampling>, of: Type, faults: &mut Faults) -> Type {
    let (frequency, steps) = match of.frequency {
        Some(Frequency::Weekly) if how.is_none_or(|how| how == Resampling::Sum) => (Frequency::Monthly, 5),
        Some(Frequency::Monthly) => (Frequency::Quarterly, 3),
        _ => {
            fault(
                node,
                "",
                (
                    "Зводять тижні до місяця (сумою) або місяці до кварталу.",
                    "Weeks make a month (by sum) and months a quarter.",
                ),
                faults,
            );
            return of;
        }
    };
    // What lies below was counted in the shorter periods.
    Type {
        frequency: Some(frequency),
        reach: of.reach / steps + 1,
        ..of
    }
}

/// A figure of one frequency, for the periods of another.
fn latest(
    node: &Node,
    (from, to, months): (Frequency, Frequency, u16),
    of: Type,
    faults: &mut Faults,
) -> Type {
    if of.frequency.is_some() && of.frequency != Some(from) {
        let sentence = ("Операнд має іншу частоту.", "The operand has another frequency.");
        fault(node, "/from", sentence, faults);
    }
    // So many periods of the result lie in the reach of the operand, and in the age it may have.
    let (short, long) = (year(Some(to)), year(Some(from)));
    Type {
        frequency: Some(to),
        reach: of.reach.saturating_mul(short) / long + u32::from(months).saturating_mul(short) / 12 + 1,
        ..of
    }
}

/// Conditions, each of them 1 or 0.
fn conditions(node: &Node, of: Vec<Type>, faults: &mut Faults) -> Type {
    let indices = of
        .iter()
        .all(|of| of.unit.as_ref().is_none_or(|unit| *unit == Unit::Index));
    if !indices {
        let sentence = (
            "Тут мають бути умови: at_least, below, all або any.",
            "Conditions belong here: at_least, below, all or any.",
        );
        fault(node, "/args", sentence, faults);
    }
    let joined = of
        .into_iter()
        .reduce(|left, right| product(node, vec![left, right], Unit::times, faults));
    in_unit(Unit::Index, joined.unwrap_or_default())
}
