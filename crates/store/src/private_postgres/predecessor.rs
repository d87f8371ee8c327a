//! The PostgreSQL of an earlier run on the same cluster: whether it still runs, and waiting until it does not.
//!
//! Never adopts it. An earlier server is bound to the life of an earlier service: it is about to stop, or it has
//! lost its watch and would outlive us too. Never removes `postmaster.pid`: PostgreSQL itself proves by the
//! shared memory named there that no process of the dead server is left.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::account::Account;
use super::binaries::Binaries;
use super::error::PrivatePostgresError;

/// Time given to a server that its watch has already told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Time given to a server that we tell to stop ourselves, in seconds: its last checkpoint may be large.
const STOP_TIMEOUT_S: &str = "60";

/// Waits until no earlier server runs, telling an orphan to stop.
///
/// Returns the process id in a left-over `postmaster.pid` when that id now belongs to some other process.
/// PostgreSQL has to be told of it, or it takes that process for a running server.
pub(super) fn wait_until_gone(
    data: &Path,
    account: &Account,
    binaries: &Binaries,
) -> Result<Option<Pid>, PrivatePostgresError> {
    let begun = Instant::now();
    while running_server(data).is_some() && begun.elapsed() < GRACE {
        thread::sleep(super::POLL_INTERVAL);
    }
    if let Some(orphan) = running_server(data) {
        tracing::warn!(
            pid = orphan.as_raw_nonzero().get(),
            "PostgreSQL of an earlier run lost its watch; it is stopped"
        );
        let program = binaries.program("pg_ctl");
        account
            .command(&program)
            .args(["stop", "-m", "fast", "-w", "-t", STOP_TIMEOUT_S, "-D"])
            .arg(data)
            .output()
            .map_err(PrivatePostgresError::launch(program))?;
    }
    match running_server(data) {
        Some(pid) => Err(PrivatePostgresError::PredecessorStillRunning {
            pid: pid.as_raw_nonzero().get().unsigned_abs(),
            path: data.to_owned(),
        }),
        None => Ok(recorded_pid(data).filter(|pid| test_kill_process(*pid).is_ok())),
    }
}

/// Tells the running server of this cluster to stop at once, when nobody else is left to do it.
pub(super) fn interrupt(data: &Path) {
    if let Some(pid) = running_server(data)
        && let Err(reason) = kill_process(pid, Signal::INT)
    {
        tracing::warn!(%reason, "PostgreSQL could not be told to stop");
    }
}

fn running_server(data: &Path) -> Option<Pid> {
    recorded_pid(data).filter(|pid| is_server_of(*pid, data))
}

fn recorded_pid(data: &Path) -> Option<Pid> {
    let record = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    Pid::from_raw(
        record
            .lines()
            .next()?
            .trim()
            .parse()
            .ok()
            .filter(|pid: &i32| *pid > 0)?,
    )
}

// The id alone proves nothing: in a container the same small numbers come back at every start.
fn is_server_of(pid: Pid, data: &Path) -> bool {
    let pid = pid.as_raw_nonzero();
    if Path::new("/proc/self/cmdline").exists() {
        let call = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let mut words = call.split(|byte| *byte == 0);
        return words.next().is_some_and(|program| program.ends_with(b"postgres"))
            && words.any(|word| word == data.as_os_str().as_bytes());
    }
    let listed = Command::new("ps")
        .args(["-o", "args=", "-p", &pid.to_string()])
        .output();
    listed.is_ok_and(|listed| {
        let call = String::from_utf8_lossy(&listed.stdout).into_owned();
        call.contains("postgres") && call.contains(&*data.to_string_lossy())
    })
}
