//! Reading a JSON document that somebody wrote by hand: syntax, and members that stand twice.
//!
//! What may stand in it is said by [`crate::JsonShape`]. Never changes a value; of a member that stands twice the last
//! one is kept, and the finding says so.

use crate::json_compare::{json_fault, json_step};
use crate::{Code, Finding};
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a document; members that stand twice are added to the findings.
///
/// # Errors
/// The one finding that says where the text stops being JSON.
pub fn json_document_read(text: &[u8], findings: &mut Vec<Finding>) -> Result<Value, Box<Finding>> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let place = Place {
        pointer: String::new(),
        findings,
    };
    let read = place
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let mut finding = Finding::error(Code::JsonSyntax);
        finding.line = Some(error.line() as u64).filter(|line| *line > 0);
        Box::new(finding.expected(format!("{}:{}", error.line(), error.column())))
    })
}

/// A place of the document that is being read; tells members that stand twice, of which the last one counts.
struct Place<'f> {
    pointer: String,
    findings: &'f mut Vec<Finding>,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::from(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let pointer = format!("{}/{}", self.pointer, values.len());
            let place = Place {
                pointer,
                findings: &mut *self.findings,
            };
            match items.next_element_seed(place)? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let pointer = json_step(&self.pointer, &name);
            if values.contains_key(&name) {
                self.findings
                    .push(json_fault(Code::JsonDuplicateMember, &pointer));
            }
            let value = members.next_value_seed(Place {
                pointer,
                findings: &mut *self.findings,
            })?;
            values.insert(name, value);
        }
        Ok(Value::Object(values))
    }
}
