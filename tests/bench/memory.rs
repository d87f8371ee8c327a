//! The greatest memory of the server while it takes one long body in one transaction.

use crate::bulk::{MEDIA_TYPE, accepted_in_the_end};
use crate::cluster::Cluster;
use crate::figures::{DATAFLOW, Figures};
use crate::server::Server;
use crate::table::{Mark, Row};
use crate::wire::Wire;
use crate::{Outcome, Plan};
use std::time::Instant;

/// The server's greatest memory while it takes one body of so many megabytes.
pub(crate) fn measure(plan: &Plan, cluster: &Cluster, figures: &Figures) -> Outcome<Vec<Row>> {
    let database = "bench_memory";
    cluster.database(database)?;
    let server = Server::on(&cluster.url(database), &plan.folder.join(database))?;
    let begun = Instant::now();
    let rows = long_body_send(&server, cluster, figures, plan.body_mb * 1_000_000)?;
    let seconds = begun.elapsed().as_secs_f64();
    let peak = server.peak_memory_mb()?;
    drop(server);
    cluster.database_drop(database)?;
    Ok(vec![Row {
        job: format!("memory: peak with a body of {} MB", plan.body_mb),
        unit: "MB",
        ours: vec![peak],
        limit: Vec::new(),
        mark: Mark::AtMost(150.0),
        note: format!("{rows} rows in {seconds:.0} s"),
    }])
}

/// Sends weeks until the size is reached, one at a time, so that the whole body is nowhere in memory.
fn long_body_send(server: &Server, cluster: &Cluster, figures: &Figures, bytes: usize) -> Outcome<usize> {
    let mut week = String::new();
    figures.week_append(0, &mut week);
    let weeks = (bytes / week.len()).max(1);
    let mut length = 0;
    for number in 0..weeks {
        week.clear();
        figures.week_append(number, &mut week);
        length += week.len();
    }
    let token = server.token(cluster.client("DMS")?)?;
    let mut wire = Wire::open(server.address)?;
    let query = format!("?dataflow={DATAFLOW}");
    wire.send(
        server
            .submission_head(&token, &query, MEDIA_TYPE, length)
            .as_bytes(),
    )?;
    for number in 0..weeks {
        week.clear();
        figures.week_append(number, &mut week);
        wire.send(week.as_bytes())?;
    }
    accepted_in_the_end(&mut wire, server, &token)?;
    Ok(weeks * figures.series_count())
}
