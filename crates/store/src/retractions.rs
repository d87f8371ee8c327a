//! Taking observations back: a version without a number, appended like any other.
//!
//! Nothing is deleted. A version whose status is [`RETRACTED`] says that from its vintage on there is nothing.

use crate::StoreError;
use crate::connections::Tx;
use crate::series::series_key_parse;
use crate::slices::frequencies_and_days;
use crate::statement::{Bind, Statement};
use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Bool, Date, Text};
use diesel::{QueryableByName, RunQueryDsl};
use leleka_domain::{Period, RETRACTED, SeriesId, SeriesKey, SubmissionId};

/// Which current observations are taken back.
#[derive(Clone, Copy, Debug)]
pub struct Retracting<'a> {
    /// Whose.
    pub body: &'a str,
    /// Of these indicators: those of one dataflow.
    pub indicators: &'a [&'a str],
    /// In these periods.
    pub periods: &'a [Period],
    /// Only what the submission at this position brought; otherwise whatever was known before.
    pub brought_by: Option<i64>,
    /// Series that stay, each with its period of the same place.
    pub kept_series: &'a [i64],
    /// Periods of what stays.
    pub kept_periods: &'a [NaiveDate],
    /// Position of the submission that takes them back.
    pub position: i64,
}

/// An observation that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetractedObservation {
    /// Its series.
    pub series: SeriesId,
    /// The key of it.
    pub key: SeriesKey,
    /// First day of the period.
    pub period: NaiveDate,
}

/// Appends a retraction for each of the observations; gives those that there were.
///
/// # Errors
/// When the database refuses.
pub fn observation_retract_in_tx(
    tx: &mut Tx<'_>,
    retracting: &Retracting<'_>,
) -> Result<Vec<RetractedObservation>, StoreError> {
    #[derive(QueryableByName)]
    struct GoneRow {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(sql_type = Date)]
        period: NaiveDate,
    }
    let (frequencies, days) = frequencies_and_days(retracting.periods);
    let gone: Vec<GoneRow> = Statement::new(
        "with slice as materialized (select * from unnest(?, ?) u(frequency, period)), \
         kept as materialized (select * from unnest(?, ?) u(series_id, period)), \
         gone as materialized (select s.id, s.key, u.period from series s join slice u on u.frequency = s.frequency \
         cross join lateral (select v.position, v.status from observation v where v.series_id = s.id \
         and v.period = u.period order by v.position desc limit 1) o where s.body = ? and s.indicator = any(?) \
         and o.status <> ? and o.position < ? and o.position = coalesce(?, o.position) \
         and not exists (select from kept k where k.series_id = s.id and k.period = u.period)), \
         written as (insert into observation (series_id, position, value, period, row_number, flags, status, \
         confidentiality) select id, ?, null, period, 0, 0, ?, 0 from gone) select id, key, period from gone",
        vec![
            Bind::OwnedTexts(&frequencies),
            Bind::Days(&days),
            Bind::BigInts(retracting.kept_series),
            Bind::Days(retracting.kept_periods),
            Bind::Text(retracting.body),
            Bind::Texts(retracting.indicators),
            Bind::SmallInt(RETRACTED),
            Bind::BigInt(retracting.position),
            Bind::MaybeBigInt(retracting.brought_by),
            Bind::BigInt(retracting.position),
            Bind::SmallInt(RETRACTED),
        ],
    )
    .load(tx.0)?;
    gone.into_iter()
        .map(|row| {
            Ok(RetractedObservation {
                series: SeriesId(row.id),
                key: series_key_parse(&row.key)?,
                period: row.period,
            })
        })
        .collect()
}

/// Whether a retraction of this submission was accepted.
///
/// # Errors
/// When the database refuses.
pub fn submission_is_retracted_in_tx(tx: &mut Tx<'_>, id: SubmissionId) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let found: Found = Statement::new(
        "select exists (select from submission where supersedes = ? and kind = 'retraction' \
         and position is not null) as found",
        vec![Bind::Uuid(id.0)],
    )
    .get_result(tx.0)?;
    Ok(found.found)
}
