//! The act of the centre's decision on one obligation: it is waived, or a closed period is opened again, with a reason.
//!
//! Nothing is forced: a decision changes what is asked for, never what was received or when.

use crate::keyed_request::{KeyedAct, member_invalid, text_check};
use crate::obligations::{Obligation, obligation_find};
use crate::{ActError, Caller, Centre, KeyedRequest};
use leleka_domain::{BodyScope, Code, ObligationDecision, ObligationId};
use leleka_store::{StoredObligationDecision, obligation_decision_insert_in_tx};

/// Decides on an obligation. Returns it as it stands then, and whether the request was a repetition.
///
/// # Errors
/// A refusal when nothing is owed under this identifier, or the reason or the moment cannot be.
pub fn obligation_decide(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    id: &ObligationId,
    decision: ObligationDecision,
    reason: &str,
) -> Result<(Obligation, bool), ActError> {
    text_check("reason", Some(reason))?;
    let now = centre.clock.now();
    if let ObligationDecision::Reopened { until: Some(until) } = decision
        && until <= now
    {
        return Err(member_invalid("until", "> now"));
    }
    let missing = || ActError::refused(Code::ResourceNotFound);
    obligation_find(centre, &BodyScope::WholeCentre, id)?.ok_or_else(missing)?;
    let act = KeyedAct {
        operation: "obligation_decision_create",
        action: "obligation.decide",
        object_type: "obligation",
        object_id: id.to_string(),
        caller,
        request,
    };
    let made = centre.ids.next();
    let new = StoredObligationDecision {
        id: made,
        obligation: id.clone(),
        decision,
        reason: reason.to_owned(),
        client_id: caller.client_id.clone(),
        occurred_at: now,
    };
    let repeated = act.once(centre, made, |tx| Ok(obligation_decision_insert_in_tx(tx, &new)?))?;
    let obligation = obligation_find(centre, &BodyScope::WholeCentre, id)?.ok_or_else(missing)?;
    Ok((obligation, repeated))
}
