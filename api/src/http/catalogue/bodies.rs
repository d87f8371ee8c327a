//! GET /v1/bodies: organisations that supply or use data.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{Body, BodyPage};

/// List bodies
///
/// Every organisation of the catalogue, by code.
#[utoipa::path(
    operation_id = "body_list", tag = "catalogue",
    responses((status = 200, description = "The bodies.", body = BodyPage)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/bodies")]
pub(crate) async fn body_list(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let items = book.catalogue.bodies.iter().map(|body| Body {
        code: body.code.clone(),
        kind: body.kind.clone(),
        territory: body.territory.clone(),
        name_uk: body.name_uk.clone(),
        name_en: body.name_en.clone(),
    });
    respond::json(
        &request,
        &BodyPage {
            items: items.collect(),
        },
    )
}
