//! Submissions: deliver, list, read, findings, raw bytes.

pub(crate) mod answer;
pub(crate) mod cancel;
pub(crate) mod content;
pub(crate) mod create;
pub(crate) mod findings;
pub(crate) mod list;
pub(crate) mod refused_rows;
pub(crate) mod retraction;
pub(crate) mod view;

use crate::http::body::{BodyHead, one};
use crate::http::problem::{Failure, hexadecimal};
use crate::http::query::{QueryModel, QueryReader};
use actix_web::http::header::{HeaderName, IF_MATCH};
use leleka_contract::v1::{ParameterFault, PeriodText, Submission, SubmissionProgress};
use leleka_domain::{Code, Explanation, RowFormat};
use leleka_exchange::{
    SubmissionDeclared, SubmissionReport, SubmissionRequest, is_idempotency_key, slice_etag,
    slice_version_parse,
};
use leleka_store::StoredSubmission;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which submission.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SubmissionPath {
    /// Its identifier.
    pub(crate) submission_id: Uuid,
}

/// What is declared beside the rows of any body but JSON, which says it itself.
#[derive(Clone, Debug, Default, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct SubmissionParameters {
    /// Dataflow; a body without a profile needs it, unless it is SDMX-CSV, which names its own.
    #[param(max_length = 64, example = "ASYLUM_WEEKLY")]
    pub(crate) dataflow: Option<String>,
    /// Mapping profile of a CSV file or a workbook: `CODE` for its newest approved version, `CODE@3` for that approved version.
    #[param(max_length = 75, example = "EUROSTAT_EIRFS@1")]
    pub(crate) profile: Option<String>,
    /// `auto`: encoding, delimiter and header of a CSV file are found in it, and told as findings.
    #[param(max_length = 16, example = "auto")]
    pub(crate) dialect: Option<String>,
    /// Sheet of a workbook that holds the rows; otherwise the first visible one with data.
    #[param(max_length = 64)]
    pub(crate) sheet: Option<String>,
    /// `original` or `correction`.
    #[param(max_length = 16)]
    pub(crate) kind: Option<String>,
    /// `replace_slice` or `merge`: what a correction does with figures of its slices that it does not hold.
    #[param(max_length = 16)]
    pub(crate) mode: Option<String>,
    /// Whether there is nothing to report in `period`; then the body is empty.
    #[param(default = false)]
    pub(crate) nil_report: Option<bool>,
    /// The period of a report of nothing.
    #[param(max_length = 21)]
    pub(crate) period: Option<String>,
    /// The submission that a correction corrects.
    #[param(max_length = 36)]
    pub(crate) supersedes: Option<String>,
    /// Why it corrects.
    #[param(max_length = 32)]
    pub(crate) reason_code: Option<String>,
    /// Why, in words.
    #[param(max_length = 2000)]
    pub(crate) reason_text: Option<String>,
    /// A remark for the centre.
    #[param(max_length = 2000)]
    pub(crate) comment: Option<String>,
    /// `all_or_nothing`, or `accept_valid` where the dataflow allows it: sound rows are stored without faulty ones
    /// when no more than a fifth of the rows is faulty.
    #[param(max_length = 16)]
    pub(crate) acceptance: Option<String>,
    /// What is said about implausible figures: the code of the finding, a colon, the text. May be repeated.
    #[param(max_items = 500, example = json!(["value.outlier: two days of the month were reported late"]))]
    pub(crate) explanation: Vec<String>,
    /// The dry run whose result is expected; anything else is refused with `validation.stale`.
    #[param(max_length = 36)]
    pub(crate) validation_id: Option<String>,
}

impl QueryModel for SubmissionParameters {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            dataflow: query.text("dataflow", 64),
            profile: query.text("profile", 75),
            dialect: query.text("dialect", 16),
            sheet: query.text("sheet", 64),
            kind: query.text("kind", 16),
            mode: query.text("mode", 16),
            nil_report: query.flag("nilReport", false).then_some(true),
            period: query.text("period", 21),
            supersedes: query.text("supersedes", 36),
            reason_code: query.text("reasonCode", 32),
            reason_text: query.text("reasonText", 2000),
            comment: query.text("comment", 2000),
            acceptance: query.text("acceptance", 16),
            explanation: query.many("explanation"),
            validation_id: query.text("validationId", 36),
        }
    }
}

