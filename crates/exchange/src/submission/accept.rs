//! POST /v1/submissions as an act: receive, then apply or record the rejection, or replay.

use crate::centre::Book;
use crate::submission::apply::{ApplyEnd, ApplyMode, Message, submission_apply};
use crate::submission::declared::{SentRows, SubmissionRequest, declaration_check, idempotency_key_of};
use crate::submission::defer::submission_defer;
use crate::submission::fingerprint::fingerprint;
use crate::submission::promise::context_sha256;
use crate::submission::read_back::submission_replay;
use crate::submission::receive::{BodyFault, BodyReading, Received, StoredBody, body_receive};
use crate::submission::report::{Finished, SubmissionAnswer};
use crate::{ActError, Caller, Centre, RefusedAttempt, refusal_record};
use leleka_domain::{
    Acceptance, Code, Finding, RowFormat, SubmissionCounts, SubmissionId, SubmissionState, kyiv_day,
};
use leleka_normalise::{Chunk, MappingProfile};
use leleka_store::StoreError;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// What a submission or a dry run ended with, before it is told.
pub(crate) enum Ended {
    /// More rows than are read while the sender waits: so many.
    TooMany(u64),
    /// Recorded, accepted or rejected.
    Recorded(Box<Finished>, chrono::DateTime<chrono::Utc>),
    /// A dry run, or a rejection that is still to be recorded.
    Unrecorded(Box<Finished>),
    /// The key was used meanwhile: the key, and the fingerprint of this request.
    KeyTaken(String, [u8; 32]),
}

/// Accepts a submission: all of it or nothing. A rejection is an answer too, with every finding. A large one, or
/// one of which the sender wishes it, is kept whole and read by a job; so is one that had to wait too long.
///
/// # Errors
/// A refusal when the request as such cannot be served, or a fault of ours. Nothing is written then.
pub fn submission_accept<B: AsRef<[u8]>>(
    centre: &Centre,
    caller: &Caller,
    request: &SubmissionRequest,
    respond_async: bool,
    mut body: impl Iterator<Item = Result<B, BodyFault>>,
) -> Result<SubmissionAnswer, ActError> {
    let mut first = Vec::new();
    let mut bytes = 0;
    while bytes <= centre.settings.sync_bytes
        && let Some(piece) = body.next()
    {
        let piece = piece?;
        bytes += piece.as_ref().len() as u64;
        first.push(piece);
    }
    if respond_async || bytes > centre.settings.sync_bytes {
        return submission_defer(
            centre,
            caller,
            request,
            None,
            first.into_iter().map(Ok).chain(body),
        );
    }
    let again = || first.iter().map(Ok::<_, BodyFault>);
    match accept_whole(centre, caller, request, again()) {
        Ok(Whole::Answered(answer)) => Ok(*answer),
        Ok(Whole::TooMany(rows)) => submission_defer(centre, caller, request, Some(rows), again()),
        Err(ActError::Store(error)) if error.is_lock_timeout() => {
            submission_defer(centre, caller, request, None, again())
        }
        Err(error) => Err(error),
    }
}

/// What became of a body that is read while its sender waits.
enum Whole {
    Answered(Box<SubmissionAnswer>),
    /// So many rows: too many to wait for.
    TooMany(u64),
}

fn accept_whole<B: AsRef<[u8]>>(
    centre: &Centre,
    caller: &Caller,
    request: &SubmissionRequest,
    body: impl Iterator<Item = Result<B, BodyFault>>,
) -> Result<Whole, ActError> {
    let fresh = |finished: Box<Finished>, at| {
        Whole::Answered(Box::new(SubmissionAnswer {
            status: finished.status(),
            report: finished.into_report(caller, at),
            replayed: false,
        }))
    };
    let ran = submission_run(centre, caller, request, ApplyMode::Commit, None, body);
    if let Err(ActError::Refused(refusal)) = &ran
        && refusal.code == Code::PeriodFrozen
    {
        frozen_record(centre, caller, request)?;
    }
    let taken = match ran? {
        Ended::TooMany(rows) => return Ok(Whole::TooMany(rows)),
        Ended::Recorded(finished, at) => return Ok(fresh(finished, at)),
        Ended::Unrecorded(mut finished) => match finished.rejection_write(centre, caller)? {
            Some(at) => return Ok(fresh(finished, at)),
            None => finished.idempotency.unwrap_or_default(),
        },
        Ended::KeyTaken(key, fingerprint) => (key, fingerprint),
    };
    let replayed = submission_replay(centre, caller, &taken.0, &taken.1)?;
    let replayed = replayed.ok_or_else(|| ActError::refused(Code::IdempotencyInProgress))?;
    Ok(Whole::Answered(Box::new(replayed)))
}

