//! GET /.well-known/jwks.json: the public keys of access tokens.

use crate::http::problem::Failure;
use crate::http::respond;
use crate::service::Service;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{Jwk, Jwks};

/// Public keys of access tokens
///
/// RFC 7517. The key identifier is the RFC 7638 thumbprint.
#[utoipa::path(
    operation_id = "jwks_view", tag = "tokens",
    responses((status = 200, description = "The keys.", body = Jwks)),
    security(()),
)]
#[get("/.well-known/jwks.json")]
pub(crate) async fn jwks_view(request: HttpRequest, service: Data<Service>) -> Result<HttpResponse, Failure> {
    let keys = [service.signer.public_key()].map(|key| {
        let jwk = key.jwk();
        Jwk {
            kty: jwk.kty.to_owned(),
            crv: jwk.crv.to_owned(),
            x: jwk.x,
            y: jwk.y,
            alg: jwk.alg.to_owned(),
            usage: jwk.usage.to_owned(),
            kid: jwk.kid,
        }
    });
    let mut answer = respond::json(&request, &Jwks { keys: keys.to_vec() })?;
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(answer)
}
