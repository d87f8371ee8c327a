//! The only SQL of the house: tables, queries, migrations, and the private PostgreSQL.
//!
//! Takes and gives domain types and plain records; row types stay private. Never decides a rule, never speaks
//! HTTP. Reads go through [`Reader`] (read-only, bounded in time), writes through [`Store::write`].

mod agreements;
mod agreements_load;
mod alert_due;
mod alerts;
mod assessments;
mod catalogue;
mod changes;
mod clients;
mod connections;
mod current_figures;
mod definitions;
mod error;
mod expectations;
mod findings;
mod forecasts;
mod holdings;
mod idempotency;
mod job_list;
mod jobs;
mod ledger;
mod log_entries;
mod metric_cells;
mod metric_dirty;
mod metric_extent;
mod metric_inputs;
mod metric_levels;
mod metric_runs;
mod metric_values;
mod migrations;
mod obligations;
mod observations;
mod private_postgres;
mod profile_loads;
mod profiles;
mod publications;
mod retractions;
mod risk_board;
mod rule_sets;
mod schedules;
mod schema;
mod series;
mod slices;
mod statement;
mod submission_records;
mod submissions;
mod validations;

pub use agreements::{
    AgreementEvent, AgreementFilter, AgreementTerms, StoredAgreement, agreement_event_insert_in_tx,
    agreement_event_list, agreement_find, agreement_lock_in_tx, agreement_page, agreement_store_in_tx,
};
pub use alert_due::{
    alert_due_first_in_tx, alert_due_take_in_tx, alert_lock_in_tx, submission_at_position,
    submission_newest_between,
};
pub use alerts::{
    AlertEvent, AlertFilter, AlertRevision, StoredAlert, alert_event_insert_in_tx, alert_event_list,
    alert_insert_in_tx, alert_newest_list, alert_page, alert_revision_list,
};
pub use assessments::{AssessmentFilter, StoredAssessment, assessment_insert_in_tx, assessment_page};
pub use catalogue::{
    CatalogueLoadReport, catalogue_digest, catalogue_generation, catalogue_load, catalogue_read,
};
pub use changes::{ChangeFilter, NewChange, StoredChange, change_insert_in_tx, change_page};
pub use clients::{
    Client, ClientKey, ClientState, assertion_claim_in_tx, client_insert_in_tx, client_key_insert_in_tx,
    client_list, client_state_set_in_tx,
};
pub use connections::{Reader, Store, StoreOptions, Tx};
pub use current_figures::{CurrentFigure, FigureRange, figure_current, figure_current_in_tx};
pub use definitions::{
    DefinitionActor, DefinitionEvent, NewDefinition, StoredDefinition, definition_event_insert_in_tx,
    definition_event_list, definition_find, definition_find_in_tx, definition_insert_in_tx,
    definition_is_in_hand_in_tx, definition_list, definition_newest_lock_in_tx, definition_of_proposal,
    definition_published, definition_published_in_tx, definition_was_published,
};
pub use error::StoreError;
pub use expectations::{Expectation, expectation_keep_in_tx, expectation_list};
pub use findings::{finding_insert_in_tx, finding_page};
pub use forecasts::{
    DirtyForecast, ForecastFilter, StoredForecast, forecast_dirty_clear_in_tx, forecast_dirty_mark_in_tx,
    forecast_dirty_next, forecast_find, forecast_insert_in_tx, forecast_page,
};
pub use holdings::Holdings;
pub use idempotency::{
    StoredAnswer, idempotency_find, idempotency_insert_in_tx, idempotency_is_taken_in_tx,
    idempotency_sweep_in_tx,
};
pub use job_list::{JobFilter, StoredJob, job_find, job_page, job_undone_page};
pub use jobs::{
    ClaimedJob, JOB_ATTEMPTS, JobLease, NewJob, job_cancel_in_tx, job_claim_in_tx, job_delay_seconds,
    job_enqueue_in_tx, job_fail_in_tx, job_finish_in_tx, job_heartbeat_in_tx,
};
pub use ledger::{
    CurrentObservation, ledger_position_draw_in_tx, observation_current_in_tx, observation_insert_in_tx,
};
pub use log_entries::{LogEntry, LogOutcome, log_entry_insert_in_tx};
pub use metric_cells::{
    CellRange, SaidSpan, metric_key_list_in_tx, metric_newest_in_tx, metric_said_span_list_in_tx,
    metric_value_current_in_tx,
};
pub use metric_dirty::{
    DIRTY_BY_AGREEMENT, DIRTY_BY_DEFINITION, DirtyCells, DirtyMark, DirtyMetric, DirtyRange, DirtyUnit,
    ResolvedMark, dirty_cells_list, dirty_code_list, dirty_forget_in_tx, dirty_insert_in_tx,
    dirty_insert_whole_in_tx, dirty_is_waiting, dirty_list, dirty_metric_hold_in_tx,
    dirty_resolved_insert_in_tx, dirty_take_in_tx, dirty_unit_list_in_tx, dirty_unit_take_in_tx,
};
pub use metric_extent::{ExtentQuery, input_newest_period, input_observation_count};
pub use metric_inputs::{
    InputRange, InputSeriesQuery, SeriesSpan, StoredInput, input_observation_list, input_series_list,
    series_span_list,
};
pub use metric_levels::{
    FamilyP, LevelQuery, StoredLevel, family_p_list, metric_level_list, metric_newest_period,
};
pub use metric_runs::{NewMetricRun, StoredMetricRun, metric_run_insert_in_tx, metric_run_page};
pub use metric_values::{
    MetricValueFilter, StoredMetricValue, metric_value_find, metric_value_insert_in_tx, metric_value_page,
    metric_value_wait,
};
pub use migrations::{Migrator, SchemaState};
pub use obligations::{
    CellCounts, SliceReceipt, StoredObligationDecision, obligation_decision_insert_in_tx,
    obligation_decision_list, obligation_decision_newest_in_tx, slice_cell_list, slice_receipt_list,
    slice_receipt_list_in_tx,
};
pub use observations::{
    LedgerHead, ObservationPage, ObservationQuery, ObservationVersion, ledger_heads, observation_page,
    observation_version_list, vintage_settled,
};
pub use private_postgres::{Durability, PrivatePostgres, PrivatePostgresError, PrivatePostgresOptions};
pub use profiles::{
    ProfileActor, ProfileEvent, ProfileFilter, ProfileVersion, StoredProfile, profile_draft_insert_in_tx,
    profile_event_insert_in_tx, profile_event_list, profile_find, profile_find_in_tx, profile_generation,
    profile_list, profile_newest_lock_in_tx, profile_page,
};
pub use publications::{
    KeyPeriod, StoredPublication, ToldTable, metric_confidential_list, metric_key_list, metric_value_table,
    publication_find, publication_insert_in_tx, told_table_insert_in_tx, told_table_lock_in_tx,
};
pub use retractions::{
    RetractedObservation, Retracting, observation_retract_in_tx, submission_is_retracted_in_tx,
};
pub use risk_board::{BoardQuery, BoardRow, risk_board_list};
pub use rule_sets::{rule_set_load_in_tx, rule_set_read};
pub use schedules::{disclosure_load_in_tx, disclosure_read, schedule_read};
pub use series::{SeriesFilter, StoredSeries, series_find, series_insert_in_tx, series_list};
pub use slices::{
    SameContent, SlicesBefore, TouchedSlice, TouchedSlices, slice_list_in_tx, slice_version_insert_in_tx,
};
pub use submission_records::{NewSubmission, content_insert_in_tx, submission_insert_in_tx};
pub use submissions::{
    StoredSubmission, SubmissionFilter, content_read, submission_find, submission_find_by_positions,
    submission_page,
};
pub use validations::{
    ValidationPromise, validation_find_in_tx, validation_insert_in_tx, validation_sweep_in_tx,
};
