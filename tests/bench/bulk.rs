//! One large submission end to end against `\copy` of its resolved rows.
//!
//! Each pair has a fresh database, so both tables start empty, and the order within pairs alternates.

use crate::cluster::Cluster;
use crate::figures::{DATAFLOW, Figures};
use crate::server::Server;
use crate::table::{Mark, Row};
use crate::wire::Wire;
use crate::{Outcome, Plan};
use serde_json::Value;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(crate) const MEDIA_TYPE: &str = "application/x-ndjson";

/// One loaded database and the file of its resolved rows, made once.
pub(crate) struct Loaded {
    pub(crate) database: &'static str,
    body: String,
    resolved: PathBuf,
    rows: usize,
}

/// Sends the body once, and writes the rows it became into a file, in the order of arrival.
pub(crate) fn load(plan: &Plan, cluster: &Cluster, figures: &Figures) -> Outcome<Loaded> {
    let database = "bench_loaded";
    let weeks = ((plan.rows + figures.series_count() / 2) / figures.series_count()).max(1);
    let body = figures.body(weeks);
    cluster.database(database)?;
    let server = Server::on(&cluster.url(database), &plan.folder.join(database))?;
    body_send(&server, cluster, body.as_bytes())?;
    server.stop()?;
    let resolved = plan.folder.join("resolved.txt");
    let select = "select * from observation order by row_number";
    cluster.sql(
        database,
        &format!("\\copy ({select}) to '{}'", resolved.display()),
    )?;
    cluster.sql(database, "analyze")?;
    let rows = weeks * figures.series_count();
    Ok(Loaded {
        database,
        body,
        resolved,
        rows,
    })
}

/// The bulk job.
pub(crate) fn measure(plan: &Plan, cluster: &Cluster, loaded: &Loaded) -> Outcome<Vec<Row>> {
    let (mut ours, mut limit, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    let rows = loaded.rows as f64;
    for pair in 0..plan.pairs {
        let database = format!("bench_bulk_{pair}");
        cluster.database(&database)?;
        cluster.sql(
            &database,
            "create table observation_raw (like observation including all)",
        )?;
        let server = Server::on(&cluster.url(&database), &plan.folder.join(&database))?;
        let mut raw = || -> Outcome<()> {
            cluster.checkpoint()?;
            let begun = Instant::now();
            cluster.sql(
                &database,
                &format!("\\copy observation_raw from '{}'", loaded.resolved.display()),
            )?;
            limit.push(rows / begun.elapsed().as_secs_f64());
            Ok(())
        };
        if pair % 2 == 0 {
            raw()?;
        }
        cluster.checkpoint()?;
        let cpu_before = server.cpu_seconds()?;
        let begun = Instant::now();
        body_send(&server, cluster, loaded.body.as_bytes())?;
        ours.push(rows / begun.elapsed().as_secs_f64());
        cpu.push((server.cpu_seconds()? - cpu_before) * 1e6 / rows);
        if pair % 2 == 1 {
            cluster.drain(&database)?;
        }
        server.stop()?;
        if pair % 2 == 1 {
            raw()?;
        }
        cluster.database_drop(&database)?;
    }
    let job = format!("bulk: {} NDJSON rows / \\copy", loaded.rows);
    let note = "end to end over HTTP, to the final state".to_owned();
    let bulk = Row {
        job,
        unit: "rows/s",
        ours,
        limit,
        mark: Mark::AtLeast(0.6),
        note,
    };
    let cpu = Row {
        job: "bulk: CPU of the server".to_owned(),
        unit: "us/row",
        ours: cpu,
        limit: Vec::new(),
        mark: Mark::None,
        note: String::new(),
    };
    Ok(vec![bulk, cpu])
}

fn body_send(server: &Server, cluster: &Cluster, body: &[u8]) -> Outcome<()> {
    let token = server.token(cluster.client("DMS")?)?;
    let mut wire = Wire::open(server.address)?;
    let query = format!("?dataflow={DATAFLOW}");
    wire.send(
        server
            .submission_head(&token, &query, MEDIA_TYPE, body.len())
            .as_bytes(),
    )?;
    wire.send(body)?;
    accepted_in_the_end(&mut wire, server, &token)
}

/// Anything but 201 is an error that shows the answer.
pub(crate) fn accepted(wire: &mut Wire) -> Outcome<()> {
    match wire.answer()? {
        201 => Ok(()),
        status => Err(wire.unexpected(status)),
    }
}

/// 201, or 202 and then a look at the submission until it is accepted.
pub(crate) fn accepted_in_the_end(wire: &mut Wire, server: &Server, token: &str) -> Outcome<()> {
    let mut status = wire.answer()?;
    loop {
        let record: Value = serde_json::from_slice(wire.body())?;
        match (status, record["state"].as_str()) {
            (200 | 201, Some("accepted" | "accepted_with_warnings")) => return Ok(()),
            (200 | 202, Some("received" | "validating")) => {}
            _ => return Err(wire.unexpected(status)),
        }
        std::thread::sleep(Duration::from_millis(20));
        let id = record["id"].as_str().unwrap_or_default();
        let look = format!(
            "GET /v1/submissions/{id} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\r\n",
            server.address
        );
        wire.send(look.as_bytes())?;
        status = wire.answer()?;
    }
}
