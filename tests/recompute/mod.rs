//! Recomputation against a computation of everything: random histories of deliveries, and two ways to the same bits.

mod definitions;
mod histories;
mod oracle;
mod world;
