//! The evaluator: a node of an expression, a key and a period make a cell.
//!
//! Total: a cell is a value or a reason, never an error. Every cell is computed once, so nested windows cost no
//! more than the periods they cover. Reduces in the order of periods and keys, in one thread.

use crate::access::{PopulationSupply, Reads};
use crate::calendar::{ended_by, parts, window, year_base};
use crate::cell::{Cell, Flag, Flags, Reason, exact_sum, finite, union};
use crate::definition::Definition;
use crate::expression::{Node, Op, Resampling, WindowFunction};
use crate::gather::gather;
use crate::observations::{Key, ObservationSet, Slot, is_member};
use crate::operations::{change, division, lift1, lift2, log_of_one_more, quotient, reduce, roll};
use leleka_domain::Period;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// Months after which a population counts as aged.
const TWO_YEARS: u16 = 24;

type Slots = Rc<HashMap<Vec<String>, Slot>>;

/// A key with its number in one evaluation.
#[derive(Clone)]
pub(crate) struct KeyRef {
    number: u32,
    pub(crate) codes: Rc<Key>,
}

/// One definition over one set of observations.
pub(crate) struct Evaluator<'a> {
    pub(crate) definition: &'a Definition,
    pub(crate) set: &'a ObservationSet,
    numbers: HashMap<Key, u32>,
    cells: HashMap<(u32, u32, Period), Rc<Cell>>,
    slots: HashMap<(&'a str, Period), Slots>,
    /// Evaluators of the metrics that the definition refers to.
    pub(crate) referred: HashMap<&'a str, Box<Evaluator<'a>>>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(definition: &'a Definition, set: &'a ObservationSet) -> Self {
        Self {
            definition,
            set,
            numbers: HashMap::new(),
            cells: HashMap::new(),
            slots: HashMap::new(),
            referred: HashMap::new(),
        }
    }

    /// Gives a key its number.
    pub(crate) fn key(&mut self, codes: Key) -> KeyRef {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(codes.clone()).or_insert(next);
        KeyRef {
            number,
            codes: Rc::new(codes),
        }
    }

    /// The cells of an input in a period.
    pub(crate) fn slots(&mut self, name: &'a str, period: Period) -> Slots {
        if let Some(slots) = self.slots.get(&(name, period)) {
            return Rc::clone(slots);
        }
        let input = self.definition.inputs.get(name);
        let slots = input
            .map(|input| self.set.slots(input, period))
            .unwrap_or_default();
        let slots = Rc::new(slots);
        self.slots.insert((name, period), Rc::clone(&slots));
        slots
    }

    /// The cell of a node; a period outside the calendar that is kept has nothing reported.
    pub(crate) fn cell(&mut self, node: &'a Node, key: &KeyRef, period: Option<Period>) -> Rc<Cell> {
        let Some(period) = period else {
            return Rc::new(Cell::missing());
        };
        let place = (node.id, key.number, period);
        if let Some(cell) = self.cells.get(&place) {
            return Rc::clone(cell);
        }
        let cell = Rc::new(self.compute(node, key, period));
        self.cells.insert(place, Rc::clone(&cell));
        cell
    }

    fn compute(&mut self, node: &'a Node, key: &KeyRef, period: Period) -> Cell {
        let now = Some(period);
        match &node.op {
            Op::In { name } => self.input(name, key, period),
            Op::Const { value } => Cell::constant(*value),
            Op::Neg { a } => lift1(&self.cell(a, key, now), |a| Ok(-a)),
            Op::Clamp { a, lo, hi } => lift1(&self.cell(a, key, now), |a| Ok(a.max(*lo).min(*hi))),
            Op::Ln1p { a } => lift1(&self.cell(a, key, now), log_of_one_more),
            Op::Add { a, b } => self.two(a, b, key, period, |a, b| Ok(a + b)),
            Op::Sub { a, b } => self.two(a, b, key, period, |a, b| Ok(a - b)),
            Op::Mul { a, b } => self.two(a, b, key, period, |a, b| Ok(a * b)),
            Op::Min { a, b } => self.two(a, b, key, period, |a, b| Ok(a.min(b))),
            Op::Max { a, b } => self.two(a, b, key, period, |a, b| Ok(a.max(b))),
            Op::Div { a, b } => self.two(a, b, key, period, division),
            Op::Ratio {
                num,
                den,
                scale,
                min_base,
            } => self.two(num, den, key, period, |a, b| quotient(a, b, *scale, *min_base)),
            Op::Share { a, over } => {
                let part = self.cell(a, key, now);
                let whole = self.sum_over(a, over, key, period);
                lift2(&part, &whole, |a, b| quotient(a, b, 1.0, None))
            }
            Op::SumOver { a, over } => self.sum_over(a, over, key, period),
            Op::PerCapita {
                a,
                population,
                scale,
                max_age_months,
            } => {
                let part = self.cell(a, key, now);
                let (people, _) = self.newest(population, key, period, *max_age_months);
                lift2(&part, &people, |a, b| quotient(a, b, *scale, None))
            }
            Op::Lag { a, k } => (*self.cell(a, key, period.shift(-i32::from(*k)))).clone(),
            Op::Diff { a, k } => {
                let base = self.cell(a, key, period.shift(-i32::from(*k)));
                lift2(&self.cell(a, key, now), &base, |a, b| Ok(a - b))
            }
            Op::PctChange { a, k, min_base } => {
                let base = self.cell(a, key, period.shift(-i32::from(*k)));
                change(&self.cell(a, key, now), &base, *min_base)
            }
            Op::Yoy { a, min_base } => self.year_on_year(a, key, period, *min_base),
            Op::Roll {
                function,
                a,
                n,
                min_obs,
                offset,
            } => self.window(a, key, period, (*n, *offset, min_obs.unwrap_or(*n)), *function),
            Op::Coalesce { args } => self.first_with_value(args, key, period),
            Op::Latest { .. }
            | Op::AtLeast { .. }
            | Op::Below { .. }
            | Op::All { .. }
            | Op::Any { .. }
            | Op::RobustZ { .. }
            | Op::Concentration { .. }
            | Op::Metric { .. }
            | Op::Composite { .. } => self.judge(node, key, period),
            Op::Resample { a, how } => self.resample(a, key, period, how.unwrap_or(Resampling::Sum)),
        }
    }

    fn two(
        &mut self,
        a: &'a Node,
        b: &'a Node,
        key: &KeyRef,
        period: Period,
        operation: impl FnOnce(f64, f64) -> Result<f64, Reason>,
    ) -> Cell {
        let a = self.cell(a, key, Some(period));
        let b = self.cell(b, key, Some(period));
        lift2(&a, &b, operation)
    }

    fn year_on_year(&mut self, a: &'a Node, key: &KeyRef, period: Period, min_base: Option<f64>) -> Cell {
        let base = year_base(period);
        let before = self.cell(a, key, base.map(|(base, _)| base));
        let mut cell = change(&self.cell(a, key, Some(period)), &before, min_base);
        if base.is_some_and(|(_, substituted)| substituted) {
            cell.flags.insert(Flag::IsoW53);
        }
        cell
    }

    fn window(
        &mut self,
        a: &'a Node,
        key: &KeyRef,
        period: Period,
        (n, offset, min_obs): (u16, u16, u16),
        function: WindowFunction,
    ) -> Cell {
        let periods = window(period, offset, n);
        let cells: Vec<Rc<Cell>> = periods
            .into_iter()
            .map(|at| self.cell(a, key, Some(at)))
            .collect();
        roll(&cells, n, min_obs, function)
    }

    fn first_with_value(&mut self, args: &'a [Box<Node>], key: &KeyRef, period: Period) -> Cell {
        let mut first = None;
        for arg in args {
            let cell = self.cell(arg, key, Some(period));
            match (cell.value(), first.is_some()) {
                (Some(_), false) => return (*cell).clone(),
                (Some(_), true) => {
                    let mut cell = (*cell).clone();
                    cell.flags.insert(Flag::Imputed);
                    return cell;
                }
                (None, _) => drop(first.get_or_insert(cell)),
            }
        }
        first.map_or_else(Cell::missing, |cell| (*cell).clone())
    }

    fn resample(&mut self, a: &'a Node, key: &KeyRef, period: Period, how: Resampling) -> Cell {
        let parts = parts(period);
        let cells: Vec<Rc<Cell>> = parts
            .iter()
            .map(|(part, _)| self.cell(a, key, Some(*part)))
            .collect();
        let values: Result<Vec<f64>, Reason> = cells.iter().map(|cell| cell.outcome).collect();
        let outcome = values.and_then(|values| {
            let weighted = values.iter().zip(&parts).map(|(value, (_, share))| value * share);
            let value = match how {
                Resampling::Sum => Some(exact_sum(weighted)),
                Resampling::Mean => Some(exact_sum(weighted) / values.len() as f64),
                Resampling::Last => values.last().copied(),
            };
            value.ok_or(Reason::MissingInput).and_then(finite)
        });
        reduce(outcome, &cells)
    }

    /// Σ of a node over the members of dimensions that were observed where it reads, or are expected there.
    fn sum_over(&mut self, a: &'a Node, over: &[String], key: &KeyRef, period: Period) -> Cell {
        let cells = self.member_cells(a, over, key, period);
        let present: Vec<&Rc<Cell>> = cells.iter().filter(|cell| cell.value().is_some()).collect();
        let values = present.iter().filter_map(|cell| cell.value());
        let outcome = if present.is_empty() {
            Err(Reason::MissingInput)
        } else {
            finite(exact_sum(values))
        };
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

    /// The cells of a node for the members of dimensions, in order.
    pub(crate) fn member_cells(
        &mut self,
        a: &'a Node,
        over: &[String],
        key: &KeyRef,
        period: Period,
    ) -> Vec<Rc<Cell>> {
        let members = self.members(a, over, key, period).into_iter();
        let cells = members.map(|member| {
            let key = self.key(extended(key, over, member));
            self.cell(a, &key, Some(period))
        });
        cells.collect()
    }

    /// The members of dimensions that a sum goes over, in order.
    pub(crate) fn members(
        &mut self,
        a: &'a Node,
        over: &[String],
        key: &KeyRef,
        period: Period,
    ) -> BTreeSet<Vec<String>> {
        let definition = self.definition;
        let reads = Reads::of(a, definition, period, PopulationSupply::Unknown);
        let mut members = BTreeSet::new();
        for (name, periods) in reads.inputs() {
            let Some(input) = definition.inputs.get(name) else {
                continue;
            };
            for period in periods {
                for codes in self.slots(name, period).keys() {
                    let found: Key = input.by.iter().cloned().zip(codes.iter().cloned()).collect();
                    let elsewhere = found.iter().any(|(dimension, code)| {
                        !over.contains(dimension) && key.codes.get(dimension).is_some_and(|own| own != code)
                    });
                    let member = over.iter().map(|dimension| {
                        found
                            .get(dimension)
                            .filter(|code| is_member(dimension, code))
                            .cloned()
                    });
                    if let (false, Some(member)) = (elsewhere, member.collect()) {
                        members.insert(member);
                    }
                }
            }
        }
        members
    }

    /// The newest value of an input whose period has ended, if it is not too old, and that period.
    pub(crate) fn newest(
        &mut self,
        name: &'a str,
        key: &KeyRef,
        period: Period,
        months: u16,
    ) -> (Cell, Option<Period>) {
        let frequency = self.definition.inputs.get(name).map(|input| input.frequency);
        for at in frequency.map_or_else(Vec::new, |frequency| ended_by(period, frequency, months)) {
            let mut cell = self.input(name, key, at);
            if cell.value().is_some() {
                if !ended_by(period, at.frequency(), TWO_YEARS).contains(&at) {
                    cell.flags.insert(Flag::AgedDenominator);
                }
                return (cell, Some(at));
            }
        }
        (Cell::missing(), None)
    }

    fn input(&mut self, name: &'a str, key: &KeyRef, period: Period) -> Cell {
        let Some(input) = self.definition.inputs.get(name) else {
            return Cell::missing();
        };
        let codes = input.by.iter().map(|dimension| key.codes.get(dimension).cloned());
        let Some(codes) = codes.collect::<Option<Vec<String>>>() else {
            return Cell::missing();
        };
        let slots = self.slots(name, period);
        let Some(slot) = slots.get(&codes) else {
            return Cell::missing();
        };
        gather(self.set, slot.side(self.set), input)
    }
}

/// A key with the codes of one member.
pub(crate) fn extended(key: &KeyRef, over: &[String], member: Vec<String>) -> Key {
    let mut codes = (*key.codes).clone();
    codes.extend(over.iter().cloned().zip(member));
    codes
}
