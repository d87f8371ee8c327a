//! POST /v1/agreements: the centre proposes who supplies what, or other terms.

use crate::http::agreements::history_wire;
use crate::http::caller::{AgreementWrite, Authorised};
use crate::http::keyed_json::{created, keyed_json};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::service::Service;
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{AgreementCreate, AgreementDetail, Problem};
use leleka_domain::AgreementId;
use leleka_exchange::{AgreementProposal, agreement_propose};
use leleka_store::AgreementTerms;

/// Propose an agreement
///
/// A new one, or other terms of one that is there. Figures are accepted only when the body has agreed. New terms of an
/// agreement in force wait as its `proposal`; until the body agrees, the old ones stay in force.
#[utoipa::path(
    operation_id = "agreement_create", tag = "agreements",
    params(("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each proposal, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$")),
    request_body(content = AgreementCreate, content_type = "application/json", description = "The terms."),
    responses(
        (status = 201, description = "Proposed.", body = AgreementDetail, headers(("Location" = String, description = "The agreement."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 409, description = "The agreement has another version, or a request with this key is still running.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member has no expected value; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["agreement:write"])),
)]
#[post("/v1/agreements")]
pub(crate) async fn agreement_create(
    request: HttpRequest,
    authorised: Authorised<AgreementWrite>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (sent, keyed) = keyed_json::<AgreementCreate>(&request, payload, service.body_deadline).await?;
    let proposal = AgreementProposal {
        id: AgreementId {
            body: sent.body,
            indicator: sent.indicator,
        },
        terms: AgreementTerms {
            frequencies: sent
                .terms
                .frequencies
                .into_iter()
                .map(|letter| letter.0)
                .collect(),
            valid_from: sent.terms.valid_from,
            valid_to: sent.terms.valid_to,
            note: sent.terms.note,
        },
        comment: sent.comment,
        expected_version: sent.expected_version,
    };
    let acted = web::block(move || agreement_propose(&service.centre, &authorised.caller, &keyed, &proposal));
    let (history, replayed) = acted.await??;
    let location = format!("/v1/agreements/{}", history.agreement.id);
    created(&history_wire(history), &location, replayed)
}
