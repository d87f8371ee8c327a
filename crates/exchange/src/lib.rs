//! The acts of the centre: load the catalogue, agree on who supplies what, register a client, issue a token, accept or validate a
//! submission, recompute risk metrics, follow them with alerts, judge.
//!
//! One act is one transaction with its log entry. Knows nothing of HTTP; holds no SQL and no rule of its own.

mod agreement_acts;
mod alert_changes;
mod alert_course;
mod alert_decide;
mod alerts_follow;
mod assessments;
mod caller;
mod catalogue_files;
mod catalogue_load;
mod catalogue_rows;
mod centre;
mod client_register;
mod content;
mod definitions;
mod duties;
mod error;
mod forecasts;
mod jobs;
mod keyed_request;
mod metric_cells;
mod metric_check;
mod metric_dirty;
mod metric_explain;
mod metric_facets;
mod metric_feeding;
mod metric_history;
mod metric_load;
mod metric_record;
mod metric_resolve;
mod metric_stale;
mod metrics_recompute;
mod obligation_decide;
mod obligations;
mod profiles;
mod publication;
mod reconciliation;
mod refusal_record;
mod refused_rows;
mod revisions;
mod risk_board;
mod submission;
mod token_issue;
mod withheld;

pub use agreement_acts::{
    AgreementDecision, AgreementHistory, AgreementProposal, agreement_decide, agreement_history,
    agreement_propose,
};
pub use alert_decide::{AlertDecision, AlertHistory, alert_decide, alert_history};
pub use alerts_follow::alerts_follow;
pub use assessments::{AssessmentRequest, AssessmentSubject, assessment_create};
pub use caller::Caller;
pub use catalogue_files::{CatalogueFault, CatalogueFiles, RuleFile, shipped_catalogue};
pub use catalogue_load::{CatalogueLoaded, DefinitionKept, catalogue_load, catalogue_load_if_new};
pub use centre::{Book, Centre, CentreSettings, SCHEMA_VERSION};
pub use client_register::{ClientRegistration, client_register, client_state_set};
pub use content::ContentReader;
pub use definitions::{
    CELLS_SHOWN, CellSaid, ChangedCell, DefinitionChange, DefinitionTestRun, LevelPair, RunCounts,
    RunDifference, TestRunRequest, definition_propose, definition_schema, definition_state_change,
    definition_test_run,
};
pub use error::{ActError, Refusal};
pub use forecasts::{
    BacktestFigures, ForecastFigure, ForecastMade, forecast_make, forecast_settings, forecasts_are_due,
    forecasts_refresh,
};
pub use jobs::{JobEnd, own_job_work, submission_job_work};
pub use keyed_request::KeyedRequest;
pub use leleka_risk::{AlertStep, Level, Proportion, Verdict};
pub use metric_check::{CellDifference, MetricCheck, MetricCheckAt, MetricChecked, metric_check};
pub use metric_explain::{MetricExplained, metric_explain};
pub use metric_facets::MetricFacet;
pub use metric_history::{
    CourseTurn, HistoryFilter, MetricEvaluation, PastAlert, metric_alert_history, metric_evaluate,
};
pub use metric_stale::{MetricValueRead, metric_value_read};
pub use metrics_recompute::{RecomputeReport, metrics_are_due, metrics_recompute};
pub use obligation_decide::obligation_decide;
pub use obligations::{
    CellTotals, Obligation, ObligationFilter, ObligationList, Timeliness, obligation_find, obligation_list,
};
pub use profiles::{
    OBSERVATIONS_SHOWN, PROFILE_BYTES, ProfileBook, ProfileChange, ProfileDrafted, ProfileTestRun,
    ReadObservation, content_sha256, profile_draft, profile_schema, profile_state_change, profile_test_run,
};
pub use publication::{
    DisclosureFile, PublicationHow, SPANS, TableCell, TableCellStatus, cell_is_within, publication_pin,
    publication_pinned, publication_tables,
};
pub use reconciliation::{Reconciled, ReconciliationFilter, ReconciliationPlace, reconciliation_page};
pub use refusal_record::{RefusedAttempt, refusal_record};
pub use refused_rows::{RefusedRowsSource, refused_rows_source, refused_rows_write};
pub use revisions::{RevisedFigure, RevisionGroup, RevisionQuery, Revisions, revision_list};
pub use risk_board::{Board, BoardCell, BoardFilter, BoardPlace, LevelChange, risk_board};
pub use submission::{
    BodyFault, RetractionRequest, SubmissionAnswer, SubmissionDeclared, SubmissionProgress, SubmissionReport,
    SubmissionRequest, ValidationReport, is_idempotency_key, slice_etag, slice_version_parse,
    submission_accept, submission_cancel, submission_list, submission_replay, submission_report,
    submission_retract, submission_validate, submission_view,
};
pub use token_issue::{TokenIssued, TokenRefusal, token_issue};
pub use withheld::{CONFIDENTIAL, Extent, Withheld};
