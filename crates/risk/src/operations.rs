//! Arithmetic on cells: values when every operand has one, the first reason otherwise.
//!
//! Flags and observations of all operands travel up; coverage is the least of theirs.

use crate::cell::{Cell, Flag, Flags, Reason, exact_sum, finite, union};
use crate::detect::{mean_and_sd, median};
use crate::expression::WindowFunction;
use std::rc::Rc;

/// An operation on one operand.
pub(crate) fn lift1(a: &Cell, operation: impl FnOnce(f64) -> Result<f64, Reason>) -> Cell {
    Cell {
        outcome: a.outcome.and_then(operation).and_then(finite),
        flags: a.flags,
        used: a.used.clone(),
        coverage: a.coverage,
    }
}

/// An operation on two operands.
pub(crate) fn lift2(a: &Cell, b: &Cell, operation: impl FnOnce(f64, f64) -> Result<f64, Reason>) -> Cell {
    let outcome = a.outcome.and_then(|left| b.outcome.map(|right| (left, right)));
    let mut flags = a.flags;
    flags.extend(b.flags);
    Cell {
        outcome: outcome
            .and_then(|(left, right)| operation(left, right))
            .and_then(finite),
        flags,
        used: union([&a.used, &b.used].into_iter()),
        coverage: a.coverage.min(b.coverage),
    }
}

/// An outcome that rests on all of these cells.
pub(crate) fn reduce(outcome: Result<f64, Reason>, cells: &[Rc<Cell>]) -> Cell {
    let mut flags = Flags::default();
    cells.iter().for_each(|cell| flags.extend(cell.flags));
    Cell {
        outcome,
        flags,
        used: union(cells.iter().map(|cell| &cell.used)),
        coverage: cells.iter().fold(1.0, |least, cell| least.min(cell.coverage)),
    }
}

/// ln(1 + a).
pub(crate) fn log_of_one_more(a: f64) -> Result<f64, Reason> {
    if a > -1.0 {
        Ok(a.ln_1p())
    } else {
        Err(Reason::Domain)
    }
}

/// a / b.
pub(crate) fn division(a: f64, b: f64) -> Result<f64, Reason> {
    if b.abs() > 0.0 {
        Ok(a / b)
    } else {
        Err(Reason::ZeroDenominator)
    }
}

/// a / b · scale for a denominator that cannot be negative.
pub(crate) fn quotient(a: f64, b: f64, scale: f64, min_base: Option<f64>) -> Result<f64, Reason> {
    if b < 0.0 {
        Err(Reason::Domain)
    } else if b <= 0.0 {
        Err(Reason::ZeroDenominator)
    } else if min_base.is_some_and(|least| b < least) {
        Err(Reason::SmallBase)
    } else {
        Ok(a / b * scale)
    }
}

/// now / base − 1.
pub(crate) fn change(now: &Cell, base: &Cell, min_base: Option<f64>) -> Cell {
    lift2(now, base, |now, base| change_of(now, base, min_base))
}

fn change_of(now: f64, base: f64, min_base: Option<f64>) -> Result<f64, Reason> {
    if base < 0.0 {
        Err(Reason::Domain)
    } else if base <= 0.0 {
        Err(Reason::ZeroBase)
    } else if min_base.is_some_and(|least| base < least) {
        Err(Reason::SmallBase)
    } else {
        Ok(now / base - 1.0)
    }
}

/// A window reduced to one value; only values count, and enough of them must be there.
pub(crate) fn roll(cells: &[Rc<Cell>], n: u16, min_obs: u16, function: WindowFunction) -> Cell {
    let present: Vec<&Rc<Cell>> = cells.iter().filter(|cell| cell.value().is_some()).collect();
    let values: Vec<f64> = present.iter().filter_map(|cell| cell.value()).collect();
    let mut flags = Flags::default();
    cells.iter().for_each(|cell| flags.extend(cell.flags));
    let value = match function {
        WindowFunction::Mean => Some(exact_sum(values.iter().copied()) / values.len() as f64),
        WindowFunction::Sum => Some(exact_sum(values.iter().copied())),
        WindowFunction::Median => median(&values),
        WindowFunction::Min => values.iter().copied().reduce(f64::min),
        WindowFunction::Max => values.iter().copied().reduce(f64::max),
        WindowFunction::Sd => mean_and_sd(&values).map(|(_, sd)| sd),
    };
    let enough = !values.is_empty() && values.len() >= usize::from(min_obs);
    let value = value.filter(|_| enough).ok_or(Reason::ShortHistory);
    if value.is_ok() && values.len() < usize::from(n) {
        flags.insert(Flag::Partial);
    }
    Cell {
        outcome: value.and_then(finite),
        flags,
        used: union(present.iter().map(|cell| &cell.used)),
        coverage: values.len() as f64 / f64::from(n.max(1)),
    }
}
