//! Types of `/v1`.

mod agreements;
mod alerts;
mod catalogue;
mod changes;
mod findings;
mod forecasts;
mod jobs;
mod mapping_profiles;
mod metric_history;
mod obligations;
mod observations;
mod problems;
mod publications;
mod reconciliation;
mod retractions;
mod revisions;
mod risk_assessments;
mod risk_board;
mod risk_metric_runs;
mod risk_metric_versions;
mod risk_metrics;
mod rules;
mod submission_words;
mod submissions;
mod tokens;

pub use agreements::{
    Agreement, AgreementCreate, AgreementDecisionCreate, AgreementDetail, AgreementEvent, AgreementPage,
    AgreementState, AgreementTerms, FrequencyLetter,
};
pub use alerts::{
    Alert, AlertDecisionCreate, AlertDecisionKind, AlertDetail, AlertEvent, AlertEventKind, AlertPage,
    AlertState, AlertVerdict,
};
pub use catalogue::{
    Body, BodyPage, CodeList, CodeListDetail, CodeListEntry, CodeListPage, Dataflow, DataflowPage, Dimension,
    Indicator, IndicatorAgreement, IndicatorPage,
};
pub use changes::{Change, ChangePage};
pub use findings::{Finding, FindingColumn, FindingMessage, FindingPage, FindingRelated, FindingSeverity};
pub use forecasts::{
    Forecast, ForecastBacktest, ForecastCreate, ForecastMethod, ForecastPage, ForecastPoint, ForecastVerdict,
};
pub use jobs::{Job, JobPage, JobState};
pub use mapping_profiles::{
    MappingProfile, MappingProfileChange, MappingProfileDetail, MappingProfileEvent,
    MappingProfileObservation, MappingProfilePage, MappingProfileState, MappingProfileTestRun,
    MappingProfileVersion,
};
pub use metric_history::{
    AlertTurn, CalibrationPoint, LevelRevisionCounts, MeasuredShare, PastAlert, PastAlertPage, ReasonCount,
    RiskMetricEvaluation, VerdictCounts,
};
pub use obligations::{
    CatalogueCode, Completeness, Obligation, ObligationDecision, ObligationDecisionCreate,
    ObligationDecisionKind, ObligationPage, ObligationStatus, Timeliness,
};
pub use observations::{Observation, ObservationPage, Series, SeriesObservations, SeriesPage};
pub use problems::{ParameterFault, Problem, ProblemTitle, QuotaPolicy};
pub use publications::{
    PublicationCell, PublicationCellStatus, PublicationMethod, PublicationTable, RiskMetricPublication,
    RiskMetricPublicationCreate,
};
pub use reconciliation::{ReconciledFigure, ReconciliationPage};
pub use retractions::RetractionCreate;
pub use revisions::{
    DelayCompleteness, FigureVersion, Nowcast, RevisedFigure, RevisionGroup, RevisionPage, RevisionStatistics,
};
pub use risk_assessments::{
    AssessedLevel, AssessmentConfidence, CiramComponent, RiskAssessment, RiskAssessmentCreate,
    RiskAssessmentPage,
};
pub use risk_board::{
    RiskBoardAlert, RiskBoardBefore, RiskBoardItem, RiskBoardNewer, RiskBoardPage, RiskBoardSummary,
    RiskComponentCounts, RiskLevelChange, RiskLevelCounts,
};
pub use risk_metric_runs::{RiskMetricMismatch, RiskMetricRecomputation, RiskMetricRun, RiskMetricRunPage};
pub use risk_metric_versions::{
    RiskMetricCell, RiskMetricChangedCell, RiskMetricDetail, RiskMetricDifference, RiskMetricEvent,
    RiskMetricLevelPair, RiskMetricNextState, RiskMetricState, RiskMetricStateCreate, RiskMetricTestRun,
    RiskMetricTestRunCreate,
};
pub use risk_metrics::{
    ExplainedObservation, RiskMetric, RiskMetricExplanation, RiskMetricInterval, RiskMetricLeftOut,
    RiskMetricLevel, RiskMetricPage, RiskMetricSensitivity, RiskMetricValue, RiskMetricValuePage,
};
pub use rules::{Rule, RuleIndicator, RulePage};
pub use submissions::{
    ObservationInput, PeriodText, Submission, SubmissionCounts, SubmissionCreate, SubmissionKind,
    SubmissionMode, SubmissionPage, SubmissionProgress, SubmissionState, Validation,
};
pub use tokens::{AuthorizationServerMetadata, Jwk, Jwks, TokenError, TokenRequest, TokenResponse};
