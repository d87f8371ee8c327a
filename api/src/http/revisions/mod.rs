//! Revisions: how figures changed after they were first told, and what newest periods will hold.

pub(crate) mod list;
