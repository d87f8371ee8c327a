//! Many small submissions at once against `pgbench` with the same statements on as many connections as the
//! server's pool has.
//!
//! Both write into the same tables of one database, alternately. Territorial offices deliver ten figures at a
//! time, each its own body; the indicator chosen feeds no risk metric, unless metrics are asked for.

use crate::bulk::{MEDIA_TYPE, accepted};
use crate::cluster::{Client, Cluster};
use crate::figures::{DATAFLOW, week_text};
use crate::server::Server;
use crate::small_limit::{pgbench_rate, raw_preload};
use crate::table::{Mark, Row, median};
use crate::wire::Wire;
use crate::{Outcome, Plan};
use chrono::{NaiveDate, Weekday};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Observations of one submission.
pub(crate) const ROWS: usize = 10;
/// Citizenships that an office reports by.
const CITIZENSHIPS: usize = 240;
/// Weeks that are there before the measurement.
pub(crate) const WEEKS_BEFORE: usize = 60;

/// An indicator and whether it feeds a risk metric.
#[derive(Clone, Copy)]
struct Kind {
    indicator: &'static str,
    feeds_metric: bool,
}

/// The small job, twice: without and with a risk engine that has something to do.
pub(crate) fn measure(plan: &Plan, cluster: &Cluster) -> Outcome<Vec<Row>> {
    let plain = Kind {
        indicator: "RTN_ENTRYBAN",
        feeds_metric: false,
    };
    let metric = Kind {
        indicator: "RTN_DEC",
        feeds_metric: true,
    };
    let mut rows = kind_measure(plan, cluster, plain)?;
    rows.extend(kind_measure(plan, cluster, metric)?);
    Ok(rows)
}

