//! PostgreSQL bound to the life of this process: however we end, it stops fast and leaves no orphan.
//!
//! A shell stands between: it starts PostgreSQL, then waits at the end of a pipe that only we hold open. When we
//! close it or die, by SIGKILL too, the pipe ends and the shell sends SIGINT, which is PostgreSQL's fast
//! shutdown: running transactions are rolled back, committed ones are kept (PostgreSQL manual, "Shutting Down
//! the Server"). Never kills harder than that: a shutdown that writes a long checkpoint is left to finish.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::account::{Account, SHELL};
use super::error::PrivatePostgresError;
use super::predecessor;

/// The shell gives up its own copy of the witness (its output), so that only PostgreSQL's processes hold one.
const WATCH: &str = r#""$0" "$@" </dev/null & p=$!
exec >/dev/null
trap "" HUP INT TERM
read _
kill -INT $p
wait $p"#;

const STOP_TIMEOUT: Duration = Duration::from_secs(60);

/// A running PostgreSQL. Dropping it stops PostgreSQL and waits for it.
#[derive(Debug)]
pub(super) struct Lifetime {
    pipe: Option<ChildStdin>,
    shell: Child,
    witness: UnixStream,
    data: PathBuf,
}

impl Lifetime {
    /// Starts `postgres` on the data directory with its messages going to the log file.
    ///
    /// `foreign_pid` is a process that PostgreSQL must not take for its own earlier server.
    pub(super) fn begin(
        account: &Account,
        postgres: &Path,
        data: &Path,
        arguments: &[String],
        log: File,
        foreign_pid: Option<Pid>,
    ) -> io::Result<Self> {
        let (witness, held_by_server) = UnixStream::pair()?;
        witness.set_read_timeout(Some(super::POLL_INTERVAL))?;
        let mut command = account.command(Path::new(SHELL));
        command
            .args(["-c", WATCH])
            .arg(postgres)
            .arg("-D")
            .arg(data)
            .args(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(OwnedFd::from(held_by_server))
            .stderr(log);
        if let Some(pid) = foreign_pid {
            // The variable by which pg_ctl names a process that is no server: PostgreSQL then skips this id
            // in `postmaster.pid`, and still makes its check of the shared memory.
            command.env("PG_GRANDPARENT_PID", pid.as_raw_nonzero().to_string());
        }
        let mut shell = command.spawn()?;
        Ok(Self {
            pipe: shell.stdin.take(),
            shell,
            witness,
            data: data.to_owned(),
        })
    }

    /// Waits one poll interval; true as soon as the last PostgreSQL process has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        matches!(self.witness.read(&mut [0; 64]), Ok(0))
    }

    /// Stops PostgreSQL and waits until its last process has ended. Doing it twice does no harm.
    pub(super) fn stop(&mut self) -> Result<(), PrivatePostgresError> {
        let Some(pipe) = self.pipe.take() else {
            return Ok(());
        };
        // A shell killed by somebody cannot pass the word on.
        if matches!(self.shell.try_wait(), Ok(Some(_))) {
            predecessor::interrupt(&self.data);
        }
        drop(pipe);
        let begun = Instant::now();
        while !self.has_ended() {
            if begun.elapsed() > STOP_TIMEOUT {
                return Err(PrivatePostgresError::NotStopped {
                    waited_s: STOP_TIMEOUT.as_secs(),
                });
            }
        }
        // The shell ends with its only child; its exit status says nothing new.
        let _ = self.shell.wait();
        Ok(())
    }
}

impl Drop for Lifetime {
    fn drop(&mut self) {
        if let Err(reason) = self.stop() {
            tracing::warn!(%reason, "PostgreSQL did not stop in time");
        }
    }
}
