//! GET /v1/mapping-profiles/{code} and …/versions/{version}: content, state and history.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::mapping_profiles::{ProfilePath, VersionPath, detail_read};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::MappingProfileDetail;
use leleka_domain::Code;
use leleka_store::profile_find;

/// Read a mapping profile
///
/// The version that `profile=CODE` uses: the newest approved one. Where none is approved, the newest.
#[utoipa::path(
    operation_id = "mapping_profile_view", tag = "mapping profiles", params(ProfilePath),
    responses((status = 200, description = "The version in use.", body = MappingProfileDetail)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/mapping-profiles/{code}")]
pub(crate) async fn mapping_profile_view(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    path: Path<ProfilePath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    view(&request, service, path.into_inner().code, None).await
}

/// Read one version of a mapping profile
///
/// With its content and what happened to it.
#[utoipa::path(
    operation_id = "mapping_profile_version_view", tag = "mapping profiles", params(VersionPath),
    responses((status = 200, description = "The version.", body = MappingProfileDetail)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/mapping-profiles/{code}/versions/{version}")]
pub(crate) async fn mapping_profile_version_view(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    path: Path<VersionPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let VersionPath { code, version } = path.into_inner();
    view(&request, service, code, Some(version)).await
}

async fn view(
    request: &HttpRequest,
    service: Data<Service>,
    code: String,
    version: Option<i32>,
) -> Result<HttpResponse, Failure> {
    if code.contains('\0') {
        return Err(Failure::new(Code::ResourceNotFound));
    }
    let found = web::block(move || {
        let found = profile_find(&mut service.centre.store.reader()?, &code, version)?;
        let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
        detail_read(&service, found)
    });
    respond::json(request, &found.await??)
}
