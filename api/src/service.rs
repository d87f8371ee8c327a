//! The running service: what its handlers share, and how it starts and stops.
//!
//! Owns the private PostgreSQL when it started one; on every way out that server goes with it.

use crate::config::Settings;
use crate::http::contract::Contract;
use crate::http::{self, CursorKey, Failure, Quotas};
use crate::keys::Keys;
use crate::worker::{Bell, SubmissionJobs, Workers};
use actix_web::dev::ServerHandle;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use leleka_access::{TokenSigner, TokenVerifier};
use leleka_domain::{Clock, Code};
use leleka_exchange::{ActError, Centre, CentreSettings, shipped_catalogue};
use leleka_store::{
    Durability, Migrator, PrivatePostgres, PrivatePostgresError, PrivatePostgresOptions, SchemaState, Store,
    StoreError, StoreOptions,
};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa_actix_web::AppExt;

/// A body larger than this takes one of the few places for bulk submissions.
const BULK_BYTES: u64 = 4 * 1024 * 1024;

/// What handlers share.
pub struct Service {
    pub(crate) centre: Arc<Centre>,
    pub(crate) signer: TokenSigner,
    pub(crate) verifier: TokenVerifier,
    pub(crate) issuer: String,
    pub(crate) cursors: CursorKey,
    pub(crate) contract: Contract,
    pub(crate) recompute: Bell,
    pub(crate) submissions: SubmissionJobs,
    pub(crate) quotas: Arc<Quotas>,
    pub(crate) body_deadline: Duration,
    bulk: Arc<Semaphore>,
}

impl Service {
    /// A place for a large body, so that bulk submissions never take every connection.
    pub(crate) async fn bulk_permit(&self, length: Option<&HeaderValue>) -> Option<OwnedSemaphorePermit> {
        let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length <= BULK_BYTES) {
            return None;
        }
        Arc::clone(&self.bulk).acquire_owned().await.ok()
    }
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The private PostgreSQL did not start.
    #[error(transparent)]
    PrivatePostgres(#[from] PrivatePostgresError),
    /// The database cannot be used.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The database is older than the program.
    #[error("the database is {0} migrations behind this program: run `leleka-server migrate` first")]
    SchemaBehind(usize),
    /// The catalogue or the definitions cannot be read.
    #[error("the catalogue cannot be used: {0}")]
    Catalogue(String),
    /// An act at the start failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The port is taken, or may not be used.
    #[error("cannot listen on {address}: {source}. Choose another address with --listen")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The data directory or a key file cannot be used.
    #[error("{path}: {source}")]
    Files {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key file does not hold a key.
    #[error(
        "{0} does not hold a usable key; restore it from the backup, or remove it to have a new one made"
    )]
    Key(PathBuf),
}

/// The database, ours or the operator's.
pub struct Database {
    /// How to reach it.
    pub url: String,
    private: Option<PrivatePostgres>,
}

impl Database {
    /// Uses `DATABASE_URL`, or starts the private PostgreSQL of the data directory.
    ///
    /// # Errors
    /// [`StartError`], with what to do in its text.
    pub fn open(settings: &Settings) -> Result<Self, StartError> {
        if let Some(url) = &settings.database_url {
            return Ok(Self {
                url: url.expose().to_owned(),
                private: None,
            });
        }
        let options = PrivatePostgresOptions {
            data_dir: settings.data_dir.clone(),
            binaries_dir: settings.pg_bin.clone(),
            durability: if settings.unsafe_test_database {
                Durability::TestOnly
            } else {
                Durability::Durable
            },
        };
        let private = PrivatePostgres::start(&options)?;
        Ok(Self {
            url: private.connection_url("leleka"),
            private: Some(private),
        })
    }

    /// Brings the schema to this program's version, and the catalogue to the shipped one when there is none.
    ///
    /// # Errors
    /// [`StartError`]. A database of the operator's is migrated only by `leleka-server migrate`.
    pub fn prepare(&self) -> Result<(), StartError> {
        let mut migrator = Migrator::connect(&self.url)?;
        match (migrator.state()?, &self.private) {
            (SchemaState::Current, _) => {}
            (SchemaState::Behind(count), None) => return Err(StartError::SchemaBehind(count)),
            (SchemaState::Behind(_), Some(_)) => {
                migrator.migrate()?;
            }
        }
        if self.private.is_some() {
            let files = shipped_catalogue().map_err(|fault| StartError::Catalogue(fault.to_string()))?;
            leleka_exchange::catalogue_load_if_new(&mut migrator, &leleka_domain::IdSource, &files)?;
        }
        Ok(())
    }

    /// Stops the private PostgreSQL, if there is one.
    ///
    /// # Errors
    /// When it does not stop in time.
    pub fn close(self) -> Result<(), StartError> {
        self.private.map_or(Ok(()), |private| Ok(private.stop()?))
    }
}

