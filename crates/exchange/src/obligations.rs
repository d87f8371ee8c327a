//! Obligations as they stand at a moment: what is due, what came in, how full it is, and how punctual a body is.
//!
//! Computed at each reading from agreements, schedule and receipts. Stores nothing; nobody can declare one met.

use crate::duties::{Duty, duties};
use crate::{ActError, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{
    BodyScope, Deadline, ObligationDecision, ObligationId, ObligationStatus, Period, SubmissionId, kyiv_day,
};
use leleka_store::{
    Reader, SliceReceipt, StoreError, StoredObligationDecision, obligation_decision_list, slice_cell_list,
    slice_receipt_list,
};
use std::collections::{BTreeMap, BTreeSet};

/// Which obligations; an empty list does not restrict.
#[derive(Clone, Debug)]
pub struct ObligationFilter {
    /// Of these bodies.
    pub bodies: Vec<String>,
    /// For these dataflows.
    pub dataflows: Vec<String>,
    /// Standing like this.
    pub statuses: Vec<String>,
    /// For periods that begin on this day or later.
    pub from: NaiveDate,
    /// For periods that begin on this day or earlier.
    pub to: NaiveDate,
    /// After this one, by the moment at which it is due and by its identifier.
    pub after: Option<(DateTime<Utc>, String)>,
    /// At most so many.
    pub limit: usize,
    /// Whether to count cells.
    pub with_cells: bool,
}

/// Cells of a slice: expected is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellTotals {
    /// Of the newest earlier period with figures, and those delivered beside; one for an indicator that never came.
    pub expected: u64,
    /// Answered with a number, or with a status that none can exist.
    pub received: u64,
    /// Covered by a report that there is nothing to report.
    pub nil: u64,
    /// Not told, or told as missing.
    pub missing: u64,
    /// Withheld by the source.
    pub suppressed: u64,
}

/// One obligation at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Obligation {
    /// Body, dataflow and period.
    pub id: ObligationId,
    /// Its moments.
    pub deadline: Deadline,
    /// How it stands.
    pub status: ObligationStatus,
    /// Whether the first figures came after the grace time.
    pub late: bool,
    /// Whether the period takes no figures any more.
    pub frozen: bool,
    /// The first submission that counts, and when it came in.
    pub received: Option<(SubmissionId, DateTime<Utc>)>,
    /// The newest decision of the centre.
    pub decision: Option<StoredObligationDecision>,
    /// Indicators owed.
    pub indicators: Vec<String>,
    /// Cells, when they were asked for.
    pub cells: Option<CellTotals>,
}

/// How punctual a body was in what was due until now; waived obligations do not count.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeliness {
    /// Body.
    pub body: String,
    /// Obligations whose grace time is over, or that were met.
    pub due: u64,
    /// Met in time.
    pub on_time: u64,
    /// Met late.
    pub late: u64,
    /// Not met.
    pub overdue: u64,
    /// Working days of delay, over late and unmet ones.
    pub delay_working_days: u64,
}

/// A page of obligations.
#[derive(Clone, Debug, PartialEq)]
pub struct ObligationList {
    /// Latest due first.
    pub obligations: Vec<Obligation>,
    /// Whether there are more.
    pub more: bool,
    /// By body, over everything that the filter names, not only this page.
    pub timeliness: Vec<Timeliness>,
}

