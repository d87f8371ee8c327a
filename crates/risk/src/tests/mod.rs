//! The engine as its users meet it: definitions that are refused, figures that are known, properties that hold.

mod builders;
mod constructs;
mod definitions;
mod documents;
mod inputs;
mod known_figures;
mod methods;
mod odd_documents;
mod properties;
mod signals;
