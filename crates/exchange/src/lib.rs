//! The acts of the centre: load the catalogue, register a client, issue a token, accept or validate a
//! submission, recompute risk metrics.
//!
//! One act is one transaction with its log entry. Knows nothing of HTTP; holds no SQL and no rule of its own.

mod caller;
mod catalogue_files;
mod catalogue_load;
mod catalogue_rows;
mod centre;
mod client_register;
mod content;
mod error;
mod metric_dirty;
mod metric_explain;
mod metrics_recompute;
mod refusal_record;
mod submission;
mod token_issue;

pub use caller::Caller;
pub use catalogue_files::{CatalogueFault, CatalogueFiles, shipped_catalogue};
pub use catalogue_load::{CatalogueLoaded, catalogue_load, catalogue_load_if_new};
pub use centre::{Book, Centre, CentreSettings, RULESET_VERSION, SCHEMA_VERSION};
pub use client_register::{ClientRegistration, client_register, client_state_set};
pub use content::ContentReader;
pub use error::{ActError, Refusal};
pub use metric_explain::{MetricExplained, metric_explain};
pub use metrics_recompute::{RecomputeReport, metrics_recompute};
pub use refusal_record::{RefusedAttempt, refusal_record};
pub use submission::{
    BodyFault, RetractionRequest, SubmissionAnswer, SubmissionDeclared, SubmissionReport, SubmissionRequest,
    ValidationReport, is_idempotency_key, slice_etag, slice_version_parse, submission_accept,
    submission_replay, submission_report, submission_retract, submission_validate,
};
pub use token_issue::{TokenIssued, TokenRefusal, token_issue};
