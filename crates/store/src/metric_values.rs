//! Values of risk metrics: what was said, when, and from which observations.
//!
//! A value is never overwritten: a newer row stands beside it. Computes nothing.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::observations::wait_for_stamps;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Date, Double, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use std::fmt::Write as _;

/// A computed value, as stored.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredMetricValue {
    /// Order of recording; 0 before it is stored.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Which version of its definition.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// The dimensions it is computed by, `name=CODE` sorted.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// The same, as an object.
    #[diesel(sql_type = Jsonb)]
    pub dimensions: serde_json::Value,
    /// Frequency.
    #[diesel(sql_type = Text)]
    pub frequency: String,
    /// First day of the period.
    #[diesel(sql_type = Date)]
    pub period: NaiveDate,
    /// Value.
    #[diesel(sql_type = Nullable<Double>)]
    pub value: Option<f64>,
    /// Unit.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// What was expected.
    #[diesel(sql_type = Nullable<Double>)]
    pub baseline: Option<f64>,
    /// Upper bound of what was expected.
    #[diesel(sql_type = Nullable<Double>)]
    pub baseline_upper: Option<f64>,
    /// Detector.
    #[diesel(sql_type = Nullable<Text>)]
    pub method: Option<String>,
    /// p-value.
    #[diesel(sql_type = Nullable<Double>)]
    pub p: Option<f64>,
    /// Score from 0 to 10.
    #[diesel(sql_type = Nullable<Double>)]
    pub score: Option<f64>,
    /// Level.
    #[diesel(sql_type = Text)]
    pub level: String,
    /// Why there is no level.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// Remarks.
    #[diesel(sql_type = Array<Text>)]
    pub flags: Vec<String>,
    /// Observations used.
    #[diesel(sql_type = Integer)]
    pub n_inputs: i32,
    /// Present cells over expected ones.
    #[diesel(sql_type = Double)]
    pub coverage: f64,
    /// Periods in the baseline.
    #[diesel(sql_type = Integer)]
    pub n_baseline: i32,
    /// Vintage of the data.
    #[diesel(sql_type = Timestamptz)]
    pub data_as_of: DateTime<Utc>,
    /// When it was recorded; the epoch before it is stored.
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
    /// SHA-256 of the sorted observation versions.
    #[diesel(sql_type = Binary)]
    pub input_digest: Vec<u8>,
    /// The observation versions.
    #[diesel(sql_type = Jsonb)]
    pub inputs: serde_json::Value,
}

const LIGHT: &str = "id, code, version, key, dimensions, frequency, period, value, unit, baseline, baseline_upper, \
     method, p, score, level, reason, flags, n_inputs, coverage, n_baseline, data_as_of, recorded_at, input_digest";

/// The current values of some keys of a metric between two days, without their inputs.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_current_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    keys: &[String],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<StoredMetricValue>, StoreError> {
    let statement = Statement::new(
        format!(
            "select distinct on (key, period) {LIGHT}, '[]'::jsonb as inputs \
             from metric_value where code = ? and key = any(?) and period between ? and ? \
             order by key, period, id desc"
        ),
        vec![
            Bind::Text(code),
            Bind::OwnedTexts(keys),
            Bind::Day(from),
            Bind::Day(to),
        ],
    );
    Ok(statement.load(tx.0)?)
}

/// The keys for which a metric has a value between two days.
///
/// # Errors
/// When the database refuses.
pub fn metric_key_list_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct KeyRow {
        #[diesel(sql_type = Text)]
        key: String,
    }
    let rows: Vec<KeyRow> = Statement::new(
        "select distinct key from metric_value where code = ? and period between ? and ? order by key",
        vec![Bind::Text(code), Bind::Day(from), Bind::Day(to)],
    )
    .load(tx.0)?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// The newest period for which a metric has a value.
///
/// # Errors
/// When the database refuses.
pub fn metric_newest_period_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<Option<NaiveDate>, StoreError> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = Nullable<Date>)]
        newest: Option<NaiveDate>,
    }
    let newest: Newest = Statement::new(
        "select max(period) as newest from metric_value where code = ?",
        vec![Bind::Text(code)],
    )
    .get_result(tx.0)?;
    Ok(newest.newest)
}

/// Any fixed number: held shared while values are recorded. Another than that of submissions: recording many values
/// takes seconds, and a read of observations must not wait for it.
pub(crate) const VALUE_BARRIER: i64 = 7_310_114_410_101_004;
/// So many values go into one statement.
const BATCH: usize = 500;

