//! One late delivery into a long history: how much is computed anew, how long it takes, and that it comes to the same
//! as computing everything.
//!
//! Weekly totals by territory and by citizenship, of which the shipped metrics make signals, levels, shares and
//! composites, beside details that no metric reads and that make the ledger long.

use crate::bulk::{MEDIA_TYPE, accepted_in_the_end};
use crate::cluster::{Client, Cluster};
use crate::figures::{DATAFLOW, Figures, week_text};
use crate::server::Server;
use crate::table::{Mark, Row};
use crate::wire::Wire;
use crate::{Outcome, Plan};
use chrono::NaiveDate;
use serde_json::Value;
use std::fmt::Write;
use std::time::Instant;

/// Indicators of which totals are delivered too.
const TOTALS: [&str; 5] = ["EXP_DEC", "EXP_EXEC", "IRR_DETECTED", "RTN_DEC", "RTN_DEC_EXEC"];
/// Weeks between the late delivery and the newest one.
const LATE_BY: usize = 6;
/// Values that are compared in one request.
const COMPARED_AT_ONCE: usize = 1_000;

/// Loads a history, waits until everything is computed, sends a late delivery and looks at what becomes of it.
pub(crate) fn measure(plan: &Plan, cluster: &Cluster, figures: &Figures) -> Outcome<Vec<Row>> {
    let database = "bench_late";
    cluster.database(database)?;
    let server = Server::on(&cluster.url(database), &plan.folder.join(database))?;
    let weeks = (plan.late_rows / figures.series_count()).max(2 * LATE_BY);
    let token = server.token(cluster.client("DMS")?)?;
    let begun = Instant::now();
    history_send(&server, cluster, figures, &token, weeks)?;
    let loaded = begun.elapsed().as_secs_f64();
    cluster.drain(database)?;
    let first_build = begun.elapsed().as_secs_f64() - loaded;
    cluster.sql(database, "analyze")?;
    let peak_before = server.peak_memory_mb()?;
    let late = late_rows(cluster, weeks - LATE_BY)?;
    let submission = send(&server, &token, &late)?;
    let acknowledged = Instant::now();
    cluster.drain(database)?;
    let fresh = acknowledged.elapsed().as_secs_f64();
    let analyst = server.token(&analyst(cluster)?)?;
    let counted = counted(&server, &analyst, &submission)?;
    let compared = compared(&server, &analyst)?;
    let peak = server.peak_memory_mb()?;
    let observations = cluster.sql(database, "select count(*) from observation")?;
    let values = cluster.sql(database, "select count(*) from metric_value")?;
    println!(
        "late: {} observations in {loaded:.0} s, {} values computed after {first_build:.0} s more",
        observations.trim(),
        values.trim()
    );
    println!(
        "late: 5 rows, {LATE_BY} weeks late: {} metrics, {} values computed, {} recorded, {} observations read",
        counted.metrics, counted.computed, counted.recorded, counted.observations
    );
    println!(
        "late: computed again from the newest vintage: {} values compared, {} different, {} stale",
        compared.compared, compared.different, compared.stale
    );
    drop(server);
    cluster.database_drop(database)?;
    if compared.different > 0 || compared.stale > 0 || compared.compared == 0 {
        return Err("the values are not those that a computation of everything gives".into());
    }
    let of = |all: &str| format!("of {}", all.trim());
    Ok(vec![
        row(
            "late: from acknowledgement to fresh",
            "s",
            fresh,
            Mark::AtMost(5.0),
            String::new(),
        ),
        row(
            "late: values computed",
            "values",
            counted.computed as f64,
            Mark::None,
            of(&values),
        ),
        row(
            "late: observations read",
            "rows",
            counted.observations as f64,
            Mark::None,
            of(&observations),
        ),
        row(
            "late: peak memory",
            "MB",
            peak,
            Mark::AtMost(400.0),
            format!("{peak_before:.0} MB before the late rows"),
        ),
    ])
}

fn row(job: &str, unit: &'static str, figure: f64, mark: Mark, note: String) -> Row {
    Row {
        job: job.to_owned(),
        unit,
        ours: vec![figure],
        limit: Vec::new(),
        mark,
        note,
    }
}

/// Sends so many weeks as one submission, a week at a time, so that the whole body is nowhere in memory. In several
/// ones the invented figures would look implausible beside those before.
fn history_send(
    server: &Server,
    cluster: &Cluster,
    figures: &Figures,
    token: &str,
    weeks: usize,
) -> Outcome<()> {
    let mut week = String::new();
    let append = |number: usize, week: &mut String| {
        week.clear();
        figures.week_append(number, week);
        totals_append(cluster, number, 0, week)
    };
    let mut length = 0;
    for number in 0..weeks {
        append(number, &mut week)?;
        length += week.len();
    }
    let mut wire = Wire::open(server.address)?;
    let query = format!("?dataflow={DATAFLOW}");
    wire.send(
        server
            .submission_head(token, &query, MEDIA_TYPE, length)
            .as_bytes(),
    )?;
    for number in 0..weeks {
        append(number, &mut week)?;
        wire.send(week.as_bytes())?;
    }
    accepted_in_the_end(&mut wire, server, token)
}

