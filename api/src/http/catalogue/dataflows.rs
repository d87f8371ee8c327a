//! GET /v1/dataflows and /v1/dataflows/{code}: indicators that are delivered together.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::catalogue::CodePath;
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{Dataflow, DataflowPage, Dimension};
use leleka_domain::{Catalogue, Code};
use std::collections::BTreeSet;

fn dataflow_wire(catalogue: &Catalogue, dataflow: &leleka_domain::Dataflow) -> Dataflow {
    let indicators: Vec<_> = catalogue
        .indicators
        .iter()
        .filter(|it| it.dataflow == dataflow.code)
        .collect();
    let names: BTreeSet<&str> = indicators
        .iter()
        .flat_map(|it| it.dimensions.iter().map(String::as_str))
        .collect();
    let dimensions = catalogue
        .dimensions
        .iter()
        .filter(|dimension| names.contains(dimension.code.as_str()));
    let it = dataflow.clone();
    Dataflow {
        code: it.code,
        owner_body: it.owner_body,
        name_uk: it.name_uk,
        name_en: it.name_en,
        description_uk: it.description_uk,
        description_en: it.description_en,
        partial_allowed: it.partial_allowed,
        indicators: indicators.iter().map(|it| it.code.clone()).collect(),
        dimensions: dimensions
            .map(|dimension| Dimension {
                code: dimension.code.clone(),
                list: dimension.list.clone(),
                name_uk: dimension.name_uk.clone(),
                name_en: dimension.name_en.clone(),
            })
            .collect(),
    }
}

/// List dataflows
///
/// Each with its indicators and dimensions.
#[utoipa::path(
    operation_id = "dataflow_list", tag = "catalogue",
    responses((status = 200, description = "The dataflows.", body = DataflowPage)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/dataflows")]
pub(crate) async fn dataflow_list(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let items = book
        .catalogue
        .dataflows
        .iter()
        .map(|dataflow| dataflow_wire(&book.catalogue, dataflow));
    respond::json(
        &request,
        &DataflowPage {
            items: items.collect(),
        },
    )
}

/// Read one dataflow
///
/// With its indicators and dimensions.
#[utoipa::path(
    operation_id = "dataflow_view", tag = "catalogue", params(CodePath),
    responses((status = 200, description = "The dataflow.", body = Dataflow)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/dataflows/{code}")]
pub(crate) async fn dataflow_view(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    path: Path<CodePath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let found = book
        .catalogue
        .dataflows
        .iter()
        .find(|dataflow| dataflow.code == path.code);
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    respond::json(&request, &dataflow_wire(&book.catalogue, found))
}
