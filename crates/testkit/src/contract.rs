//! The contract as a judge: every answer must be one that it describes.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// The document of the program under test.
pub struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    /// The contract, made once.
    pub fn shared() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| Self {
            document: serde_json::from_str(&leleka_server::contract_document()).unwrap(),
            validators: Mutex::new(HashMap::new()),
        })
    }

    /// The whole document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The path of the contract that a request path is an instance of.
    pub fn template_of(&self, path: &str) -> Option<&str> {
        let path = path.split('?').next().unwrap_or(path);
        let segments: Vec<&str> = path.split('/').collect();
        let paths = self.document["paths"].as_object().unwrap();
        paths.keys().map(String::as_str).find(|template| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == segments.len()
                && wanted
                    .iter()
                    .zip(&segments)
                    .all(|(wanted, found)| wanted == found || (wanted.starts_with('{') && !found.is_empty()))
        })
    }

    /// Panics unless the answer is one that the contract describes: status, media type, headers, body.
    pub fn check(
        &self,
        method: &str,
        path: &str,
        status: u16,
        headers: &HashMap<String, String>,
        body: &[u8],
    ) {
        let Some(template) = self.template_of(path) else {
            return;
        };
        let pointer = format!(
            "/paths/{}/{}",
            template.replace('~', "~0").replace('/', "~1"),
            method.to_lowercase()
        );
        let Some(operation) = self.document.pointer(&pointer) else {
            return;
        };
        let place = format!("{method} {template} {status}");
        let response = &operation["responses"][status.to_string()];
        assert!(
            response.is_object(),
            "{place} is not in the contract: {}",
            String::from_utf8_lossy(body)
        );
        for name in response["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            let optional = [
                "Idempotency-Replayed",
                "ETag",
                "Preference-Applied",
                "Retry-After",
            ]
            .contains(&name.as_str());
            assert!(
                optional || headers.contains_key(&name.to_lowercase()),
                "{place}: header {name} is missing"
            );
        }
        let Some(content) = response["content"].as_object() else {
            assert!(body.is_empty(), "{place} has a body");
            return;
        };
        let media_type = headers
            .get("content-type")
            .map_or("", |value| value.split(';').next().unwrap_or(""));
        let described = content
            .get(media_type)
            .unwrap_or_else(|| panic!("{place}: media type {media_type:?}"));
        if media_type.ends_with("json")
            && media_type != "application/x-ndjson"
            && !template.ends_with("/content")
        {
            let value: Value = serde_json::from_slice(body).unwrap();
            let validator = self.validator(&described["schema"]);
            let errors: Vec<String> = validator
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{place}: {errors:?}\n{value:#}");
        }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self
            .validators
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut whole = json!({"components": self.document["components"]});
            for (name, value) in schema.as_object().unwrap() {
                whole[name] = value.clone();
            }
            Arc::new(jsonschema::draft202012::new(&whole).unwrap())
        });
        Arc::clone(made)
    }
}
