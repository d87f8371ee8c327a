//! The directory of the unix socket, the only way into the private PostgreSQL.
//!
//! Never readable by another user: the cluster trusts whoever can open the socket. Never inside the data
//! directory: a socket's path may have 107 bytes (unix(7)), and data directories may be deep. Never in
//! XDG_RUNTIME_DIR either: it vanishes when its user logs out, and the service may live on.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::account::Account;
use super::error::PrivatePostgresError;

/// Names tried in one place before it is given up: a stranger may sit on the first, which anyone can compute.
const NAMES_PER_PLACE: u32 = 8;

/// A directory of mode 0700, owned by the user PostgreSQL runs as; removed when dropped, if the server has left it.
#[derive(Debug)]
pub(super) struct SocketDirectory {
    path: PathBuf,
}

impl SocketDirectory {
    /// Makes the directory for a cluster, or takes again the one a killed service left.
    pub(super) fn claim(home: &Path, account: &Account) -> Result<Self, PrivatePostgresError> {
        // Only root may write to /run, which is the better place: no stranger can take the name there.
        let places: &[&str] = if account.is_dropped() {
            &["/run", "/tmp"]
        } else {
            &["/tmp"]
        };
        let digest = Sha256::digest(home.as_os_str().as_bytes());
        let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let mut refusal = io::Error::from(io::ErrorKind::AlreadyExists);
        for place in places {
            for number in 0..NAMES_PER_PLACE {
                let suffix = if number == 0 {
                    String::new()
                } else {
                    format!("-{number}")
                };
                let directory = Path::new(place).join(format!("leleka-{short}{suffix}"));
                match claim_one(&directory, account) {
                    Ok(true) => return Ok(Self { path: directory }),
                    Ok(false) => {}
                    Err(reason) => refusal = reason,
                }
            }
        }
        Err(PrivatePostgresError::SocketDirectory(refusal))
    }

    /// Its path, some 30 bytes long.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketDirectory {
    fn drop(&mut self) {
        // A server that is still stopping keeps its socket there; the next start takes the directory again.
        let _ = fs::remove_dir(&self.path);
    }
}

fn claim_one(directory: &Path, account: &Account) -> io::Result<bool> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => {}
        Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(directory)?;
            let ours = found.uid() == account.uid() || found.uid() == rustix::process::geteuid().as_raw();
            if !(found.is_dir() && ours && found.mode() & 0o077 == 0) {
                return Ok(false);
            }
        }
        Err(reason) => return Err(reason),
    }
    account.own(directory)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_directory_open_to_others_and_a_link_are_not_taken() {
        let root = tempfile::tempdir().unwrap();
        let account = Account::choose(None).unwrap();
        let (open, link, fresh) = (
            root.path().join("open"),
            root.path().join("link"),
            root.path().join("fresh"),
        );
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        symlink(&open, &link).unwrap();
        assert!(!claim_one(&open, &account).unwrap());
        assert!(!claim_one(&link, &account).unwrap());
        assert!(claim_one(&fresh, &account).unwrap());
        assert!(
            claim_one(&fresh, &account).unwrap(),
            "our own directory is taken again"
        );
        assert_eq!(fs::metadata(&fresh).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&fresh).unwrap().uid(), account.uid());
    }
}
