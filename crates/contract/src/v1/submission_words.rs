//! The words of submissions, from the domain's to the wire's. Decides nothing.

use crate::v1::submissions::{Acceptance, SubmissionKind, SubmissionMode, SubmissionState};

impl From<leleka_domain::SubmissionState> for SubmissionState {
    fn from(state: leleka_domain::SubmissionState) -> Self {
        match state {
            leleka_domain::SubmissionState::Received => Self::Received,
            leleka_domain::SubmissionState::Validating => Self::Validating,
            leleka_domain::SubmissionState::Accepted => Self::Accepted,
            leleka_domain::SubmissionState::AcceptedWithWarnings => Self::AcceptedWithWarnings,
            leleka_domain::SubmissionState::AcceptedPartial => Self::AcceptedPartial,
            leleka_domain::SubmissionState::Rejected => Self::Rejected,
            leleka_domain::SubmissionState::Failed => Self::Failed,
        }
    }
}

impl From<leleka_domain::SubmissionKind> for SubmissionKind {
    fn from(kind: leleka_domain::SubmissionKind) -> Self {
        match kind {
            leleka_domain::SubmissionKind::Original => Self::Original,
            leleka_domain::SubmissionKind::Correction => Self::Correction,
            leleka_domain::SubmissionKind::Retraction => Self::Retraction,
        }
    }
}

impl From<leleka_domain::SubmissionMode> for SubmissionMode {
    fn from(mode: leleka_domain::SubmissionMode) -> Self {
        match mode {
            leleka_domain::SubmissionMode::Merge => Self::Merge,
            leleka_domain::SubmissionMode::ReplaceSlice => Self::ReplaceSlice,
        }
    }
}

impl From<leleka_domain::Acceptance> for Acceptance {
    fn from(acceptance: leleka_domain::Acceptance) -> Self {
        match acceptance {
            leleka_domain::Acceptance::AllOrNothing => Self::AllOrNothing,
            leleka_domain::Acceptance::AcceptValid => Self::AcceptValid,
        }
    }
}
