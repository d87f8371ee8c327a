//! Types of `/v1`.

mod agreements;
mod catalogue;
mod findings;
mod obligations;
mod observations;
mod problems;
mod risk_metrics;
mod submissions;
mod tokens;

pub use agreements::{
    Agreement, AgreementCreate, AgreementDecisionCreate, AgreementDetail, AgreementEvent, AgreementPage,
    AgreementState, AgreementTerms, FrequencyLetter,
};
pub use catalogue::{
    Body, BodyPage, CodeList, CodeListDetail, CodeListEntry, CodeListPage, Dataflow, DataflowPage, Dimension,
    Indicator, IndicatorAgreement, IndicatorPage, MappingProfile, MappingProfilePage,
};
pub use findings::{Finding, FindingColumn, FindingMessage, FindingPage, FindingSeverity};
pub use obligations::{
    CatalogueCode, Completeness, Obligation, ObligationDecision, ObligationDecisionCreate,
    ObligationDecisionKind, ObligationPage, ObligationStatus, Timeliness,
};
pub use observations::{Observation, ObservationPage, Series, SeriesObservations, SeriesPage};
pub use problems::{ParameterFault, Problem, ProblemTitle};
pub use risk_metrics::{
    ExplainedObservation, RiskMetric, RiskMetricExplanation, RiskMetricLevel, RiskMetricPage,
    RiskMetricValue, RiskMetricValuePage,
};
pub use submissions::{
    ObservationInput, PeriodText, Submission, SubmissionCounts, SubmissionCreate, SubmissionKind,
    SubmissionMode, SubmissionPage, SubmissionState, Validation,
};
pub use tokens::{AuthorizationServerMetadata, Jwk, Jwks, TokenError, TokenRequest, TokenResponse};
