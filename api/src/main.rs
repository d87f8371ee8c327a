//! The binary `leleka-server`: serve, migrate, administer, show, and print the contract.

mod admin;
mod contract_file;
mod health;

use clap::{Parser, Subcommand};
use leleka_domain::Clock;
use leleka_server::config::{Settings, SettingsGiven};
use leleka_server::{Database, serve, telemetry};
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Leleka: data exchange for the monitoring of migration
#[derive(Parser)]
#[command(name = "leleka-server", version, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    settings: SettingsGiven,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests; without a database URL also start and own a private PostgreSQL
    Serve,
    /// Bring the database to the schema of this program
    Migrate,
    /// Start everything, send demonstration data through the real intake, show what to try, keep serving
    Demo,
    /// Administer catalogue and clients
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Write the contract, or check that the committed one is this program's
    Openapi {
        /// Compare with the committed file instead of writing it
        #[arg(long)]
        check: bool,
        /// The committed file
        #[arg(long, default_value = "openapi/leleka-v1.json")]
        file: PathBuf,
    },
    /// Ask a running service whether it is ready; for health checks of containers
    Health {
        /// Address of the operations listener
        #[arg(long, default_value = "http://127.0.0.1:9090")]
        url: String,
    },
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    leleka_server::crypto_install();
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Openapi { check, file } => contract_file::run(check, &file),
        Command::Health { url } => health::run(&url),
        Command::Serve => {
            settings(arguments.settings, "info,actix_server=warn").and_then(|settings| serve_run(&settings))
        }
        Command::Migrate => settings(arguments.settings, "info,actix_server=warn")
            .and_then(|settings| admin::migrate(&settings)),
        Command::Admin(command) => {
            settings(arguments.settings, "warn").and_then(|settings| admin::run(&settings, command))
        }
        Command::Demo => leleka_server::demo::run(arguments.settings),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("leleka-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn settings(given: SettingsGiven, default_log: &str) -> Result<Settings, Box<dyn std::error::Error>> {
    let settings = Settings::resolve(given)?;
    telemetry::log_start(settings.log_json, default_log);
    Ok(settings)
}

fn serve_run(settings: &Settings) -> Outcome {
    let database = Database::open(settings)?;
    let served = database.prepare().map_err(Into::into).and_then(|()| {
        actix_web::rt::System::new().block_on(async {
            let running = serve(settings, &database.url, Clock::system()).await?;
            eprintln!("Leleka answers at {}", running.base_url);
            running.until_told_to_stop().await;
            running.stop().await;
            Outcome::Ok(())
        })
    });
    database.close()?;
    served
}
