//! Obligations: what is due and how it stands; decisions of the centre.

pub(crate) mod decide;
pub(crate) mod list;

use leleka_contract::v1::{
    CatalogueCode, Completeness, Obligation, ObligationDecision, ObligationDecisionKind, PeriodText,
    Timeliness,
};
use leleka_store::StoredObligationDecision;

fn decision_wire(stored: StoredObligationDecision) -> ObligationDecision {
    let (decision, until) = match stored.decision {
        leleka_domain::ObligationDecision::Waived => (ObligationDecisionKind::Waived, None),
        leleka_domain::ObligationDecision::Reopened { until } => (ObligationDecisionKind::Reopened, until),
    };
    ObligationDecision {
        decision,
        reason: stored.reason,
        until,
        client_id: stored.client_id,
        occurred_at: stored.occurred_at,
    }
}

/// The wire form of an obligation.
pub(crate) fn obligation_wire(it: leleka_exchange::Obligation) -> Obligation {
    let (submission_id, received_at) = it.received.unzip();
    Obligation {
        id: it.id.to_string(),
        period: PeriodText(it.id.period.to_string()),
        body: it.id.body,
        dataflow: it.id.dataflow,
        indicators: it.indicators.into_iter().map(CatalogueCode).collect(),
        status: it.status.into(),
        late: it.late,
        frozen: it.frozen,
        opens_at: it.deadline.opens_at,
        due_at: it.deadline.due_at,
        grace_until: it.deadline.grace_until,
        freeze_at: it.deadline.freeze_at,
        received_at,
        submission_id: submission_id.map(|id| id.0),
        decision: it.decision.map(decision_wire),
        completeness: it.cells.map(|cells| Completeness {
            expected: cells.expected,
            received: cells.received,
            nil: cells.nil,
            missing: cells.missing,
            suppressed: cells.suppressed,
        }),
    }
}

/// The wire form of a body's punctuality.
pub(crate) fn timeliness_wire(it: leleka_exchange::Timeliness) -> Timeliness {
    let share = |part: u64, whole: u64| {
        let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        // Four digits say enough.
        (number(part) / number(whole.max(1)) * 10_000.0).round() / 10_000.0
    };
    let delayed = it.late + it.overdue;
    Timeliness {
        rate: share(it.on_time, it.due),
        mean_delay_working_days: (delayed > 0).then(|| share(it.delay_working_days, delayed)),
        body: it.body,
        due: it.due,
        on_time: it.on_time,
        late: it.late,
        overdue: it.overdue,
    }
}
