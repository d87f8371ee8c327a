//! Jobs on the wire: work that goes on after its request was answered, for those who run the service.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its turn, or for its next attempt.
    Queued,
    /// A worker is at it.
    Running,
    /// It was done, or cancelled.
    Done,
    /// It failed too often and was given up.
    Dead,
}

impl JobState {
    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "queued" => Some(Self::Queued),
            "running" => Some(Self::Running),
            "done" => Some(Self::Done),
            "dead" => Some(Self::Dead),
            _ => None,
        }
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Job {
    /// Its identifier; the job of a submission has the submission's.
    pub id: Uuid,
    /// `submission`, `metrics_recompute`, `forecasts_refresh` or `key_sweep`.
    #[schema(max_length = 64)]
    pub kind: String,
    /// For which body; absent for the centre's own work.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 32)]
    pub body: Option<String>,
    /// Where it is.
    pub state: JobState,
    /// How often it was begun.
    #[schema(minimum = 0)]
    pub attempts: i32,
    /// Units done in this attempt: rows of a submission, recomputed metrics.
    pub progress_done: u64,
    /// Units in all, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub progress_total: Option<u64>,
    /// Stable code of the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 64)]
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// Not begun before this moment.
    pub run_at: DateTime<Utc>,
    /// When it was first begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it was done or given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// A page of jobs, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct JobPage {
    /// The jobs.
    #[schema(max_items = 200)]
    pub items: Vec<Job>,
    /// Path of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 2048)]
    pub next: Option<String>,
}
