//! The form of a mapping profile as a table: from it come the published JSON Schema and the faults of form, each at
//! its JSON pointer. A test holds the table against the Rust type, so that neither can grow alone.
//!
//! Never looks at codes: what a text means is judged by `profile_check`. JSON Schema draft 2020-12.

use crate::profile_members::{LABEL, PROFILE};
use leleka_domain::{Code, Finding, printable_excerpt};
use serde_json::{Map, Value, json};

/// Where the published schema says it is.
const SCHEMA_ID: &str = "urn:leleka:schema:mapping-profile:1";
/// Text without U+0000, which PostgreSQL cannot hold.
const ANY_TEXT: &str = "^[^\\u0000]*$";
/// A code that names a profile.
pub(crate) const CODE_PATTERN: &str = "^[A-Z][A-Z0-9_]{1,63}$";

/// What may stand at a place.
pub(crate) enum Shape {
    /// A text of at most so many characters.
    Text(u32),
    /// The code of the profile.
    Code,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One character.
    Letter,
    /// `true` or `false`.
    Flag,
    /// A whole number between these.
    Count(u32, u32),
    /// A list of at most so many items.
    List(&'static Shape, u32),
    /// Free names, at most so many, each with this.
    Names(&'static Shape, u32),
    /// Described members and no others.
    Object(&'static [Member]),
    /// This, or `null`.
    OrNull(&'static Shape),
}

/// One member of an object.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    required: bool,
    pub(crate) shape: Shape,
    about: &'static str,
}

pub(crate) const fn must(name: &'static str, shape: Shape, about: &'static str) -> Member {
    Member {
        name,
        required: true,
        shape,
        about,
    }
}

pub(crate) const fn may(name: &'static str, shape: Shape, about: &'static str) -> Member {
    Member {
        name,
        required: false,
        shape,
        about,
    }
}

/// The form of a whole profile.
pub(crate) const PROFILE_SHAPE: Shape = Shape::Object(PROFILE);

/// The published JSON Schema of mapping profiles: pretty, with a final newline, the same bytes every time.
#[must_use]
pub fn profile_schema() -> String {
    let mut schema = PROFILE_SHAPE.schema();
    if let Some(members) = schema.as_object_mut() {
        members.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        members.insert("$id".to_owned(), json!(SCHEMA_ID));
        members.insert("title".to_owned(), json!("Mapping profile of Leleka, version 1"));
        let about = "How the files of one body become observations, as data. The form only: whether the codes exist is checked by the service.";
        members.insert("description".to_owned(), json!(about));
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

impl Shape {
    fn schema(&self) -> Value {
        match self {
            Self::Text(most) => json!({"type": "string", "maxLength": most, "pattern": ANY_TEXT}),
            Self::Code => json!({"type": "string", "maxLength": 64, "pattern": CODE_PATTERN}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Letter => json!({"type": "string", "minLength": 1, "maxLength": 1, "pattern": ANY_TEXT}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Count(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            Self::List(item, most) => json!({"type": "array", "maxItems": most, "items": item.schema()}),
            Self::Names(value, most) => json!({
                "type": "object", "maxProperties": most,
                "propertyNames": LABEL.schema(), "additionalProperties": value.schema(),
            }),
            Self::Object(members) => {
                let properties: Map<String, Value> = members
                    .iter()
                    .map(|member| {
                        let mut schema = member.shape.schema();
                        if let Some(schema) = schema.as_object_mut() {
                            schema.insert("description".to_owned(), json!(member.about));
                        }
                        (member.name.to_owned(), schema)
                    })
                    .collect();
                let required: Vec<&str> = members
                    .iter()
                    .filter(|member| member.required)
                    .map(|member| member.name)
                    .collect();
                json!({
                    "type": "object", "properties": properties, "required": required,
                    "additionalProperties": false,
                })
            }
            Self::OrNull(shape) => json!({"oneOf": [shape.schema(), {"type": "null"}]}),
        }
    }

    /// Tells every place of a document that does not have its form.
    pub(crate) fn compare(&self, value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
        match (self, value) {
            (Self::OrNull(_), Value::Null) | (Self::Flag, Value::Bool(_)) => {}
            (Self::OrNull(shape), value) => shape.compare(value, pointer, findings),
            (Self::Text(most), Value::String(text)) => text_check(text, *most, pointer, findings),
            (Self::Code, Value::String(text)) if is_code(text) => {}
            (Self::Word(words), Value::String(text)) if words.contains(&text.as_str()) => {}
            (Self::Letter, Value::String(text)) if text.chars().count() == 1 => {
                text_check(text, 1, pointer, findings);
            }
            (Self::Count(least, most), Value::Number(number))
                if number
                    .as_u64()
                    .is_some_and(|number| (u64::from(*least)..=u64::from(*most)).contains(&number)) => {}
            (Self::List(item, most), Value::Array(values)) => {
                number_check(values.len(), *most, pointer, findings);
                for (index, value) in values.iter().enumerate() {
                    item.compare(value, &format!("{pointer}/{index}"), findings);
                }
            }
            (Self::Names(shape, most), Value::Object(members)) => {
                number_check(members.len(), *most, pointer, findings);
                for (name, value) in members {
                    let place = step(pointer, name);
                    LABEL.compare(&Value::from(name.as_str()), &place, findings);
                    shape.compare(value, &place, findings);
                }
            }
            (Self::Object(described), Value::Object(members)) => {
                members_compare(described, members, pointer, findings);
            }
            (shape, value) => {
                let found = fault(Code::JsonType, pointer).value(&value.to_string());
                findings.push(found.expected(shape.word()));
            }
        }
    }

    /// What is needed, in a few words that need no translation.
    fn word(&self) -> String {
        match self {
            Self::Text(_) => "\"…\"".to_owned(),
            Self::Code => CODE_PATTERN.to_owned(),
            Self::Word(words) => words.join(" | "),
            Self::Letter => "\"x\"".to_owned(),
            Self::Flag => "true | false".to_owned(),
            Self::Count(least, most) => format!("{least} … {most}"),
            Self::List(..) => "[…]".to_owned(),
            Self::Names(..) | Self::Object(_) => "{…}".to_owned(),
            Self::OrNull(shape) => format!("{} | null", shape.word()),
        }
    }
}

fn members_compare(
    described: &[Member],
    members: &Map<String, Value>,
    pointer: &str,
    findings: &mut Vec<Finding>,
) {
    for (name, value) in members {
        let place = step(pointer, name);
        match described.iter().find(|member| member.name == name) {
            Some(member) => member.shape.compare(value, &place, findings),
            None => findings.push(fault(Code::JsonMemberUnknown, &place)),
        }
    }
    let missed = described
        .iter()
        .filter(|member| member.required && !members.contains_key(member.name));
    findings.extend(missed.map(|member| fault(Code::FieldMissing, &step(pointer, member.name))));
}

fn text_check(text: &str, most: u32, pointer: &str, findings: &mut Vec<Finding>) {
    if text.chars().count() > most as usize {
        findings.push(fault(Code::TextTooLong, pointer).expected(most.to_string()));
    }
    if text.contains('\0') {
        findings.push(fault(Code::TextControlCharacter, pointer));
    }
}

fn number_check(found: usize, most: u32, pointer: &str, findings: &mut Vec<Finding>) {
    if found > most as usize {
        let finding = fault(Code::JsonType, pointer).value(&found.to_string());
        findings.push(finding.expected(format!("≤ {most}")));
    }
}

fn is_code(text: &str) -> bool {
    let mut bytes = text.bytes();
    (2..=64).contains(&text.len())
        && bytes.next().is_some_and(|byte| byte.is_ascii_uppercase())
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Longest pointer that is told whole.
const POINTER_CHARS: usize = 512;

/// A fault at a place of the document; the pointer is also how people are told the place.
pub(crate) fn fault(code: Code, pointer: &str) -> Finding {
    let mut finding = Finding::error(code).field(printable_excerpt(pointer));
    let whole = pointer.chars().count() <= POINTER_CHARS && !pointer.chars().any(char::is_control);
    finding.pointer = Some(if whole {
        pointer.to_owned()
    } else {
        printable_excerpt(pointer)
    });
    finding
}

/// One step further (RFC 6901).
pub(crate) fn step(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
