//! Answers: negotiated format, strong ETag, 304.

use crate::http::problem::{Failure, hexadecimal};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, ETAG, IF_NONE_MATCH, VARY};
use actix_web::{HttpRequest, HttpResponse};
use leleka_domain::Code;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Formats in which data are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `application/json`.
    Json,
    /// `text/csv`, RFC 4180, UTF-8.
    Csv,
}

impl Format {
    /// The word of the query parameter `format`.
    pub(crate) const WORDS: [&'static str; 2] = ["json", "csv"];

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// The format asked for by the parameter, else by `Accept`, else JSON.
    pub(crate) fn negotiate(
        request: &HttpRequest,
        word: Option<&str>,
        offered: &[Self],
    ) -> Result<Self, Failure> {
        match word {
            Some("csv") => return Ok(Self::Csv),
            Some("json") => return Ok(Self::Json),
            _ => {}
        }
        let accept: Vec<&str> = request
            .headers()
            .get_all(ACCEPT)
            .filter_map(|value| value.to_str().ok())
            .collect();
        if accept.is_empty() {
            return Ok(Self::Json);
        }
        let wanted = accept
            .iter()
            .flat_map(|value| value.split(','))
            .filter_map(media_range);
        let mut wanted: Vec<(f32, &str)> = wanted.collect();
        wanted.sort_by(|left, right| right.0.total_cmp(&left.0));
        let pick = wanted
            .into_iter()
            .filter(|(quality, _)| *quality > 0.0)
            .find_map(|(_, range)| {
                offered.iter().copied().find(|format| match range {
                    "*/*" => true,
                    "application/*" | "application/json" => *format == Self::Json,
                    "text/*" | "text/csv" => *format == Self::Csv,
                    _ => false,
                })
            });
        pick.ok_or_else(|| Failure::new(Code::AcceptUnsupported))
    }
}

fn media_range(part: &str) -> Option<(f32, &str)> {
    let mut pieces = part.split(';').map(str::trim);
    let range = pieces.next()?;
    let quality = pieces
        .find_map(|piece| piece.strip_prefix("q="))
        .map_or(Some(1.0), |text| text.parse().ok())?;
    Some((quality, range))
}

/// A strong ETag of 128 bits over what decides the answer.
pub(crate) fn etag_of(parts: &[&[u8]]) -> String {
    let digest = parts
        .iter()
        .fold(Sha256::new(), |hash, part| {
            hash.chain_update((part.len() as u64).to_be_bytes())
                .chain_update(part)
        })
        .finalize();
    format!("\"{}\"", hexadecimal(digest.get(..16).unwrap_or_default()))
}

/// Whether the caller has this version already.
pub(crate) fn is_unchanged(request: &HttpRequest, etag: &str) -> bool {
    let values = request
        .headers()
        .get_all(IF_NONE_MATCH)
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// 304 with its ETag.
pub(crate) fn not_modified(etag: &str) -> HttpResponse {
    HttpResponse::NotModified().insert_header((ETAG, etag)).finish()
}

/// 200 with bytes and their ETag.
pub(crate) fn with_etag(etag: &str, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, etag))
        .insert_header((VARY, "Accept, Authorization"))
        .content_type(media_type)
        .body(bytes)
}

/// A JSON answer whose ETag is that of its bytes.
pub(crate) fn json<T: Serialize>(request: &HttpRequest, value: &T) -> Result<HttpResponse, Failure> {
    Format::negotiate(request, None, &[Format::Json])?;
    let bytes = json_bytes(value)?;
    let etag = etag_of(&[&bytes]);
    if is_unchanged(request, &etag) {
        return Ok(not_modified(&etag));
    }
    Ok(with_etag(&etag, Format::Json.media_type(), bytes))
}

/// A JSON answer with another status, such as 201.
pub(crate) fn json_with_status<T: Serialize>(status: StatusCode, value: &T) -> Result<HttpResponse, Failure> {
    Ok(HttpResponse::build(status)
        .content_type(Format::Json.media_type())
        .body(json_bytes(value)?))
}

pub(crate) fn json_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|_| Failure::new(Code::ServerError))
}

/// The word of a value that is written as one.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).ok();
    value
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
