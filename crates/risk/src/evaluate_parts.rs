//! The evaluator's operations on several cells at once: conditions, composites, concentration, unusualness.

use crate::calendar::{ended_by, window};
use crate::cell::{Cell, Flag, Flags, Reason, exact_sum, finite, union};
use crate::composite::{Combination, Component, Composite, composite};
use crate::detect::{Transform, robust_z};
use crate::evaluate::{Evaluator, KeyRef};
use crate::expression::{Node, Op, Take};
use crate::library::label;
use crate::operands::Weighted;
use crate::operations::{lift1, reduce};
use crate::verdict::score_cell;
use leleka_domain::Period;
use std::rc::Rc;

/// 1 or 0; no bound in force is no threshold.
fn condition(bound: Option<f64>, holds: impl FnOnce(f64) -> bool) -> Result<f64, Reason> {
    let bound = bound.ok_or(Reason::NoThreshold)?;
    Ok(if holds(bound) { 1.0 } else { 0.0 })
}

impl<'a> Evaluator<'a> {
    /// The operations of this file; any other has no cell here.
    pub(crate) fn judge(&mut self, node: &'a Node, key: &KeyRef, period: Period) -> Cell {
        let now = Some(period);
        match &node.op {
            Op::Latest {
                a,
                from,
                max_age_months,
                ..
            } => self.latest(a, key, ended_by(period, *from, *max_age_months)).0,
            Op::AtLeast { a, bound } => {
                let bound = bound.on(period.start());
                lift1(&self.cell(a, key, now), |a| condition(bound, |bound| a >= bound))
            }
            Op::Below { a, bound } => {
                let bound = bound.on(period.start());
                lift1(&self.cell(a, key, now), |a| condition(bound, |bound| a < bound))
            }
            Op::All { args } => self.conditions(args, key, period, true),
            Op::Any { args } => self.conditions(args, key, period, false),
            Op::RobustZ {
                a,
                window,
                min_obs,
                gap,
                transform,
            } => self.unusualness(a, key, period, (*window, *gap, *min_obs), *transform),
            Op::Concentration { a, over } => self.concentration(a, over, key, period),
            Op::Metric { code, version, take } => self.referred(code, *version, *take, key, period),
            Op::Composite {
                components,
                combine,
                min_weight_coverage,
            } => {
                let how = (*combine, *min_weight_coverage);
                self.composite(components, key, period, how).0
            }
            _ => Cell::missing(),
        }
    }

    /// The value or the score of another metric for the same key.
    fn referred(&mut self, code: &str, version: u32, take: Take, key: &KeyRef, period: Period) -> Cell {
        let found = self.definition.metrics.get_key_value(&label(code, version));
        let Some((label, of)) = found else {
            return Cell::missing();
        };
        let set = self.set;
        let evaluator = self.referred.entry(label.as_str());
        let evaluator = evaluator.or_insert_with(|| Box::new(Evaluator::new(of, set)));
        let codes = key
            .codes
            .iter()
            .filter(|(dimension, _)| of.by.contains(dimension));
        let codes = codes.map(|(dimension, code)| (dimension.clone(), code.clone()));
        let key = evaluator.key(codes.collect());
        match take {
            Take::Value => (*evaluator.cell(&of.expression, &key, Some(period))).clone(),
            Take::Score => score_cell(evaluator, &key, period),
        }
    }

    /// The first of these periods, newest first, in which a node has a value; otherwise its newest cell.
    pub(crate) fn latest(
        &mut self,
        a: &'a Node,
        key: &KeyRef,
        periods: Vec<Period>,
    ) -> (Cell, Option<Period>) {
        let mut newest = None;
        for period in periods {
            let cell = self.cell(a, key, Some(period));
            if cell.value().is_some() {
                return ((*cell).clone(), Some(period));
            }
            newest.get_or_insert((cell, period));
        }
        newest.map_or_else(
            || (Cell::missing(), None),
            |(cell, period)| ((*cell).clone(), Some(period)),
        )
    }

