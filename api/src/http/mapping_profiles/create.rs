//! POST /v1/mapping-profiles: a new version, as a draft.

use crate::http::body::{body_head, with_body};
use crate::http::caller::{Authorised, MappingProfileDraft, request_id};
use crate::http::mapping_profiles::{detail_read, version_href};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond::json_with_status;
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{MappingProfileDetail, Problem};
use leleka_domain::{Code, RowFormat};
use leleka_exchange::{PROFILE_BYTES, profile_draft};

/// Draft a mapping profile
///
/// A profile as `GET /v1/mapping-profiles/schema` describes it, at most 256 KiB. The version is given by the service,
/// the newest of the code plus one. Every fault is told at its JSON pointer, in both languages, and nothing is stored
/// then. A body's own client drafts for its own body; whoever holds `catalogue:write` for any. No `Idempotency-Key` is
/// needed: the same draft sent again by its author makes no second version and is answered with 200.
#[utoipa::path(
    operation_id = "mapping_profile_create", tag = "mapping profiles",
    request_body(description = "The profile, without a version.", content((Object = "application/json", example = json!({
        "code": "DMS_ASYLUM_WEEK", "body": "DMS", "dataflow": "ASYLUM_WEEKLY",
        "note_uk": "Тижневий файл: тиждень, громадянство, кількість заяв.",
        "note_en": "Weekly file: week, citizenship, number of applications.",
        "dialect": {"encoding": "windows-1251", "delimiter": ";", "decimal_mark": ","},
        "constants": {"indicator": "ASY_APPL", "territory": "UA46000000000026241"},
        "columns": [
            {"name": "Тиждень", "as": "period"},
            {"name": "Громадянство", "as": "citizenship", "labels": true},
            {"name": "Заяв", "as": "value"}
        ],
        "missing": {"-": "O"}
    })))),
    responses(
        (status = 201, description = "Stored as a draft.", body = MappingProfileDetail, headers(("Location" = String, description = "The version."))),
        (status = 200, description = "The same draft was there already.", body = MappingProfileDetail, headers(("Location" = String, description = "The version."))),
        (status = 422, description = "Faults, each at its place; nothing is stored.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["mapping-profile:draft"])),
)]
#[post("/v1/mapping-profiles")]
pub(crate) async fn mapping_profile_create(
    request: HttpRequest,
    authorised: Authorised<MappingProfileDraft>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    if body_head(&request, PROFILE_BYTES)?.format != RowFormat::Json {
        return Err(Failure::new(Code::ContentTypeUnsupported).detail("application/json"));
    }
    let id = request_id(&request);
    let answered = with_body(&request, payload, service.body_deadline, {
        let service = service.clone();
        move |body| -> Result<_, Failure> {
            let drafted = profile_draft(&service.centre, &authorised.caller, id, body)?;
            let location = version_href(&drafted.version);
            Ok((drafted.created, location, detail_read(&service, drafted.version)?))
        }
    });
    let (created, location, detail) = answered.await??;
    let status = if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let mut answer = json_with_status(status, &detail)?;
    if let Ok(location) = HeaderValue::from_str(&location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    Ok(answer)
}
