//! The act of accepting a submission, and its dry run: one code path, two endings.
//!
//! Order: receive (bytes → rows → observations and findings, no database) → apply (one transaction: lock,
//! series, what is current, difference, ledger, record, key, log). A body that fits one chunk is received
//! whole before the transaction begins; a larger one is written chunk by chunk while it arrives, and is rolled
//! back whole when anything is wrong with any row.

mod accept;
mod apply;
mod declared;
mod declared_slices;
mod difference;
mod promise;
mod receive;
mod report;
mod retract;
mod slices;
mod spool;
mod validate;

pub use accept::submission_accept;
pub use declared::{SubmissionDeclared, SubmissionRequest, is_idempotency_key};
pub(crate) use promise::PROMISE_HOURS;
pub use receive::BodyFault;
pub use report::{
    SubmissionAnswer, SubmissionReport, ValidationReport, submission_replay, submission_report,
};
pub use retract::{RetractionRequest, submission_retract};
pub use slices::{slice_etag, slice_version_parse};
pub use validate::submission_validate;
