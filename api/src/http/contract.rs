//! The contract: made from the same routes that serve, completed with what every operation shares.
//!
//! The running server gives out exactly the bytes that are committed in `openapi/`.

use crate::http::query::{MANY_VALUE_CHARS, MANY_VALUES};
use crate::http::routes;
use actix_web::App;
use leleka_access::Scope;
use leleka_contract::CONTRACT_VERSION;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Leleka: data exchange for migration monitoring",
        version = "1.0.0",
        description = "Partner bodies and territorial offices deliver statistical indicators; analysts read series, observations and risk metrics, each figure explainable down to the submitted row and reproducible as of any day. Only aggregates: no person's data.",
        contact(name = "Contact information-analytical centre of the State Migration Service of Ukraine", email = "centre@example.org", url = "https://example.org/leleka"),
        license(name = "EUPL-1.2", identifier = "EUPL-1.2"),
    ),
    servers((url = "/", description = "This server.")),
    tags(
        (name = "tokens", description = "Access tokens: OAuth 2.0 client credentials with private_key_jwt."),
        (name = "submissions", description = "Deliver figures, validate them first, read what became of them."),
        (name = "changes", description = "What happened, to be followed in place of asking everything again."),
        (name = "observations", description = "Series and observations: current, as known at a moment, with history."),
        (name = "risk metrics", description = "Definitions, values, levels and explanations of risk metrics."),
        (name = "risk board", description = "The newest level of every metric and key, what changed, alerts and analysts' judgements."),
        (name = "forecasts", description = "What comes next by series, with the test of each forecast on its own past."),
        (name = "operations", description = "How the service is running: jobs that go on after requests were answered."),
        (name = "agreements", description = "Which body supplies which indicator: proposed by the centre, agreed by the body, with every step."),
        (name = "obligations", description = "What is due, on time, late, missing or closed, and how full it is."),
        (name = "catalogue", description = "Bodies, indicators, dataflows and code lists."),
        (name = "mapping profiles", description = "How a body's own files become rows: drafted, tried on a sample, approved by a second person, retired."),
        (name = "contract", description = "This very document."),
    ),
    components(schemas(leleka_contract::v1::Problem)),
)]
struct Document;

/// The document, and which methods its paths have.
#[derive(Clone)]
pub(crate) struct Contract {
    /// The bytes, as committed.
    pub(crate) json: String,
    paths: Vec<(Vec<String>, Vec<&'static str>)>,
}

const METHODS: [(&str, &str); 5] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
];

impl Contract {
    /// Makes the document from the routes.
    pub(crate) fn from_routes() -> Self {
        let (_, document) = App::new()
            .into_utoipa_app()
            .openapi(Document::openapi())
            .configure(routes)
            .split_for_parts();
        let mut document = serde_json::to_value(document).unwrap_or_default();
        complete(&mut document);
        let mut json = serde_json::to_string_pretty(&document).unwrap_or_default();
        json.push('\n');
        let paths = document
            .get("paths")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let paths = paths.map(|(path, item)| {
            let methods = METHODS
                .iter()
                .filter(|(name, _)| item.get(name).is_some())
                .map(|(_, method)| *method);
            (path.split('/').map(str::to_owned).collect(), methods.collect())
        });
        Self {
            json,
            paths: paths.collect(),
        }
    }

    /// The methods of the path that this one is an instance of; none when it is not in the contract.
    pub(crate) fn methods_of(&self, path: &str) -> Vec<&'static str> {
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |template: &[String]| {
            let pairs = template.iter().zip(&segments);
            template.len() == segments.len()
                && pairs
                    .into_iter()
                    .all(|(wanted, found)| wanted == found || (wanted.starts_with('{') && !found.is_empty()))
        };
        self.paths
            .iter()
            .find(|(template, _)| fits(template))
            .map(|(_, methods)| methods.clone())
            .unwrap_or_default()
    }
}

/// Adds what every operation shares: problems, headers, the security scheme, facts for auditors.
fn complete(document: &mut Value) {
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        info.insert("version".to_owned(), json!(CONTRACT_VERSION));
        info.insert(
            "x-summary".to_owned(),
            json!("Exchange of migration indicators and risk metrics"),
        );
        info.insert(
            "x-api-id".to_owned(),
            json!("01936f0e-7c2e-7b52-9d3a-1f6c0a4b7e00"),
        );
        info.insert("x-audience".to_owned(), json!("partner-agency"));
        info.insert("x-personal-data".to_owned(), json!("none"));
    }
    let scopes: Map<String, Value> = Scope::ALL
        .iter()
        .map(|scope| (scope.as_str().to_owned(), json!(scope.description().en)))
        .collect();
    let scheme = json!({"leleka_oauth2": {
        "type": "oauth2",
        "description": "Client credentials with private_key_jwt (RFC 7523); access tokens live ten minutes.",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": scopes}}
    }});
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("securitySchemes".to_owned(), scheme);
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            operation_complete(path, method, operation);
        }
    }
}

