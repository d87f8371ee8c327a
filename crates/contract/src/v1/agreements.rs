//! Agreements on the wire: which body supplies which indicator, by consent of both.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a body and the centre are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementState {
    /// The centre has proposed terms.
    Proposed,
    /// The body wants other terms.
    ChangesRequested,
    /// In force: figures are accepted.
    Agreed,
    /// Stopped by the centre for a time.
    Suspended,
}

/// An SDMX frequency letter: `A`, `S`, `Q`, `M`, `W`, `D`, or `_O` for ranges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(max_length = 2, pattern = "^(A|S|Q|M|W|D|_O)$")]
pub struct FrequencyLetter(pub String);

/// What is agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementTerms {
    /// At which frequencies figures are accepted.
    #[schema(min_items = 1, max_items = 7)]
    pub frequencies: Vec<FrequencyLetter>,
    /// First day on which figures are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub valid_to: Option<NaiveDate>,
    /// A remark, such as the order that it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub note: Option<String>,
}

/// An agreement.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Agreement {
    /// `BODY:INDICATOR`.
    #[schema(max_length = 129)]
    pub id: String,
    /// Who supplies.
    #[schema(max_length = 64)]
    pub body: String,
    /// What.
    #[schema(max_length = 64)]
    pub indicator: String,
    /// The dataflow in which it is delivered.
    #[schema(max_length = 64)]
    pub dataflow: String,
    /// Figures are accepted only when it is `agreed`.
    pub state: AgreementState,
    /// In force when `agreed`, else what was last proposed.
    pub terms: AgreementTerms,
    /// New terms that wait for the body; until it agrees, the old ones stay in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub proposal: Option<AgreementTerms>,
    /// Grows with each step; a decision names the one it is made on.
    #[schema(minimum = 1)]
    pub version: i32,
}

/// Agreements.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AgreementPage {
    /// By body and indicator.
    #[schema(max_items = 500)]
    pub items: Vec<Agreement>,
    /// The next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 8192)]
    pub next: Option<String>,
}

/// One step of an agreement. Steps are never changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AgreementEvent {
    /// The version that it made.
    #[schema(minimum = 1)]
    pub version: i32,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// By which client; absent for a load of the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub client_id: Option<String>,
    /// For which body that client acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub client_body: Option<String>,
    /// State before; absent when it was new.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<AgreementState>,
    /// What was decided.
    pub decision: AgreementState,
    /// State after. New terms that are refused while old ones are in force leave it `agreed`.
    pub to: AgreementState,
    /// The terms that were decided on.
    pub terms: AgreementTerms,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub comment: Option<String>,
}

/// An agreement with its steps.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AgreementDetail {
    /// As it is now.
    pub agreement: Agreement,
    /// Oldest first; empty while it is as the catalogue's files have it.
    #[schema(max_items = 10_000)]
    pub history: Vec<AgreementEvent>,
}

/// Terms that the centre proposes to a body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "body": "MIA", "indicator": "ASY_APPL", "terms": {"frequencies": ["W"], "valid_from": "2027-01-04"},
    "comment": "за протоколом наради від 20.11.2026"
}))]
pub struct AgreementCreate {
    /// Who is to supply.
    #[schema(max_length = 64, pattern = "^[A-Z][A-Z0-9_]*$")]
    pub body: String,
    /// What.
    #[schema(max_length = 64, pattern = "^[A-Z][A-Z0-9_]*$")]
    pub indicator: String,
    /// On which terms.
    pub terms: AgreementTerms,
    /// Why.
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub comment: Option<String>,
    /// The version of the agreement that is to be changed; absent when there is none yet.
    #[schema(nullable = false, minimum = 1)]
    pub expected_version: Option<i32>,
}

/// A decision on an agreement.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"state": "suspended", "comment": "форму уточнюємо", "expected_version": 1}))]
pub struct AgreementDecisionCreate {
    /// A body: `agreed` or `changes_requested`. The centre: `proposed` again after changes were requested,
    /// `suspended`, or `agreed` to resume.
    pub state: AgreementState,
    /// Why; needed for `changes_requested` and `suspended`.
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub comment: Option<String>,
    /// The version of the agreement that it is made on.
    #[schema(minimum = 1)]
    pub expected_version: i32,
}

impl From<leleka_domain::AgreementState> for AgreementState {
    fn from(state: leleka_domain::AgreementState) -> Self {
        match state {
            leleka_domain::AgreementState::Proposed => Self::Proposed,
            leleka_domain::AgreementState::ChangesRequested => Self::ChangesRequested,
            leleka_domain::AgreementState::Agreed => Self::Agreed,
            leleka_domain::AgreementState::Suspended => Self::Suspended,
        }
    }
}

impl From<AgreementState> for leleka_domain::AgreementState {
    fn from(state: AgreementState) -> Self {
        match state {
            AgreementState::Proposed => Self::Proposed,
            AgreementState::ChangesRequested => Self::ChangesRequested,
            AgreementState::Agreed => Self::Agreed,
            AgreementState::Suspended => Self::Suspended,
        }
    }
}
