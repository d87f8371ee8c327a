//! `leleka-server demo`, as a person starts it: the built program, its own PostgreSQL, and the commands that it
//! prints, pasted into a shell.

use leleka_access::SigningKey;
use leleka_domain::Clock;
use leleka_testkit::TestCaller;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A debug build on a busy machine.
const READY: Duration = Duration::from_secs(300);
const STOPPED: Duration = Duration::from_secs(60);

struct Demo {
    program: Child,
    folder: PathBuf,
}

impl Demo {
    fn start(folder: &Path, output: &Path) -> Self {
        let program = Command::new(program_path())
            .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .env_remove("DATABASE_URL")
            .stdin(Stdio::null())
            .stdout(fs::File::create(output).unwrap())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Self {
            program,
            folder: folder.to_owned(),
        }
    }

    /// What `demo.json` says, once it is there.
    fn description(&mut self) -> Value {
        let until = Instant::now() + READY;
        loop {
            if let Ok(text) = fs::read(self.folder.join("demo.json")) {
                return serde_json::from_slice(&text).unwrap();
            }
            let ended = self.program.try_wait().unwrap();
            assert!(ended.is_none(), "the demonstration ended: {ended:?}");
            assert!(Instant::now() < until, "the demonstration is not ready in time");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks it to stop, and gives its exit code.
    fn stop(mut self) -> Option<i32> {
        let id = self.program.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let until = Instant::now() + STOPPED;
        loop {
            if let Some(status) = self.program.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < until, "the demonstration does not stop");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if self.program.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _killed = self.program.kill();
            let _ended = self.program.wait();
        }
    }
}

/// The program beside this test binary, built if it is not there or old.
fn program_path() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "-p",
        "leleka-server",
        "--bin",
        "leleka-server",
    ]);
    build.arg("--target-dir").arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(
        build
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap()
            .success()
    );
    profile.join("leleka-server")
}

/// Processes whose command line or working directory is in a folder.
fn processes_in(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().unwrap();
    let mut found = Vec::new();
    for process in fs::read_dir("/proc").unwrap().flatten() {
        // A process may end while it is looked at.
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let place = fs::read_link(process.path().join("cwd")).unwrap_or_default();
        if line.contains(folder) || place.starts_with(folder) {
            found.push(line);
        }
    }
    found
}

fn caller(description: &Value, id: &str) -> TestCaller {
    let clients = description["clients"].as_array().unwrap();
    let client = clients.iter().find(|client| client["client_id"] == id).unwrap();
    let path = client["private_key_file"].as_str().unwrap();
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    let key = SigningKey::from_pkcs8_pem(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(key.public_key().kid(), client["kid"]);
    assert_eq!(key.public_key().algorithm().as_str(), client["alg"]);
    let base_url = description["base_url"].as_str().unwrap().to_owned();
    TestCaller::new(base_url, id.to_owned(), key, Clock::system())
}

fn submission_total(analyst: &TestCaller) -> usize {
    let mut path = Some("/v1/submissions?limit=200".to_owned());
    let mut total = 0;
    while let Some(page) = path {
        let page = analyst.get(&page).expect(200).json();
        total += page["items"].as_array().unwrap().len();
        path = page["next"].as_str().map(str::to_owned);
    }
    total
}

#[test]
fn the_demonstration_shows_risk_metrics_of_labelled_data_and_leaves_nothing_running() {
    let outer = tempfile::Builder::new()
        .prefix("leleka-test-demo-")
        .permissions(fs::Permissions::from_mode(0o711))
        .tempdir()
        .unwrap();
    let (folder, output) = (outer.path().join("demo"), outer.path().join("guide.sh"));
    let mut demo = Demo::start(&folder, &output);
    let description = demo.description();

    let roles: std::collections::BTreeSet<_> = description["clients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|client| client["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles.len(), leleka_access::Role::ALL.len());
    let analyst = caller(&description, "demo-analyst");
    let frontex = caller(&description, "demo-frontex");
    frontex
        .get("/v1/observations?indicator=EU_IBC&limit=5")
        .expect(200)
        .json();

    let values = analyst
        .get("/v1/risk-metrics/RM_IBC_WEEK/values?level=high&level=critical&limit=1000")
        .expect(200)
        .json();
    assert!(!values["items"].as_array().unwrap().is_empty());
    let labelled = analyst.get("/v1/submissions?limit=200").expect(200).json();
    for submission in labelled["items"].as_array().unwrap() {
        let comment = submission["comment"].as_str().unwrap();
        assert!(
            comment.starts_with("ДЕМОНСТРАЦІЙНІ ДАНІ / demonstration data"),
            "{comment}"
        );
    }
    for state in ["rejected", "accepted_with_warnings", "accepted"] {
        analyst
            .get(&format!("/v1/submissions?state={state}&limit=1"))
            .expect(200)
            .json();
    }

    let pasted = Command::new("bash").arg(&output).output().unwrap();
    let said = String::from_utf8(pasted.stdout).unwrap();
    assert!(
        pasted.status.success() && pasted.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&pasted.stderr)
    );
    assert!(!said.contains("urn:leleka:problem:"), "{said}");
    for expected in [
        "RM_IBC_WEEK,2,",
        "\"computation\"",
        "\"would_be\"",
        "\"state\":\"accepted\"",
        "value.not_integer",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    let total = submission_total(&analyst);

    assert_eq!(demo.stop(), Some(0));
    assert_eq!(processes_in(&folder), Vec::<String>::new());
    assert!(!folder.join("demo.json").exists());

    // A second start finds everything there.
    let mut again = Demo::start(&folder, &output);
    let description = again.description();
    assert_eq!(submission_total(&caller(&description, "demo-analyst")), total);
    assert_eq!(again.stop(), Some(0));

    // Without its mark the folder holds data of unknown origin.
    fs::remove_file(folder.join("demo")).unwrap();
    let mut refused = Demo::start(&folder, &output);
    assert_eq!(refused.program.wait().unwrap().code(), Some(1));
    assert_eq!(processes_in(&folder), Vec::<String>::new());
}
