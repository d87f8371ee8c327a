//! The package of a workbook, looked through before anybody reads it: a ZIP whose sizes may lie.
//!
//! Never believes a size that it did not count: each entry is inflated to its end under a ceiling, a ratio and a
//! limit for the sum, and nothing of it is kept. Only the plain layout is taken (one archive, no ZIP64, no
//! overlapping entries, nothing encrypted), so that no two readers can see different things in the same bytes.
//! The XML inside is looked through by [`crate::markup`]. Format: APPNOTE.TXT 6.3.10, ECMA-376 part 2.

use crate::markup::{MarkupFault, markup_check};
use flate2::{Decompress, FlushDecompress, Status};
use std::cell::Cell;
use std::io::{self, Read};

const END_BYTES: usize = 22;
const END_MAGIC: u32 = 0x0605_4b50;
const CENTRAL_BYTES: usize = 46;
const CENTRAL_MAGIC: u32 = 0x0201_4b50;
const LOCAL_BYTES: usize = 30;
const LOCAL_MAGIC: u32 = 0x0403_4b50;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ENCRYPTED: u16 = 1;

/// What a workbook may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageLimits {
    /// Entries of the archive. A workbook of 67 sheets has 211.
    pub entries: usize,
    /// Inflated bytes of all entries together.
    pub inflated_bytes: u64,
    /// Most bytes that come out of one byte of an entry. Sheets of figures stay below 20.
    pub ratio: u64,
    /// So many bytes may come out of an entry whatever the ratio.
    pub ratio_floor: u64,
}

impl Default for PackageLimits {
    fn default() -> Self {
        Self {
            entries: 2_000,
            inflated_bytes: 256 * 1024 * 1024,
            ratio: 100,
            ratio_floor: 1024 * 1024,
        }
    }
}

/// Why a package is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PackageFault {
    /// Parts of it contradict each other; the word says where.
    Damaged(&'static str),
    /// An entry is encrypted.
    Encrypted,
    /// There is no workbook in it.
    NotWorkbook,
    /// More entries than allowed.
    Entries,
    /// More inflated bytes than allowed.
    Inflated,
    /// An entry that becomes too many times larger.
    Ratio,
    /// More of a kind of element than any workbook has.
    Elements,
}

impl From<MarkupFault> for PackageFault {
    fn from(fault: MarkupFault) -> Self {
        match fault {
            MarkupFault::Malformed(word) => Self::Damaged(word),
            MarkupFault::TooMany => Self::Elements,
        }
    }
}

/// One entry, as the directory describes it.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    name: &'a [u8],
    method: u16,
    packed: &'a [u8],
    /// Where its local header begins, and where its data end.
    span: (usize, usize),
}

/// Looks through a package. An error says why it must not be opened.
pub(crate) fn package_check(bytes: &[u8], limits: PackageLimits) -> Result<(), PackageFault> {
    let entries = entries_read(bytes, limits)?;
    let is_workbook = |entry: &&Entry<'_>| entry.name.eq_ignore_ascii_case(b"[Content_Types].xml");
    if entries.iter().find(is_workbook).is_none() {
        return Err(PackageFault::NotWorkbook);
    }
    let total = Cell::new(0);
    for entry in &entries {
        let mut reader = EntryReader::new(*entry, limits, &total);
        let name = entry.name.to_ascii_lowercase();
        let relations = name.ends_with(b".rels");
        let checked = if relations || name.ends_with(b".xml") {
            markup_check(&mut reader, relations)
        } else {
            Ok(())
        };
        // What stopped the inflation is the cause of whatever the markup then seemed to be.
        let drained = io::copy(&mut reader, &mut io::sink());
        if let Some(fault) = reader.fault {
            return Err(fault);
        }
        checked?;
        drained.map_err(|_| PackageFault::Damaged("zip"))?;
    }
    Ok(())
}

fn entries_read(bytes: &[u8], limits: PackageLimits) -> Result<Vec<Entry<'_>>, PackageFault> {
    const DAMAGED: PackageFault = PackageFault::Damaged("zip");
    let end = end_find(bytes).ok_or(DAMAGED)?;
    let [disk, first_disk, here, all] = [4, 6, 8, 10].map(|offset| u16_at(bytes, end + offset));
    let (size, start) = (u32_at(bytes, end + 12), u32_at(bytes, end + 16));
    let count = usize::from(all.ok_or(DAMAGED)?);
    let start = start.ok_or(DAMAGED)? as usize;
    let whole = disk == Some(0) && first_disk == Some(0) && here == all;
    if !whole || start.checked_add(size.ok_or(DAMAGED)? as usize) != Some(end) {
        return Err(DAMAGED);
    }
    if count > limits.entries {
        return Err(PackageFault::Entries);
    }
    let mut entries = Vec::with_capacity(count);
    let mut at = start;
    for _ in 0..count {
        let (entry, next) = entry_read(bytes, at, start)?;
        entries.push(entry);
        at = next;
    }
    if at != end {
        return Err(DAMAGED);
    }
    let mut spans: Vec<_> = entries.iter().map(|entry| entry.span).collect();
    spans.sort_unstable();
    let mut pairs = spans.iter().zip(spans.iter().skip(1));
    if pairs.any(|((_, ends), (begins, _))| ends > begins) {
        return Err(DAMAGED);
    }
    Ok(entries)
}

