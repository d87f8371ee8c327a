//! The outer layer of every request: identifier, headers, rendering of failures, one log line.
//!
//! A panic in a handler ends as a problem, not as a broken connection.

use crate::http::problem::Failure;
use crate::http::quota::Taken;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_util::FutureExt;
use leleka_contract::CONTRACT_VERSION;
use leleka_domain::{Code, IdSource, ProblemClass, RequestId};
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers that stand on every answer.
const HEADERS: [(&str, &str); 8] = [
    ("api-version", CONTRACT_VERSION),
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    ("permissions-policy", "interest-cohort=()"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// The browsable contract needs its own scripts, styles and pictures, and nothing from elsewhere.
const DOCS_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Wraps every request.
pub(crate) async fn outer_layer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let sent = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let request_id = sent
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| IdSource.next());
    request.extensions_mut().insert(RequestId(request_id));
    let (method, path) = (
        request.method().clone(),
        request.match_pattern().unwrap_or_else(|| "(none)".to_owned()),
    );
    let english = prefers_english(request.headers());
    let answered = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    let mut response = match answered {
        Ok(Ok(response)) => rendered(response.map_into_boxed_body(), request_id, english),
        Ok(Err(error)) => return Err(error),
        Err(_panic) => {
            tracing::error!(%request_id, %method, path, "a handler panicked");
            // The request went down with its handler; the failure dresses its answer itself.
            return Err(Failure::new(Code::ServerError).into());
        }
    };
    if path.starts_with("/docs") {
        let policy = HeaderValue::from_static(DOCS_POLICY);
        response
            .headers_mut()
            .insert(HeaderName::from_static("content-security-policy"), policy);
    }
    let taken = response.request().extensions().get::<Taken>().cloned();
    if let Some(taken) = taken {
        taken.settle(response.headers_mut());
    }
    dress(response.headers_mut(), request_id);
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%request_id, %method, path, status = response.status().as_u16(), duration_ms, "answered");
    Ok(response)
}

/// Puts the headers of every answer on one.
pub(crate) fn dress(headers: &mut HeaderMap, request_id: Uuid) {
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
}

fn rendered(response: ServiceResponse<BoxBody>, request_id: Uuid, english: bool) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        // The page of the contract answers with nothing when it has no such file.
        return match response.status() {
            StatusCode::NOT_FOUND => {
                let answer = Failure::new(Code::ResourceNotFound).render(request_id, english);
                response.into_response(answer)
            }
            _ => response,
        };
    };
    let answer = match error.as_error::<Failure>() {
        Some(failure) => {
            failure.log(request_id);
            failure.render(request_id, english)
        }
        None => unexpected(error, request_id, english),
    };
    response.into_response(answer)
}

/// An error that the framework made, in our form.
fn unexpected(error: &Error, request_id: Uuid, english: bool) -> HttpResponse {
    let status = error.as_response_error().status_code();
    let fits = |code: &&Code| crate::http::problem::status_of(code.class()) == status;
    let known = Code::ALL
        .iter()
        .filter(|code| code.class() != ProblemClass::Finding)
        .find(fits);
    if known.is_none() && !status.is_client_error() {
        tracing::error!(%request_id, "unexpected error: {error}");
    }
    let fallback = if status.is_client_error() {
        Code::RequestMalformed
    } else {
        Code::ServerError
    };
    Failure::new(known.copied().unwrap_or(fallback)).render(request_id, english)
}

fn prefers_english(headers: &HeaderMap) -> bool {
    let language = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    language
        .trim_start()
        .get(..2)
        .is_some_and(|first| first.eq_ignore_ascii_case("en"))
}
