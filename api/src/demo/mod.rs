//! `leleka-server demo`: everything started, labelled demonstration data sent through the real intake.

use crate::config::Settings;

/// Runs the demonstration until told to stop.
///
/// # Errors
/// When something does not start.
pub fn run(_settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    Err("not yet".into())
}
