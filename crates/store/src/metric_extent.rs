//! How much there is for an input of a definition, counted before anything is loaded. Reads no value.

use crate::StoreError;
use crate::connections::Reader;
use crate::statement::{Bind, Statement};
use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Date, Nullable};
use diesel::{QueryableByName, RunQueryDsl};

/// Which observations feed an input.
#[derive(Clone, Debug)]
pub struct ExtentQuery<'a> {
    /// Indicator.
    pub indicator: &'a str,
    /// Source body, when the definition names one.
    pub body: Option<&'a str>,
    /// Frequency, as stored on the series.
    pub frequency: &'a str,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period.
    pub to: NaiveDate,
}

/// How many observations an input has in a range, counted with their earlier versions and no further than `most`.
///
/// # Errors
/// When the database refuses.
pub fn input_observation_count(
    reader: &mut Reader,
    query: &ExtentQuery<'_>,
    most: i64,
) -> Result<i64, StoreError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let counted: Counted = Statement::new(
        "select count(*) as rows from (select from series s join observation o on o.series_id = s.id \
         where s.indicator = ? and s.frequency = ? and (?::text is null or s.body = ?) \
         and o.period between ? and ? limit ?) found",
        vec![
            Bind::Text(query.indicator),
            Bind::Text(query.frequency),
            Bind::MaybeText(query.body),
            Bind::MaybeText(query.body),
            Bind::Day(query.from),
            Bind::Day(query.to),
            Bind::BigInt(most),
        ],
    )
    .get_result(&mut reader.0)?;
    Ok(counted.rows)
}

/// The newest period in which an input has an observation, by its first day.
///
/// # Errors
/// When the database refuses.
pub fn input_newest_period(
    reader: &mut Reader,
    indicator: &str,
    frequency: &str,
) -> Result<Option<NaiveDate>, StoreError> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = Nullable<Date>)]
        newest: Option<NaiveDate>,
    }
    let newest: Newest = Statement::new(
        "select max(o.period) as newest from series s cross join lateral (select period from observation o \
         where o.series_id = s.id order by period desc limit 1) o where s.indicator = ? and s.frequency = ?",
        vec![Bind::Text(indicator), Bind::Text(frequency)],
    )
    .get_result(&mut reader.0)?;
    Ok(newest.newest)
}