/// The obligations in scope that a filter names.
///
/// # Errors
/// When the database refuses.
pub fn obligation_list(
    centre: &Centre,
    scope: &BodyScope,
    filter: &ObligationFilter,
) -> Result<ObligationList, ActError> {
    let (book, now) = (centre.book(), centre.clock.now());
    let own = match scope {
        BodyScope::One(body) => Some(body.as_str()),
        BodyScope::WholeCentre => None,
    };
    let named = |list: &[String], word: &str| list.is_empty() || list.iter().any(|it| it == word);
    let mut owed = Vec::new();
    for duty in duties(&book, own) {
        if !named(&filter.bodies, duty.body) || !named(&filter.dataflows, duty.dataflow) {
            continue;
        }
        for period in periods(&duty, &book.schedule.deadlines, filter, now) {
            if let Some((deadline, indicators)) = duty.owed(&book, period, now) {
                let (body, dataflow) = (duty.body.to_owned(), duty.dataflow.to_owned());
                owed.push((
                    ObligationId {
                        body,
                        dataflow,
                        period,
                    },
                    deadline,
                    indicators,
                ));
            }
        }
    }
    let mut reader = centre.store.reader()?;
    let mut list = reader.snapshot(|reader| {
        let bodies: BTreeSet<&str> = owed.iter().map(|(id, _, _)| id.body.as_str()).collect();
        let bodies: Vec<&str> = bodies.into_iter().collect();
        let known = Known::read(reader, &bodies, filter)?;
        let all = owed.into_iter().map(|(id, deadline, indicators)| {
            let indicators = indicators.into_iter().map(str::to_owned).collect();
            known.obligation(now, id, deadline, indicators)
        });
        let word = |it: &Obligation| named(&filter.statuses, it.status.word());
        let all: Vec<Obligation> = all.filter(word).collect();
        let timeliness = timeliness(&all, &book.schedule, now);
        let mut list = page(all, filter, timeliness);
        if filter.with_cells {
            cells_add(reader, &known, &mut list.obligations)?;
        }
        Ok(list)
    })?;
    list.timeliness.sort_by(|left, right| left.body.cmp(&right.body));
    Ok(list)
}

/// One obligation as it stands now, if it is owed and in scope.
///
/// # Errors
/// When the database refuses.
pub fn obligation_find(
    centre: &Centre,
    scope: &BodyScope,
    id: &ObligationId,
) -> Result<Option<Obligation>, ActError> {
    let filter = ObligationFilter {
        bodies: vec![id.body.clone()],
        dataflows: vec![id.dataflow.clone()],
        statuses: Vec::new(),
        from: id.period.start(),
        to: id.period.start(),
        after: None,
        limit: 10,
        with_cells: true,
    };
    let found = obligation_list(centre, scope, &filter)?.obligations;
    Ok(found.into_iter().find(|it| it.id == *id))
}

/// The periods of a duty that have begun and lie in the range of a filter.
fn periods(
    duty: &Duty<'_>,
    deadlines: &leleka_domain::DeadlineTable,
    filter: &ObligationFilter,
    now: DateTime<Utc>,
) -> Vec<Period> {
    let last = filter.to.min(kyiv_day(now));
    let first = deadlines
        .obliged_from(duty.frequency)
        .map(|from| from.max(filter.from));
    let first = first.and_then(|day| Period::containing(duty.frequency, day));
    std::iter::successors(first, |period| period.shift(1))
        .take_while(|period| period.start() <= last)
        .filter(|period| filter.from <= period.start())
        .collect()
}

fn page(mut all: Vec<Obligation>, filter: &ObligationFilter, timeliness: Vec<Timeliness>) -> ObligationList {
    let place = |it: &Obligation| (std::cmp::Reverse(it.deadline.due_at), it.id.to_string());
    all.sort_by_cached_key(place);
    if let Some((due_at, id)) = &filter.after {
        let after = (std::cmp::Reverse(*due_at), id.clone());
        all.retain(|it| place(it) > after);
    }
    let more = all.len() > filter.limit;
    all.truncate(filter.limit);
    ObligationList {
        obligations: all,
        more,
        timeliness,
    }
}

/// What came in and what was decided, by slice.
struct Known {
    receipts: BTreeMap<String, Vec<SliceReceipt>>,
    decisions: BTreeMap<String, StoredObligationDecision>,
}

