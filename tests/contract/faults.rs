//! Requests that cannot be read: each gets a problem document, never an empty page, a stack or a hang.

use super::{analyst, app, submitter};
use crate::operations::{operations, week};
use leleka_testkit::{AppOptions, Response, TestApp};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn problem(answer: &Response, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["code"], code);
    assert_eq!(problem["type"], format!("urn:leleka:problem:{code}"));
    let titles = &problem["titles"];
    assert!(
        titles["uk"].as_str().is_some_and(|text| !text.is_empty())
            && titles["en"].as_str().is_some_and(|text| !text.is_empty())
    );
}

#[test]
fn a_path_parameter_that_cannot_name_anything_is_not_found() {
    let analyst = analyst();
    for bad in ["1", "not-a-uuid", "%00", "%ff", "..", "%2e%2e", "'%20or%201=1"] {
        for rest in ["", "/findings", "/content"] {
            let path = format!("/v1/submissions/{bad}{rest}");
            problem(&analyst.get(&path), 404, "resource.not_found");
        }
    }
    for template in [
        "indicators",
        "dataflows",
        "code-lists",
        "risk-metrics",
        "mapping-profiles",
    ] {
        for bad in ["%00", "%ff", "NO_SUCH", "'%20or%201=1", &"A".repeat(3000)] {
            let answer = analyst.get(&format!("/v1/{template}/{bad}"));
            problem(&answer, 404, "resource.not_found");
        }
    }
}

#[test]
fn an_unknown_query_parameter_is_named_on_every_operation() {
    let (submitter, analyst) = (submitter(), analyst());
    let keeper = app().caller("DMS_CENTRE", leleka_access::Role::CatalogueAdmin);
    let delivered = submitter.submit_json(&week("2026-W43", 1)).expect(201).json();
    let id = delivered["id"].as_str().unwrap();
    for operation in operations() {
        let open = operation.scope.is_none();
        if open {
            continue;
        }
        let admin = operation.role() == leleka_access::Role::CatalogueAdmin;
        let caller = match operation.method.as_str() {
            "POST" if admin => &keeper,
            "POST" if operation.role() == leleka_access::Role::Analyst => analyst,
            "POST" => submitter,
            _ => analyst,
        };
        let key = leleka_domain::IdSource.next().to_string();
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
        ];
        let body = week("2026-W42", 1).to_string();
        let sends = operation.method == "POST";
        let answer = caller.request(
            &operation.method,
            &format!("{}?period=2026-W44&colour=red&colour=blue", operation.path(id)),
            if sends { &headers } else { &[] },
            sends.then_some(body.as_bytes()),
        );
        assert_eq!(answer.status, 400, "{}", operation.id);
        problem(&answer, 400, "parameter.unknown");
        let told = answer.json();
        let told = told["parameters"].as_array().unwrap();
        assert!(
            told.iter().any(|fault| fault["name"] == "colour"),
            "{}: {told:?}",
            operation.id
        );
    }
}

