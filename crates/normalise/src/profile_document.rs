//! Reading a mapping profile from the text that somebody wrote: syntax, members that stand twice, form, codes.
//!
//! Every fault is told at once, each at its JSON pointer. Never accepts what the Rust type would not.

use crate::profile_shape::{PROFILE_SHAPE, fault, step};
use crate::{Codebook, MappingProfile};
use leleka_domain::{Code, Finding};
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// A profile as it was written, and as it is understood.
#[derive(Clone, Debug)]
pub struct ProfileDocument {
    /// What is used.
    pub profile: MappingProfile,
    /// What was written, with the version that was given to it.
    pub content: Value,
}

/// Reads a profile; the version is given, whatever the text says.
///
/// # Errors
/// Every fault of the text, in the order of the document.
pub fn profile_read(text: &[u8], version: u32, codebook: &Codebook) -> Result<ProfileDocument, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut content = document_read(text, &mut findings).map_err(|finding| vec![*finding])?;
    if let Some(members) = content.as_object_mut() {
        members.insert("version".to_owned(), Value::from(version));
    }
    PROFILE_SHAPE.compare(&content, "", &mut findings);
    match serde_json::from_value::<MappingProfile>(content.clone()) {
        Ok(profile) => {
            for finding in profile.check(codebook) {
                // What has not even the form was told already.
                if !findings.iter().any(|told| told.pointer == finding.pointer) {
                    findings.push(finding);
                }
            }
            if findings.is_empty() {
                return Ok(ProfileDocument { profile, content });
            }
        }
        Err(_) if findings.is_empty() => findings.push(fault(Code::JsonSyntax, "").expected("{…}")),
        Err(_) => {}
    }
    Err(findings)
}

fn document_read(text: &[u8], findings: &mut Vec<Finding>) -> Result<Value, Box<Finding>> {
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
            let pointer = step(&self.pointer, &name);
            if values.contains_key(&name) {
                self.findings.push(fault(Code::JsonDuplicateMember, &pointer));
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
