//! The limit of small submissions: the statements of one, sent by `pgbench`.
//!
//! Statement for statement what the store sends between `begin` and `commit`; series, weeks and offices are
//! random. Raw rows have series numbers of their own in the same tables, as many as the real ones, scattered
//! over the key space like those.

use crate::cluster::Cluster;
use crate::small::{ROWS, WEEKS_BEFORE};
use crate::{Outcome, Plan};
use std::fmt::Write;
use std::fs;

/// Connections, as many as the server's pool of writers has.
const CONNECTIONS: &str = "16";
/// Spreads small numbers over 32 bits.
const SPREAD: &str = "* 2654435761 % 4294967296";
/// Raw bytes of ten figures, compressed by zstd: so many bytes of hexadecimal noise.
const CONTENT_BYTES: usize = 230;

/// Writes the raw rows that are there before the measurement.
pub(crate) fn raw_preload(cluster: &Cluster, database: &str, series: usize) -> Outcome<()> {
    let rows = format!(
        "insert into observation (series_id, position, value, period, row_number, flags, status, confidentiality) \
         select s::bigint {SPREAD}, 0, 7, date '2000-01-03' + 7 * w, 1, 0, 0, 0 \
         from generate_series(0, {WEEKS_BEFORE} - 1) w, generate_series(0, {series} - 1) s"
    );
    cluster.sql(database, &rows)?;
    cluster.sql(database, "analyze")?;
    Ok(())
}

/// Transactions per second.
pub(crate) fn pgbench_rate(
    plan: &Plan,
    cluster: &Cluster,
    database: &str,
    series: usize,
    pair: usize,
    feeds_metric: bool,
) -> Outcome<f64> {
    let path = plan.folder.join("small.sql");
    fs::write(&path, script(cluster, series, feeds_metric))?;
    // Identifiers of one run never meet those of another.
    let (seconds, numbers) = (
        plan.seconds.to_string(),
        format!("n={}", (pair + 1) * 1_000_000_000),
    );
    let path = path.to_str().ok_or("path")?;
    let output = cluster.pgbench(
        database,
        &[
            "-n",
            "-M",
            "prepared",
            "-c",
            CONNECTIONS,
            "-j",
            "2",
            "-T",
            &seconds,
            "-D",
            &numbers,
            "-f",
            path,
        ],
    )?;
    if feeds_metric {
        // No worker takes these marks, and no later run shall pay for them.
        cluster.sql(database, "delete from metric_dirty")?;
    }
    let rate = output.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate
        .and_then(|rest| rest.split(' ').next())
        .ok_or("pgbench shows no rate")?;
    Ok(rate.parse()?)
}

fn script(cluster: &Cluster, series: usize, feeds_metric: bool) -> String {
    let offices = cluster.offices();
    let quoted = |words: Vec<&str>| format!("(array['{}'])[:office::int + 1]", words.join("','"));
    let body = quoted(offices.iter().map(|office| office.body.as_str()).collect());
    let client = quoted(offices.iter().map(|office| office.id.as_str()).collect());
    let mut sql = format!(
        "\\set n :n + 1\n\\set office random(0, {})\n\\set k random(0, {})\n\\set week random(0, 1200)\n",
        offices.len() - 1,
        series - 1
    );
    for number in 0..ROWS {
        let _infallible = writeln!(sql, "\\set s{number} ((:k + {number}) % {series}) {SPREAD}");
    }
    let series: Vec<String> = (0..ROWS).map(|number| format!(":s{number}")).collect();
    let series = format!("array[{}]::bigint[]", series.join(","));
    let day = "date '2000-01-03' + 7 * :week::int";
    let ten = |value: &str| format!("array_fill({value}, array[{ROWS}])");
    sql.push_str("begin;\n");
    let _infallible = write!(
        sql,
        "with held as materialized (select pg_advisory_xact_lock(hashtextextended({body} || '/' || 'IRREGULAR_WEEKLY', 1))) \
         select nextval('ledger_position') as position from held \\gset\n\
         select u.id as series_id, o.period, o.position, o.value, o.row_number, o.flags, o.status, o.confidentiality \
         from unnest({series}) u(id) cross join lateral (select distinct on (period) period, position, value, row_number, \
         flags, status, confidentiality from observation where series_id = u.id and period between {day} and {day} \
         order by period, position desc) o;\n\
         insert into observation (series_id, position, value, period, row_number, flags, status, confidentiality) \
         select s, :position::bigint, v, p, n, f, t, c from unnest({series}, {}, {}, {}, {}, {}, {}) u(s, v, p, n, f, t, c);\n",
        ten("7.0::float8"),
        ten(day),
        ten("1"),
        ten("0"),
        ten("0::smallint"),
        ten("0::smallint"),
    );
    let _infallible = writeln!(
        sql,
        "insert into slice_version (body, dataflow, frequency, period, position, nil) \
         values ({body}, 'IRREGULAR_WEEKLY', 'W', {day}, :position::bigint, false);"
    );
    if feeds_metric {
        sql.push_str(&dirty_insert(day));
    }
    sql.push_str(&record(&body, &client));
    sql.push_str("commit;\n");
    sql
}

