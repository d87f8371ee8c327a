//! The wire of version 1: every request and response type, with limits and examples, and the conversions from
//! domain records.
//!
//! Never knows HTTP routes, the database or a rule. A change here is a change of the contract.

mod number;
pub mod v1;

/// Semantic version of the contract; it stands in `info.version` and in the header `API-Version`.
pub const CONTRACT_VERSION: &str = "1.0.0";
