//! GET /v1/openapi.json: the contract, without a token, byte for byte as committed.

use crate::http::problem::Failure;
use crate::http::respond::{etag_of, is_unchanged, not_modified, with_etag};
use crate::service::Service;
use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};

/// Read the contract
///
/// This document.
#[utoipa::path(
    operation_id = "contract_view", tag = "contract",
    responses((status = 200, description = "The OpenAPI document.", body = Object, content_type = "application/json")),
    security(()),
)]
#[get("/v1/openapi.json")]
pub(crate) async fn contract_view(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let bytes = service.contract.json.as_bytes();
    let etag = etag_of(&[bytes]);
    if is_unchanged(&request, &etag) {
        return Ok(not_modified(&etag));
    }
    let mut answer = with_etag(&etag, "application/json", bytes.to_vec());
    answer
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(answer)
}