/// A request for an act, from headers and query. What a document says itself is refused beside it: two sources
/// could contradict each other, and one of them would lose silently.
pub(crate) fn submission_request(
    request: &actix_web::HttpRequest,
    head: BodyHead,
    parameters: SubmissionParameters,
    idempotency_key: Option<String>,
    received_at: chrono::DateTime<chrono::Utc>,
) -> Result<SubmissionRequest, Failure> {
    format_check(head.format, &parameters)?;
    let SubmissionParameters {
        dataflow,
        profile,
        dialect,
        sheet,
        kind,
        mode,
        nil_report,
        period,
        supersedes,
        reason_code,
        reason_text,
        comment,
        acceptance,
        explanation,
        validation_id,
    } = parameters;
    let declared_context = format!(
        "{:?}\n{}",
        (
            &dataflow,
            &profile,
            (&dialect, &sheet),
            (&kind, &mode, &nil_report, &period),
            &supersedes,
            &reason_code,
            &reason_text,
            &comment,
            &acceptance,
            &explanation
        ),
        head.content_type
    );
    let context = format!(
        "{} {}\n{validation_id:?}\n{declared_context}",
        request.method(),
        request.path()
    );
    let (explanations, validation_id) = explained(&explanation, validation_id.as_deref())?;
    Ok(SubmissionRequest {
        format: head.format,
        content_type: head.content_type,
        delimiter: head.delimiter,
        detect: dialect.is_some(),
        sheet,
        gzip: head.gzip,
        profile,
        declared: SubmissionDeclared {
            dataflow,
            kind,
            mode,
            if_match: None,
            nil_report,
            period,
            supersedes,
            reason_code,
            reason_text,
            comment,
            submission_ref: None,
            acceptance,
            explanations,
        },
        if_match: if_match(request)?,
        idempotency_key,
        fingerprint_context: context,
        declared_context,
        validation_id,
        content_digest: head.content_digest,
        request_id: crate::http::caller::request_id(request),
        received_at,
    })
}

/// Explanations and the identifier of a dry run, out of their texts.
fn explained(
    explanations: &[String],
    validation_id: Option<&str>,
) -> Result<(Vec<Explanation>, Option<Uuid>), Failure> {
    let wrong = |name: &str, expected: &str| {
        let fault = ParameterFault {
            name: name.to_owned(),
            code: Code::ParameterInvalid.as_str().to_owned(),
            expected: Some(expected.to_owned()),
        };
        Failure::parameters(Code::ParameterInvalid, vec![fault])
    };
    let explanations = explanations.iter().map(|one| {
        let (code, text) = one.split_once(':')?;
        Some(Explanation {
            code: code.trim().to_owned(),
            pointer: None,
            text: text.trim().to_owned(),
        })
    });
    let explanations = explanations.collect::<Option<_>>();
    let explanations = explanations.ok_or_else(|| wrong("explanation", "value.outlier: text"))?;
    let id = validation_id
        .map(str::parse)
        .transpose()
        .map_err(|_| wrong("validationId", "UUID"))?;
    Ok((explanations, id))
}

