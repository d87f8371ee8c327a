//! The contract: what the document promises, and that the running server is that document.
//!
//! Rules from the published API design rules that the contract follows: OpenAPI 3.1.0, RFC 9457, RFC 9110.

mod codes;
mod docs;
mod document;
mod examples;
mod faults;
mod headers;
mod limits;
mod routes;

use leleka_testkit::{TestApp, TestCaller};
use std::sync::OnceLock;

/// One server for every claim that needs no state of its own.
fn app() -> &'static TestApp {
    static APP: OnceLock<TestApp> = OnceLock::new();
    APP.get_or_init(TestApp::start)
}

/// A client that delivers, for all of them.
fn submitter() -> &'static TestCaller {
    static CALLER: OnceLock<TestCaller> = OnceLock::new();
    CALLER.get_or_init(|| app().submitter("DMS"))
}

/// A client that reads everything, for all of them.
fn analyst() -> &'static TestCaller {
    static CALLER: OnceLock<TestCaller> = OnceLock::new();
    CALLER.get_or_init(|| app().analyst())
}
