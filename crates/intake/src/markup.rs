//! The XML of a workbook, looked through before it is read: what a hostile file could use is refused here.
//!
//! Never keeps more than one tag. No document type and so no entities of the sender's making, depth and length
//! bounded, places of cells as a spreadsheet can have them, counts of things that readers keep in memory
//! bounded. The same XML library reads the file afterwards, so that both see the same tags.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

const DEPTH: usize = 32;
/// A cell holds at most 32,767 characters; no tag or text of a workbook is longer than this.
const EVENT_BYTES: usize = 1024 * 1024;

/// Elements of which a reader keeps something, and how many of them are believed.
const MOST_ELEMENTS: [(&str, u64); 13] = [
    ("si", 1_000_000),
    ("mergeCell", 100_000),
    ("xf", 100_000),
    ("font", 100_000),
    ("fill", 100_000),
    ("border", 100_000),
    ("numFmt", 100_000),
    ("dxf", 100_000),
    ("cellStyle", 100_000),
    ("definedName", 100_000),
    ("Relationship", 20_000),
    ("sheet", 10_000),
    ("row", 1_100_000),
];

/// Why a part is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkupFault {
    /// Not XML as workbooks have it; the word says what stood there.
    Malformed(&'static str),
    /// Too many of an element.
    TooMany,
}

/// Looks through one part.
pub(crate) fn markup_check(part: &mut impl Read, relations: bool) -> Result<(), MarkupFault> {
    let source = EventBound {
        inner: BufReader::new(part),
        left: EVENT_BYTES,
    };
    let mut reader = Reader::from_reader(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (mut depth, mut buffer) = (0_usize, Vec::new());
    loop {
        buffer.clear();
        reader.get_mut().left = EVENT_BYTES;
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|_| MarkupFault::Malformed("xml"))?;
        match event {
            Event::Eof => return Ok(()),
            Event::DocType(_) => return Err(MarkupFault::Malformed("DOCTYPE")),
            Event::Start(tag) => {
                depth += 1;
                if depth > DEPTH {
                    return Err(MarkupFault::Malformed("xml"));
                }
                tag_check(&tag, relations, &mut counts)?;
            }
            Event::Empty(tag) => tag_check(&tag, relations, &mut counts)?,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

fn tag_check(
    tag: &BytesStart<'_>,
    relations: bool,
    counts: &mut BTreeMap<&'static str, u64>,
) -> Result<(), MarkupFault> {
    let name = tag.local_name();
    let name: &str = name.as_ref();
    if let Some((counted, most)) = MOST_ELEMENTS.iter().find(|(counted, _)| *counted == name) {
        let count = counts.entry(counted).or_default();
        *count += 1;
        if *count > *most {
            return Err(MarkupFault::TooMany);
        }
    }
    let mut to_read = false;
    let mut target_is_xml = true;
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| MarkupFault::Malformed("xml"))?;
        let (key, value) = (attribute.key.local_name(), attribute.value.as_ref());
        let fits = match (name, key.as_ref()) {
            ("c" | "row", "r") => is_place(value),
            ("dimension" | "mergeCell" | "f", "ref") => is_range(value),
            ("sst", "uniqueCount") => value.parse().is_ok_and(|count: u64| count <= 1_000_000),
            ("Relationship", "Type") => {
                to_read |= ["/officeDocument", "/worksheet", "/chartsheet", "/dialogsheet"]
                    .iter()
                    .any(|kind| value.ends_with(kind));
                true
            }
            ("Relationship", "Target") => {
                target_is_xml = value.to_ascii_lowercase().ends_with(".xml") && !value.contains('&');
                true
            }
            _ => true,
        };
        if !fits {
            return Err(MarkupFault::Malformed("cell"));
        }
    }
    // A part under another name would be read without having been looked through.
    if relations && to_read && !target_is_xml {
        return Err(MarkupFault::Malformed("Relationship"));
    }
    Ok(())
}

/// `D7`, or `7` for a row: at most three letters and seven digits.
fn is_place(text: &str) -> bool {
    let digits = text.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let letters = text.len() - digits.len();
    letters <= 3 && (1..=7).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `D7`, or `A1:D7` from left to right and from top to bottom; several may follow each other.
fn is_range(text: &str) -> bool {
    text.split(' ').all(|range| {
        let (from, to) = range.split_once(':').unwrap_or((range, range));
        is_place(from) && is_place(to) && {
            let (from, to) = (place_numbers(from), place_numbers(to));
            from.0 <= to.0 && from.1 <= to.1
        }
    })
}

fn place_numbers(text: &str) -> (u32, u32) {
    let mut numbers = (0_u32, 0_u32);
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            numbers.1 = numbers.1 * 10 + u32::from(byte - b'0');
        } else {
            numbers.0 = numbers.0 * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1;
        }
    }
    numbers
}

/// Input that ends with an error when one tag or text takes too much of it.
struct EventBound<R> {
    inner: R,
    left: usize,
}

impl<R: Read> Read for EventBound<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: BufRead> BufRead for EventBound<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other("a tag or text is longer than any of a workbook"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
        self.inner.consume(bytes);
    }
}
