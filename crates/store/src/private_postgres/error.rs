//! What can keep the private PostgreSQL from starting or stopping, said so that an operator knows what to do.
//!
//! Never holds a secret: the cluster has none. The text of the cause stays in the source of the error, except
//! where the last lines of a program are the only explanation there is.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the private PostgreSQL could not be started or stopped.
#[derive(Debug, Error)]
pub enum PrivatePostgresError {
    /// No PostgreSQL server programs on this machine, or none where the settings say.
    #[error(
        "no PostgreSQL server programs were found in {searched}: run `apt-get install postgresql`, \
         or name their directory in LELEKA_PG_BIN, or set DATABASE_URL to a server that already runs"
    )]
    BinariesNotFound {
        /// The places that were looked at, as text.
        searched: String,
    },
    /// The newest PostgreSQL found is older than 15.
    #[error(
        "PostgreSQL {found} in {} is too old, version 15 or newer is needed: install a newer one and name \
         its directory in LELEKA_PG_BIN, or set DATABASE_URL to a newer server",
        directory.display()
    )]
    BinariesTooOld {
        /// Major version of the newest programs found.
        found: u32,
        /// Where they are.
        directory: PathBuf,
    },
    /// The cluster was made by a major version that is not installed.
    #[error(
        "the cluster in {} was made by PostgreSQL {cluster}, but only version {found} is installed: install \
         PostgreSQL {cluster} again (its data files cannot be read by another major version), or upgrade \
         the cluster with pg_upgrade",
        path.display()
    )]
    VersionMismatch {
        /// Major version in the cluster's `PG_VERSION`.
        cluster: u32,
        /// Major versions found, as text.
        found: String,
        /// The cluster's directory.
        path: PathBuf,
    },
    /// The directory has content that this service did not put there.
    #[error(
        "{} is not empty and was not made by this service, so it is left untouched: choose another data \
         directory, or move this one away",
        path.display()
    )]
    DirectoryNotOurs {
        /// The directory found.
        path: PathBuf,
    },
    /// A directory or file cannot be made or written.
    #[error(
        "{} cannot be used for the database: make sure that it is a directory this user may write to and that \
         its disk is neither read-only nor full, or choose another data directory",
        path.display()
    )]
    NotWritable {
        /// What could not be written.
        path: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The user that PostgreSQL runs as may not pass through a directory above the cluster.
    #[error(
        "PostgreSQL never runs as root, and the user {account} it would run as cannot pass through {}: choose a data \
         directory such as /var/lib/leleka, or let it through with `chmod a+x {}`",
        path.display(), path.display()
    )]
    ParentNotPassable {
        /// The closed directory nearest to the root.
        path: PathBuf,
        /// Name of the user PostgreSQL would run as.
        account: String,
    },
    /// Another service holds this data directory.
    #[error(
        "{} is in use by another running service ({}): stop that one first, or choose another data directory",
        path.display(), process_text(*pid)
    )]
    Locked {
        /// The cluster's directory.
        path: PathBuf,
        /// Process id of the holder, when it could be read.
        pid: Option<u32>,
    },
    /// `initdb` ended with an error.
    #[error("a new database cluster could not be made; initdb said:\n{output}")]
    InitFailed {
        /// Last lines of its output.
        output: String,
    },
    /// The user of this process has no name, which PostgreSQL requires.
    #[error(
        "the user id {uid} of this process has no entry in /etc/passwd, and PostgreSQL makes no cluster for a user \
         without a name: add an entry for it, or run as another user"
    )]
    UidWithoutPasswdEntry {
        /// Effective user id of the process.
        uid: u32,
    },
    /// Run by root on a machine without an ordinary user to run PostgreSQL.
    #[error(
        "PostgreSQL never runs as root, and neither the user `postgres` nor `nobody` is in /etc/passwd: add one of \
         them, or run this service as an ordinary user"
    )]
    NoAccountToDropTo,
    /// PostgreSQL runs but did not answer in time.
    #[error(
        "PostgreSQL did not answer within {waited_s} s; the last lines of {} may say why:\n{log_tail}",
        log_path.display()
    )]
    NotReady {
        /// Seconds waited.
        waited_s: u64,
        /// PostgreSQL's log file.
        log_path: PathBuf,
        /// Its last lines.
        log_tail: String,
    },
    /// PostgreSQL ended before it answered.
    #[error("PostgreSQL ended while starting; the last lines of {} say why:\n{log_tail}", log_path.display())]
    EndedAtStart {
        /// PostgreSQL's log file.
        log_path: PathBuf,
        /// Its last lines.
        log_tail: String,
    },
    /// The PostgreSQL of an earlier run does not end.
    #[error(
        "PostgreSQL of an earlier run (process {pid}) still uses {} and does not stop: wait until it ends, or stop \
         it with `pg_ctl stop -m fast -D {}`",
        path.display(), path.display()
    )]
    PredecessorStillRunning {
        /// Process id of the earlier server.
        pid: u32,
        /// The cluster's directory.
        path: PathBuf,
    },
    /// The machine went down before the new cluster was safely on disk, and the cluster is not known to be empty.
    #[error(
        "the machine went down before the cluster in {} was safely on disk, and it holds submissions or cannot be \
         read: copy the directory, check it with pg_amcheck, then either create the file {} to use it as it is, \
         or move the directory away to begin anew",
        path.display(), marker.display()
    )]
    NotSafelyOnDisk {
        /// The cluster's directory.
        path: PathBuf,
        /// The file whose presence says that the cluster is safe.
        marker: PathBuf,
    },
    /// No private directory for the unix socket.
    #[error("no private directory for PostgreSQL's socket could be made in /run or /tmp: make /tmp writable")]
    SocketDirectory(#[source] io::Error),
    /// A program could not be run at all.
    #[error("{} could not be run: check that it is installed and may be executed", program.display())]
    Launch {
        /// The program.
        program: PathBuf,
        /// The operating system's reason.
        #[source]
        source: io::Error,
    },
    /// The service's own database could not be made in the new cluster.
    #[error("the database `leleka` could not be made: {reason}")]
    DatabaseNotCreated {
        /// What PostgreSQL answered.
        reason: String,
    },
    /// PostgreSQL was told to stop and has not ended yet.
    #[error(
        "PostgreSQL has not ended {waited_s} s after it was told to stop; it goes on writing to disk by itself, and \
         the next start waits for it"
    )]
    NotStopped {
        /// Seconds waited.
        waited_s: u64,
    },
}

impl PrivatePostgresError {
    /// The error for a path that could not be written, for use in `map_err`.
    pub(super) fn not_writable(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::NotWritable { path, source }
    }

    /// The error for a program that could not be run, for use in `map_err`.
    pub(super) fn launch(program: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let program = program.into();
        move |source| Self::Launch { program, source }
    }
}

fn process_text(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "its process id could not be read".to_owned(),
        |pid| format!("process {pid}"),
    )
}
