//! The program as an operator meets it: started, stopped, killed, started wrongly.
//!
//! The real binary with its private PostgreSQL on a directory of its own; nothing is mocked, nothing is shared.

mod faults;
mod jobs;
mod killed;
mod life;
pub(crate) mod program;
