//! The one end-to-end test binary: a really started server, a real PostgreSQL, every answer held against the
//! contract.

mod api;
