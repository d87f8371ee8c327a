//! POST …/approval and …/retirement: the next state of a version.
//!
//! Naturally repeatable: asking for the state that is there already changes nothing and gets the same answer.

use crate::http::body::{BodyChunks, body_head, with_body};
use crate::http::caller::{Authorised, CatalogueWrite, request_id};
use crate::http::mapping_profiles::{VersionPath, detail_read};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::json_with_status;
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{MappingProfileChange, MappingProfileDetail, Problem};
use leleka_domain::{Code, ProfileState, RowFormat};
use leleka_exchange::{Caller, ProfileChange, profile_state_change};

/// Largest body; a comment is short.
const CHANGE_BYTES: u64 = 16 * 1024;
const COMMENT_CHARS: usize = 2_000;

/// Approve a version of a mapping profile
///
/// Only a draft, by somebody other than its author. From then on `profile=CODE` uses it, unless a newer version is
/// approved; earlier versions stay approved until they are retired. Approving an approved version changes nothing and
/// is answered with 200: no `Idempotency-Key` is needed.
#[utoipa::path(
    operation_id = "mapping_profile_approval_create", tag = "mapping profiles", params(VersionPath),
    request_body(description = "Why.", content((MappingProfileChange = "application/json"))),
    responses(
        (status = 200, description = "The version, approved.", body = MappingProfileDetail),
        (status = 409, description = "It is retired, or the caller is its author.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "It no longer fits the catalogue.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["catalogue:write"])),
)]
#[post("/v1/mapping-profiles/{code}/versions/{version}/approval")]
pub(crate) async fn mapping_profile_approval_create(
    request: HttpRequest,
    authorised: Authorised<CatalogueWrite>,
    path: Path<VersionPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (place, caller) = (path.into_inner(), authorised.caller);
    state_change(&request, service, payload, place, caller, ProfileState::Approved).await
}

/// Retire a version of a mapping profile
///
/// New submissions cannot use it any more; what was read with it stays readable. A draft that will not be used is
/// retired too. Retiring a retired version changes nothing and is answered with 200: no `Idempotency-Key` is needed.
#[utoipa::path(
    operation_id = "mapping_profile_retirement_create", tag = "mapping profiles", params(VersionPath),
    request_body(description = "Why.", content((MappingProfileChange = "application/json"))),
    responses(
        (status = 200, description = "The version, retired.", body = MappingProfileDetail),
    ),
    security(("leleka_oauth2" = ["catalogue:write"])),
)]
#[post("/v1/mapping-profiles/{code}/versions/{version}/retirement")]
pub(crate) async fn mapping_profile_retirement_create(
    request: HttpRequest,
    authorised: Authorised<CatalogueWrite>,
    path: Path<VersionPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (place, caller) = (path.into_inner(), authorised.caller);
    state_change(&request, service, payload, place, caller, ProfileState::Retired).await
}

async fn state_change(
    request: &HttpRequest,
    service: Data<Service>,
    payload: Payload,
    place: VersionPath,
    caller: Caller,
    to: ProfileState,
) -> Result<HttpResponse, Failure> {
    if body_head(request, CHANGE_BYTES)?.format != RowFormat::Json {
        return Err(Failure::new(Code::ContentTypeUnsupported).detail("application/json"));
    }
    let VersionPath { code, version } = place;
    if code.contains('\0') {
        return Err(Failure::new(Code::ResourceNotFound));
    }
    let id = request_id(request);
    let deadline = service.body_deadline;
    let changed = with_body(request, payload, deadline, move |body| -> Result<_, Failure> {
        let change = ProfileChange {
            comment: comment_read(body)?,
            code,
            version,
            to,
        };
        let changed = profile_state_change(&service.centre, &caller, id, &change)?;
        detail_read(&service, changed)
    });
    json_with_status(StatusCode::OK, &changed.await??)
}

fn comment_read(body: BodyChunks) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    for part in body {
        bytes.extend_from_slice(&part.map_err(|fault| Failure::new(fault.code()))?);
        if bytes.len() as u64 > CHANGE_BYTES {
            return Err(Failure::new(Code::BodyTooLarge).detail(CHANGE_BYTES.to_string()));
        }
    }
    let malformed = || Failure::new(Code::RequestMalformed).detail(r#"{"comment": "1 … 2000"}"#);
    let change: MappingProfileChange = serde_json::from_slice(&bytes).map_err(|_fault| malformed())?;
    let sound = (1..=COMMENT_CHARS).contains(&change.comment.chars().count())
        && !change
            .comment
            .chars()
            .any(|letter| letter.is_control() && letter != '\n');
    if sound {
        Ok(change.comment)
    } else {
        Err(malformed())
    }
}
