//! The definition of a risk metric: a versioned JSON document, read and type-checked as a whole.
//!
//! Data, not code: a new metric needs no release. A definition that was read can always be evaluated; every
//! mistake is a fault with the place of it (RFC 6901) and a sentence in Ukrainian and in English.

use crate::canonical::{canonical_json, sha256_hex};
use crate::definition_fault::DefinitionFault;
use crate::definition_members::DEFINITION_SHAPE;
use crate::definition_read::read_definition;
use crate::detector::Detector;
use crate::expression::{Node, Op};
use crate::level::{Cuts, Scale};
use crate::library::{Library, resolve};
use crate::units::Unit;
use leleka_domain::{Frequency, Period, json_document_read};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Largest document, in bytes.
pub const DOCUMENT_LIMIT: usize = 65_536;
/// Most inputs.
pub const INPUT_LIMIT: usize = 16;

/// What a metric answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Is this unusual? Compared with its own past.
    Signal,
    /// Where on a fixed scale?
    Level,
    /// Several measures on one scale; its value is its score.
    Composite,
}

/// Which side is risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is worse.
    Up,
    /// Less is worse.
    Down,
    /// Both are.
    Both,
}

/// Component of the Common Integrated Risk Analysis Model that the metric speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Ciram {
    /// How much.
    #[serde(rename = "threat.magnitude")]
    ThreatMagnitude,
    /// How likely.
    #[serde(rename = "threat.likelihood")]
    ThreatLikelihood,
    /// Capacity to mitigate.
    #[serde(rename = "vulnerability")]
    Vulnerability,
    /// Consequences.
    #[serde(rename = "impact")]
    Impact,
}

/// How the observations of one cell are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// Sum.
    #[default]
    Sum,
    /// Mean.
    Mean,
    /// Smallest.
    Min,
    /// Largest.
    Max,
}

/// One input: which observations of which indicator.
///
/// Each dimension of an observation plays exactly one part. In `by` it is part of the key. In `filter` it must
/// have one of the codes; several codes are put together by `agg`, and each of them is expected. In `over` its details are put together,
/// unless the total itself was reported, which then stands alone. Any other dimension must be absent or have its
/// total code. So details and totals never meet in one number.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Indicator code.
    pub indicator: String,
    /// The body whose figures are meant; absent: any, but two bodies that differ are ambiguous.
    pub body: Option<String>,
    /// Frequency of the series that are read; the metric's own unless told.
    pub frequency: Frequency,
    /// Unit of the indicator; persons unless told.
    pub unit: Unit,
    /// Dimension → allowed codes.
    pub filter: BTreeMap<String, Vec<String>>,
    /// Dimensions of the key.
    pub by: Vec<String>,
    /// Dimensions whose details are put together.
    pub over: Vec<String>,
    /// How.
    pub agg: Aggregation,
    /// Least share of the expected series that must be present, 0 to 1; 1 unless told.
    pub min_coverage: f64,
}

/// A range of periods that is not part of any baseline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludedRange {
    /// First period.
    pub from: Period,
    /// Last period.
    pub to: Period,
    /// Why: shown with every result that it touches.
    pub reason: String,
}

/// What of the past may serve for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// First period; absent: as far back as there is data.
    #[serde(default)]
    pub start: Option<Period>,
    /// Ranges that are left out.
    #[serde(default)]
    pub exclude: Vec<ExcludedRange>,
}

impl Baseline {
    /// Whether a period may be compared with.
    #[must_use]
    pub fn admits(&self, period: Period) -> bool {
        let day = period.start();
        self.start.is_none_or(|start| start.start() <= day)
            && !self
                .exclude
                .iter()
                .any(|range| range.from.start() <= day && day <= range.to.start())
    }
}

/// Name and explanation in one language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Short name.
    pub name: String,
    /// What it measures, against what, and how to read it.
    pub explanation: String,
}

/// Both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Ukrainian.
    pub uk: Text,
    /// English.
    pub en: Text,
}

