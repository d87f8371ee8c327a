//! What tests stand on: one PostgreSQL for the run, a database for each test, a really started server, callers
//! with real keys and tokens, and every answer held against the contract.
//!
//! For tests only: panics where something is not as it should be. No mocks of our own code.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop with the reason"
)]

mod app;
mod caller;
mod cluster;
mod contract;
mod response;

pub use app::{AppOptions, TestApp};
pub use caller::TestCaller;
pub use cluster::{Cluster, TestDatabase, open_folder};
pub use contract::Contract;
pub use response::{Rejection, Response};
