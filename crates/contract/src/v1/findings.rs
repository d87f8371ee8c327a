//! Findings on the wire.

use serde::Serialize;
use utoipa::ToSchema;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingSeverity {
    /// Reading cannot go on: whatever follows is not known.
    Fatal,
    /// The row, or the whole submission, cannot be accepted.
    Error,
    /// Implausible: accepted only with an explanation.
    Soft,
    /// Accepted; worth reading.
    Warning,
    /// Told for completeness.
    Info,
}

impl From<leleka_domain::Severity> for FindingSeverity {
    fn from(severity: leleka_domain::Severity) -> Self {
        match severity {
            leleka_domain::Severity::Fatal => Self::Fatal,
            leleka_domain::Severity::Error => Self::Error,
            leleka_domain::Severity::Soft => Self::Soft,
            leleka_domain::Severity::Warning => Self::Warning,
            leleka_domain::Severity::Info => Self::Info,
        }
    }
}

/// The message of a finding in both languages.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FindingMessage {
    /// In Ukrainian.
    #[schema(max_length = 1000)]
    pub uk: String,
    /// In English.
    #[schema(max_length = 1000)]
    pub en: String,
}

/// The column of a file.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FindingColumn {
    /// Counted from 1, as a spreadsheet counts.
    #[schema(minimum = 1, maximum = 100_000)]
    pub index: u32,
    /// Its header.
    #[schema(max_length = 4096)]
    pub name: String,
}

/// Another figure that a finding is about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FindingRelated {
    /// Key of its series.
    #[schema(max_length = 1000)]
    pub series: String,
    /// Its period.
    #[schema(max_length = 32)]
    pub period: String,
    /// Its value; absent where it is another body's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub value: Option<String>,
    /// Its data row, when it stands in the same submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub row: Option<u64>,
}

/// One problem in one submission, at its place.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Finding {
    /// Stable code, `area.snake_case`.
    #[schema(max_length = 64, pattern = "^[a-z_]+\\.[a-z_]+$")]
    pub code: String,
    /// How bad.
    pub severity: FindingSeverity,
    /// RFC 6901 pointer: into the JSON document, or into the object of the NDJSON line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 512)]
    pub pointer: Option<String>,
    /// Data row, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub row: Option<u64>,
    /// Physical line, the header counted, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub line: Option<u64>,
    /// Column of a delimited file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub column: Option<FindingColumn>,
    /// The field of the shared schema that the cell fills.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 128)]
    pub field: Option<String>,
    /// What was found, at most 64 characters, control characters escaped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 512)]
    pub value: Option<String>,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub expected: Option<String>,
    /// What the sender said about an implausible figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub explanation: Option<String>,
    /// The rule that speaks, for checks over several figures: see `GET /v1/rules`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub rule_id: Option<String>,
    /// The other figures that it is about, the first 16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 16)]
    pub related: Vec<FindingRelated>,
    /// What to do, in both languages.
    pub message: FindingMessage,
}

impl From<leleka_domain::Finding> for Finding {
    fn from(finding: leleka_domain::Finding) -> Self {
        let message = FindingMessage {
            uk: finding.message_uk(),
            en: finding.message_en(),
        };
        Self {
            code: finding.code.as_str().to_owned(),
            severity: finding.severity.into(),
            pointer: finding.pointer,
            row: finding.row,
            line: finding.line,
            column: finding.column.map(|column| FindingColumn {
                index: column.index,
                name: column.name,
            }),
            field: finding.field,
            value: finding.value,
            expected: finding.expected,
            explanation: finding.explanation,
            rule_id: finding.rule_id,
            related: finding
                .related
                .into_iter()
                .map(|it| FindingRelated {
                    series: it.series,
                    period: it.period,
                    value: it.value,
                    row: it.row,
                })
                .collect(),
            message,
        }
    }
}

/// A page of findings, by line, row, column and code.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FindingPage {
    /// The findings.
    #[schema(max_items = 200)]
    pub items: Vec<Finding>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    pub next: Option<String>,
}
