//! The catalogue on the wire.

use crate::v1::FrequencyLetter;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An organisation that supplies or uses data.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Body {
    /// Stable code.
    #[schema(max_length = 32)]
    pub code: String,
    /// Kind of organisation.
    #[schema(max_length = 64)]
    pub kind: String,
    /// KATOTTH code of a territorial office's territory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub territory: Option<String>,
    /// Ukrainian name.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name.
    #[schema(max_length = 500)]
    pub name_en: String,
}

/// Bodies.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BodyPage {
    /// By code.
    #[schema(max_items = 1000)]
    pub items: Vec<Body>,
}

/// Which body supplies an indicator.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IndicatorAgreement {
    /// Body.
    #[schema(max_length = 32)]
    pub body: String,
    /// SDMX frequency letters; `_O` for ranges.
    #[schema(max_items = 8)]
    pub frequencies: Vec<FrequencyLetter>,
    /// `proposed`, `changes_requested`, `agreed` or `suspended`.
    #[schema(max_length = 32)]
    pub state: String,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Indicator {
    /// Stable code.
    #[schema(max_length = 64)]
    pub code: String,
    /// The dataflow it is delivered in.
    #[schema(max_length = 64)]
    pub dataflow: String,
    /// The body that answers for it.
    #[schema(max_length = 32)]
    pub source_body: String,
    /// Its ordinary frequency, SDMX `CL_FREQ`.
    #[schema(max_length = 2)]
    pub frequency: String,
    /// Counting unit.
    #[schema(max_length = 64)]
    pub unit: String,
    /// `flow`, `stock`, `rate` or `balance`.
    #[schema(max_length = 16)]
    pub measure: String,
    /// Decimals that are kept; 0 for counts.
    #[schema(minimum = 0, maximum = 9)]
    pub decimals: u8,
    /// Dimensions it may be broken down by.
    #[schema(max_items = 16)]
    pub dimensions: Vec<String>,
    /// `up_is_risk`, `down_is_risk` or `neutral`.
    #[schema(max_length = 16)]
    pub direction: String,
    /// CIRAM component.
    #[schema(max_length = 16)]
    pub ciram: String,
    /// Ukrainian name.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name.
    #[schema(max_length = 500)]
    pub name_en: String,
    /// Definition in Ukrainian.
    #[schema(max_length = 4000)]
    pub definition_uk: String,
    /// Definition in English.
    #[schema(max_length = 4000)]
    pub definition_en: String,
    /// European or international counterpart.
    #[schema(max_length = 1000)]
    pub counterpart: String,
    /// Who supplies it.
    #[schema(max_items = 200)]
    pub agreements: Vec<IndicatorAgreement>,
}

/// Indicators.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IndicatorPage {
    /// By code.
    #[schema(max_items = 2000)]
    pub items: Vec<Indicator>,
}

/// A dimension of a dataflow.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Dimension {
    /// Name, as in rows and queries.
    #[schema(max_length = 64)]
    pub code: String,
    /// Its code list.
    #[schema(max_length = 64)]
    pub list: String,
    /// Ukrainian name.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name.
    #[schema(max_length = 500)]
    pub name_en: String,
}

/// Indicators that are delivered together.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Dataflow {
    /// Stable code.
    #[schema(max_length = 64)]
    pub code: String,
    /// The body whose indicators it holds.
    #[schema(max_length = 32)]
    pub owner_body: String,
    /// Ukrainian name.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name.
    #[schema(max_length = 500)]
    pub name_en: String,
    /// What it holds, in Ukrainian.
    #[schema(max_length = 4000)]
    pub description_uk: String,
    /// What it holds, in English.
    #[schema(max_length = 4000)]
    pub description_en: String,
    /// Whether `acceptance=accept_valid` may be asked for.
    pub partial_allowed: bool,
    /// Its indicators.
    #[schema(max_items = 500)]
    pub indicators: Vec<String>,
    /// Every dimension of its indicators.
    #[schema(max_items = 64)]
    pub dimensions: Vec<Dimension>,
}

/// Dataflows.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DataflowPage {
    /// By code.
    #[schema(max_items = 500)]
    pub items: Vec<Dataflow>,
}

/// A code list without its codes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodeList {
    /// Stable name.
    #[schema(max_length = 64)]
    pub code: String,
    /// Ukrainian name.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name.
    #[schema(max_length = 500)]
    pub name_en: String,
    /// Where the codes come from.
    #[schema(max_length = 1000)]
    pub source: String,
    /// Open lists also take any legal SDMX id.
    pub open: bool,
}

/// Code lists.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodeListPage {
    /// By name.
    #[schema(max_items = 500)]
    pub items: Vec<CodeList>,
}

/// One code.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodeListEntry {
    /// The code.
    #[schema(max_length = 64)]
    pub code: String,
    /// The code above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub parent: Option<String>,
    /// Depth in the hierarchy.
    #[schema(minimum = 0, maximum = 9)]
    pub level: i16,
    /// Ukrainian name.
    #[schema(max_length = 500)]
    pub name_uk: String,
    /// English name.
    #[schema(max_length = 500)]
    pub name_en: String,
    /// Other names under which senders know it.
    #[schema(max_items = 100)]
    pub aliases: Vec<String>,
    /// Codes in other schemes.
    pub other_codes: BTreeMap<String, String>,
}

/// A code list with its codes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodeListDetail {
    /// The list.
    pub list: CodeList,
    /// Version of the catalogue.
    #[schema(max_length = 32)]
    pub catalogue_version: String,
    /// The codes.
    #[schema(max_items = 50_000)]
    pub codes: Vec<CodeListEntry>,
}
