//! GET /v1/mapping-profiles/schema: the JSON Schema of a profile, byte for byte as committed.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::{Format, etag_of, is_unchanged, not_modified, with_etag};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_exchange::profile_schema;

/// Read the JSON Schema of mapping profiles
///
/// JSON Schema 2020-12, for editors and for checks before sending. It knows the form; whether codes exist is told by
/// the service when a profile is sent.
#[utoipa::path(
    operation_id = "mapping_profile_schema_view", tag = "mapping profiles",
    responses((status = 200, description = "The schema.", body = Object, content_type = "application/json")),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/mapping-profiles/schema")]
pub(crate) async fn mapping_profile_schema_view(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    _none: Params<NoParameters>,
) -> Result<HttpResponse, Failure> {
    let format = Format::negotiate(&request, None, &[Format::Json])?;
    let bytes = profile_schema().into_bytes();
    let etag = etag_of(&[&bytes]);
    if is_unchanged(&request, &etag) {
        return Ok(not_modified(&etag));
    }
    Ok(with_etag(&etag, format.media_type(), bytes))
}
