//! `leleka-server health`: asks a running service whether it is ready.

use std::time::Duration;

/// Fails when the service is not ready.
pub(crate) fn run(url: &str) -> Result<(), Box<dyn std::error::Error>> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .into();
    agent.get(format!("{url}/health/ready")).call()?;
    Ok(())
}