/// The marks that ten citizenships of one office leave: two metrics read the indicator.
fn dirty_insert(day: &str) -> String {
    let keys: Vec<String> = (0..ROWS)
        .map(|number| format!("'citizenship=X{number};territory=' || :k::text"))
        .collect();
    format!(
        "insert into metric_dirty (code, key, input, period_from, period_to, position) select c, k, i, f, t, \
         :position::bigint from unnest(array_fill('RM_IRR_WEEK'::text, array[{ROWS}]), array[{}], \
         array_fill('decisions'::text, array[{ROWS}]), array_fill({day}, array[{ROWS}]), \
         array_fill({day}, array[{ROWS}])) u(c, k, i, f, t);\n",
        keys.join(",")
    )
}

/// The raw bytes, and the statement that ends a submission.
fn record(body: &str, client: &str) -> String {
    let content = "0123456789abcdeffedcba9876543210".repeat(CONTENT_BYTES.div_ceil(16));
    let content = &content[..CONTENT_BYTES * 2];
    let name = ":n::text || '/' || :client_id::text";
    let sha256 = format!("sha256(convert_to({name}, 'UTF8'))");
    let id = "('01900000-' || lpad(:client_id::text, 4, '0') || '-7000-8000-' || lpad(:n::text, 12, '0'))";
    format!(
        "insert into submission_content (sha256, part, zstd) values ({sha256}, 0, '\\x{content}'::bytea) on conflict do nothing;\n\
         with entry as (insert into log_entry (id, client_id, body, role, action, object_type, object_id, outcome, \
         reason_code, request_id, payload_sha256) values ({id}::uuid, {client}, {body}, 'agency_submitter', \
         'submission.create', 'submission', {id}, 'allowed', null, {id}::uuid, {sha256})), \
         kept as (insert into idempotency_key (body, operation, key, fingerprint, status, submission_id) \
         values ({body}, 'submission_create', {id}, {sha256}, 201, {id}::uuid) on conflict do nothing returning 1), \
         barrier as materialized (select pg_advisory_xact_lock_shared(7310114410101002)), \
         stored as (insert into submission (id, position, body, dataflow, client_id, kind, supersedes, reason_code, \
         reason_text, comment, state, content_type, content_sha256, content_bytes, profile_code, profile_version, \
         ruleset_version, received_at, row_count, rows_ignored, rows_refused, ignored_by_reason, observation_count, \
         new_count, revised_count, unchanged_count, error_count, warning_count, recorded_at) select {id}::uuid, \
         :position::bigint, {body}, 'IRREGULAR_WEEKLY', {client}, 'original', null, null, null, null, 'accepted', \
         'application/json', {sha256}, 1300, null, null, '2026.11.1', clock_timestamp(), 10, 0, 0, '{{}}'::jsonb, 10, 10, \
         0, 0, 0, 0, clock_timestamp() from barrier returning recorded_at) \
         select recorded_at, (select count(*) from kept) as keys from stored;\n"
    )
}
