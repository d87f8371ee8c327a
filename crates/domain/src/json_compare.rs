//! A document against the table of its form: every place that does not have it, each as a finding.

use crate::json_shape::{FREE_NAME, JsonMember, JsonShape, JsonVariant};
use crate::{Code, Finding, printable_excerpt};
use serde_json::{Map, Value};

impl JsonShape {
    /// Tells every place of a document that does not have its form.
    pub fn compare(&self, value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
        match (self, value) {
            (Self::OrNull(_), Value::Null) | (Self::Flag, Value::Bool(_)) => {}
            (Self::OrNull(shape), value) => shape.compare(value, pointer, findings),
            (Self::Named(_, shape), value) => shape().compare(value, pointer, findings),
            (Self::Text(most), Value::String(text)) => text_check(text, *most, pointer, findings),
            (Self::Form(_, most, fits), Value::String(text))
                if text.chars().count() <= *most as usize && fits(text) => {}
            (Self::Word(words), Value::String(text)) if words.contains(&text.as_str()) => {}
            (Self::Letter, Value::String(text)) if text.chars().count() == 1 => {
                text_check(text, 1, pointer, findings);
            }
            (Self::Count(..) | Self::Number(..) | Self::Positive, Value::Number(number))
                if self.admits(number) => {}
            (Self::List(item, most) | Self::Several(item, _, most), Value::Array(values)) => {
                let least = if let Self::Several(_, least, _) = self {
                    *least
                } else {
                    0
                };
                number_check(values.len(), (least, *most), pointer, findings);
                for (index, value) in values.iter().enumerate() {
                    item.compare(value, &format!("{pointer}/{index}"), findings);
                }
            }
            (Self::Names(shape, most), Value::Object(members)) => {
                number_check(members.len(), (0, *most), pointer, findings);
                for (name, value) in members {
                    let place = json_step(pointer, name);
                    FREE_NAME.compare(&Value::from(name.as_str()), &place, findings);
                    shape.compare(value, &place, findings);
                }
            }
            (Self::Object(described), Value::Object(members)) => {
                members_compare(described, None, members, pointer, findings);
            }
            (Self::Tagged(tag, variants), Value::Object(members)) => {
                tagged_compare((tag, variants), members, pointer, findings);
            }
            (Self::Either(shapes), value) => alternative_compare(shapes, value, pointer, findings),
            (shape, value) => {
                let found = json_fault(Code::JsonType, pointer).value(&value.to_string());
                findings.push(found.expected(shape.word()));
            }
        }
    }

    fn admits(&self, number: &serde_json::Number) -> bool {
        let between = |least: Option<f64>, most: Option<f64>| {
            let number = number.as_f64().filter(|number| number.is_finite());
            number.is_some_and(|number| {
                least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most)
            })
        };
        match self {
            Self::Count(least, most) => number
                .as_u64()
                .is_some_and(|number| (u64::from(*least)..=u64::from(*most)).contains(&number)),
            Self::Number(least, most) => between(*least, *most),
            Self::Positive => between(Some(0.0), None) && number.as_f64().is_some_and(|number| number > 0.0),
            _ => false,
        }
    }

    /// Whether a value is of the kind that belongs here, down to the first item of a list.
    fn resembles(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(_) | Self::Form(..) | Self::Word(_) | Self::Letter, Value::String(_))
            | (Self::Flag, Value::Bool(_))
            | (Self::Count(..) | Self::Number(..) | Self::Positive, Value::Number(_))
            | (Self::Names(..) | Self::Object(_) | Self::Tagged(..), Value::Object(_))
            | (Self::OrNull(_), Value::Null) => true,
            (Self::List(item, _) | Self::Several(item, ..), Value::Array(items)) => {
                items.first().is_none_or(|first| item.resembles(first))
            }
            (Self::Either(shapes), value) => shapes.iter().any(|shape| shape.resembles(value)),
            (Self::OrNull(shape), value) => shape.resembles(value),
            (Self::Named(_, shape), value) => shape().resembles(value),
            _ => false,
        }
    }

    /// What is needed, in a few words that need no translation.
    fn word(&self) -> String {
        match self {
            Self::Text(_) => "\"…\"".to_owned(),
            Self::Form(pattern, ..) => (*pattern).to_owned(),
            Self::Word(words) => words.join(" | "),
            Self::Letter => "\"x\"".to_owned(),
            Self::Flag => "true | false".to_owned(),
            Self::Count(least, most) => format!("{least} … {most}"),
            Self::Number(least, most) => {
                let end = |end: Option<f64>| end.map_or_else(String::new, |end| end.to_string());
                format!("{} … {}", end(*least), end(*most)).trim().to_owned()
            }
            Self::Positive => "> 0".to_owned(),
            Self::List(..) | Self::Several(..) => "[…]".to_owned(),
            Self::Names(..) | Self::Object(_) => "{…}".to_owned(),
            Self::Tagged(tag, _) => format!("{{\"{tag}\": …}}"),
            Self::Either(shapes) => {
                let words: Vec<String> = shapes.iter().map(Self::word).collect();
                words.join(" | ")
            }
            Self::OrNull(shape) => format!("{} | null", shape.word()),
            Self::Named(_, shape) => shape().word(),
        }
    }
}

