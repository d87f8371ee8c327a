//! The PostgreSQL server programs on this machine: where they are and which major version they are.
//!
//! Never downloads anything. When a cluster exists, only its own major version will do, since data files of one
//! major version cannot be read by another (PostgreSQL manual, "Upgrading a PostgreSQL Cluster").

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::PrivatePostgresError;

/// Oldest major version whose features the schema uses.
const OLDEST_MAJOR: u32 = 15;

/// Where packages put a versioned tree: parent directory, beginning of the entry's name, rest of the path.
const VERSIONED_TREES: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A directory with a complete set of server programs.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    directory: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the programs to use: those of the cluster's version, else the newest.
    pub(super) fn find(
        configured: Option<&Path>,
        cluster: Option<(u32, &Path)>,
        account: &Account,
    ) -> Result<Self, PrivatePostgresError> {
        let mut directories = match configured {
            Some(directory) => vec![directory.to_owned()],
            None => installed_directories(env::var_os("PATH").as_deref()),
        };
        directories.dedup();
        let mut found: Vec<Self> = directories
            .iter()
            .filter_map(|directory| Self::at(directory, account))
            .collect();
        found.sort_by_key(|binaries| binaries.major);

        let Some(newest) = found.last().cloned() else {
            let searched = configured.map_or_else(
                || "the usual places and in PATH".to_owned(),
                |directory| directory.display().to_string(),
            );
            return Err(PrivatePostgresError::BinariesNotFound { searched });
        };
        let Some((wanted, path)) = cluster else {
            return if newest.major >= OLDEST_MAJOR {
                Ok(newest)
            } else {
                Err(PrivatePostgresError::BinariesTooOld {
                    found: newest.major,
                    directory: newest.directory,
                })
            };
        };
        let versions: Vec<String> = found.iter().map(|binaries| binaries.major.to_string()).collect();
        found
            .into_iter()
            .find(|binaries| binaries.major == wanted)
            .ok_or_else(|| PrivatePostgresError::VersionMismatch {
                cluster: wanted,
                found: versions.join(", "),
                path: path.to_owned(),
            })
    }

    fn at(directory: &Path, account: &Account) -> Option<Self> {
        let binaries = Self {
            directory: directory.to_owned(),
            major: 0,
        };
        let complete = ["initdb", "pg_ctl"]
            .iter()
            .all(|name| binaries.program(name).is_file());
        if !complete {
            return None;
        }
        // Asked as the user that will run it: programs below a closed directory are of no use to it.
        let answer = account
            .command(&binaries.program("postgres"))
            .arg("--version")
            .output()
            .ok()?;
        let major = major_of(&String::from_utf8_lossy(&answer.stdout))?;
        Some(Self { major, ..binaries })
    }

    /// Directory of the programs.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Major version, such as 15.
    pub(super) fn major(&self) -> u32 {
        self.major
    }

    /// Full path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Whether PostgreSQL was built with lz4 and takes it for its write-ahead log.
    pub(super) fn knows_lz4(&self, data: &Path, account: &Account) -> bool {
        let mut question = account.command(&self.program("postgres"));
        question
            .arg("-D")
            .arg(data)
            .args(["-c", "wal_compression=lz4", "-C", "wal_compression"]);
        question.output().is_ok_and(|answer| answer.status.success())
    }
}

fn installed_directories(path: Option<&std::ffi::OsStr>) -> Vec<PathBuf> {
    let mut directories = Vec::new();
    for (parent, beginning, rest) in VERSIONED_TREES {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let versioned = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(beginning));
        directories.extend(versioned.map(|entry| entry.path().join(rest)));
    }
    // A name in PATH may be a link into a versioned tree, and the programs find their files by where they lie.
    let in_path = path.map(env::split_paths).into_iter().flatten();
    directories.extend(
        in_path
            .filter_map(|directory| directory.join("postgres").canonicalize().ok())
            .filter_map(|program| program.parent().map(Path::to_owned)),
    );
    directories.sort();
    directories
}

fn major_of(version_line: &str) -> Option<u32> {
    let (_, version) = version_line.split_once("(PostgreSQL) ")?;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_releases_and_previews() {
        assert_eq!(
            major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_of("postgres (PostgreSQL) 19devel\n"), Some(19));
        assert_eq!(major_of("postgres (PostgreSQL) \n"), None);
        assert_eq!(major_of("command not found"), None);
    }

    #[test]
    fn a_link_in_path_leads_to_the_programs_themselves() {
        let root = tempfile::tempdir().unwrap();
        let (real, linked) = (root.path().join("real"), root.path().join("linked"));
        fs::create_dir_all(&real).unwrap();
        fs::create_dir_all(&linked).unwrap();
        fs::write(real.join("postgres"), "").unwrap();
        std::os::unix::fs::symlink(real.join("postgres"), linked.join("postgres")).unwrap();
        let found = installed_directories(Some(linked.as_os_str()));
        assert!(found.contains(&real.canonicalize().unwrap()), "{found:?}");
    }
}
