//! What a request says about a submission beside its rows, and the checks of it.
//!
//! For JSON it stands in the document, for NDJSON and CSV in the query. Every fault is a finding, collected.

use crate::centre::Book;
use crate::submission::declared_slices::{NilReport, mode_check};
use crate::submission::slices::slice_version_parse;
use crate::{ActError, Caller, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{
    Acceptance, BodyScope, Code, Explanation, Finding, ReasonCode, RequestId, RowFormat, SubmissionId,
    SubmissionKind, SubmissionMode, SubmissionState,
};
use leleka_intake::Envelope;
use leleka_store::{StoredSubmission, submission_find};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the sender declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubmissionDeclared {
    /// Dataflow.
    pub dataflow: Option<String>,
    /// `original` or `correction`.
    pub kind: Option<String>,
    /// `replace_slice` or `merge`: what a correction does with what it does not hold.
    pub mode: Option<String>,
    /// Entity tag of the slices that a correction was made from.
    pub if_match: Option<String>,
    /// Whether there is nothing to report.
    pub nil_report: Option<bool>,
    /// The period of a report of nothing.
    pub period: Option<String>,
    /// Identifier of the submission to be corrected.
    pub supersedes: Option<String>,
    /// Why.
    pub reason_code: Option<String>,
    /// Why, in words.
    pub reason_text: Option<String>,
    /// Remark.
    pub comment: Option<String>,
    /// The idempotency key, from senders that cannot set headers.
    pub submission_ref: Option<String>,
    /// `all_or_nothing` or `accept_valid`.
    pub acceptance: Option<String>,
    /// What is said about implausible figures.
    pub explanations: Vec<Explanation>,
}

/// Whether a text may be an idempotency key.
#[must_use]
pub fn is_idempotency_key(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    (16..=128).contains(&text.len()) && text.bytes().all(legal)
}

/// The key of a request to submit: the header's, or the one in the JSON document.
pub(crate) fn idempotency_key_of(
    request: &SubmissionRequest,
    declared: &SubmissionDeclared,
) -> Result<String, ActError> {
    let key = request
        .idempotency_key
        .as_ref()
        .or(declared.submission_ref.as_ref());
    let key = key.ok_or_else(|| ActError::refused(Code::IdempotencyKeyMissing))?;
    if is_idempotency_key(key) {
        Ok(key.clone())
    } else {
        Err(ActError::refused(Code::IdempotencyKeyInvalid))
    }
}

/// A request to submit or to validate, without its body.
#[derive(Clone, Debug)]
pub struct SubmissionRequest {
    /// Shape of the body.
    pub format: RowFormat,
    /// Media type, as received.
    pub content_type: String,
    /// Field delimiter of a CSV body without a profile.
    pub delimiter: u8,
    /// Whether encoding, delimiter and header of a CSV body are found in it, not declared.
    pub detect: bool,
    /// Name of the sheet of a workbook that holds the rows; otherwise the first one with data.
    pub sheet: Option<String>,
    /// Whether the body is compressed with gzip.
    pub gzip: bool,
    /// Code of the mapping profile.
    pub profile: Option<String>,
    /// What is declared outside the body.
    pub declared: SubmissionDeclared,
    /// Entity tag of the slices, from the header.
    pub if_match: Option<String>,
    /// Idempotency key, with the operation it belongs to. A validation has none.
    pub idempotency_key: Option<String>,
    /// Method, path, query and media type: what the fingerprint covers beside the body.
    pub fingerprint_context: String,
    /// Query and media type alone: what a dry run and the submission after it have in common.
    pub declared_context: String,
    /// The dry run whose result is expected.
    pub validation_id: Option<Uuid>,
    /// SHA-256 that the sender claims for the body.
    pub content_digest: Option<[u8; 32]>,
    /// The request.
    pub request_id: RequestId,
    /// When it came in.
    pub received_at: DateTime<Utc>,
}

impl SubmissionRequest {
    /// Whether the submission may turn out to be a correction of whole slices; a JSON document tells it at its
    /// end at the latest.
    pub(crate) fn may_replace(&self) -> bool {
        let kind = self.declared.kind.as_deref();
        self.format == RowFormat::Json || kind == Some(SubmissionKind::Correction.word())
    }
}

/// The declaration, checked.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) dataflow: Option<String>,
    pub(crate) kind: SubmissionKind,
    pub(crate) supersedes: Option<SubmissionId>,
    pub(crate) mode: SubmissionMode,
    /// The version of its slices that a correction was made from.
    pub(crate) if_match: Option<i64>,
    pub(crate) acceptance: Acceptance,
    pub(crate) nil_periods: Vec<String>,
    pub(crate) explanations: Vec<Explanation>,
    pub(crate) reason_code: Option<ReasonCode>,
    pub(crate) reason_text: Option<String>,
    pub(crate) comment: Option<String>,
    /// Whether the sender named one sheet of the workbook: the same bytes may be sent again for another.
    pub(crate) sheet_named: bool,
}

