//! The one end-to-end test binary: a really started server, a real PostgreSQL, every answer held against the
//! contract.

mod api;
mod authz;
mod contract;
mod db;
mod demo;
mod house;
mod operations;
mod process;
mod recompute;
