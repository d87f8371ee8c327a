//! One JSON object to one row: an element of `observations` or a line of NDJSON.
//!
//! Numbers keep their text exactly as sent; strings without escapes are borrowed. Members of the nested object
//! `dimensions` become columns of their own.

use crate::ReaderLimits;
use crate::cells::{is_too_long, recycled};
use crate::members::MemberColumns;
use crate::rows::RowPlace;
use crate::syntax::{offset_in, syntax_error_finding};
use crate::value_scan::nesting;
use leleka_domain::{Cell, CellKind, Code, ColumnOrigin, Finding, Row, RowSink};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Most faulty members told of one row: an object of thousands of equal names says nothing new.
const MOST_FAULTS: usize = 32;

/// Reads objects; keeps the columns between rows.
#[derive(Debug)]
pub(crate) struct ObjectReader {
    columns: MemberColumns,
    cells: Vec<Cell<'static>>,
    limits: ReaderLimits,
    /// Levels of nesting left below the row's own members.
    depth_left: usize,
}

impl ObjectReader {
    /// A reader of objects that stand so deep in what was sent, counted from 1.
    pub(crate) fn new(limits: ReaderLimits, depth: u8) -> Self {
        Self {
            columns: MemberColumns::default(),
            cells: Vec::new(),
            limits,
            depth_left: usize::from(limits.json_depth.saturating_sub(depth)),
        }
    }

    /// Reads one object and pushes its row, or the reason why there is none.
    pub(crate) fn read<S: RowSink>(&mut self, bytes: &[u8], place: RowPlace, sink: &mut S) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            sink.finding(place.finding(Code::EncodingInvalid).expected("UTF-8"));
            return;
        };
        let mut draft = Draft {
            columns: &mut self.columns,
            cells: std::mem::take(&mut self.cells),
            dimensions: None,
            faults: Vec::new(),
            likely: 0,
        };
        let read = draft.read(text).and_then(|()| draft.cells_decode(text));
        let Draft { cells, faults, .. } = draft;
        match read {
            Ok(()) => self.push(&cells, &faults, place, sink),
            Err(broken) => {
                self.columns.roll_back();
                sink.finding(broken.finding(text, place));
            }
        }
        self.cells = recycled(cells);
    }

    fn push<S: RowSink>(&mut self, cells: &[Cell<'_>], faults: &[Fault], place: RowPlace, sink: &mut S) {
        if let Some(finding) = self.too_deep(cells, place) {
            self.columns.roll_back();
            sink.finding(finding);
            return;
        }
        self.columns.announce(sink);
        for fault in faults {
            sink.finding(place.member_finding(fault.code, fault.nested, &fault.name));
        }
        for (index, cell) in cells.iter().enumerate() {
            if is_too_long(&cell.text, self.limits.cell_characters) {
                let (name, nested) = self.columns.name(index);
                let finding = place.member_finding(Code::TextTooLong, nested, name);
                sink.finding(finding.expected(self.limits.cell_characters.to_string()));
            }
        }
        let (number, line) = (place.number, place.start.line);
        sink.row(Row { number, line, cells });
    }

    fn too_deep(&self, cells: &[Cell<'_>], place: RowPlace) -> Option<Finding> {
        let mut others = cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| cell.kind == CellKind::Other);
        others.find_map(|(index, cell)| {
            let (name, nested) = self.columns.name(index);
            let left = self.depth_left.saturating_sub(usize::from(nested));
            (nesting(&cell.text) > left).then(|| {
                let finding = place.member_finding(Code::JsonSyntax, nested, name);
                finding.expected(format!("`{{` ≤ {}", self.limits.json_depth))
            })
        })
    }
}

/// A member that is told, while its row is still read.
struct Fault {
    code: Code,
    nested: bool,
    name: String,
}

/// Why an object is no row.
struct Broken {
    error: serde_json::Error,
    offset: usize,
}

impl Broken {
    fn finding(&self, text: &str, place: RowPlace) -> Finding {
        if self.error.is_data() {
            return place
                .finding(Code::JsonType)
                .value(text.trim())
                .expected("object");
        }
        let mut finding = syntax_error_finding(&self.error, place.start, text, self.offset);
        finding.row = Some(place.number);
        finding.pointer = place.finding(Code::JsonSyntax).pointer;
        finding
    }
}

/// A row while its members come in. Until it is decoded, each cell holds its value's raw text.
struct Draft<'d, 'c> {
    columns: &'c mut MemberColumns,
    cells: Vec<Cell<'d>>,
    dimensions: Option<&'d str>,
    faults: Vec<Fault>,
    likely: usize,
}