fn operation_complete(path: &str, method: &str, operation: &mut Value) {
    let scopes = operation
        .pointer("/security/0/leleka_oauth2")
        .and_then(Value::as_array)
        .cloned();
    let Some(members) = operation.as_object_mut() else {
        return;
    };
    match scopes {
        Some(_) => {}
        None => {
            members.insert("security".to_owned(), json!([]));
        }
    }
    let protected = members
        .get("security")
        .and_then(Value::as_array)
        .is_some_and(|all| !all.is_empty());
    let parameters = members.get_mut("parameters").and_then(Value::as_array_mut);
    parameters.into_iter().flatten().for_each(list_complete);
    let has_body = members.contains_key("requestBody");
    let token_endpoint = path == "/oauth2/token";
    let mut problems = vec![
        (500, "Our fault; the answer names the request."),
        (503, "Not at the moment; repeat later."),
    ];
    if token_endpoint {
        problems.push((413, "The form is too large."));
    } else {
        problems.push((
            400,
            "The request cannot be read: every wrong parameter or header is named.",
        ));
        problems.push((406, "No representation that the client accepts."));
    }
    if protected {
        problems.push((401, "No valid access token."));
        problems.push((403, "The scope is missing."));
        problems.push((429, "More than the body's quota; Retry-After says when to go on."));
    }
    if path.contains('{') {
        problems.push((404, "Not there, or another body's."));
    }
    if has_body && !token_endpoint {
        problems.push((408, "The body did not arrive in time."));
        problems.push((413, "The body is too large."));
        problems.push((415, "A media type or coding that is not supported."));
    }
    if method == "post" {
        problems.extend_from_slice(writing_problems(path));
    }
    if path == "/v1/submissions/{submission_id}" && method == "delete" {
        problems.push((409, "Its reading has begun, or it is recorded already."));
    }
    if path == "/v1/validations" {
        problems.push((409, "A period is closed."));
    }
    let Some(responses) = members.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    if method == "get" && !token_endpoint {
        responses.insert(
            "304".to_owned(),
            json!({"description": "Unchanged since the ETag sent."}),
        );
    }
    for (status, description) in problems {
        responses.entry(status.to_string()).or_insert_with(|| {
            json!({"description": description, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})
        });
    }
    let mut sorted: Vec<(String, Value)> = std::mem::take(responses).into_iter().collect();
    sorted.sort_by(|left, right| left.0.cmp(&right.0));
    for (status, mut response) in sorted {
        headers_complete(&status, method, protected, &mut response);
        responses.insert(status, response);
    }
}

/// How an operation that stores something may be refused beside the ordinary ways.
fn writing_problems(path: &str) -> &'static [(u16, &'static str)] {
    match path {
        "/v1/submissions" => &[
            (
                409,
                "A request with this key is still running; or the same content was accepted before and is current.",
            ),
            (
                412,
                "The slices are not those of `If-Match` any more; nothing was stored.",
            ),
            (
                422,
                "Rejected, with every finding; or the key was used for another request.",
            ),
            (
                428,
                "A correction with `mode=merge` needs `If-Match`; nothing was stored.",
            ),
        ],
        "/v1/submissions/{submission_id}/retraction" => &[
            (
                409,
                "It was rejected or is retracted; or a request with this key is still running.",
            ),
            (422, "The key was used for another request."),
        ],
        _ => &[],
    }
}

/// A parameter that may be repeated: how often, and how long each value may be.
fn list_complete(parameter: &mut Value) {
    let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) else {
        return;
    };
    let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut) else {
        return;
    };
    items.insert("maxLength".to_owned(), json!(MANY_VALUE_CHARS));
    schema.insert("maxItems".to_owned(), json!(MANY_VALUES));
}

fn headers_complete(status: &str, method: &str, protected: bool, response: &mut Value) {
    let Some(members) = response.as_object_mut() else {
        return;
    };
    let headers = members.entry("headers").or_insert_with(|| json!({}));
    let Some(headers) = headers.as_object_mut() else {
        return;
    };
    for header in headers.values_mut() {
        let schema = header.get_mut("schema").and_then(Value::as_object_mut);
        if let Some(schema) = schema {
            schema.entry("maxLength").or_insert_with(|| json!(512));
        }
    }
    let text = |description: &str| json!({"description": description, "schema": {"type": "string", "maxLength": 512}});
    headers.insert("API-Version".to_owned(), text("Version of this contract."));
    headers.insert(
        "X-Request-Id".to_owned(),
        text("The request; a UUID that the client sent is kept."),
    );
    if protected && (status.starts_with('2') || status == "429") {
        headers.insert(
            "RateLimit-Policy".to_owned(),
            text("Quotas of the body: requests in a minute, bytes in an hour."),
        );
        headers.insert(
            "RateLimit".to_owned(),
            text("What is left of them, and the seconds until they are full again."),
        );
    }
    match status {
        "200" if method == "get" => {
            headers.insert("ETag".to_owned(), text("Strong; for If-None-Match."));
        }
        "304" => {
            headers.insert("ETag".to_owned(), text("Of the unchanged answer."));
        }
        "401" | "403" => {
            headers.insert("WWW-Authenticate".to_owned(), text("RFC 6750."));
        }
        "405" => {
            headers.insert("Allow".to_owned(), text("The methods of the path."));
        }
        "429" => {
            headers.insert("Retry-After".to_owned(), text("Seconds to wait."));
        }
        "503" => {
            headers.insert("Retry-After".to_owned(), text("Seconds to wait."));
        }
        _ => {}
    }
}
