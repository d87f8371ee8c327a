//! A JSON document: one object whose member `observations` holds the rows.
//!
//! Frames the document while it arrives and hands each element over as soon as it is whole; the order of
//! members does not matter. A missing or surplus comma between elements is told and reading goes on; any other
//! fault of the frame ends it, because what follows cannot be told apart.

use crate::ReaderLimits;
use crate::carry::Carry;
use crate::envelope::{Envelope, EnvelopeReader, Wanted};
use crate::object::ObjectReader;
use crate::position::Position;
use crate::rows::{RowCount, RowPlace};
use crate::syntax::syntax_finding;
use crate::value_scan::{ValueScan, begins_value, is_space};
use leleka_domain::{Code, Finding, RowSink, Severity};

/// A place in the frame where single bytes decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    Start,
    FirstName,
    NextName,
    Colon,
    Value,
    MemberEnd,
    FirstElement,
    NextElement,
    ElementEnd,
    End,
}

impl Gap {
    fn wanted(self) -> &'static str {
        match self {
            Self::Start => "`{`",
            Self::FirstName => "`\"` | `}`",
            Self::NextName => "`\"`",
            Self::Colon => "`:`",
            Self::Value => "`\"…\"` | `[`",
            Self::MemberEnd => "`,` | `}`",
            Self::FirstElement => "`{` | `]`",
            Self::NextElement => "`{`",
            Self::ElementEnd => "`,` | `]`",
            Self::End => "∅",
        }
    }
}

/// A piece that is collected whole.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Name,
    Value,
    Element,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Between(Gap),
    Within(Piece),
    Broken,
}

/// Reads one document.
#[derive(Debug)]
pub(crate) struct DocumentReader {
    state: State,
    position: Position,
    start: Position,
    scan: ValueScan,
    carry: Carry,
    wanted: Wanted,
    gap_told: bool,
    envelope: EnvelopeReader,
    objects: ObjectReader,
    count: RowCount,
    limits: ReaderLimits,
}

impl DocumentReader {
    /// Before the first byte.
    pub(crate) fn new(limits: ReaderLimits) -> Self {
        Self {
            state: State::Between(Gap::Start),
            position: Position::START,
            start: Position::START,
            scan: ValueScan::default(),
            carry: Carry::default(),
            wanted: Wanted::Nothing,
            gap_told: false,
            envelope: EnvelopeReader::new(),
            // The document, its array, the element.
            objects: ObjectReader::new(limits, 3),
            count: RowCount::new(limits.rows),
            limits,
        }
    }

    /// Takes the next bytes.
    pub(crate) fn feed<S: RowSink>(&mut self, bytes: &[u8], sink: &mut S) {
        let mut rest = bytes;
        while let Some(byte) = rest.first() {
            let used = match self.state {
                State::Broken => return,
                State::Between(_) if is_space(*byte) => 1,
                State::Between(gap) => self.byte_read(gap, *byte, sink),
                State::Within(piece) => self.piece_read(piece, rest, sink),
            };
            let (passed, next) = rest.split_at_checked(used).unwrap_or((rest, &[]));
            self.position.pass(passed);
            rest = next;
        }
    }

    /// Ends the document: the number of rows, and the envelope if the document was whole.
    pub(crate) fn finish<S: RowSink>(mut self, sink: &mut S) -> (u64, Option<Envelope>) {
        let wanted = match self.state {
            State::Between(Gap::End) => {
                let rows = self.count.rows;
                return (rows, self.envelope.finish(self.position, sink));
            }
            State::Broken => return (self.count.rows, None),
            State::Between(gap) => gap.wanted(),
            State::Within(Piece::Name) => "`\"`",
            State::Within(Piece::Value) => Gap::MemberEnd.wanted(),
            State::Within(Piece::Element) => Gap::ElementEnd.wanted(),
        };
        self.break_off(wanted, sink);
        (self.count.rows, None)
    }

