//! The operations listener: liveness, readiness. Not in the contract; for the operator's own network.

use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, get};
use serde_json::json;

/// The process answers.
#[get("/health/live")]
pub(crate) async fn health_live() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/health+json")
        .body(json!({"status": "pass"}).to_string())
}

/// The process can serve: the database answers and the catalogue is loaded.
#[get("/health/ready")]
pub(crate) async fn health_ready(service: Data<Service>) -> HttpResponse {
    let catalogue = !service.centre.book().catalogue.indicators.is_empty();
    let postgres = web::block(move || service.centre.store.is_ready())
        .await
        .unwrap_or(false);
    let word = |good: bool| if good { "pass" } else { "fail" };
    let body = json!({
        "status": word(postgres && catalogue),
        "checks": {"postgres": [{"status": word(postgres)}], "catalogue": [{"status": word(catalogue)}]}
    });
    let mut answer = if postgres && catalogue {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer
        .content_type("application/health+json")
        .body(body.to_string())
}
