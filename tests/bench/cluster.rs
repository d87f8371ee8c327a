//! A private PostgreSQL with full durability, a migrated template with clients, and PostgreSQL's own programs.
//!
//! The limits are measured with `psql` and `pgbench` of the same server version, over the same socket.

use crate::Outcome;
use leleka_access::{Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{ClientRegistration, catalogue_load, client_register, shipped_catalogue};
use leleka_store::{Durability, Migrator, PrivatePostgres, PrivatePostgresOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A registered client and its key.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) territory: String,
    pub(crate) key: SigningKey,
}

/// The running cluster.
pub(crate) struct Cluster {
    postgres: PrivatePostgres,
    /// Clients of the bodies that submit, and an analyst last.
    pub(crate) clients: Vec<Client>,
    /// Alpha-2 codes of the citizenship list.
    pub(crate) countries: Vec<String>,
    /// KATOTTH codes of the regions.
    pub(crate) regions: Vec<String>,
}

const TEMPLATE: &str = "bench_template";

impl Cluster {
    /// Starts it below a folder and prepares the template.
    pub(crate) fn start(folder: &Path) -> Outcome<Self> {
        let postgres = PrivatePostgres::start(&PrivatePostgresOptions {
            data_dir: folder.join("cluster"),
            binaries_dir: std::env::var_os("LELEKA_PG_BIN").map(PathBuf::from),
            durability: Durability::Durable,
        })?;
        let mut cluster = Self {
            postgres,
            clients: Vec::new(),
            countries: Vec::new(),
            regions: Vec::new(),
        };
        cluster.sql("postgres", &format!("create database {TEMPLATE}"))?;
        let mut migrator = Migrator::connect(&cluster.url(TEMPLATE))?;
        migrator.migrate()?;
        catalogue_load(&mut migrator, &IdSource, &shipped_catalogue()?)?;
        cluster.countries = cluster
            .column("select code from code where list = 'citizenship' and code ~ '^[A-Z]{2}$' order by 1")?;
        cluster.regions =
            cluster.column("select code from code where list = 'territory' and level = 1 order by 1")?;
        let offices = cluster.column(
            "select code || ' ' || territory from body where code like 'DMS_TO_%' and territory is not null \
             and valid_to is null order by 1",
        )?;
        let centre = [("DMS", ""), ("DMS_CENTRE", "")].map(|(body, none)| (body.to_owned(), none.to_owned()));
        let offices = offices.iter().filter_map(|line| line.split_once(' '));
        let offices = offices.map(|(body, territory)| (body.to_owned(), territory.to_owned()));
        for (body, territory) in offices.chain(centre) {
            let client = registered(&mut migrator, body, territory)?;
            cluster.clients.push(client);
        }
        Ok(cluster)
    }

    /// The client of a body.
    pub(crate) fn client(&self, body: &str) -> Outcome<&Client> {
        let found = self.clients.iter().find(|client| client.body == body);
        found.ok_or_else(|| format!("the catalogue has no body {body}").into())
    }

    /// Clients of the territorial offices.
    pub(crate) fn offices(&self) -> Vec<&Client> {
        self.clients
            .iter()
            .filter(|client| !client.territory.is_empty())
            .collect()
    }

    pub(crate) fn url(&self, database: &str) -> String {
        self.postgres.connection_url(database)
    }

    /// A migrated database with catalogue and clients.
    pub(crate) fn database(&self, name: &str) -> Outcome<()> {
        self.sql("postgres", &format!("create database {name} template {TEMPLATE}"))?;
        Ok(())
    }

    pub(crate) fn database_drop(&self, name: &str) -> Outcome<()> {
        self.sql("postgres", &format!("drop database {name} with (force)"))?;
        Ok(())
    }

    /// Writes out what is dirty, so that no measurement pays for the one before it.
    pub(crate) fn checkpoint(&self) -> Outcome<()> {
        self.sql("postgres", "checkpoint")?;
        Ok(())
    }

    /// Runs one command of `psql`, its own ones included; gives its plain output.
    pub(crate) fn sql(&self, database: &str, command: &str) -> Outcome<String> {
        self.run(
            "psql",
            database,
            &["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", command],
        )
    }

    /// Waits until the risk engine of a running server has nothing left to do.
    pub(crate) fn drain(&self, database: &str) -> Outcome<()> {
        while self
            .sql(database, "select exists (select from metric_dirty)")?
            .trim()
            == "t"
        {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        Ok(())
    }

    fn column(&self, query: &str) -> Outcome<Vec<String>> {
        Ok(self.sql(TEMPLATE, query)?.lines().map(str::to_owned).collect())
    }

    /// Runs `pgbench` in a folder of its own.
    pub(crate) fn pgbench(&self, database: &str, arguments: &[&str]) -> Outcome<String> {
        self.run("pgbench", database, arguments)
    }

    fn run(&self, program: &str, database: &str, arguments: &[&str]) -> Outcome<String> {
        let output = Command::new(self.postgres.binaries_dir().join(program))
            .args(arguments)
            .arg(self.url(database))
            .env_remove("PGOPTIONS")
            .output()
            .map_err(|error| format!("{program}: {error}"))?;
        if !output.status.success() {
            return Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    pub(crate) fn stop(self) -> Outcome<()> {
        Ok(self.postgres.stop()?)
    }
}

fn registered(migrator: &mut Migrator, body: String, territory: String) -> Outcome<Client> {
    let key = SigningKey::generate(SignatureAlgorithm::Es256)?;
    let id = format!("bench-{}", body.to_lowercase().replace('_', "-"));
    let jwk = serde_json::json!(key.public_key().jwk()).to_string();
    let role = if body == "DMS_CENTRE" {
        Role::Analyst
    } else {
        Role::AgencySubmitter
    };
    let registration = ClientRegistration {
        id: &id,
        body: &body,
        role,
        public_jwk: &jwk,
        not_after: None,
    };
    client_register(migrator, &IdSource, Clock::system().now(), &registration)?;
    Ok(Client {
        id,
        body,
        territory,
        key,
    })
}
