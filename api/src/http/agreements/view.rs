//! GET /v1/agreements/{agreement_id}: one agreement with every step of it.

use crate::http::agreements::{AgreementPath, history_wire};
use crate::http::caller::{AgreementRead, Authorised};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::AgreementDetail;
use leleka_domain::Code;
use leleka_exchange::agreement_history;

/// Read one agreement
///
/// With every step: who decided what, when and why.
#[utoipa::path(
    operation_id = "agreement_view", tag = "agreements", params(AgreementPath),
    responses((status = 200, description = "The agreement.", body = AgreementDetail)),
    security(("leleka_oauth2" = ["agreement:read"])),
)]
#[get("/v1/agreements/{agreement_id}")]
pub(crate) async fn agreement_view(
    request: HttpRequest,
    authorised: Authorised<AgreementRead>,
    path: Path<AgreementPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, id) = (authorised.caller.duty_scope(), path.id()?);
    let found = web::block(move || agreement_history(&service.centre, &scope, &id)).await??;
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    respond::json(&request, &history_wire(found))
}
