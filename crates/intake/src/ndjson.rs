//! NDJSON: one JSON object on each line.
//!
//! A faulty line is told and reading goes on with the next; blank lines are counted as lines only.

use crate::ReaderLimits;
use crate::carry::Carry;
use crate::object::ObjectReader;
use crate::position::Position;
use crate::rows::{RowCount, RowPlace};
use crate::value_scan::is_space;
use leleka_domain::{Code, RowSink};

/// Reads lines.
#[derive(Debug)]
pub(crate) struct NdjsonReader {
    line: u64,
    carry: Carry,
    count: RowCount,
    objects: ObjectReader,
    limits: ReaderLimits,
}

impl NdjsonReader {
    /// Before the first line.
    pub(crate) fn new(limits: ReaderLimits) -> Self {
        let mut carry = Carry::default();
        carry.begin(limits.row_bytes);
        Self {
            line: 1,
            carry,
            count: RowCount::new(limits.rows),
            objects: ObjectReader::new(limits, 1),
            limits,
        }
    }

    /// Takes the next bytes.
    pub(crate) fn feed<S: RowSink>(&mut self, bytes: &[u8], sink: &mut S) {
        let mut rest = bytes;
        while !self.count.is_past() {
            let Some(end) = memchr::memchr(b'\n', rest) else {
                self.carry.push(rest);
                return;
            };
            self.line_end(rest.get(..end).unwrap_or_default(), sink);
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }

    /// Takes the last line; says how many rows there were.
    pub(crate) fn finish<S: RowSink>(mut self, sink: &mut S) -> u64 {
        if !self.count.is_past() && !self.carry.is_empty() {
            self.line_end(&[], sink);
        }
        self.count.rows
    }

    fn line_end<S: RowSink>(&mut self, last: &[u8], sink: &mut S) {
        let line = self.line;
        self.line += 1;
        let whole = self.carry.whole(last);
        let blank = whole.is_some_and(|bytes| bytes.iter().all(|byte| is_space(*byte)));
        if !blank && let Some(number) = self.count.take(line, sink) {
            let start = Position { line, column: 0 };
            let place = RowPlace {
                number,
                start,
                in_document: false,
            };
            match whole {
                Some(bytes) => {
                    sink.raw(number, bytes);
                    self.objects.read(bytes, place, sink);
                }
                None => {
                    let most = self.limits.row_bytes.to_string();
                    sink.finding(place.finding(Code::RowTooLong).expected(most));
                }
            }
        }
        self.carry.begin(self.limits.row_bytes);
    }
}
