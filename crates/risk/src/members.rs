//! Reading the members of a JSON object one by one, so that every fault names its place.
//!
//! Unknown members are faults: a definition must not carry what nobody reads. Never stops at the first fault.

use crate::definition_fault::{DefinitionFault, structure_fault};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The members of one object that are still unread.
pub(crate) struct Members<'a> {
    pointer: String,
    unread: Map<String, Value>,
    faults: &'a mut Vec<DefinitionFault>,
}

impl<'a> Members<'a> {
    /// The members of this value; a fault when it is not an object.
    pub(crate) fn of(value: Value, pointer: &str, faults: &'a mut Vec<DefinitionFault>) -> Option<Self> {
        match value {
            Value::Object(unread) => Some(Self {
                pointer: pointer.to_owned(),
                unread,
                faults,
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                faults.push(DefinitionFault::new(
                    pointer,
                    "Тут має бути об'єкт JSON.",
                    "A JSON object belongs here.",
                ));
                None
            }
        }
    }

    /// The raw member, if present and not null.
    pub(crate) fn raw(&mut self, name: &str) -> Option<Value> {
        self.unread.remove(name).filter(|value| !value.is_null())
    }

    /// A member that must be there.
    pub(crate) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let Some(value) = self.raw(name) else {
            let pointer = self.place(name);
            self.faults.push(DefinitionFault::new(
                &pointer,
                "Цього члена бракує.",
                "This member is missing.",
            ));
            return None;
        };
        self.read(name, value)
    }

    /// A member that may be absent; `None` is a fault, `Some(None)` absence.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Option<Option<T>> {
        match self.raw(name) {
            None => Some(None),
            Some(value) => self.read(name, value).map(Some),
        }
    }

    fn read<T: DeserializeOwned>(&mut self, name: &str, value: Value) -> Option<T> {
        let pointer = self.place(name);
        serde_json::from_value(value)
            .map_err(|error| self.faults.push(structure_fault(&pointer, &error)))
            .ok()
    }

    /// A fault at this member.
    pub(crate) fn fault(&mut self, name: &str, uk: &str, en: &str) {
        let pointer = self.place(name);
        self.faults.push(DefinitionFault::new(&pointer, uk, en));
    }

    /// Where further faults go.
    pub(crate) fn faults(&mut self) -> &mut Vec<DefinitionFault> {
        self.faults
    }

    /// The place of a member, RFC 6901.
    pub(crate) fn place(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, escaped(name))
    }

    /// Every member that was not read is a fault.
    pub(crate) fn finish(self) {
        for name in self.unread.keys() {
            self.faults.push(DefinitionFault::new(
                &format!("{}/{}", self.pointer, escaped(name)),
                "Такого члена опис ризик-показника не має.",
                "A definition of a risk metric has no such member.",
            ));
        }
    }
}

/// A member name as a reference token of a JSON pointer.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
