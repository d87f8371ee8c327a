//! How much a database holds: to tell an empty one from a used one, and to show how far a computation is.
//!
//! Counts exactly, so it is for small databases and for the moments before a service starts.

use crate::{Migrator, StoreError};
use diesel::sql_types::{Array, BigInt, Bool, SmallInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use leleka_domain::RETRACTED;

/// What is in a database.
#[derive(Clone, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Holdings {
    /// Ids of registered clients, sorted.
    #[diesel(sql_type = Array<Text>)]
    pub clients: Vec<String>,
    /// Submissions, rejected ones too.
    #[diesel(sql_type = BigInt)]
    pub submissions: i64,
    /// Observations, every version; retractions are none.
    #[diesel(sql_type = BigInt)]
    pub observations: i64,
    /// Recorded values of risk metrics.
    #[diesel(sql_type = BigInt)]
    pub metric_values: i64,
    /// Marks of risk metrics that are still to be recomputed.
    #[diesel(sql_type = BigInt)]
    pub metrics_due: i64,
}

#[derive(QueryableByName)]
struct Made {
    #[diesel(sql_type = Bool)]
    made: bool,
}

impl Migrator {
    /// Counts; all zero in a database that was never migrated.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn holdings(&mut self) -> Result<Holdings, StoreError> {
        let made: Made = sql_query(
            "select bool_and(to_regclass(name) is not null) as made from unnest(array['client', 'submission', \
             'observation', 'metric_value', 'metric_dirty']) t(name)",
        )
        .get_result(&mut self.0)?;
        if !made.made {
            return Ok(Holdings::default());
        }
        let counted = sql_query(
            "select array(select id from client order by id) as clients, \
             (select count(*) from submission) as submissions, \
             (select count(*) from observation where status <> $1) as observations, (select count(*) from metric_value) as metric_values, \
             (select count(*) from metric_dirty) as metrics_due",
        )
        .bind::<SmallInt, _>(RETRACTED);
        Ok(counted.get_result(&mut self.0)?)
    }
}
