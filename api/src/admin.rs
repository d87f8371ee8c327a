//! `leleka-server admin`: catalogue and clients. Works on the database directly, with the owner's rights.

use clap::Subcommand;
use leleka_access::Role;
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{
    CatalogueFiles, ClientRegistration, catalogue_load, client_register, client_state_set, shipped_catalogue,
};
use leleka_server::Database;
use leleka_server::config::Settings;
use leleka_store::{ClientState, Migrator};
use std::path::PathBuf;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What to administer.
#[derive(Subcommand)]
pub(crate) enum Admin {
    /// The catalogue
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Registered clients
    #[command(subcommand)]
    Client(ClientCommand),
}

/// What to do with the catalogue.
#[derive(Subcommand)]
pub(crate) enum CatalogueCommand {
    /// Load the shipped catalogue, or a folder of the same form; says what it added, changed and retired
    Load {
        /// Folder with the catalogue's files
        #[arg(long)]
        from: Option<PathBuf>,
    },
}

/// What to do with clients.
#[derive(Subcommand)]
pub(crate) enum ClientCommand {
    /// Register a client and its public key
    Add {
        /// Client id: lower-case letters, digits, dots, dashes
        #[arg(long)]
        id: String,
        /// Code of the body it speaks for
        #[arg(long)]
        body: String,
        /// Its role, such as agency-submitter, territorial-office, analyst, auditor
        #[arg(long)]
        role: Role,
        /// File with its public key as a JWK (P-256 or Ed25519)
        #[arg(long)]
        public_key: PathBuf,
    },
    /// Stop a client for the time being
    Suspend {
        /// Client id
        #[arg(long)]
        id: String,
    },
    /// Let a suspended client call again
    Activate {
        /// Client id
        #[arg(long)]
        id: String,
    },
    /// Stop a client for good
    Revoke {
        /// Client id
        #[arg(long)]
        id: String,
    },
}

/// Runs a command. Without a database URL the private PostgreSQL is started for as long as it takes.
pub(crate) fn run(settings: &Settings, command: Admin) -> Outcome {
    let database = Database::open(settings)?;
    let done = command_run(&database, command);
    database.close()?;
    done
}

/// Brings the schema to this program's version.
pub(crate) fn migrate(settings: &Settings) -> Outcome {
    let database = Database::open(settings)?;
    let ran = Migrator::connect(&database.url).and_then(|mut migrator| migrator.migrate());
    database.close()?;
    println!("{} migrations were run", ran?);
    Ok(())
}

fn command_run(database: &Database, command: Admin) -> Outcome {
    let mut migrator = Migrator::connect(&database.url)?;
    match command {
        Admin::Catalogue(CatalogueCommand::Load { from }) => {
            let files = from.map_or_else(shipped_catalogue, |folder| CatalogueFiles::from_folder(&folder))?;
            let loaded = catalogue_load(&mut migrator, &IdSource, &files)?;
            println!("catalogue {}", loaded.version);
            println!("{:<16} {:>7} {:>7} {:>7}", "table", "added", "changed", "retired");
            for table in &loaded.tables {
                println!(
                    "{:<16} {:>7} {:>7} {:>7}",
                    table.table, table.added, table.changed, table.retired
                );
            }
            println!("{:<16} {:>7}", "risk metrics", loaded.definitions_published);
            for kept in &loaded.definitions_kept {
                let published = kept
                    .published
                    .map_or_else(|| "none".to_owned(), |it| it.to_string());
                println!(
                    "{} version {} was left out: people have taken this metric in hand (published: {published}). \
                     Propose the shipped definition over the API to use it.",
                    kept.code, kept.shipped
                );
            }
        }
        Admin::Client(ClientCommand::Add {
            id,
            body,
            role,
            public_key,
        }) => {
            let public_jwk = std::fs::read_to_string(&public_key)?;
            let registration = ClientRegistration {
                id: &id,
                body: &body,
                role,
                public_jwk: &public_jwk,
                not_after: None,
            };
            let kid = client_register(&mut migrator, &IdSource, Clock::system().now(), &registration)?;
            println!("client {id} of {body} as {role}, key {kid}");
        }
        Admin::Client(ClientCommand::Suspend { id }) => {
            state_set(&mut migrator, &id, ClientState::Suspended)?
        }
        Admin::Client(ClientCommand::Activate { id }) => state_set(&mut migrator, &id, ClientState::Active)?,
        Admin::Client(ClientCommand::Revoke { id }) => state_set(&mut migrator, &id, ClientState::Revoked)?,
    }
    Ok(())
}

fn state_set(migrator: &mut Migrator, id: &str, state: ClientState) -> Outcome {
    client_state_set(migrator, &IdSource, id, state)?;
    println!("client {id} is {}", state.word());
    Ok(())
}
