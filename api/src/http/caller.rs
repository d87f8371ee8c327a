//! Who calls, as a type: a handler that takes `Authorised<Right>` cannot be reached without that scope.
//!
//! Refusals are logged in a transaction of their own before they are answered.

use crate::http::problem::Failure;
use crate::http::quota::request_take;
use crate::service::Service;
use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use leleka_access::{BearerFault, Scope, bearer_token};
use leleka_domain::{BodyScope, Code, RequestId};
use leleka_exchange::{Caller, RefusedAttempt, refusal_record};
use leleka_store::ClientState;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

/// A right that a route requires.
pub(crate) trait Right: 'static {
    /// Its scope.
    const SCOPE: Scope;
}

macro_rules! rights {
    ($($name:ident $scope:ident $doc:literal)+) => { $(
        #[doc = $doc]
        pub(crate) struct $name;
        impl Right for $name { const SCOPE: Scope = Scope::$scope; }
    )+ };
}

rights! {
    SubmissionWrite SubmissionWrite "Deliver."
    SubmissionRead SubmissionRead "Read submissions."
    ObservationRead ObservationRead "Read series and observations."
    RiskMetricRead RiskMetricRead "Read risk metrics."
    RiskMetricPropose RiskMetricPropose "Propose risk metrics, ask for forecasts."
    CatalogueRead CatalogueRead "Read the catalogue."
    OperationsRead OperationsRead "Read the state of the service."
    AgreementRead AgreementRead "Read agreements."
    AgreementWrite AgreementWrite "Propose agreements."
    AgreementDecide AgreementDecide "Decide on agreements."
    ObligationRead ObligationRead "Read obligations."
    ObligationDecide ObligationDecide "Decide on obligations."
    CatalogueWrite CatalogueWrite "Change the catalogue."
    MappingProfileDraft MappingProfileDraft "Draft mapping profiles."
}

/// A caller that was granted the right.
pub(crate) struct Authorised<R: Right> {
    /// The caller.
    pub(crate) caller: Caller,
    right: PhantomData<R>,
}

impl<R: Right> Authorised<R> {
    /// Whose data it may see; a role without reach sees nothing, which is "not found".
    pub(crate) fn scope(&self) -> Result<BodyScope, Failure> {
        self.caller
            .body_scope()
            .ok_or_else(|| Failure::new(Code::ResourceNotFound))
    }
}

impl<R: Right> FromRequest for Authorised<R> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let (request_id, operation) = (request_id(request), request.match_pattern().unwrap_or_default());
        let service = request.app_data::<Data<Service>>().cloned();
        let proven = service.as_ref().map(|service| caller_prove(service, request));
        let counted = match (&service, &proven) {
            (Some(service), Some(Ok(caller))) if caller.may(R::SCOPE) => {
                request_count(service, caller, request, &operation)
            }
            _ => Ok(()),
        };
        Box::pin(async move {
            let (Some(service), Some(proven)) = (service, proven) else {
                return Err(Failure::new(Code::ServerError));
            };
            let (caller, code) = match proven {
                Ok(caller) if caller.may(R::SCOPE) => {
                    counted?;
                    return Ok(Self {
                        caller,
                        right: PhantomData,
                    });
                }
                Ok(caller) => (Some(caller), Code::ScopeInsufficient),
                // Nobody knocked: there is nothing to log.
                Err(BearerFault::Missing) => return Err(challenge(Code::TokenInvalid, None)),
                Err(_) => (None, Code::TokenInvalid),
            };
            let logged =
                web::block(move || refusal_log(&service, caller.as_ref(), code, request_id, operation))
                    .await?;
            logged?;
            Err(challenge(code, Some(R::SCOPE)))
        })
    }
}

/// Counts a request for its body; the outer layer tells on the answer what is left.
fn request_count(
    service: &Service,
    caller: &Caller,
    request: &HttpRequest,
    pattern: &str,
) -> Result<(), Failure> {
    let headers = request.headers();
    let taken = request_take(&service.quotas, &caller.body, request.method(), pattern, headers)?;
    request.extensions_mut().insert(taken);
    Ok(())
}

/// The identifier of a request, given by the outer layer.
pub(crate) fn request_id(request: &HttpRequest) -> RequestId {
    request
        .extensions()
        .get::<RequestId>()
        .copied()
        .unwrap_or(RequestId(uuid::Uuid::nil()))
}

fn caller_prove(service: &Service, request: &HttpRequest) -> Result<Caller, BearerFault> {
    let values: Vec<&str> = request
        .headers()
        .get_all(AUTHORIZATION)
        .map(|value| value.to_str().unwrap_or(""))
        .collect();
    let token = bearer_token(&values)?;
    let now = service.centre.clock.now_unix_seconds();
    let claims = service.verifier.verify(token, now).map_err(|fault| {
        tracing::debug!("token refused: {:?}", fault.denial());
        BearerFault::Malformed
    })?;
    let grant = claims.grant().ok_or(BearerFault::Malformed)?;
    // A token outlives nothing: the client must be active, with the same body and role, at this moment.
    let client = service
        .centre
        .client(&grant.client_id)
        .ok_or(BearerFault::Malformed)?;
    if client.state != ClientState::Active || client.body != grant.body || client.role != grant.role.as_str()
    {
        return Err(BearerFault::Malformed);
    }
    Ok(Caller::new(grant, client.territory))
}

/// RFC 6750 § 3: what the caller is told to do.
fn challenge(code: Code, scope: Option<Scope>) -> Failure {
    let value = match (code, scope) {
        (Code::ScopeInsufficient, Some(scope)) => {
            format!(
                "Bearer realm=\"leleka\", error=\"insufficient_scope\", scope=\"{}\"",
                scope.as_str()
            )
        }
        (_, Some(_)) => "Bearer realm=\"leleka\", error=\"invalid_token\"".to_owned(),
        (_, None) => "Bearer realm=\"leleka\"".to_owned(),
    };
    let value = HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    Failure::new(code).header(WWW_AUTHENTICATE, value)
}

fn refusal_log(
    service: &Service,
    caller: Option<&Caller>,
    code: Code,
    request_id: RequestId,
    operation: String,
) -> Result<(), Failure> {
    let attempt = RefusedAttempt {
        client_id: caller.map(|caller| caller.client_id.as_str()),
        body: caller.map(|caller| caller.body.as_str()),
        role: caller.map(|caller| caller.role.as_str()),
        action: "access.check",
        operation: Some(operation),
        code,
        request_id,
    };
    Ok(refusal_record(&service.centre, attempt)?)
}
