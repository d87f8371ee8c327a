//! GET /v1/rules: the rules over several figures that every submission is checked with.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::problem::Failure;
use crate::http::query::{NoParameters, Params};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::{Rule, RuleIndicator, RulePage};

/// List the rules
///
/// Checks over several figures: totals, related indicators, jumps, cumulative figures, two bodies' reports of one
/// thing. A new rule is a warning for at least 90 days; `soft` ones ask for an explanation.
#[utoipa::path(
    operation_id = "rule_list", tag = "catalogue",
    responses((status = 200, description = "The rules in force.", body = RulePage)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/rules")]
pub(crate) async fn rule_list(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    _none: Params<NoParameters>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let book = service.centre.book();
    let items = book.rules.rules().iter().map(|rule| Rule {
        id: rule.id.clone(),
        kind: rule.check.kind().to_owned(),
        severity: rule.severity.into(),
        since: rule.since,
        text_uk: rule.text_uk.clone(),
        text_en: rule.text_en.clone(),
        indicators: rule
            .check
            .indicators()
            .into_iter()
            .map(|code| RuleIndicator(code.to_owned()))
            .collect(),
        check: serde_json::to_value(&rule.check).unwrap_or_default(),
    });
    let page = RulePage {
        ruleset_version: book.ruleset_version().to_owned(),
        items: items.collect(),
    };
    respond::json(&request, &page)
}
