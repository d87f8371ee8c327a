//! Pools of connections: one for reading, one for writing, each with its own role and limits.
//!
//! An analyst's long query must not starve intake, and a reader cannot write even by mistake.

use crate::StoreError;
use crate::log_entries::{LogEntry, log_entry_insert_in_tx};
use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use std::time::Duration;

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Connection string of libpq.
    pub url: String,
    /// Connections for writing.
    pub writers: u32,
    /// Connections for reading.
    pub readers: u32,
    /// Longest statement of a reader, in milliseconds.
    pub reader_statement_ms: u32,
    /// Longest wait of a writer for a lock, in milliseconds.
    pub writer_lock_ms: u32,
}

type Manager = ConnectionManager<PgConnection>;

/// The database as the service sees it.
#[derive(Clone)]
pub struct Store {
    writers: Pool<Manager>,
    readers: Pool<Manager>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// A connection that can only read.
pub struct Reader(pub(crate) PooledConnection<Manager>);

/// An open transaction. Made only by [`Store::write`] and [`Store::submit`].
pub struct Tx<'a>(pub(crate) &'a mut PgConnection);

#[derive(Debug)]
struct Setup(String);

impl CustomizeConnection<PgConnection, diesel::r2d2::Error> for Setup {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
        connection
            .batch_execute(&self.0)
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

/// Takes the role only where the migration could create it and the login is a member.
fn set_role(role: &str) -> String {
    format!(
        "select set_config('role', '{role}', false) from pg_roles \
         where rolname = '{role}' and pg_has_role(current_user, oid, 'member'); "
    )
}

/// Carries the act's own error through diesel's transaction, so that only this crate names diesel.
struct Carried<E>(E);

impl<E: From<StoreError>> From<diesel::result::Error> for Carried<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self(StoreError::from(error).into())
    }
}

pub(crate) fn transaction<T, E: From<StoreError>>(
    connection: &mut PgConnection,
    act: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    connection
        .transaction(|connection| act(&mut Tx(connection)).map_err(Carried))
        .map_err(|Carried(error)| error)
}

impl Tx<'_> {
    /// Waits for locks so long in this transaction, because nobody waits for its answer.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn lock_wait_set(&mut self, seconds: u32) -> Result<(), StoreError> {
        let statement = format!("set local lock_timeout = '{seconds}s'");
        Ok(self.0.batch_execute(&statement)?)
    }
}

impl Store {
    /// Opens both pools.
    ///
    /// # Errors
    /// When the database cannot be reached within ten seconds.
    pub fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        let pool = |size: u32, setup: String| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .test_on_check_out(false)
                .connection_timeout(Duration::from_secs(10))
                .connection_customizer(Box::new(Setup(setup)))
                .build(Manager::new(&options.url))
        };
        let writer_setup = format!(
            "{} set lock_timeout = {}; set idle_in_transaction_session_timeout = '120s'; set timezone = 'UTC'",
            set_role("leleka_app"),
            options.writer_lock_ms
        );
        let reader_setup = format!(
            "{} set default_transaction_read_only = on; set statement_timeout = {}; set timezone = 'UTC'",
            set_role("leleka_reader"),
            options.reader_statement_ms
        );
        Ok(Self {
            writers: pool(options.writers, writer_setup)?,
            readers: pool(options.readers, reader_setup)?,
        })
    }

    /// Takes a connection that can only read.
    ///
    /// # Errors
    /// [`StoreError::Retryable`] when none is free in time.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Ok(Reader(self.readers.get()?))
    }

    /// One act: its log entry and its changes in one transaction. No entry, no change.
    ///
    /// # Errors
    /// Whatever the act fails with; nothing is written then.
    pub fn write<T, E: From<StoreError>>(
        &self,
        entry: &LogEntry<'_>,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.writers.get().map_err(StoreError::from)?;
        transaction(&mut connection, |tx| {
            log_entry_insert_in_tx(tx, entry)?;
            act(tx)
        })
    }

    /// One submission. Its log entry is written by [`crate::submission_insert_in_tx`] in the statement that
    /// ends it, together with the stored answer, so that a small submission takes few round trips.
    ///
    /// # Errors
    /// Whatever the act fails with; nothing is written then.
    pub fn submit<T, E: From<StoreError>>(
        &self,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.writers.get().map_err(StoreError::from)?;
        transaction(&mut connection, act)
    }

    /// Whether the database answers.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.readers
            .get()
            .is_ok_and(|mut connection| connection.batch_execute("select 1").is_ok())
    }
}

impl Reader {
    /// Runs several reads on one snapshot, so that what they say fits together.
    ///
    /// # Errors
    /// Whatever the reads fail with.
    pub fn snapshot<T>(
        &mut self,
        reads: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.0
            .batch_execute("begin isolation level repeatable read read only")?;
        let result = reads(self);
        // A failed statement has ended the transaction already; rolling back is right in either case.
        let ended = self.0.batch_execute("rollback");
        let value = result?;
        ended?;
        Ok(value)
    }
}
