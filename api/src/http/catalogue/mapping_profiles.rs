//! GET /v1/mapping-profiles: how files of bodies become rows.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{MappingProfile, MappingProfilePage};
use leleka_store::profile_list;

/// List mapping profiles
///
/// Each with its whole description; a used version is never changed.
#[utoipa::path(
    operation_id = "mapping_profile_list", tag = "catalogue",
    responses((status = 200, description = "The profiles.", body = MappingProfilePage)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/mapping-profiles")]
pub(crate) async fn mapping_profile_list(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let found = web::block(move || profile_list(&mut service.centre.store.reader()?)).await??;
    let items = found.into_iter().map(|it| MappingProfile {
        code: it.code,
        version: it.version,
        body: it.body,
        dataflow: it.dataflow,
        content: it.content,
    });
    respond::json(
        &request,
        &MappingProfilePage {
            items: items.collect(),
        },
    )
}
