//! The database's own laws: migrations both ways, comments, indexes, what may never change, and who may do what.

mod catalogue;
mod jobs;
mod ledger;
mod rights;
mod schema;