fn tagged_compare(
    (tag, variants): (&'static str, &[JsonVariant]),
    members: &Map<String, Value>,
    pointer: &str,
    findings: &mut Vec<Finding>,
) {
    let word = members.get(tag).and_then(Value::as_str);
    match variants.iter().find(|variant| Some(variant.word) == word) {
        Some(variant) => members_compare(variant.members, Some(tag), members, pointer, findings),
        None => {
            let place = json_step(pointer, tag);
            let Some(found) = members.get(tag) else {
                findings.push(json_fault(Code::FieldMissing, &place));
                return;
            };
            let words: Vec<&str> = variants.iter().map(|variant| variant.word).collect();
            let finding = json_fault(Code::JsonType, &place).value(&found.to_string());
            findings.push(finding.expected(words.join(" | ")));
        }
    }
}

fn members_compare(
    described: &[JsonMember],
    tag: Option<&str>,
    members: &Map<String, Value>,
    pointer: &str,
    findings: &mut Vec<Finding>,
) {
    for (name, value) in members {
        let place = json_step(pointer, name);
        match described.iter().find(|member| member.name == name) {
            Some(member) => member.shape.compare(value, &place, findings),
            None if tag == Some(name.as_str()) => {}
            None => findings.push(json_fault(Code::JsonMemberUnknown, &place)),
        }
    }
    let missed = described
        .iter()
        .filter(|member| member.required && !members.contains_key(member.name));
    findings.extend(missed.map(|member| json_fault(Code::FieldMissing, &json_step(pointer, member.name))));
}

fn text_check(text: &str, most: u32, pointer: &str, findings: &mut Vec<Finding>) {
    if text.chars().count() > most as usize {
        findings.push(json_fault(Code::TextTooLong, pointer).expected(most.to_string()));
    }
    if text.contains('\0') {
        findings.push(json_fault(Code::TextControlCharacter, pointer));
    }
}

fn number_check(found: usize, (least, most): (u32, u32), pointer: &str, findings: &mut Vec<Finding>) {
    if !(least as usize..=most as usize).contains(&found) {
        let finding = json_fault(Code::JsonType, pointer).value(&found.to_string());
        let expected = match least {
            0 => format!("≤ {most}"),
            least => format!("{least} … {most}"),
        };
        findings.push(finding.expected(expected));
    }
}

/// Longest pointer that is told whole.
const POINTER_CHARS: usize = 512;

/// A fault at a place of a document; the pointer is also how people are told the place.
#[must_use]
pub fn json_fault(code: Code, pointer: &str) -> Finding {
    let mut finding = Finding::error(code).field(printable_excerpt(pointer));
    let whole = pointer.chars().count() <= POINTER_CHARS && !pointer.chars().any(char::is_control);
    finding.pointer = Some(if whole {
        pointer.to_owned()
    } else {
        printable_excerpt(pointer)
    });
    finding
}

/// One step further in a pointer (RFC 6901).
#[must_use]
pub fn json_step(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Tells nothing when one of the forms fits; otherwise the faults under the form that was meant.
fn alternative_compare(shapes: &[JsonShape], value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    let told = |shape: &JsonShape| {
        let mut told = Vec::new();
        shape.compare(value, pointer, &mut told);
        told
    };
    if shapes.iter().any(|shape| told(shape).is_empty()) {
        return;
    }
    let meant = shapes.iter().find(|shape| shape.resembles(value));
    findings.extend(meant.or(shapes.first()).map(told).into_iter().flatten());
}
