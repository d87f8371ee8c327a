//! Quotas of a body: requests in a minute, bytes in an hour.
//!
//! Counted for the body and never for an address, since every call over the bus comes from one. Counted in memory of
//! this process, in fixed windows; nothing is written. A status read costs a tenth of a delivery, and so does a
//! repeated delivery, so that nobody is punished for being careful. Source: IETF draft-ietf-httpapi-ratelimit-headers.

use crate::http::problem::Failure;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use leleka_contract::v1::QuotaPolicy;
use leleka_domain::Code;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const REQUESTS_WINDOW: Duration = Duration::from_secs(60);
const BYTES_WINDOW: Duration = Duration::from_secs(3_600);
/// Requests are counted in tenths, so that a cheap one can cost less than a whole.
const TENTHS: u64 = 10;

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What an ordinary delivery, a read of data, and a read of a state cost, in tenths of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cost {
    Whole,
    Half,
    Tenth,
}

impl Cost {
    fn tenths(self) -> u64 {
        match self {
            Self::Whole => 10,
            Self::Half => 5,
            Self::Tenth => 1,
        }
    }

    /// By what is asked: figures and files cost half, everything else that is read a tenth.
    fn of(method: &Method, pattern: &str) -> Self {
        if *method != Method::GET && *method != Method::HEAD {
            return Self::Whole;
        }
        let heavy = [
            "/v1/series",
            "/v1/observations",
            "/v1/reconciliation",
            "/v1/submissions/{submission_id}/content",
            "/v1/risk-metrics/{code}/values",
            "/v1/risk-metrics/{code}/explanation",
        ];
        if heavy.contains(&pattern) {
            Self::Half
        } else {
            Self::Tenth
        }
    }
}

/// Which policies a request would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violated {
    Requests,
    Bytes,
    Both,
}

impl Violated {
    fn of(requests: bool, bytes: bool) -> Option<Self> {
        match (requests, bytes) {
            (false, false) => None,
            (true, false) => Some(Self::Requests),
            (false, true) => Some(Self::Bytes),
            (true, true) => Some(Self::Both),
        }
    }

    /// Their names in the answer.
    pub(crate) fn policies(self) -> Vec<QuotaPolicy> {
        match self {
            Self::Requests => vec![QuotaPolicy::Body],
            Self::Bytes => vec![QuotaPolicy::Bytes],
            Self::Both => vec![QuotaPolicy::Body, QuotaPolicy::Bytes],
        }
    }
}

/// One fixed window of one body.
#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    used: u64,
}

impl Window {
    fn current(&mut self, now: Instant, length: Duration) {
        if now.saturating_duration_since(self.began) >= length {
            *self = Self { began: now, used: 0 };
        }
    }

    /// Whole seconds until it ends, never fewer than are left.
    fn seconds_left(&self, now: Instant, length: Duration) -> u64 {
        let left = length.saturating_sub(now.saturating_duration_since(self.began));
        left.as_secs() + u64::from(left.subsec_nanos() > 0)
    }
}

struct Used {
    requests: Window,
    bytes: Window,
}

/// How much each body has used.
pub(crate) struct Quotas {
    requests: u64,
    bytes: u64,
    used: Mutex<HashMap<String, Used>>,
}

/// A request that was counted.
#[derive(Clone)]
pub(crate) struct Taken {
    quotas: Arc<Quotas>,
    body: String,
    tenths: u64,
}

impl Quotas {
    /// So many requests in a minute and bytes in an hour for each body.
    pub(crate) fn new(requests: u64, bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            requests,
            bytes,
            used: Mutex::default(),
        })
    }

    /// The policies, as they stand on every answer to a known caller.
    fn policy(&self) -> String {
        format!(
            "\"body\";q={};w={}, \"bytes\";q={};qu=\"content-bytes\";w={}",
            self.requests,
            REQUESTS_WINDOW.as_secs(),
            self.bytes,
            BYTES_WINDOW.as_secs()
        )
    }

    fn with_used<T>(&self, body: &str, now: Instant, act: impl FnOnce(&mut Used) -> T) -> T {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window { began: now, used: 0 };
        // One entry for each body that ever called: bodies are registered, so their number is small.
        let entry = used.entry(body.to_owned()).or_insert(Used {
            requests: fresh,
            bytes: fresh,
        });
        entry.requests.current(now, REQUESTS_WINDOW);
        entry.bytes.current(now, BYTES_WINDOW);
        act(entry)
    }

    /// Counts a request, or says which policies it would exceed; then nothing is counted.
    fn take(&self, body: &str, tenths: u64, bytes: u64, now: Instant) -> Result<(), (Violated, u64)> {
        self.with_used(body, now, |used| {
            let limit = self.requests.saturating_mul(TENTHS);
            let too_many = used.requests.used.saturating_add(tenths) > limit;
            // What arrived without a length is known only afterwards: the window may be over by one body.
            let too_much = bytes > 0 && used.bytes.used.saturating_add(bytes) > self.bytes;
            if let Some(violated) = Violated::of(too_many, too_much) {
                let requests = used.requests.seconds_left(now, REQUESTS_WINDOW);
                let wait = match violated {
                    Violated::Requests => requests,
                    Violated::Bytes => used.bytes.seconds_left(now, BYTES_WINDOW),
                    Violated::Both => used.bytes.seconds_left(now, BYTES_WINDOW).max(requests),
                };
                return Err((violated, wait));
            }
            used.requests.used = used.requests.used.saturating_add(tenths);
            used.bytes.used = used.bytes.used.saturating_add(bytes);
            Ok(())
        })
    }

    /// What is left: whole requests and bytes, each with the seconds until it is full again.
    fn left(&self, body: &str, now: Instant) -> String {
        self.with_used(body, now, |used| {
            let requests = self
                .requests
                .saturating_mul(TENTHS)
                .saturating_sub(used.requests.used)
                / TENTHS;
            format!(
                "\"body\";r={requests};t={}, \"bytes\";r={};t={}",
                used.requests.seconds_left(now, REQUESTS_WINDOW),
                self.bytes.saturating_sub(used.bytes.used),
                used.bytes.seconds_left(now, BYTES_WINDOW)
            )
        })
    }
}

