//! Bodies that arrive too large, too slowly or not at all: cut off, answered, and nothing is left of them.

use crate::api::refused_requests::{MEBIBYTE, desk, good_body, new_key, refused, send};
use leleka_testkit::{AppOptions, TestApp, TestCaller};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn a_body_announced_as_too_large_is_refused_before_it_is_sent() {
    let mut socket = connect();
    let head = head(&format!("content-length: {}\r\n", MEBIBYTE + 1));
    socket.write_all(head.as_bytes()).unwrap();
    let (status, body) = answer_of(socket);
    assert_eq!((status, body["code"].as_str()), (413, Some("body.too_large")));
    assert_eq!(body["detail"], MEBIBYTE.to_string());
    assert_eq!(desk().app.database.data_fingerprint(), desk().untouched);
    let whole = vec![b' '; usize::try_from(MEBIBYTE).unwrap() + 1];
    let key = new_key();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let _problem = refused(send(&headers, &whole), 413, "body.too_large");
}

#[test]
fn a_body_that_grows_too_large_while_it_flows_is_refused() {
    let mut socket = connect();
    socket
        .write_all(head("transfer-encoding: chunked\r\n").as_bytes())
        .unwrap();
    let piece = " ".repeat(64 * 1024);
    let mut sent = 0;
    while sent <= MEBIBYTE {
        // The server may hang up as soon as it has seen enough.
        if write!(socket, "{:x}\r\n{piece}\r\n", piece.len()).is_err() {
            break;
        }
        sent += piece.len() as u64;
    }
    let _hung_up = socket.write_all(b"0\r\n\r\n");
    let (status, body) = answer_of(socket);
    assert_eq!((status, body["code"].as_str()), (413, Some("body.too_large")));
    assert_eq!(desk().app.database.data_fingerprint(), desk().untouched);
}

#[test]
fn a_connection_that_breaks_off_leaves_nothing() {
    for framing in [
        "content-length: 5000\r\n",
        "content-length: 500000\r\n",
        "transfer-encoding: chunked\r\n",
    ] {
        let mut socket = connect();
        socket.write_all(head(framing).as_bytes()).unwrap();
        let piece = good_body();
        if framing.starts_with("transfer") {
            write!(socket, "{:x}\r\n{piece}\r\n", piece.len()).unwrap();
        } else {
            socket.write_all(piece.as_bytes()).unwrap();
        }
        drop(socket);
    }
    // The next delivery is served; by then the broken ones are over.
    let key = new_key();
    let headers = [("content-type", "text/plain"), ("idempotency-key", key.as_str())];
    let _problem = refused(send(&headers, b"x"), 415, "content_type.not_supported");
}

#[test]
fn a_body_that_does_not_arrive_in_time_is_cut_off() {
    let app = TestApp::with(AppOptions {
        body_deadline_seconds: Some(1),
        ..AppOptions::default()
    });
    let dms = app.submitter("DMS");
    let untouched = app.database.data_fingerprint();
    for framing in [
        "content-length: 500\r\n",
        "content-length: 900000\r\n",
        "transfer-encoding: chunked\r\n",
    ] {
        let mut socket = TcpStream::connect(app.base_url.trim_start_matches("http://")).unwrap();
        socket.write_all(head_of(&dms, framing).as_bytes()).unwrap();
        let (status, body) = answer_of(socket);
        assert_eq!(
            (status, body["code"].as_str()),
            (408, Some("body.timeout")),
            "{framing}"
        );
    }
    assert_eq!(app.database.data_fingerprint(), untouched);
}

fn connect() -> TcpStream {
    TcpStream::connect(desk().app.base_url.trim_start_matches("http://")).unwrap()
}

fn head(framing: &str) -> String {
    head_of(&desk().dms, framing)
}

fn head_of(caller: &TestCaller, framing: &str) -> String {
    format!(
        "POST /v1/submissions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         idempotency-key: {}\r\n{framing}\r\n",
        caller.token(),
        new_key()
    )
}

/// Status and JSON body of the answer on a bare connection.
fn answer_of(mut socket: TcpStream) -> (u16, Value) {
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(json) = serde_json::from_str(body)
        {
            return (head.split(' ').nth(1).unwrap().parse().unwrap(), json);
        }
        let read = socket
            .read(&mut buffer)
            .unwrap_or_else(|error| panic!("{error}; so far: {text}"));
        assert!(read > 0, "the connection ended: {text}");
        bytes.extend_from_slice(&buffer[..read]);
    }
}
