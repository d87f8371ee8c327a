//! The form of a JSON document as a table: from it come a published JSON Schema and the faults of form, each at its
//! JSON pointer (RFC 6901). JSON Schema draft 2020-12.
//!
//! Never looks at what a text means; that is judged by whoever reads the document.

use serde_json::{Map, Value, json};

/// Text without U+0000, which PostgreSQL cannot hold.
const ANY_TEXT: &str = "^[^\\u0000]*$";
/// Form of the names of free members.
pub(crate) const FREE_NAME: JsonShape = JsonShape::Text(500);

/// What may stand at a place.
#[derive(Debug)]
pub enum JsonShape {
    /// A text of at most so many characters.
    Text(u32),
    /// A text of a form: its pattern, its greatest length, and the same as a function.
    Form(&'static str, u32, fn(&str) -> bool),
    /// One of these words.
    Word(&'static [&'static str]),
    /// One character.
    Letter,
    /// `true` or `false`.
    Flag,
    /// A whole number between these.
    Count(u32, u32),
    /// Any number, between these where they are given.
    Number(Option<f64>, Option<f64>),
    /// A number above zero.
    Positive,
    /// A list of at most so many items.
    List(&'static JsonShape, u32),
    /// A list of at least and at most so many items.
    Several(&'static JsonShape, u32, u32),
    /// Free names, at most so many, each with this.
    Names(&'static JsonShape, u32),
    /// Described members and no others.
    Object(&'static [JsonMember]),
    /// Described members by the word of a member, which is the first name.
    Tagged(&'static str, &'static [JsonVariant]),
    /// One of these forms.
    Either(&'static [JsonShape]),
    /// This, or `null`.
    OrNull(&'static JsonShape),
    /// A form with a name, told by a function: it may contain itself.
    Named(&'static str, fn() -> JsonShape),
}

/// One member of an object.
#[derive(Debug)]
pub struct JsonMember {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// Its form.
    pub shape: JsonShape,
    /// What it says.
    pub about: &'static str,
}

/// One kind of a tagged object.
#[derive(Debug)]
pub struct JsonVariant {
    /// The word of its tag.
    pub word: &'static str,
    /// Its members beside the tag.
    pub members: &'static [JsonMember],
    /// What it is.
    pub about: &'static str,
}

/// A member that must be there.
#[must_use]
pub const fn json_must(name: &'static str, shape: JsonShape, about: &'static str) -> JsonMember {
    JsonMember {
        name,
        required: true,
        shape,
        about,
    }
}

/// A member that may be absent.
#[must_use]
pub const fn json_may(name: &'static str, shape: JsonShape, about: &'static str) -> JsonMember {
    JsonMember {
        name,
        required: false,
        shape,
        about,
    }
}

impl JsonShape {
    /// The JSON Schema of a document of this form: pretty, with a final newline, the same bytes every time.
    #[must_use]
    pub fn document_schema(&self, id: &str, title: &str, about: &str) -> String {
        let mut named = Map::new();
        let mut schema = self.schema(&mut named);
        if let Some(members) = schema.as_object_mut() {
            members.insert(
                "$schema".to_owned(),
                json!("https://json-schema.org/draft/2020-12/schema"),
            );
            members.insert("$id".to_owned(), json!(id));
            members.insert("title".to_owned(), json!(title));
            members.insert("description".to_owned(), json!(about));
            if !named.is_empty() {
                members.insert("$defs".to_owned(), Value::Object(named));
            }
        }
        let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text.push('\n');
        text
    }

    fn schema(&self, named: &mut Map<String, Value>) -> Value {
        match self {
            Self::Text(most) => json!({"type": "string", "maxLength": most, "pattern": ANY_TEXT}),
            Self::Form(pattern, most, _) => json!({"type": "string", "maxLength": most, "pattern": pattern}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Letter => json!({"type": "string", "minLength": 1, "maxLength": 1, "pattern": ANY_TEXT}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Count(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            Self::Number(least, most) => {
                let mut schema = Map::from_iter([("type".to_owned(), json!("number"))]);
                schema.extend(least.map(|least| ("minimum".to_owned(), json!(least))));
                schema.extend(most.map(|most| ("maximum".to_owned(), json!(most))));
                Value::Object(schema)
            }
            Self::Positive => json!({"type": "number", "exclusiveMinimum": 0}),
            Self::List(item, most) => {
                json!({"type": "array", "maxItems": most, "items": item.schema(named)})
            }
            Self::Several(item, least, most) => {
                json!({"type": "array", "minItems": least, "maxItems": most, "items": item.schema(named)})
            }
            Self::Names(value, most) => json!({
                "type": "object", "maxProperties": most,
                "propertyNames": FREE_NAME.schema(named), "additionalProperties": value.schema(named),
            }),
            Self::Object(members) => object_schema(members, None, named),
            Self::Tagged(tag, variants) => {
                let variants = variants
                    .iter()
                    .map(|variant| object_schema(variant.members, Some((tag, variant)), named));
                json!({"oneOf": variants.collect::<Vec<_>>()})
            }
            Self::Either(shapes) => {
                let shapes = shapes.iter().map(|shape| shape.schema(named));
                json!({"anyOf": shapes.collect::<Vec<_>>()})
            }
            Self::OrNull(shape) => json!({"oneOf": [shape.schema(named), {"type": "null"}]}),
            Self::Named(name, shape) => {
                if !named.contains_key(*name) {
                    // Marked as known first: the form may contain itself.
                    named.insert((*name).to_owned(), Value::Null);
                    let schema = shape().schema(named);
                    named.insert((*name).to_owned(), schema);
                }
                json!({"$ref": format!("#/$defs/{name}")})
            }
        }
    }
}

fn object_schema(
    members: &[JsonMember],
    tag: Option<(&str, &JsonVariant)>,
    named: &mut Map<String, Value>,
) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if let Some((tag, variant)) = tag {
        properties.insert(
            tag.to_owned(),
            json!({"const": variant.word, "description": variant.about}),
        );
        required.push(tag);
    }
    for member in members {
        let mut schema = member.shape.schema(named);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), json!(member.about));
        }
        properties.insert(member.name.to_owned(), schema);
    }
    required.extend(members.iter().filter(|it| it.required).map(|it| it.name));
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}
