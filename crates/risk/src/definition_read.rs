//! Reading a definition from JSON, member by member: every mistake is found at its own place.
//!
//! Never looks at what the members mean together; the type checker does.

use crate::definition::{
    Aggregation, Baseline, Ciram, Definition, Direction, INPUT_LIMIT, Input, Kind, Texts,
};
use crate::definition_fault::DefinitionFault;
use crate::detector::Detector;
use crate::expression_parse::parse as parse_expression;
use crate::level::{Cuts, Scale};
use crate::members::{Members, escaped};
use crate::units::Unit;
use leleka_domain::Frequency;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) fn read_definition(
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
        metrics: BTreeMap::new(),
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
        if name.is_empty() || name.len() > 64 || name.contains(':') {
            members.faults().push(DefinitionFault::new(
                &pointer,
                "Назва входу має від 1 до 64 знаків без «:».",
                "The name of an input has 1 to 64 characters, none of them \":\".",
            ));
        }
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
