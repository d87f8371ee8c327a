//! What can go wrong in the store, as far as a caller can act on it.
//!
//! "Not found" is never an error. A broken constraint is told by its name.

use diesel::result::{DatabaseErrorKind, Error};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer in time, went away, or asked to repeat: the same act may be tried again.
    #[error("the database is not available at the moment")]
    Retryable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A constraint refused the write.
    #[error("the constraint {name} refused the write")]
    Constraint {
        /// Name of the constraint.
        name: String,
        /// What the database said.
        #[source]
        source: Error,
    },
    /// Two series keys have one number: the write is refused, nothing is merged.
    #[error("the series {new} has the same number as the stored series {stored}")]
    SeriesCollision {
        /// The key that was to be written.
        new: String,
        /// The key that is stored.
        stored: String,
    },
    /// A stored row does not have the form that the code promises.
    #[error("stored data are not of the promised form: {0}")]
    Corrupt(String),
    /// Anything else; the fault is ours.
    #[error("the database refused the statement")]
    Database(#[source] Error),
    /// The connection cannot be made.
    #[error("cannot connect to the database")]
    Connection(#[from] diesel::ConnectionError),
    /// A migration failed.
    #[error("cannot migrate the database: {0}")]
    Migration(String),
}

impl StoreError {
    /// Whether a lock was not free in time: somebody else works on the same thing.
    #[must_use]
    pub fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Retryable(source) if source.to_string().contains("lock timeout"))
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(
                DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand,
                _,
            ) => Self::Retryable(Box::new(error)),
            Error::DatabaseError(_, info) => {
                let (message, constraint) = (info.message(), info.constraint_name().map(str::to_owned));
                // libpq tells a lost server, a timeout and a deadlock only in words.
                let passing = [
                    "server closed the connection",
                    "terminating connection",
                    "lock timeout",
                    "statement timeout",
                    "deadlock",
                ];
                if let Some(name) = constraint {
                    Self::Constraint { name, source: error }
                } else if passing.iter().any(|words| message.contains(words)) {
                    Self::Retryable(Box::new(error))
                } else {
                    Self::Database(error)
                }
            }
            _ => Self::Database(error),
        }
    }
}

impl From<diesel::r2d2::PoolError> for StoreError {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::Retryable(Box::new(error))
    }
}
