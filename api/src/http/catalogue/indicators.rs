//! GET /v1/indicators and /v1/indicators/{code}: what is counted, and who supplies it.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::catalogue::CodePath;
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{FrequencyLetter, Indicator, IndicatorAgreement, IndicatorPage};
use leleka_domain::{Catalogue, Code};

fn indicator_wire(catalogue: &Catalogue, indicator: &leleka_domain::Indicator) -> Indicator {
    let agreements = catalogue
        .agreements
        .iter()
        .filter(|agreement| agreement.indicator == indicator.code);
    let it = indicator.clone();
    Indicator {
        code: it.code,
        dataflow: it.dataflow,
        source_body: it.source_body,
        frequency: it.frequency.to_string(),
        unit: it.unit,
        measure: it.measure,
        decimals: it.decimals,
        dimensions: it.dimensions,
        direction: it.direction,
        ciram: it.ciram,
        name_uk: it.name_uk,
        name_en: it.name_en,
        definition_uk: it.definition_uk,
        definition_en: it.definition_en,
        counterpart: it.counterpart,
        agreements: agreements
            .map(|agreement| IndicatorAgreement {
                body: agreement.body.clone(),
                frequencies: agreement
                    .frequencies
                    .iter()
                    .cloned()
                    .map(FrequencyLetter)
                    .collect(),
                state: agreement.state.clone(),
            })
            .collect(),
    }
}

/// List indicators
///
/// With definition, unit, dimensions, direction of risk and who supplies them.
#[utoipa::path(
    operation_id = "indicator_list", tag = "catalogue",
    responses((status = 200, description = "The indicators.", body = IndicatorPage)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/indicators")]
pub(crate) async fn indicator_list(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let items = book
        .catalogue
        .indicators
        .iter()
        .map(|indicator| indicator_wire(&book.catalogue, indicator));
    respond::json(
        &request,
        &IndicatorPage {
            items: items.collect(),
        },
    )
}

/// Read one indicator
///
/// With definition, unit, dimensions, direction of risk and who supplies it.
#[utoipa::path(
    operation_id = "indicator_view", tag = "catalogue", params(CodePath),
    responses((status = 200, description = "The indicator.", body = Indicator)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/indicators/{code}")]
pub(crate) async fn indicator_view(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    path: Path<CodePath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let found = book
        .codebook
        .indicator(&path.code)
        .ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    respond::json(&request, &indicator_wire(&book.catalogue, found))
}
