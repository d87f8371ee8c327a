//! POST /v1/risk-metrics/{code}/publications and GET …/{publication_id}: an answer pinned for citation, byte for byte.

use crate::http::caller::{Authorised, ReleaseDraft, RiskMetricRead};
use crate::http::keyed_json::keyed_json;
use crate::http::problem::{Failure, hexadecimal};
use crate::http::query::{NoParameters, Params};
use crate::http::respond::{self, Format};
use crate::http::risk_metrics::RiskMetricPath;
use crate::http::risk_metrics::publication::publication_read;
use crate::service::Service;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use actix_web::web::{self, Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use leleka_contract::v1::{Problem, RiskMetricPublication, RiskMetricPublicationCreate};
use leleka_domain::{BodyScope, Code, Period};
use leleka_exchange::{ActError, publication_pin, publication_pinned};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which publication.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PublicationPath {
    /// Code of the metric.
    #[param(max_length = 64, example = "RM_ASY_WEEK")]
    code: String,
    /// Its id.
    publication_id: Uuid,
}

/// Pin a publication of a risk metric
///
/// What the publication says now is kept byte for byte under an id that a bulletin can cite.
#[utoipa::path(
    operation_id = "risk_metric_publication_create", tag = "risk metrics",
    params(RiskMetricPath, ("Idempotency-Key" = String, Header, description = "Chosen by the sender, new for each publication, the same for each repetition.", min_length = 16, max_length = 128, pattern = "^[A-Za-z0-9._:-]{16,128}$")),
    request_body(content = RiskMetricPublicationCreate, content_type = "application/json", description = "What is pinned."),
    responses(
        (status = 201, description = "Pinned.", body = RiskMetricPublication, headers(("Location" = String, description = "The publication."), ("Idempotency-Replayed" = Option<String>, description = "`true` when the answer repeats an earlier one."))),
        (status = 409, description = "The span was told by another method, or the metric is no count; or a request with this key is still running.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A member has no expected value; or the key was used for another request.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["release:draft"])),
)]
#[post("/v1/risk-metrics/{code}/publications")]
pub(crate) async fn risk_metric_publication_create(
    request: HttpRequest,
    authorised: Authorised<ReleaseDraft>,
    path: Path<RiskMetricPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (sent, keyed) =
        keyed_json::<RiskMetricPublicationCreate>(&request, payload, service.body_deadline).await?;
    let period = |name: &str, text: &str| {
        let read = text.parse::<Period>();
        read.map_err(|_fault| {
            Failure::new(Code::MemberInvalid).detail(format!("/{name}: 2026-W44 | 2026-10 | …"))
        })
    };
    let (from, to) = (period("from", &sent.from)?, period("to", &sent.to)?);
    let code = path.into_inner().code;
    let pinned = web::block(move || {
        let days = (from.start(), to.end());
        let answer = publication_read(&service.centre, &code, days, sent.method, &BTreeMap::new())?;
        if answer.tables.is_empty() {
            return Err(Failure::new(Code::ResourceNotFound));
        }
        let bytes = |id: Uuid| {
            let pinned = RiskMetricPublication {
                id: Some(id),
                ..answer
            };
            serde_json::to_vec(&pinned).map_err(|error| ActError::Definition(error.to_string()))
        };
        Ok(publication_pin(
            &service.centre,
            &authorised.caller,
            &keyed,
            &code,
            bytes,
        )?)
    });
    let (publication, replayed) = pinned.await??;
    let location = format!(
        "/v1/risk-metrics/{}/publications/{}",
        publication.code, publication.id
    );
    let mut answer = HttpResponse::Created()
        .content_type(Format::Json.media_type())
        .body(publication.content);
    if let Ok(location) = HeaderValue::from_str(&location) {
        answer.headers_mut().insert(LOCATION, location);
    }
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// Read a pinned publication
///
/// The same bytes as when it was pinned; the ETag is made of their SHA-256.
#[utoipa::path(
    operation_id = "risk_metric_publication_pinned_view", tag = "risk metrics", params(PublicationPath),
    responses((status = 200, description = "The publication.", body = RiskMetricPublication)),
    security(("leleka_oauth2" = ["risk-metric:read"])),
)]
#[get("/v1/risk-metrics/{code}/publications/{publication_id}")]
pub(crate) async fn risk_metric_publication_pinned_view(
    request: HttpRequest,
    authorised: Authorised<RiskMetricRead>,
    path: Path<PublicationPath>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    match authorised.scope()? {
        BodyScope::WholeCentre => {}
        BodyScope::One(_) => return Err(Failure::new(Code::ResourceNotFound)),
    }
    Format::negotiate(&request, None, &[Format::Json])?;
    let path = path.into_inner();
    let found =
        web::block(move || publication_pinned(&service.centre, &path.code, path.publication_id)).await??;
    let found = found.ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    let digest = found.content_sha256.get(..16).unwrap_or_default();
    let etag = format!("\"{}\"", hexadecimal(digest));
    if respond::is_unchanged(&request, &etag) {
        return Ok(respond::not_modified(&etag));
    }
    Ok(respond::with_etag(
        &etag,
        Format::Json.media_type(),
        found.content,
    ))
}
