//! GET /v1/submissions/{submission_id}/content: the raw bytes, exactly as received.
//!
//! A submission of another body is "not found". Streams: memory does not grow with the body.

use crate::http::caller::{Authorised, SubmissionRead};
use crate::http::problem::{Failure, hexadecimal};
use crate::http::query::{NoParameters, Params};
use crate::http::respond::{is_unchanged, not_modified};
use crate::http::submissions::SubmissionPath;
use crate::service::Service;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderName};
use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use leleka_domain::{Code, SubmissionId};
use leleka_exchange::{ContentReader, submission_view};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Read the raw bytes of a submission
///
/// Exactly as received, without the coding of a compressed body, with their media type and `Content-Digest`.
#[utoipa::path(
    operation_id = "submission_content_view", tag = "submissions", params(SubmissionPath),
    responses((status = 200, description = "The bytes.", content((String = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"), (String = "application/vnd.sdmx.data+csv"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")), headers(("Content-Digest" = String, description = "RFC 9530.")))),
    security(("leleka_oauth2" = ["submission:read"])),
)]
#[get("/v1/submissions/{submission_id}/content")]
pub(crate) async fn submission_content_view(
    request: HttpRequest,
    authorised: Authorised<SubmissionRead>,
    path: Path<SubmissionPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, id, stored) = (
        authorised.scope()?,
        SubmissionId(path.submission_id),
        service.clone(),
    );
    let found = web::block(move || submission_view(&stored.centre, &scope, id)).await??;
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    let etag = format!("\"{}\"", hexadecimal(&found.content_sha256));
    if is_unchanged(&request, &etag) {
        return Ok(not_modified(&etag));
    }
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    let sha256 = found.content_sha256.clone();
    // A thread that waits for a slow reader; it ends with the connection, because then the channel is closed.
    drop(web::block(move || {
        for part in ContentReader::new(&service.centre, &sha256) {
            let part = part.map(Bytes::from).map_err(std::io::Error::other);
            let failed = part.is_err();
            if sender.blocking_send(part).is_err() || failed {
                break;
            }
        }
    }));
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag))
        .insert_header((CONTENT_TYPE, found.content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{id}\"")))
        .insert_header((
            HeaderName::from_static("content-digest"),
            format!("sha-256=:{}:", STANDARD.encode(&found.content_sha256)),
        ))
        .streaming(ReceiverStream::new(receiver)))
}