impl Known {
    fn read(reader: &mut Reader, bodies: &[&str], filter: &ObligationFilter) -> Result<Self, StoreError> {
        let mut receipts: BTreeMap<String, Vec<SliceReceipt>> = BTreeMap::new();
        for receipt in slice_receipt_list(reader, bodies, filter.from, filter.to)? {
            receipts
                .entry(receipt.slice.to_string())
                .or_default()
                .push(receipt);
        }
        let decisions = obligation_decision_list(reader, bodies)?.into_iter();
        let decisions = decisions.map(|it| (it.obligation.to_string(), it)).collect();
        Ok(Self { receipts, decisions })
    }

    /// Those that count: what came before the last day of the period was provisional.
    fn counting(&self, id: &ObligationId, deadline: &Deadline) -> Option<(&SliceReceipt, &SliceReceipt)> {
        let mut all = self.receipts.get(&id.to_string())?.iter();
        let first = all.find(|receipt| deadline.opens_at <= receipt.received_at)?;
        Some((first, all.last().unwrap_or(first)))
    }

    fn obligation(
        &self,
        now: DateTime<Utc>,
        id: ObligationId,
        deadline: Deadline,
        indicators: Vec<String>,
    ) -> Obligation {
        let counting = self.counting(&id, &deadline);
        let decision = self.decisions.get(&id.to_string()).cloned();
        let decided: Option<ObligationDecision> = decision.as_ref().map(|it| it.decision);
        let received = counting.map(|(first, newest)| (first.received_at, newest.nil));
        Obligation {
            status: deadline.status(now, received, decided),
            late: received.is_some_and(|(at, _)| at > deadline.grace_until),
            frozen: deadline.is_frozen(now, decided),
            received: counting.map(|(first, _)| (first.submission, first.received_at)),
            id,
            deadline,
            decision,
            indicators,
            cells: None,
        }
    }
}

fn cells_add(reader: &mut Reader, known: &Known, page: &mut [Obligation]) -> Result<(), StoreError> {
    let slices: Vec<&ObligationId> = page.iter().map(|it| &it.id).collect();
    let counted = slice_cell_list(reader, &slices)?;
    for (number, obligation) in page.iter_mut().enumerate() {
        let mut cells = CellTotals::default();
        for indicator in &obligation.indicators {
            let own = counted
                .iter()
                .find(|it| it.slice == number && it.indicator == *indicator);
            cells.expected += own.map_or(1, |own| own.expected.max(1));
            cells.received += own.map_or(0, |own| own.received);
            cells.suppressed += own.map_or(0, |own| own.suppressed);
        }
        let untold = cells.expected.saturating_sub(cells.received + cells.suppressed);
        let newest = known.counting(&obligation.id, &obligation.deadline);
        if newest.is_some_and(|(_, newest)| newest.nil) {
            cells.nil = untold;
        } else {
            cells.missing = untold;
        }
        obligation.cells = Some(cells);
    }
    Ok(())
}

fn timeliness(all: &[Obligation], schedule: &leleka_domain::Schedule, now: DateTime<Utc>) -> Vec<Timeliness> {
    let mut bodies: BTreeMap<&str, Timeliness> = BTreeMap::new();
    for it in all {
        let unmet = matches!(it.status, ObligationStatus::Overdue | ObligationStatus::Frozen);
        let waived = it.status == ObligationStatus::Waived;
        if waived || (it.received.is_none() && !unmet) {
            continue;
        }
        let own = bodies.entry(&it.id.body).or_insert_with(|| Timeliness {
            body: it.id.body.clone(),
            due: 0,
            on_time: 0,
            late: 0,
            overdue: 0,
            delay_working_days: 0,
        });
        own.due += 1;
        own.on_time += u64::from(!unmet && !it.late);
        own.late += u64::from(!unmet && it.late);
        own.overdue += u64::from(unmet);
        if unmet || it.late {
            let until = it.received.map_or(now, |(_, at)| at);
            own.delay_working_days += u64::from(schedule.working_days_between(it.deadline.due_at, until));
        }
    }
    bodies.into_values().collect()
}
