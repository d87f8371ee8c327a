//! Settings: flags, then environment (`LELEKA_*`, `DATABASE_URL`), then one TOML file. Read once, here.
//!
//! Unknown keys of the file are refused; secrets are never printed.

use clap::Args;
use serde::Deserialize;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A text that is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Settings as given on the command line or in the environment.
#[derive(Clone, Debug, Default, Args)]
pub struct SettingsGiven {
    /// TOML file with settings of the same names
    #[arg(long, env = "LELEKA_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// Directory for keys, bodies under way, and the private PostgreSQL
    #[arg(long, env = "LELEKA_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Address and port of the API
    #[arg(long, env = "LELEKA_LISTEN", global = true)]
    pub listen: Option<SocketAddr>,
    /// Address and port of health checks; off when absent
    #[arg(long, env = "LELEKA_OPERATIONS_LISTEN", global = true)]
    pub operations_listen: Option<SocketAddr>,
    /// The public address of this service: issuer of tokens and audience of client assertions
    #[arg(long, env = "LELEKA_ISSUER", global = true)]
    pub issuer: Option<String>,
    /// PostgreSQL to use; without it a private one is started
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// File that holds the database URL
    #[arg(long, env = "DATABASE_URL_FILE", global = true)]
    pub database_url_file: Option<PathBuf>,
    /// Folder of the PostgreSQL server binaries for the private PostgreSQL
    #[arg(long, env = "LELEKA_PG_BIN", global = true)]
    pub pg_bin: Option<PathBuf>,
    /// Largest body of a submission, in bytes
    #[arg(long, env = "LELEKA_BODY_BYTES", global = true)]
    pub body_bytes: Option<u64>,
    /// Most rows of a submission
    #[arg(long, env = "LELEKA_ROWS", global = true)]
    pub rows: Option<u64>,
    /// Seconds within which a body must have arrived
    #[arg(long, env = "LELEKA_BODY_DEADLINE_SECONDS", global = true)]
    pub body_deadline_seconds: Option<u64>,
    /// Requests of one body in a minute
    #[arg(long, env = "LELEKA_QUOTA_REQUESTS", global = true)]
    pub quota_requests: Option<u64>,
    /// Bytes that one body may send in an hour
    #[arg(long, env = "LELEKA_QUOTA_BYTES", global = true)]
    pub quota_bytes: Option<u64>,
    /// Database connections for writing
    #[arg(long, env = "LELEKA_DATABASE_WRITERS", global = true)]
    pub database_writers: Option<u32>,
    /// Database connections for reading
    #[arg(long, env = "LELEKA_DATABASE_READERS", global = true)]
    pub database_readers: Option<u32>,
    /// Threads that answer HTTP requests
    #[arg(long, env = "LELEKA_HTTP_WORKERS", global = true)]
    pub http_workers: Option<usize>,
    /// Threads that read submissions taken before; 0 leaves them to other servers
    #[arg(long, env = "LELEKA_JOB_WORKERS", global = true)]
    pub job_workers: Option<usize>,
    /// Seconds after which a worker that is not heard of has lost its job
    #[arg(long, env = "LELEKA_JOB_LEASE_SECONDS", global = true)]
    pub job_lease_seconds: Option<u32>,
    /// A larger body is answered with 202 and read afterwards
    #[arg(long, env = "LELEKA_SYNC_BYTES", global = true)]
    pub sync_bytes: Option<u64>,
    /// A body of more rows is answered with 202 and read afterwards
    #[arg(long, env = "LELEKA_SYNC_ROWS", global = true)]
    pub sync_rows: Option<u64>,
    /// Milliseconds to wait for another submission before a body is read afterwards
    #[arg(long, env = "LELEKA_SYNC_MILLISECONDS", global = true)]
    pub sync_milliseconds: Option<u32>,
    /// Write the log as JSON lines
    #[arg(long, env = "LELEKA_LOG_JSON", global = true)]
    pub log_json: bool,
}

/// The same names in the TOML file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    data_dir: Option<PathBuf>,
    listen: Option<SocketAddr>,
    operations_listen: Option<SocketAddr>,
    issuer: Option<String>,
    database_url: Option<Secret>,
    database_url_file: Option<PathBuf>,
    pg_bin: Option<PathBuf>,
    body_bytes: Option<u64>,
    rows: Option<u64>,
    body_deadline_seconds: Option<u64>,
    quota_requests: Option<u64>,
    quota_bytes: Option<u64>,
    database_writers: Option<u32>,
    database_readers: Option<u32>,
    http_workers: Option<usize>,
    job_workers: Option<usize>,
    job_lease_seconds: Option<u32>,
    sync_bytes: Option<u64>,
    sync_rows: Option<u64>,
    sync_milliseconds: Option<u32>,
    log_json: Option<bool>,
}

/// Settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Directory for keys, bodies under way, and the private PostgreSQL.
    pub data_dir: PathBuf,
    /// Address of the API.
    pub listen: SocketAddr,
    /// Address of health checks.
    pub operations_listen: Option<SocketAddr>,
    /// Issuer of tokens; the listening address when absent.
    pub issuer: Option<String>,
    /// PostgreSQL of the operator.
    pub database_url: Option<Secret>,
    /// Folder of the PostgreSQL server binaries.
    pub pg_bin: Option<PathBuf>,
    /// Largest body of a submission, in bytes.
    pub body_bytes: u64,
    /// Most rows of a submission.
    pub rows: u64,
    /// Seconds within which a body must have arrived.
    pub body_deadline_seconds: u64,
    /// Requests of one body in a minute.
    pub quota_requests: u64,
    /// Bytes that one body may send in an hour.
    pub quota_bytes: u64,
    /// Database connections for writing.
    pub database_writers: u32,
    /// Database connections for reading.
    pub database_readers: u32,
    /// Threads that answer HTTP requests.
    pub http_workers: usize,
    /// Threads that read submissions taken before; 0 leaves them to other servers.
    pub job_workers: usize,
    /// Seconds after which a worker that is not heard of has lost its job.
    pub job_lease_seconds: u32,
    /// A larger body is answered with 202 and read afterwards.
    pub sync_bytes: u64,
    /// A body of more rows is answered with 202 and read afterwards.
    pub sync_rows: u64,
    /// Milliseconds to wait for another submission before a body is read afterwards.
    pub sync_milliseconds: u32,
    /// Whether the log is JSON.
    pub log_json: bool,
    /// A private PostgreSQL without durability. Never set outside tests; no flag sets it.
    pub unsafe_test_database: bool,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsFault {
    /// A file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The settings file has an unknown key or a wrong value.
    #[error("{path}: {what}")]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

impl Settings {
    /// Puts flags, environment and file together.
    ///
    /// # Errors
    /// When the file cannot be read or has an unknown key.
    pub fn resolve(given: SettingsGiven) -> Result<Self, SettingsFault> {
        let file = match &given.config {
            None => SettingsFile::default(),
            Some(path) => toml::from_str(&text_read(path)?).map_err(|error| SettingsFault::Content {
                path: path.clone(),
                what: error.to_string(),
            })?,
        };
        let url_file = given.database_url_file.or(file.database_url_file);
        let database_url = match (given.database_url, url_file, file.database_url) {
            (Some(url), _, _) => Some(Secret(url)),
            (None, Some(path), _) => Some(Secret(text_read(&path)?.trim().to_owned())),
            (None, None, url) => url,
        };
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self {
            data_dir: given.data_dir.or(file.data_dir).unwrap_or_else(default_data_dir),
            listen: given
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            operations_listen: given.operations_listen.or(file.operations_listen),
            issuer: given
                .issuer
                .or(file.issuer)
                .map(|issuer| issuer.trim_end_matches('/').to_owned()),
            database_url,
            pg_bin: given.pg_bin.or(file.pg_bin),
            body_bytes: given.body_bytes.or(file.body_bytes).unwrap_or(64 * 1024 * 1024),
            rows: given.rows.or(file.rows).unwrap_or(200_000),
            body_deadline_seconds: given
                .body_deadline_seconds
                .or(file.body_deadline_seconds)
                .unwrap_or(60),
            quota_requests: given.quota_requests.or(file.quota_requests).unwrap_or(600),
            quota_bytes: given
                .quota_bytes
                .or(file.quota_bytes)
                .unwrap_or(512 * 1024 * 1024),
            database_writers: given.database_writers.or(file.database_writers).unwrap_or(16),
            database_readers: given.database_readers.or(file.database_readers).unwrap_or(16),
            http_workers: given.http_workers.or(file.http_workers).unwrap_or(cores),
            job_workers: given.job_workers.or(file.job_workers).unwrap_or(2),
            job_lease_seconds: given.job_lease_seconds.or(file.job_lease_seconds).unwrap_or(30),
            sync_bytes: given.sync_bytes.or(file.sync_bytes).unwrap_or(1024 * 1024),
            sync_rows: given.sync_rows.or(file.sync_rows).unwrap_or(5_000),
            sync_milliseconds: given
                .sync_milliseconds
                .or(file.sync_milliseconds)
                .unwrap_or(20_000),
            log_json: given.log_json || file.log_json.unwrap_or(false),
            unsafe_test_database: false,
        })
    }
}

fn text_read(path: &PathBuf) -> Result<String, SettingsFault> {
    std::fs::read_to_string(path).map_err(|source| SettingsFault::File {
        path: path.clone(),
        source,
    })
}

/// `/var/lib/leleka` for root, else below the user's own data.
fn default_data_dir() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/leleka");
    }
    let own = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    own.or(home).unwrap_or_else(|| PathBuf::from(".")).join("leleka")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_unknown_keys_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leleka.toml");
        std::fs::write(&path, "rows = 5\nbody_bytes = 7\n").unwrap();
        let given = SettingsGiven {
            config: Some(path.clone()),
            rows: Some(9),
            ..SettingsGiven::default()
        };
        let settings = Settings::resolve(given.clone()).unwrap();
        assert_eq!((settings.rows, settings.body_bytes), (9, 7));
        std::fs::write(&path, "rowz = 5\n").unwrap();
        assert!(Settings::resolve(given).unwrap_err().to_string().contains("rowz"));
    }

    #[test]
    fn a_database_password_is_never_printed() {
        let given = SettingsGiven {
            database_url: Some("postgresql://u:geheim@h/d".into()),
            ..SettingsGiven::default()
        };
        assert!(!format!("{:?}", Settings::resolve(given).unwrap()).contains("geheim"));
    }
}
