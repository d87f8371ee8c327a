//! The feed of changes.

pub(crate) mod list;