    /// All or any of several conditions, by the logic of what is known: one that decides needs no other.
    pub(crate) fn conditions(
        &mut self,
        args: &'a [Box<Node>],
        key: &KeyRef,
        period: Period,
        all: bool,
    ) -> Cell {
        let cells: Vec<Rc<Cell>> = args.iter().map(|arg| self.cell(arg, key, Some(period))).collect();
        let holds = |value: f64| value >= 0.5;
        let decided = cells
            .iter()
            .any(|cell| cell.value().is_some_and(|value| holds(value) != all));
        let unknown = cells.iter().find_map(|cell| cell.outcome.err());
        let outcome = match (decided, unknown) {
            (true, _) => Ok(if all { 0.0 } else { 1.0 }),
            (false, Some(reason)) => Err(reason),
            (false, None) => Ok(if all { 1.0 } else { 0.0 }),
        };
        let mut cell = reduce(outcome, &cells);
        if decided {
            // What decided is known in full, whatever else is not.
            let known = cells.iter().filter(|cell| cell.value().is_some());
            cell.coverage = known.fold(1.0, |least, cell| least.min(cell.coverage));
        }
        cell
    }

    /// The robust distance of a value from its own past.
    pub(crate) fn unusualness(
        &mut self,
        a: &'a Node,
        key: &KeyRef,
        period: Period,
        (length, gap, min_obs): (u16, u16, u16),
        transform: Transform,
    ) -> Cell {
        let now = self.cell(a, key, Some(period));
        let periods = window(period, gap.saturating_add(1), length);
        let mut cells: Vec<Rc<Cell>> = periods
            .into_iter()
            .map(|at| self.cell(a, key, Some(at)))
            .collect();
        cells.retain(|cell| cell.value().is_some());
        let past: Vec<f64> = cells.iter().filter_map(|cell| cell.value()).collect();
        let outcome = now.outcome.and_then(|value| {
            if transform.apply(value).is_none() || past.iter().any(|value| transform.apply(*value).is_none())
            {
                return Err(Reason::Domain);
            }
            let found = robust_z(&past, value, min_obs, transform).ok_or(Reason::ShortHistory)?;
            found.z.ok_or(Reason::ZeroScale).and_then(finite)
        });
        let coverage = now.coverage;
        cells.push(now);
        Cell {
            coverage,
            ..reduce(outcome, &cells)
        }
    }

    /// The sum of the squared shares of members.
    pub(crate) fn concentration(
        &mut self,
        a: &'a Node,
        over: &[String],
        key: &KeyRef,
        period: Period,
    ) -> Cell {
        let cells = self.member_cells(a, over, key, period);
        let values: Vec<f64> = cells.iter().filter_map(|cell| cell.value()).collect();
        let whole = exact_sum(values.iter().copied());
        let outcome = if values.is_empty() {
            Err(Reason::MissingInput)
        } else if values.iter().any(|value| *value < 0.0) {
            Err(Reason::Domain)
        } else if whole <= 0.0 {
            Err(Reason::ZeroDenominator)
        } else {
            finite(values.iter().map(|value| (value / whole).powi(2)).sum())
        };
        let present: Vec<&Rc<Cell>> = cells.iter().filter(|cell| cell.value().is_some()).collect();
        let mut flags = Flags::default();
        cells.iter().for_each(|cell| flags.extend(cell.flags));
        if !present.is_empty() && present.len() < cells.len() {
            flags.insert(Flag::Partial);
        }
        Cell {
            outcome,
            flags,
            used: union(present.iter().map(|cell| &cell.used)),
            coverage: present.len() as f64 / cells.len().max(1) as f64,
        }
    }

    /// A composite, and how it came about.
    pub(crate) fn composite(
        &mut self,
        parts: &'a [Weighted<Box<Node>>],
        key: &KeyRef,
        period: Period,
        (combine, min_weight_coverage): (Combination, f64),
    ) -> (Cell, Composite) {
        let cells: Vec<Rc<Cell>> = parts
            .iter()
            .map(|part| self.cell(&part.a, key, Some(period)))
            .collect();
        let components: Vec<Component> = parts
            .iter()
            .zip(&cells)
            .map(|(part, cell)| Component {
                value: cell.value(),
                normalisation: part.normalise.clone(),
                weight: part.weight,
            })
            .collect();
        let found = composite(&components, combine, min_weight_coverage);
        let present: Vec<Rc<Cell>> = cells
            .iter()
            .filter(|cell| cell.value().is_some())
            .cloned()
            .collect();
        let mut cell = reduce(found.score, &present);
        cells.iter().for_each(|part| cell.flags.extend(part.flags));
        if found.score.is_ok() && found.weight_coverage < 1.0 {
            cell.flags.insert(Flag::Partial);
        }
        cell.coverage = cell.coverage.min(found.weight_coverage);
        (cell, found)
    }
}
