//! The only SQL of the house: tables, queries, migrations, and the private PostgreSQL.
//!
//! Takes and gives domain types and plain records; row types stay private. Never decides a rule, never speaks
//! HTTP. Reads go through [`Reader`] (read-only, bounded in time), writes through [`Store::write`].

mod agreements;
mod agreements_load;
mod catalogue;
mod changes;
mod clients;
mod connections;
mod current_figures;
mod error;
mod findings;
mod forecasts;
mod holdings;
mod idempotency;
mod job_list;
mod jobs;
mod ledger;
mod log_entries;
mod metric_values;
mod metrics;
mod migrations;
mod obligations;
mod observations;
mod private_postgres;
mod profile_loads;
mod profiles;
mod retractions;
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
pub use error::StoreError;
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
pub use metric_values::{
    MetricValueFilter, StoredMetricValue, metric_key_list_in_tx, metric_newest_period_in_tx,
    metric_value_current_in_tx, metric_value_find, metric_value_insert_in_tx, metric_value_page,
};
pub use metrics::{
    ActiveDefinition, DirtyRange, InputQuery, StoredInput, definition_list, definition_publish_in_tx,
    dirty_insert_in_tx, dirty_insert_whole_in_tx, dirty_is_waiting, dirty_take_in_tx, input_observation_list,
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
pub use retractions::{
    RetractedObservation, Retracting, observation_retract_in_tx, submission_is_retracted_in_tx,
};
pub use rule_sets::{rule_set_load_in_tx, rule_set_read};
pub use schedules::schedule_read;
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
