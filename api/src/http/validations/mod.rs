//! Dry runs.

pub(crate) mod create;
