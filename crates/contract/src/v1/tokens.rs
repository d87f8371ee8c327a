//! OAuth 2.0 on the wire: client credentials with `private_key_jwt`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Form body of a token request (RFC 6749 § 4.4, RFC 7523 § 2.2).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "eyJhbGciOiJFUzI1NiIsImtpZCI6Ii4uLiIsInR5cCI6ImNsaWVudC1hdXRoZW50aWNhdGlvbitqd3QifQ.e30.c2ln"
}))]
pub struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(max_length = 32)]
    pub grant_type: String,
    /// Always `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(max_length = 128)]
    pub client_assertion_type: String,
    /// The assertion, signed with the client's key, at most 60 seconds old.
    #[schema(max_length = 4096)]
    pub client_assertion: String,
    /// Scopes asked for, separated by spaces; all of the role's when absent.
    #[serde(default)]
    #[schema(nullable = false, max_length = 512)]
    pub scope: Option<String>,
    /// May repeat the client id; the assertion decides.
    #[serde(default)]
    #[schema(nullable = false, max_length = 64)]
    pub client_id: Option<String>,
}

/// An access token.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenResponse {
    /// The token, for `Authorization: Bearer`.
    #[schema(max_length = 4096)]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(max_length = 16)]
    pub token_type: String,
    /// Its life in seconds.
    #[schema(minimum = 1, maximum = 900)]
    pub expires_in: u64,
    /// The granted scopes, separated by spaces.
    #[schema(max_length = 512)]
    pub scope: String,
}

/// Why no token was issued (RFC 6749 § 5.2).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenError {
    /// `invalid_request`, `invalid_client`, `invalid_scope`, `unsupported_grant_type` or `server_error`.
    #[schema(max_length = 64)]
    pub error: String,
    /// A sentence for the client's developer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 500)]
    pub error_description: Option<String>,
}

/// Metadata of the authorization server (RFC 8414).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuthorizationServerMetadata {
    /// The issuer: the audience of client assertions.
    #[schema(max_length = 256, format = "uri")]
    pub issuer: String,
    /// Where tokens are issued.
    #[schema(max_length = 256, format = "uri")]
    pub token_endpoint: String,
    /// Where the public keys of tokens are.
    #[schema(max_length = 256, format = "uri")]
    pub jwks_uri: String,
    /// Always `client_credentials`.
    #[schema(max_items = 1)]
    pub grant_types_supported: Vec<String>,
    /// Empty: there is no authorization endpoint.
    #[schema(max_items = 0)]
    pub response_types_supported: Vec<String>,
    /// Always `private_key_jwt`.
    #[schema(max_items = 1)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// `ES256` and `EdDSA`.
    #[schema(max_items = 2)]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Every scope.
    #[schema(max_items = 32)]
    pub scopes_supported: Vec<String>,
    /// Where the contract is.
    #[schema(max_length = 256, format = "uri")]
    pub service_documentation: String,
}

/// A public key (RFC 7517).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Jwk {
    /// `EC` or `OKP`.
    #[schema(max_length = 8)]
    pub kty: String,
    /// `P-256` or `Ed25519`.
    #[schema(max_length = 16)]
    pub crv: String,
    /// First coordinate.
    #[schema(max_length = 64)]
    pub x: String,
    /// Second coordinate, for `EC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub y: Option<String>,
    /// `ES256` or `EdDSA`.
    #[schema(max_length = 8)]
    pub alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    #[schema(max_length = 8)]
    pub usage: String,
    /// RFC 7638 thumbprint.
    #[schema(max_length = 64)]
    pub kid: String,
}

/// Public keys of access tokens.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Jwks {
    /// The keys.
    #[schema(max_items = 10)]
    pub keys: Vec<Jwk>,
}
