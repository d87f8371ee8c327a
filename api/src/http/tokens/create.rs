//! POST /oauth2/token: an access token for a client assertion.
//!
//! Never says which part of a proof was wrong.

use crate::http::caller::request_id;
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{TokenError, TokenRequest, TokenResponse};
use leleka_exchange::{TokenRefusal, token_issue};

/// Issue an access token
///
/// Client credentials with `private_key_jwt` (RFC 7523). The token lives ten minutes; there are no refresh tokens.
#[utoipa::path(
    operation_id = "token_create", tag = "tokens",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token.", body = TokenResponse),
        (status = 400, description = "The request is not a token request, or asks for too much.", body = TokenError, content_type = "application/json"),
        (status = 401, description = "The client did not prove itself.", body = TokenError, content_type = "application/json"),
    ),
    security(()),
)]
#[post("/oauth2/token")]
pub(crate) async fn token_create(request: HttpRequest, form: Bytes, service: Data<Service>) -> HttpResponse {
    let form = match form_read(&request, &form) {
        Ok(form) => form,
        Err((status, error)) => return refusal(status, error),
    };
    let request_id = request_id(&request);
    let issued = web::block(move || {
        let Service {
            centre,
            signer,
            issuer,
            ..
        } = &**service;
        token_issue(
            centre,
            signer,
            issuer,
            &form.client_assertion,
            form.scope.as_deref(),
            request_id,
        )
    });
    match issued.await {
        Ok(Ok(token)) => HttpResponse::Ok().json(TokenResponse {
            access_token: token.access_token,
            token_type: "Bearer".to_owned(),
            expires_in: token.expires_in,
            scope: token.scope,
        }),
        Ok(Err(TokenRefusal::InvalidClient)) => refusal(StatusCode::UNAUTHORIZED, "invalid_client"),
        Ok(Err(TokenRefusal::InvalidScope)) => refusal(StatusCode::BAD_REQUEST, "invalid_scope"),
        Ok(Err(TokenRefusal::Failed(error))) => {
            tracing::error!("no token could be issued: {error}");
            refusal(StatusCode::SERVICE_UNAVAILABLE, "server_error")
        }
        Err(_blocked) => refusal(StatusCode::SERVICE_UNAVAILABLE, "server_error"),
    }
}

fn form_read(request: &HttpRequest, form: &[u8]) -> Result<TokenRequest, (StatusCode, &'static str)> {
    let bad = |error| (StatusCode::BAD_REQUEST, error);
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = content_type.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(bad("invalid_request"));
    }
    let form: TokenRequest = serde_urlencoded::from_bytes(form).map_err(|_| bad("invalid_request"))?;
    if form.grant_type != "client_credentials" {
        return Err(bad("unsupported_grant_type"));
    }
    if form.client_assertion_type != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
        return Err((StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    Ok(form)
}

fn refusal(status: StatusCode, error: &str) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"leleka\""));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.insert_header(("retry-after", "5"));
    }
    answer.json(TokenError {
        error: error.to_owned(),
        error_description: None,
    })
}
