//! One PostgreSQL for the run, a migrated template, and a database of its own for each test.
//!
//! The server goes down with the process, however it ends; its files are in the temporary directory.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use leleka_domain::IdSource;
use leleka_exchange::{catalogue_load, shipped_catalogue};
use leleka_store::{Durability, Migrator, PrivatePostgres, PrivatePostgresOptions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

/// A running PostgreSQL with a template database.
pub struct Cluster {
    postgres: PrivatePostgres,
    making: Mutex<u32>,
    _folder: tempfile::TempDir,
}

/// A database of one test.
pub struct TestDatabase {
    /// How to reach it.
    pub url: String,
}

/// How folders of tests are named; the process follows.
const FOLDER: &str = "leleka-test-";

/// Removes the folders of runs that are over: what lives as long as its process cannot tidy up after itself.
fn folders_sweep() {
    let folders = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten();
    for folder in folders.filter_map(Result::ok) {
        let name = folder.file_name().to_string_lossy().into_owned();
        let process = name
            .strip_prefix(FOLDER)
            .and_then(|rest| rest.split_once('-'))
            .and_then(|(process, _)| process.parse::<u32>().ok());
        let over = process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists());
        if over && Path::new("/proc/self").exists() {
            // Another run may sweep at the same time.
            let _removed = std::fs::remove_dir_all(folder.path());
        }
    }
}

/// A folder that PostgreSQL's own user can pass through.
#[must_use]
pub fn open_folder() -> tempfile::TempDir {
    let permissions = std::fs::Permissions::from_mode(0o711);
    tempfile::Builder::new()
        .prefix(&format!("{FOLDER}{}-", std::process::id()))
        .permissions(permissions)
        .tempdir()
        .unwrap()
}

impl Cluster {
    /// The cluster of this run; fast and not durable.
    pub fn shared() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(|| {
            folders_sweep();
            let folder = open_folder();
            let postgres = Self::start(folder.path(), Durability::TestOnly);
            let cluster = Self {
                postgres,
                making: Mutex::new(0),
                _folder: folder,
            };
            let mut admin = cluster.admin();
            admin.batch_execute("create database tmpl").unwrap();
            let mut migrator = Migrator::connect(&cluster.postgres.connection_url("tmpl")).unwrap();
            migrator.migrate().unwrap();
            catalogue_load(&mut migrator, &IdSource, &shipped_catalogue().unwrap()).unwrap();
            cluster
        })
    }

    fn start(folder: &Path, durability: Durability) -> PrivatePostgres {
        let binaries_dir = std::env::var_os("LELEKA_PG_BIN").map(Into::into);
        PrivatePostgres::start(&PrivatePostgresOptions {
            data_dir: folder.to_owned(),
            binaries_dir,
            durability,
        })
        .unwrap_or_else(|error| panic!("tests need a PostgreSQL server: {error}"))
    }

    fn admin(&self) -> PgConnection {
        PgConnection::establish(&self.postgres.connection_url("postgres")).unwrap()
    }

    /// A migrated database with the shipped catalogue, empty of data.
    pub fn database(&self) -> TestDatabase {
        self.create("tmpl")
    }

    /// A database without any table.
    pub fn empty_database(&self) -> TestDatabase {
        self.create("template1")
    }

    fn create(&self, template: &str) -> TestDatabase {
        // A template can be copied by one at a time.
        let mut number = self.making.lock().unwrap();
        *number += 1;
        let name = format!("test_{number}");
        self.admin()
            .batch_execute(&format!("create database {name} template {template}"))
            .unwrap();
        TestDatabase {
            url: self.postgres.connection_url(&name),
        }
    }
}

impl TestDatabase {
    /// Runs SQL with the owner's rights and returns the first column of the first row, as text.
    pub fn sql(&self, statement: &str) -> Option<String> {
        use diesel::RunQueryDsl;
        use diesel::sql_types::{Nullable, Text};
        #[derive(diesel::QueryableByName)]
        struct Answer {
            #[diesel(sql_type = Nullable<Text>)]
            answer: Option<String>,
        }
        let mut connection = PgConnection::establish(&self.url).unwrap();
        let wrapped = format!("select ({statement})::text as answer");
        let answers: Vec<Answer> = diesel::sql_query(wrapped).load(&mut connection).unwrap();
        answers.into_iter().next().and_then(|answer| answer.answer)
    }

    /// Runs SQL with the owner's rights; gives the error back.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn execute(&self, statement: &str) -> Result<(), String> {
        let mut connection = PgConnection::establish(&self.url).unwrap();
        connection
            .batch_execute(statement)
            .map_err(|error| error.to_string())
    }

    /// A fingerprint of everything that a refused request must leave as it was.
    pub fn data_fingerprint(&self) -> String {
        let tables = [
            "submission",
            "submission_content",
            "finding",
            "series",
            "observation",
            "idempotency_key",
        ];
        let parts = tables.map(|table| {
            let hash = "md5(coalesce(string_agg(md5(t::text), ',' order by md5(t::text)), ''))";
            self.sql(&format!("select {hash} from {table} t"))
                .unwrap_or_default()
        });
        parts.join("/")
    }
}