/// Counts a request of a body, or refuses it.
pub(crate) fn request_take(
    quotas: &Arc<Quotas>,
    body: &str,
    method: &Method,
    pattern: &str,
    headers: &HeaderMap,
) -> Result<Taken, Failure> {
    let tenths = Cost::of(method, pattern).tenths();
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let bytes = length.and_then(|text| text.parse().ok()).unwrap_or(0);
    let taken = Taken {
        quotas: Arc::clone(quotas),
        body: body.to_owned(),
        tenths,
    };
    let now = Instant::now();
    match quotas.take(body, tenths, bytes, now) {
        Ok(()) => Ok(taken),
        Err((violated, seconds)) => {
            let mut failure = Failure::quota_exceeded(violated);
            if let Ok(value) = HeaderValue::from_str(&seconds.max(1).to_string()) {
                failure = failure.header(RETRY_AFTER, value);
            }
            for (name, value) in taken.headers(now) {
                failure = failure.header(name, value);
            }
            Err(failure)
        }
    }
}

impl Taken {
    fn headers(&self, now: Instant) -> Vec<(HeaderName, HeaderValue)> {
        let texts = [
            (RATE_LIMIT_POLICY, self.quotas.policy()),
            (RATE_LIMIT, self.quotas.left(&self.body, now)),
        ];
        let made = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, HeaderValue::from_str(&text).ok()?)));
        made.collect()
    }

    /// Counts bytes that came without a length.
    pub(crate) fn bytes_add(&self, bytes: u64) {
        self.quotas.with_used(&self.body, Instant::now(), |used| {
            used.bytes.used = used.bytes.used.saturating_add(bytes);
        });
    }

    /// Puts the headers on an answer; a repeated delivery is charged as a status read.
    pub(crate) fn settle(&self, headers: &mut HeaderMap) {
        let now = Instant::now();
        if headers.contains_key("idempotency-replayed") {
            let back = self.tenths.saturating_sub(Cost::Tenth.tenths());
            self.quotas.with_used(&self.body, now, |used| {
                used.requests.used = used.requests.used.saturating_sub(back);
            });
        }
        for (name, value) in self.headers(now) {
            headers.insert(name, value);
        }
    }
}

/// The type of the problem, registered with IANA.
pub(crate) const QUOTA_PROBLEM: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

impl Failure {
    fn quota_exceeded(violated: Violated) -> Self {
        Self::new(Code::QuotaExceeded).violated(violated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_window_is_full_until_it_ends_and_each_body_has_its_own() {
        let (quotas, start) = (Quotas::new(2, 1_000), Instant::now());
        assert_eq!(quotas.take("DMS", 10, 0, start), Ok(()));
        assert_eq!(quotas.take("DMS", 10, 0, after(start, 1)), Ok(()));
        let refused = quotas.take("DMS", 1, 0, after(start, 50));
        assert_eq!(refused, Err((Violated::Requests, 10)));
        assert_eq!(quotas.take("SBGS", 10, 0, after(start, 50)), Ok(()));
        assert_eq!(quotas.take("DMS", 10, 0, after(start, 60)), Ok(()));
        assert_eq!(
            quotas.left("DMS", after(start, 61)),
            "\"body\";r=1;t=59, \"bytes\";r=1000;t=3539"
        );
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let (quotas, start) = (Quotas::new(10, 100), Instant::now());
        assert_eq!(quotas.take("DMS", 10, 60, start), Ok(()));
        for _ in 0..50 {
            let refused = quotas.take("DMS", 10, 60, after(start, 1));
            assert_eq!(refused, Err((Violated::Bytes, 3_599)));
        }
        assert_eq!(quotas.take("DMS", 10, 40, after(start, 2)), Ok(()));
        assert_eq!(
            quotas.take("DMS", 10, 0, after(start, 3)),
            Ok(()),
            "reading goes on when no more may be sent"
        );
    }

    #[test]
    fn looking_costs_less_than_sending() {
        let cost = |method, pattern| Cost::of(&method, pattern).tenths();
        assert_eq!(cost(Method::POST, "/v1/submissions"), 10);
        assert_eq!(cost(Method::GET, "/v1/observations"), 5);
        assert_eq!(cost(Method::GET, "/v1/submissions/{submission_id}"), 1);
        assert_eq!(cost(Method::GET, "/v1/changes"), 1);
    }

    #[test]
    fn a_repeated_delivery_is_charged_as_a_status_read() {
        let quotas = Quotas::new(2, 1_000);
        let headers = HeaderMap::new();
        let taken = request_take(&quotas, "DMS", &Method::POST, "/v1/submissions", &headers).unwrap();
        let mut answer = HeaderMap::new();
        answer.insert(
            HeaderName::from_static("idempotency-replayed"),
            HeaderValue::from_static("true"),
        );
        taken.settle(&mut answer);
        let used = quotas.with_used("DMS", Instant::now(), |used| used.requests.used);
        assert_eq!(used, 1);
        assert!(
            answer
                .get(RATE_LIMIT)
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("\"body\";r=1;t=")
        );
    }
}