/// A service that answers.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// `http://` and the address.
    pub base_url: String,
    /// What handlers share.
    pub service: Data<Service>,
    handles: Vec<ServerHandle>,
    servers: Vec<tokio::task::JoinHandle<io::Result<()>>>,
    workers: Workers,
}

/// Starts answering on a prepared database.
///
/// # Errors
/// [`StartError`].
pub async fn serve(settings: &Settings, url: &str, clock: Clock) -> Result<Running, StartError> {
    let keys = Keys::open(&settings.data_dir)?;
    let store = Store::open(&StoreOptions {
        url: url.to_owned(),
        writers: settings.database_writers,
        readers: settings.database_readers,
        reader_statement_ms: 15_000,
        writer_lock_ms: settings.sync_milliseconds,
    })?;
    let spool_dir = settings.data_dir.join("spool");
    crate::keys::folder_make(&spool_dir)?;
    let limits = CentreSettings {
        body_bytes: settings.body_bytes,
        rows: settings.rows,
        sync_bytes: settings.sync_bytes,
        sync_rows: settings.sync_rows,
        job_lease_seconds: settings.job_lease_seconds,
        ..CentreSettings::ordinary(spool_dir)
    };
    let centre = Arc::new(Centre::open(store, clock, limits)?);
    let bound = HttpServerSocket::bind(settings.listen)?;
    let base_url = format!("http://{}", bound.address);
    let issuer = settings.issuer.clone().unwrap_or_else(|| base_url.clone());
    let (workers, recompute, submissions) = Workers::start(&centre, settings.job_workers);
    let service = Data::new(Service {
        verifier: TokenVerifier::new(vec![keys.token.public_key().clone()], &issuer),
        signer: TokenSigner::new(keys.token, issuer.clone()),
        issuer,
        cursors: CursorKey::new(keys.cursor),
        contract: Contract::from_routes(),
        quotas: Quotas::new(settings.quota_requests, settings.quota_bytes),
        recompute,
        submissions,
        body_deadline: Duration::from_secs(settings.body_deadline_seconds),
        bulk: Arc::new(Semaphore::new(centre.settings.bulk_writers)),
        centre,
    });
    let mut servers = vec![api_server(settings, bound.socket, service.clone())];
    if let Some(listen) = settings.operations_listen {
        servers.push(operations_server(
            HttpServerSocket::bind(listen)?.socket,
            service.clone(),
        ));
    }
    let servers: Vec<actix_web::dev::Server> =
        servers
            .into_iter()
            .collect::<io::Result<_>>()
            .map_err(|source| StartError::Listen {
                address: bound.address,
                source,
            })?;
    let handles = servers.iter().map(actix_web::dev::Server::handle).collect();
    let servers = servers.into_iter().map(tokio::spawn).collect();
    Ok(Running {
        address: bound.address,
        base_url,
        service,
        handles,
        servers,
        workers,
    })
}

struct HttpServerSocket {
    socket: std::net::TcpListener,
    address: SocketAddr,
}

impl HttpServerSocket {
    fn bind(address: SocketAddr) -> Result<Self, StartError> {
        let fault = |source| StartError::Listen { address, source };
        let socket = std::net::TcpListener::bind(address).map_err(fault)?;
        socket.set_nonblocking(true).map_err(fault)?;
        let address = socket.local_addr().map_err(fault)?;
        Ok(Self { socket, address })
    }
}

fn api_server(
    settings: &Settings,
    socket: std::net::TcpListener,
    service: Data<Service>,
) -> io::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        App::new()
            .into_utoipa_app()
            .app_data(service.clone())
            .app_data(
                web::PathConfig::default().error_handler(|_, _| Failure::new(Code::ResourceNotFound).into()),
            )
            .app_data(web::PayloadConfig::new(64 * 1024))
            .configure(http::routes)
            .into_app()
            .service(http::docs_page())
            .default_service(web::to(http::not_served))
            .wrap(from_fn(http::outer_layer))
    });
    let server = server
        .workers(settings.http_workers)
        .worker_max_blocking_threads(32)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(30))
        .shutdown_timeout(10)
        .disable_signals()
        .listen(socket)?;
    Ok(server.run())
}

fn operations_server(
    socket: std::net::TcpListener,
    service: Data<Service>,
) -> io::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .service(http::operations::health_live)
            .service(http::operations::health_ready)
    });
    Ok(server.workers(1).disable_signals().listen(socket)?.run())
}

impl Running {
    /// Waits until SIGINT or SIGTERM arrives.
    pub async fn until_told_to_stop(&self) {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }

    /// Lets running requests end, then stops answering.
    pub async fn stop(self) {
        for handle in &self.handles {
            handle.stop(true).await;
        }
        for server in self.servers {
            if let Ok(Err(error)) = server.await {
                tracing::error!("a listener ended with {error}");
            }
        }
        self.workers.stop();
    }
}
