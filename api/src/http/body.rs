//! Taking a request body: how large, how fast, in which coding, and handing it to an act.
//!
//! A small body is taken whole before a thread is used for it; a larger one flows through a bounded channel.
//! Never inflates: a body compressed with gzip is handed on as it is, any other coding is refused.

use crate::http::problem::Failure;
use crate::http::quota::Taken;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpMessage, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use leleka_domain::{Code, RowFormat};
use leleka_exchange::BodyFault;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// Up to this size a body is taken whole first.
const SMALL_BYTES: u64 = 256 * 1024;
/// The media type is kept with the submission; none that is understood is longer.
const CONTENT_TYPE_BYTES: usize = 128;
/// Chunks under way between the network and the reader.
const CHUNKS: usize = 16;

/// How a body is described by its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BodyHead {
    pub(crate) format: RowFormat,
    pub(crate) content_type: String,
    pub(crate) delimiter: u8,
    pub(crate) content_digest: Option<[u8; 32]>,
    pub(crate) gzip: bool,
}

/// Reads what the headers say; refuses what cannot be taken.
pub(crate) fn body_head(request: &HttpRequest, most_bytes: u64) -> Result<BodyHead, Failure> {
    let headers = request.headers();
    let coding = one(headers, CONTENT_ENCODING)?.unwrap_or("identity").trim();
    let gzip = coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip");
    if !gzip && !coding.eq_ignore_ascii_case("identity") {
        let failure = Failure::new(Code::ContentCodingUnsupported);
        return Err(failure.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip, identity")));
    }
    let length = one(headers, CONTENT_LENGTH)?.and_then(|text| text.parse::<u64>().ok());
    if length.is_some_and(|length| length > most_bytes) {
        return Err(Failure::new(Code::BodyTooLarge).detail(most_bytes.to_string()));
    }
    let content_type = one(headers, CONTENT_TYPE)?.unwrap_or_default().to_owned();
    let (format, delimiter) = media_type(&content_type)
        .filter(|_| content_type.len() <= CONTENT_TYPE_BYTES)
        .ok_or_else(|| Failure::new(Code::ContentTypeUnsupported))?;
    let digest =
        match one(headers, HeaderName::from_static("content-digest"))? {
            None => None,
            Some(text) => Some(digest_sha256(text).ok_or_else(|| {
                Failure::new(Code::HeaderInvalid).detail("Content-Digest: sha-256=:<base64>:")
            })?),
        };
    Ok(BodyHead {
        format,
        content_type,
        delimiter,
        content_digest: digest,
        gzip,
    })
}

/// The value of a header that stands at most once.
pub(crate) fn one(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Failure> {
    let mut values = headers.get_all(&name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Failure::new(Code::HeaderInvalid).detail(name.to_string()));
    }
    first
        .map(|value| {
            value
                .to_str()
                .map_err(|_| Failure::new(Code::HeaderInvalid).detail(name.to_string()))
        })
        .transpose()
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const SDMX_CSV: &str = "application/vnd.sdmx.data+csv";

/// The media types and their parameters; anything else is not supported.
pub(crate) fn media_type(text: &str) -> Option<(RowFormat, u8)> {
    // The one quoted string in which a semicolon means itself.
    let text = text.replace("\";\"", "semicolon");
    let mut pieces = text.split(';').map(str::trim);
    let essence = pieces.next()?.to_ascii_lowercase();
    let (mut delimiter, mut charset) = (b',', String::from("utf-8"));
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "charset" => charset = value.to_ascii_lowercase(),
            "header" if essence == "text/csv" && value == "present" => {}
            "delimiter" if essence == "text/csv" => {
                delimiter = match value {
                    "," => b',',
                    // A bare semicolon ends the parameter: what is left of it is empty.
                    "" | ";" | "semicolon" => b';',
                    "\t" | "tab" => b'\t',
                    _ => return None,
                };
            }
            // The header of the file says which version it is and whether cells carry labels.
            "version" if essence == SDMX_CSV && is_sdmx_csv_version(value) => {}
            "labels" if essence == SDMX_CSV && matches!(value, "id" | "both" | "name") => {}
            "timeformat" if essence == SDMX_CSV && value == "original" => {}
            _ => return None,
        }
    }
    let utf8 = charset == "utf-8" || charset == "utf8";
    match essence.as_str() {
        "application/json" if utf8 => Some((RowFormat::Json, delimiter)),
        "application/x-ndjson" if utf8 => Some((RowFormat::Ndjson, delimiter)),
        // The encoding of a file under a mapping profile is the profile's.
        "text/csv" => Some((RowFormat::Csv, delimiter)),
        SDMX_CSV if utf8 => Some((RowFormat::SdmxCsv, delimiter)),
        XLSX => Some((RowFormat::Xlsx, delimiter)),
        _ => None,
    }
}

