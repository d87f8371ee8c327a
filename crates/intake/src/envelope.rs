//! The members of a JSON submission beside its observations.
//!
//! Whether their values make sense is judged later; here they are strings and a flag, each given once, none unknown.

use crate::position::Position;
use crate::rows::pointer_step;
use crate::syntax::syntax_error_finding;
use leleka_domain::{Code, Explanation, Finding, RowSink, printable_excerpt};
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

/// The member that holds the rows.
pub(crate) const OBSERVATIONS: &str = "observations";
/// The one other member that is an array.
const EXPLANATIONS: &str = "explanations";
/// The one member that is a flag.
const NIL_REPORT: &str = "nil_report";

/// Most bytes of names and values beside the observations.
const ENVELOPE_BYTES: usize = 64 * 1024;

/// What a JSON document says about itself. Every member is optional here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Dataflow code.
    pub dataflow: Option<String>,
    /// `original` or `correction`, unchecked.
    pub kind: Option<String>,
    /// Identifier of the submission that this one corrects.
    pub supersedes: Option<String>,
    /// What a correction does with what it does not hold, unchecked.
    pub mode: Option<String>,
    /// The state that a correction was made from, unchecked.
    pub if_match: Option<String>,
    /// Whether there is nothing to report.
    pub nil_report: Option<bool>,
    /// The period of a report of nothing, unchecked.
    pub period: Option<String>,
    /// Reason of a correction.
    pub reason_code: Option<String>,
    /// The reason in words.
    pub reason_text: Option<String>,
    /// The sender's own reference.
    pub submission_ref: Option<String>,
    /// Remark for people.
    pub comment: Option<String>,
    /// `all_or_nothing` or `accept_valid`, unchecked.
    pub acceptance: Option<String>,
    /// What is said about implausible figures.
    pub explanations: Vec<Explanation>,
}

impl Envelope {
    fn member(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "dataflow" => Some(&mut self.dataflow),
            "kind" => Some(&mut self.kind),
            "mode" => Some(&mut self.mode),
            "if_match" => Some(&mut self.if_match),
            "period" => Some(&mut self.period),
            "supersedes" => Some(&mut self.supersedes),
            "reason_code" => Some(&mut self.reason_code),
            "reason_text" => Some(&mut self.reason_text),
            "submission_ref" => Some(&mut self.submission_ref),
            "comment" => Some(&mut self.comment),
            "acceptance" => Some(&mut self.acceptance),
            _ => None,
        }
    }
}

/// What to do with a member's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It holds the rows.
    Rows,
    /// Read it.
    Value,
    /// Leave it: the member is unknown or repeated.
    Nothing,
}

/// Takes members one by one.
#[derive(Debug)]
pub(crate) struct EnvelopeReader {
    envelope: Envelope,
    names: BTreeSet<String>,
    name: String,
    bytes_left: usize,
    readable: bool,
}

impl EnvelopeReader {
    /// No member yet.
    pub(crate) fn new() -> Self {
        Self {
            envelope: Envelope::default(),
            names: BTreeSet::new(),
            name: String::new(),
            bytes_left: ENVELOPE_BYTES,
            readable: true,
        }
    }

    /// Bytes that names and values may still have.
    pub(crate) fn bytes_left(&self) -> usize {
        self.bytes_left
    }

    /// Takes a member's name as it stands in the document, quotation marks included; `None` when it is too
    /// long or cannot be read, after which reading cannot go on.
    pub(crate) fn name_read<S: RowSink>(
        &mut self,
        raw: Option<&[u8]>,
        start: Position,
        sink: &mut S,
    ) -> Option<Wanted> {
        self.name = self.value_read(raw, start, None, sink)?;
        let known = [OBSERVATIONS, EXPLANATIONS, NIL_REPORT].contains(&&*self.name)
            || self.envelope.member(&self.name).is_some();
        let code = if !self.names.insert(self.name.clone()) {
            Some(Code::JsonDuplicateMember)
        } else if !known {
            Some(Code::JsonMemberUnknown)
        } else {
            None
        };
        if let Some(code) = code {
            sink.finding(self.finding(code, start));
            return Some(Wanted::Nothing);
        }
        Some(if self.name == OBSERVATIONS {
            Wanted::Rows
        } else {
            Wanted::Value
        })
    }