/// The end record: the last one, with nothing behind its comment.
fn end_find(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END_BYTES)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let end = (first..=last)
        .rev()
        .find(|at| u32_at(bytes, *at) == Some(END_MAGIC))?;
    let comment = usize::from(u16_at(bytes, end + 20)?);
    (end + END_BYTES + comment == bytes.len()).then_some(end)
}

fn entry_read(bytes: &[u8], at: usize, directory: usize) -> Result<(Entry<'_>, usize), PackageFault> {
    const DAMAGED: PackageFault = PackageFault::Damaged("zip");
    if u32_at(bytes, at) != Some(CENTRAL_MAGIC) {
        return Err(DAMAGED);
    }
    let short = |offset: usize| u16_at(bytes, at + offset).ok_or(DAMAGED);
    let long = |offset: usize| u32_at(bytes, at + offset).ok_or(DAMAGED);
    if short(8)? & ENCRYPTED != 0 {
        return Err(PackageFault::Encrypted);
    }
    let method = short(10)?;
    if !matches!(method, STORED | DEFLATED) {
        return Err(DAMAGED);
    }
    let (packed, local) = (long(20)? as usize, long(42)? as usize);
    let [name_length, extra, comment] = [short(28)?, short(30)?, short(32)?].map(usize::from);
    let name_start = at + CENTRAL_BYTES;
    let name = bytes.get(name_start..name_start + name_length).ok_or(DAMAGED)?;
    if u32_at(bytes, local) != Some(LOCAL_MAGIC) {
        return Err(DAMAGED);
    }
    let local_name = usize::from(u16_at(bytes, local + 26).ok_or(DAMAGED)?);
    let local_extra = usize::from(u16_at(bytes, local + 28).ok_or(DAMAGED)?);
    let name_there = bytes.get(local + LOCAL_BYTES..local + LOCAL_BYTES + local_name);
    let data = local + LOCAL_BYTES + local_name + local_extra;
    let ends = data
        .checked_add(packed)
        .filter(|ends| *ends <= directory)
        .ok_or(DAMAGED)?;
    if name_there != Some(name) || u16_at(bytes, local + 8) != Some(method) {
        return Err(DAMAGED);
    }
    let entry = Entry {
        name,
        method,
        packed: bytes.get(data..ends).ok_or(DAMAGED)?,
        span: (local, ends),
    };
    Ok((entry, name_start + name_length + extra + comment))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    bytes.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    bytes.try_into().ok().map(u32::from_le_bytes)
}

/// An entry, inflated while it is counted.
struct EntryReader<'a> {
    packed: &'a [u8],
    packed_length: u64,
    deflate: Option<Decompress>,
    ended: bool,
    given: u64,
    total: &'a Cell<u64>,
    limits: PackageLimits,
    fault: Option<PackageFault>,
}

impl<'a> EntryReader<'a> {
    fn new(entry: Entry<'a>, limits: PackageLimits, total: &'a Cell<u64>) -> Self {
        Self {
            packed: entry.packed,
            packed_length: entry.packed.len() as u64,
            deflate: (entry.method == DEFLATED).then(|| Decompress::new(false)),
            ended: false,
            given: 0,
            total,
            limits,
            fault: None,
        }
    }

    fn count(&mut self, bytes: usize) -> Result<usize, PackageFault> {
        self.given += bytes as u64;
        self.total.set(self.total.get() + bytes as u64);
        let most = self.packed_length.saturating_mul(self.limits.ratio);
        if self.total.get() > self.limits.inflated_bytes {
            return Err(PackageFault::Inflated);
        }
        if self.given > self.limits.ratio_floor && self.given > most {
            return Err(PackageFault::Ratio);
        }
        Ok(bytes)
    }

    fn inflate(&mut self, buffer: &mut [u8]) -> Result<usize, PackageFault> {
        const DAMAGED: PackageFault = PackageFault::Damaged("zip");
        let Some(deflate) = &mut self.deflate else {
            let length = self.packed.len().min(buffer.len());
            let (now, rest) = self.packed.split_at_checked(length).ok_or(DAMAGED)?;
            if let Some(place) = buffer.get_mut(..length) {
                place.copy_from_slice(now);
            }
            self.packed = rest;
            return self.count(length);
        };
        while !self.ended {
            let (taken, given) = (deflate.total_in(), deflate.total_out());
            let status = deflate
                .decompress(self.packed, buffer, FlushDecompress::None)
                .map_err(|_| DAMAGED)?;
            let taken = usize::try_from(deflate.total_in() - taken).unwrap_or(usize::MAX);
            let given = usize::try_from(deflate.total_out() - given).unwrap_or(0);
            self.packed = self.packed.get(taken..).unwrap_or_default();
            self.ended = status == Status::StreamEnd;
            if self.ended && !self.packed.is_empty() {
                return Err(DAMAGED);
            }
            if given > 0 {
                return self.count(given);
            }
            if taken == 0 && !self.ended {
                return Err(DAMAGED);
            }
        }
        Ok(0)
    }
}

impl Read for EntryReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.fault.is_some() {
            return Ok(0);
        }
        self.inflate(buffer).map_err(|fault| {
            self.fault = Some(fault);
            io::Error::other("the entry is not read on")
        })
    }
}
