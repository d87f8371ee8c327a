//! The operations of the contract as tests walk through them: method, path, scope, and one real instance of each.
//!
//! Read from the document, never listed by hand: an operation that is added is walked through at once.

use leleka_access::{Role, Scope};
use leleka_testkit::{Contract, Response, TestApp};
use serde_json::{Value, json};
use std::path::Path;

/// Methods of the contract, as the document writes them.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One operation.
pub(crate) struct Operation {
    /// `GET`, `POST`, …
    pub(crate) method: String,
    /// The path with its `{parameters}`.
    pub(crate) template: String,
    /// `operationId`.
    pub(crate) id: String,
    /// The scope it needs, the first where several are as good; `None` when it is open to everybody.
    pub(crate) scope: Option<String>,
    /// Every scope that opens it.
    pub(crate) scopes: Vec<String>,
    /// Its part of the document.
    pub(crate) value: &'static Value,
}

/// Every operation of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let paths = Contract::shared().document()["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(template, item)| {
            let methods = item.as_object().unwrap().iter();
            methods
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(move |(method, value)| Operation {
                    method: method.to_uppercase(),
                    template: template.clone(),
                    id: value["operationId"].as_str().unwrap_or_default().to_owned(),
                    scope: value
                        .pointer("/security/0/leleka_oauth2/0")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                    scopes: value["security"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(|way| way["leleka_oauth2"][0].as_str().map(str::to_owned))
                        .collect(),
                    value,
                })
        })
        .collect()
}

/// A week of the dataflow that the state migration service delivers itself.
pub(crate) fn week(period: &str, value: u32) -> Value {
    json!({"dataflow": "ASYLUM_WEEKLY", "observations": [
        {"indicator": "ASY_APPL", "period": period, "territory": "UA46000000000026241", "citizenship": "SY", "value": value}
    ]})
}

impl Operation {
    /// The path of something that exists.
    pub(crate) fn path(&self, submission_id: &str) -> String {
        let code = match self.template.split('/').nth(2) {
            Some("indicators") => "ASY_APPL",
            Some("dataflows") => "ASYLUM_WEEKLY",
            Some("code-lists") => "sex",
            Some("risk-metrics") => "RM_ASY_WEEK",
            Some("mapping-profiles") => "EUROSTAT_EIRFS",
            _ => "",
        };
        let version = if code == "RM_ASY_WEEK" { "2" } else { "1" };
        let path = self
            .template
            .replace("{code}", code)
            .replace("{submission_id}", submission_id)
            .replace("{job_id}", submission_id)
            .replace("{alert_id}", submission_id)
            .replace("{agreement_id}", "DMS:ASY_APPL")
            .replace("{obligation_id}", "DMS:ASYLUM_WEEKLY:2026-W47")
            .replace("{version}", version)
            .replace("{publication_id}", submission_id)
            .replace("{series_id}", "509b55a304be948f")
            .replace("{submission_id}", submission_id);
        assert!(!path.contains('{'), "no instance of {} is known", self.template);
        path
    }

    /// Whether it takes an idempotency key.
    fn needs_key(&self) -> bool {
        let parameters = self.value["parameters"].as_array();
        parameters
            .into_iter()
            .flatten()
            .any(|it| it["name"] == "Idempotency-Key")
    }

    /// A document that it can read. What decides names a version that is not there, so that nothing is changed.
    pub(crate) fn document(&self) -> Value {
        let stale = 1_000_000;
        match self.id.as_str() {
            "agreement_create" => {
                json!({"body": "DMS", "indicator": "ASY_APPL", "terms": {"frequencies": ["W"]}, "expected_version": stale})
            }
            "risk_metric_publication_create" => {
                json!({"from": "2026-W43", "to": "2026-W43", "method": "suppress"})
            }
            "forecast_create" => json!({"series_id": "509b55a304be948f"}),
            "retraction_create" => json!({"reason_code": "error_fix"}),
            "agreement_decision_create" => json!({"state": "agreed", "expected_version": stale}),
            "obligation_decision_create" => {
                json!({"decision": "waived", "reason": "", "until": "2030-01-01T00:00:00Z"})
            }
            "risk_metric_state_create" => json!({"to": "published", "comment": "as it is"}),
            "risk_metric_test_run_create" => json!({"from": "2026-W40", "to": "2026-W44"}),
            "alert_decision_create" => json!({"decision": "acknowledge", "note": "перевіряємо"}),
            "risk_assessment_create" => {
                json!({"metric": "RM_NONE", "level": "low", "confidence": "low", "text_uk": "спокійно"})
            }
            _ => week("2026-W44", 3),
        }
    }

    /// The first role that may call it.
    pub(crate) fn role(&self) -> Role {
        let scope = self
            .scope
            .as_deref()
            .and_then(|scope| scope.parse::<Scope>().ok())
            .unwrap();
        Role::ALL
            .into_iter()
            .find(|role| role.scopes().contains(&scope))
            .unwrap()
    }

    /// Sends it as it should be sent, with these further headers.
    pub(crate) fn send(&self, app: &TestApp, submission_id: &str, headers: &[(&str, &str)]) -> Response {
        let key = leleka_domain::IdSource.next().to_string();
        let mut all = headers.to_vec();
        let mut path = self.path(submission_id);
        let mut body = None;
        if self.method == "POST" {
            body = Some(self.document().to_string().into_bytes());
            all.push(("content-type", "application/json"));
        }
        if self.needs_key() {
            all.push(("idempotency-key", &key));
        }
        if self.id == "revision_list" {
            path.push_str("?indicator=ASY_APPL");
        }
        if ["risk_metric_explanation_view", "risk_metric_publication_view"].contains(&self.id.as_str()) {
            path.push_str("?period=2026-W44");
        }
        Response::send(&app.base_url, &self.method, &path, &all, body.as_deref())
    }
}

/// A file of the repository.
pub(crate) fn repository_file(path: &str) -> String {
    let whole = repository().join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
