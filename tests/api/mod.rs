//! The API as its users meet it.

mod bad_input;
mod bodies_apart;
mod catalogue;
mod changes;
mod content;
mod corrections;
mod deliveries;
mod formats;
mod idempotency;
mod observations;
mod partial;
mod profiles;
mod promises;
mod quotas;
mod refused_requests;
mod risk_metrics;
mod rules;
mod seeded_faults;
mod series;
mod submissions;
mod validations;