/// A definition that was read and checked.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Stable code, such as `RM_ASY_WEEK`.
    pub code: String,
    /// Version, from 1; a new version says what changes.
    pub version: u32,
    /// What it answers.
    pub kind: Kind,
    /// Frequency of the result.
    pub frequency: Frequency,
    /// Unit of the result.
    pub unit: Unit,
    /// Decimals at the edge; results are kept unrounded.
    pub decimals: u8,
    /// Which side is risk.
    pub direction: Direction,
    /// CIRAM component.
    pub ciram: Ciram,
    /// Family of tests that are judged together.
    pub family: String,
    /// Dimensions of the key of a result.
    pub by: Vec<String>,
    /// Inputs by name; those of the metrics it refers to stand here too, as `RM_X/1:name`.
    pub inputs: BTreeMap<String, Input>,
    /// The metrics it refers to, by code and version as `RM_X/1`.
    pub metrics: BTreeMap<String, Arc<Definition>>,
    /// What is computed.
    pub expression: Node,
    /// What of the past may serve; signals only.
    pub baseline: Baseline,
    /// Detectors, in order of preference; signals only.
    pub detectors: Vec<Detector>,
    /// Value → score, dated; levels only.
    pub scale: Scale,
    /// Score → level.
    pub cuts: Cuts,
    /// Name and explanation.
    pub text: Texts,
    /// What this version changes, in Ukrainian.
    pub note_uk: Option<String>,
    /// The same in English.
    pub note_en: Option<String>,
    /// SHA-256 of the canonical JSON.
    pub body_sha256: String,
}

impl Definition {
    /// Reads and checks a definition that refers to no other.
    ///
    /// # Errors
    /// Every mistake that was found, with its place.
    pub fn parse(json: &str) -> Result<Self, Vec<DefinitionFault>> {
        Self::parse_with(json, &Library::default())
    }

    /// Reads and checks a definition that may refer to published ones.
    ///
    /// # Errors
    /// Every mistake that was found, with its place.
    pub fn parse_with(json: &str, library: &Library) -> Result<Self, Vec<DefinitionFault>> {
        if json.len() > DOCUMENT_LIMIT {
            return Err(vec![DefinitionFault::new(
                "",
                &format!("Опис завеликий: не більше {DOCUMENT_LIMIT} байтів."),
                &format!("The definition is too large: at most {DOCUMENT_LIMIT} bytes."),
            )]);
        }
        let value = document_read(json)?;
        let body_sha256 = sha256_hex(canonical_json(&value).as_bytes());
        let mut faults = Vec::new();
        let mut definition = read_definition(value, body_sha256, &mut faults);
        if let Some(definition) = &mut definition {
            resolve(definition, library, &mut faults);
            crate::check::check(definition, &mut faults);
        }
        match definition {
            Some(definition) if faults.is_empty() => Ok(definition),
            Some(_) | None => Err(faults),
        }
    }

    /// Names of the inputs that its expression reads, those of metrics it refers to included; populations and
    /// capacities, which are looked up by age, are not among them.
    pub(crate) fn read_inputs(&self) -> BTreeSet<&str> {
        let mut read = BTreeSet::new();
        let mut open = vec![&self.expression];
        while let Some(node) = open.pop() {
            match &node.op {
                Op::In { name } => drop(read.insert(name.as_str())),
                Op::Metric { code, version, .. } => {
                    let label = crate::library::label(code, *version);
                    let of = self.metrics.get(&label).map(|of| of.read_inputs());
                    let names = of.into_iter().flatten();
                    let names = names.map(|name| crate::library::qualified(&label, name));
                    let known = names.filter_map(|name| self.inputs.get_key_value(&name));
                    read.extend(known.map(|(name, _)| name.as_str()));
                }
                _ => open.extend(node.op.operands().into_iter().map(|operand| &**operand)),
            }
        }
        read
    }

    /// Whether a result of one key may rest on observations of other keys.
    #[must_use]
    pub fn mixes_keys(&self) -> bool {
        let mut open = vec![&self.expression];
        while let Some(node) = open.pop() {
            let mixes = match &node.op {
                Op::Share { .. } | Op::SumOver { .. } | Op::Concentration { .. } | Op::PerCapita { .. } => {
                    true
                }
                Op::Metric { code, version, .. } => {
                    let of = self.metrics.get(&crate::library::label(code, *version));
                    of.is_some_and(|of| of.mixes_keys())
                }
                _ => false,
            };
            if mixes {
                return true;
            }
            open.extend(node.op.operands().into_iter().map(|operand| &**operand));
        }
        false
    }
}

/// The document, when it is JSON and has the form of a definition.
fn document_read(json: &str) -> Result<Value, Vec<DefinitionFault>> {
    let mut findings = Vec::new();
    match json_document_read(json.as_bytes(), &mut findings) {
        Ok(value) => {
            DEFINITION_SHAPE.compare(&value, "", &mut findings);
            if findings.is_empty() {
                return Ok(value);
            }
        }
        Err(finding) => findings.push(*finding),
    }
    Err(findings.into_iter().map(DefinitionFault::from).collect())
}
