//! Pushes published files through a running service as their own bodies, and accounts for every row.
//!
//! `cargo run --release -p leleka-tests --bin leleka-real -- FOLDER [--data-dir DIR] [--catalogue DIR]
//! [--check SCRIPT]... [--only TEXT] [--keep]`. FOLDER holds the published files under the names of
//! `deliveries.tsv`; what is missing is skipped aloud. See the README beside this file.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a command for people; it stops where it cannot go on"
)]

mod deliveries;
mod table;

use crate::deliveries::{Delivery, deliveries};
use crate::table::{Cost, Table};
use leleka_access::{Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{CatalogueFiles, ClientRegistration, catalogue_load, client_register};
use leleka_server::config::{Settings, SettingsGiven};
use leleka_server::{Database, serve};
use leleka_store::Migrator;
use leleka_testkit::{Response, TestCaller};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc;
use std::time::{Duration, Instant};

struct Arguments {
    folder: PathBuf,
    data_dir: PathBuf,
    catalogue: Option<PathBuf>,
    checks: Vec<PathBuf>,
    only: Option<String>,
    keep: bool,
}

fn arguments() -> Option<Arguments> {
    let mut given = std::env::args().skip(1);
    let mut parsed = Arguments {
        folder: PathBuf::new(),
        data_dir: std::env::temp_dir().join("leleka-real"),
        catalogue: None,
        checks: Vec::new(),
        only: None,
        keep: false,
    };
    while let Some(word) = given.next() {
        match word.as_str() {
            "--keep" => parsed.keep = true,
            "--data-dir" => parsed.data_dir = given.next()?.into(),
            "--catalogue" => parsed.catalogue = Some(given.next()?.into()),
            "--check" => parsed.checks.push(given.next()?.into()),
            "--only" => parsed.only = Some(given.next()?),
            _ => parsed.folder = word.into(),
        }
    }
    (!parsed.folder.as_os_str().is_empty()).then_some(parsed)
}

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        println!(
            "usage: leleka-real FOLDER [--data-dir DIR] [--catalogue DIR] [--check SCRIPT]... [--only TEXT] [--keep]"
        );
        return ExitCode::from(2);
    };
    leleka_server::crypto_install();
    let given = SettingsGiven {
        data_dir: Some(arguments.data_dir.clone()),
        listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        ..SettingsGiven::default()
    };
    let settings = Settings::resolve(given).unwrap();
    let database = Database::open(&settings).unwrap();
    database.prepare().unwrap();
    if let Some(folder) = &arguments.catalogue {
        let files = CatalogueFiles::from_folder(folder).unwrap_or_else(|fault| panic!("{fault}"));
        let mut migrator = Migrator::connect(&database.url).unwrap();
        catalogue_load(&mut migrator, &IdSource, &files).unwrap();
    }
    let keys = clients_register(&database.url);
    let (started, starting) = mpsc::channel();
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let url = database.url.clone();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let running = serve(&settings, &url, Clock::system()).await.unwrap();
            started.send(running.base_url.clone()).unwrap();
            let _stopped = stopping.await;
            running.stop().await;
        });
    });
    let base_url = starting.recv().expect("the service did not start");
    let caller = |body: &str| {
        let (id, key) = keys.get(body).unwrap();
        TestCaller::new(base_url.clone(), id.clone(), key.clone(), Clock::system())
    };
    let mut is_good = files_push(&arguments, &caller);
    for script in &arguments.checks {
        is_good &= check_run(&arguments, script, &base_url, caller(READER).token());
    }
    if arguments.keep {
        println!("\nexport B={base_url}\nexport T={}", caller(READER).token());
        println!("export R={}", delivered_file(&arguments).display());
        println!("(ten minutes; press Enter to stop)");
        let mut line = String::new();
        let _read = std::io::stdin().read_line(&mut line);
    }
    drop(stop);
    thread.join().unwrap();
    database.close().unwrap();
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The body whose analyst reads everything back.
const READER: &str = "DMS_CENTRE";

