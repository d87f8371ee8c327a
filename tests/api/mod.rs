//! The API as its users meet it.

mod bad_input;
mod bodies_apart;
mod catalogue;
mod content;
mod corrections;
mod deletions;
mod deliveries;
mod idempotency;
mod nil_reports;
mod observations;
mod partial;
mod profiles;
mod promises;
mod refused_requests;
mod retractions;
mod risk_metrics;
mod seeded_faults;
mod series;
mod slices;
mod submissions;
mod validations;