/// The late rows: one territory, each of the indicators.
fn late_rows(cluster: &Cluster, week: usize) -> Outcome<String> {
    let mut all = String::new();
    totals_append(cluster, week, 7, &mut all)?;
    let members = all.lines().count() / TOTALS.len();
    let chosen = all.lines().step_by(members);
    Ok(chosen.map(|line| format!("{line}\n")).collect())
}

/// Totals of one week: by territory, by citizenship and of the whole country; `more` tells a correction apart.
fn totals_append(cluster: &Cluster, week: usize, more: usize, body: &mut String) -> Outcome<()> {
    let first = NaiveDate::from_isoywd_opt(2006, 1, chrono::Weekday::Mon).ok_or("no such week")?;
    let period = week_text(first, week);
    let territories = cluster
        .regions
        .iter()
        .map(|code| format!("\"territory\":\"{code}\""));
    let citizenships = cluster
        .countries
        .iter()
        .take(71)
        .map(|code| format!("\"citizenship\":\"{code}\""));
    let members: Vec<String> = territories.chain(citizenships).collect();
    for (place, indicator) in TOTALS.iter().enumerate() {
        for (number, member) in members.iter().enumerate() {
            let value = 200 + (number * 37 + place * 11 + week * 13) % 97 + more;
            writeln!(
                body,
                "{{\"period\":\"{period}\",\"indicator\":\"{indicator}\",{member},\"value\":{value}}}"
            )?;
        }
    }
    Ok(())
}

/// Sends rows; the id of the submission when it is accepted.
fn send(server: &Server, token: &str, body: &str) -> Outcome<String> {
    let mut wire = Wire::open(server.address)?;
    let query = format!("?dataflow={DATAFLOW}");
    wire.send(
        server
            .submission_head(token, &query, MEDIA_TYPE, body.len())
            .as_bytes(),
    )?;
    wire.send(body.as_bytes())?;
    accepted_in_the_end(&mut wire, server, token)?;
    let record: Value = serde_json::from_slice(wire.body())?;
    Ok(record["id"].as_str().ok_or("no id")?.to_owned())
}

fn analyst(cluster: &Cluster) -> Outcome<Client> {
    Ok(cluster.client("DMS_CENTRE")?.clone())
}

/// Sends a request without a body.
fn ask(server: &Server, token: &str, method: &str, path: &str) -> Outcome<Value> {
    let mut wire = Wire::open(server.address)?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-length: 0\r\n\r\n",
        server.address
    );
    wire.send(head.as_bytes())?;
    match wire.answer()? {
        200 => Ok(serde_json::from_slice(wire.body())?),
        status => Err(wire.unexpected(status)),
    }
}

fn codes(server: &Server, token: &str) -> Outcome<Vec<String>> {
    let listed = ask(server, token, "GET", "/v1/risk-metrics")?;
    let items = listed["items"].as_array().ok_or("no items")?;
    Ok(items
        .iter()
        .filter_map(|item| item["code"].as_str().map(str::to_owned))
        .collect())
}

#[derive(Default)]
struct Counted {
    metrics: u64,
    computed: u64,
    recorded: u64,
    observations: u64,
}

/// What a submission made to be computed, from the lists of runs.
fn counted(server: &Server, token: &str, submission: &str) -> Outcome<Counted> {
    let mut counted = Counted::default();
    for code in codes(server, token)? {
        let mut page = Some(format!(
            "/v1/risk-metrics/{code}/runs?submissionId={submission}&limit=200"
        ));
        let before = counted.computed;
        while let Some(path) = page {
            let runs = ask(server, token, "GET", &path)?;
            for run in runs["items"].as_array().into_iter().flatten() {
                let number = |name: &str| run[name].as_u64().unwrap_or(0);
                counted.computed += number("computed");
                counted.recorded += number("recorded");
                counted.observations += number("observations");
            }
            page = runs["next"].as_str().map(str::to_owned);
        }
        counted.metrics += u64::from(counted.computed > before);
    }
    Ok(counted)
}

#[derive(Default)]
struct Compared {
    compared: u64,
    different: u64,
    stale: u64,
}

/// Every stored value, computed again from the newest vintage.
fn compared(server: &Server, token: &str) -> Outcome<Compared> {
    let mut found = Compared::default();
    for code in codes(server, token)? {
        let path = format!("/v1/risk-metrics/{code}/recomputations?at=newest&limit={COMPARED_AT_ONCE}");
        let mut page = Some(path);
        while let Some(path) = page {
            let part = ask(server, token, "POST", &path)?;
            found.compared += part["compared"].as_u64().unwrap_or(0);
            found.stale += part["stale"].as_u64().unwrap_or(0);
            for difference in part["different"].as_array().into_iter().flatten().take(3) {
                println!("late: different: {difference}");
            }
            found.different += part["different"].as_array().map_or(0, |all| all.len() as u64);
            page = part["next"].as_str().map(str::to_owned);
        }
    }
    Ok(found)
}
