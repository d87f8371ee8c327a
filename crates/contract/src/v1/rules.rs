//! Rules over several figures on the wire.

use crate::v1::FindingSeverity;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A rule over several figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "R-BORDER-REFUSED-ENTRY", "kind": "cross_indicator", "severity": "warning", "since": "2026-11-22",
    "text_uk": "Відмов у в’їзді не більше, ніж перетинань на в’їзд.",
    "text_en": "Refusals of entry do not exceed crossings on entry.",
    "indicators": ["BRD_ENTRY", "BRD_REFUSED"],
    "check": {"kind": "cross_indicator", "left": [{"indicator": "BRD_REFUSED"}], "relation": "at_most",
              "right": [{"indicator": "BRD_ENTRY"}]}
}))]
pub struct Rule {
    /// Stable identifier.
    #[schema(max_length = 64, pattern = "^R-[A-Z0-9-]+$")]
    pub id: String,
    /// `totals_details`, `cross_indicator`, `jump`, `cumulative_monotonic` or `mirror`; new kinds may come.
    #[schema(max_length = 64)]
    pub kind: String,
    /// How bad a finding of it is; `soft` asks for an explanation.
    pub severity: FindingSeverity,
    /// The day on which it came into the rules.
    pub since: NaiveDate,
    /// What it demands, in Ukrainian.
    #[schema(max_length = 1000)]
    pub text_uk: String,
    /// What it demands, in English.
    #[schema(max_length = 1000)]
    pub text_en: String,
    /// The indicators that it looks at.
    #[schema(max_items = 2000)]
    pub indicators: Vec<RuleIndicator>,
    /// Its parameters, as the catalogue has them.
    #[schema(value_type = Object)]
    pub check: serde_json::Value,
}

/// The code of an indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(max_length = 64)]
pub struct RuleIndicator(pub String);

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RulePage {
    /// Their version, which stands on every submission.
    #[schema(max_length = 32)]
    pub ruleset_version: String,
    /// The rules, in the order of the catalogue.
    #[schema(max_items = 2000)]
    pub items: Vec<Rule>,
}
