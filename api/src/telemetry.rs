//! The log of the process: one line for each request, on standard error.

use tracing_subscriber::EnvFilter;

/// Starts logging; `RUST_LOG` chooses what, `warn` for a quiet process.
pub fn log_start(json: bool, default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process (tests) keeps the first.
    let _started = if json {
        builder.json().try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
}
