//! What is dirty of risk metrics, and the observations that feed them. Computes nothing.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::series::series_key_parse;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Bool, Date, Double, Integer, Nullable, SmallInt, Text};
use diesel::{QueryableByName, RunQueryDsl};
use leleka_domain::{RETRACTED, SeriesKey};
use std::sync::Arc;

/// What an accepted submission touched.
#[derive(Clone, Debug, PartialEq, Eq, Hash, QueryableByName)]
pub struct DirtyRange {
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Which key of it, `name=CODE` sorted; `*` is every key.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// Which input changed.
    #[diesel(sql_type = Text)]
    pub input: String,
    /// First changed period, by its first day.
    #[diesel(sql_type = Date)]
    pub period_from: NaiveDate,
    /// Last changed period.
    #[diesel(sql_type = Date)]
    pub period_to: NaiveDate,
}

/// Marks what is to be recomputed, in the submission's own transaction.
///
/// # Errors
/// When the database refuses.
pub fn dirty_insert_in_tx(tx: &mut Tx<'_>, position: i64, ranges: &[DirtyRange]) -> Result<(), StoreError> {
    if ranges.is_empty() {
        return Ok(());
    }
    let text = |of: fn(&DirtyRange) -> &str| -> Vec<&str> { ranges.iter().map(of).collect() };
    let (codes, keys, inputs) = (
        text(|range| &range.code),
        text(|range| &range.key),
        text(|range| &range.input),
    );
    let from: Vec<NaiveDate> = ranges.iter().map(|range| range.period_from).collect();
    let to: Vec<NaiveDate> = ranges.iter().map(|range| range.period_to).collect();
    Statement::new(
        "insert into metric_dirty (code, key, input, period_from, period_to, position) \
         select c, k, i, f, t, ? from unnest(?, ?, ?, ?, ?) u(c, k, i, f, t)",
        vec![
            Bind::BigInt(position),
            Bind::Texts(&codes),
            Bind::Texts(&keys),
            Bind::Texts(&inputs),
            Bind::Days(&from),
            Bind::Days(&to),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Marks everything that feeds an input of a newly published definition, so that its history is computed too.
///
/// # Errors
/// When the database refuses.
pub fn dirty_insert_whole_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    input: &str,
    indicator: &str,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into metric_dirty (code, key, input, period_from, period_to, position) \
         select ?, '*', ?, min(o.period), max(o.period), 0 from observation o join series s on s.id = o.series_id \
         where s.indicator = ? having count(*) > 0",
        vec![Bind::Text(code), Bind::Text(input), Bind::Text(indicator)],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Whether anything is to be recomputed, or alerts have yet to follow what was.
///
/// # Errors
/// When the database refuses.
pub fn dirty_is_waiting(reader: &mut Reader) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Waiting {
        #[diesel(sql_type = Bool)]
        waiting: bool,
    }
    let statement = Statement::new(
        "select exists (select from metric_dirty) or exists (select from alert_due) as waiting",
        Vec::new(),
    );
    let found: Waiting = statement.get_result(&mut reader.0)?;
    Ok(found.waiting)
}

/// Takes everything that is dirty for one metric; rows that another worker holds are left to it.
///
/// # Errors
/// When the database refuses.
pub fn dirty_take_in_tx(tx: &mut Tx<'_>) -> Result<Vec<DirtyRange>, StoreError> {
    // One metric at a time and one worker for each metric: two workers on one metric would each miss what the
    // other has not committed yet. Joined by the code alone: a long backlog is taken in one pass over it.
    let statement = Statement::new(
        "with chosen as materialized (select code from metric_dirty d \
           where pg_try_advisory_xact_lock(hashtextextended(d.code, 2)) order by id limit 1) \
         delete from metric_dirty d using chosen where d.code = chosen.code \
         returning d.code, d.key, d.input, d.period_from, d.period_to",
        Vec::new(),
    );
    Ok(statement.load(tx.0)?)
}

/// Which observations feed an input.
#[derive(Clone, Debug)]
pub struct InputQuery<'a> {
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
    /// The vintage.
    pub as_of: DateTime<Utc>,
}

/// One observation of a vintage with its series.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredInput {
    /// Number of the series.
    pub series_id: i64,
    /// Its key, one for all observations of the series.
    pub key: Arc<SeriesKey>,
    /// First day of the period.
    pub period: NaiveDate,
    /// Ledger position.
    pub position: i64,
    /// Value.
    pub value: Option<f64>,
    /// Status number.
    pub status: i16,
    /// Flags as bits.
    pub flags: i32,
    /// Confidentiality number.
    pub confidentiality: i16,
}

