//! Observations: the figures themselves.

pub(crate) mod list;
pub(crate) mod table;
