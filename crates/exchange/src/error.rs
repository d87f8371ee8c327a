//! What an act can fail with: a refusal that the caller can act on, or a fault of ours.

use leleka_domain::{Code, Finding, SubmissionId};
use leleka_store::StoreError;

/// Why an act was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub code: Code,
    /// What exactly, where the code's own text is not enough.
    pub detail: Option<String>,
    /// The submission that stands in the way.
    pub existing_submission_id: Option<SubmissionId>,
}

impl Refusal {
    /// By its code alone.
    #[must_use]
    pub fn of(code: Code) -> Self {
        Self {
            code,
            detail: None,
            existing_submission_id: None,
        }
    }
}

/// The failure of an act. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// Refused, for a reason that the caller can act on.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// What was sent has faults, each at its place.
    #[error("refused: {code}")]
    Faulty {
        /// Stable code of the refusal.
        code: Code,
        /// Every fault.
        findings: Vec<Finding>,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The service's own disk failed while a body was received.
    #[error("the body could not be kept aside")]
    Spool(#[source] std::io::Error),
    /// A definition that is stored cannot be read by this program.
    #[error("the stored definition {0} cannot be read by this program")]
    Definition(String),
    /// A stored value came out differently when it was computed again.
    #[error("{0} could not be reproduced from its vintage")]
    NotReproduced(String),
    /// A part of the service ended before its time.
    #[error("a worker thread ended before its time")]
    WorkerLost,
}

impl ActError {
    /// A refusal by its code alone.
    #[must_use]
    pub fn refused(code: Code) -> Self {
        Self::Refused(Refusal::of(code))
    }

    /// A refusal with a detail.
    #[must_use]
    pub fn refused_because(code: Code, detail: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            code,
            detail: Some(detail.into()),
            existing_submission_id: None,
        })
    }

    /// A refusal because the same content was accepted before and is current.
    #[must_use]
    pub fn duplicate_of(existing: SubmissionId) -> Self {
        Self::Refused(Refusal {
            code: Code::DuplicateContent,
            detail: None,
            existing_submission_id: Some(existing),
        })
    }
}
