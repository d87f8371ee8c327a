//! GET /v1/submissions/{submission_id}/refused-rows: what has to be corrected, in the sender's own format.
//!
//! A submission of another body is "not found". Streams: memory does not grow with the body.

use crate::http::body::media_type;
use crate::http::caller::{Authorised, SubmissionRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::{etag_of, is_unchanged, not_modified};
use crate::http::submissions::SubmissionPath;
use crate::service::Service;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use actix_web::web::{self, Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_domain::{Code, RowFormat, SubmissionId};
use leleka_exchange::{ActError, refused_rows_source, refused_rows_write};
use leleka_store::submission_find;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Read the refused rows of a submission
///
/// The rows with at least one kept error, as they were sent and in the media type in which they were sent. CSV: everything
/// above the first data row, then the refused rows. NDJSON: their lines. JSON: an array of the elements of
/// `observations`; an element that is no JSON stands in it as a text. A workbook: the cells that were read, as CSV. Without refused rows only the header, nothing, or
/// an empty array.
#[utoipa::path(
    operation_id = "refused_row_list", tag = "submissions", params(SubmissionPath),
    responses((status = 200, description = "The rows.", content((Vec<serde_json::Value> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"), (String = "application/vnd.sdmx.data+csv")))),
    security(("leleka_oauth2" = ["submission:read"])),
)]
#[get("/v1/submissions/{submission_id}/refused-rows")]
pub(crate) async fn refused_row_list(
    request: HttpRequest,
    authorised: Authorised<SubmissionRead>,
    path: Path<SubmissionPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, id) = (authorised.scope()?, SubmissionId(path.submission_id));
    let stored = service.clone();
    let found = web::block(move || -> Result<_, Failure> {
        let found = submission_find(&mut stored.centre.store.reader()?, &scope, id)?;
        let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
        let read = media_type(&found.content_type).ok_or(ActError::WorkerLost)?;
        let source = refused_rows_source(&stored.centre, &found, read.0, read.1)?;
        Ok((source, found, read.0))
    });
    let (source, found, format) = found.await??;
    let given = if format == RowFormat::Xlsx {
        "text/csv; charset=utf-8".to_owned()
    } else {
        found.content_type
    };
    // Neither the bytes nor the findings of a submission ever change.
    let etag = etag_of(&[b"refused-rows", id.0.as_bytes()]);
    if is_unchanged(&request, &etag) {
        return Ok(not_modified(&etag));
    }
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    // A thread that waits for a slow reader; it ends with the connection, because then the channel is closed.
    drop(web::block(move || {
        let taken = |part| sender.blocking_send(Ok(Bytes::from(part))).is_ok();
        if let Err(error) = refused_rows_write(&service.centre, &source, taken) {
            // The connection breaks off: half an answer must not look whole.
            drop(sender.blocking_send(Err(std::io::Error::other(error))));
        }
    }));
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag))
        .insert_header((CONTENT_TYPE, given))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"refused-{id}\""),
        ))
        .streaming(ReceiverStream::new(receiver)))
}
