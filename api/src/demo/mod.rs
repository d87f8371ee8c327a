//! `leleka-server demo`: everything started, labelled demonstration data sent through the real intake.
//!
//! Never mixes with real data, has no credential that is the same elsewhere, and leaves no process behind.

mod calls;
mod clients;
mod deliveries;
mod directory;
mod figures;
mod foreign_sources;
mod guide;
mod places;
mod rows;
mod show;
mod sources;

use crate::config::{Settings, SettingsFault, SettingsGiven};
use crate::service::{Database, StartError, serve};
use directory::Directory;
use leleka_domain::Clock;
use leleka_store::{Migrator, StoreError};
use show::Show;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// Stands in the comment of every submission of the demonstration.
const DEMONSTRATION: &str = "ДЕМОНСТРАЦІЙНІ ДАНІ / demonstration data";

/// Why the demonstration ended early.
#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    /// The settings cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsFault),
    /// Something did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database did not answer.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// There are data that the demonstration did not bring.
    #[error(
        "the database of {folder} holds {submissions} submissions and {clients} clients that this \
         demonstration did not bring; a demonstration never mixes with real data. Choose another folder with --data-dir, and an \
         empty database if DATABASE_URL names one"
    )]
    RealData {
        /// Which folder.
        folder: PathBuf,
        /// How many submissions there are.
        submissions: i64,
        /// How many clients there are.
        clients: usize,
    },
    /// The mark cannot be read.
    #[error("{0} is not the mark of a demonstration; remove the folder to begin anew")]
    Mark(PathBuf),
    /// A client got no token.
    #[error("the client {0} got no access token; see the log above")]
    Token(&'static str),
    /// A call did not come back.
    #[error("{path}: {error}")]
    Call {
        /// Which call.
        path: String,
        /// Why.
        error: String,
    },
    /// A submission was not answered as it should be.
    #[error("{what} was answered with {status}: {answer}")]
    Unexpected {
        /// What was sent.
        what: String,
        /// The status.
        status: u16,
        /// The answer.
        answer: String,
    },
    /// The signals that stop it cannot be listened to.
    #[error("signals cannot be listened to: {0}")]
    Signals(#[source] io::Error),
    /// The thread of the demonstration ended without a word.
    #[error("the demonstration ended without saying why; see the log above")]
    Lost,
}

/// Runs the demonstration until told to stop.
///
/// Without a data directory of its own on the command line or in the environment it uses the folder
/// `leleka-demo` beside the service's.
///
/// # Errors
/// [`DemoFault`], with what to do in its text.
pub fn run(given: SettingsGiven) -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let is_chosen = given.data_dir.is_some();
    let mut settings = Settings::resolve(given)?;
    crate::telemetry::log_start(settings.log_json, "warn");
    if !is_chosen {
        settings.data_dir = settings.data_dir.with_file_name("leleka-demo");
    }
    eprintln!("{DEMONSTRATION}: {}", settings.data_dir.display());
    Directory::new(settings.data_dir.clone()).stale_clear()?;
    actix_web::rt::System::new().block_on(async {
        // Before anything is started, so that whatever is stopped in between goes with us.
        let stop = StopSignals::listen().map_err(DemoFault::Signals)?;
        let database = Database::open(&settings)?;
        let shown = demonstrate(&settings, &database, begun, stop).await;
        database.close()?;
        Ok(shown?)
    })
}

async fn demonstrate(
    settings: &Settings,
    database: &Database,
    begun: Instant,
    stop: StopSignals,
) -> Result<(), DemoFault> {
    let data_dir = absolute(&settings.data_dir);
    let directory = Directory::new(data_dir.clone());
    directory.check(&Migrator::connect(&database.url)?.holdings()?)?;
    crate::keys::folder_make(&data_dir)?;
    let today = Clock::system().now().date_naive();
    let first_day = directory.mark(today)?;
    directory.clear()?;
    Migrator::connect(&database.url)?.migrate()?;
    catalogue_prepare(&database.url)?;
    let clients = clients::clients_register(&data_dir, &database.url)?;
    let running = serve(settings, &database.url, Clock::system()).await?;
    eprintln!("The service answers at {}", running.base_url);
    let show = Show {
        base_url: running.base_url.clone(),
        issuer: settings
            .issuer
            .clone()
            .unwrap_or_else(|| running.base_url.clone()),
        database_url: database.url.clone(),
        directory: directory.clone(),
        clients,
        first_day,
        today,
        begun,
        ending: Arc::default(),
    };
    let shown = show_until_stopped(show, stop).await;
    running.stop().await;
    directory.clear()?;
    shown
}

/// SIGINT and SIGTERM, kept from the moment they are listened to.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn told(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Shows in a thread of its own, since its calls block; ends when told to, or when showing fails.
async fn show_until_stopped(show: Show, stop: StopSignals) -> Result<(), DemoFault> {
    let ending = Arc::clone(&show.ending);
    let (tell, mut told) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("demo".to_owned())
        .spawn(move || {
            // Nobody listens only when the process is ending anyway.
            let _ending = tell.send(show.run());
        });
    if thread.is_err() {
        return Err(DemoFault::Lost);
    }
    tokio::select! {
        () = stop.told() => {}
        shown = &mut told => return shown.unwrap_or(Err(DemoFault::Lost)),
    }
    ending.store(true, Ordering::Relaxed);
    eprintln!("Stopping");
    told.await.unwrap_or(Err(DemoFault::Lost))
}

/// Brings the shipped catalogue in, or finds it there.
fn catalogue_prepare(url: &str) -> Result<(), StartError> {
    let files =
        leleka_exchange::shipped_catalogue().map_err(|fault| StartError::Catalogue(fault.to_string()))?;
    leleka_exchange::catalogue_load(&mut Migrator::connect(url)?, &leleka_domain::IdSource, &files)?;
    Ok(())
}

/// What is pasted into another shell must not depend on the folder it is in.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
