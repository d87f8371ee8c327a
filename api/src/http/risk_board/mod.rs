//! The risk board: how everything stands.

pub(crate) mod list;
mod table;