/// Adds values beside the earlier ones, and stamps when they were recorded.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_insert_in_tx(tx: &mut Tx<'_>, values: &[StoredMetricValue]) -> Result<(), StoreError> {
    Statement::new(
        "select pg_advisory_xact_lock_shared(?)",
        vec![Bind::BigInt(VALUE_BARRIER)],
    )
    .execute(tx.0)?;
    for values in values.chunks(BATCH) {
        let rows: Vec<serde_json::Value> = values.iter().map(value_json).collect();
        Statement::new(
            "insert into metric_value (code, version, key, dimensions, frequency, period, value, unit, baseline, \
             baseline_upper, method, p, score, level, reason, flags, n_inputs, coverage, n_baseline, data_as_of, \
             input_digest, inputs) select code, version, key, dimensions, frequency, period, value, unit, baseline, \
             baseline_upper, method, p, score, level, reason, flags, n_inputs, coverage, n_baseline, data_as_of, \
             input_digest, inputs from jsonb_populate_recordset(null::metric_value, ?)",
            vec![Bind::Json(&serde_json::Value::Array(rows))],
        )
        .execute(tx.0)?;
    }
    Ok(())
}

fn value_json(value: &StoredMetricValue) -> serde_json::Value {
    let digest = value
        .input_digest
        .iter()
        .fold(String::from("\\x"), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
    serde_json::json!({
        "code": value.code,
        "version": value.version,
        "key": value.key,
        "dimensions": value.dimensions,
        "frequency": value.frequency,
        "period": value.period,
        "value": value.value,
        "unit": value.unit,
        "baseline": value.baseline,
        "baseline_upper": value.baseline_upper,
        "method": value.method,
        "p": value.p,
        "score": value.score,
        "level": value.level,
        "reason": value.reason,
        "flags": value.flags,
        "n_inputs": value.n_inputs,
        "coverage": value.coverage,
        "n_baseline": value.n_baseline,
        "data_as_of": value.data_as_of,
        "input_digest": digest,
        "inputs": value.inputs,
    })
}

/// Which values of a metric.
#[derive(Clone, Debug)]
pub struct MetricValueFilter {
    /// Which metric.
    pub code: String,
    /// Dimensions that must match, `name` and codes of which one must match.
    pub dimensions: Vec<(String, Vec<String>)>,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period at the latest.
    pub to: NaiveDate,
    /// At these levels.
    pub levels: Vec<String>,
    /// What was said by this moment; the newest when empty.
    pub as_of: Option<DateTime<Utc>>,
    /// Every recorded value instead of the current one.
    pub include_history: bool,
    /// Keyset: after this key, period and id.
    pub after: Option<(String, NaiveDate, i64)>,
    /// At most so many.
    pub limit: i64,
}

/// Values by key, period and order of recording, without their inputs.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_page(
    reader: &mut Reader,
    filter: &MetricValueFilter,
) -> Result<Vec<StoredMetricValue>, StoreError> {
    if let Some(moment) = filter.as_of {
        wait_for_stamps(reader, VALUE_BARRIER, moment)?;
    }
    let mut inner = String::from("select ");
    if !filter.include_history {
        inner.push_str("distinct on (key collate \"C\", period) ");
    }
    inner.push_str(LIGHT);
    inner.push_str(" from metric_value where code = ? and period between ? and ?");
    let mut binds = vec![
        Bind::Text(&filter.code),
        Bind::Day(filter.from),
        Bind::Day(filter.to),
    ];
    for (name, codes) in &filter.dimensions {
        inner.push_str(" and dimensions ->> ? = any(?)");
        binds.extend([Bind::Text(name), Bind::OwnedTexts(codes)]);
    }
    if let Some(moment) = filter.as_of {
        inner.push_str(" and recorded_at <= ?");
        binds.push(Bind::Instant(moment));
    }
    inner.push_str(" order by key collate \"C\", period, id");
    if !filter.include_history {
        inner.push_str(" desc");
    }
    let mut sql = format!("select *, '[]'::jsonb as inputs from ({inner}) v where true");
    if !filter.levels.is_empty() {
        sql.push_str(" and level = any(?)");
        binds.push(Bind::OwnedTexts(&filter.levels));
    }
    if let Some((key, period, id)) = &filter.after {
        sql.push_str(" and (key collate \"C\", period, id) > (?, ?, ?)");
        binds.extend([Bind::Text(key), Bind::Day(*period), Bind::BigInt(*id)]);
    }
    sql.push_str(" order by key collate \"C\", period, id limit ?");
    binds.push(Bind::BigInt(filter.limit));
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// One value with its inputs: the current one, or what was said by a moment.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_find(
    reader: &mut Reader,
    code: &str,
    key: &str,
    period: NaiveDate,
    as_of: Option<DateTime<Utc>>,
) -> Result<Option<StoredMetricValue>, StoreError> {
    let statement = Statement::new(
        format!(
            "select {LIGHT}, inputs from metric_value where code = ? and key = ? and period = ? \
             and (?::timestamptz is null or recorded_at <= ?) order by id desc limit 1"
        ),
        vec![
            Bind::Text(code),
            Bind::Text(key),
            Bind::Day(period),
            Bind::MaybeInstant(as_of),
            Bind::MaybeInstant(as_of),
        ],
    );
    Ok(statement.get_result(&mut reader.0).optional()?)
}
