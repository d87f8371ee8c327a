//! Delimited text to records: RFC 4180 with any delimiter, over as many chunks as it takes.
//!
//! Lines are counted here, and blank lines kept apart, because the splitting below does neither the way a
//! person counts lines in an editor. Never holds more than one record of the allowed length.

use crate::position::LineCount;
use csv_core::ReadRecordResult;
use std::borrow::Cow;

const FIRST_BYTES: usize = 4096;
const FIRST_CELLS: usize = 64;

/// What the input led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// The input is used up.
    InputUsed,
    /// An empty line.
    BlankLine,
    /// A record, beginning on this line.
    Record(u64),
    /// A record, beginning on this line, of more bytes or cells than allowed.
    TooLong(u64),
}

/// Splits records.
#[derive(Debug)]
pub(crate) struct RecordSplitter {
    core: csv_core::Reader,
    most_bytes: usize,
    bytes: Vec<u8>,
    bytes_used: usize,
    ends: Vec<usize>,
    ends_used: usize,
    lines: LineCount,
    /// Line on which the record now being read begins.
    open_since: Option<u64>,
    too_long: bool,
}

impl RecordSplitter {
    /// Before the first byte.
    pub(crate) fn new(delimiter: u8, most_bytes: usize) -> Self {
        let mut core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        // Past its first byte the splitter no longer looks for a byte order mark, which is not its work.
        let _ = core.read_record(b"\n", &mut [0], &mut [0]);
        Self {
            core,
            most_bytes,
            bytes: vec![0; FIRST_BYTES.min(most_bytes.saturating_add(1))],
            bytes_used: 0,
            ends: vec![0; FIRST_CELLS.min(most_bytes.saturating_add(1))],
            ends_used: 0,
            lines: LineCount::START,
            open_since: None,
            too_long: false,
        }
    }

    /// The line of the next byte.
    pub(crate) fn line(&self) -> u64 {
        self.lines.line
    }

    /// Takes bytes from the front of the input up to the end of a record.
    pub(crate) fn split(&mut self, input: &mut &[u8]) -> Split {
        let started = match self.open_since {
            Some(line) => line,
            None => match self.record_begin(input) {
                Ok(line) => line,
                Err(split) => return split,
            },
        };
        while !input.is_empty() {
            self.room_make();
            let bytes = self.bytes.get_mut(self.bytes_used..).unwrap_or_default();
            let ends = self.ends.get_mut(self.ends_used..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(input, bytes, ends);
            let (passed, rest) = input.split_at_checked(read).unwrap_or((input, &[]));
            self.lines.pass(passed);
            *input = rest;
            self.bytes_used += written;
            self.ends_used += ended;
            if result == ReadRecordResult::Record {
                self.open_since = None;
                let too_long = self.too_long || self.bytes_used > self.most_bytes;
                return if too_long {
                    Split::TooLong(started)
                } else {
                    Split::Record(started)
                };
            }
        }
        Split::InputUsed
    }

    /// Ends the input: the last record if no line break follows it. `Err` with the line of a record in which a
    /// quotation mark was opened and never closed.
    pub(crate) fn finish(&mut self) -> Result<Split, u64> {
        let Some(line) = self.open_since else {
            return Ok(Split::InputUsed);
        };
        // Outside quotation marks a line break ends the record; inside it is one more character.
        match self.split(&mut b"\n".as_slice()) {
            Split::InputUsed => Err(line),
            split @ (Split::BlankLine | Split::Record(_) | Split::TooLong(_)) => Ok(split),
        }
    }

    /// The record just split.
    pub(crate) fn record(&self) -> Record<'_> {
        let bytes = self.bytes.get(..self.bytes_used).unwrap_or_default();
        Record {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            ends: self.ends.get(..self.ends_used).unwrap_or_default(),
        }
    }

    fn record_begin(&mut self, input: &mut &[u8]) -> Result<u64, Split> {
        if self.lines.after_cr
            && let Some(rest) = input.strip_prefix(b"\n")
        {
            self.lines.pass(b"\n");
            *input = rest;
        }
        match input.split_first() {
            None => Err(Split::InputUsed),
            Some((b'\r' | b'\n', rest)) => {
                let (line_break, _) = input.split_at_checked(1).unwrap_or_default();
                self.lines.pass(line_break);
                *input = rest;
                Err(Split::BlankLine)
            }
            Some(_) => {
                (self.bytes_used, self.ends_used, self.too_long) = (0, 0, false);
                self.open_since = Some(self.lines.line);
                Ok(self.lines.line)
            }
        }
    }

    /// Makes room for at least one byte and one cell: by growing up to the limit, past it by forgetting.
    fn room_make(&mut self) {
        let most = self.most_bytes.saturating_add(1);
        for (length, used) in [
            (self.bytes.len(), &mut self.bytes_used),
            (self.ends.len(), &mut self.ends_used),
        ] {
            if length >= most && *used >= length {
                self.too_long = true;
                *used = 0;
            }
        }
        if self.bytes_used >= self.bytes.len() {
            self.bytes.resize((self.bytes.len() * 2).min(most), 0);
        }
        if self.ends_used >= self.ends.len() {
            self.ends.resize((self.ends.len() * 2).min(most), 0);
        }
    }
}

/// A record: its cells one after another, unquoted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    bytes: &'a [u8],
    text: Option<&'a str>,
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// Line breaks inside the record in front of its first byte that is not UTF-8; `None` if there is none.
    pub(crate) fn malformed_after(&self) -> Option<u64> {
        let error = std::str::from_utf8(self.bytes).err()?;
        let mut lines = LineCount::START;
        lines.pass(self.bytes.get(..error.valid_up_to()).unwrap_or_default());
        Some(lines.line - LineCount::START.line)
    }

    /// Whether all of it is UTF-8.
    pub(crate) fn is_text(&self) -> bool {
        self.text.is_some()
    }

    /// Its cells; U+FFFD stands for what is not UTF-8.
    pub(crate) fn cells(&self) -> impl ExactSizeIterator<Item = Cow<'a, str>> + use<'a> {
        let Self { bytes, text, ends } = *self;
        let mut start = 0;
        ends.iter().map(move |end| {
            let cell = std::mem::replace(&mut start, *end)..*end;
            match text.and_then(|text| text.get(cell.clone())) {
                Some(text) => Cow::Borrowed(text),
                None => String::from_utf8_lossy(bytes.get(cell).unwrap_or_default()),
            }
        })
    }
}
