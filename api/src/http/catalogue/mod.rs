//! The catalogue: bodies, indicators, dataflows, code lists, mapping profiles, rules.

pub(crate) mod bodies;
pub(crate) mod code_lists;
pub(crate) mod dataflows;
pub(crate) mod indicators;
pub(crate) mod rules;

use serde::Deserialize;
use utoipa::IntoParams;

/// Which entry.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct CodePath {
    /// Its code.
    #[param(max_length = 64)]
    pub(crate) code: String,
}
