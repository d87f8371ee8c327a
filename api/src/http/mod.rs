//! The HTTP edge: one file, one endpoint. No rules, no SQL.

mod agreements;
mod alerts;
mod body;
mod caller;
mod catalogue;
mod changes;
pub(crate) mod contract;
mod csv_text;
mod cursor;
mod docs;
mod document;
mod fallback;
mod forecasts;
mod jobs;
mod keyed_json;
mod layer;
mod mapping_profiles;
mod obligations;
mod observations;
pub(crate) mod operations;
mod prefer;
mod problem;
mod query;
mod quota;
mod reconciliation;
mod respond;
mod revisions;
mod risk_assessments;
mod risk_board;
mod risk_metrics;
mod series;
mod submissions;
mod tokens;
mod validations;

pub(crate) use cursor::CursorKey;

pub(crate) use docs::docs_page;
pub(crate) use fallback::not_served;
pub(crate) use layer::outer_layer;
pub(crate) use problem::{Failure, hexadecimal};
pub(crate) use quota::Quotas;

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route of the contract; the document is made from this very list.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(tokens::create::token_create)
        .service(tokens::metadata::authorization_server_view)
        .service(tokens::jwks::jwks_view)
        .service(submissions::create::submission_create)
        .service(submissions::list::submission_list)
        .service(submissions::view::submission_view)
        .service(submissions::cancel::submission_cancel)
        .service(submissions::findings::finding_list)
        .service(submissions::content::submission_content_view)
        .service(submissions::refused_rows::refused_row_list)
        .service(submissions::retraction::retraction_create)
        .service(validations::create::validation_create)
        .service(series::list::series_list)
        .service(observations::list::observation_list)
        .service(risk_metrics::list::risk_metric_list)
        .service(risk_metrics::create::risk_metric_create)
        .service(risk_metrics::schema::risk_metric_schema_view)
        .service(risk_metrics::view::risk_metric_view)
        .service(risk_metrics::view::risk_metric_version_view)
        .service(risk_metrics::test_runs::risk_metric_test_run_create)
        .service(risk_metrics::states::risk_metric_state_create)
        .service(risk_metrics::values::risk_metric_value_list)
        .service(risk_metrics::explanation::risk_metric_explanation_view)
        .service(risk_metrics::alert_history::risk_metric_alert_history_list)
        .service(risk_metrics::evaluation::risk_metric_evaluation_view)
        .service(risk_board::list::risk_board_list)
        .service(alerts::list::alert_list)
        .service(alerts::view::alert_view)
        .service(alerts::decide::alert_decision_create)
        .service(risk_assessments::list::risk_assessment_list)
        .service(risk_assessments::create::risk_assessment_create)
        .service(risk_metrics::publication::risk_metric_publication_view)
        .service(risk_metrics::publications::risk_metric_publication_create)
        .service(risk_metrics::publications::risk_metric_publication_pinned_view)
        .service(risk_metrics::runs::risk_metric_run_list)
        .service(risk_metrics::recomputations::risk_metric_recomputation_create)
        .service(forecasts::list::forecast_list)
        .service(forecasts::view::forecast_view)
        .service(forecasts::create::forecast_create)
        .service(revisions::list::revision_list)
        .service(catalogue::bodies::body_list)
        .service(catalogue::indicators::indicator_list)
        .service(catalogue::indicators::indicator_view)
        .service(catalogue::dataflows::dataflow_list)
        .service(catalogue::dataflows::dataflow_view)
        .service(catalogue::code_lists::code_list_list)
        .service(catalogue::code_lists::code_list_view)
        .service(jobs::list::job_list)
        .service(jobs::view::job_view)
        .service(catalogue::rules::rule_list)
        .service(changes::list::change_list)
        .service(reconciliation::list::reconciliation_list)
        .service(agreements::list::agreement_list)
        .service(agreements::view::agreement_view)
        .service(agreements::create::agreement_create)
        .service(agreements::decide::agreement_decision_create)
        .service(obligations::list::obligation_list)
        .service(obligations::decide::obligation_decision_create)
        .service(mapping_profiles::list::mapping_profile_list)
        .service(mapping_profiles::create::mapping_profile_create)
        .service(mapping_profiles::schema::mapping_profile_schema_view)
        .service(mapping_profiles::view::mapping_profile_view)
        .service(mapping_profiles::view::mapping_profile_version_view)
        .service(mapping_profiles::test_runs::mapping_profile_test_run_create)
        .service(mapping_profiles::states::mapping_profile_approval_create)
        .service(mapping_profiles::states::mapping_profile_retirement_create)
        .service(document::contract_view);
}

/// The contract as it is committed: pretty JSON with a final newline.
#[must_use]
pub fn contract_document() -> String {
    contract::Contract::from_routes().json
}
