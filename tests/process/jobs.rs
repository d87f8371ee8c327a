//! What was promised with 202 is kept: whatever happens to the process in between, the delivery is read once.
//! And a long body costs little memory on its way.

use super::program::{Place, Running, until};
use crate::api::Held;
use leleka_access::{Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{ClientRegistration, client_register};
use leleka_store::Migrator;
use leleka_testkit::{Cluster, TestDatabase};
use std::fmt::Write as _;

/// A database that outlives the services on it, with a registered client.
fn database() -> (TestDatabase, SigningKey) {
    let database = Cluster::shared().database();
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let registration = ClientRegistration {
        id: "dms-main",
        body: "DMS",
        role: Role::AgencySubmitter,
        public_jwk: &serde_json::json!(key.public_key().jwk()).to_string(),
        not_after: None,
    };
    let mut migrator = Migrator::connect(&database.url).unwrap();
    client_register(&mut migrator, &IdSource, Clock::system().now(), &registration).unwrap();
    (database, key)
}

fn serve(place: &Place, database: &TestDatabase, workers: &str) -> Running {
    place.serve_with(&[
        "--listen",
        "127.0.0.1:0",
        "--database-url",
        &database.url,
        "--job-workers",
        workers,
        "--job-lease-seconds",
        "2",
        "--rows",
        "1000000",
        "--sync-bytes",
        "200",
    ])
}

const QUERY: &str = "?dataflow=ASYLUM_WEEKLY";
const NDJSON: &str = "application/x-ndjson";

fn rows() -> String {
    (1..=40).fold(String::new(), |mut rows, week| {
        writeln!(
            rows,
            "{{\"indicator\":\"ASY_APPL\",\"period\":\"2024-W{week:02}\",\"citizenship\":\"SY\",\"value\":{week}}}"
        )
        .unwrap();
        rows
    })
}

fn once(database: &TestDatabase, attempts: &str) {
    let stored = "(select count(*) from submission) || '/' || (select count(*) from observation) || '/' || \
         (select string_agg(state || ' ' || attempts, ',') from job where kind = 'submission')";
    assert_eq!(database.sql(stored).unwrap(), format!("1/40/done {attempts}"));
}

#[test]
fn killed_after_the_promise_and_before_the_reading_it_reads_after_the_next_start() {
    let (place, (database, key)) = (Place::new(), database());
    let running = serve(&place, &database, "0");
    let taken = running.caller(&key).submit(QUERY, NDJSON, &rows()).expect(202);
    running.signal("KILL");
    assert!(!running.ended().success());
    let running = serve(&place, &database, "2");
    let ended = running
        .caller(&key)
        .follow(taken.header("location").unwrap())
        .json();
    assert_eq!(
        (&ended["state"], &ended["counts"]["new"]),
        (&"accepted".into(), &40.into())
    );
    once(&database, "1");
}

#[test]
fn killed_while_it_reads_it_begins_again_and_stores_everything_once() {
    let (place, (database, key)) = (Place::new(), database());
    let running = serve(&place, &database, "2");
    let caller = running.caller(&key);
    let _token = caller.token();
    let held = Held::of(&database.url, "DMS", "ASYLUM_WEEKLY");
    let taken = caller.submit(QUERY, NDJSON, &rows()).expect(202);
    let path = taken.header("location").unwrap();
    until("it is being read", || {
        caller.get(path).expect(200).json()["state"] == "validating"
    });
    running.signal("KILL");
    assert!(!running.ended().success());
    held.release();
    let running = serve(&place, &database, "2");
    let ended = running.caller(&key).follow(path).json();
    assert_eq!(
        (&ended["state"], &ended["counts"]["new"]),
        (&"accepted".into(), &40.into())
    );
    once(&database, "2");
}

#[test]
fn told_to_stop_while_it_reads_it_stops_and_another_goes_on() {
    let (place, (database, key)) = (Place::new(), database());
    let running = serve(&place, &database, "1");
    let taken = running.caller(&key).submit(QUERY, NDJSON, &rows()).expect(202);
    running.signal("TERM");
    assert!(running.ended().success());
    let running = serve(&place, &database, "1");
    let ended = running
        .caller(&key)
        .follow(taken.header("location").unwrap())
        .json();
    assert_eq!(ended["state"], "accepted");
}

/// `VmRSS`, `VmHWM`, … of a process, in KiB.
fn memory(running: &Running, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', ' ', '\t'])
        .trim_end_matches(" kB")
        .trim()
        .parse()
        .unwrap()
}

#[test]
fn a_body_of_64_mebibytes_is_never_in_memory() {
    const MOST_KIB: u64 = 64 * 1024;
    let (place, (database, key)) = (Place::new(), database());
    let running = serve(&place, &database, "2");
    let caller = running.caller(&key);
    let _warm = caller.deliver(QUERY, NDJSON, &rows());
    let before = memory(&running, "VmRSS");
    // Blanks between members mean nothing, but they are bytes, and these do not compress to nothing.
    let (mut body, mut state, mut weeks) = (String::new(), 1_u32, 0_u32);
    while body.len() < (63 << 20) {
        let blanks: String = (0..32 * 1024)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if state >> 31 == 0 { ' ' } else { '\t' }
            })
            .collect();
        let (year, week) = (1980 + weeks / 52, weeks % 52 + 1);
        writeln!(
            body,
            "{{\"indicator\":\"ASY_APPL\",{blanks}\"period\":\"{year}-W{week:02}\",\"citizenship\":\"AF\",\"value\":1}}"
        )
        .unwrap();
        weeks += 1;
    }
    let ended = caller.deliver(QUERY, NDJSON, &body).json();
    let grown = memory(&running, "VmHWM").saturating_sub(before);
    assert!(grown <= MOST_KIB, "grown by {grown} KiB");
    assert_eq!(
        (&ended["state"], &ended["counts"]["new"]),
        (&"accepted".into(), &weeks.into())
    );
}
