//! How whole submissions are read, told as stories over a small catalogue.

mod codebook;
mod lenient;
mod profile_documents;
mod profiled;
mod properties;
mod strict;
mod world;
