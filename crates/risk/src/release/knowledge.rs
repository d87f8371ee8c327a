//! What a reader can work out from all that was told: unknowns, their bounds, the sums among them.
//!
//! Bounds come from linear programming over the part of the system that hangs together with the cell asked for.
//! A bound that the solver cannot give counts as betrayed.

use super::{ReleaseRules, ReleaseTable, Told};
use crate::disclosure::rounded;
use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, Variable};
use std::collections::{BTreeMap, BTreeSet};

/// Rounding of the solver.
pub(super) const SLACK: f64 = 1e-6;

/// One equation: unknowns with their signs, and what they add up to.
type Equation = (Vec<(usize, i64)>, i64);

/// Everything that readers know.
#[derive(Clone, Debug, Default)]
pub(super) struct Knowledge {
    labels: Vec<String>,
    counts: Vec<i64>,
    confidential: Vec<bool>,
    small: Vec<bool>,
    bounds: Vec<(f64, f64)>,
    equations: Vec<Equation>,
    of_unknown: Vec<Vec<usize>>,
    /// The unknown of each label as it stood in the newest release that has it.
    newest: BTreeMap<String, usize>,
}

/// Which way a count is to be moved in the search for another table that readers could not tell apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    /// The unknown.
    pub(super) unknown: usize,
    /// By how much, with its sign.
    pub(super) by: f64,
}

