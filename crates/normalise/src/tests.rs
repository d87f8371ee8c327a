//! How whole submissions are read, told as stories over a small catalogue.

mod actions;
mod codebook;
mod lenient;
mod profile_documents;
mod profiled;
mod profile_sheets;
mod properties;
mod strict;
mod world;
