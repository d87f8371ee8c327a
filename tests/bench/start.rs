//! How long the program takes to answer when it brings its own PostgreSQL.

use crate::server::Server;
use crate::table::{Mark, Row};
use crate::{Outcome, Plan};
use std::path::Path;
use std::time::{Duration, Instant};

/// Cold and warm start of a server that brings its own PostgreSQL.
pub(crate) fn measure(plan: &Plan) -> Outcome<Vec<Row>> {
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for pair in 0..plan.pairs {
        let folder = plan.folder.join(format!("start_{pair}"));
        cold.push(started(&folder)?);
        warm.push(started(&folder)?);
    }
    let row = |job: &str, ours, mark| Row {
        job: job.to_owned(),
        unit: "s",
        ours,
        limit: Vec::new(),
        mark: Mark::AtMost(mark),
        note: "until the first 200".to_owned(),
    };
    Ok(vec![
        row("start: cold, new data directory", cold, 2.0),
        row("start: warm", warm, 0.3),
    ])
}

fn started(folder: &Path) -> Outcome<f64> {
    let begun = Instant::now();
    let server = Server::spawn(None, folder)?;
    let took = server.wait_until_ready(begun, Duration::from_secs(120))?;
    server.stop()?;
    Ok(took.as_secs_f64())
}
