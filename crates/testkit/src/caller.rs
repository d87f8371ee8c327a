//! A caller with a real key and real tokens.

use crate::response::Response;
use leleka_access::{SigningKey, assertion_make};
use leleka_domain::{Clock, IdSource};
use std::sync::OnceLock;

/// A registered client.
pub struct TestCaller {
    base_url: String,
    /// Client id.
    pub id: String,
    key: SigningKey,
    clock: Clock,
    token: OnceLock<String>,
}

impl TestCaller {
    /// A caller that is registered at a server.
    #[must_use]
    pub fn new(base_url: String, id: String, key: SigningKey, clock: Clock) -> Self {
        Self {
            base_url,
            id,
            key,
            clock,
            token: OnceLock::new(),
        }
    }

    /// A new assertion, good once.
    pub fn assertion(&self) -> String {
        let jti = IdSource.next().to_string();
        assertion_make(
            &self.key,
            &self.id,
            &self.base_url,
            self.clock.now_unix_seconds(),
            &jti,
        )
        .unwrap()
    }

    /// Asks for a token with an assertion.
    pub fn token_request(&self, assertion: &str, scope: Option<&str>) -> Response {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".replace(':', "%3A");
        let mut form = format!(
            "grant_type=client_credentials&client_assertion_type={kind}&client_assertion={assertion}"
        );
        if let Some(scope) = scope {
            form.push_str(&format!("&scope={}", scope.replace(' ', "+").replace(':', "%3A")));
        }
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        Response::send(
            &self.base_url,
            "POST",
            "/oauth2/token",
            &headers,
            Some(form.as_bytes()),
        )
    }

    /// An access token with every scope of the role; asked for once.
    pub fn token(&self) -> &str {
        self.token.get_or_init(|| {
            // A new client is known to the server within two seconds.
            let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
            loop {
                let answer = self.token_request(&self.assertion(), None);
                if answer.status == 200 {
                    return answer.json()["access_token"].as_str().unwrap().to_owned();
                }
                assert!(std::time::Instant::now() < until, "no token: {answer:?}");
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        })
    }

    /// Any request with the token.
    pub fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Response {
        let bearer = format!("Bearer {}", self.token());
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        Response::send(&self.base_url, method, path, &all, body)
    }

    /// GET.
    pub fn get(&self, path: &str) -> Response {
        self.request("GET", path, &[], None)
    }

    /// A submission with a new key.
    pub fn submit(&self, query: &str, content_type: &str, body: &str) -> Response {
        self.submit_with_key(query, content_type, body, &IdSource.next().to_string())
    }

    /// A submission with this key.
    pub fn submit_with_key(&self, query: &str, content_type: &str, body: &str, key: &str) -> Response {
        let headers = [("content-type", content_type), ("idempotency-key", key)];
        self.request(
            "POST",
            &format!("/v1/submissions{query}"),
            &headers,
            Some(body.as_bytes()),
        )
    }

    /// A submission with a new key that is followed to its end, however large it is: 201 or the final record as
    /// 200 when it was accepted, 422 when it was rejected at once.
    pub fn deliver(&self, query: &str, content_type: &str, body: &str) -> Response {
        let key = IdSource.next().to_string();
        let headers = [
            ("content-type", content_type),
            ("idempotency-key", key.as_str()),
            ("prefer", "wait=20"),
        ];
        let path = format!("/v1/submissions{query}");
        let answer = self.request("POST", &path, &headers, Some(body.as_bytes()));
        if answer.status == 202 {
            self.follow(answer.header("location").unwrap())
        } else {
            answer
        }
    }

    /// Looks at a submission until its state is final.
    pub fn follow(&self, path: &str) -> Response {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(120);
        loop {
            let answer = self.get(path).expect(200);
            if answer.json().get("progress").is_none() {
                return answer;
            }
            assert!(std::time::Instant::now() < until, "it does not end: {answer:?}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// A JSON submission with a new key.
    pub fn submit_json(&self, document: &serde_json::Value) -> Response {
        self.submit("", "application/json", &document.to_string())
    }

    /// A dry run.
    pub fn validate(&self, query: &str, content_type: &str, body: &str) -> Response {
        let headers = [("content-type", content_type)];
        self.request(
            "POST",
            &format!("/v1/validations{query}"),
            &headers,
            Some(body.as_bytes()),
        )
    }
}
