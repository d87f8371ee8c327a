//! GET /v1/code-lists and /v1/code-lists/{code}: the codes of dimensions.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::catalogue::CodePath;
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{CodeList, CodeListDetail, CodeListEntry, CodeListPage};
use leleka_domain::Code;

fn list_wire(list: &leleka_domain::CodeList) -> CodeList {
    CodeList {
        code: list.code.clone(),
        name_uk: list.name_uk.clone(),
        name_en: list.name_en.clone(),
        source: list.source.clone(),
        open: list.open,
    }
}

/// List code lists
///
/// Without their codes.
#[utoipa::path(
    operation_id = "code_list_list", tag = "catalogue",
    responses((status = 200, description = "The lists.", body = CodeListPage)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/code-lists")]
pub(crate) async fn code_list_list(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let items = book.catalogue.code_lists.iter().map(list_wire).collect();
    respond::json(&request, &CodeListPage { items })
}

/// Read one code list
///
/// With every code, its names, aliases and codes in other schemes.
#[utoipa::path(
    operation_id = "code_list_view", tag = "catalogue", params(CodePath),
    responses((status = 200, description = "The list.", body = CodeListDetail)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/code-lists/{code}")]
pub(crate) async fn code_list_view(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    path: Path<CodePath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let found = book
        .catalogue
        .code_lists
        .iter()
        .find(|list| list.code == path.code);
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    let codes = book
        .catalogue
        .codes
        .iter()
        .filter(|entry| entry.list == path.code)
        .cloned();
    let codes = codes.map(|entry| CodeListEntry {
        code: entry.code,
        parent: entry.parent,
        level: entry.level,
        name_uk: entry.name_uk,
        name_en: entry.name_en,
        aliases: entry.aliases,
        other_codes: entry.other_codes,
    });
    let catalogue_version = book.catalogue.version.clone();
    respond::json(
        &request,
        &CodeListDetail {
            list: list_wire(found),
            catalogue_version,
            codes: codes.collect(),
        },
    )
}
