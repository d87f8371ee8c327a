//! The acts on agreements: the centre proposes terms, and each party decides what is its own.
//!
//! While new terms wait for the body, the old ones stay in force: a proposal never stops deliveries.

use crate::centre::Book;
use crate::keyed_request::{KeyedAct, member_invalid, text_check};
use crate::{ActError, Caller, Centre, KeyedRequest};
use leleka_access::Reach;
use leleka_domain::{AgreementId, AgreementParty, AgreementState, BodyScope, Code};
use leleka_store::{
    AgreementEvent, AgreementTerms, StoredAgreement, Tx, agreement_event_insert_in_tx, agreement_event_list,
    agreement_find, agreement_lock_in_tx, agreement_store_in_tx, expectation_keep_in_tx,
};
use uuid::Uuid;

/// SDMX frequency letters that can be agreed on.
const FREQUENCIES: [&str; 7] = ["A", "S", "Q", "M", "W", "D", "_O"];

/// Terms that the centre proposes.
#[derive(Clone, Debug)]
pub struct AgreementProposal {
    /// Body and indicator.
    pub id: AgreementId,
    /// The terms.
    pub terms: AgreementTerms,
    /// Why.
    pub comment: Option<String>,
    /// The version that is to be changed; none for a new agreement.
    pub expected_version: Option<i32>,
}

/// A decision on an agreement.
#[derive(Clone, Debug)]
pub struct AgreementDecision {
    /// Body and indicator.
    pub id: AgreementId,
    /// What is decided.
    pub decision: AgreementState,
    /// Why.
    pub comment: Option<String>,
    /// The version that it is made on.
    pub expected_version: i32,
}

/// An agreement with its steps.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementHistory {
    /// The agreement as it is now.
    pub agreement: StoredAgreement,
    /// Its steps, oldest first; none while it is as the catalogue's files have it.
    pub events: Vec<AgreementEvent>,
}

/// An agreement with its steps, if it is there and in scope.
///
/// # Errors
/// When the database refuses.
pub fn agreement_history(
    centre: &Centre,
    scope: &BodyScope,
    id: &AgreementId,
) -> Result<Option<AgreementHistory>, ActError> {
    let mut reader = centre.store.reader()?;
    Ok(reader.snapshot(|reader| {
        let Some(agreement) = agreement_find(reader, scope, id)? else {
            return Ok(None);
        };
        let events = agreement_event_list(reader, Some(id))?;
        Ok(Some(AgreementHistory { agreement, events }))
    })?)
}

/// Proposes a new agreement, or other terms of one that is there. Returns whether the request was a repetition.
///
/// # Errors
/// A refusal when the terms cannot be, or the agreement has changed meanwhile.
pub fn agreement_propose(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    proposal: &AgreementProposal,
) -> Result<(AgreementHistory, bool), ActError> {
    proposal_check(&centre.book(), proposal)?;
    let act = KeyedAct {
        operation: "agreement_create",
        action: "agreement.propose",
        object_type: "agreement",
        object_id: proposal.id.to_string(),
        caller,
        request,
    };
    let made = centre.ids.next();
    let repeated = act.once(centre, made, |tx| {
        let current = agreement_lock_in_tx(tx, &proposal.id)?;
        if current.as_ref().map(|it| it.version) != proposal.expected_version {
            return Err(ActError::refused(Code::AgreementVersionStale));
        }
        let from = current.as_ref().map(|it| it.state);
        let dataflow = String::new();
        let version = current.as_ref().map_or(1, |it| it.version + 1);
        let next = match current {
            Some(current) if current.state == AgreementState::Agreed => StoredAgreement {
                proposal: Some(proposal.terms.clone()),
                version,
                ..current
            },
            Some(_) | None => StoredAgreement {
                id: proposal.id.clone(),
                dataflow,
                state: AgreementState::Proposed,
                terms: proposal.terms.clone(),
                proposal: None,
                version,
            },
        };
        let step = Step {
            made,
            from,
            decision: AgreementState::Proposed,
            terms: &proposal.terms,
        };
        step_write(tx, centre, caller, &next, &step, proposal.comment.as_deref())
    })?;
    answer(centre, &proposal.id, repeated)
}

