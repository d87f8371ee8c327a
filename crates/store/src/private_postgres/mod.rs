//! The private PostgreSQL: a cluster that the service makes, starts, watches and stops by itself when it is
//! given no other database.
//!
//! Never listens on the network, never outlives the service, never runs as root, and never touches a directory
//! or a server that is not its own. Everything here blocks: call it before the asynchronous runtime or from a
//! blocking task.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use account::Account;
use binaries::Binaries;
use cluster::{Cluster, Safety};
use lifetime::Lifetime;
use lock::ServiceLock;
use readiness::{NO_SUCH_DATABASE, NO_SUCH_TABLE, NOT_YET, Session, SessionError};
use socket::SocketDirectory;

mod account;
mod binaries;
mod cluster;
mod error;
mod lifetime;
mod lock;
mod predecessor;
mod readiness;
mod settings;
mod socket;
#[cfg(test)]
mod tests;

pub use error::PrivatePostgresError;

/// The cluster's only role, its superuser.
const ROLE: &str = "leleka";
/// The database made at the first start.
const DATABASE: &str = "leleka";
/// Only part of the socket's name here; no port is opened.
const PORT: u16 = 5432;
const POLL_INTERVAL: Duration = Duration::from_millis(10);
const READY_TIMEOUT: Duration = Duration::from_secs(60);
/// Redoing up to 4 GB of log after a crash may take minutes; giving up would only begin it anew.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(900);

/// Where the cluster is and how it is run.
#[derive(Debug, Clone)]
pub struct PrivatePostgresOptions {
    /// The service's data directory; the cluster lives in `postgres` below it.
    ///
    /// Made when missing. When the service runs as root, the user `postgres` (else `nobody`) must be able to
    /// pass through it and through all directories above.
    pub data_dir: PathBuf,
    /// Directory of the PostgreSQL server programs; `None` looks in the usual places and in PATH.
    pub binaries_dir: Option<PathBuf>,
    /// Whether committed data must survive a crash of the machine.
    pub durability: Durability,
}

/// Whether committed data must survive a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit is on disk before it is acknowledged.
    Durable,
    /// `fsync`, `synchronous_commit` and `full_page_writes` off: faster, for tests only.
    TestOnly,
}

/// A running private PostgreSQL. Dropping it stops the server and waits for it.
#[derive(Debug)]
pub struct PrivatePostgres {
    // Dropped in this order: the server first, the lock last.
    lifetime: Lifetime,
    sync: Option<JoinHandle<()>>,
    socket_dir: SocketDirectory,
    binaries: Binaries,
    was_created: bool,
    _lock: ServiceLock,
}

impl PrivatePostgres {
    /// Makes the cluster when there is none, starts it and waits until it answers.
    ///
    /// Takes about a second for a new cluster and a tenth of one for an existing cluster; longer when an earlier
    /// server is still stopping or a crash has to be recovered from.
    ///
    /// # Errors
    /// Every reason why it cannot run, with what to do about it: see [`PrivatePostgresError`]. No process and no
    /// lock is left behind.
    pub fn start(options: &PrivatePostgresOptions) -> Result<Self, PrivatePostgresError> {
        let cluster = Cluster::open(&options.data_dir)?;
        let lock = ServiceLock::take(&cluster.lock_path(), cluster.home())?;
        cluster.mark_ours()?;
        let account = Account::choose(cluster.owner())?;
        account.check_passable(cluster.home())?;
        let data = cluster.data();
        let existing = cluster.major()?;
        let binaries = Binaries::find(
            options.binaries_dir.as_deref(),
            existing.map(|major| (major, data.as_path())),
            &account,
        )?;
        let foreign_pid = predecessor::wait_until_gone(&data, &account, &binaries)?;
        let socket_dir = SocketDirectory::claim(cluster.home(), &account)?;
        let launch = Launch {
            cluster: &cluster,
            account: &account,
            binaries: &binaries,
            socket_dir: socket_dir.path(),
            durability: options.durability,
        };

        let mut was_created = existing.is_none();
        if existing.is_some() && cluster.safety() == Safety::Doubtful {
            launch.remove_if_empty(foreign_pid)?;
            was_created = true;
        }
        if was_created {
            cluster.create(&account, &binaries)?;
        }
        if options.durability == Durability::TestOnly {
            cluster.begin_unsynced()?;
        }
        let lifetime = launch.run(foreign_pid)?;
        let sync = launch.secure();
        Ok(Self {
            lifetime,
            sync,
            socket_dir,
            binaries,
            was_created,
            _lock: lock,
        })
    }

    /// Connection URL of a database of the cluster, for any client that uses libpq.
    #[must_use]
    pub fn connection_url(&self, database: &str) -> String {
        let host = percent_encoded(self.socket_dir().as_os_str().as_encoded_bytes());
        format!(
            "postgresql:///{}?host={host}&port={PORT}&user={ROLE}",
            percent_encoded(database.as_bytes())
        )
    }

