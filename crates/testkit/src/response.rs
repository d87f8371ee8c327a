//! An answer, already held against the contract.

use crate::contract::Contract;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers by lower-case name.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a test reads of a finding: code, row, line, pointer, value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Code.
    pub code: String,
    /// Data row.
    pub row: Option<u64>,
    /// Physical line.
    pub line: Option<u64>,
    /// Pointer or column name.
    pub place: Option<String>,
}

impl Response {
    /// Sends a request and checks the answer.
    pub fn send(
        base_url: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Self {
        let answer = Self::attempt(base_url, method, path, headers, body);
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Sends a request to a server that may die over it; a whole answer is checked.
    ///
    /// # Errors
    /// When no whole answer came.
    pub fn attempt(
        base_url: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Self, ureq::Error> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .into();
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{base_url}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = match body {
            Some(body) => agent.run(request.body(body).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        }?;
        let status = answer.status().as_u16();
        let headers: HashMap<String, String> = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = answer.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        Contract::shared().check(method, path, status, &headers, &body);
        Ok(Self {
            status,
            headers,
            body,
        })
    }

    /// Panics unless the status is this one.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The findings of a rejection, a validation or a submission.
    pub fn findings(&self) -> Vec<Rejection> {
        let json = self.json();
        let findings = json["findings"].as_array().or_else(|| json["items"].as_array());
        let text = |value: &Value| value.as_str().map(str::to_owned);
        findings
            .into_iter()
            .flatten()
            .map(|finding| Rejection {
                code: finding["code"].as_str().unwrap().to_owned(),
                row: finding["row"].as_u64(),
                line: finding["line"].as_u64(),
                place: text(&finding["pointer"]).or_else(|| text(&finding["column"]["name"])),
            })
            .collect()
    }
}
