//! Levels and p-values of risk metrics over time: what courses of alerts, q-values and evaluations are made from.
//!
//! Reads the light columns only. Computes nothing.

use crate::StoreError;
use crate::connections::Reader;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Date, Double, Integer, Jsonb, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};

/// What was said about one key and period.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredLevel {
    /// Which value.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// Which key.
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
    /// Level.
    #[diesel(sql_type = Text)]
    pub level: String,
    /// Why there is none.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// p-value.
    #[diesel(sql_type = Nullable<Double>)]
    pub p: Option<f64>,
    /// Present cells over expected ones.
    #[diesel(sql_type = Double)]
    pub coverage: f64,
    /// Remarks.
    #[diesel(sql_type = Array<Text>)]
    pub flags: Vec<String>,
    /// The level that was said first.
    #[diesel(sql_type = Text)]
    pub first_level: String,
}

/// Which levels.
#[derive(Clone, Debug)]
pub struct LevelQuery<'a> {
    /// Of which metric.
    pub code: &'a str,
    /// Dimensions that must match, `name` and codes of which one must match.
    pub dimensions: &'a [(String, Vec<String>)],
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period at the latest.
    pub to: NaiveDate,
    /// For these keys from an earlier day on, too.
    pub earlier: (&'a [String], NaiveDate),
    /// What was said by this moment.
    pub as_of: Option<DateTime<Utc>>,
}

/// Levels by key and period.
///
/// # Errors
/// When the database refuses.
pub fn metric_level_list(
    reader: &mut Reader,
    query: &LevelQuery<'_>,
) -> Result<Vec<StoredLevel>, StoreError> {
    let mut sql = String::from(
        "select n.id, n.key, n.dimensions, n.frequency, n.period, n.level, n.reason, n.p, n.coverage, n.flags, \
         f.level as first_level from (select distinct on (key, period) * from metric_value where code = ? \
         and period between ? and ? and (period >= ? or key = any(?))",
    );
    let mut binds = vec![
        Bind::Text(query.code),
        Bind::Day(query.from.min(query.earlier.1)),
        Bind::Day(query.to),
        Bind::Day(query.from),
        Bind::OwnedTexts(query.earlier.0),
    ];
    for (name, codes) in query.dimensions {
        sql.push_str(" and dimensions ->> ? = any(?)");
        binds.extend([Bind::Text(name), Bind::OwnedTexts(codes)]);
    }
    if let Some(moment) = query.as_of {
        sql.push_str(" and recorded_at <= ?");
        binds.push(Bind::Instant(moment));
    }
    sql.push_str(
        " order by key, period, id desc) n cross join lateral (select level from metric_value w where w.code = n.code \
         and w.key = n.key and w.period = n.period order by w.id limit 1) f order by n.key, n.period",
    );
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// The p-value of one key and period of one metric.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct FamilyP {
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Which version of its definition.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// Which key.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// Frequency.
    #[diesel(sql_type = Text)]
    pub frequency: String,
    /// First day of the period.
    #[diesel(sql_type = Date)]
    pub period: NaiveDate,
    /// p-value.
    #[diesel(sql_type = Double)]
    pub p: f64,
}

/// Every p-value of these metrics in these periods, by metric, key and period.
///
/// # Errors
/// When the database refuses.
pub fn family_p_list(
    reader: &mut Reader,
    codes: &[String],
    periods: &[NaiveDate],
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<FamilyP>, StoreError> {
    if codes.is_empty() || periods.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = String::from(
        "select code, version, key, frequency, period, p from (select distinct on (code, key, period) code, version, \
         key, frequency, period, p from metric_value where code = any(?) and period = any(?)",
    );
    let mut binds = vec![Bind::OwnedTexts(codes), Bind::Days(periods)];
    if let Some(moment) = as_of {
        sql.push_str(" and recorded_at <= ?");
        binds.push(Bind::Instant(moment));
    }
    sql.push_str(" order by code, key, period, id desc) n where p is not null order by code, key, period");
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// The newest period of a metric, whether it has a value or only a reason.
///
/// # Errors
/// When the database refuses.
pub fn metric_newest_period(reader: &mut Reader, code: &str) -> Result<Option<NaiveDate>, StoreError> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = Nullable<Date>)]
        newest: Option<NaiveDate>,
    }
    let statement = Statement::new(
        "select max(period) as newest from metric_value where code = ?",
        vec![Bind::Text(code)],
    );
    let newest: Newest = statement.get_result(&mut reader.0)?;
    Ok(newest.newest)
}
