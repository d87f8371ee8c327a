//! OAuth 2.0: the token endpoint and its metadata.

pub(crate) mod create;
pub(crate) mod jwks;
pub(crate) mod metadata;
