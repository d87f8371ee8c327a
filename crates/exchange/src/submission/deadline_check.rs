//! Deadlines of the slices of a submission: a closed period takes nothing, a late one is told and taken.
//!
//! Judged by the moment at which the request came in. Periods that owe nothing are never late and never closed.

use crate::centre::Book;
use crate::duties::duties;
use crate::{ActError, Caller};
use chrono::{DateTime, Utc};
use leleka_domain::{Code, Finding, ObligationDecision, ObligationId, Period, Severity};
use leleka_store::{StoreError, Tx, obligation_decision_newest_in_tx, slice_receipt_list_in_tx};

/// Closed periods that a refusal names.
const PERIODS_TOLD: usize = 20;

/// Refuses the whole submission when one of its periods is closed, and gives a finding for each that comes first
/// after its grace time. Call it before the submission is recorded, in its own transaction.
///
/// # Errors
/// The refusal `period.frozen`, naming the periods; or what the store fails with.
pub(crate) fn deadline_check(
    tx: &mut Tx<'_>,
    book: &Book,
    caller: &Caller,
    dataflow: &str,
    periods: &[Period],
    received_at: DateTime<Utc>,
) -> Result<Vec<Finding>, ActError> {
    let own = duties(book, Some(&caller.body));
    let (mut frozen, mut late) = (Vec::new(), Vec::new());
    for period in periods.iter().copied() {
        let frequency = period.frequency();
        let duty = own
            .iter()
            .find(|duty| duty.dataflow == dataflow && duty.frequency == frequency);
        let Some((deadline, _)) = duty.and_then(|duty| duty.owed(book, period, received_at)) else {
            continue;
        };
        let closing = deadline.freeze_at.is_some_and(|freeze| freeze <= received_at);
        if received_at <= deadline.grace_until && !closing {
            continue;
        }
        let id = ObligationId {
            body: caller.body.clone(),
            dataflow: dataflow.to_owned(),
            period,
        };
        let decision = obligation_decision_newest_in_tx(tx, &id)?.map(|it| it.decision);
        if deadline.is_frozen(received_at, decision) {
            frozen.push(period.to_string());
        } else if decision != Some(ObligationDecision::Waived) && is_first(tx, &id, deadline.opens_at)? {
            let due = deadline.due_at.format("%Y-%m-%dT%H:%MZ").to_string();
            let finding = Finding::new(Code::PeriodLate, Severity::Info).field("period");
            late.push(finding.value(&period.to_string()).expected(due));
        }
    }
    if frozen.is_empty() {
        return Ok(late);
    }
    let more = if frozen.len() > PERIODS_TOLD { ", …" } else { "" };
    frozen.truncate(PERIODS_TOLD);
    let told = format!("{dataflow}: {}{more}", frozen.join(", "));
    Err(ActError::refused_because(Code::PeriodFrozen, told))
}

/// Whether nothing that counts came in before.
fn is_first(tx: &mut Tx<'_>, id: &ObligationId, opens_at: DateTime<Utc>) -> Result<bool, StoreError> {
    let earlier = slice_receipt_list_in_tx(tx, id)?;
    Ok(!earlier.iter().any(|receipt| opens_at <= receipt.received_at))
}
