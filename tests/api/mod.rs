//! The API as its users meet it.

mod agreements;
mod bad_input;
mod bodies_apart;
mod catalogue;
mod content;
mod corrections;
mod deliveries;
mod formats;
mod idempotency;
mod obligations;
mod observations;
mod partial;
mod profiles;
mod promises;
mod refused_requests;
mod risk_metrics;
mod seeded_faults;
mod series;
mod submissions;
mod validations;
