//! Who owes what: agreements in force at the end of a period, by body, dataflow and frequency.
//!
//! Derived from agreements, their history and the schedule, never from a table of its own. What may be delivered
//! beside the ordinary frequency (years, ranges) is allowed and not owed.

use crate::centre::Book;
use chrono::{DateTime, Utc};
use leleka_domain::{Agreement, AgreementState, Deadline, Frequency, Period};
use std::collections::BTreeMap;

/// The agreements under which a body owes a dataflow at a frequency.
#[derive(Clone, Debug)]
pub(crate) struct Duty<'a> {
    pub(crate) body: &'a str,
    pub(crate) dataflow: &'a str,
    pub(crate) frequency: Frequency,
    agreements: Vec<&'a Agreement>,
}

/// Every duty, or those of one body; bodies of exempt kinds have none.
pub(crate) fn duties<'a>(book: &'a Book, body: Option<&str>) -> Vec<Duty<'a>> {
    let exempt = &book.schedule.deadlines.exempt_kinds;
    let mut found: BTreeMap<(&str, &str, Frequency), Vec<&Agreement>> = BTreeMap::new();
    for agreement in &book.catalogue.agreements {
        if body.is_some_and(|body| body != agreement.body) {
            continue;
        }
        let obliged = book.codebook.body(&agreement.body);
        let obliged = obliged.is_some_and(|body| !exempt.contains(&body.kind));
        let (Some(indicator), true) = (book.codebook.indicator(&agreement.indicator), obliged) else {
            continue;
        };
        let mut owed: Vec<Frequency> = agreement
            .frequencies
            .iter()
            .filter_map(|letter| letter.parse().ok())
            .collect();
        if owed.contains(&indicator.frequency) {
            owed = vec![indicator.frequency];
        }
        for frequency in owed {
            let duty = (agreement.body.as_str(), indicator.dataflow.as_str(), frequency);
            found.entry(duty).or_default().push(agreement);
        }
    }
    found
        .into_iter()
        .map(|((body, dataflow, frequency), agreements)| Duty {
            body,
            dataflow,
            frequency,
            agreements,
        })
        .collect()
}

impl<'a> Duty<'a> {
    /// The moments of a period and the indicators that are owed for it; none where nothing is owed.
    ///
    /// What counts is what was agreed when the period ended; while it runs, what is agreed now.
    pub(crate) fn owed(
        &self,
        book: &Book,
        period: Period,
        now: DateTime<Utc>,
    ) -> Option<(Deadline, Vec<&'a str>)> {
        let deadline = book.schedule.deadline(self.dataflow, period)?;
        let (last, at) = (
            period.end(),
            (deadline.opens_at + chrono::TimeDelta::days(1)).min(now),
        );
        let in_force = self.agreements.iter().filter(|agreement| {
            agreement.valid_from.is_none_or(|from| from <= last)
                && agreement.valid_to.is_none_or(|to| last <= to)
                && state_at(book, agreement, at) == AgreementState::Agreed.word()
        });
        let indicators: Vec<&str> = in_force.map(|agreement| agreement.indicator.as_str()).collect();
        (!indicators.is_empty()).then_some((deadline, indicators))
    }
}

/// The state of an agreement at a moment, by its steps; empty before it was there.
fn state_at<'a>(book: &Book, agreement: &'a Agreement, at: DateTime<Utc>) -> &'a str {
    let key = (agreement.body.as_str(), agreement.indicator.as_str());
    let events = book.agreement_events.as_slice();
    let start =
        events.partition_point(|it| (it.agreement.body.as_str(), it.agreement.indicator.as_str()) < key);
    let own = events
        .iter()
        .skip(start)
        .take_while(|it| (it.agreement.body.as_str(), it.agreement.indicator.as_str()) == key);
    let (mut first, mut newest) = (None, None);
    for event in own {
        first = first.or(Some(event));
        if event.occurred_at <= at {
            newest = Some(event);
        }
    }
    match (newest, first) {
        (Some(event), _) => event.to.word(),
        (None, Some(event)) => event.from.map_or("", AgreementState::word),
        (None, None) => &agreement.state,
    }
}