fn kind_measure(plan: &Plan, cluster: &Cluster, kind: Kind) -> Outcome<Vec<Row>> {
    let database = format!("bench_small_{}", kind.indicator.to_lowercase());
    cluster.database(&database)?;
    let folder = plan.folder.join(&database);
    let server = Server::on(&cluster.url(&database), &folder)?;
    preload(&server, cluster, kind)?;
    cluster.drain(&database)?;
    server.stop()?;
    let series = cluster.offices().len() * CITIZENSHIPS;
    raw_preload(cluster, &database, series)?;
    let (mut ours, mut limit, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    let mut latencies = Vec::new();
    let mut done = vec![0; plan.clients];
    for pair in 0..plan.pairs {
        let mut raw = || -> Outcome<()> {
            cluster.checkpoint()?;
            limit.push(pgbench_rate(
                plan,
                cluster,
                &database,
                series,
                pair,
                kind.feeds_metric,
            )?);
            Ok(())
        };
        if pair % 2 == 0 {
            raw()?;
        }
        // A server of its own for each run, so that its risk engine does not take up what `pgbench` marks.
        let server = Server::on(&cluster.url(&database), &folder)?;
        clients_run(
            &Plan {
                seconds: 1,
                ..plan.clone()
            },
            cluster,
            &server,
            kind,
            &mut done,
        )?;
        cluster.checkpoint()?;
        let run = clients_run(plan, cluster, &server, kind, &mut done)?;
        ours.push(run.rate);
        cpu.push(run.cpu_micros);
        latencies.extend(run.latencies_ms);
        cluster.drain(&database)?;
        server.stop()?;
        if pair % 2 == 1 {
            raw()?;
        }
    }
    cluster.database_drop(&database)?;
    Ok(rows_of(plan, kind, (ours, limit, cpu), &mut latencies))
}

type Figures = (Vec<f64>, Vec<f64>, Vec<f64>);

fn rows_of(plan: &Plan, kind: Kind, (ours, limit, cpu): Figures, latencies: &mut [f64]) -> Vec<Row> {
    latencies.sort_by(f64::total_cmp);
    let p99 = latencies
        .get(latencies.len() * 99 / 100)
        .copied()
        .unwrap_or(f64::NAN);
    let what = if kind.feeds_metric {
        ", feeding metrics"
    } else {
        ""
    };
    let mark = if kind.feeds_metric {
        Mark::None
    } else {
        Mark::AtLeast(0.5)
    };
    let note = format!("p50 {:.1} ms, p99 {p99:.1} ms", median(latencies));
    let job = format!("small: {} clients{what} / pgbench 16", plan.clients);
    let cpu_row = Row {
        job: format!("small: CPU of the server{what}"),
        unit: "us/req",
        ours: cpu,
        limit: Vec::new(),
        mark: Mark::None,
        note: String::new(),
    };
    vec![
        Row {
            job,
            unit: "/s",
            ours,
            limit,
            mark,
            note,
        },
        cpu_row,
    ]
}

/// Gives every office a history, through the real intake.
fn preload(server: &Server, cluster: &Cluster, kind: Kind) -> Outcome<()> {
    let first = first_week()?;
    for office in cluster.offices() {
        let mut body = String::new();
        for week in 0..WEEKS_BEFORE {
            let period = week_text(first, week);
            for citizenship in cluster.countries.iter().take(CITIZENSHIPS) {
                observation_write(&mut body, kind, office, &period, citizenship, week);
                body.push('\n');
            }
        }
        let mut wire = Wire::open(server.address)?;
        let query = format!("?dataflow={DATAFLOW}");
        let head = server.submission_head(&server.token(office)?, &query, MEDIA_TYPE, body.len());
        wire.send(head.as_bytes())?;
        wire.send(body.as_bytes())?;
        accepted(&mut wire)?;
    }
    Ok(())
}

fn first_week() -> Outcome<NaiveDate> {
    Ok(NaiveDate::from_isoywd_opt(2000, 1, Weekday::Mon).ok_or("no such week")?)
}

fn observation_write(
    body: &mut String,
    kind: Kind,
    office: &Client,
    period: &str,
    citizenship: &str,
    value: usize,
) {
    let _infallible = write!(
        body,
        "{{\"indicator\":\"{}\",\"period\":\"{period}\",\"territory\":\"{}\",\"citizenship\":\"{citizenship}\",\
         \"value\":{value}}}",
        kind.indicator, office.territory
    );
}

struct Run {
    rate: f64,
    cpu_micros: f64,
    latencies_ms: Vec<f64>,
}

fn clients_run(
    plan: &Plan,
    cluster: &Cluster,
    server: &Server,
    kind: Kind,
    done: &mut [usize],
) -> Outcome<Run> {
    let offices = cluster.offices();
    let lanes = plan.clients.div_ceil(offices.len());
    let mut senders = Vec::new();
    for number in 0..plan.clients {
        let office = offices[number % offices.len()];
        senders.push(Sender {
            wire: Wire::open(server.address)?,
            token: server.token(office)?,
            server,
            office,
            countries: &cluster.countries[..CITIZENSHIPS],
            kind,
            lane: number / offices.len(),
            lanes,
            first: first_week()?,
        });
    }
    let cpu_before = server.cpu_seconds()?;
    let begun = Instant::now();
    let until = begun + Duration::from_secs(plan.seconds);
    let ended: Vec<Outcome<Vec<f64>>> = std::thread::scope(|scope| {
        let threads: Vec<_> = senders
            .into_iter()
            .zip(done)
            .map(|(sender, done)| scope.spawn(move || sender.run(until, done)))
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join());
        ended
            .map(|end| end.unwrap_or_else(|_| Err("a client panicked".into())))
            .collect()
    });
    let seconds = begun.elapsed().as_secs_f64();
    let mut latencies_ms = Vec::new();
    for latencies in ended {
        latencies_ms.extend(latencies?);
    }
    let count = latencies_ms.len() as f64;
    Ok(Run {
        rate: count / seconds,
        cpu_micros: (server.cpu_seconds()? - cpu_before) * 1e6 / count,
        latencies_ms,
    })
}

struct Sender<'a> {
    wire: Wire,
    token: String,
    server: &'a Server,
    office: &'a Client,
    countries: &'a [String],
    kind: Kind,
    lane: usize,
    lanes: usize,
    first: NaiveDate,
}

impl Sender<'_> {
    /// Sends new figures until the time is over; gives the latencies in milliseconds.
    fn run(mut self, until: Instant, done: &mut usize) -> Outcome<Vec<f64>> {
        let mut latencies = Vec::new();
        let (mut body, groups) = (String::new(), self.countries.len() / ROWS);
        while Instant::now() < until {
            let place = *done * self.lanes + self.lane;
            let period = week_text(self.first, WEEKS_BEFORE + place / groups);
            body.clear();
            let _infallible = write!(body, "{{\"dataflow\":\"{DATAFLOW}\",\"observations\":[");
            let group = self.countries.iter().skip(place % groups * ROWS).take(ROWS);
            for (number, citizenship) in group.enumerate() {
                body.push_str(if number == 0 { "" } else { "," });
                observation_write(
                    &mut body,
                    self.kind,
                    self.office,
                    &period,
                    citizenship,
                    place % 97,
                );
            }
            body.push_str("]}");
            let head = self
                .server
                .submission_head(&self.token, "", "application/json", body.len());
            let begun = Instant::now();
            self.wire.send(format!("{head}{body}").as_bytes())?;
            accepted(&mut self.wire)?;
            latencies.push(begun.elapsed().as_secs_f64() * 1e3);
            *done += 1;
        }
        Ok(latencies)
    }
}