    /// Takes one byte between pieces; says how many bytes were used: none when it begins a piece.
    fn byte_read<S: RowSink>(&mut self, gap: Gap, byte: u8, sink: &mut S) -> usize {
        let next = match (gap, byte) {
            (Gap::Start, b'{') => Gap::FirstName,
            (Gap::FirstName | Gap::NextName, b'"') => {
                return self.begin(Piece::Name, byte, self.envelope.bytes_left());
            }
            (Gap::FirstName | Gap::MemberEnd, b'}') => Gap::End,
            (Gap::MemberEnd, b',') => Gap::NextName,
            (Gap::Colon, b':') => Gap::Value,
            (Gap::Value, b'[') if self.wanted == Wanted::Rows => Gap::FirstElement,
            (Gap::Value, _) if begins_value(byte) => {
                let most = if self.wanted == Wanted::Nothing {
                    0
                } else {
                    self.envelope.bytes_left()
                };
                return self.begin(Piece::Value, byte, most);
            }
            (Gap::FirstElement | Gap::NextElement | Gap::ElementEnd, b']') => {
                if gap == Gap::NextElement {
                    self.comma_told(gap.wanted(), sink);
                }
                Gap::MemberEnd
            }
            (Gap::FirstElement | Gap::NextElement, b',') => {
                self.comma_told(gap.wanted(), sink);
                Gap::NextElement
            }
            (Gap::ElementEnd, b',') => Gap::NextElement,
            (Gap::FirstElement | Gap::NextElement | Gap::ElementEnd, _) if begins_value(byte) => {
                if gap == Gap::ElementEnd {
                    self.comma_told(gap.wanted(), sink);
                }
                self.gap_told = false;
                let most = if self.count.is_full() {
                    0
                } else {
                    self.limits.row_bytes
                };
                return self.begin(Piece::Element, byte, most);
            }
            _ => {
                self.break_off(gap.wanted(), sink);
                return 1;
            }
        };
        self.state = State::Between(next);
        1
    }

    fn begin(&mut self, piece: Piece, byte: u8, most: usize) -> usize {
        self.state = State::Within(piece);
        self.start = self.position;
        self.scan = ValueScan::beginning_with(byte);
        self.carry.begin(most);
        0
    }

    /// Takes what belongs to the piece; says how many bytes that was.
    fn piece_read<S: RowSink>(&mut self, piece: Piece, bytes: &[u8], sink: &mut S) -> usize {
        let Some(end) = self.scan.end_in(bytes) else {
            self.carry.push(bytes);
            return bytes.len();
        };
        let mut carry = std::mem::take(&mut self.carry);
        let whole = carry.whole(bytes.get(..end).unwrap_or(bytes));
        self.state = match piece {
            Piece::Name => match self.envelope.name_read(whole, self.start, sink) {
                Some(wanted) => {
                    self.wanted = wanted;
                    State::Between(Gap::Colon)
                }
                None => State::Broken,
            },
            Piece::Value => {
                if self.wanted != Wanted::Nothing {
                    self.envelope.member_read(whole, self.start, sink);
                }
                State::Between(Gap::MemberEnd)
            }
            Piece::Element => {
                self.element_read(whole, sink);
                State::Between(Gap::ElementEnd)
            }
        };
        self.carry = carry;
        end
    }

    fn element_read<S: RowSink>(&mut self, whole: Option<&[u8]>, sink: &mut S) {
        let start = self.start;
        let Some(number) = self.count.take(start.line, sink) else {
            return;
        };
        let place = RowPlace {
            number,
            start,
            in_document: true,
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

    /// Tells of a missing or surplus comma, once between two elements.
    fn comma_told<S: RowSink>(&mut self, wanted: &str, sink: &mut S) {
        if !self.gap_told && !self.count.is_past() {
            self.gap_told = true;
            sink.finding(syntax_finding(self.position, wanted));
        }
    }

    fn break_off<S: RowSink>(&mut self, wanted: &str, sink: &mut S) {
        self.state = State::Broken;
        let finding = syntax_finding(self.position, wanted);
        sink.finding(Finding {
            severity: Severity::Fatal,
            ..finding
        });
    }
}
