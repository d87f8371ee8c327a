//! The engine as its users meet it: definitions that are refused, figures that are known, properties that hold.

mod builders;
mod constructs;
mod definitions;
mod inputs;
mod known_figures;
mod methods;
mod properties;
mod revisions;
mod signals;
