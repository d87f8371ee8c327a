//! Taking a small JSON document that writes: with its idempotency key, read strictly, at most 64 KiB.
//!
//! Knows no member; what a value may be is judged by the act.

use crate::http::body::{body_head, with_body};
use crate::http::caller::request_id;
use crate::http::problem::Failure;
use crate::http::submissions::idempotency_key;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use actix_web::web::Payload;
use leleka_domain::{Code, RowFormat};
use leleka_exchange::KeyedRequest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Largest document, in bytes.
const DOCUMENT_BYTES: usize = 64 * 1024;

/// Reads a document and its key.
pub(crate) async fn keyed_json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: Payload,
    deadline: Duration,
) -> Result<(T, KeyedRequest), Failure> {
    let head = body_head(request, DOCUMENT_BYTES as u64)?;
    if head.format != RowFormat::Json {
        return Err(Failure::new(Code::ContentTypeUnsupported).detail("application/json"));
    }
    let key = idempotency_key(request)?.ok_or_else(|| Failure::new(Code::IdempotencyKeyMissing))?;
    let received = with_body(request, payload, deadline, |chunks| {
        let mut bytes = Vec::new();
        for chunk in chunks {
            bytes.extend_from_slice(&chunk.map_err(|fault| Failure::new(fault.code()))?);
            if bytes.len() > DOCUMENT_BYTES {
                return Err(Failure::new(Code::BodyTooLarge).detail(DOCUMENT_BYTES.to_string()));
            }
        }
        Ok(bytes)
    });
    let bytes = received.await??;
    let payload_sha256: [u8; 32] = Sha256::digest(&bytes).into();
    if head
        .content_digest
        .is_some_and(|claimed| claimed != payload_sha256)
    {
        return Err(Failure::new(Code::DigestMismatch));
    }
    let document = serde_json::from_slice(&bytes)
        .map_err(|fault| Failure::new(Code::RequestMalformed).detail(fault_text(&fault)))?;
    let context = format!("{} {}\n{}\n", request.method(), request.path(), head.content_type);
    let fingerprint = Sha256::new()
        .chain_update(context.as_bytes())
        .chain_update(payload_sha256)
        .finalize()
        .into();
    Ok((
        document,
        KeyedRequest {
            key,
            fingerprint,
            payload_sha256,
            request_id: request_id(request),
        },
    ))
}

/// 201 with where the thing is, and whether the answer repeats an earlier one.
pub(crate) fn created<T: Serialize>(
    value: &T,
    location: &str,
    replayed: bool,
) -> Result<actix_web::HttpResponse, Failure> {
    let mut answer = crate::http::respond::json_with_status(StatusCode::CREATED, value)?;
    if let Ok(location) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// What the reader of JSON says, without control characters and bounded: it may quote what was sent.
fn fault_text(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(300)
        .collect()
}
