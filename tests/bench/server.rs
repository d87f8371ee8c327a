//! The server under measurement: its own process, as an operator runs it.

use crate::Outcome;
use crate::cluster::Client;
use crate::wire::Wire;
use leleka_access::assertion_make;
use leleka_domain::{Clock, IdSource};
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A running `leleka-server serve`.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// The program of the same build as this one.
pub(crate) fn program() -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.with_file_name("leleka-server");
    if path.is_file() {
        return Ok(path);
    }
    Err(format!(
        "{} is missing: build it with `cargo build --release -p leleka-server`",
        path.display()
    )
    .into())
}

impl Server {
    /// Starts it on an operator's database and waits until it answers.
    pub(crate) fn on(url: &str, data_dir: &Path) -> Outcome<Self> {
        let server = Self::spawn(Some(url), data_dir)?;
        server.wait_until_ready(Instant::now(), Duration::from_secs(60))?;
        Ok(server)
    }

    /// Starts it without waiting; without a URL it brings its own PostgreSQL.
    pub(crate) fn spawn(url: Option<&str>, data_dir: &Path) -> Outcome<Self> {
        fs::create_dir_all(data_dir)?;
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let log = File::create(data_dir.with_extension("log"))?;
        let mut command = Command::new(program()?);
        command
            .args([
                "serve",
                "--listen",
                &address.to_string(),
                "--body-bytes",
                "4294967296",
            ])
            .args([
                "--quota-requests",
                "1000000000",
                "--quota-bytes",
                "1000000000000000",
            ])
            .args(["--rows", "100000000", "--body-deadline-seconds", "3600"])
            .env("LELEKA_DATA_DIR", data_dir)
            .env_remove("DATABASE_URL")
            .stdout(log.try_clone()?)
            .stderr(log);
        if let Some(url) = url {
            command.env("DATABASE_URL", url);
        }
        let child = command.spawn()?;
        Ok(Self { child, address })
    }

    /// Waits for the first 200; gives the time since `begun`.
    pub(crate) fn wait_until_ready(&self, begun: Instant, most: Duration) -> Outcome<Duration> {
        let request = format!("GET /v1/openapi.json HTTP/1.1\r\nhost: {}\r\n\r\n", self.address);
        loop {
            let answered = Wire::open(self.address).and_then(|mut wire| {
                wire.send(request.as_bytes())?;
                wire.answer()
            });
            match answered {
                Ok(200) => return Ok(begun.elapsed()),
                Ok(status) => return Err(format!("the server answers {status}").into()),
                Err(error) if begun.elapsed() > most => {
                    return Err(format!("the server does not answer: {error}").into());
                }
                Err(_) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// An access token with every scope of the client's role.
    pub(crate) fn token(&self, client: &Client) -> Outcome<String> {
        let (issuer, now) = (
            format!("http://{}", self.address),
            Clock::system().now_unix_seconds(),
        );
        let assertion = assertion_make(
            &client.key,
            &client.id,
            &issuer,
            now,
            &IdSource.next().to_string(),
        )
        .map_err(|fault| format!("{fault:?}"))?;
        let form = format!(
            "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A\
             client-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
        );
        let mut wire = Wire::open(self.address)?;
        let head = format!(
            "POST /oauth2/token HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        wire.send(head.as_bytes())?;
        match wire.answer()? {
            200 => {}
            status => return Err(wire.unexpected(status)),
        }
        let answer: serde_json::Value = serde_json::from_slice(wire.body())?;
        let token = answer.get("access_token").and_then(serde_json::Value::as_str);
        Ok(token.ok_or("the token answer has no token")?.to_owned())
    }

    /// The head of a submission of so many bytes, with a new idempotency key.
    pub(crate) fn submission_head(
        &self,
        token: &str,
        query: &str,
        media_type: &str,
        length: usize,
    ) -> String {
        format!(
            "POST /v1/submissions{query} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             content-type: {media_type}\r\nprefer: wait=20\r\nidempotency-key: {}\r\ncontent-length: {length}\r\n\r\n",
            self.address,
            IdSource.next()
        )
    }

    /// Greatest resident memory so far, in MB (2^20 bytes).
    pub(crate) fn peak_memory_mb(&self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: f64 = line.ok_or("no VmHWM")?.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }

    /// CPU time of the process so far, user and system, in seconds.
    pub(crate) fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: Vec<f64> = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .flat_map(str::parse)
            .collect();
        Ok(ticks.iter().sum::<f64>() / 100.0)
    }

    /// Asks it to end and waits.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        if let Some(pid) = rustix::process::Pid::from_raw(i32::try_from(self.child.id())?) {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        }
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ended already in the ordinary case; SIGKILL is for the way out after an error.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _killed = self.child.kill();
            let _waited = self.child.wait();
        }
    }
}
