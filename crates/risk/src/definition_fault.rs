//! One mistake in a definition: its code, its place (RFC 6901), and a sentence in Ukrainian and in English.
//!
//! Never holds more of the document than a short excerpt.

use leleka_domain::{Code, Finding, FindingTexts, json_fault};
use serde::Serialize;

/// Longest text of a fault as a finding.
const TEXT_CHARS: usize = 1_000;

/// One mistake in a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{pointer}: {en}")]
pub struct DefinitionFault {
    /// Stable code: one of form, or [`Code::DefinitionUnsound`].
    pub code: Code,
    /// Where, as a JSON pointer; empty for the whole document.
    pub pointer: String,
    /// What is wrong, in Ukrainian.
    pub uk: String,
    /// What is wrong, in English.
    pub en: String,
}

impl DefinitionFault {
    pub(crate) fn new(pointer: &str, uk: &str, en: &str) -> Self {
        Self {
            code: Code::DefinitionUnsound,
            pointer: pointer.to_owned(),
            uk: uk.to_owned(),
            en: en.to_owned(),
        }
    }

    /// The same as a finding, at its place in the document.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let short = |text: &str| text.chars().take(TEXT_CHARS).collect();
        let mut finding = json_fault(self.code, &self.pointer);
        finding.texts = Some(FindingTexts {
            uk: short(&self.uk),
            en: short(&self.en),
        });
        finding
    }
}

impl From<Finding> for DefinitionFault {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code,
            uk: finding.message_uk(),
            en: finding.message_en(),
            pointer: finding.pointer.unwrap_or_default(),
        }
    }
}

/// A value of the wrong kind, an unknown word or a missing or unknown member.
pub(crate) fn structure_fault(pointer: &str, error: &serde_json::Error) -> DefinitionFault {
    DefinitionFault::new(
        pointer,
        &format!("Значення не того виду, якого тут чекають ({error})."),
        &format!("The value is not of the kind that belongs here ({error})."),
    )
}
