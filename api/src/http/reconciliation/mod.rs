//! Two bodies' reports of one thing, side by side.

pub(crate) mod list;
