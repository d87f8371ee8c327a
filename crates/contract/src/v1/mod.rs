//! Types of `/v1`.

mod catalogue;
mod findings;
mod observations;
mod problems;
mod retractions;
mod risk_metrics;
mod submission_words;
mod submissions;
mod tokens;

pub use catalogue::{
    Agreement, Body, BodyPage, CodeList, CodeListDetail, CodeListEntry, CodeListPage, Dataflow, DataflowPage,
    Dimension, Indicator, IndicatorPage, MappingProfile, MappingProfilePage,
};
pub use findings::{Finding, FindingColumn, FindingMessage, FindingPage, FindingSeverity};
pub use observations::{Observation, ObservationPage, Series, SeriesObservations, SeriesPage};
pub use problems::{ParameterFault, Problem, ProblemTitle};
pub use retractions::RetractionCreate;
pub use risk_metrics::{
    ExplainedObservation, RiskMetric, RiskMetricExplanation, RiskMetricLevel, RiskMetricPage,
    RiskMetricValue, RiskMetricValuePage,
};
pub use submissions::{
    ObservationInput, PeriodText, Submission, SubmissionCounts, SubmissionCreate, SubmissionKind,
    SubmissionMode, SubmissionPage, SubmissionState, Validation,
};
pub use tokens::{AuthorizationServerMetadata, Jwk, Jwks, TokenError, TokenRequest, TokenResponse};
