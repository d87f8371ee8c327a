//! Taking a small JSON document: with its idempotency key where one is needed, read strictly, at most 64 KiB.
//!
//! Knows no member; what a value may be is judged by the act.

use crate::http::body::{BodyHead, body_head, with_body};
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
    let (bytes, keyed) = keyed_bytes(request, payload, deadline).await?;
    Ok((document_read(&bytes)?, keyed))
}

/// Reads a document of a request that may be repeated without a key.
pub(crate) async fn plain_json<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: Payload,
    deadline: Duration,
) -> Result<T, Failure> {
    document_read(&document_bytes(request, payload, deadline).await?.1)
}

fn document_read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let read = serde_json::from_slice(bytes);
    read.map_err(|fault| Failure::new(Code::RequestMalformed).detail(fault_text(&fault)))
}

/// The bytes of a document that the act reads itself, and its key.
pub(crate) async fn keyed_bytes(
    request: &HttpRequest,
    payload: Payload,
    deadline: Duration,
) -> Result<(Vec<u8>, KeyedRequest), Failure> {
    document_head(request)?;
    let key = idempotency_key(request)?.ok_or_else(|| Failure::new(Code::IdempotencyKeyMissing))?;
    let (content_type, bytes) = document_bytes(request, payload, deadline).await?;
    let payload_sha256: [u8; 32] = Sha256::digest(&bytes).into();
    let context = format!("{} {}\n{content_type}\n", request.method(), request.path());
    let fingerprint = Sha256::new()
        .chain_update(context.as_bytes())
        .chain_update(payload_sha256)
        .finalize()
        .into();
    let keyed = KeyedRequest {
        key,
        fingerprint,
        payload_sha256,
        request_id: request_id(request),
    };
    Ok((bytes, keyed))
}

fn document_head(request: &HttpRequest) -> Result<BodyHead, Failure> {
    let head = body_head(request, DOCUMENT_BYTES as u64)?;
    if head.format == RowFormat::Json {
        Ok(head)
    } else {
        Err(Failure::new(Code::ContentTypeUnsupported).detail("application/json"))
    }
}

/// The media type as sent, and the bytes, which are those that the sender counted.
async fn document_bytes(
    request: &HttpRequest,
    payload: Payload,
    deadline: Duration,
) -> Result<(String, Vec<u8>), Failure> {
    let head = document_head(request)?;
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
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    if head.content_digest.is_some_and(|claimed| claimed != digest) {
        return Err(Failure::new(Code::DigestMismatch));
    }
    Ok((head.content_type, bytes))
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