#[test]
fn every_wrong_parameter_is_told_in_one_answer() {
    let answer = analyst().get(
        "/v1/observations?limit=0&from=2026-W99&asOf=yesterday&lineage=perhaps&frequency=X&colour=red&cursor=zzz",
    );
    assert_eq!(answer.status, 400);
    let answer = answer.json();
    let told: Vec<&str> = answer["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["name"].as_str().unwrap())
        .collect();
    for name in ["limit", "from", "asOf", "lineage", "frequency", "colour"] {
        assert!(told.contains(&name), "{name} is not told: {told:?}");
    }
}

#[test]
fn a_parameter_that_is_not_text_is_refused() {
    let analyst = analyst();
    for query in [
        "indicator=%00",
        "indicator=%ff",
        "limit=1&limit=2",
        "limit=1e3",
        "limit=-1",
        "limit=99999999999999999999",
        "cursor=%00",
        "asOf=2026-13-01T00:00:00Z",
        "from=2026-W54",
    ] {
        let answer = analyst.get(&format!("/v1/observations?{query}"));
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
}

#[test]
fn a_body_larger_than_allowed_is_refused_whether_or_not_it_says_so() {
    let app = TestApp::with(AppOptions {
        body_bytes: Some(2000),
        ..AppOptions::default()
    });
    let caller = app.submitter("DMS");
    let large = format!("indicator,period,value\n{}", "A,2026-W44,1\n".repeat(400));
    for path in ["submissions", "validations"] {
        let key = leleka_domain::IdSource.next().to_string();
        let headers = [("content-type", "text/csv"), ("idempotency-key", key.as_str())];
        let path = format!("/v1/{path}?dataflow=ASYLUM_WEEKLY");
        let told = caller.request("POST", &path, &headers, Some(large.as_bytes()));
        problem(&told, 413, "body.too_large");
    }
    // Without a length, in chunks.
    let chunks = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    let raw = format!(
        "POST /v1/validations?dataflow=ASYLUM_WEEKLY HTTP/1.1\r\nHost: leleka\r\nAuthorization: Bearer {}\r\n\
         Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}",
        caller.token()
    );
    let answer = spoken(&app, raw.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    // The token endpoint has a limit of its own.
    let form = "x=".to_owned() + &"a".repeat(200 * 1024);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = Response::send(
        &app.base_url,
        "POST",
        "/oauth2/token",
        &headers,
        Some(form.as_bytes()),
    );
    assert!(
        [400, 413].contains(&answer.status),
        "{} {}",
        answer.status,
        answer.text()
    );
}

/// What the server says to these bytes.
fn spoken(app: &TestApp, bytes: &[u8]) -> String {
    let address = app.base_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    stream.write_all(bytes).unwrap();
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    // One answer: the connection may stay open after it.
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&piece[..read]),
            Err(error) => panic!("no answer: {error}; so far {}", String::from_utf8_lossy(&answer)),
        }
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().unwrap())
        });
        if length.is_some_and(|length| body.len() >= length) {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn headers_of_bytes_that_are_no_text_end_as_a_problem() {
    let app = app();
    let caller = submitter();
    let token = caller.token();
    let cases: [(&str, &[u8], &str); 5] = [
        ("Idempotency-Key", b"\xff\xfe0123456789abcdef", "400"),
        ("Content-Type", b"application/\xffjson", "400"),
        ("Content-Digest", b"sha-256=:\xff:", "400"),
        ("Authorization", b"Bearer \xff\xfe", "401"),
        ("Content-Encoding", b"\xff", "400"),
    ];
    for (name, value, status) in cases {
        let mut raw = b"POST /v1/submissions HTTP/1.1\r\nHost: leleka\r\nContent-Length: 2\r\n".to_vec();
        for (other, text) in [
            ("Authorization", format!("Bearer {token}")),
            ("Content-Type", "application/json".to_owned()),
            ("Idempotency-Key", "0123456789abcdef".to_owned()),
        ] {
            if other != name {
                raw.extend_from_slice(format!("{other}: {text}\r\n").as_bytes());
            }
        }
        raw.extend_from_slice(format!("{name}: ").as_bytes());
        raw.extend_from_slice(value);
        raw.extend_from_slice(b"\r\n\r\n{}");
        let answer = spoken(app, &raw);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{name}: {answer}"
        );
        assert!(answer.contains("application/problem+json"), "{name}: {answer}");
    }
}

#[test]
fn bytes_that_are_no_http_get_400_and_the_server_goes_on() {
    let app = app();
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(200_000));
    for bytes in [
        "no http at all\r\n\r\n",
        "GET /v1/bodies HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        "POST /v1/submissions HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        "POST /v1/submissions HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        long.as_str(),
    ] {
        let shown: String = bytes.chars().take(40).collect();
        let address = app.base_url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
        // The server may hang up before the last byte.
        let _sent = stream.write_all(bytes.as_bytes());
        let mut answer = [0; 12];
        match stream.read_exact(&mut answer) {
            Ok(()) => assert!(
                answer.starts_with(b"HTTP/1.1 4"),
                "{shown:?}: {}",
                String::from_utf8_lossy(&answer)
            ),
            Err(error) => assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "{shown:?} hangs"),
        }
    }
    assert_eq!(app.anonymous("GET", "/v1/openapi.json").status, 200);
}

#[test]
fn the_title_of_a_problem_is_in_the_language_asked_for() {
    let app = app();
    let title = |language| {
        let headers = [("accept-language", language)];
        let answer = Response::send(&app.base_url, "GET", "/nowhere", &headers, None);
        answer.json()["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(title("uk"), "Не знайдено");
    assert_eq!(title("en-GB,en;q=0.9"), "Not found");
    assert_eq!(title("fr"), "Не знайдено");
}
