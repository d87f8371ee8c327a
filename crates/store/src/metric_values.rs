//! Values of risk metrics: what was said, when, and from which observations.
//!
//! A value is never overwritten: a newer row stands beside it. Computes nothing.

use crate::StoreError;
use crate::alert_due::alert_due_insert_in_tx;
use crate::connections::{Reader, Tx};
use crate::observations::wait_for_stamps;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Date, Double, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use std::collections::BTreeSet;
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
    /// Lower bound of what was expected.
    #[diesel(sql_type = Nullable<Double>)]
    pub baseline_lower: Option<f64>,
    /// Upper bound of what was expected.
    #[diesel(sql_type = Nullable<Double>)]
    pub baseline_upper: Option<f64>,
    /// Lower bound of where the value may lie by chance alone.
    #[diesel(sql_type = Nullable<Double>)]
    pub interval_low: Option<f64>,
    /// Upper bound of it.
    #[diesel(sql_type = Nullable<Double>)]
    pub interval_high: Option<f64>,
    /// Nominal coverage of the interval.
    #[diesel(sql_type = Nullable<Double>)]
    pub interval_level: Option<f64>,
    /// Method of the interval.
    #[diesel(sql_type = Nullable<Text>)]
    pub interval_method: Option<String>,
    /// Share of the observations used that are provisional; absent in rows recorded before it was kept.
    #[diesel(sql_type = Nullable<Double>)]
    pub provisional_share: Option<f64>,
    /// How far a composite hangs on its weights, scales and form.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub sensitivity: Option<serde_json::Value>,
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

pub(crate) const LIGHT: &str = "id, code, version, key, dimensions, frequency, period, value, unit, baseline, baseline_upper, \
     method, p, score, level, reason, flags, n_inputs, coverage, n_baseline, data_as_of, recorded_at, input_digest, \
     baseline_lower, interval_low, interval_high, interval_level, interval_method, provisional_share, sensitivity";

/// Any fixed number: held shared while values are recorded. Another than that of submissions: recording many values
/// takes seconds, and a read of observations must not wait for it.
pub(crate) const VALUE_BARRIER: i64 = 7_310_114_410_101_004;
/// So many values go into one statement.
const BATCH: usize = 500;

/// Adds values beside the earlier ones, stamps when they were recorded, and notes that alerts are to follow them.
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
             input_digest, inputs, baseline_lower, interval_low, interval_high, interval_level, interval_method, \
             provisional_share, sensitivity) select code, version, key, dimensions, frequency, period, value, unit, baseline, \
             baseline_upper, method, p, score, level, reason, flags, n_inputs, coverage, n_baseline, data_as_of, \
             input_digest, inputs, baseline_lower, interval_low, interval_high, interval_level, interval_method, \
             provisional_share, sensitivity from jsonb_populate_recordset(null::metric_value, ?)",
            vec![Bind::Json(&serde_json::Value::Array(rows))],
        )
        .execute(tx.0)?;
    }
    let codes: BTreeSet<&str> = values.iter().map(|value| value.code.as_str()).collect();
    for code in codes {
        alert_due_insert_in_tx(tx, code)?;
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
        "baseline_lower": value.baseline_lower,
        "interval_low": value.interval_low,
        "interval_high": value.interval_high,
        "interval_level": value.interval_level,
        "interval_method": value.interval_method,
        "provisional_share": value.provisional_share,
        "sensitivity": value.sensitivity,
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
    /// Keys and periods of which the caller is not to learn the level; there it counts as unknown.
    pub withheld: (Vec<String>, Vec<NaiveDate>),
    /// What was said by this moment; the newest when empty.
    pub as_of: Option<DateTime<Utc>>,
    /// Every recorded value instead of the current one.
    pub include_history: bool,
    /// Keyset: after this key, period and id.
    pub after: Option<(String, NaiveDate, i64)>,
    /// At most so many.
    pub limit: i64,
}

/// Waits until every value that was stamped up to a moment is committed, so that what was said by then has one answer
/// for ever; to be called before [`metric_value_page`], outside its snapshot.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_wait(reader: &mut Reader, as_of: Option<DateTime<Utc>>) -> Result<(), StoreError> {
    as_of.map_or(Ok(()), |moment| wait_for_stamps(reader, VALUE_BARRIER, moment))
}

/// Values by key, period and order of recording, without their inputs.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_page(
    reader: &mut Reader,
    filter: &MetricValueFilter,
) -> Result<Vec<StoredMetricValue>, StoreError> {
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
        let (keys, periods) = &filter.withheld;
        if keys.is_empty() {
            sql.push_str(" and level = any(?)");
        } else {
            sql.push_str(
                " and case when (key, period) in (select w.key, w.period from unnest(?, ?) w(key, period)) \
                 then 'unknown' else level end = any(?)",
            );
            binds.extend([Bind::OwnedTexts(keys), Bind::Days(periods)]);
        }
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