fn is_sdmx_csv_version(version: &str) -> bool {
    matches!(version, "1.0" | "1.0.0" | "2.0" | "2.0.0" | "2.1" | "2.1.0")
}

/// RFC 9530: the SHA-256 of a Content-Digest.
fn digest_sha256(text: &str) -> Option<[u8; 32]> {
    let value = text
        .split(',')
        .map(str::trim)
        .find_map(|item| item.strip_prefix("sha-256="))?;
    let base64 = value.strip_prefix(':')?.strip_suffix(':')?;
    STANDARD.decode(base64).ok()?.try_into().ok()
}

/// A body on its way to an act.
pub(crate) enum IncomingBody {
    /// Taken whole.
    Whole(Vec<Bytes>),
    /// Still flowing.
    Flowing(mpsc::Receiver<Result<Bytes, BodyFault>>),
}

/// The chunks of a body for a thread that may wait.
pub(crate) struct BodyChunks(IncomingBody);

impl Iterator for BodyChunks {
    type Item = Result<Bytes, BodyFault>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            IncomingBody::Whole(chunks) => (!chunks.is_empty()).then(|| Ok(chunks.remove(0))),
            IncomingBody::Flowing(chunks) => chunks.blocking_recv(),
        }
    }
}

/// Runs an act in a thread of its own while the body flows to it.
pub(crate) async fn with_body<T: Send + 'static>(
    request: &HttpRequest,
    mut payload: Payload,
    deadline: Duration,
    act: impl FnOnce(BodyChunks) -> T + Send + 'static,
) -> Result<T, Failure> {
    let deadline = Instant::now() + deadline;
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length <= SMALL_BYTES) {
        let mut chunks = Vec::new();
        while let Some(chunk) = next_chunk(&mut payload, deadline).await {
            chunks.push(chunk.map_err(|fault| Failure::new(fault.code()))?);
        }
        return Ok(actix_web::web::block(move || act(BodyChunks(IncomingBody::Whole(chunks)))).await?);
    }
    let mut unannounced = 0;
    let (sender, receiver) = mpsc::channel(CHUNKS);
    let running = actix_web::web::block(move || act(BodyChunks(IncomingBody::Flowing(receiver))));
    let feeding = async {
        while let Some(chunk) = next_chunk(&mut payload, deadline).await {
            let ended = chunk.is_err();
            if length.is_none() {
                unannounced += chunk.as_ref().map_or(0, |bytes| bytes.len() as u64);
            }
            // A reader that hung up has its answer already.
            if sender.send(chunk).await.is_err() || ended {
                break;
            }
        }
        drop(sender);
    };
    let (answer, ()) = tokio::join!(running, feeding);
    if let Some(taken) = request.extensions().get::<Taken>() {
        taken.bytes_add(unannounced);
    }
    Ok(answer?)
}

async fn next_chunk(payload: &mut Payload, deadline: Instant) -> Option<Result<Bytes, BodyFault>> {
    match timeout_at(deadline, payload.next()).await {
        Err(_elapsed) => Some(Err(BodyFault::Timeout)),
        Ok(None) => None,
        Ok(Some(Ok(bytes))) => Some(Ok(bytes)),
        Ok(Some(Err(_lost))) => Some(Err(BodyFault::Disconnected)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_taken_exactly() {
        assert_eq!(media_type("application/json"), Some((RowFormat::Json, b',')));
        assert_eq!(
            media_type("application/json; charset=UTF-8"),
            Some((RowFormat::Json, b','))
        );
        assert_eq!(
            media_type("text/csv; header=present; delimiter=;"),
            Some((RowFormat::Csv, b';'))
        );
        assert_eq!(
            media_type("text/csv; delimiter=\";\"; charset=utf-8"),
            Some((RowFormat::Csv, b';'))
        );
        assert_eq!(
            media_type("text/csv; charset=windows-1251"),
            Some((RowFormat::Csv, b','))
        );
        assert_eq!(
            media_type("application/vnd.sdmx.data+csv;version=2.0.0; labels=both"),
            Some((RowFormat::SdmxCsv, b','))
        );
        assert_eq!(media_type(XLSX), Some((RowFormat::Xlsx, b',')));
        for other in [
            "text/json",
            "application/vnd.sdmx.data+csv;version=3.0.0",
            "application/vnd.ms-excel",
            "application/problem+json",
            "application/json; charset=utf-16",
            "",
            "text/plain",
        ] {
            assert_eq!(media_type(other), None, "{other}");
        }
    }

    #[test]
    fn a_digest_is_read_from_its_structured_field() {
        let digest = digest_sha256("sha-512=:AA==:, sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
        assert_eq!(digest.map(|bytes| bytes[0]), Some(0xe3));
        assert_eq!(digest_sha256("sha-256=abc"), None);
    }
}
