//! What is left when the service, or the watch over its PostgreSQL, is killed: no process and no lost row.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::process::{Signal, kill_process};
use tempfile::TempDir;

use super::*;

const HELD_DIRECTORY: &str = "LELEKA_TEST_HELD_DIRECTORY";

/// Not a test by itself: the service that the tests below kill.
#[test]
fn held_until_killed() {
    let Some(directory) = env::var_os(HELD_DIRECTORY) else {
        return;
    };
    let held = PrivatePostgres::start(&PrivatePostgresOptions {
        data_dir: directory.into(),
        binaries_dir: None,
        durability: Durability::Durable,
    })
    .unwrap();
    println!("\nheld at {}", held.socket_dir().display());
    std::io::stdout().flush().unwrap();
    loop {
        thread::park();
    }
}

struct Service {
    process: Child,
    socket_dir: PathBuf,
}

fn service_in_another_process(place: &TempDir) -> Service {
    let (_, module) = module_path!().split_once("::").unwrap();
    let mut process = Command::new(env::current_exe().unwrap())
        .args([&format!("{module}::held_until_killed"), "--exact", "--nocapture"])
        .env(HELD_DIRECTORY, options(place).data_dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let socket_dir = lines
        .find_map(|line| line.unwrap().strip_prefix("held at ").map(PathBuf::from))
        .expect("it starts");
    Service { process, socket_dir }
}

fn server_pid(place: &TempDir) -> i32 {
    let record = fs::read_to_string(home(place).join("data/postmaster.pid")).unwrap();
    record.lines().next().unwrap().parse().unwrap()
}

/// A field of `ps` for each process: id, parent's id, state.
fn processes() -> Vec<(i32, i32, String)> {
    let listed = Command::new("ps")
        .args(["-A", "-o", "pid=,ppid=,stat="])
        .output()
        .unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let rows = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.map(|row| {
        (
            row[0].parse().unwrap(),
            row[1].parse().unwrap(),
            row[2].to_owned(),
        )
    })
    .collect()
}

fn running(pids: &[i32]) -> Vec<i32> {
    let all = processes()
        .into_iter()
        .filter(|it| pids.contains(&it.0) && !it.2.starts_with('Z'));
    all.map(|it| it.0).collect()
}

fn wait_until_none_runs(pids: &[i32]) {
    let begun = Instant::now();
    while !running(pids).is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "still there: {:?}",
            running(pids)
        );
        thread::sleep(POLL_INTERVAL);
    }
}

#[test]
fn a_killed_service_takes_postgresql_down_and_the_next_one_finds_every_row() {
    let place = place();
    let mut service = service_in_another_process(&place);
    ask(
        &service.socket_dir,
        "create table stork as select 1936 as counted",
    );
    let server = server_pid(&place);
    let mut family: Vec<i32> = processes()
        .iter()
        .filter(|it| it.1 == server)
        .map(|it| it.0)
        .collect();
    assert!(family.len() >= 4, "checkpointer, writers, launchers: {family:?}");
    family.push(server);

    service.process.kill().unwrap();
    service.process.wait().unwrap();
    wait_until_none_runs(&family);

    let next = PrivatePostgres::start(&durable(&place)).unwrap();
    assert!(!next.was_created());
    assert_eq!(
        ask(next.socket_dir(), "select counted from stork").as_deref(),
        Some("1936")
    );
}

#[test]
fn a_service_started_right_after_a_kill_waits_for_the_old_server_to_end() {
    let place = place();
    let mut service = service_in_another_process(&place);
    let old = server_pid(&place);
    service.process.kill().unwrap();
    service.process.wait().unwrap();
    let next = PrivatePostgres::start(&durable(&place)).unwrap();
    assert_ne!(server_pid(&place), old);
    assert_eq!(ask(next.socket_dir(), "select 1").as_deref(), Some("1"));
}

#[test]
fn an_orphan_whose_watch_was_killed_too_is_stopped_and_replaced() {
    let place = place();
    let mut service = service_in_another_process(&place);
    let server = server_pid(&place);
    let watch = processes().iter().find(|it| it.0 == server).unwrap().1;
    kill_process(Pid::from_raw(watch).unwrap(), Signal::KILL).unwrap();
    service.process.kill().unwrap();
    service.process.wait().unwrap();
    assert_eq!(running(&[server]), [server], "nobody has told it to stop");

    let next = PrivatePostgres::start(&durable(&place)).unwrap();
    assert_eq!(running(&[server]), Vec::<i32>::new());
    assert_ne!(server_pid(&place), server);
    next.stop().unwrap();
}

#[test]
fn a_server_whose_watch_was_killed_still_stops_with_us() {
    let place = place();
    let server = PrivatePostgres::start(&options(&place)).unwrap();
    let pid = server_pid(&place);
    let watch = processes().iter().find(|it| it.0 == pid).unwrap().1;
    kill_process(Pid::from_raw(watch).unwrap(), Signal::KILL).unwrap();
    wait_until_none_runs(&[watch]);
    server.stop().unwrap();
    assert_eq!(running(&[pid]), Vec::<i32>::new());
}