/// Decides on an agreement: the body agrees or asks for changes; the centre proposes again, suspends or resumes.
/// Returns whether the request was a repetition.
///
/// # Errors
/// A refusal when there is no such agreement in the caller's scope, the decision is not the caller's to make, or the
/// agreement has changed meanwhile.
pub fn agreement_decide(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    decision: &AgreementDecision,
) -> Result<(AgreementHistory, bool), ActError> {
    text_check("comment", decision.comment.as_deref())?;
    let unexplained = decision.comment.is_none()
        && matches!(
            decision.decision,
            AgreementState::ChangesRequested | AgreementState::Suspended
        );
    if unexplained {
        return Err(member_invalid(
            "comment",
            "changes_requested, suspended: 1 … 2000",
        ));
    }
    let party = match caller.role.reach() {
        Reach::OwnBody => AgreementParty::Body,
        Reach::WholeCentre | Reach::None => AgreementParty::Centre,
    };
    let foreign = party == AgreementParty::Body && caller.body != decision.id.body;
    if foreign {
        return Err(ActError::refused(Code::ResourceNotFound));
    }
    let act = KeyedAct {
        operation: "agreement_decision_create",
        action: "agreement.decide",
        object_type: "agreement",
        object_id: decision.id.to_string(),
        caller,
        request,
    };
    let made = centre.ids.next();
    let repeated = act.once(centre, made, |tx| {
        let current = agreement_lock_in_tx(tx, &decision.id)?;
        let current = current.ok_or_else(|| ActError::refused(Code::ResourceNotFound))?;
        if current.version != decision.expected_version {
            return Err(ActError::refused(Code::AgreementVersionStale));
        }
        let from = current.state;
        let step = from.decided(current.proposal.is_some(), party, decision.decision);
        let step = step.ok_or_else(|| {
            let detail = format!("{} → {}", from.word(), decision.decision.word());
            ActError::refused_because(Code::AgreementDecisionNotAllowed, detail)
        })?;
        // The terms that were decided on: those that wait, where some wait.
        let decided_on = current.proposal.clone().unwrap_or_else(|| current.terms.clone());
        let next = StoredAgreement {
            state: step.to,
            terms: if step.takes_proposal {
                decided_on.clone()
            } else {
                current.terms.clone()
            },
            proposal: None,
            version: current.version + 1,
            ..current
        };
        let step = Step {
            made,
            from: Some(from),
            decision: decision.decision,
            terms: &decided_on,
        };
        step_write(tx, centre, caller, &next, &step, decision.comment.as_deref())
    })?;
    answer(centre, &decision.id, repeated)
}

struct Step<'a> {
    made: Uuid,
    from: Option<AgreementState>,
    decision: AgreementState,
    terms: &'a AgreementTerms,
}

fn step_write(
    tx: &mut Tx<'_>,
    centre: &Centre,
    caller: &Caller,
    next: &StoredAgreement,
    step: &Step<'_>,
    comment: Option<&str>,
) -> Result<(), ActError> {
    if !agreement_store_in_tx(tx, next)? {
        return Err(ActError::refused(Code::AgreementVersionStale));
    }
    let event = AgreementEvent {
        id: step.made,
        agreement: next.id.clone(),
        version: next.version,
        occurred_at: centre.clock.now(),
        client_id: Some(caller.client_id.clone()),
        client_body: Some(caller.body.clone()),
        from: step.from,
        decision: step.decision,
        to: next.state,
        terms: step.terms.clone(),
        comment: comment.map(str::to_owned),
    };
    agreement_event_insert_in_tx(tx, &event)?;
    // What is expected of a territorial office follows its agreements, and so do the metrics.
    Ok(expectation_keep_in_tx(tx)?)
}

fn proposal_check(book: &Book, proposal: &AgreementProposal) -> Result<(), ActError> {
    let AgreementProposal {
        id, terms, comment, ..
    } = proposal;
    if book.codebook.body(&id.body).is_none() {
        return Err(member_invalid("body", "GET /v1/bodies"));
    }
    if book.codebook.indicator(&id.indicator).is_none() {
        return Err(member_invalid("indicator", "GET /v1/indicators"));
    }
    let known = |letter: &String| FREQUENCIES.contains(&letter.as_str());
    let mut distinct = terms.frequencies.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.is_empty() || distinct.len() < terms.frequencies.len() || !distinct.iter().all(known) {
        return Err(member_invalid("frequencies", &FREQUENCIES.join(" | ")));
    }
    if terms
        .valid_from
        .zip(terms.valid_to)
        .is_some_and(|(from, to)| to < from)
    {
        return Err(member_invalid("valid_to", "valid_from …"));
    }
    text_check("note", terms.note.as_deref())?;
    text_check("comment", comment.as_deref())
}

/// The agreement after the act; this process goes by it at once, others within two seconds.
fn answer(centre: &Centre, id: &AgreementId, repeated: bool) -> Result<(AgreementHistory, bool), ActError> {
    if let Err(error) = centre.refresh() {
        tracing::warn!("a step of an agreement was kept, but not read again yet: {error:?}");
    }
    let history = agreement_history(centre, &BodyScope::WholeCentre, id)?;
    let history = history.ok_or_else(|| ActError::refused(Code::ResourceNotFound))?;
    Ok((history, repeated))
}