    /// Takes the value of the member named last.
    pub(crate) fn member_read<S: RowSink>(&mut self, raw: Option<&[u8]>, start: Position, sink: &mut S) {
        if self.name == EXPLANATIONS {
            self.explanations_read(raw, start, sink);
            return;
        }
        if self.name == NIL_REPORT
            && let Some(flag @ (b"true" | b"false")) = raw.map(<[u8]>::trim_ascii)
        {
            self.bytes_left = self.bytes_left.saturating_sub(flag.len());
            self.envelope.nil_report = Some(flag == b"true");
            return;
        }
        let expected = match self.name.as_str() {
            OBSERVATIONS => "array",
            NIL_REPORT => "true | false",
            _ => "string",
        };
        let value = self.value_read(raw, start, Some(expected), sink);
        if let Some(member) = self.envelope.member(&self.name) {
            *member = value;
        }
    }

    /// The envelope, or `None` if part of it could not be read. Tells if there were no observations.
    pub(crate) fn finish<S: RowSink>(self, end: Position, sink: &mut S) -> Option<Envelope> {
        if !self.names.contains(OBSERVATIONS) && self.envelope.nil_report != Some(true) {
            let mut finding = Finding::error(Code::FieldMissing).field(OBSERVATIONS);
            finding.pointer = Some(pointer_step(OBSERVATIONS));
            finding.line = Some(end.line);
            sink.finding(finding);
        }
        self.readable.then_some(self.envelope)
    }

    fn explanations_read<S: RowSink>(&mut self, raw: Option<&[u8]>, start: Position, sink: &mut S) {
        let Some(text) = self.text_of(raw, start, sink) else {
            return;
        };
        match serde_json::from_str(text) {
            Ok(explanations) => self.envelope.explanations = explanations,
            Err(error) if error.is_data() => {
                let finding = self.finding(Code::JsonType, start).value(text);
                sink.finding(finding.expected("[{\"code\", \"pointer\"?, \"text\"}]"));
            }
            Err(error) => {
                self.readable = false;
                sink.finding(syntax_error_finding(&error, start, text, 0));
            }
        }
    }

    /// The text of a member; what is too long or not UTF-8 is told, after which reading cannot go on.
    fn text_of<'t, S: RowSink>(
        &mut self,
        raw: Option<&'t [u8]>,
        start: Position,
        sink: &mut S,
    ) -> Option<&'t str> {
        let Some(raw) = raw else {
            self.readable = false;
            sink.finding(
                self.finding(Code::TextTooLong, start)
                    .expected(ENVELOPE_BYTES.to_string()),
            );
            return None;
        };
        self.bytes_left = self.bytes_left.saturating_sub(raw.len());
        let text = std::str::from_utf8(raw);
        if text.is_err() {
            self.readable = false;
            sink.finding(self.finding(Code::EncodingInvalid, start).expected("UTF-8"));
        }
        text.ok()
    }

    /// A string; what else it is, is told. Without an expectation the value is a name.
    fn value_read<S: RowSink>(
        &mut self,
        raw: Option<&[u8]>,
        start: Position,
        expected: Option<&str>,
        sink: &mut S,
    ) -> Option<String> {
        let text = self.text_of(raw, start, sink)?;
        let read = if text.starts_with('"') && expected.is_none_or(|expected| expected == "string") {
            serde_json::from_str(text).map(Some)
        } else {
            serde_json::from_str::<IgnoredAny>(text).map(|_| None)
        };
        match read {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                let finding = self.finding(Code::JsonType, start).value(text);
                sink.finding(finding.expected(expected.unwrap_or("string")));
                None
            }
            Err(error) => {
                self.readable = false;
                sink.finding(syntax_error_finding(&error, start, text, 0));
                None
            }
        }
    }

    fn finding(&self, code: Code, at: Position) -> Finding {
        let mut finding = Finding::error(code).field(printable_excerpt(&self.name));
        finding.pointer = Some(pointer_step(&self.name));
        finding.line = Some(at.line);
        finding
    }
}
