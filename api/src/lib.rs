//! The server: HTTP, workers, settings, wiring. No rules, no SQL.

pub mod config;
pub mod demo;
mod http;
mod keys;
mod service;
pub mod telemetry;
mod worker;

pub use http::contract_document;
pub use leleka_access::install_crypto as crypto_install;
pub use service::{Database, Running, Service, StartError, serve};
