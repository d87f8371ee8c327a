//! How a request to submit is answered: 201, 422, or 202 with where to look, and in the end the same answer for
//! who waits for it.

use crate::http::prefer::Prefer;
use crate::http::problem::Failure;
use crate::http::respond::json_with_status;
use crate::http::submissions::submission_wire;
use crate::service::Service;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use actix_web::web::{self, Data};
use leleka_domain::{BodyScope, SubmissionId, SubmissionState};
use leleka_exchange::{SubmissionAnswer, SubmissionReport, submission_report};
use std::time::Duration;
use tokio::time::Instant;

const ACCEPTED: u16 = 201;
const DEFERRED: u16 = 202;
const REJECTED: u16 = 422;
/// Another server of the same database may read the submission; nobody here is told then.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Answers; who asked to wait and was promised a result waits for it.
pub(crate) async fn answer(
    service: &Data<Service>,
    answered: SubmissionAnswer,
    prefer: Prefer,
) -> Result<HttpResponse, Failure> {
    let SubmissionAnswer {
        mut report,
        replayed,
        mut status,
    } = answered;
    let mut applied = Vec::new();
    if status == DEFERRED && !replayed {
        if let Some(seconds) = prefer.wait_seconds.filter(|seconds| *seconds > 0)
            && let Some(ended) = await_end(service, &report, seconds).await?
        {
            status = if ended.submission.state == SubmissionState::Rejected {
                REJECTED
            } else {
                ACCEPTED
            };
            report = ended;
            applied.push(format!("wait={seconds}"));
        } else if prefer.respond_async {
            applied.push("respond-async".to_owned());
        }
    }
    let mut headers = Vec::new();
    if let Ok(applied) = HeaderValue::from_str(&applied.join(", "))
        && !applied.is_empty()
    {
        headers.push((HeaderName::from_static("preference-applied"), applied));
    }
    if replayed {
        let yes = HeaderValue::from_static("true");
        headers.push((HeaderName::from_static("idempotency-replayed"), yes));
    }
    if status == REJECTED {
        let failure = Failure::rejected(report);
        let with_headers = |failure: Failure, (name, value)| failure.header(name, value);
        return Err(headers.into_iter().fold(failure, with_headers));
    }
    let again = retry_after(&report);
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/submissions/{}", report.submission.id)) {
        headers.push((LOCATION, location));
    }
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut answer = json_with_status(code, &submission_wire(report))?;
    for (name, value) in headers {
        answer.headers_mut().insert(name, value);
    }
    retry_after_insert(answer.headers_mut(), again);
    Ok(answer)
}

/// Seconds after which looking again is worth while.
pub(crate) fn retry_after(report: &SubmissionReport) -> Option<u32> {
    report.progress?.retry_after_seconds
}

pub(crate) fn retry_after_insert(headers: &mut HeaderMap, seconds: Option<u32>) {
    if let Some(seconds) = seconds {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// Waits for the record; `None` when it did not come in time.
async fn await_end(
    service: &Data<Service>,
    report: &SubmissionReport,
    seconds: u32,
) -> Result<Option<SubmissionReport>, Failure> {
    let (id, scope) = (
        report.submission.id,
        BodyScope::One(report.submission.body.clone()),
    );
    let until = Instant::now() + Duration::from_secs(u64::from(seconds));
    loop {
        // Listening begins before looking, so that nothing is missed in between.
        let ended = service.submissions.ended();
        if let Some(found) = recorded(service, &scope, id).await? {
            return Ok(Some(found));
        }
        let look_again = until.min(Instant::now() + LOOK_AGAIN);
        tokio::select! {
            () = ended => {}
            () = tokio::time::sleep_until(look_again) => {}
        }
        if Instant::now() >= until {
            return recorded(service, &scope, id).await;
        }
    }
}

async fn recorded(
    service: &Data<Service>,
    scope: &BodyScope,
    id: SubmissionId,
) -> Result<Option<SubmissionReport>, Failure> {
    let (service, scope) = (service.clone(), scope.clone());
    let found = web::block(move || submission_report(&service.centre, &scope, id)).await??;
    Ok(found.filter(|found| found.progress.is_none()))
}
