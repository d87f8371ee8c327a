//! The API as its users meet it.

mod bad_input;
mod bodies_apart;
mod catalogue;
mod content;
mod corrections;
mod deliveries;
mod formats;
mod idempotency;
mod observations;
mod partial;
mod profile_sources;
mod profile_versions;
mod profiles;
mod promises;
mod refused_requests;
mod refused_rows;
mod risk_metrics;
mod seeded_faults;
mod series;
mod submissions;
mod validations;
