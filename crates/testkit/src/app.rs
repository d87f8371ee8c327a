//! A really started server on a port of its own.

use crate::caller::TestCaller;
use crate::cluster::{Cluster, TestDatabase, open_folder};
use crate::response::Response;
use leleka_access::{Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{ClientRegistration, client_register};
use leleka_server::config::{Settings, SettingsGiven};
use leleka_store::Migrator;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

/// How a test wants its server.
#[derive(Clone, Debug, Default)]
pub struct AppOptions {
    /// Where the clock stands; the system's clock when absent.
    pub now: Option<chrono::DateTime<chrono::Utc>>,
    /// Largest body.
    pub body_bytes: Option<u64>,
    /// Most rows.
    pub rows: Option<u64>,
    /// Seconds within which a body must arrive.
    pub body_deadline_seconds: Option<u64>,
    /// A larger body is read by a job.
    pub sync_bytes: Option<u64>,
    /// A body of more rows is read by a job.
    pub sync_rows: Option<u64>,
    /// A body that waits longer for another is read by a job.
    pub sync_milliseconds: Option<u32>,
    /// Threads that read submissions.
    pub job_workers: Option<usize>,
    /// Seconds of a lease.
    pub job_lease_seconds: Option<u32>,
    /// Requests of one body in a minute; far more than a test makes when absent.
    pub quota_requests: Option<u64>,
    /// Bytes of one body in an hour; far more than a test sends when absent.
    pub quota_bytes: Option<u64>,
}

/// A running server with its database.
pub struct TestApp {
    /// `http://127.0.0.1:PORT`.
    pub base_url: String,
    /// Its database.
    pub database: TestDatabase,
    /// Its clock.
    pub clock: Clock,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// With ordinary limits and the system's clock.
    pub fn start() -> Self {
        Self::with(AppOptions::default())
    }

    /// With the clock standing at a moment.
    pub fn at(moment: &str) -> Self {
        Self::with(AppOptions {
            now: Some(moment.parse().unwrap()),
            ..AppOptions::default()
        })
    }

    /// As wanted.
    pub fn with(options: AppOptions) -> Self {
        leleka_server::crypto_install();
        let (database, folder) = (Cluster::shared().database(), open_folder());
        let clock = options.now.map_or_else(Clock::system, Clock::fixed);
        let given = SettingsGiven {
            data_dir: Some(folder.path().to_owned()),
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            database_url: Some(database.url.clone()),
            body_bytes: options.body_bytes,
            rows: options.rows,
            body_deadline_seconds: options.body_deadline_seconds,
            sync_bytes: options.sync_bytes,
            sync_rows: options.sync_rows,
            sync_milliseconds: options.sync_milliseconds,
            job_workers: options.job_workers,
            job_lease_seconds: options.job_lease_seconds,
            quota_requests: options.quota_requests.or(Some(1_000_000)),
            quota_bytes: options.quota_bytes.or(Some(1 << 50)),
            database_writers: Some(4),
            database_readers: Some(4),
            http_workers: Some(1),
            ..SettingsGiven::default()
        };
        let settings = Settings::resolve(given).unwrap();
        let (url, own_clock) = (database.url.clone(), clock.clone());
        let (started, starting) = mpsc::channel();
        let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let running = leleka_server::serve(&settings, &url, own_clock).await.unwrap();
                started.send(running.base_url.clone()).unwrap();
                // Dropping the sender is the signal.
                let _stopped = stopping.await;
                running.stop().await;
            });
        });
        let base_url = starting.recv().expect("the server did not start");
        Self {
            base_url,
            database,
            clock,
            stop: Some(stop),
            thread: Some(thread),
            _folder: folder,
        }
    }

    /// Registers a client of a body in a role, with a new key.
    pub fn caller(&self, body: &str, role: Role) -> TestCaller {
        let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
        let id = format!(
            "{}-{}",
            body.to_lowercase().replace('_', "-"),
            IdSource.next().simple()
        );
        let jwk = serde_json::json!(key.public_key().jwk()).to_string();
        let registration = ClientRegistration {
            id: &id,
            body,
            role,
            public_jwk: &jwk,
            not_after: None,
        };
        let mut migrator = Migrator::connect(&self.database.url).unwrap();
        client_register(&mut migrator, &IdSource, self.clock.now(), &registration).unwrap();
        TestCaller::new(self.base_url.clone(), id, key, self.clock.clone())
    }

    /// A submitting client of a body.
    pub fn submitter(&self, body: &str) -> TestCaller {
        self.caller(body, Role::AgencySubmitter)
    }

    /// An analyst of the centre.
    pub fn analyst(&self) -> TestCaller {
        self.caller("DMS_CENTRE", Role::Analyst)
    }

    /// A request without any token.
    pub fn anonymous(&self, method: &str, path: &str) -> Response {
        Response::send(&self.base_url, method, path, &[], None)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}