/// Receives the body and applies what it holds, in the given mode.
pub(crate) fn submission_run<B: AsRef<[u8]>, E: Into<ActError>>(
    centre: &Centre,
    caller: &Caller,
    request: &SubmissionRequest,
    mode: ApplyMode,
    stored: Option<&StoredBody<'_>>,
    body: impl Iterator<Item = Result<B, E>>,
) -> Result<Ended, ActError> {
    let book = centre.book();
    let profile = request
        .profile
        .as_deref()
        .and_then(|code| book.profile(code, &caller.body));
    let mapping = profile.map(|(_, mapping)| mapping);
    let may_replace = request.may_replace();
    thread::scope(|scope| {
        let mut bulk: Option<(SyncSender<Message>, thread::ScopedJoinHandle<'_, ApplyResult>)> = None;
        let send = |chunk: Chunk| {
            if chunk.errors_so_far && !partial_possible(request) {
                // Nothing of this submission will be kept: dropping the sender rolls the writer back.
                bulk = None;
                return;
            }
            let (sender, _) = bulk.get_or_insert_with(|| {
                let (sender, receiver) = sync_channel(1);
                let (centre, book) = (&*centre, &*book);
                (
                    sender,
                    scope.spawn(move || {
                        submission_apply(centre, book, caller, mode, may_replace, receiver.into_iter())
                    }),
                )
            });
            // A writer that has failed has hung up; its error is taken when it is joined.
            let _hung_up = sender.send(Message::Chunk(chunk));
        };
        let reading = BodyReading {
            profile: mapping,
            stored,
        };
        let received = body_receive(centre, &book, caller, request, reading, body, send)?;
        if mode == ApplyMode::Commit && received.outcome.rows > centre.settings.sync_rows {
            return Ok(Ended::TooMany(received.outcome.rows));
        }
        let (finished, rest) = finish(centre, &book, caller, request, mode, mapping, received)?;
        if finished.state() == SubmissionState::Rejected {
            drop(bulk);
            return Ok(Ended::Unrecorded(finished));
        }
        let taken = finished.idempotency.clone().unwrap_or_default();
        let last = [Message::Chunk(rest), Message::Finish(finished)];
        let applied = match bulk {
            None => submission_apply(centre, &book, caller, mode, may_replace, last.into_iter()),
            Some((sender, writer)) => {
                for message in last {
                    let _hung_up = sender.send(message);
                }
                drop(sender);
                writer.join().map_err(|_panic| ActError::WorkerLost)?
            }
        };
        match applied {
            Ok((finished, recorded_at)) => Ok(Ended::Recorded(finished, recorded_at)),
            Err(ApplyEnd::Rejected(finished) | ApplyEnd::WouldBe(finished)) => {
                Ok(Ended::Unrecorded(finished))
            }
            Err(ApplyEnd::KeyTaken) => Ok(Ended::KeyTaken(taken.0, taken.1)),
            Err(ApplyEnd::Abandoned) => Err(ActError::WorkerLost),
            // The period may have been closed since the same request was accepted.
            Err(ApplyEnd::Failed(ActError::Refused(refusal)))
                if refusal.code == Code::PeriodFrozen
                    && mode == ApplyMode::Commit
                    && submission_replay(centre, caller, &taken.0, &taken.1)?.is_some() =>
            {
                Ok(Ended::KeyTaken(taken.0, taken.1))
            }
            Err(ApplyEnd::Failed(error)) => Err(error),
        }
    })
}

/// Whether sound rows may be wanted beside faulty ones; a JSON document may say so after its rows.
fn partial_possible(request: &SubmissionRequest) -> bool {
    request.format == RowFormat::Json
        || request.declared.acceptance.as_deref() == Some(Acceptance::AcceptValid.word())
}

/// Records that a submission was refused for a closed period; nothing else remains of it.
fn frozen_record(centre: &Centre, caller: &Caller, request: &SubmissionRequest) -> Result<(), ActError> {
    let attempt = RefusedAttempt {
        client_id: Some(&caller.client_id),
        body: Some(&caller.body),
        role: Some(caller.role.as_str()),
        action: "submission.create",
        operation: Some("submission_create".to_owned()),
        code: Code::PeriodFrozen,
        request_id: request.request_id,
    };
    refusal_record(centre, attempt)
}

/// Whether something is missed only because it was there and could not be read, which was told.
fn is_explained(missed: &Finding, told: &[Finding]) -> bool {
    // A profile would have named the dataflow; that it may not be used was told.
    let refused_profile = |told: &Finding| {
        matches!(
            told.code,
            Code::ProfileUnknown | Code::ProfileRetired | Code::ProfileNotApproved
        )
    };
    if missed.code == Code::FieldMissing && told.iter().any(refused_profile) {
        return true;
    }
    let pointers: &[&str] = match missed.code {
        Code::FieldMissing => &["/dataflow"],
        Code::CorrectionIncomplete => &["/supersedes", "/reason_code", "/reason_text"],
        _ => &[],
    };
    let mut places = told.iter().filter_map(|finding| finding.pointer.as_deref());
    places.any(|place| pointers.contains(&place))
}

type ApplyResult = Result<(Box<Finished>, chrono::DateTime<chrono::Utc>), ApplyEnd>;

/// Puts together the record from what was received and declared; also gives the rows of the last chunk.
fn finish(
    centre: &Centre,
    book: &Book,
    caller: &Caller,
    request: &SubmissionRequest,
    mode: ApplyMode,
    mapping: Option<&MappingProfile>,
    received: Received,
) -> Result<(Box<Finished>, Chunk), ActError> {
    let Received {
        kept,
        outcome,
        mut declared,
        declaration_read,
    } = received;
    declared.if_match = request.if_match.clone().or(declared.if_match);
    // A dry run has no key; it writes nothing that could be counted twice.
    let idempotency = match mode {
        ApplyMode::Commit => Some((
            idempotency_key_of(request, &declared)?,
            fingerprint(request, &kept.sha256),
        )),
        // A job's key was kept when its submission was taken.
        ApplyMode::DryRun | ApplyMode::Job(_) => None,
    };
    let lease = match mode {
        ApplyMode::Job(lease) => Some(lease),
        ApplyMode::Commit | ApplyMode::DryRun => None,
    };
    let mut declaration_findings: Vec<Finding> = Vec::new();
    let sent = SentRows {
        rows: outcome.rows,
        actions: outcome.actions,
        deletes: outcome.deletes,
        today: kyiv_day(request.received_at),
        format: request.format,
        sheet_named: request.sheet.is_some(),
    };
    let declaration = declaration_check(centre, book, caller, &sent, declared, &mut declaration_findings)?;
    let mut counts = SubmissionCounts {
        rows: outcome.rows,
        rows_ignored: outcome.rows_ignored,
        rows_refused: outcome.rows_refused,
        observations: outcome.observations,
        ..SubmissionCounts::default()
    };
    let mut row_findings = Vec::new();
    let mut errors_beyond_rows = outcome.findings.counts().beyond_rows;
    if request.profile.is_some() && mapping.is_none() {
        // Without its profile nobody can say what the file means: whatever else were told would be invented.
        let reference = request.profile.as_deref().unwrap_or_default();
        row_findings.push(book.profiles.missing(reference, &caller.body));
        counts.errors = 1;
        errors_beyond_rows = 1;
        counts.rows_refused = outcome.rows;
    } else {
        counts.errors = outcome.findings.counts().errors;
        counts.warnings = outcome.findings.counts().warnings;
        counts.soft = outcome.findings.counts().soft;
        row_findings = outcome.findings.into_sorted();
    }
    let mut findings = declaration_findings;
    findings.retain(|finding| declaration_read && !is_explained(finding, &row_findings));
    counts.errors += findings.len() as u64;
    errors_beyond_rows += findings.len() as u64;
    findings.extend(row_findings);
    findings.truncate(centre.settings.findings_kept);
    let version = request
        .profile
        .as_deref()
        .and_then(|code| book.profile(code, &caller.body));
    let explanations = serde_json::to_value(&declaration.explanations)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let finished = Finished {
        id: SubmissionId(lease.map_or_else(|| centre.ids.next(), |lease| lease.id)),
        entry_id: centre.ids.next(),
        position: None,
        lease,
        slice_version: None,
        declaration,
        content_type: request.content_type.clone(),
        kept,
        profile: mapping
            .zip(version)
            .map(|(mapping, (version, _))| (mapping.code.clone(), version)),
        request_id: request.request_id,
        received_at: request.received_at,
        idempotency,
        counts,
        ignored_by_reason: outcome.ignored_by_reason,
        findings,
        findings_kept: centre.settings.findings_kept,
        revision_warned: false,
        errors_beyond_rows,
        explanations,
        unexplained: 0,
        validation_id: request.validation_id,
        context_sha256: context_sha256(request),
        ruleset_version: book.ruleset_version().to_owned(),
        slices_before: None,
    };
    Ok((Box::new(finished), outcome.rest))
}
