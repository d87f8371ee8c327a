//! The only error of the HTTP edge: a stable code, rendered as problem+json in the language of the request.
//!
//! A 5xx answer carries the request id and nothing of its cause; the cause is logged once, here.

use crate::http::quota::{QUOTA_PROBLEM, Violated};
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use leleka_contract::v1::{ParameterFault, Problem, ProblemTitle};
use leleka_domain::{Code, Finding, ProblemClass, SubmissionId};
use leleka_exchange::{ActError, Refusal, SCHEMA_VERSION, SubmissionReport};
use leleka_store::StoreError;
use std::error::Error;
use std::fmt;
use uuid::Uuid;

/// Seconds after which it is worth asking again, where nothing more exact is known.
const PAUSE: HeaderValue = HeaderValue::from_static("5");
/// So many findings stand in an answer.
const FINDINGS_SHOWN: usize = 100;

/// An answer that is not a success.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    detail: Option<Box<str>>,
    parameters: Vec<ParameterFault>,
    rejected: Option<Box<SubmissionReport>>,
    violated: Option<Violated>,
    findings: Box<[Finding]>,
    existing: Option<Box<SubmissionId>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    pub(crate) fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            parameters: Vec::new(),
            rejected: None,
            violated: None,
            findings: Box::default(),
            existing: None,
            headers: Vec::new(),
            cause: None,
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into().into());
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn parameters(code: Code, parameters: Vec<ParameterFault>) -> Self {
        Self {
            parameters,
            ..Self::new(code)
        }
    }

    pub(crate) fn violated(self, violated: Violated) -> Self {
        Self {
            violated: Some(violated),
            ..self
        }
    }

    pub(crate) fn rejected(report: SubmissionReport) -> Self {
        Self {
            rejected: Some(Box::new(report)),
            ..Self::new(Code::SubmissionRejected)
        }
    }

    fn caused(code: Code, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(code)
        }
    }

    /// The whole answer, for this request and language.
    pub(crate) fn render(&self, request_id: Uuid, english: bool) -> HttpResponse {
        let status = status_of(self.code.class());
        let titles = ProblemTitle {
            uk: self.code.text_uk().to_owned(),
            en: self.code.text_en().to_owned(),
        };
        let rejected = self.rejected.as_deref();
        let problem = Problem {
            type_uri: if self.code == Code::QuotaExceeded {
                QUOTA_PROBLEM.to_owned()
            } else {
                format!("urn:leleka:problem:{}", self.code)
            },
            title: if english {
                titles.en.clone()
            } else {
                titles.uk.clone()
            },
            status: status.as_u16(),
            detail: self.detail.as_deref().map(str::to_owned),
            instance: format!("urn:uuid:{request_id}"),
            code: self.code.as_str().to_owned(),
            titles,
            parameters: self.parameters.clone(),
            violated_policies: self.violated.map(Violated::policies).unwrap_or_default(),
            submission_id: rejected.map(|report| report.submission.id.0),
            existing_submission_id: self.existing.as_ref().map(|id| id.0),
            ruleset_version: rejected.map(|report| report.submission.ruleset_version.clone()),
            schema_version: rejected.map(|_| SCHEMA_VERSION.to_owned()),
            content_sha256: rejected.map(|report| hexadecimal(&report.submission.content_sha256)),
            counts: rejected.map(|report| report.submission.counts.into()),
            findings: rejected
                .map_or(&*self.findings, |report| &report.findings)
                .iter()
                .take(FINDINGS_SHOWN)
                .map(|finding| finding.clone().into())
                .collect(),
            findings_href: rejected
                .map(|report| format!("/v1/submissions/{}/findings", report.submission.id)),
            truncated: match rejected {
                Some(report) => Some(report.truncated),
                None => (!self.findings.is_empty()).then_some(self.findings.len() > FINDINGS_SHOWN),
            },
        };
        let mut answer = HttpResponse::build(status);
        answer.insert_header(ContentType(mime_problem()));
        for (name, value) in &self.headers {
            answer.insert_header((name.clone(), value.clone()));
        }
        let told = self.headers.iter().any(|(name, _)| *name == RETRY_AFTER);
        if status == StatusCode::SERVICE_UNAVAILABLE && !told {
            answer.insert_header((RETRY_AFTER, PAUSE));
        }
        answer.body(serde_json::to_vec(&problem).unwrap_or_default())
    }

    /// Logs the chain of causes of what is our fault.
    pub(crate) fn log(&self, request_id: Uuid) {
        if let Some(cause) = &self.cause {
            let mut chain = cause.to_string();
            let mut source = cause.source();
            while let Some(deeper) = source {
                chain.push_str(": ");
                chain.push_str(&deeper.to_string());
                source = deeper.source();
            }
            tracing::error!(request_id = %request_id, code = %self.code, "request failed: {chain}");
        }
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn mime_problem() -> mime::Mime {
    "application/problem+json"
        .parse()
        .unwrap_or(mime::APPLICATION_JSON)
}

/// The status of a class of problems.
pub(crate) fn status_of(class: ProblemClass) -> StatusCode {
    match class {
        ProblemClass::BadRequest => StatusCode::BAD_REQUEST,
        ProblemClass::Unauthenticated => StatusCode::UNAUTHORIZED,
        ProblemClass::Forbidden => StatusCode::FORBIDDEN,
        ProblemClass::NotFound => StatusCode::NOT_FOUND,
        ProblemClass::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ProblemClass::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        ProblemClass::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        ProblemClass::Conflict => StatusCode::CONFLICT,
        ProblemClass::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        ProblemClass::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
        ProblemClass::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemClass::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProblemClass::Unprocessable | ProblemClass::Finding => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemClass::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ProblemClass::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ProblemClass::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        status_of(self.code.class())
    }

    /// The answer where the request is not known any more; the outer layer renders it for the request.
    fn error_response(&self) -> HttpResponse {
        let request_id = leleka_domain::IdSource.next();
        let mut answer = self.render(request_id, false);
        crate::http::layer::dress(answer.headers_mut(), request_id);
        answer
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Refused(Refusal {
                code,
                detail,
                existing_submission_id,
            }) => {
                let failure = Self {
                    detail: detail.map(Into::into),
                    existing: existing_submission_id.map(Box::new),
                    ..Self::new(code)
                };
                // RFC 6750: who may not do what the body asks for is told like one who may not ask at all.
                match code.class() {
                    ProblemClass::Forbidden => failure.header(
                        WWW_AUTHENTICATE,
                        HeaderValue::from_static("Bearer realm=\"leleka\", error=\"insufficient_scope\""),
                    ),
                    _ => failure,
                }
            }
            ActError::Faulty { code, findings } => Self {
                findings: findings.into(),
                ..Self::new(code)
            },
            ActError::Store(error) => error.into(),
            ActError::Spool(_)
            | ActError::Definition(_)
            | ActError::NotReproduced(_)
            | ActError::WorkerLost => Self::caused(Code::ServerError, error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Retryable(_) | StoreError::Connection(_) => {
                Self::caused(Code::ServerOverloaded, error)
            }
            StoreError::Constraint { .. }
            | StoreError::SeriesCollision { .. }
            | StoreError::Corrupt(_)
            | StoreError::Database(_)
            | StoreError::Migration(_) => Self::caused(Code::ServerError, error),
        }
    }
}

impl From<actix_web::error::BlockingError> for Failure {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::caused(Code::ServerError, error)
    }
}
