//! Calls of the demonstration's clients: over HTTP, with `private_key_jwt` and real tokens, as a body's own
//! system would call.

use crate::demo::DemoFault;
use crate::demo::clients::DemoClient;
use leleka_access::assertion_make;
use leleka_domain::{Clock, IdSource};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// A token is renewed at this age, in seconds; it lives for ten minutes.
const TOKEN_AGE_SECONDS: u64 = 300;
/// How often a request is repeated when the service asks for patience.
const ATTEMPTS: u32 = 5;

/// The way to the service.
pub(super) struct Calls {
    agent: ureq::Agent,
    base_url: String,
    issuer: String,
    clock: Clock,
    tokens: RefCell<BTreeMap<&'static str, (String, u64)>>,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Calls {
    pub(super) fn new(base_url: &str, issuer: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(300)))
            .build();
        Self {
            agent: agent.into(),
            base_url: base_url.to_owned(),
            issuer: issuer.to_owned(),
            clock: Clock::system(),
            tokens: RefCell::default(),
        }
    }

    /// An access token that is good for another five minutes.
    pub(super) fn token(&self, client: &DemoClient) -> Result<String, DemoFault> {
        let now = self.clock.now_unix_seconds();
        if let Some((token, since)) = self.tokens.borrow().get(client.id)
            && now < since + TOKEN_AGE_SECONDS
        {
            return Ok(token.clone());
        }
        let jti = IdSource.next().to_string();
        let assertion = assertion_make(&client.key, client.id, &self.issuer, now, &jti)
            .map_err(|_fault| DemoFault::Token(client.id))?;
        let form = [
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", assertion.as_str()),
        ];
        let form = serde_urlencoded::to_string(form).unwrap_or_default();
        let content_type = ("content-type", "application/x-www-form-urlencoded");
        let answer = self.send("POST", "/oauth2/token", &[content_type], form.as_bytes())?;
        let token = answer.body.get("access_token").and_then(Value::as_str);
        let token = token.ok_or(DemoFault::Token(client.id))?.to_owned();
        self.tokens.borrow_mut().insert(client.id, (token.clone(), now));
        Ok(token)
    }

    pub(super) fn get(&self, client: &DemoClient, path: &str) -> Result<Answer, DemoFault> {
        let bearer = format!("Bearer {}", self.token(client)?);
        self.send("GET", path, &[("authorization", &bearer)], &[])
    }

    pub(super) fn submit(
        &self,
        client: &DemoClient,
        path: &str,
        content_type: &str,
        key: &str,
        body: &str,
    ) -> Result<Answer, DemoFault> {
        let bearer = format!("Bearer {}", self.token(client)?);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", content_type),
            ("idempotency-key", key),
            ("prefer", "wait=20"),
        ];
        self.send("POST", path, &headers, body.as_bytes())
    }

    /// Looks at a submission that was taken until its record is there.
    pub(super) fn follow(&self, client: &DemoClient, taken: Answer) -> Result<Answer, DemoFault> {
        let mut answer = taken;
        while answer.body.get("progress").is_some() {
            std::thread::sleep(Duration::from_millis(200));
            let id = answer.body.get("id").and_then(Value::as_str).unwrap_or_default();
            answer = self.get(client, &format!("/v1/submissions/{id}"))?;
        }
        Ok(answer)
    }

    /// Sends until the service has time for it.
    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, DemoFault> {
        let mut attempt = 1;
        loop {
            let answer = self.send_once(method, path, headers, body)?;
            if !matches!(answer.status, 429 | 503) || attempt == ATTEMPTS {
                return Ok(answer);
            }
            std::thread::sleep(Duration::from_secs(1));
            attempt += 1;
        }
    }

    fn send_once(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, DemoFault> {
        let fault = |error: String| DemoFault::Call {
            path: path.to_owned(),
            error,
        };
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = if method == "GET" {
            request
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request))
        } else {
            request
                .body(body)
                .map_err(ureq::Error::from)
                .and_then(|request| self.agent.run(request))
        };
        let mut answer = sent.map_err(|error| fault(error.to_string()))?;
        let status = answer.status().as_u16();
        let body = answer
            .body_mut()
            .read_to_vec()
            .map_err(|error| fault(error.to_string()))?;
        let body = serde_json::from_slice(&body).map_err(|error| fault(error.to_string()))?;
        Ok(Answer { status, body })
    }
}
