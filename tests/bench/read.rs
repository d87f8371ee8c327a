//! A wide read over HTTP against the same statements by `pgbench`: 270 series of 52 weeks.

use crate::bulk::Loaded;
use crate::cluster::Cluster;
use crate::server::Server;
use crate::table::{Mark, Row, median};
use crate::wire::Wire;
use crate::{Outcome, Plan};
use std::fs;
use std::time::{Duration, Instant};

const INDICATOR: &str = "RTN_DEC";
const CITIZENSHIPS: usize = 10;

/// The read job.
pub(crate) fn measure(plan: &Plan, cluster: &Cluster, loaded: &Loaded) -> Outcome<Vec<Row>> {
    let script = plan.folder.join("read.sql");
    fs::write(&script, statements(cluster, loaded)?)?;
    let server = Server::on(&cluster.url(loaded.database), &plan.folder.join("read"))?;
    let token = server.token(cluster.client("DMS_CENTRE")?)?;
    let citizenships: String = countries(cluster)
        .iter()
        .map(|code| format!("&citizenship={code}"))
        .collect();
    let request = format!(
        "GET /v1/observations?indicator={INDICATOR}&sex=M{citizenships}&limit=50000 HTTP/1.1\r\nhost: {}\r\n\
         authorization: Bearer {token}\r\n\r\n",
        server.address
    );
    let mut wire = Wire::open(server.address)?;
    let points = points_of_answer(&mut wire, &request)?;
    cluster.drain(loaded.database)?;
    let (mut ours, mut limit, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..plan.pairs {
        if pair % 2 == 0 {
            limit.push(pgbench_p50_ms(plan, cluster, loaded, &script)?);
        }
        let cpu_before = server.cpu_seconds()?;
        let latencies = http_ms(plan, &mut wire, &request)?;
        cpu.push((server.cpu_seconds()? - cpu_before) * 1e3 / latencies.len() as f64);
        ours.push(median(&latencies));
        if pair % 2 == 1 {
            limit.push(pgbench_p50_ms(plan, cluster, loaded, &script)?);
        }
    }
    let kilobytes = wire.body().len() / 1_000;
    server.stop()?;
    let read = Row {
        job: format!("read: {points} points, p50 / pgbench"),
        unit: "ms",
        ours,
        limit,
        mark: Mark::AtMost(1.2),
        note: format!("JSON of {kilobytes} kB"),
    };
    let cpu = Row {
        job: "read: CPU of the server".to_owned(),
        unit: "ms/req",
        ours: cpu,
        limit: Vec::new(),
        mark: Mark::None,
        note: String::new(),
    };
    Ok(vec![read, cpu])
}

fn countries(cluster: &Cluster) -> &[String] {
    cluster
        .countries
        .get(..CITIZENSHIPS)
        .unwrap_or(&cluster.countries)
}

fn points_of_answer(wire: &mut Wire, request: &str) -> Outcome<usize> {
    wire.send(request.as_bytes())?;
    match wire.answer()? {
        200 => {}
        status => return Err(wire.unexpected(status)),
    }
    let answer: serde_json::Value = serde_json::from_slice(wire.body())?;
    let items = answer["items"].as_array().ok_or("no items")?;
    Ok(items
        .iter()
        .map(|item| item["observations"].as_array().map_or(0, Vec::len))
        .sum())
}

/// Latencies in milliseconds.
fn http_ms(plan: &Plan, wire: &mut Wire, request: &str) -> Outcome<Vec<f64>> {
    let until = Instant::now() + Duration::from_secs(plan.seconds);
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        wire.send(request.as_bytes())?;
        match wire.answer()? {
            200 => latencies.push(begun.elapsed().as_secs_f64() * 1e3),
            status => return Err(wire.unexpected(status)),
        }
    }
    Ok(latencies)
}

fn pgbench_p50_ms(plan: &Plan, cluster: &Cluster, loaded: &Loaded, script: &std::path::Path) -> Outcome<f64> {
    let logs = tempfile::tempdir_in(&plan.folder)?;
    let prefix = logs.path().join("log");
    let (seconds, prefix) = (
        plan.seconds.to_string(),
        format!("--log-prefix={}", prefix.display()),
    );
    let script = script.to_str().ok_or("path")?;
    let arguments = [
        "-n", "-M", "prepared", "-c", "1", "-T", &seconds, "-f", script, "--log", &prefix,
    ];
    cluster.pgbench(loaded.database, &arguments)?;
    let mut latencies = Vec::new();
    for entry in fs::read_dir(logs.path())? {
        for line in fs::read_to_string(entry?.path())?.lines() {
            // Client, transaction, microseconds, …
            let micros: f64 = line.split(' ').nth(2).ok_or("pgbench log")?.parse()?;
            latencies.push(micros / 1e3);
        }
    }
    Ok(median(&latencies))
}

/// What the server sends for the request: the vintage, the series, and their observations.
fn statements(cluster: &Cluster, loaded: &Loaded) -> Outcome<String> {
    let codes = countries(cluster).join(",");
    let series = format!(
        "select id, key from series where true and indicator = any('{{{INDICATOR}}}') and citizenship = any('{{{codes}}}') \
         and sex = any('{{M}}') order by key collate \"C\" limit 5000"
    );
    let ids = cluster.sql(
        loaded.database,
        &format!("select string_agg(id::text, ',') from ({series}) s"),
    )?;
    let bodies = cluster.sql(
        loaded.database,
        "select string_agg(a.body, ',' order by a.body), string_agg(i.dataflow, ',' order by a.body) from \
         (select distinct a.body, i.dataflow from agreement a join indicator i on i.code = a.indicator \
         where i.dataflow = 'IRREGULAR_WEEKLY') a(body, dataflow) join lateral (select a.dataflow) i on true",
    )?;
    let (bodies, dataflows) = bodies.trim().split_once('|').ok_or("no agreements")?;
    Ok(format!(
        "select u.body, u.dataflow, h.position, h.recorded_at from unnest('{{{bodies}}}'::text[], \
         '{{{dataflows}}}'::text[]) u(body, dataflow) cross join lateral (select s.position, s.recorded_at from submission s \
         where s.body = u.body and s.dataflow = u.dataflow and s.position is not null order by s.position desc limit 1) h \
         order by u.body, u.dataflow;\n{series};\n\
         select u.number as series_number, o.period, o.value, o.status, o.flags, o.confidentiality, o.position, \
         o.row_number \
         from unnest('{{{}}}'::bigint[]) with ordinality u(id, number) cross join lateral \
         (select distinct on (o.period) o.period, o.value, o.status, o.flags, o.confidentiality, o.position, o.row_number \
         from observation o where o.series_id = u.id and o.period between '1900-01-01'::date and '2199-12-31'::date \
         order by o.period, o.position desc) o order by u.number, o.period, o.position limit 50001;\n",
        ids.trim()
    ))
}