impl<'d> Draft<'d, '_> {
    fn read(&mut self, text: &'d str) -> Result<(), Broken> {
        self.members(text, ColumnOrigin::Member)
            .map_err(|error| Broken { error, offset: 0 })?;
        match self.dimensions {
            None => Ok(()),
            Some(nested) if nested.starts_with('{') => {
                let offset = offset_in(text, nested);
                self.members(nested, ColumnOrigin::Dimension)
                    .map_err(|error| Broken { error, offset })
            }
            Some(other) => {
                let key = self.key("dimensions", ColumnOrigin::Member);
                self.put(key, ColumnOrigin::Member, other);
                Ok(())
            }
        }
    }

    fn members(&mut self, text: &'d str, origin: ColumnOrigin) -> Result<(), serde_json::Error> {
        let mut source = serde_json::Deserializer::from_str(text);
        ObjectSeed { draft: self, origin }.deserialize(&mut source)?;
        source.end()
    }

    fn key(&mut self, name: &str, origin: ColumnOrigin) -> Key {
        match self.columns.index_of(self.likely, origin, name) {
            Some(index) => Key::Column(index),
            None => Key::Unlisted(name.to_owned()),
        }
    }

    fn put(&mut self, key: Key, origin: ColumnOrigin, raw: &'d str) {
        let nested = origin == ColumnOrigin::Dimension;
        match key {
            Key::Dimensions if self.dimensions.is_none() => self.dimensions = Some(raw),
            Key::Dimensions => self.fault(Code::JsonDuplicateMember, nested, "dimensions".to_owned()),
            Key::Unlisted(name) => self.fault(Code::JsonMemberUnknown, nested, name),
            Key::Column(index) => {
                self.likely = index + 1;
                if self.cells.len() <= index {
                    self.cells.resize(index + 1, Cell::ABSENT);
                }
                match self.cells.get_mut(index) {
                    Some(cell) if cell.kind == CellKind::Absent => {
                        *cell = Cell {
                            text: Cow::Borrowed(raw),
                            kind: CellKind::Other,
                        };
                    }
                    _ => {
                        let name = self.columns.name(index).0.to_owned();
                        self.fault(Code::JsonDuplicateMember, nested, name);
                    }
                }
            }
        }
    }

    fn fault(&mut self, code: Code, nested: bool, name: String) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault { code, nested, name });
        }
    }

    fn cells_decode(&mut self, text: &str) -> Result<(), Broken> {
        for cell in &mut self.cells {
            if let (CellKind::Other, Cow::Borrowed(raw)) = (cell.kind, &cell.text) {
                *cell = cell_decoded(raw).map_err(|error| Broken {
                    error,
                    offset: offset_in(text, raw),
                })?;
            }
        }
        Ok(())
    }
}

fn cell_decoded(raw: &str) -> Result<Cell<'_>, serde_json::Error> {
    let (text, kind) = match raw.as_bytes() {
        [b'"', inner @ .., b'"'] => {
            let plain = if memchr::memchr(b'\\', inner).is_none() {
                raw.get(1..raw.len() - 1)
            } else {
                None
            };
            let text = match plain {
                Some(plain) => Cow::Borrowed(plain),
                None => Cow::Owned(serde_json::from_str(raw)?),
            };
            (text, CellKind::Text)
        }
        [b'-' | b'0'..=b'9', ..] => (Cow::Borrowed(raw), CellKind::Number),
        b"null" => (Cow::Borrowed(""), CellKind::Null),
        _ => (Cow::Borrowed(raw), CellKind::Other),
    };
    Ok(Cell { text, kind })
}

/// What a member's name leads to.
enum Key {
    Column(usize),
    Dimensions,
    Unlisted(String),
}

struct ObjectSeed<'s, 'd, 'c> {
    draft: &'s mut Draft<'d, 'c>,
    origin: ColumnOrigin,
}

impl<'d> DeserializeSeed<'d> for ObjectSeed<'_, 'd, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'d>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_map(self)
    }
}

impl<'d> Visitor<'d> for ObjectSeed<'_, 'd, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { draft, origin } = self;
        while let Some(key) = map.next_key_seed(KeySeed { draft, origin })? {
            let raw: &'d RawValue = map.next_value()?;
            draft.put(key, origin, raw.get());
        }
        Ok(())
    }
}

struct KeySeed<'s, 'd, 'c> {
    draft: &'s mut Draft<'d, 'c>,
    origin: ColumnOrigin,
}

impl<'d> DeserializeSeed<'d> for KeySeed<'_, 'd, '_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'d>>(self, source: D) -> Result<Key, D::Error> {
        source.deserialize_str(self)
    }
}

impl<'d> Visitor<'d> for KeySeed<'_, 'd, '_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Key, E> {
        if self.origin == ColumnOrigin::Member && name == "dimensions" {
            return Ok(Key::Dimensions);
        }
        Ok(self.draft.key(name, self.origin))
    }
}
