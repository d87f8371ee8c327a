//! Which periods of which input a result reads, and so which results a change of an input touches.
//!
//! One description of operands serves both questions, so they cannot disagree. Never looks at values: what may be
//! read counts as read.

use crate::calendar::{ended_by, parts, window, year_base};
use crate::definition::{Definition, Kind};
use crate::expression::{Node, Op, Take};
use crate::library::{label, qualified};
use leleka_domain::{Frequency, Period};
use std::collections::{BTreeMap, BTreeSet};

/// How far back a missing start of a series is told apart from a gap, in periods.
const START_MARGIN: u16 = 26;

/// What is known about populations and capacities when the reach of a change is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopulationSupply {
    /// Nothing: an older figure may still be in use as long as its age allows. Always safe.
    Unknown,
    /// Every period has a figure for every key, so that a figure is in use until the next one.
    EveryPeriod,
}

/// What must be loaded for one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputNeed {
    /// Name of the input in the definition.
    pub input: String,
    /// Indicator code.
    pub indicator: String,
    /// The body, when the definition names one.
    pub body: Option<String>,
    /// Frequency of the series.
    pub frequency: Frequency,
    /// First period.
    pub from: Period,
    /// Last period.
    pub to: Period,
}

/// What a change of an input touches, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirtyPeriods {
    /// Results whose value may differ.
    pub values: Vec<Period>,
    /// Further results whose value stands, but whose comparison with the past may differ.
    pub signals: Vec<Period>,
}

/// The operands of a node for a period, with the periods at which they are read.
pub(crate) fn operand_periods(node: &Node, period: Period) -> Vec<(&Node, Period)> {
    let at = |operand, periods: Vec<Period>| periods.into_iter().map(move |p| (operand, p)).collect();
    match &node.op {
        Op::Lag { a, k } => at(&**a, window(period, *k, 1)),
        Op::Diff { a, k } | Op::PctChange { a, k, .. } => {
            let mut periods = vec![period];
            periods.extend(window(period, *k, 1));
            at(&**a, periods)
        }
        Op::Yoy { a, .. } => {
            let mut periods = vec![period];
            periods.extend(year_base(period).map(|(base, _)| base));
            at(&**a, periods)
        }
        Op::Roll { a, n, offset, .. } => at(&**a, window(period, *offset, *n)),
        Op::RobustZ {
            a, window: n, gap, ..
        } => {
            let mut periods = window(period, gap.saturating_add(1), *n);
            periods.push(period);
            at(&**a, periods)
        }
        Op::Latest {
            a,
            from,
            max_age_months,
            ..
        } => at(&**a, ended_by(period, *from, *max_age_months)),
        Op::Resample { a, .. } => at(&**a, parts(period).into_iter().map(|(part, _)| part).collect()),
        Op::In { .. }
        | Op::Const { .. }
        | Op::Neg { .. }
        | Op::Add { .. }
        | Op::Sub { .. }
        | Op::Mul { .. }
        | Op::Min { .. }
        | Op::Max { .. }
        | Op::Clamp { .. }
        | Op::Div { .. }
        | Op::Ratio { .. }
        | Op::Share { .. }
        | Op::PerCapita { .. }
        | Op::SumOver { .. }
        | Op::Coalesce { .. }
        | Op::AtLeast { .. }
        | Op::Below { .. }
        | Op::All { .. }
        | Op::Any { .. }
        | Op::Concentration { .. }
        | Op::Metric { .. }
        | Op::Composite { .. }
        | Op::Ln1p { .. } => {
            let operands = node.op.operands().into_iter();
            operands.map(|operand| (&**operand, period)).collect()
        }
    }
}

/// Periods of each input, and of each metric referred to, that an expression reads for one period.
pub(crate) struct Reads<'a> {
    definition: &'a Definition,
    supply: PopulationSupply,
    visited: BTreeSet<(u32, Period)>,
    pub(crate) found: BTreeMap<&'a str, BTreeSet<Period>>,
    metrics: BTreeMap<(&'a str, Take), BTreeSet<Period>>,
}

impl<'a> Reads<'a> {
    pub(crate) fn of(
        node: &'a Node,
        definition: &'a Definition,
        period: Period,
        supply: PopulationSupply,
    ) -> Self {
        let mut reads = Self {
            definition,
            supply,
            visited: BTreeSet::new(),
            found: BTreeMap::new(),
            metrics: BTreeMap::new(),
        };
        reads.follow(node, period);
        reads
    }

    fn follow(&mut self, node: &'a Node, period: Period) {
        if !self.visited.insert((node.id, period)) {
            return;
        }
        let definition = self.definition;
        if let Op::In { name } = &node.op {
            self.found.entry(name).or_default().insert(period);
        }
        if let Op::Metric { code, version, take } = &node.op
            && let Some((label, _)) = definition.metrics.get_key_value(&label(code, *version))
        {
            self.metrics.entry((label, *take)).or_default().insert(period);
        }
        if let Op::PerCapita {
            population,
            max_age_months,
            ..
        } = &node.op
            && let Some(input) = definition.inputs.get(population)
        {
            let ended = ended_by(period, input.frequency, *max_age_months);
            let most = match self.supply {
                PopulationSupply::Unknown => ended.len(),
                PopulationSupply::EveryPeriod => 1,
            };
            let found = self.found.entry(population).or_default();
            found.extend(ended.into_iter().take(most));
        }
        for (operand, at) in operand_periods(node, period) {
            self.follow(operand, at);
        }
    }

