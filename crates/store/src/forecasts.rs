//! Forecasts of series: what was said, when, from which vintage; and which series are to be forecast anew.
//!
//! A forecast is never overwritten: a newer row stands beside it. Computes nothing.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::metric_values::VALUE_BARRIER;
use crate::observations::wait_for_stamps;
use crate::series::{SeriesFilter, StoredSeries, series_key_parse, series_where};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Date, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::{BodyScope, SeriesId};

/// A forecast, as stored.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredForecast {
    /// Order of recording; 0 before it is stored.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// Number of the series.
    #[diesel(sql_type = BigInt)]
    pub series_id: i64,
    /// First day of the last period with a figure.
    #[diesel(sql_type = Nullable<Date>)]
    pub last_period: Option<NaiveDate>,
    /// How many periods ahead.
    #[diesel(sql_type = Integer)]
    pub horizon: i32,
    /// What the back-test says; `no_forecast` with a reason.
    #[diesel(sql_type = Text)]
    pub verdict: String,
    /// Why there is no forecast.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// Each period ahead.
    #[diesel(sql_type = Jsonb)]
    pub points: serde_json::Value,
    /// The methods.
    #[diesel(sql_type = Array<Text>)]
    pub members: Vec<String>,
    /// Where the intervals come from.
    #[diesel(sql_type = Nullable<Text>)]
    pub interval_method: Option<String>,
    /// Measures of the back-test.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub backtest: Option<serde_json::Value>,
    /// Whether the back-test used figures as known then.
    #[diesel(sql_type = Text)]
    pub vintages: String,
    /// Figures used.
    #[diesel(sql_type = Integer)]
    pub n_observations: i32,
    /// Missing figures that were filled.
    #[diesel(sql_type = Integer)]
    pub n_filled: i32,
    /// SHA-256 of the observation versions.
    #[diesel(sql_type = Binary)]
    pub input_digest: Vec<u8>,
    /// Vintage of the data.
    #[diesel(sql_type = Timestamptz)]
    pub data_as_of: DateTime<Utc>,
    /// When it was recorded; the epoch before it is stored.
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, series_id, last_period, horizon, verdict, reason, points, members, interval_method, backtest, \
     vintages, n_observations, n_filled, input_digest, data_as_of, recorded_at";

/// Marks series to be forecast anew, in the submission's own transaction: `wanted` in any case, `touched` when they
/// were forecast before.
///
/// # Errors
/// When the database refuses.
pub fn forecast_dirty_mark_in_tx(
    tx: &mut Tx<'_>,
    position: i64,
    wanted: &[i64],
    touched: &[i64],
) -> Result<(), StoreError> {
    // In the order of numbers: two submissions that mark the same series must not wait for each other crosswise.
    Statement::new(
        "insert into forecast_dirty (series_id, position) select u.id, ? from unnest(?) u(id) \
         where u.id = any(?) or exists (select from forecast f where f.series_id = u.id) order by u.id \
         on conflict (series_id) do update set position = greatest(forecast_dirty.position, excluded.position)",
        vec![Bind::BigInt(position), Bind::BigInts(touched), Bind::BigInts(wanted)],
    )
    .execute(tx.0)?;
    Ok(())
}

/// A series that is to be forecast anew, and the newest submission that changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct DirtyForecast {
    /// Number of the series.
    #[diesel(sql_type = BigInt)]
    pub series_id: i64,
    /// Position of that submission.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
}

/// The series that waits longest.
///
/// # Errors
/// When the database refuses.
pub fn forecast_dirty_next(reader: &mut Reader) -> Result<Option<DirtyForecast>, StoreError> {
    let statement = Statement::new(
        "select series_id, position from forecast_dirty order by position, series_id limit 1",
        Vec::new(),
    );
    Ok(statement.get_result(&mut reader.0).optional()?)
}

