//! Numbering of data rows, and the findings that concern a whole row.

use crate::position::Position;
use leleka_domain::{Code, Finding, RowSink, Severity};

/// Counts data rows and stops at the limit.
#[derive(Debug)]
pub(crate) struct RowCount {
    /// Rows so far, faulty ones included.
    pub(crate) rows: u64,
    most: u64,
    past: bool,
}

impl RowCount {
    /// No row yet, at most so many.
    pub(crate) fn new(most: u64) -> Self {
        Self {
            rows: 0,
            most,
            past: false,
        }
    }

    /// Whether no further row will be taken.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= self.most
    }

    /// Whether the surplus was met and told.
    pub(crate) fn is_past(&self) -> bool {
        self.past
    }

    /// The number of the row on this line. `None` for rows over the limit; the first of them is told.
    pub(crate) fn take<S: RowSink>(&mut self, line: u64, sink: &mut S) -> Option<u64> {
        if !self.is_full() {
            self.rows += 1;
            return Some(self.rows);
        }
        if !self.past {
            self.past = true;
            let finding =
                Finding::new(Code::RowsTooMany, Severity::Fatal).at(self.rows.saturating_add(1), line);
            sink.finding(finding.expected(self.most.to_string()));
        }
        None
    }
}

/// Where a row of JSON stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowPlace {
    /// Data row, counted from 1.
    pub(crate) number: u64,
    /// Where its first byte stands.
    pub(crate) start: Position,
    /// Whether it is an element of `observations`; a line of NDJSON otherwise.
    pub(crate) in_document: bool,
}

impl RowPlace {
    /// A finding about the whole row. The object of a line has no pointer of its own.
    pub(crate) fn finding(self, code: Code) -> Finding {
        let mut finding = Finding::error(code).at(self.number, self.start.line);
        if self.in_document {
            finding.pointer = Some(self.pointer());
        }
        finding
    }

    /// A finding about one member, nested in `dimensions` or not.
    pub(crate) fn member_finding(self, code: Code, nested: bool, name: &str) -> Finding {
        let mut finding = self.finding(code).field(leleka_domain::printable_excerpt(name));
        let dimensions = if nested { "/dimensions" } else { "" };
        finding.pointer = Some(format!("{}{dimensions}{}", self.pointer(), pointer_step(name)));
        finding
    }

    fn pointer(self) -> String {
        if self.in_document {
            format!("/observations/{}", self.number.saturating_sub(1))
        } else {
            String::new()
        }
    }
}

/// A member's step of an RFC 6901 pointer; none for a name so long that it is no name.
pub(crate) fn pointer_step(name: &str) -> String {
    if name.len() > crate::members::NAME_BYTES {
        return String::new();
    }
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