    /// Periods of each input, those that the values of metrics referred to are made of included.
    pub(crate) fn inputs(mut self) -> BTreeMap<&'a str, BTreeSet<Period>> {
        for ((label, _), periods) in std::mem::take(&mut self.metrics) {
            let Some(of) = self.definition.metrics.get(label) else {
                continue;
            };
            for period in periods {
                let nested = Reads::of(&of.expression, of, period, self.supply).inputs();
                for (name, read) in nested {
                    let known = self.definition.inputs.get_key_value(&qualified(label, name));
                    if let Some((name, _)) = known {
                        self.found.entry(name).or_default().extend(read);
                    }
                }
            }
        }
        self.found
    }
}

/// How many periods before the one judged the detectors of a definition read.
pub(crate) fn detection_reach(definition: &Definition) -> u16 {
    let reach = definition.detectors.iter().map(|detector| detector.reach()).max();
    match definition.kind {
        Kind::Signal => reach.unwrap_or(0).max(START_MARGIN),
        Kind::Level | Kind::Composite => 0,
    }
}

/// What must be loaded to compute results from the first period to the last, comparison with the past included.
///
/// Inputs of metrics referred to stand under the names that they have in [`Definition::inputs`].
#[must_use]
pub fn input_needs(definition: &Definition, from: Period, to: Period) -> Vec<InputNeed> {
    needs(definition, from, to, Take::Score)
}

fn needs(definition: &Definition, from: Period, to: Period, take: Take) -> Vec<InputNeed> {
    let reach = match take {
        Take::Score => detection_reach(definition),
        Take::Value => 0,
    };
    let first = window(from, 0, reach.saturating_add(1));
    let first = first.first().copied().unwrap_or(from);
    let mut found: BTreeMap<&str, BTreeSet<Period>> = BTreeMap::new();
    let mut metrics: BTreeMap<(&str, Take), BTreeSet<Period>> = BTreeMap::new();
    for end in [first, from, to] {
        let reads = Reads::of(&definition.expression, definition, end, PopulationSupply::Unknown);
        for (name, periods) in reads.found {
            found.entry(name).or_default().extend(periods);
        }
        for (metric, periods) in reads.metrics {
            metrics.entry(metric).or_default().extend(periods);
        }
    }
    let own = found.into_iter().filter_map(|(name, periods)| {
        let input = definition.inputs.get(name)?;
        Some(InputNeed {
            input: name.to_owned(),
            indicator: input.indicator.clone(),
            body: input.body.clone(),
            frequency: input.frequency,
            from: *periods.first()?,
            to: *periods.last()?,
        })
    });
    let mut all: Vec<InputNeed> = own.collect();
    for ((label, take), periods) in metrics {
        let of = definition.metrics.get(label);
        if let (Some(of), Some(from), Some(to)) = (of, periods.first(), periods.last()) {
            let nested = needs(of, *from, *to, take).into_iter();
            all.extend(nested.map(|need| InputNeed {
                input: qualified(label, &need.input),
                ..need
            }));
        }
    }
    all
}

/// The first period that an explanation of this one looks at: the one before, or the base of the year before.
#[must_use]
pub fn explained_since(period: Period) -> Period {
    let before = period.shift(-1).unwrap_or(period);
    year_base(period).map_or(before, |(base, _)| base.min(before))
}

/// Results, up to `until`, that a change of one input from its period `changed.0` to `changed.1` touches.
///
/// Nothing for a name that is not an input of the definition, or for periods of another frequency than `until`'s.
#[must_use]
pub fn dirty_periods(
    definition: &Definition,
    input: &str,
    changed: (Period, Period),
    until: Period,
    supply: PopulationSupply,
) -> DirtyPeriods {
    let mut dirty = DirtyPeriods::default();
    if until.frequency() != definition.frequency || !definition.inputs.contains_key(input) {
        return dirty;
    }
    let Some(first) = Period::containing(definition.frequency, changed.0.start()) else {
        return dirty;
    };
    let candidates: Vec<Period> = std::iter::successors(Some(first), |period| period.shift(1))
        .take_while(|period| *period <= until)
        .collect();
    let reads = |period: &Period| Reads::of(&definition.expression, definition, *period, supply);
    dirty.values = match input.split_once(':') {
        None => {
            let touched = |period: &Period| {
                let reads = reads(period);
                let read = reads.found.get(input);
                read.is_some_and(|read| read.range(changed.0..=changed.1).next().is_some())
            };
            candidates.iter().copied().filter(touched).collect()
        }
        Some((label, inner)) => {
            let of = definition.metrics.get(label);
            let nested = of.map(|of| dirty_periods(of, inner, changed, until, supply));
            let nested = nested.unwrap_or_default();
            let values: BTreeSet<Period> = nested.values.into_iter().collect();
            let scores: BTreeSet<Period> = values.iter().copied().chain(nested.signals).collect();
            let touched = |period: &Period| {
                let reads = reads(period);
                let of = |take: Take, dirty: &BTreeSet<Period>| {
                    let read = reads.metrics.get(&(label, take));
                    read.is_some_and(|read| !read.is_disjoint(dirty))
                };
                of(Take::Score, &scores) || of(Take::Value, &values)
            };
            candidates.iter().copied().filter(touched).collect()
        }
    };
    let values: BTreeSet<Period> = dirty.values.iter().copied().collect();
    let reach = detection_reach(definition);
    let compared = |period: &Period| {
        let past = window(*period, 1, reach);
        !values.contains(period) && past.iter().any(|past| values.contains(past))
    };
    dirty.signals = candidates.iter().copied().filter(compared).collect();
    dirty
}