fn format_check(format: RowFormat, parameters: &SubmissionParameters) -> Result<(), Failure> {
    let document = [
        ("dataflow", &parameters.dataflow),
        ("kind", &parameters.kind),
        ("mode", &parameters.mode),
        ("period", &parameters.period),
        ("supersedes", &parameters.supersedes),
        ("reasonCode", &parameters.reason_code),
        ("reasonText", &parameters.reason_text),
        ("comment", &parameters.comment),
        ("acceptance", &parameters.acceptance),
    ];
    let mut faults = Vec::new();
    let mut fault = |name: &str, expected: &str| {
        faults.push(ParameterFault {
            name: name.to_owned(),
            code: Code::ParameterInvalid.as_str().to_owned(),
            expected: Some(expected.to_owned()),
        });
    };
    for (name, value) in document {
        if format == RowFormat::Json && value.is_some() {
            fault(name, "application/json: a member of the document");
        }
    }
    if format == RowFormat::Json && !parameters.explanation.is_empty() {
        fault("explanation", "application/json: a member of the document");
    }
    if format == RowFormat::Json && parameters.nil_report.is_some() {
        fault("nilReport", "application/json: a member of the document");
    }
    if !matches!(format, RowFormat::Csv | RowFormat::Xlsx) && parameters.profile.is_some() {
        fault("profile", "text/csv | XLSX");
    }
    let dialect = parameters.dialect.as_deref();
    if dialect.is_some_and(|dialect| format != RowFormat::Csv || dialect != "auto") {
        fault("dialect", "text/csv: auto");
    }
    if format != RowFormat::Xlsx && parameters.sheet.is_some() {
        fault("sheet", "XLSX");
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::parameters(Code::ParameterInvalid, faults))
    }
}

/// The entity tag of the slices that a delivery was made from. `*` and weak tags say less than is needed.
fn if_match(request: &actix_web::HttpRequest) -> Result<Option<String>, Failure> {
    let Some(tag) = one(request.headers(), IF_MATCH)? else {
        return Ok(None);
    };
    if slice_version_parse(tag).is_none() {
        return Err(Failure::new(Code::HeaderInvalid).detail("If-Match: \"s17\""));
    }
    Ok(Some(tag.to_owned()))
}

/// The key, as a bare token or as a structured-field string.
pub(crate) fn idempotency_key(request: &actix_web::HttpRequest) -> Result<Option<String>, Failure> {
    let Some(text) = one(request.headers(), HeaderName::from_static("idempotency-key"))? else {
        return Ok(None);
    };
    let key = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(text);
    if is_idempotency_key(key) {
        Ok(Some(key.to_owned()))
    } else {
        Err(Failure::new(Code::IdempotencyKeyInvalid))
    }
}

/// The wire form of a report.
pub(crate) fn submission_wire(report: SubmissionReport) -> Submission {
    let SubmissionReport {
        submission,
        findings,
        truncated,
        progress,
    } = report;
    let StoredSubmission {
        id,
        position: _,
        body,
        dataflow,
        client_id,
        kind,
        supersedes,
        superseded_by,
        retracted_by,
        mode,
        acceptance,
        slice_version,
        nil_periods,
        explanations: _,
        reading: _,
        validation_id,
        reason_code,
        reason_text,
        comment,
        state,
        content_type,
        content_sha256,
        content_bytes,
        profile,
        ruleset_version,
        received_at,
        recorded_at,
        counts,
        ignored_by_reason,
    } = submission;
    let (profile, profile_version) = profile.unzip();
    Submission {
        id: id.0,
        body,
        dataflow,
        client_id,
        kind: kind.into(),
        supersedes: supersedes.map(|id| id.0),
        superseded_by: superseded_by.map(|id| id.0),
        retracted_by: retracted_by.map(|id| id.0),
        mode: mode.into(),
        acceptance: acceptance.into(),
        slice_etag: slice_version.map(slice_etag),
        nil_periods: nil_periods.into_iter().map(PeriodText).collect(),
        validation_id,
        reason_code,
        reason_text,
        comment,
        state: state.into(),
        content_type,
        content_sha256: hexadecimal(&content_sha256),
        content_bytes,
        profile,
        profile_version,
        ruleset_version,
        received_at,
        recorded_at,
        progress: progress.map(|progress| SubmissionProgress {
            rows_done: progress.rows_done,
            rows_total: progress.rows_total,
        }),
        counts: counts.into(),
        ignored_by_reason,
        findings: findings.into_iter().map(Into::into).collect(),
        findings_href: format!("/v1/submissions/{id}/findings"),
        content_href: format!("/v1/submissions/{id}/content"),
        truncated,
    }
}
