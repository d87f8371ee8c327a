//! GET /.well-known/oauth-authorization-server: RFC 8414.

use crate::http::problem::Failure;
use crate::http::respond;
use crate::service::Service;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_access::Scope;
use leleka_contract::v1::AuthorizationServerMetadata;

/// Metadata of the authorization server
///
/// RFC 8414. The issuer is the audience of client assertions.
#[utoipa::path(
    operation_id = "authorization_server_view", tag = "tokens",
    responses((status = 200, description = "The metadata.", body = AuthorizationServerMetadata)),
    security(()),
)]
#[get("/.well-known/oauth-authorization-server")]
pub(crate) async fn authorization_server_view(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let issuer = &service.issuer;
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    respond::json(
        &request,
        &AuthorizationServerMetadata {
            issuer: issuer.clone(),
            token_endpoint: format!("{issuer}/oauth2/token"),
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            grant_types_supported: own(&["client_credentials"]),
            response_types_supported: Vec::new(),
            token_endpoint_auth_methods_supported: own(&["private_key_jwt"]),
            token_endpoint_auth_signing_alg_values_supported: own(&["ES256", "EdDSA"]),
            scopes_supported: Scope::ALL.iter().map(|scope| scope.as_str().to_owned()).collect(),
            service_documentation: format!("{issuer}/docs/"),
        },
    )
}
