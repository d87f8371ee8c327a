//! POST /v1/risk-assessments: an analyst's judgement about a metric or a component of CIRAM.

use crate::http::caller::{AlertDecide, Authorised};
use crate::http::keyed_json::{created, keyed_json};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::word;
use crate::http::risk_assessments::assessment_wire;
use crate::service::Service;
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{
    AssessedLevel, AssessmentConfidence, PeriodText, Problem, RiskAssessment, RiskAssessmentCreate,
};
use leleka_domain::{Code, Period};
use leleka_exchange::{AssessmentRequest, AssessmentSubject, assessment_create};

/// Judge a risk
///
/// Level, confidence and why. It stands beside the computed level and never replaces it; a newer judgement of the same
/// metric and dimensions, or component and dimensions, supersedes it.
#[utoipa::path(
    operation_id = "risk_assessment_create", tag = "risk board",
    params(
        ("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each judgement, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$"),
    ),
    request_body(content = RiskAssessmentCreate, content_type = "application/json", description = "The judgement."),
    responses(
        (status = 201, description = "Kept.", body = RiskAssessment, headers(("Location" = String, description = "The judgements."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 409, description = "A request with this key is still running.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member has no expected value; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["alert:decide"])),
)]
#[post("/v1/risk-assessments")]
pub(crate) async fn risk_assessment_create(
    request: HttpRequest,
    authorised: Authorised<AlertDecide>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (sent, keyed) = keyed_json::<RiskAssessmentCreate>(&request, payload, service.body_deadline).await?;
    let invalid = |expected: &str| Failure::new(Code::MemberInvalid).detail(expected);
    let subject = match (sent.metric, sent.component) {
        (Some(metric), None) => AssessmentSubject::Metric(metric),
        (None, Some(component)) => AssessmentSubject::Component(word(&component)),
        _ => return Err(invalid("/metric | /component")),
    };
    let period = |PeriodText(text): PeriodText| {
        let parsed: Result<Period, _> = text.parse();
        parsed.map_err(|_fault| invalid("/period: 2015 | 2015-Q3 | 2015-07 | 2015-W30"))
    };
    let new = AssessmentRequest {
        subject,
        dimensions: sent
            .dimensions
            .into_iter()
            .map(|(name, code)| (name, code.0))
            .collect(),
        period: sent.period.map(period).transpose()?,
        level: match sent.level {
            AssessedLevel::Low => "low",
            AssessedLevel::Guarded => "guarded",
            AssessedLevel::Elevated => "elevated",
            AssessedLevel::High => "high",
            AssessedLevel::Critical => "critical",
        },
        confidence: match sent.confidence {
            AssessmentConfidence::Low => "low",
            AssessmentConfidence::Moderate => "moderate",
            AssessmentConfidence::High => "high",
        },
        text_uk: sent.text_uk,
        text_en: sent.text_en,
        expires_at: sent.expires_at,
    };
    let acted =
        web::block(move || assessment_create(&service.centre, &authorised.caller, &keyed, &new)).await?;
    let (stored, replayed) = acted?;
    let location = stored.code.as_ref().map_or_else(
        || "/v1/risk-assessments".to_owned(),
        |code| format!("/v1/risk-assessments?metric={code}"),
    );
    created(&assessment_wire(stored), &location, replayed)
}
