//! The engine as its users meet it: definitions that are refused, figures that are known, properties that hold.

mod builders;
mod constructs;
mod definitions;
mod inputs;
mod intruder;
mod known_figures;
mod methods;
mod properties;
mod release;
mod signals;