/// Where the scripts find what was delivered.
fn delivered_file(arguments: &Arguments) -> PathBuf {
    arguments.data_dir.join("delivered.tsv")
}

/// Runs a script against the service while it is up.
fn check_run(arguments: &Arguments, script: &Path, base_url: &str, token: &str) -> bool {
    println!("\n{}", script.display());
    let status = Command::new("python3")
        .arg(script)
        .arg(&arguments.folder)
        .env("B", base_url)
        .env("T", token)
        .env("R", delivered_file(arguments))
        .status();
    status.is_ok_and(|status| status.success())
}

/// One submitting client for each body, and an analyst, all with keys made now.
fn clients_register(url: &str) -> BTreeMap<&'static str, (String, SigningKey)> {
    let mut migrator = Migrator::connect(url).unwrap();
    let bodies: BTreeSet<&str> = deliveries().iter().map(|delivery| delivery.body).collect();
    let submitters = bodies.into_iter().map(|body| (body, Role::AgencySubmitter));
    let mut keys = BTreeMap::new();
    for (body, role) in submitters.chain([(READER, Role::Analyst)]) {
        let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
        let id = format!(
            "real-{}-{}",
            body.to_lowercase().replace('_', "-"),
            IdSource.next().simple()
        );
        let jwk = serde_json::json!(key.public_key().jwk()).to_string();
        let registration = ClientRegistration {
            id: &id,
            body,
            role,
            public_jwk: &jwk,
            not_after: None,
        };
        client_register(&mut migrator, &IdSource, Clock::system().now(), &registration).unwrap();
        keys.insert(body, (id, key));
    }
    keys
}

fn files_push(arguments: &Arguments, caller: &dyn Fn(&str) -> TestCaller) -> bool {
    let mut table = Table::begin();
    let mut senders: BTreeMap<&str, TestCaller> = BTreeMap::new();
    for delivery in deliveries() {
        let is_wanted = |only: &String| delivery.file.contains(only) || delivery.profile.contains(only);
        if !arguments.only.as_ref().is_none_or(is_wanted) {
            continue;
        }
        let Ok(bytes) = std::fs::read(arguments.folder.join(delivery.file)) else {
            table.skipped(&delivery);
            continue;
        };
        let sender = senders
            .entry(delivery.body)
            .or_insert_with(|| caller(delivery.body));
        sender.token();
        peak_reset();
        let began = Instant::now();
        let answer = deliver(sender, &delivery, &bytes);
        let cost = Cost {
            seconds: began.elapsed().as_secs_f64(),
            peak_mib: peak_mib(),
        };
        table.row(&delivery, &answer, cost);
    }
    let (lines, is_balanced) = table.end();
    std::fs::write(delivered_file(arguments), lines).unwrap();
    is_balanced
}

/// Sends a file and follows it to its final state; a busy service is asked again with the same key.
fn deliver(sender: &TestCaller, delivery: &Delivery, bytes: &[u8]) -> Response {
    let key = IdSource.next().to_string();
    let headers = [
        ("content-type", delivery.content_type()),
        ("idempotency-key", key.as_str()),
        ("prefer", "wait=20"),
    ];
    loop {
        let answer = sender.request("POST", &delivery.query(), &headers, Some(bytes));
        match answer.status {
            202 => return sender.follow(answer.header("location").unwrap_or_default()),
            429 => {
                let seconds = answer.header("retry-after").and_then(|text| text.parse().ok());
                std::thread::sleep(Duration::from_secs(seconds.unwrap_or(1)));
            }
            _ => return answer,
        }
    }
}

/// Forgets the greatest memory so far, where the system can.
fn peak_reset() {
    let _written = std::fs::write("/proc/self/clear_refs", "5");
}

/// Greatest resident memory of this process, which the service is part of.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