impl Knowledge {
    /// What these releases tell together.
    pub(super) fn of<'t>(tables: impl Iterator<Item = &'t ReleaseTable>, rules: ReleaseRules) -> Self {
        let mut knowledge = Self::default();
        let mut equations: BTreeSet<Equation> = BTreeSet::new();
        for table in tables {
            let unknowns: Vec<usize> = table
                .cells
                .iter()
                .map(|cell| {
                    let at = knowledge.unknown(&cell.label, cell.count);
                    let told = if cell.known { Told::Exact } else { cell.told };
                    knowledge.learn(at, told, rules);
                    // What readers know from elsewhere is not ours to keep.
                    let kept = !cell.known;
                    set(&mut knowledge.confidential, at, kept && cell.confidential);
                    set(&mut knowledge.small, at, kept && rules.is_small(cell.count));
                    at
                })
                .collect();
            for sum in &table.sums {
                let mut terms: BTreeMap<usize, i64> = BTreeMap::new();
                let parts = sum.parts.iter().map(|part| (*part, 1));
                for (place, sign) in parts.chain([(sum.total, -1)]) {
                    if let Some(at) = unknowns.get(place) {
                        *terms.entry(*at).or_default() += sign;
                    }
                }
                equations.insert((terms.into_iter().collect(), -sum.rest));
            }
        }
        knowledge.equations = equations.into_iter().collect();
        knowledge.of_unknown = vec![Vec::new(); knowledge.counts.len()];
        for (number, (terms, _)) in knowledge.equations.iter().enumerate() {
            for (at, _) in terms {
                if let Some(of) = knowledge.of_unknown.get_mut(*at) {
                    of.push(number);
                }
            }
        }
        knowledge
    }

    fn unknown(&mut self, label: &str, count: i64) -> usize {
        let unchanged = self.newest.get(label).copied();
        if let Some(at) = unchanged.filter(|at| self.count(*at) == count) {
            return at;
        }
        let at = self.counts.len();
        self.newest.insert(label.to_owned(), at);
        self.labels.push(label.to_owned());
        self.counts.push(count);
        self.confidential.push(false);
        self.small.push(false);
        // A count is not below zero; a balance may be, and then readers know that it may.
        self.bounds.push((count.min(0) as f64, f64::INFINITY));
        at
    }

    /// The unknown of a label in the newest release that has it.
    pub(super) fn find(&self, label: &str) -> Option<usize> {
        self.newest.get(label).copied()
    }

    /// Takes what is told about an unknown into its bounds.
    pub(super) fn learn(&mut self, at: usize, told: Told, rules: ReleaseRules) {
        let count = self.count(at);
        let (low, high) = match told {
            Told::Nothing => return,
            Told::Exact => (count, count),
            Told::Rounded => rounding_range(count, rules.rounding_base),
        };
        if let Some(bounds) = self.bounds.get_mut(at) {
            *bounds = (bounds.0.max(low as f64), bounds.1.min(high as f64));
        }
    }

    /// Makes readers forget what was told about an unknown.
    pub(super) fn forget(&mut self, at: usize, prior: (f64, f64)) {
        if let Some(bounds) = self.bounds.get_mut(at) {
            *bounds = prior;
        }
    }

    /// Every unknown.
    pub(super) fn all(&self) -> std::ops::Range<usize> {
        0..self.counts.len()
    }

    pub(super) fn count(&self, at: usize) -> i64 {
        self.counts.get(at).copied().unwrap_or(0)
    }

    pub(super) fn label(&self, at: usize) -> &str {
        self.labels.get(at).map_or("", String::as_str)
    }

    /// What readers know of an unknown without any sum.
    pub(super) fn bounds(&self, at: usize) -> (f64, f64) {
        self.bounds.get(at).copied().unwrap_or((0.0, 0.0))
    }

    pub(super) fn is_known(&self, at: usize) -> bool {
        let (low, high) = self.bounds(at);
        high - low < SLACK
    }

    pub(super) fn is_confidential(&self, at: usize) -> bool {
        self.confidential.get(at).copied().unwrap_or(false)
    }

    pub(super) fn equations_of(&self, at: usize) -> impl Iterator<Item = &Equation> {
        let numbers = self.of_unknown.get(at).into_iter().flatten();
        numbers.filter_map(|number| self.equations.get(*number))
    }

    /// The unknowns that must not be betrayed; what readers know already cannot be kept any more.
    pub(super) fn guarded(&self) -> impl Iterator<Item = usize> {
        self.all().filter(|at| {
            let small = self.small.get(*at).copied().unwrap_or(false);
            (small || self.is_confidential(*at)) && !self.is_known(*at)
        })
    }

    /// How far down and up a guarded count must be able to lie, for suppression.
    pub(super) fn wanted(&self, at: usize, rules: ReleaseRules) -> (f64, f64) {
        let count = self.count(at);
        let (mut low, mut high) = (count, count);
        if rules.is_small(count) {
            (low, high) = (0, rules.threshold);
        }
        if self.is_confidential(at) {
            let margin = rules.margin(count);
            low = low.min(count.saturating_sub(margin).max(count.min(0)));
            high = high.max(count.saturating_add(margin));
        }
        (low as f64, high as f64)
    }

    /// Whether readers can tell a guarded count from zero or from one that would be told.
    pub(super) fn is_betrayed(&self, at: usize, rules: ReleaseRules) -> bool {
        let (low, high) = self.wanted(at, rules);
        let reaches = |bound: Option<f64>, fits: fn(f64, f64) -> bool, wanted| {
            bound.is_none_or(|bound| !fits(bound, wanted))
        };
        reaches(self.least(at), |bound, low| bound <= low + SLACK, low)
            || reaches(self.most(at), |bound, high| bound >= high - SLACK, high)
    }

    /// Whether readers can prove that a count is small and not zero; a confidential one as in suppression.
    pub(super) fn is_pinned(&self, at: usize, rules: ReleaseRules) -> bool {
        if self.is_confidential(at) {
            return self.is_betrayed(at, rules);
        }
        let may_be_zero = || self.least(at).is_some_and(|least| least <= SLACK);
        let may_be_told = || {
            let most = self.most(at);
            most.is_some_and(|most| most >= rules.threshold as f64 - SLACK)
        };
        let (low, high) = self.bounds(at);
        if high < rules.threshold as f64 {
            !may_be_zero()
        } else if low > 0.0 {
            !may_be_told()
        } else {
            !may_be_told() && !may_be_zero()
        }
    }

    fn least(&self, at: usize) -> Option<f64> {
        self.extreme(at, OptimizationDirection::Minimize)
    }

    fn most(&self, at: usize) -> Option<f64> {
        self.extreme(at, OptimizationDirection::Maximize)
    }

    /// The unknowns that hang together with one, among those that `open` lets through.
    fn reach(&self, from: usize, open: impl Fn(usize) -> bool) -> (BTreeSet<usize>, BTreeSet<usize>) {
        let (mut unknowns, mut equations) = (BTreeSet::from([from]), BTreeSet::new());
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            for number in self.of_unknown.get(at).into_iter().flatten() {
                if !equations.insert(*number) {
                    continue;
                }
                let terms = self.equations.get(*number).map(|(terms, _)| terms);
                for (next, _) in terms.into_iter().flatten() {
                    if open(*next) && unknowns.insert(*next) {
                        waiting.push(*next);
                    }
                }
            }
        }
        (unknowns, equations)
    }

    fn extreme(&self, target: usize, towards: OptimizationDirection) -> Option<f64> {
        let largest = matches!(towards, OptimizationDirection::Maximize);
        let (unknowns, equations) = self.reach(target, |at| !self.is_known(at));
        let mut problem = Problem::new(towards);
        let variables: BTreeMap<usize, Variable> = unknowns
            .into_iter()
            .map(|at| {
                let wanted = if at == target { 1.0 } else { 0.0 };
                (at, problem.add_var(wanted, self.bounds(at)))
            })
            .collect();
        for (terms, sum) in equations.iter().filter_map(|number| self.equations.get(*number)) {
            let (mut open, mut known) = (Vec::new(), 0);
            for (at, sign) in terms {
                match variables.get(at) {
                    Some(variable) => open.push((*variable, *sign as f64)),
                    None => known += sign * self.count(*at),
                }
            }
            problem.add_constraint(open.as_slice(), ComparisonOp::Eq, (sum - known) as f64);
        }
        match problem.solve() {
            Ok(outcome) => outcome.into_solution().ok().map(|solution| solution.objective()),
            Err(microlp::Error::Unbounded) if largest => Some(f64::INFINITY),
            Err(_) => None,
        }
    }

    /// The cheapest way to another table that fits every sum and in which a count is moved: by how much each unknown
    /// moves. `costs` are those of a unit of each movable unknown; `prior` are the bounds within which it may move.
    pub(super) fn cheapest_shift(
        &self,
        shift: Shift,
        costs: &BTreeMap<usize, f64>,
        prior: &[(f64, f64)],
    ) -> Option<Vec<(usize, f64)>> {
        let (unknowns, equations) = self.reach(shift.unknown, |at| costs.contains_key(&at));
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut variables: BTreeMap<usize, (Variable, Variable)> = BTreeMap::new();
        for at in unknowns {
            let (count, cost) = (self.count(at) as f64, costs.get(&at).copied().unwrap_or(0.0));
            let (low, high) = prior.get(at).copied().unwrap_or((count, count));
            let (mut up, mut down) = ((0.0, high - count), (0.0, count - low));
            if at == shift.unknown {
                let (most_up, most_down) = (shift.by.max(0.0), (-shift.by).max(0.0));
                if most_up > up.1 + SLACK || most_down > down.1 + SLACK {
                    return None;
                }
                (up, down) = ((most_up, most_up), (most_down, most_down));
            }
            variables.insert(at, (problem.add_var(cost, up), problem.add_var(cost, down)));
        }
        for (terms, _) in equations.iter().filter_map(|number| self.equations.get(*number)) {
            let mut moved = Vec::new();
            for (at, sign) in terms {
                if let Some((up, down)) = variables.get(at) {
                    moved.extend([(*up, *sign as f64), (*down, -*sign as f64)]);
                }
            }
            problem.add_constraint(moved.as_slice(), ComparisonOp::Eq, 0.0);
        }
        let solution: Solution = problem.solve().ok()?.into_solution().ok()?;
        let moved = variables.iter().map(|(at, (up, down))| {
            let by = solution.var_value(*up) - solution.var_value(*down);
            (*at, by)
        });
        Some(moved.filter(|(_, by)| by.abs() > SLACK).collect())
    }
}

fn set(flags: &mut [bool], at: usize, on: bool) {
    if let Some(flag) = flags.get_mut(at) {
        *flag |= on;
    }
}

/// The counts that a reader of a rounded count must think of.
fn rounding_range(count: i64, base: u32) -> (i64, i64) {
    let told = rounded(count, base);
    let same = |other: &i64| rounded(*other, base) == told;
    let reach = i64::from(base);
    let near = count.saturating_sub(reach)..=count.saturating_add(reach);
    let low = near.clone().find(same).unwrap_or(count);
    let high = near.rev().find(same).unwrap_or(count);
    // No count is below zero.
    (if count >= 0 { low.max(0) } else { low }, high)
}
