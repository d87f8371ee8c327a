//! The embedded migrations and their runner.
//!
//! Runs under an advisory lock, so that two servers started together do not migrate together.

use crate::StoreError;
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");
/// Any fixed number; the same in every release.
const MIGRATION_LOCK: i64 = 7_310_114_410_101_001;

/// How the schema of a database stands against this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Nothing to do.
    Current,
    /// So many migrations are to be run.
    Behind(usize),
}

/// A connection with the owner's rights, for migrations and administration.
pub struct Migrator(pub(crate) PgConnection);

impl Migrator {
    /// Connects.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        Ok(Self(PgConnection::establish(url)?))
    }

    /// Whether migrations are to be run.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn state(&mut self) -> Result<SchemaState, StoreError> {
        let pending = self
            .0
            .pending_migrations(MIGRATIONS)
            .map_err(|e| StoreError::Migration(e.to_string()))?;
        Ok(if pending.is_empty() {
            SchemaState::Current
        } else {
            SchemaState::Behind(pending.len())
        })
    }

    /// Runs what is to be run; returns how many.
    ///
    /// # Errors
    /// When a migration fails; it is rolled back.
    pub fn migrate(&mut self) -> Result<usize, StoreError> {
        self.0.batch_execute(&format!(
            "set client_min_messages = warning; select pg_advisory_lock({MIGRATION_LOCK})"
        ))?;
        let ran = self
            .0
            .run_pending_migrations(MIGRATIONS)
            .map(|ran| ran.len())
            .map_err(|e| e.to_string());
        self.0
            .batch_execute(&format!("select pg_advisory_unlock({MIGRATION_LOCK})"))?;
        ran.map_err(StoreError::Migration)
    }

    /// Undoes every migration, newest first; only a database without data survives it sensibly.
    ///
    /// # Errors
    /// When a migration cannot be undone.
    pub fn revert_all(&mut self) -> Result<usize, StoreError> {
        let reverted = self
            .0
            .revert_all_migrations(MIGRATIONS)
            .map_err(|e| StoreError::Migration(e.to_string()))?;
        Ok(reverted.len())
    }

    /// One act with the owner's rights: its log entry and its changes in one transaction.
    ///
    /// # Errors
    /// Whatever the act fails with; nothing is written then.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        entry: &crate::LogEntry<'_>,
        act: impl FnOnce(&mut crate::Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        crate::connections::transaction(&mut self.0, |tx| {
            crate::log_entry_insert_in_tx(tx, entry)?;
            act(tx)
        })
    }
}
