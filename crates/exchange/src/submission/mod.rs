//! The act of accepting a submission, and its dry run: one code path, two endings.
//!
//! Order: receive (bytes → rows → observations and findings, no database) → apply (one transaction: lock,
//! series, what is current, difference, ledger, record, key, log). A body that fits one chunk is received
//! whole before the transaction begins. A larger body is kept whole first and read by a job, which writes it chunk
//! by chunk while it is read, and rolls it back whole when anything is wrong with any row.

mod accept;
mod apply;
mod cancel;
mod checks;
mod coded;
mod deadline_check;
mod declared;
mod declared_slices;
mod defer;
mod difference;
mod fingerprint;
mod list;
mod order;
mod promise;
mod read_back;
mod receive;
mod report;
mod retract;
mod slices;
mod spool;
mod stored;
mod validate;

pub(crate) use apply::TouchedSeries;
pub(crate) use receive::{BodyReading, BodyShape, body_receive, reader_kind};
pub(crate) use report::FINDINGS_SHOWN;

pub use accept::submission_accept;
pub use cancel::submission_cancel;
pub use declared::{SubmissionDeclared, SubmissionRequest, is_idempotency_key};
pub use list::{submission_list, submission_view};
pub(crate) use order::SUBMISSION_JOB;
pub(crate) use promise::PROMISE_HOURS;
pub use read_back::{submission_replay, submission_report};
pub use receive::BodyFault;
pub use report::{SubmissionAnswer, SubmissionProgress, SubmissionReport, ValidationReport};
pub use retract::{RetractionRequest, submission_retract};
pub use slices::{slice_etag, slice_version_parse};
pub(crate) use stored::submission_job_run;
pub use validate::submission_validate;
