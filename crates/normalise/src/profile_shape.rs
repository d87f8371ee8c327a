//! The form of a mapping profile: the table of its members, and the published JSON Schema that is made from it.
//!
//! Never looks at codes: what a text means is judged by `profile_check`. A test holds the table against the Rust type, so
//! that neither can grow alone.

use crate::profile_members::PROFILE;
use leleka_domain::JsonShape;

/// Where the published schema says it is.
const SCHEMA_ID: &str = "urn:leleka:schema:mapping-profile:1";
const ABOUT: &str = "How the files of one body become observations, as data. The form only: whether the codes exist is checked by the service.";
/// A code that names a profile.
const CODE_PATTERN: &str = "^[A-Z][A-Z0-9_]{1,63}$";

/// The form of a whole profile.
pub(crate) const PROFILE_SHAPE: JsonShape = JsonShape::Object(PROFILE);
/// The form of its code.
pub(crate) const PROFILE_CODE: JsonShape = JsonShape::Form(CODE_PATTERN, 64, is_code);

/// The published JSON Schema of mapping profiles: pretty, with a final newline, the same bytes every time.
#[must_use]
pub fn profile_schema() -> String {
    PROFILE_SHAPE.document_schema(SCHEMA_ID, "Mapping profile of Leleka, version 1", ABOUT)
}

fn is_code(text: &str) -> bool {
    let mut bytes = text.bytes();
    (2..=64).contains(&text.len())
        && bytes.next().is_some_and(|byte| byte.is_ascii_uppercase())
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
