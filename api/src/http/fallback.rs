//! What no route serves: 405 with `Allow` when the path is in the contract or its page, else 404.

use crate::http::problem::Failure;
use crate::service::Service;
use actix_web::HttpRequest;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::Data;
use leleka_domain::Code;

/// Answers every request that no route takes.
pub(crate) async fn not_served(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<actix_web::HttpResponse, Failure> {
    let methods = if request.path().starts_with("/docs/") {
        vec!["GET"]
    } else {
        service.contract.methods_of(request.path())
    };
    if methods.is_empty() {
        return Err(Failure::new(Code::ResourceNotFound));
    }
    let allow =
        HeaderValue::from_str(&methods.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("GET"));
    Err(Failure::new(Code::MethodNotAllowed).header(ALLOW, allow))
}
