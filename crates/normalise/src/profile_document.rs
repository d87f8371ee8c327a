//! Reading a mapping profile from the text that somebody wrote: syntax, members that stand twice, form, codes.
//!
//! Every fault is told at once, each at its JSON pointer. Never accepts what the Rust type would not.

use crate::profile_shape::PROFILE_SHAPE;
use crate::{Codebook, MappingProfile};
use leleka_domain::{Code, Finding, json_document_read, json_fault};
use serde_json::Value;

/// A profile as it was written, and as it is understood.
#[derive(Clone, Debug)]
pub struct ProfileDocument {
    /// What is used.
    pub profile: MappingProfile,
    /// What was written, with the version that was given to it.
    pub content: Value,
}

/// Reads a profile; the version is given, whatever the text says.
///
/// # Errors
/// Every fault of the text, in the order of the document.
pub fn profile_read(text: &[u8], version: u32, codebook: &Codebook) -> Result<ProfileDocument, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut content = json_document_read(text, &mut findings).map_err(|finding| vec![*finding])?;
    if let Some(members) = content.as_object_mut() {
        members.insert("version".to_owned(), Value::from(version));
    }
    PROFILE_SHAPE.compare(&content, "", &mut findings);
    match serde_json::from_value::<MappingProfile>(content.clone()) {
        Ok(profile) => {
            for finding in profile.check(codebook) {
                // What has not even the form was told already.
                if !findings.iter().any(|told| told.pointer == finding.pointer) {
                    findings.push(finding);
                }
            }
            if findings.is_empty() {
                return Ok(ProfileDocument { profile, content });
            }
        }
        Err(_) if findings.is_empty() => findings.push(json_fault(Code::JsonSyntax, "").expected("{…}")),
        Err(_) => {}
    }
    Err(findings)
}
