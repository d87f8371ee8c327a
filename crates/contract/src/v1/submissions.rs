//! Submissions on the wire.

use crate::v1::Finding;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether figures come for the first time or correct earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionKind {
    /// Delivered in the ordinary way.
    Original,
    /// Replaces an earlier submission's figures, with a reason.
    Correction,
    /// Takes an earlier submission's figures back, with a reason.
    Retraction,
}

/// A period as text: `2015`, `2015-S1`, `2015-Q3`, `2015-07`, `2015-W30`, `2015-07-23` or a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(max_length = 21)]
pub struct PeriodText(pub String);

/// What a correction does with figures of its slices that it does not send again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionMode {
    /// They stay: only what is sent changes.
    Merge,
    /// They are retracted: the slice is delivered whole.
    ReplaceSlice,
}

/// What happens to the sound rows of a submission that has faulty ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// One faulty row refuses the whole submission.
    AllOrNothing,
    /// Sound rows are stored, where the dataflow allows it.
    AcceptValid,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// Its bytes are kept; reading has not begun.
    Received,
    /// It is being read and checked.
    Validating,
    /// Every row is stored.
    Accepted,
    /// Every row is stored; there are warnings to read.
    AcceptedWithWarnings,
    /// The sound rows are stored; the faulty ones are listed.
    AcceptedPartial,
    /// No row is stored; every finding is listed.
    Rejected,
    /// Our fault; it is being tried again.
    Failed,
}

/// One row of a JSON submission, or one line of NDJSON. The server reads rows as a stream; this is their shape.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservationInput {
    /// Indicator code.
    #[schema(max_length = 64, pattern = "^[A-Z][A-Z0-9_]*$")]
    pub indicator: String,
    /// `2015`, `2015-S1`, `2015-Q3`, `2015-07`, `2015-W30`, `2015-07-23`, or a range `2018-01/2018-05`.
    #[schema(max_length = 21)]
    pub period: String,
    /// KATOTTH code or `UA`; `UA` when absent and the indicator has the dimension.
    #[schema(nullable = false, max_length = 32)]
    pub territory: Option<String>,
    /// Country code of the catalogue, ISO 3166-1 alpha-2 and specials; `_T` when absent.
    #[schema(nullable = false, max_length = 64)]
    pub citizenship: Option<String>,
    /// SDMX `CL_SEX`; `_T` when absent.
    #[schema(nullable = false, max_length = 8)]
    pub sex: Option<String>,
    /// SDMX age; `_T` when absent.
    #[schema(nullable = false, max_length = 16)]
    pub age: Option<String>,
    /// Other dimensions of the indicator by name; `_T` for those that are absent.
    #[schema(nullable = false)]
    pub dimensions: Option<BTreeMap<String, String>>,
    /// The number; `null` only with a status that says why there is none.
    pub value: Option<f64>,
    /// SDMX `CL_OBS_STATUS`; `A` when absent.
    #[schema(nullable = false, max_length = 1, pattern = "^[A-Z]$")]
    pub obs_status: Option<String>,
    /// Further statuses beside the main one, as letters, such as `PE`.
    #[schema(nullable = false, max_length = 20, pattern = "^[A-Z]*$")]
    pub obs_flags: Option<String>,
    /// SDMX `CL_CONF_STATUS`; `F` when absent.
    #[schema(nullable = false, max_length = 1, pattern = "^[A-Z]$")]
    pub conf_status: Option<String>,
}

/// A submission as one JSON document.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "dataflow": "ASYLUM_WEEKLY",
    "observations": [
        {"indicator": "ASY_APPL", "period": "2026-W45", "territory": "UA46000000000026241", "citizenship": "SY", "value": 12},
        {"indicator": "ASY_APPL", "period": "2026-W45", "territory": "UA46000000000026241", "citizenship": "AF", "value": 0}
    ]
}))]
pub struct SubmissionCreate {
    /// Dataflow code.
    #[schema(max_length = 64, pattern = "^[A-Z][A-Z0-9_]*$")]
    pub dataflow: String,
    /// `original` when absent.
    #[schema(nullable = false)]
    pub kind: Option<SubmissionKind>,
    /// What a correction does with figures of its slices that it does not hold; `replace_slice` when absent.
    #[schema(nullable = false)]
    pub mode: Option<SubmissionMode>,
    /// The `slice_etag` that a correction was made from, for senders that cannot set `If-Match`.
    #[schema(nullable = false, max_length = 32, pattern = "^\"?s[0-9]+\"?$")]
    pub if_match: Option<String>,
    /// `true` when there is nothing to report in `period`; then there are no rows.
    #[schema(nullable = false)]
    pub nil_report: Option<bool>,
    /// The period of a report of nothing.
    #[schema(nullable = false)]
    pub period: Option<PeriodText>,
    /// The submission that a correction corrects.
    #[schema(nullable = false)]
    pub supersedes: Option<Uuid>,
    /// Why: `late_data`, `error_fix`, `method_change`, `reclassification`, `deduplication`, `legal` or `other`.
    #[schema(nullable = false, max_length = 32)]
    pub reason_code: Option<String>,
    /// Why, in words; needed for `other`.
    #[schema(nullable = false, max_length = 2000)]
    pub reason_text: Option<String>,
    /// The idempotency key, for senders that cannot set headers.
    #[schema(
        nullable = false,
        min_length = 16,
        max_length = 128,
        pattern = "^[A-Za-z0-9._:-]{16,128}$"
    )]
    pub submission_ref: Option<String>,
    /// A remark for the centre.
    #[schema(nullable = false, max_length = 2000)]
    pub comment: Option<String>,
    /// `all_or_nothing` when absent; `accept_valid` where the dataflow allows it.
    #[schema(nullable = false)]
    pub acceptance: Option<Acceptance>,
    /// What is said about implausible figures; without it they refuse the submission.
    #[schema(nullable = false, max_items = 500)]
    pub explanations: Option<Vec<Explanation>>,
    /// The rows; absent or empty only in a report of nothing.
    #[serde(default)]
    #[schema(max_items = 200_000)]
    pub observations: Vec<ObservationInput>,
}