/// Number of the series in the query, from 1, and its observation.
type InputColumns = (
    BigInt,
    Date,
    BigInt,
    Nullable<Double>,
    SmallInt,
    Integer,
    SmallInt,
);

type InputRow = (i64, NaiveDate, i64, Option<f64>, i16, i32, i16);

/// How many observations an input has in a range, counted with their earlier versions and no further than `most`.
///
/// # Errors
/// When the database refuses.
pub fn input_observation_count(
    reader: &mut Reader,
    query: &InputQuery<'_>,
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

/// The observations of an input in a vintage, without what was retracted by then, by series key and period: always the same order.
///
/// `matching` keeps only the series that the definition's filters and the dirty keys want.
///
/// # Errors
/// When the database refuses.
pub fn input_observation_list(
    reader: &mut Reader,
    query: &InputQuery<'_>,
    matching: impl Fn(&SeriesKey) -> bool,
) -> Result<Vec<StoredInput>, StoreError> {
    #[derive(QueryableByName)]
    struct KeyRow {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        key: String,
    }
    let keys: Vec<KeyRow> = Statement::new(
        "select id, key from series where indicator = ? and frequency = ? and (?::text is null or body = ?)",
        vec![
            Bind::Text(query.indicator),
            Bind::Text(query.frequency),
            Bind::MaybeText(query.body),
            Bind::MaybeText(query.body),
        ],
    )
    .load(&mut reader.0)?;
    let mut wanted = Vec::new();
    for row in keys {
        let key = series_key_parse(&row.key)?;
        if matching(&key) {
            wanted.push((row.key, row.id, Arc::new(key)));
        }
    }
    wanted.sort_unstable_by(|left, right| left.0.cmp(&right.0));
    let ids: Vec<i64> = wanted.iter().map(|(_, id, _)| *id).collect();
    let rows: Vec<InputRow> = Statement::new(
        "select u.number, o.period, o.position, o.value, o.status, o.flags, o.confidentiality \
         from unnest(?) with ordinality u(id, number) cross join lateral (select distinct on (v.period) \
         v.period, v.position, v.value, v.status, v.flags, v.confidentiality from observation v \
         join submission w on w.position = v.position where v.series_id = u.id and v.period between ? and ? \
         and w.recorded_at <= ? order by v.period, v.position desc) o where o.status <> ? order by u.number, o.period",
        vec![
            Bind::BigInts(&ids),
            Bind::Day(query.from),
            Bind::Day(query.to),
            Bind::Instant(query.as_of),
            Bind::SmallInt(RETRACTED),
        ],
    )
    .typed::<InputColumns>()
    .load(&mut reader.0)?;
    rows.into_iter()
        .map(
            |(number, period, position, value, status, flags, confidentiality)| {
                let place = usize::try_from(number - 1).ok();
                let series = place.and_then(|place| wanted.get(place));
                let (_, id, key) =
                    series.ok_or_else(|| StoreError::Corrupt(format!("series number {number}")))?;
                Ok(StoredInput {
                    series_id: *id,
                    key: Arc::clone(key),
                    period,
                    position,
                    value,
                    status,
                    flags,
                    confidentiality,
                })
            },
        )
        .collect()
}
