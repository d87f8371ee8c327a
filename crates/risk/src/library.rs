//! Definitions that others may refer to by code and version, and the resolving of such references.
//!
//! A reference names one version, whose content never changes, so a result stays reproducible. Metrics that refer
//! to one another have the same key and frequency, and never rest on themselves.

use crate::definition::Definition;
use crate::definition_fault::DefinitionFault;
use crate::expression::{Node, Op};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most inputs of a metric together with those of the metrics it refers to.
pub const ALL_INPUT_LIMIT: usize = 64;

/// Published definitions by code and version.
#[derive(Clone, Debug, Default)]
pub struct Library(BTreeMap<(String, u32), Arc<Definition>>);

/// A document of a library that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadDefinition {
    /// Its place among the documents that were given.
    pub document: usize,
    /// What is wrong with it.
    pub faults: Vec<DefinitionFault>,
}

impl Library {
    /// Reads documents that may refer to one another, in whatever order they come.
    ///
    /// Beside the library come the documents that cannot be read: faulty ones, those that refer to them, and those
    /// that rest on themselves by way of others.
    #[must_use]
    pub fn read(documents: &[&str]) -> (Self, Vec<UnreadDefinition>) {
        let mut waiting: Vec<Written<'_>> = documents.iter().enumerate().map(Written::of).collect();
        let mut open: BTreeSet<(String, u32)> = waiting.iter().filter_map(|it| it.name.clone()).collect();
        let (mut library, mut unread) = (Self::default(), Vec::new());
        while !waiting.is_empty() {
            let (ready, rest): (Vec<_>, Vec<_>) = waiting
                .into_iter()
                .partition(|it| !it.references.iter().any(|(name, _)| open.contains(name)));
            if ready.is_empty() {
                unread.extend(rest.iter().map(|it| it.circular(&open)));
                break;
            }
            for written in ready {
                match Definition::parse_with(written.json, &library) {
                    Ok(definition) => library.insert(definition),
                    Err(faults) => unread.push(UnreadDefinition {
                        document: written.document,
                        faults,
                    }),
                }
                if let Some(name) = &written.name {
                    open.remove(name);
                }
            }
            waiting = rest;
        }
        (library, unread)
    }

    /// Adds a definition.
    pub fn insert(&mut self, definition: Definition) {
        let name = (definition.code.clone(), definition.version);
        self.0.insert(name, Arc::new(definition));
    }

    /// One version of a definition.
    #[must_use]
    pub fn find(&self, code: &str, version: u32) -> Option<&Arc<Definition>> {
        self.0.get(&(code.to_owned(), version))
    }

    /// Every definition, by code and version.
    pub fn definitions(&self) -> impl Iterator<Item = &Arc<Definition>> {
        self.0.values()
    }
}

/// A document, with what it says of itself before it is read.
struct Written<'t> {
    document: usize,
    json: &'t str,
    name: Option<(String, u32)>,
    references: Vec<((String, u32), String)>,
}

impl<'t> Written<'t> {
    fn of((document, json): (usize, &&'t str)) -> Self {
        let value: Value = serde_json::from_str(json).unwrap_or(Value::Null);
        let mut references = Vec::new();
        if let Some(expr) = value.get("expr") {
            written_references(expr, "/expr".to_owned(), &mut references);
        }
        Self {
            document,
            json,
            name: written_name(&value),
            references,
        }
    }

    fn circular(&self, open: &BTreeSet<(String, u32)>) -> UnreadDefinition {
        let within = self.references.iter().filter(|(name, _)| open.contains(name));
        UnreadDefinition {
            document: self.document,
            faults: within.map(|(_, pointer)| circular(pointer)).collect(),
        }
    }
}

fn written_name(value: &Value) -> Option<(String, u32)> {
    let code = value.get("code")?.as_str()?.to_owned();
    Some((code, u32::try_from(value.get("version")?.as_u64()?).ok()?))
}

fn written_references(value: &Value, pointer: String, found: &mut Vec<((String, u32), String)>) {
    match value {
        Value::Object(members) => {
            let is_reference = value.get("op").is_some_and(|op| op == "metric");
            found.extend(
                written_name(value)
                    .filter(|_| is_reference)
                    .map(|name| (name, pointer.clone())),
            );
            for (name, member) in members {
                let pointer = format!("{pointer}/{}", crate::members::escaped(name));
                written_references(member, pointer, found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                written_references(item, format!("{pointer}/{at}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn circular(pointer: &str) -> DefinitionFault {
    DefinitionFault::new(
        pointer,
        "Показник не може спиратися на себе, навіть через інші.",
        "A metric cannot rest on itself, not even by way of others.",
    )
}

/// How a metric is called among those that another refers to.
pub(crate) fn label(code: &str, version: u32) -> String {
    format!("{code}/{version}")
}

/// How an input of a metric is called among the inputs of one that refers to it.
pub(crate) fn qualified(label: &str, input: &str) -> String {
    format!("{label}:{input}")
}

/// Finds the metrics that a definition refers to, and takes over their inputs.
pub(crate) fn resolve(definition: &mut Definition, library: &Library, faults: &mut Vec<DefinitionFault>) {
    let mut found = BTreeMap::new();
    let mut open: Vec<&Node> = vec![&definition.expression];
    while let Some(node) = open.pop() {
        open.extend(node.op.operands().into_iter().map(|operand| &**operand));
        let Op::Metric { code, version, .. } = &node.op else {
            continue;
        };
        if (code, version) == (&definition.code, &definition.version) {
            faults.push(circular(&node.pointer));
            continue;
        }
        let Some(of) = library.find(code, *version) else {
            faults.push(DefinitionFault::new(
                &node.pointer,
                &format!("Опублікованого показника {code} версії {version} немає."),
                &format!("There is no published metric {code} of version {version}."),
            ));
            continue;
        };
        let by = |definition: &Definition| definition.by.iter().cloned().collect::<BTreeSet<String>>();
        if by(of) != by(definition) || of.frequency != definition.frequency {
            faults.push(DefinitionFault::new(
                &node.pointer,
                &format!("Показник {code} має інший ключ або іншу частоту."),
                &format!("The metric {code} has another key or another frequency."),
            ));
            continue;
        }
        found.insert(label(code, *version), Arc::clone(of));
    }
    for (label, of) in &found {
        let inputs = of.inputs.iter();
        let inputs = inputs.map(|(name, input)| (qualified(label, name), input.clone()));
        definition.inputs.extend(inputs);
    }
    if definition.inputs.len() > ALL_INPUT_LIMIT {
        faults.push(DefinitionFault::new(
            "/expr",
            &format!("Разом із показниками, на які він посилається, понад {ALL_INPUT_LIMIT} входів."),
            &format!("With the metrics that it refers to it has more than {ALL_INPUT_LIMIT} inputs."),
        ));
    }
    definition.metrics = found;
}
