//! Agreements: list, read with every step, propose, decide.

pub(crate) mod create;
pub(crate) mod decide;
pub(crate) mod list;
pub(crate) mod view;

use crate::http::problem::Failure;
use leleka_contract::v1::{Agreement, AgreementDetail, AgreementEvent, AgreementTerms, FrequencyLetter};
use leleka_domain::{AgreementId, Code};
use leleka_exchange::AgreementHistory;
use leleka_store::StoredAgreement;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which agreement.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AgreementPath {
    /// `BODY:INDICATOR`.
    #[param(max_length = 129)]
    pub(crate) agreement_id: String,
}

impl AgreementPath {
    /// What cannot name an agreement names none.
    pub(crate) fn id(&self) -> Result<AgreementId, Failure> {
        let parsed = self.agreement_id.parse();
        parsed.map_err(|()| Failure::new(Code::ResourceNotFound))
    }
}

fn terms_wire(terms: leleka_store::AgreementTerms) -> AgreementTerms {
    AgreementTerms {
        frequencies: terms.frequencies.into_iter().map(FrequencyLetter).collect(),
        valid_from: terms.valid_from,
        valid_to: terms.valid_to,
        note: terms.note.filter(|note| !note.is_empty()),
    }
}

/// The wire form of an agreement.
pub(crate) fn agreement_wire(stored: StoredAgreement) -> Agreement {
    Agreement {
        id: stored.id.to_string(),
        body: stored.id.body,
        indicator: stored.id.indicator,
        dataflow: stored.dataflow,
        state: stored.state.into(),
        terms: terms_wire(stored.terms),
        proposal: stored.proposal.map(terms_wire),
        version: stored.version,
    }
}

/// The wire form of an agreement with its steps.
pub(crate) fn history_wire(history: AgreementHistory) -> AgreementDetail {
    let events = history.events.into_iter().map(|event| AgreementEvent {
        version: event.version,
        occurred_at: event.occurred_at,
        client_id: event.client_id,
        client_body: event.client_body,
        from: event.from.map(Into::into),
        decision: event.decision.into(),
        to: event.to.into(),
        terms: terms_wire(event.terms),
        comment: event.comment,
    });
    AgreementDetail {
        agreement: agreement_wire(history.agreement),
        history: events.collect(),
    }
}