/// What the rows of a body were, as far as the declaration must fit them.
pub(crate) struct SentRows {
    pub(crate) rows: u64,
    /// Whether rows say one by one what they do.
    pub(crate) actions: bool,
    /// Whether some row deletes.
    pub(crate) deletes: bool,
    pub(crate) today: NaiveDate,
    pub(crate) format: RowFormat,
    pub(crate) sheet_named: bool,
}

const TEXT_CHARACTERS: usize = 2_000;

/// The JSON envelope's words, in place of the query's.
pub(crate) fn declared_in(envelope: Envelope) -> SubmissionDeclared {
    let Envelope {
        dataflow,
        kind,
        mode,
        if_match,
        nil_report,
        period,
        supersedes,
        reason_code,
        reason_text,
        comment,
        submission_ref,
        acceptance,
        explanations,
    } = envelope;
    SubmissionDeclared {
        dataflow,
        kind,
        mode,
        if_match,
        nil_report,
        period,
        supersedes,
        reason_code,
        reason_text,
        comment,
        submission_ref,
        acceptance,
        explanations,
    }
}

/// Checks a declaration; every fault becomes a finding, what is right is kept.
pub(crate) fn declaration_check(
    centre: &Centre,
    book: &Book,
    caller: &Caller,
    sent: &SentRows,
    declared: SubmissionDeclared,
    findings: &mut Vec<Finding>,
) -> Result<Declaration, ActError> {
    let mut fault = |code: Code, field: &'static str, value: &str, expected: &str| {
        let mut finding = Finding::error(code).field(field).value(value).expected(expected);
        if sent.format == RowFormat::Json {
            finding.pointer = Some(format!("/{field}"));
        }
        findings.push(finding);
    };
    let SubmissionDeclared {
        dataflow,
        kind,
        mode,
        if_match,
        nil_report,
        period,
        supersedes,
        reason_code,
        reason_text,
        comment,
        submission_ref: _,
        acceptance,
        explanations,
    } = declared;
    match &dataflow {
        None => fault(Code::FieldMissing, "dataflow", "", ""),
        Some(code) if book.codebook.dataflow(code).is_none() => {
            fault(Code::DataflowUnknown, "dataflow", code, "")
        }
        Some(_) => {}
    }
    let kind_word = kind.as_deref().unwrap_or(SubmissionKind::Original.word());
    let kind = kind_word
        .parse()
        .map_err(|()| fault(Code::JsonType, "kind", kind_word, "original | correction"))
        .ok();
    let reason = reason_code.as_deref().and_then(|word| {
        let all = ReasonCode::ALL
            .iter()
            .map(|reason| reason.word())
            .collect::<Vec<_>>()
            .join(" | ");
        word.parse()
            .map_err(|()| fault(Code::JsonType, "reason_code", word, &all))
            .ok()
    });
    for (field, text) in [("reason_text", &reason_text), ("comment", &comment)] {
        if let Some(text) = text {
            if text.chars().count() > TEXT_CHARACTERS {
                fault(Code::TextTooLong, field, text, &TEXT_CHARACTERS.to_string());
            } else if text.chars().any(|letter| letter.is_control() && letter != '\n') {
                fault(Code::TextControlCharacter, field, text, "");
            }
        }
    }
    let acceptance_word = acceptance.as_deref().unwrap_or(Acceptance::AllOrNothing.word());
    let acceptance: Option<Acceptance> = acceptance_word
        .parse()
        .map_err(|()| {
            fault(
                Code::JsonType,
                "acceptance",
                acceptance_word,
                "all_or_nothing | accept_valid",
            );
        })
        .ok();
    let partial_allowed = dataflow
        .as_deref()
        .and_then(|code| book.codebook.dataflow(code))
        .is_some_and(|dataflow| dataflow.partial_allowed);
    if acceptance == Some(Acceptance::AcceptValid) && !partial_allowed {
        fault(Code::PartialNotAllowed, "acceptance", acceptance_word, "");
    }
    for explanation in &explanations {
        let text = &explanation.text;
        if text.trim().is_empty() {
            fault(Code::FieldMissing, "explanations", "", "text");
        } else if text.chars().count() > TEXT_CHARACTERS {
            fault(
                Code::TextTooLong,
                "explanations",
                text,
                &TEXT_CHARACTERS.to_string(),
            );
        } else if text.chars().any(|letter| letter.is_control() && letter != '\n') {
            fault(Code::TextControlCharacter, "explanations", text, "");
        }
    }
    let corrected = match &supersedes {
        None => None,
        Some(text) => {
            let found = superseded_find(centre, caller, text)?.filter(|found| found.dataflow == dataflow);
            if found.is_none() {
                fault(Code::SupersedesUnknown, "supersedes", text, "");
            }
            found.map(|found| found.id)
        }
    };
    match kind {
        Some(SubmissionKind::Correction) => {
            let reason_told = reason != Some(ReasonCode::Other) || reason_text.is_some();
            if supersedes.is_none() || reason_code.is_none() || !reason_told {
                fault(Code::CorrectionIncomplete, "kind", kind_word, "");
            }
        }
        // A kind that could not be read says nothing about the other members.
        None => {}
        Some(SubmissionKind::Original) if supersedes.is_some() || reason_code.is_some() || mode.is_some() => {
            fault(Code::CorrectionFieldsUnexpected, "kind", kind_word, "");
        }
        Some(SubmissionKind::Original) => {}
        // A retraction is an act of its own, on what it takes back.
        Some(SubmissionKind::Retraction) => {
            fault(Code::JsonType, "kind", kind_word, "original | correction");
        }
    }
    let mode = mode_check(sent, kind, mode.as_deref(), &mut fault);
    // A refused row names no figure: what it meant to keep would be retracted.
    if mode == SubmissionMode::ReplaceSlice && acceptance == Some(Acceptance::AcceptValid) && partial_allowed
    {
        fault(Code::PartialNotAllowed, "acceptance", acceptance_word, "");
    }
    let if_match = if_match.as_deref().and_then(|tag| {
        let version = slice_version_parse(tag);
        if version.is_none() {
            fault(Code::JsonType, "if_match", tag, "s17");
        }
        version
    });
    let nil = NilReport {
        declared: nil_report == Some(true),
        dataflow: dataflow.as_deref(),
        period: period.as_deref(),
    };
    let nil_periods = nil.check(book, caller, sent, &mut fault);
    let short = |text: Option<String>| {
        text.map(|text| {
            text.chars()
                .filter(|letter| !letter.is_control())
                .take(TEXT_CHARACTERS)
                .collect()
        })
    };
    Ok(Declaration {
        // What is not a dataflow stands in its finding; the record keeps codes only.
        dataflow: dataflow.filter(|code| book.codebook.dataflow(code).is_some()),
        kind: kind.unwrap_or(SubmissionKind::Original),
        supersedes: corrected,
        mode,
        if_match,
        acceptance: acceptance.unwrap_or(Acceptance::AllOrNothing),
        nil_periods,
        explanations,
        reason_code: reason,
        reason_text: short(reason_text),
        comment: short(comment),
        sheet_named: sent.sheet_named,
    })
}

/// An accepted submission of the caller's own body that holds figures.
fn superseded_find(
    centre: &Centre,
    caller: &Caller,
    text: &str,
) -> Result<Option<StoredSubmission>, ActError> {
    let Ok(id) = text.parse() else { return Ok(None) };
    let scope = BodyScope::One(caller.body.clone());
    let found = submission_find(&mut centre.store.reader()?, &scope, SubmissionId(id))?;
    let holds_figures = |found: &StoredSubmission| {
        found.state != SubmissionState::Rejected && found.kind != SubmissionKind::Retraction
    };
    Ok(found.filter(holds_figures))
}
