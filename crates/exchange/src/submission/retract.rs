//! POST /v1/submissions/{id}/retraction as an act: a submission that takes back what an earlier one brought.
//!
//! Only versions that are still current are taken back; what was corrected meanwhile belongs to the correction.
//! Nothing is deleted: every vintage before stays as it was.

use crate::forecasts::forecasts_mark;
use crate::metric_dirty::dirty_ranges;
use crate::submission::apply::{ApplyEnd, TouchedSeries};
use crate::submission::declared::Declaration;
use crate::submission::fingerprint::fingerprint_of;
use crate::submission::read_back::replay;
use crate::submission::report::{Finished, SubmissionAnswer};
use crate::submission::slices::retraction_touch;
use crate::submission::spool::Spool;
use crate::{ActError, Caller, Centre};
use chrono::{DateTime, Utc};
use leleka_domain::{
    Acceptance, BodyScope, Code, Period, ReasonCode, RequestId, SubmissionCounts, SubmissionId,
    SubmissionKind, SubmissionMode, SubmissionState,
};
use leleka_store::{
    Retracting, StoredSubmission, TouchedSlice, Tx, dirty_insert_in_tx, ledger_position_draw_in_tx,
    observation_retract_in_tx, slice_list_in_tx, submission_find, submission_is_retracted_in_tx,
};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The operation that idempotency keys of retractions belong to.
pub(crate) const OPERATION: &str = "retraction_create";
const TEXT_CHARACTERS: usize = 2_000;

/// A request to take a submission back.
#[derive(Clone, Debug)]
pub struct RetractionRequest {
    /// What is taken back.
    pub submission: SubmissionId,
    /// Why: a word of [`ReasonCode`], unchecked.
    pub reason_code: String,
    /// Why, in words.
    pub reason_text: Option<String>,
    /// Only in these periods, unchecked; in all when empty.
    pub periods: Vec<String>,
    /// The body of the request.
    pub content: Vec<u8>,
    /// Its media type.
    pub content_type: String,
    /// Idempotency key.
    pub idempotency_key: String,
    /// Method, path and media type: what the fingerprint covers beside the body.
    pub fingerprint_context: String,
    /// The request.
    pub request_id: RequestId,
    /// When it came in.
    pub received_at: DateTime<Utc>,
}

/// Takes back every observation that is current and was brought by a submission of the caller's own body.
///
/// # Errors
/// A refusal when there is no such submission, it cannot be retracted, or the request is wrong; nothing is
/// written then. Or a fault of ours.
pub fn submission_retract(
    centre: &Centre,
    caller: &Caller,
    request: &RetractionRequest,
) -> Result<SubmissionAnswer, ActError> {
    let scope = BodyScope::One(caller.body.clone());
    let found = submission_find(&mut centre.store.reader()?, &scope, request.submission)?;
    let target = found.ok_or_else(|| ActError::refused(Code::ResourceNotFound))?;
    let (reason, periods) = request_check(request)?;
    let finished = retraction(centre, request, &target, reason)?;
    let taken = finished.idempotency.clone().unwrap_or_default();
    match centre
        .store
        .submit(|tx| retraction_write(tx, centre, caller, finished, &target, &periods))
    {
        Ok((finished, at)) => Ok(SubmissionAnswer {
            status: finished.status(),
            report: finished.into_report(caller, at),
            replayed: false,
        }),
        Err(ApplyEnd::KeyTaken) => replay(centre, caller, OPERATION, &taken.0, &taken.1)?
            .ok_or_else(|| ActError::refused(Code::IdempotencyInProgress)),
        Err(ApplyEnd::Failed(error)) => Err(error),
        Err(ApplyEnd::Rejected(_) | ApplyEnd::WouldBe(_) | ApplyEnd::Abandoned) => Err(ActError::WorkerLost),
    }
}

/// Every fault of the request, told together.
fn request_check(request: &RetractionRequest) -> Result<(ReasonCode, Vec<Period>), ActError> {
    let mut faults = Vec::new();
    let reason: Option<ReasonCode> = request.reason_code.parse().ok();
    if reason.is_none() {
        let all: Vec<&str> = ReasonCode::ALL.iter().map(|reason| reason.word()).collect();
        faults.push(format!("reason_code: {}", all.join(" | ")));
    }
    let text = request.reason_text.as_deref().unwrap_or_default();
    if reason == Some(ReasonCode::Other) && text.trim().is_empty() {
        faults.push("reason_text".to_owned());
    }
    let illegal = |letter: char| letter.is_control() && letter != '\n';
    if text.chars().count() > TEXT_CHARACTERS || text.contains(illegal) {
        faults.push(format!(
            "reason_text: at most {TEXT_CHARACTERS} characters, no control characters"
        ));
    }
    let mut periods = Vec::new();
    for text in &request.periods {
        match text.parse() {
            Ok(period) => periods.push(period),
            Err(_) => faults.push(format!("periods: {}", leleka_domain::printable_excerpt(text))),
        }
    }
    match reason {
        Some(reason) if faults.is_empty() => Ok((reason, periods)),
        _ => {
            faults.truncate(10);
            Err(ActError::refused_because(
                Code::RequestMalformed,
                faults.join("; "),
            ))
        }
    }
}