    /// Directory of the unix socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        self.socket_dir.path()
    }

    /// Major version of the server, such as 15.
    #[must_use]
    pub fn server_version(&self) -> u32 {
        self.binaries.major()
    }

    /// Directory of the PostgreSQL programs in use, `psql` and `pg_dump` among them where they are installed.
    #[must_use]
    pub fn binaries_dir(&self) -> &Path {
        self.binaries.directory()
    }

    /// Whether this start made the cluster, so that it holds nothing yet.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.was_created
    }

    /// Stops the server fast: open transactions are rolled back, committed ones stay.
    ///
    /// # Errors
    /// [`PrivatePostgresError::NotStopped`] when it has not ended after 60 seconds.
    pub fn stop(mut self) -> Result<(), PrivatePostgresError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), PrivatePostgresError> {
        let stopped = self.lifetime.stop();
        // Waited for, so that only a kill can leave the cluster without its mark.
        if let Some(sync) = self.sync.take()
            && sync.join().is_err()
        {
            tracing::warn!("the new cluster is not yet safely on disk; the next start tries again");
        }
        stopped
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        if let Err(reason) = self.end() {
            tracing::warn!(%reason, "the private PostgreSQL did not stop in time");
        }
    }
}

/// What a server is started from.
struct Launch<'a> {
    cluster: &'a Cluster,
    account: &'a Account,
    binaries: &'a Binaries,
    socket_dir: &'a Path,
    durability: Durability,
}

impl Launch<'_> {
    fn run(&self, foreign_pid: Option<Pid>) -> Result<Lifetime, PrivatePostgresError> {
        let data = self.cluster.data();
        let knows_lz4 = self.binaries.knows_lz4(&data, self.account);
        let arguments = settings::server_arguments(self.socket_dir, self.durability, knows_lz4);
        let log = self.cluster.create_log()?;
        let postgres = self.binaries.program("postgres");
        let mut lifetime = Lifetime::begin(self.account, &postgres, &data, &arguments, log, foreign_pid)
            .map_err(PrivatePostgresError::launch(postgres))?;
        self.wait_until_ready(&mut lifetime)?;
        Ok(lifetime)
    }

    // The word "ready" in `postmaster.pid` is no proof: after a crash the file of the run before is still there.
    fn wait_until_ready(&self, lifetime: &mut Lifetime) -> Result<(), PrivatePostgresError> {
        let begun = Instant::now();
        let mut limit = READY_TIMEOUT;
        loop {
            let answer = Session::open(self.socket_dir, DATABASE).and_then(|mut it| it.ask("select 1"));
            match answer {
                Ok(Some(one)) if one == "1" => return Ok(()),
                Err(SessionError::Refused { sqlstate, .. }) if sqlstate == NO_SUCH_DATABASE => {
                    return self.create_database();
                }
                Err(SessionError::Refused { sqlstate, .. }) if sqlstate == NOT_YET => {
                    limit = RECOVERY_TIMEOUT
                }
                Ok(_) | Err(_) => {}
            }
            let (log_path, log_tail) = (self.cluster.log_path(), || self.cluster.log_tail());
            if lifetime.has_ended() {
                return Err(PrivatePostgresError::EndedAtStart {
                    log_path,
                    log_tail: log_tail(),
                });
            }
            if begun.elapsed() > limit {
                let waited_s = limit.as_secs();
                return Err(PrivatePostgresError::NotReady {
                    waited_s,
                    log_path,
                    log_tail: log_tail(),
                });
            }
        }
    }

    fn create_database(&self) -> Result<(), PrivatePostgresError> {
        let created = Session::open(self.socket_dir, "postgres").and_then(|mut session| {
            session.allow(READY_TIMEOUT)?;
            session.ask(&format!("create database {DATABASE}"))
        });
        match created {
            Ok(_) => Ok(()),
            Err(reason) => Err(PrivatePostgresError::DatabaseNotCreated {
                reason: reason.to_string(),
            }),
        }
    }

    /// Removes a cluster of doubtful wholeness when it is certain that it holds no submission, else refuses it.
    fn remove_if_empty(&self, foreign_pid: Option<Pid>) -> Result<(), PrivatePostgresError> {
        let refused = || PrivatePostgresError::NotSafelyOnDisk {
            path: self.cluster.data(),
            marker: self.cluster.synced_marker(),
        };
        let mut lifetime = self.run(foreign_pid).map_err(|_| refused())?;
        let holds_submissions = Session::open(self.socket_dir, DATABASE)
            .and_then(|mut session| session.ask("select 1 from submission limit 1"));
        lifetime.stop()?;
        match holds_submissions {
            Ok(None) => {}
            Err(SessionError::Refused { sqlstate, .. }) if sqlstate == NO_SUCH_TABLE => {}
            Ok(Some(_)) | Err(_) => return Err(refused()),
        }
        tracing::warn!("the machine went down before the empty cluster was safely on disk; it is made anew");
        self.cluster.remove()
    }

    /// Brings a cluster that is ahead of the disk to it, beside the running server.
    fn secure(&self) -> Option<JoinHandle<()>> {
        if self.durability == Durability::TestOnly || self.cluster.safety() == Safety::Synced {
            return None;
        }
        match self.cluster.sync_in_background(self.account, self.binaries) {
            Ok(sync) => Some(sync),
            Err(reason) => {
                tracing::warn!(%reason, "the new cluster is not yet safely on disk; the next start tries again");
                None
            }
        }
    }
}

fn percent_encoded(bytes: &[u8]) -> String {
    let encoded = bytes.iter().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    });
    encoded.collect()
}
