//! The API as its users meet it.

mod agreements;
mod bad_input;
mod bodies_apart;
mod cancelled;
mod catalogue;
mod changes;
mod content;
mod corrections;
mod deferred;
mod deferred_keys;
mod deletions;
mod deliveries;
mod formats;
mod idempotency;
mod jobs;
mod nil_reports;
mod obligations;
mod observations;
mod partial;
mod profile_sources;
mod profile_versions;
mod profiles;
mod promises;
mod quotas;
mod refused_requests;
mod refused_rows;
mod retractions;
mod risk_metrics;
mod rules;
mod seeded_faults;
mod series;
mod sheets;
mod slices;
mod submissions;
mod validations;

pub(crate) use jobs::Held;
