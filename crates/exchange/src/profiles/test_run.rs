//! The act of trying a version of a mapping profile on a sample: what it makes of the file, and nothing stored but the
//! log entry.
//!
//! The file is read as a submission would be, for the body of the profile. It is never compared with what is
//! stored: whoever writes profiles need not be allowed to read figures, and must not learn them by trying.

use crate::profiles::draft::invalid;
use crate::profiles::log_entry;
use crate::submission::{BodyReading, FINDINGS_SHOWN, body_receive};
use crate::{ActError, BodyFault, Caller, Centre, SubmissionRequest};
use leleka_domain::{Code, Finding, ObservationRow, SeriesId, SeriesKey, SubmissionCounts, SubmissionState};
use leleka_normalise::{Chunk, MappingProfile, profile_read};
use leleka_store::{ProfileVersion, profile_find};
use std::collections::BTreeMap;

/// So many observations are shown.
pub const OBSERVATIONS_SHOWN: usize = 20;

/// An observation as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadObservation {
    /// Number of its series.
    pub id: SeriesId,
    /// Its series.
    pub series: SeriesKey,
    /// Period, value, statuses and the row of the file.
    pub observation: ObservationRow,
}

/// What a version makes of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileTestRun {
    /// The version that was tried.
    pub version: ProfileVersion,
    /// The state that a submission would get, as far as its rows decide it.
    pub would_be: SubmissionState,
    /// Counts; new, revised and unchanged are not counted.
    pub counts: SubmissionCounts,
    /// Ignored rows by declared reason.
    pub ignored_by_reason: BTreeMap<String, u64>,
    /// Version of the checks.
    pub ruleset_version: String,
    /// SHA-256 of the sample.
    pub content_sha256: [u8; 32],
    /// The first findings.
    pub findings: Vec<Finding>,
    /// Whether there are more.
    pub truncated: bool,
    /// The first observations, by row.
    pub observations: Vec<ReadObservation>,
}

/// The observations of the first rows; a chunk comes sorted by series.
#[derive(Default)]
struct First {
    keys: BTreeMap<SeriesId, SeriesKey>,
    rows: Vec<ObservationRow>,
}

impl First {
    fn take(&mut self, chunk: Chunk) {
        self.rows.extend(chunk.rows);
        // Stable: the observations of one row stay in the order of their series.
        self.rows.sort_by_key(|observation| observation.row);
        self.rows.truncate(OBSERVATIONS_SHOWN);
        let Self { keys, rows } = self;
        keys.extend(chunk.new_series);
        keys.retain(|id, _| rows.iter().any(|observation| observation.series == *id));
    }

    fn shown(&self) -> Vec<ReadObservation> {
        let Self { keys, rows } = self;
        let shown = rows.iter().filter_map(|observation| {
            Some(ReadObservation {
                id: observation.series,
                series: keys.get(&observation.series)?.clone(),
                observation: *observation,
            })
        });
        shown.collect()
    }
}

/// Tries a version on a sample, draft or not.
///
/// # Errors
/// A refusal when there is no such version or the request as such cannot be served.
pub fn profile_test_run<B: AsRef<[u8]>>(
    centre: &Centre,
    caller: &Caller,
    request: &SubmissionRequest,
    place: (&str, i32),
    body: impl Iterator<Item = Result<B, BodyFault>>,
) -> Result<ProfileTestRun, ActError> {
    let missing = || ActError::refused(Code::ResourceNotFound);
    let version = profile_find(&mut centre.store.reader()?, place.0, Some(place.1))?.ok_or_else(missing)?;
    let book = centre.book();
    let text = version.profile.content.to_string();
    let number = u32::try_from(version.profile.version).unwrap_or(1);
    let mapping: MappingProfile = profile_read(text.as_bytes(), number, &book.codebook)
        .map_err(invalid)?
        .profile;
    let owner = book.codebook.body(&mapping.body);
    let sender = Caller {
        body: mapping.body.clone(),
        territory: owner.and_then(|body| body.territory.clone()),
        ..caller.clone()
    };
    let mut first = First::default();
    let reading = BodyReading {
        profile: Some(&mapping),
        stored: None,
    };
    let received = body_receive(centre, &book, &sender, request, reading, body, |chunk| {
        first.take(chunk);
    })?;
    let outcome = received.outcome;
    first.take(outcome.rest);
    let found = outcome.findings.counts();
    let counts = SubmissionCounts {
        rows: outcome.rows,
        rows_ignored: outcome.rows_ignored,
        rows_refused: outcome.rows_refused,
        observations: outcome.observations,
        errors: found.errors,
        soft: found.soft,
        warnings: found.warnings,
        ..SubmissionCounts::default()
    };
    let would_be = match (found.errors, found.warnings) {
        (0, 0) => SubmissionState::Accepted,
        (0, _) => SubmissionState::AcceptedWithWarnings,
        _ => SubmissionState::Rejected,
    };
    let mut findings = outcome.findings.into_sorted();
    let truncated = findings.len() > FINDINGS_SHOWN;
    findings.truncate(FINDINGS_SHOWN);
    let sha256 = received.kept.sha256;
    let entry = log_entry(
        centre.ids.next(),
        caller,
        "mapping_profile.test",
        request.request_id,
        place,
        Some(sha256),
    );
    centre.store.write(&entry, |_tx| Ok::<(), ActError>(()))?;
    Ok(ProfileTestRun {
        ruleset_version: book.ruleset_version().to_owned(),
        version,
        would_be,
        counts,
        ignored_by_reason: outcome.ignored_by_reason,
        content_sha256: sha256,
        findings,
        truncated,
        observations: first.shown(),
    })
}
