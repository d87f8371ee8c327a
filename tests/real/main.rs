//! Pushes published files through a running service as their own bodies, and accounts for every row.
//!
//! `cargo run --release -p leleka-tests --bin leleka-real -- FOLDER [--data-dir DIR] [--keep]`
//! FOLDER holds the published files under the names below; what is missing is skipped aloud. With `--keep` the
//! service stays up and the way to query it is printed.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a command for people; it stops where it cannot go on"
)]

use leleka_access::{Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{ClientRegistration, client_register};
use leleka_server::config::{Settings, SettingsGiven};
use leleka_server::{Database, serve};
use leleka_store::Migrator;
use leleka_testkit::{Response, TestCaller};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Instant;

/// File, body, mapping profile.
const FILES: [(&str, &str, &str); 13] = [
    (
        "eurostat_migr_asyappctzm_total_2008M01-2015M05.csv",
        "EUROSTAT",
        "EUROSTAT_ASYAPPCTZM",
    ),
    (
        "eurostat_migr_eirfs_allcitizen_2012-2016.csv",
        "EUROSTAT",
        "EUROSTAT_EIRFS",
    ),
    (
        "frontex_ibc_monthly_2009-2025.csv",
        "FRONTEX",
        "FRONTEX_IBC_MONTHLY",
    ),
    (
        "unhcr_odp_refugees_ua_daily_2022-2024.csv",
        "UNHCR",
        "UNHCR_ODP_DAILY",
    ),
    (
        "ukrstat_pages/mr0215_e_2015_jan-feb.tsv",
        "SSSU",
        "SSSU_MIGRATION_2015_02_EN",
    ),
    (
        "ukrstat_pages/mr1215_u_2015.tsv",
        "SSSU",
        "SSSU_MIGRATION_2015_UK",
    ),
    (
        "ukrstat_pages/ukrcensus_491_2007_q1.tsv",
        "SSSU",
        "SSSU_MIGRATION_FLOWS_2007_Q1",
    ),
    ("dms_published_figures.csv", "DMS", "DMS_PUBLISHED_IRREGULAR"),
    ("dms_published_figures.csv", "DMS", "DMS_PUBLISHED_APPLICATIONS"),
    ("dms_published_figures.csv", "DMS", "DMS_PUBLISHED_DECISIONS"),
    (
        "datagovua_cp1251/pzf_kyivska.csv",
        "DEMO_DIALECT",
        "DEMO_PZF_KYIVSKA",
    ),
    (
        "datagovua_cp1251/pzf_mykolaivska.csv",
        "DEMO_DIALECT",
        "DEMO_PZF_MYKOLAIVSKA",
    ),
    (
        "datagovua_cp1251/pzf_sevastopol_city.csv",
        "DEMO_DIALECT",
        "DEMO_PZF_SEVASTOPOL",
    ),
];

struct Arguments {
    folder: PathBuf,
    data_dir: PathBuf,
    keep: bool,
}

fn arguments() -> Option<Arguments> {
    let mut given = std::env::args().skip(1);
    let mut parsed = Arguments {
        folder: PathBuf::new(),
        data_dir: std::env::temp_dir().join("leleka-real"),
        keep: false,
    };
    while let Some(word) = given.next() {
        match word.as_str() {
            "--keep" => parsed.keep = true,
            "--data-dir" => parsed.data_dir = given.next()?.into(),
            _ => parsed.folder = word.into(),
        }
    }
    (!parsed.folder.as_os_str().is_empty()).then_some(parsed)
}

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        println!("usage: leleka-real FOLDER [--data-dir DIR] [--keep]");
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
    let balanced = files_push(&arguments, &caller);
    if arguments.keep {
        println!("\nexport B={base_url}\nexport T={}", caller("DMS_CENTRE").token());
        println!("(ten minutes; press Enter to stop)");
        let mut line = String::new();
        let _read = std::io::stdin().read_line(&mut line);
    }
    drop(stop);
    thread.join().unwrap();
    database.close().unwrap();
    if balanced {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// One submitting client for each body, and an analyst, all with keys made now.
fn clients_register(url: &str) -> BTreeMap<&'static str, (String, SigningKey)> {
    let mut migrator = Migrator::connect(url).unwrap();
    let bodies: BTreeSet<&str> = FILES.iter().map(|(_, body, _)| *body).collect();
    let submitters = bodies.into_iter().map(|body| (body, Role::AgencySubmitter));
    let mut keys = BTreeMap::new();
    for (body, role) in submitters.chain([("DMS_CENTRE", Role::Analyst)]) {
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
    println!(
        "{:<52} {:<28} {:>6} {:>7} {:>7} {:>7} {:>8} {:>6}  findings, ignored rows by reason",
        "file", "profile", "rows", "stored", "refused", "ignored", "observ.", "s"
    );
    let mut balanced = true;
    for (file, body, profile) in FILES {
        let Ok(bytes) = std::fs::read(arguments.folder.join(file)) else {
            println!("{file:<52} SKIPPED: not in the folder");
            continue;
        };
        let sender = caller(body);
        sender.token();
        let began = Instant::now();
        let answer = deliver(&sender, profile, &bytes);
        let seconds = began.elapsed().as_secs_f64();
        balanced &= row_print(file, profile, &answer, seconds);
    }
    balanced
}

fn deliver(sender: &TestCaller, profile: &str, bytes: &[u8]) -> Response {
    let dataflow = dataflow_of(sender, profile);
    let key = IdSource.next().to_string();
    let headers = [
        ("content-type", "text/csv"),
        ("idempotency-key", key.as_str()),
        ("prefer", "wait=20"),
    ];
    let path = format!("/v1/submissions?dataflow={dataflow}&profile={profile}");
    let answer = sender.request("POST", &path, &headers, Some(bytes));
    if answer.status == 202 {
        sender.follow(answer.header("location").unwrap_or_default())
    } else {
        answer
    }
}

/// The profile says which dataflow it fills.
fn dataflow_of(sender: &TestCaller, profile: &str) -> String {
    let profiles = sender.get("/v1/mapping-profiles").expect(200).json();
    let found = profiles["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["code"] == profile);
    found
        .and_then(|it| it["dataflow"].as_str())
        .unwrap_or_default()
        .to_owned()
}

fn row_print(file: &str, profile: &str, answer: &Response, seconds: f64) -> bool {
    let json = answer.json();
    let counts = &json["counts"];
    let count = |name: &str| counts[name].as_u64().unwrap_or(0);
    let (rows, refused, ignored) = (count("rows"), count("rows_refused"), count("rows_ignored"));
    let is_accepted = json["state"]
        .as_str()
        .is_some_and(|state| state.starts_with("accepted"));
    let stored = if is_accepted { rows - refused - ignored } else { 0 };
    let mut findings: BTreeMap<String, usize> = BTreeMap::new();
    for finding in answer.findings() {
        *findings.entry(finding.code).or_default() += 1;
    }
    println!(
        "{file:<52} {profile:<28} {rows:>6} {stored:>7} {refused:>7} {ignored:>7} {:>8} {seconds:>6.2}  {findings:?} {}",
        count("observations"),
        json["ignored_by_reason"]
    );
    if !is_accepted {
        println!(
            "    NOT ACCEPTED ({}): {}",
            answer.status,
            answer.text().chars().take(600).collect::<String>()
        );
    }
    is_accepted && rows == stored + refused + ignored
}
