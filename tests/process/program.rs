//! Running the binary `leleka-server`, and watching what it leaves behind.
//!
//! Every process that is started here is ended here, also when a test fails.

use crate::operations::repository;
use leleka_access::{SignatureAlgorithm, SigningKey};
use leleka_domain::Clock;
use leleka_testkit::{TestCaller, open_folder};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything may take here before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The binary of the same build as this test, made when it is missing or older than its source.
pub(super) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let own = std::env::current_exe().unwrap();
        let folder = own.parent().and_then(Path::parent).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "-q", "-p", "leleka-server", "--bin", "leleka-server"]);
        cargo.arg("--target-dir").arg(folder.parent().unwrap());
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.current_dir(repository()).output().unwrap();
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        folder.join("leleka-server")
    })
}

/// Waits until something is so; fails with what it was waiting for.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A data directory; PostgreSQL's own user can pass through it.
pub(super) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            folder: open_folder(),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(binary());
        // Nothing of the machine's own settings reaches the program.
        for name in ["DATABASE_URL", "DATABASE_URL_FILE", "LELEKA_CONFIG", "RUST_LOG"] {
            command.env_remove(name);
        }
        command.env("LELEKA_DATA_DIR", self.path());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs a command that must succeed; what it said.
    pub(super) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{arguments:?}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said
    }

    /// Runs a command that must fail by itself with code 1; what it said.
    pub(super) fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        said
    }

    /// Registers a submitting client of the state migration service on a place where nothing runs.
    pub(super) fn client(&self) -> SigningKey {
        let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
        let file = self.folder.path().join("client.jwk");
        std::fs::write(&file, serde_json::json!(key.public_key().jwk()).to_string()).unwrap();
        self.done(&["migrate"]);
        self.done(&["admin", "catalogue", "load"]);
        let file = file.to_string_lossy();
        let role = "agency-submitter";
        let said = self.done(&[
            "admin",
            "client",
            "add",
            "--id",
            "dms-main",
            "--body",
            "DMS",
            "--role",
            role,
            "--public-key",
            &file,
        ]);
        assert!(said.contains(key.public_key().kid()), "{said}");
        key
    }

    /// Starts the service and waits until it answers.
    pub(super) fn serve(&self) -> Running {
        self.serve_with(&["--listen", "127.0.0.1:0"])
    }

    /// Starts the service with these settings and waits until it answers.
    pub(super) fn serve_with(&self, arguments: &[&str]) -> Running {
        let mut child = self
            .command()
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (said, heard) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Nobody listens any more: the pipe is still emptied, or the program would stand still.
                let _heard = said.send(line);
            }
        });
        let mut running = Running {
            child,
            heard,
            said: String::new(),
            base_url: String::new(),
        };
        running.base_url = running.hear("Leleka answers at ");
        running
    }

    /// Processes of a PostgreSQL on this place.
    pub(super) fn postgres_processes(&self) -> Vec<u32> {
        let data = self.path().join("postgres").join("data");
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok());
            let Some(pid) = pid else { continue };
            // The server names its directory; its children stand in it.
            let call = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let call = String::from_utf8_lossy(&call).into_owned();
            let stands = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|folder| folder == data);
            let server = call.contains(&*data.to_string_lossy()) && call.contains("postgres");
            let zombie = std::fs::read_to_string(entry.path().join("stat"))
                .is_ok_and(|stat| stat.rsplit(')').next().unwrap_or("").starts_with(" Z"));
            if (server || stands) && !zombie {
                found.push(pid);
            }
        }
        found
    }
}

/// A started service; killed when the test ends before it does.
pub(super) struct Running {
    child: Child,
    heard: Receiver<String>,
    said: String,
    pub(super) base_url: String,
}

impl Running {
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line and returns what follows these words in it.
    fn hear(&mut self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self
                .heard
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("{words:?} was not said: {}", self.said));
            self.said.push_str(&line);
            self.said.push('\n');
            if let Some((_, rest)) = line.split_once(words) {
                return rest.trim().to_owned();
            }
        }
    }

    /// The registered client at this service.
    pub(super) fn caller(&self, key: &SigningKey) -> TestCaller {
        let pem = key.to_pkcs8_pem();
        let copy = SigningKey::from_pkcs8_pem(pem.expose()).unwrap();
        TestCaller::new(
            self.base_url.clone(),
            "dms-main".to_owned(),
            copy,
            Clock::system(),
        )
    }

    /// Sends a signal by its name.
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.pid().to_string()])
            .status();
        assert!(sent.unwrap().success(), "kill -{name}");
    }

    /// Waits for the end.
    pub(super) fn ended(mut self) -> ExitStatus {
        let mut status = None;
        until("the service ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already, in the ordinary case.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
