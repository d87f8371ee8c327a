//! Obligations on the wire: what is due, what came in, how full it is.

use crate::v1::PeriodText;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How an obligation stands, by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObligationStatus {
    /// The period still runs.
    NotOpen,
    /// Can be delivered; not late yet.
    Open,
    /// Delivered in time.
    OnTime,
    /// Delivered after the grace time.
    Late,
    /// Not delivered, and the grace time is over.
    Overdue,
    /// Reported that there is nothing to report.
    Nil,
    /// The centre does not ask for it.
    Waived,
    /// Not delivered, and the period is closed.
    Frozen,
}

/// The code of an entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(max_length = 64)]
pub struct CatalogueCode(pub String);

/// Cells of one slice. `expected` is the sum of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Completeness {
    /// Series of the newest earlier period with figures, and series delivered beside them; one for an indicator that
    /// never came.
    #[schema(minimum = 0)]
    pub expected: u64,
    /// Answered with a number, or with a status that says that none can exist.
    #[schema(minimum = 0)]
    pub received: u64,
    /// Covered by a report that there is nothing to report.
    #[schema(minimum = 0)]
    pub nil: u64,
    /// Not told, or told as missing.
    #[schema(minimum = 0)]
    pub missing: u64,
    /// Withheld by the source.
    #[schema(minimum = 0)]
    pub suppressed: u64,
}

/// What the centre may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObligationDecisionKind {
    /// It is not asked for.
    Waived,
    /// It is asked for again, and a closed period takes figures.
    Reopened,
}

/// A decision of the centre.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ObligationDecision {
    /// What.
    pub decision: ObligationDecisionKind,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// A reopened period closes again at this moment; never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<DateTime<Utc>>,
    /// By which client.
    #[schema(max_length = 64)]
    pub client_id: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// What one body owes for one period of a dataflow.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Obligation {
    /// `BODY:DATAFLOW:PERIOD`.
    #[schema(max_length = 150)]
    pub id: String,
    /// Who owes.
    #[schema(max_length = 64)]
    pub body: String,
    /// What.
    #[schema(max_length = 64)]
    pub dataflow: String,
    /// For when.
    pub period: PeriodText,
    /// Indicators owed: those agreed on when the period ended.
    #[schema(max_items = 500)]
    pub indicators: Vec<CatalogueCode>,
    /// How it stands.
    pub status: ObligationStatus,
    /// Whether the first figures came after `grace_until`.
    pub late: bool,
    /// Whether the period takes no figures any more.
    pub frozen: bool,
    /// From now on figures can be complete: the beginning of the period's last day in Kyiv.
    pub opens_at: DateTime<Utc>,
    /// Due.
    pub due_at: DateTime<Utc>,
    /// On time until here.
    pub grace_until: DateTime<Utc>,
    /// Closed from here; never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub freeze_at: Option<DateTime<Utc>>,
    /// When the first figures that count came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub received_at: Option<DateTime<Utc>>,
    /// In which submission.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submission_id: Option<Uuid>,
    /// The newest decision of the centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision: Option<ObligationDecision>,
    /// Cells; absent when they were not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub completeness: Option<Completeness>,
}

/// How punctual a body was. Waived obligations do not count.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Timeliness {
    /// Body.
    #[schema(max_length = 64)]
    pub body: String,
    /// Met, or not met though the grace time is over.
    #[schema(minimum = 0)]
    pub due: u64,
    /// Met in time.
    #[schema(minimum = 0)]
    pub on_time: u64,
    /// Met late.
    #[schema(minimum = 0)]
    pub late: u64,
    /// Not met.
    #[schema(minimum = 0)]
    pub overdue: u64,
    /// `on_time` of `due`.
    #[schema(minimum = 0, maximum = 1)]
    pub rate: f64,
    /// Mean delay of late and unmet ones, in working days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0)]
    pub mean_delay_working_days: Option<f64>,
}

/// Obligations.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ObligationPage {
    /// The latest due first.
    #[schema(max_items = 100)]
    pub items: Vec<Obligation>,
    /// By body, over everything that the query names, not only this page.
    #[schema(max_items = 1000)]
    pub timeliness: Vec<Timeliness>,
    /// The next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 8192)]
    pub next: Option<String>,
}

/// A decision on an obligation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"decision": "reopened", "reason": "виправлення за актом звірки", "until": "2030-01-01T00:00:00Z"}))]
pub struct ObligationDecisionCreate {
    /// What.
    pub decision: ObligationDecisionKind,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// With `reopened`: the moment at which the period closes again.
    #[schema(nullable = false)]
    pub until: Option<DateTime<Utc>>,
}

impl From<leleka_domain::ObligationStatus> for ObligationStatus {
    fn from(status: leleka_domain::ObligationStatus) -> Self {
        use leleka_domain::ObligationStatus as Domain;
        match status {
            Domain::NotOpen => Self::NotOpen,
            Domain::Open => Self::Open,
            Domain::OnTime => Self::OnTime,
            Domain::Late => Self::Late,
            Domain::Overdue => Self::Overdue,
            Domain::Nil => Self::Nil,
            Domain::Waived => Self::Waived,
            Domain::Frozen => Self::Frozen,
        }
    }
}
