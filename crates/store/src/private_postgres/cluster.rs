//! The cluster's directory: what lies in it, how it is made, and whether it is known to be safely on disk.
//!
//! Never touches a directory that has content of others, and never puts a half-made cluster in place: a new one
//! is made beside and renamed. Only `data` belongs to the user PostgreSQL runs as; what lies beside it stays
//! ours, so that a root service never writes where that user could have planted a link.
//!
//! ```text
//! postgres/leleka-cluster    says that the directory is ours
//! postgres/service.lock      held by the running service
//! postgres/data              the cluster; data.init-* = one that was never finished
//! postgres/synced            present when everything in `data` has reached the disk
//! postgres/boot-of-creation  identifies the boot of the machine in which the unsynced state began
//! postgres/postgresql.log    this run's log; postgresql.log.1 = the run before
//! ```

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::{self, JoinHandle};

use super::account::{Account, Ids};
use super::binaries::Binaries;
use super::error::PrivatePostgresError;

const HOME: &str = "postgres";
const MARKER: &str = "leleka-cluster";
const LOCK: &str = "service.lock";
const UNFINISHED_PREFIX: &str = "data.init-";
const MARKER_TEXT: &str = "This directory belongs to Leleka: it holds its private PostgreSQL cluster.\n\
                           Do not edit, copy or remove anything here while the service runs.\n";

/// Lines of a program's output worth showing in an error.
const TAIL_LINES: usize = 12;

/// How sure it is that the cluster's files are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Safety {
    /// Everything has reached the disk.
    Synced,
    /// Not all of it need have reached the disk, but the machine has not gone down since.
    SameBoot,
    /// Not all of it had reached the disk when the machine went down.
    Doubtful,
}

/// The directory of one cluster.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    home: PathBuf,
}

impl Cluster {
    /// Makes the directory where it is missing, and refuses one with content of others.
    pub(super) fn open(data_dir: &Path) -> Result<Self, PrivatePostgresError> {
        create_directories(data_dir)?;
        let data_dir = data_dir
            .canonicalize()
            .map_err(PrivatePostgresError::not_writable(data_dir))?;
        let cluster = Self {
            home: data_dir.join(HOME),
        };
        create_directories(&cluster.home)?;
        cluster.refuse_foreign()?;
        Ok(cluster)
    }

    fn refuse_foreign(&self) -> Result<(), PrivatePostgresError> {
        let marker = self.home.join(MARKER);
        if marker.exists() {
            return Ok(());
        }
        let entries = fs::read_dir(&self.home).map_err(PrivatePostgresError::not_writable(&self.home))?;
        let foreign = entries.flatten().any(|entry| entry.file_name() != LOCK);
        // Looked at twice: another first start may just have written the marker and gone on.
        if foreign && !marker.exists() {
            return Err(PrivatePostgresError::DirectoryNotOurs {
                path: self.home.clone(),
            });
        }
        Ok(())
    }

    /// Marks the directory as ours; call with the lock held and before anything else is put there.
    pub(super) fn mark_ours(&self) -> Result<(), PrivatePostgresError> {
        let marker = self.home.join(MARKER);
        if marker.exists() {
            return Ok(());
        }
        write_durably(&marker, MARKER_TEXT).map_err(PrivatePostgresError::not_writable(&self.home))
    }

    /// The directory of everything.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// PostgreSQL's data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// The file that the running service holds locked.
    pub(super) fn lock_path(&self) -> PathBuf {
        self.home.join(LOCK)
    }

    /// The file whose presence says that the cluster is safely on disk.
    pub(super) fn synced_marker(&self) -> PathBuf {
        self.home.join("synced")
    }

    fn boot_record(&self) -> PathBuf {
        self.home.join("boot-of-creation")
    }

    /// This run's log of PostgreSQL.
    pub(super) fn log_path(&self) -> PathBuf {
        self.home.join("postgresql.log")
    }

    /// Major version of the existing cluster.
    pub(super) fn major(&self) -> Result<Option<u32>, PrivatePostgresError> {
        let data = self.data();
        match fs::read_to_string(data.join("PG_VERSION")) {
            Ok(text) => match text.trim().parse() {
                Ok(major) => Ok(Some(major)),
                Err(_) => Err(PrivatePostgresError::DirectoryNotOurs { path: data }),
            },
            Err(reason) if reason.kind() == io::ErrorKind::NotFound && data.exists() => {
                Err(PrivatePostgresError::DirectoryNotOurs { path: data })
            }
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(PrivatePostgresError::not_writable(data)(reason)),
        }
    }

    /// Owner of the existing cluster's files.
    pub(super) fn owner(&self) -> Option<Ids> {
        fs::metadata(self.data()).ok().map(|found| Ids {
            uid: found.uid(),
            gid: found.gid(),
        })
    }

