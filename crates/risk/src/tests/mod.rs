//! The engine as its users meet it: definitions that are refused, figures that are known, properties that hold.

mod builders;
mod changes;
mod constructs;
mod definitions;
mod detectors;
mod documents;
mod edits;
mod evaluations;
mod inputs;
mod intruder;
mod known_figures;
mod known_sources;
mod methods;
mod odd_documents;
mod properties;
mod references;
mod release;
mod revisions;
mod signals;
mod uncertainty;
