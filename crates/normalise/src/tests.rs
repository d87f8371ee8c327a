//! How whole submissions are read, told as stories over a small catalogue.

mod actions;
mod codebook;
mod lenient;
mod profile_documents;
mod profile_sheets;
mod profiled;
mod properties;
mod strict;
mod world;
