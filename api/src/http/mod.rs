//! The HTTP edge: one file, one endpoint. No rules, no SQL.

mod body;
mod caller;
mod catalogue;
pub(crate) mod contract;
mod csv_text;
mod cursor;
mod docs;
mod document;
mod fallback;
mod layer;
mod observations;
pub(crate) mod operations;
mod problem;
mod query;
mod respond;
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
        .service(submissions::findings::finding_list)
        .service(submissions::content::submission_content_view)
        .service(submissions::retraction::retraction_create)
        .service(validations::create::validation_create)
        .service(series::list::series_list)
        .service(observations::list::observation_list)
        .service(risk_metrics::list::risk_metric_list)
        .service(risk_metrics::view::risk_metric_view)
        .service(risk_metrics::values::risk_metric_value_list)
        .service(risk_metrics::explanation::risk_metric_explanation_view)
        .service(catalogue::bodies::body_list)
        .service(catalogue::indicators::indicator_list)
        .service(catalogue::indicators::indicator_view)
        .service(catalogue::dataflows::dataflow_list)
        .service(catalogue::dataflows::dataflow_view)
        .service(catalogue::code_lists::code_list_list)
        .service(catalogue::code_lists::code_list_view)
        .service(catalogue::mapping_profiles::mapping_profile_list)
        .service(document::contract_view);
}

/// The contract as it is committed: pretty JSON with a final newline.
#[must_use]
pub fn contract_document() -> String {
    contract::Contract::from_routes().json
}