/// Takes a mark away, unless a newer submission renewed it meanwhile.
///
/// # Errors
/// When the database refuses.
pub fn forecast_dirty_clear_in_tx(tx: &mut Tx<'_>, mark: DirtyForecast) -> Result<(), StoreError> {
    Statement::new(
        "delete from forecast_dirty where series_id = ? and position <= ?",
        vec![Bind::BigInt(mark.series_id), Bind::BigInt(mark.position)],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Adds a forecast beside the earlier ones and stamps when it was recorded.
///
/// # Errors
/// When the database refuses.
pub fn forecast_insert_in_tx(tx: &mut Tx<'_>, forecast: &StoredForecast) -> Result<(), StoreError> {
    Statement::new(
        "select pg_advisory_xact_lock_shared(?)",
        vec![Bind::BigInt(VALUE_BARRIER)],
    )
    .execute(tx.0)?;
    let last_period = forecast.last_period.map(|day| day.to_string());
    Statement::new(
        "insert into forecast (series_id, last_period, horizon, verdict, reason, points, members, interval_method, \
         backtest, vintages, n_observations, n_filled, input_digest, data_as_of) \
         values (?, ?::date, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        vec![
            Bind::BigInt(forecast.series_id),
            Bind::MaybeText(last_period.as_deref()),
            Bind::Int(forecast.horizon),
            Bind::Text(&forecast.verdict),
            Bind::MaybeText(forecast.reason.as_deref()),
            Bind::Json(&forecast.points),
            Bind::OwnedTexts(&forecast.members),
            Bind::MaybeText(forecast.interval_method.as_deref()),
            Bind::MaybeJson(forecast.backtest.as_ref()),
            Bind::Text(&forecast.vintages),
            Bind::Int(forecast.n_observations),
            Bind::Int(forecast.n_filled),
            Bind::Bytes(&forecast.input_digest),
            Bind::Instant(forecast.data_as_of),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// What was said of a series last, or by a moment.
///
/// # Errors
/// When the database refuses.
pub fn forecast_find(
    reader: &mut Reader,
    series: SeriesId,
    as_of: Option<DateTime<Utc>>,
) -> Result<Option<StoredForecast>, StoreError> {
    if let Some(moment) = as_of {
        wait_for_stamps(reader, VALUE_BARRIER, moment)?;
    }
    let statement = Statement::new(
        format!(
            "select {COLUMNS} from forecast where series_id = ? and (?::timestamptz is null or recorded_at <= ?) \
             order by id desc limit 1"
        ),
        vec![
            Bind::BigInt(series.0),
            Bind::MaybeInstant(as_of),
            Bind::MaybeInstant(as_of),
        ],
    );
    Ok(statement.get_result(&mut reader.0).optional()?)
}

/// Which forecasts.
#[derive(Clone, Debug, Default)]
pub struct ForecastFilter {
    /// Of which series.
    pub series: SeriesFilter,
    /// Of these verdicts.
    pub verdicts: Vec<String>,
    /// What was said by this moment; the newest when empty.
    pub as_of: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: i64,
}

/// The forecasts of the series that match, one for each, by key.
///
/// # Errors
/// When the database refuses.
pub fn forecast_page(
    reader: &mut Reader,
    scope: &BodyScope,
    filter: &ForecastFilter,
) -> Result<Vec<(StoredSeries, StoredForecast)>, StoreError> {
    #[derive(QueryableByName)]
    struct ForecastRow {
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(embed)]
        forecast: StoredForecast,
    }
    if let Some(moment) = filter.as_of {
        wait_for_stamps(reader, VALUE_BARRIER, moment)?;
    }
    let mut sql =
        String::from("with chosen as materialized (select id as chosen_id, key from series where true");
    let mut binds = Vec::new();
    series_where(&mut sql, &mut binds, scope, &filter.series);
    sql.push_str(&format!(
        " and exists (select from forecast g where g.series_id = series.id)) \
         select c.key, f.* from chosen c cross join lateral (select {COLUMNS} from forecast \
         where series_id = c.chosen_id and (?::timestamptz is null or recorded_at <= ?) order by id desc limit 1) f \
         where true"
    ));
    binds.extend([Bind::MaybeInstant(filter.as_of), Bind::MaybeInstant(filter.as_of)]);
    if !filter.verdicts.is_empty() {
        sql.push_str(" and f.verdict = any(?)");
        binds.push(Bind::OwnedTexts(&filter.verdicts));
    }
    sql.push_str(" order by c.key collate \"C\" limit ?");
    binds.push(Bind::BigInt(filter.limit));
    let rows: Vec<ForecastRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            let series = StoredSeries {
                id: SeriesId(row.forecast.series_id),
                key: series_key_parse(&row.key)?,
            };
            Ok((series, row.forecast))
        })
        .collect()
}
