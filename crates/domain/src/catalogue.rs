//! The catalogue: bodies, dataflows, indicators, agreements, dimensions and code lists, as data.
//!
//! Plain records; who loads and who stores them is not known here.

use crate::Frequency;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An organisation that supplies or uses data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Stable code.
    pub code: String,
    /// What kind of organisation, such as `central_executive_body`.
    pub kind: String,
    /// KATOTTH code of the territory it answers for, when it is a territorial office.
    pub territory: Option<String>,
    /// Ukrainian name.
    pub name_uk: String,
    /// English name.
    pub name_en: String,
    /// A remark for readers of the catalogue.
    pub note: Option<String>,
    /// First day on which it may submit.
    pub valid_from: Option<NaiveDate>,
    /// Last day on which it may submit.
    pub valid_to: Option<NaiveDate>,
}

/// Indicators that are delivered together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataflow {
    /// Stable code.
    pub code: String,
    /// The body whose indicators it holds.
    pub owner_body: String,
    /// Ukrainian name.
    pub name_uk: String,
    /// English name.
    pub name_en: String,
    /// What it holds, in Ukrainian.
    pub description_uk: String,
    /// What it holds, in English.
    pub description_en: String,
    /// Whether a submission may be accepted without its faulty rows.
    #[serde(default)]
    pub partial_allowed: bool,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Stable code.
    pub code: String,
    /// The dataflow it is delivered in.
    pub dataflow: String,
    /// The body that answers for it.
    pub source_body: String,
    /// Its ordinary frequency.
    pub frequency: Frequency,
    /// Counting unit, such as `persons`.
    pub unit: String,
    /// `flow`, `stock`, `rate`, `measure`, or `balance`, which may fall below zero.
    pub measure: String,
    /// Decimals that are kept; 0 for counts, which take whole numbers only.
    pub decimals: u8,
    /// Names of the dimensions it may be broken down by.
    pub dimensions: Vec<String>,
    /// `up_is_risk`, `down_is_risk` or `neutral`.
    pub direction: String,
    /// Component of the Common Integrated Risk Analysis Model: `threat`, `vulnerability` or `impact`.
    pub ciram: String,
    /// Ukrainian name.
    pub name_uk: String,
    /// English name.
    pub name_en: String,
    /// Definition, in Ukrainian.
    pub definition_uk: String,
    /// Definition, in English.
    pub definition_en: String,
    /// The European or international counterpart.
    pub counterpart: String,
    /// First day from which it is in the catalogue.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
}

impl Indicator {
    /// Whether values may fall below zero: balances may, counts and stocks may not.
    #[must_use]
    pub fn may_be_negative(&self) -> bool {
        self.measure == "balance"
    }
}

/// Body B supplies indicator I at these frequencies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Who supplies.
    pub body: String,
    /// What.
    pub indicator: String,
    /// SDMX frequency letters; `_O` for cumulative ranges.
    pub frequencies: Vec<String>,
    /// `proposed`, `agreed` or `suspended`.
    pub state: String,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// Remark.
    pub note: Option<String>,
}

/// A dimension and the code list that it takes its codes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// Name of the dimension, as in rows and queries.
    pub code: String,
    /// Its code list.
    pub list: String,
    /// Ukrainian name.
    pub name_uk: String,
    /// English name.
    pub name_en: String,
}

/// A code list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeList {
    /// Stable name.
    pub code: String,
    /// Ukrainian name.
    pub name_uk: String,
    /// English name.
    pub name_en: String,
    /// Where the codes come from.
    pub source: String,
    /// Closed: only these codes. Open: also any legal SDMX id.
    pub open: bool,
}

/// One code of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEntry {
    /// The list.
    pub list: String,
    /// The code.
    pub code: String,
    /// The code above it in the hierarchy.
    pub parent: Option<String>,
    /// Depth in the hierarchy: territories have 0 country, 1 region, 2 raion, 3 hromada, 4 city district.
    pub level: i16,
    /// Ukrainian name.
    pub name_uk: String,
    /// English name.
    pub name_en: String,
    /// Other names and codes under which senders know it.
    pub aliases: Vec<String>,
    /// Codes in other schemes by scheme: `koatuu`, `iso_3166_2`, `pcode`, `alpha3`, `numeric`, `eurostat`, `unhcr`.
    pub other_codes: BTreeMap<String, String>,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
}

/// The whole catalogue of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// Version, such as `2026.11.1`.
    pub version: String,
    /// Bodies.
    pub bodies: Vec<Body>,
    /// Dataflows.
    pub dataflows: Vec<Dataflow>,
    /// Indicators.
    pub indicators: Vec<Indicator>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
    /// Dimensions.
    pub dimensions: Vec<Dimension>,
    /// Code lists.
    pub code_lists: Vec<CodeList>,
    /// Codes of every list, territories (`territory`) and countries (`citizenship`) among them.
    pub codes: Vec<CodeEntry>,
}
