//! The observations of one input cell, put together.
//!
//! Zero is a value; not reported is not zero; not applicable leaves what is expected. A total that was reported
//! stands alone, details are put together only in its absence.

use crate::cell::{Cell, Flag, Flags, Reason, exact_sum, finite};
use crate::definition::{Aggregation, Input};
use crate::observations::{ObservationSet, Side, Slot};
use leleka_domain::{ConfStatus, ObsStatus};
use std::collections::{HashMap, HashSet};

fn has_number(set: &ObservationSet, place: u32) -> bool {
    set.row(place).is_some_and(|row| row.number().is_some())
}

impl Slot {
    /// The side that counts: the total when it was reported with a number, otherwise its details if there are any.
    pub(crate) fn side(&self, set: &ObservationSet) -> &Side {
        let mut totals = self.totals.rows.iter();
        let no_details = self.details.rows.is_empty() && self.details.expected == 0;
        if no_details || totals.any(|(_, place)| has_number(set, *place)) {
            &self.totals
        } else {
            &self.details
        }
    }
}

/// The observations of one side of a slot, put together.
pub(crate) fn gather(set: &ObservationSet, side: &Side, input: &Input) -> Cell {
    let mut flags = Flags::default();
    let (mut present, mut not_applicable, mut rows) = (Vec::new(), 0_usize, 0_usize);
    let mut claims: HashMap<&Vec<String>, f64> = HashMap::new();
    let mut ambiguous = false;
    let with_number = side.rows.iter().filter(|(_, place)| has_number(set, *place));
    let valued: HashSet<&Vec<String>> = with_number.map(|(identity, _)| identity).collect();
    for (identity, place) in &side.rows {
        let Some(row) = set.row(*place) else { continue };
        let Some(number) = row.number() else {
            if valued.contains(identity) {
                continue;
            }
            rows += 1;
            not_applicable += usize::from(row.status == ObsStatus::NotApplicable);
            if row.status == ObsStatus::Suppressed {
                flags.insert(Flag::SuppressedAtSource);
            }
            continue;
        };
        match claims.get(identity) {
            Some(claimed) if claimed.to_bits() == number.to_bits() => continue,
            Some(_) => ambiguous = true,
            None => drop(claims.insert(identity, number)),
        }
        rows += 1;
        present.push((*place, number));
        row_flags(row.status, &mut flags);
        row.flags.iter().for_each(|status| row_flags(status, &mut flags));
        if row.confidentiality != ConfStatus::Free {
            flags.insert(Flag::Confidential);
        }
    }
    let due = if side.expected > 0 { side.expected } else { rows };
    let due = due.max(codes_due(input)).saturating_sub(not_applicable);
    let coverage = (present.len() as f64 / due.max(1) as f64).min(1.0);
    let used = present.iter().map(|(place, _)| *place).collect();
    let outcome = if present.is_empty() {
        Err(Reason::MissingInput)
    } else if ambiguous {
        Err(Reason::AmbiguousInput)
    } else if coverage < input.min_coverage {
        Err(Reason::InsufficientCoverage)
    } else {
        finite(together(&present, input.agg))
    };
    if outcome.is_ok() && coverage < 1.0 {
        flags.insert(Flag::Partial);
    }
    Cell {
        outcome,
        flags,
        used,
        coverage,
    }
}

fn together(present: &[(u32, f64)], agg: Aggregation) -> f64 {
    let values = present.iter().map(|(_, number)| *number);
    match agg {
        Aggregation::Sum => exact_sum(values),
        Aggregation::Mean => exact_sum(values) / present.len() as f64,
        Aggregation::Min => values.fold(f64::INFINITY, f64::min),
        Aggregation::Max => values.fold(f64::NEG_INFINITY, f64::max),
    }
}

/// How many cells a filter names: each of its codes is expected, so that a sum is never silently short of one.
fn codes_due(input: &Input) -> usize {
    if input.over.is_empty() {
        input.filter.values().map(Vec::len).product()
    } else {
        0
    }
}

/// What a status says about a value that it accompanies.
fn row_flags(status: ObsStatus, flags: &mut Flags) {
    let marks = [
        (ObsStatus::Provisional, Flag::Provisional),
        (ObsStatus::Estimated, Flag::Estimated),
        (ObsStatus::Forecast, Flag::Estimated),
        (ObsStatus::Imputed, Flag::Imputed),
        (ObsStatus::Break, Flag::Break),
    ];
    for (_, flag) in marks.iter().filter(|(marked, _)| *marked == status) {
        flags.insert(*flag);
    }
}