/// What a sender says about implausible figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Code of the findings that it explains.
    #[schema(max_length = 64, pattern = "^[a-z_]+\\.[a-z_]+$")]
    pub code: String,
    /// The one finding, by its pointer; all of the code when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 512)]
    pub pointer: Option<String>,
    /// The explanation.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// How many rows a submission had and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionCounts {
    /// Data rows read.
    pub rows: u64,
    /// Rows that the mapping profile declares to be no data.
    pub rows_ignored: u64,
    /// Rows with at least one error.
    pub rows_refused: u64,
    /// Observations read from the rows.
    pub observations: u64,
    /// Observations not known before.
    pub new: u64,
    /// Observations that replace an earlier version, which stays readable.
    pub revised: u64,
    /// Observations equal to what is known already.
    pub unchanged: u64,
    /// Observations taken back: sent earlier, not sent again, or retracted.
    pub retracted: u64,
    /// Findings of severity fatal or error; exact even where not all are kept.
    pub errors: u64,
    /// Findings of severity soft.
    pub soft: u64,
    /// Findings of severity warning.
    pub warnings: u64,
}

/// How far the reading of a submission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionProgress {
    /// Data rows read so far.
    pub rows_done: u64,
    /// Data rows in all, where known before reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub rows_total: Option<u64>,
}

/// A submission.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Submission {
    /// Its identifier.
    pub id: Uuid,
    /// Who delivered.
    #[schema(max_length = 32)]
    pub body: String,
    /// What; absent when a rejected body did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub dataflow: Option<String>,
    /// With which client.
    #[schema(max_length = 64)]
    pub client_id: String,
    /// Original, correction or retraction.
    pub kind: SubmissionKind,
    /// What it did with figures of its slices that it did not send again.
    pub mode: SubmissionMode,
    /// What happened to sound rows beside faulty ones.
    pub acceptance: Acceptance,
    /// Entity tag of the slices it touched, as they are now: for `If-Match`. Absent when it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32, pattern = "^\"s[0-9]+\"$")]
    pub slice_etag: Option<String>,
    /// Periods reported as having nothing to report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(nullable = false, max_items = 1000)]
    pub nil_periods: Vec<PeriodText>,
    /// The dry run that promised this result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub validation_id: Option<Uuid>,
    /// What it corrects or takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub supersedes: Option<Uuid>,
    /// The newest accepted correction of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub superseded_by: Option<Uuid>,
    /// The retraction that took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retracted_by: Option<Uuid>,
    /// Why it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub reason_code: Option<String>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub reason_text: Option<String>,
    /// Remark of the sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2000)]
    pub comment: Option<String>,
    /// What became of it.
    pub state: SubmissionState,
    /// Media type of the raw bytes.
    #[schema(max_length = 128)]
    pub content_type: String,
    /// SHA-256 of the raw bytes, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub content_sha256: String,
    /// Their number.
    pub content_bytes: u64,
    /// Mapping profile used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub profile: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    pub profile_version: Option<i32>,
    /// Version of the checks.
    #[schema(max_length = 32)]
    pub ruleset_version: String,
    /// When the request came in.
    pub received_at: DateTime<Utc>,
    /// When it became known; `asOf` compares with it. Absent until the state is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recorded_at: Option<DateTime<Utc>>,
    /// How far its reading is; absent when the state is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub progress: Option<SubmissionProgress>,
    /// Counts; all zero until the state is final.
    pub counts: SubmissionCounts,
    /// Ignored rows by the reason declared in the profile.
    pub ignored_by_reason: BTreeMap<String, u64>,
    /// The first findings.
    #[schema(max_items = 100)]
    pub findings: Vec<Finding>,
    /// Where every finding is.
    #[schema(max_length = 256)]
    pub findings_href: String,
    /// Where the raw bytes are.
    #[schema(max_length = 256)]
    pub content_href: String,
    /// Whether there are more findings than shown.
    pub truncated: bool,
}

/// A page of submissions, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubmissionPage {
    /// The submissions, without findings.
    #[schema(max_items = 200)]
    pub items: Vec<Submission>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    pub next: Option<String>,
}

/// What would become of a submission.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Validation {
    /// The state it would get.
    pub would_be: SubmissionState,
    /// Names this result for 24 hours: a submission with `validationId` ends exactly like it, or is refused.
    pub validation_id: Uuid,
    /// The counts it would get.
    pub counts: SubmissionCounts,
    /// Ignored rows by the reason declared in the profile.
    pub ignored_by_reason: BTreeMap<String, u64>,
    /// Entity tag of exactly the slices of this body, as they are now: for `If-Match`. Absent when it would be
    /// rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32, pattern = "^\"s[0-9]+\"$")]
    pub slice_etag: Option<String>,
    /// SHA-256 of the body, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub content_sha256: String,
    /// Version of the checks.
    #[schema(max_length = 32)]
    pub ruleset_version: String,
    /// The first findings.
    #[schema(max_items = 100)]
    pub findings: Vec<Finding>,
    /// Whether there are more.
    pub truncated: bool,
}
