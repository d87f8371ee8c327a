//! The user that PostgreSQL runs as, and how its programs are called for that user.
//!
//! Never lets a PostgreSQL program run as root (PostgreSQL refuses it), and never hands our environment on: it
//! may hold secrets, and PG* variables would change what the programs do.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::PrivatePostgresError;

/// POSIX shell, at the same place on every system this runs on.
pub(super) const SHELL: &str = "/bin/sh";

/// Users that may run PostgreSQL when the service is started by root, best first.
const ACCOUNTS_FOR_ROOT: [&str; 2] = ["postgres", "nobody"];

/// User and group id of a process or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ids {
    /// User id.
    pub(super) uid: u32,
    /// Group id.
    pub(super) gid: u32,
}

/// The user that PostgreSQL runs as.
#[derive(Debug, Clone)]
pub(super) struct Account {
    ids: Ids,
    name: String,
    dropped: bool,
}

impl Account {
    /// Picks the user: ourselves, or, for root, the owner of the existing cluster, else `postgres`, else `nobody`.
    pub(super) fn choose(cluster_owner: Option<Ids>) -> Result<Self, PrivatePostgresError> {
        let process = Ids {
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
        };
        // A missing file is an empty one: only root needs an entry here, and initdb speaks up for the others,
        // whose names may come from a directory service.
        let passwd = fs::read("/etc/passwd").unwrap_or_default();
        Self::from_passwd(process, cluster_owner, &String::from_utf8_lossy(&passwd))
    }

    fn from_passwd(
        process: Ids,
        cluster_owner: Option<Ids>,
        passwd: &str,
    ) -> Result<Self, PrivatePostgresError> {
        let dropped = process.uid == 0;
        // The cluster's files decide: `postgres` may have come to the machine after a start as `nobody`.
        let cluster_owner = cluster_owner.filter(|owner| owner.uid != 0);
        let ids = match (dropped, cluster_owner) {
            (false, _) => process,
            (true, Some(owner)) => owner,
            (true, None) => ACCOUNTS_FOR_ROOT
                .iter()
                .find_map(|name| passwd_entries(passwd).find(|entry| entry.0 == *name))
                .map(|entry| entry.1)
                .filter(|ids| ids.uid != 0)
                .ok_or(PrivatePostgresError::NoAccountToDropTo)?,
        };
        let name = passwd_entries(passwd)
            .find(|entry| entry.1.uid == ids.uid)
            .map_or_else(|| ids.uid.to_string(), |entry| entry.0.to_owned());
        Ok(Self { ids, name, dropped })
    }

    /// User id that PostgreSQL runs under.
    pub(super) fn uid(&self) -> u32 {
        self.ids.uid
    }

    /// Whether we are root and PostgreSQL runs as somebody else.
    pub(super) fn is_dropped(&self) -> bool {
        self.dropped
    }

    /// Gives a path of ours to the user; nothing to do when PostgreSQL runs as ourselves.
    pub(super) fn own(&self, path: &Path) -> io::Result<()> {
        if self.dropped {
            chown(path, Some(self.ids.uid), Some(self.ids.gid))
        } else {
            Ok(())
        }
    }

    /// A call of a program as this user, with a bare environment, silent on our terminal.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            // initdb's messages are read, and the new cluster takes its time zone from here.
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir("/")
            // Ctrl-C goes to our group; PostgreSQL must hear of it from us, after the last request is answered.
            .process_group(0)
            .stdin(Stdio::null());
        if self.dropped {
            command.gid(self.ids.gid).uid(self.ids.uid);
        }
        command
    }

    /// Refuses a directory that the user cannot enter.
    ///
    /// Asked by doing it, since access lists and containers make the mode bits only half of the truth.
    pub(super) fn check_passable(&self, directory: &Path) -> Result<(), PrivatePostgresError> {
        if !self.dropped {
            return Ok(());
        }
        let mut probe = self.command(Path::new(SHELL));
        match probe.args(["-c", ":"]).current_dir(directory).status() {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.kind() == io::ErrorKind::PermissionDenied => {
                Err(PrivatePostgresError::ParentNotPassable {
                    path: self.first_closed(directory),
                    account: self.name.clone(),
                })
            }
            Err(source) => Err(PrivatePostgresError::launch(SHELL)(source)),
        }
    }

    fn first_closed(&self, directory: &Path) -> PathBuf {
        let closed = directory.ancestors().filter(|ancestor| {
            fs::metadata(ancestor).is_ok_and(|found| {
                let passing = if found.uid() == self.ids.uid {
                    0o100
                } else if found.gid() == self.ids.gid {
                    0o010
                } else {
                    0o001
                };
                found.mode() & passing == 0
            })
        });
        closed.last().unwrap_or(directory).to_owned()
    }
}

fn passwd_entries(passwd: &str) -> impl Iterator<Item = (&str, Ids)> {
    passwd.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some((name, Ids { uid, gid }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0::/root:/bin/sh\nbroken\nnobody:x:65534:65533::/:\n\
                          postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
    const ROOT: Ids = Ids { uid: 0, gid: 0 };

    #[test]
    fn root_becomes_postgres_else_nobody_else_is_refused() {
        let with_both = Account::from_passwd(ROOT, None, PASSWD).unwrap();
        assert_eq!(
            (with_both.ids, with_both.name.as_str()),
            (Ids { uid: 101, gid: 104 }, "postgres")
        );

        let without_postgres = PASSWD.replace("postgres:x", "mail:x");
        let nobody = Account::from_passwd(ROOT, None, &without_postgres).unwrap();
        assert_eq!(
            (nobody.ids, nobody.is_dropped()),
            (
                Ids {
                    uid: 65534,
                    gid: 65533
                },
                true
            )
        );

        let refused = Account::from_passwd(ROOT, None, "root:x:0:0::/root:/bin/sh").unwrap_err();
        assert!(
            matches!(refused, PrivatePostgresError::NoAccountToDropTo),
            "{refused}"
        );
    }

    #[test]
    fn root_serves_an_existing_cluster_as_its_owner() {
        let owner = Ids {
            uid: 65534,
            gid: 65533,
        };
        assert_eq!(
            Account::from_passwd(ROOT, Some(owner), PASSWD).unwrap().ids,
            owner
        );
    }

    #[test]
    fn an_ordinary_user_stays_who_it_is_even_without_an_entry() {
        let ids = Ids { uid: 12345, gid: 7 };
        let account = Account::from_passwd(ids, Some(ROOT), PASSWD).unwrap();
        assert_eq!(
            (account.ids, account.name.as_str(), account.is_dropped()),
            (ids, "12345", false)
        );
    }
}
