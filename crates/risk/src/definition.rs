//! The definition of a risk metric: a versioned JSON document, read and type-checked as a whole.
//!
//! Data, not code: a new metric needs no release. A definition that was read can always be evaluated; every
//! mistake is a fault with the place of it (RFC 6901) and a sentence in Ukrainian and in English.

use crate::canonical::{canonical_json, sha256_hex};
use crate::definition_fault::DefinitionFault;
use crate::definition_members::DEFINITION_SHAPE;
use crate::detector::Detector;
use crate::expression::Node;
use crate::expression_parse::parse as parse_expression;
use crate::level::{Cuts, Scale};
use crate::members::{Members, escaped};
use crate::units::Unit;
use leleka_domain::{Frequency, Period, json_document_read};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

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
    /// Inputs by name.
    pub inputs: BTreeMap<String, Input>,
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
    /// Reads and checks a definition.
    ///
    /// # Errors
    /// Every mistake that was found, with its place.
    pub fn parse(json: &str) -> Result<Self, Vec<DefinitionFault>> {
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
        let definition = read_definition(value, body_sha256, &mut faults);
        if let Some(definition) = &definition {
            crate::check::check(definition, &mut faults);
        }
        match definition {
            Some(definition) if faults.is_empty() => Ok(definition),
            Some(_) | None => Err(faults),
        }
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

fn read_definition(
    value: Value,
    body_sha256: String,
    faults: &mut Vec<DefinitionFault>,
) -> Option<Definition> {
    let mut members = Members::of(value, "", faults)?;
    let code = members.required::<String>("code");
    let version = members.required::<u32>("version");
    let kind = members.required::<Kind>("kind");
    let frequency = members.required::<Frequency>("freq");
    let unit = read_unit(&mut members, None);
    let decimals = members.required::<u8>("decimals");
    let direction = members.required::<Direction>("direction");
    let ciram = members.required::<Ciram>("ciram");
    let family = members.required::<String>("family");
    let by = members.required::<Vec<String>>("by");
    let inputs = read_inputs(&mut members, frequency);
    let expression = match members.raw("expr") {
        Some(expr) => parse_expression(expr, "/expr", members.faults()),
        None => members.required::<Value>("expr").and(None),
    };
    let baseline = members.optional::<Baseline>("baseline");
    let detectors = members.optional::<Vec<Detector>>("detectors");
    let scale = members.optional::<Scale>("breakpoints");
    let cuts = members.optional::<Cuts>("cuts");
    let text = members.required::<Texts>("text");
    let note_uk = members.optional::<String>("note_uk");
    let note_en = members.optional::<String>("note_en");
    members.finish();
    Some(Definition {
        code: code?,
        version: version?,
        kind: kind?,
        frequency: frequency?,
        unit: unit?,
        decimals: decimals?,
        direction: direction?,
        ciram: ciram?,
        family: family?,
        by: by?,
        inputs: inputs?,
        expression: expression?,
        baseline: baseline?.unwrap_or_default(),
        detectors: detectors?.unwrap_or_default(),
        scale: scale?.unwrap_or_default(),
        cuts: cuts?.unwrap_or_default(),
        text: text?,
        note_uk: note_uk?,
        note_en: note_en?,
        body_sha256,
    })
}

fn read_unit(members: &mut Members<'_>, default: Option<Unit>) -> Option<Unit> {
    let text = match default {
        Some(_) => members.optional::<String>("unit")?,
        None => Some(members.required::<String>("unit")?),
    };
    let Some(text) = text else { return default };
    let unit = text.parse().ok();
    if unit.is_none() {
        members.fault(
            "unit",
            "Такої одиниці немає: назва лічби, ratio, percent, per_N або index.",
            "There is no such unit: a counting unit, ratio, percent, per_N or index.",
        );
    }
    unit
}

fn read_inputs(members: &mut Members<'_>, frequency: Option<Frequency>) -> Option<BTreeMap<String, Input>> {
    let given = members.required::<BTreeMap<String, Value>>("inputs")?;
    if given.is_empty() || given.len() > INPUT_LIMIT {
        members.fault(
            "inputs",
            &format!("Показник має від 1 до {INPUT_LIMIT} входів."),
            &format!("A metric has 1 to {INPUT_LIMIT} inputs."),
        );
        return None;
    }
    let mut inputs = BTreeMap::new();
    let mut whole = true;
    for (name, value) in given {
        let pointer = format!("/inputs/{}", escaped(&name));
        match read_input(value, &pointer, frequency, members.faults()) {
            Some(input) => drop(inputs.insert(name, input)),
            None => whole = false,
        }
    }
    whole.then_some(inputs)
}

fn read_input(
    value: Value,
    pointer: &str,
    metric: Option<Frequency>,
    faults: &mut Vec<DefinitionFault>,
) -> Option<Input> {
    let mut members = Members::of(value, pointer, faults)?;
    let indicator = members.required::<String>("indicator");
    let body = members.optional::<String>("body");
    let frequency = members.optional::<Frequency>("frequency");
    let unit = read_unit(&mut members, Some(Unit::Count("persons".to_owned())));
    let filter = members.optional::<BTreeMap<String, Vec<String>>>("filter");
    let by = members.optional::<Vec<String>>("by");
    let over = members.optional::<Vec<String>>("over");
    let agg = members.optional::<Aggregation>("agg");
    let min_coverage = members.optional::<f64>("min_coverage");
    members.finish();
    Some(Input {
        indicator: indicator?,
        body: body?,
        frequency: frequency?.or(metric)?,
        unit: unit?,
        filter: filter?.unwrap_or_default(),
        by: by?.unwrap_or_default(),
        over: over?.unwrap_or_default(),
        agg: agg?.unwrap_or_default(),
        min_coverage: min_coverage?.unwrap_or(1.0),
    })
}