/// The record of a retraction before its counts.
fn retraction(
    centre: &Centre,
    request: &RetractionRequest,
    target: &StoredSubmission,
    reason: ReasonCode,
) -> Result<Box<Finished>, ActError> {
    let mut spool = Spool::new(&centre.settings.spool_dir);
    spool.write(&request.content)?;
    let kept = spool.finish()?;
    let print = fingerprint_of(&request.fingerprint_context, &kept.sha256);
    Ok(Box::new(Finished {
        id: SubmissionId(centre.ids.next()),
        entry_id: centre.ids.next(),
        position: None,
        slice_version: None,
        lease: None,
        ruleset_version: centre.book().ruleset_version().to_owned(),
        declaration: Declaration {
            dataflow: target.dataflow.clone(),
            kind: SubmissionKind::Retraction,
            supersedes: Some(target.id),
            mode: SubmissionMode::Merge,
            if_match: None,
            acceptance: Acceptance::AllOrNothing,
            nil_periods: Vec::new(),
            explanations: Vec::new(),
            reason_code: Some(reason),
            reason_text: request.reason_text.clone(),
            comment: None,
            sheet_named: false,
        },
        content_type: request.content_type.clone(),
        kept,
        profile: None,
        request_id: request.request_id,
        received_at: request.received_at,
        idempotency: Some((request.idempotency_key.clone(), print)),
        counts: SubmissionCounts::default(),
        ignored_by_reason: BTreeMap::new(),
        findings: Vec::new(),
        findings_kept: centre.settings.findings_kept,
        revision_warned: false,
        errors_beyond_rows: 0,
        explanations: serde_json::Value::Array(Vec::new()),
        unexplained: 0,
        validation_id: None,
        context_sha256: [0; 32],
        slices_before: None,
    }))
}

fn retraction_write(
    tx: &mut Tx<'_>,
    centre: &Centre,
    caller: &Caller,
    mut finished: Box<Finished>,
    target: &StoredSubmission,
    periods: &[Period],
) -> Result<(Box<Finished>, DateTime<Utc>), ApplyEnd> {
    let book = centre.book();
    let refuse = |tx: &mut Tx<'_>, finished: &Finished, error: ActError| -> ApplyEnd {
        match finished.key_is_taken(tx, caller) {
            Ok(false) => error.into(),
            Ok(true) => ApplyEnd::KeyTaken,
            Err(error) => error.into(),
        }
    };
    let not_retractable = || ActError::refused(Code::NotRetractable);
    let accepted = target
        .position
        .filter(|_| target.state != SubmissionState::Rejected && target.kind != SubmissionKind::Retraction);
    let (Some(brought_by), Some(dataflow)) = (accepted, target.dataflow.as_deref()) else {
        return Err(refuse(tx, &finished, not_retractable()));
    };
    let position = ledger_position_draw_in_tx(tx, &caller.body, dataflow)?;
    let touched = slice_list_in_tx(tx, brought_by)?;
    if let Some(foreign) = periods
        .iter()
        .find(|period| touched.iter().all(|slice| slice.period != **period))
    {
        let error = ActError::refused_because(Code::RequestMalformed, format!("periods: {foreign}"));
        return Err(refuse(tx, &finished, error));
    }
    let chosen: Vec<TouchedSlice> = touched
        .into_iter()
        .filter(|slice| periods.is_empty() || periods.contains(&slice.period))
        .collect();
    let retracted = observation_retract_in_tx(
        tx,
        &Retracting {
            body: &caller.body,
            indicators: &book.indicators_of(dataflow),
            periods: &chosen.iter().map(|slice| slice.period).collect::<Vec<_>>(),
            brought_by: Some(brought_by),
            kept_series: &[],
            kept_periods: &[],
            position,
        },
    )?;
    let mut slices: Vec<Period> = chosen
        .iter()
        .filter(|slice| slice.nil)
        .map(|slice| slice.period)
        .collect();
    if retracted.is_empty() && slices.is_empty() && submission_is_retracted_in_tx(tx, target.id)? {
        return Err(refuse(tx, &finished, not_retractable()));
    }
    finished.counts.retracted = retracted.len() as u64;
    let mut series: TouchedSeries = FxHashMap::default();
    for one in retracted {
        slices.extend(Period::containing(one.key.frequency, one.period));
        retraction_touch(&mut series, one);
    }
    slices.sort_unstable();
    slices.dedup();
    finished.position = Some(position);
    finished.slices_write(tx, caller, &slices, position, false)?;
    let ranges = series
        .values()
        .filter_map(|(key, range)| range.map(|range| (key, range)));
    dirty_insert_in_tx(tx, position, &dirty_ranges(&book.definitions, ranges))?;
    forecasts_mark(tx, position, &series)?;
    finished.kept.store_in_tx(tx)?;
    let recorded_at = finished.record_insert(tx, caller)?.ok_or(ApplyEnd::KeyTaken)?;
    Ok((finished, recorded_at))
}