    /// Makes the cluster, without waiting for the disk.
    pub(super) fn create(&self, account: &Account, binaries: &Binaries) -> Result<(), PrivatePostgresError> {
        self.remove_unfinished();
        // The name is this process's own: the initdb of a killed service may still be writing to another.
        let fresh = self
            .home
            .join(format!("{UNFINISHED_PREFIX}{}", std::process::id()));
        fs::create_dir(&fresh)
            .and_then(|()| fs::set_permissions(&fresh, Permissions::from_mode(0o700)))
            .and_then(|()| account.own(&fresh))
            .map_err(PrivatePostgresError::not_writable(&fresh))?;
        let program = binaries.program("initdb");
        let made = account
            .command(&program)
            .args([
                "--no-sync",
                "-U",
                super::ROLE,
                "-A",
                "trust",
                "--locale=C",
                "-E",
                "UTF8",
                "-D",
            ])
            .arg(&fresh)
            .output()
            .map_err(PrivatePostgresError::launch(program))?;
        if !made.status.success() {
            self.remove_unfinished();
            let said = [made.stdout, made.stderr].concat();
            return Err(init_failure(&String::from_utf8_lossy(&said), account));
        }
        self.begin_unsynced()?;
        fs::rename(&fresh, self.data()).map_err(PrivatePostgresError::not_writable(&self.home))
    }

    // What cannot be removed now (an initdb that still runs) is removed by a later start.
    fn remove_unfinished(&self) {
        let entries = fs::read_dir(&self.home).into_iter().flatten().flatten();
        for entry in
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED_PREFIX))
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }

    /// Removes a cluster that holds nothing.
    pub(super) fn remove(&self) -> Result<(), PrivatePostgresError> {
        fs::remove_dir_all(self.data()).map_err(PrivatePostgresError::not_writable(self.data()))
    }

    /// Notes that from now on the cluster's files may be ahead of the disk.
    pub(super) fn begin_unsynced(&self) -> Result<(), PrivatePostgresError> {
        let marker = self.synced_marker();
        if marker.exists() {
            fs::remove_file(&marker).map_err(PrivatePostgresError::not_writable(&marker))?;
        }
        fs::write(self.boot_record(), boot_id().unwrap_or_default())
            .map_err(PrivatePostgresError::not_writable(self.boot_record()))
    }

    /// How sure it is that the files are whole.
    pub(super) fn safety(&self) -> Safety {
        if self.synced_marker().exists() {
            return Safety::Synced;
        }
        let recorded = fs::read_to_string(self.boot_record()).ok();
        match boot_id() {
            Some(current) if Some(&current) == recorded.as_ref() => Safety::SameBoot,
            Some(_) | None => Safety::Doubtful,
        }
    }

    /// Brings everything to disk beside the running server, then says so in `synced`.
    pub(super) fn sync_in_background(
        &self,
        account: &Account,
        binaries: &Binaries,
    ) -> io::Result<JoinHandle<()>> {
        let (cluster, program) = (self.clone(), binaries.program("initdb"));
        let mut sync = account.command(&program);
        sync.arg("--sync-only")
            .arg("-D")
            .arg(self.data())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        thread::Builder::new().name("postgres-sync".to_owned()).spawn(move || {
            let synced = match sync.status() {
                Ok(status) if status.success() => write_durably(&cluster.synced_marker(), "")
                    .and_then(|()| cluster.home.parent().map_or(Ok(()), sync_directory)),
                Ok(status) => Err(io::Error::other(format!("initdb --sync-only: {status}"))),
                Err(reason) => Err(reason),
            };
            if let Err(reason) = synced {
                tracing::warn!(%reason, "the new cluster is not yet safely on disk; the next start tries again");
            }
        })
    }

    /// A new log file; that of the run before is kept under another name, older ones are gone.
    pub(super) fn create_log(&self) -> Result<File, PrivatePostgresError> {
        let path = self.log_path();
        let rotated = match fs::rename(&path, path.with_extension("log.1")) {
            Err(reason) if reason.kind() != io::ErrorKind::NotFound => Err(reason),
            Ok(()) | Err(_) => Ok(()),
        };
        rotated
            .and_then(|()| {
                OpenOptions::new()
                    .append(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(&path)
            })
            .map_err(PrivatePostgresError::not_writable(path))
    }

    /// The last lines of the log.
    pub(super) fn log_tail(&self) -> String {
        fs::read(self.log_path()).map_or_else(|_| String::new(), |log| tail(&String::from_utf8_lossy(&log)))
    }
}

fn init_failure(output: &str, account: &Account) -> PrivatePostgresError {
    if output.contains("could not look up effective user ID") {
        return PrivatePostgresError::UidWithoutPasswdEntry { uid: account.uid() };
    }
    PrivatePostgresError::InitFailed { output: tail(output) }
}

fn tail(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().rev().take(TAIL_LINES).collect();
    lines.reverse();
    lines.join("\n")
}

fn boot_id() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

fn create_directories(path: &Path) -> Result<(), PrivatePostgresError> {
    // As root, the user PostgreSQL runs as must pass, though it need not see what is there.
    let mode = if rustix::process::geteuid().is_root() {
        0o711
    } else {
        0o700
    };
    let named = path
        .ancestors()
        .filter(|ancestor| !ancestor.as_os_str().is_empty());
    let missing: Vec<&Path> = named.take_while(|ancestor| !ancestor.exists()).collect();
    for directory in missing.into_iter().rev() {
        // The mode is set apart from creation, since the umask would take bits away.
        let made = fs::create_dir(directory)
            .and_then(|()| fs::set_permissions(directory, Permissions::from_mode(mode)));
        match made {
            Err(reason) if reason.kind() != io::ErrorKind::AlreadyExists => {
                return Err(PrivatePostgresError::not_writable(directory)(reason));
            }
            Ok(()) | Err(_) => {}
        }
    }
    if path.is_dir() {
        return Ok(());
    }
    Err(PrivatePostgresError::not_writable(path)(
        io::ErrorKind::NotADirectory.into(),
    ))
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), sync_directory)
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
