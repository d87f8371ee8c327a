//! GET /docs/: the contract to browse and try, from the program's own files; no network but ours.

use utoipa_swagger_ui::{Config, SwaggerUi};

/// The page and its files.
pub(crate) fn docs_page() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}").config(Config::from("/v1/openapi.json").try_it_out_enabled(true))
}
