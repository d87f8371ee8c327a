//! The newest value of every metric and key, in one statement that touches a few rows of each.
//!
//! Keys are found by jumping from one to the next in the primary key, never by reading the whole table.

use crate::StoreError;
use crate::connections::Reader;
use crate::metric_values::{LIGHT, StoredMetricValue, VALUE_BARRIER};
use crate::observations::wait_for_stamps;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Double, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};

/// One cell of the board.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct BoardRow {
    /// The newest value; what is newest where there never was one.
    #[diesel(embed)]
    pub value: StoredMetricValue,
    /// First day of the period before it.
    #[diesel(sql_type = Nullable<Date>)]
    pub previous_period: Option<NaiveDate>,
    /// Value of that period.
    #[diesel(sql_type = Nullable<Double>)]
    pub previous_value: Option<f64>,
    /// Level of that period.
    #[diesel(sql_type = Nullable<Text>)]
    pub previous_level: Option<String>,
    /// Remarks of that period.
    #[diesel(sql_type = Nullable<Array<Text>>)]
    pub previous_flags: Option<Vec<String>>,
    /// First day of the newest period, which has no value when it is not the period shown.
    #[diesel(sql_type = Date)]
    pub newest_period: NaiveDate,
    /// Why that period has no value.
    #[diesel(sql_type = Nullable<Text>)]
    pub newest_reason: Option<String>,
}

/// Which cells.
#[derive(Clone, Debug, Default)]
pub struct BoardQuery {
    /// Of these metrics.
    pub codes: Vec<String>,
    /// Dimensions that must match, `name` and codes of which one must match.
    pub dimensions: Vec<(String, Vec<String>)>,
    /// In this period, by frequency and first day, in place of the newest one.
    pub period: Option<(String, NaiveDate)>,
    /// What was said by this moment.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether that moment was given by the caller: then what was stamped by it is waited for.
    pub settle: bool,
}

/// The cells of the board by metric and key.
///
/// # Errors
/// When the database refuses.
pub fn risk_board_list(reader: &mut Reader, query: &BoardQuery) -> Result<Vec<BoardRow>, StoreError> {
    if let Some(moment) = query.as_of.filter(|_| query.settle) {
        wait_for_stamps(reader, VALUE_BARRIER, moment)?;
    }
    let mut binds = vec![Bind::OwnedTexts(&query.codes)];
    let (mut own, mut narrow) = (String::from("code = c.code and key = c.key"), String::new());
    if query.as_of.is_some() {
        own.push_str(" and recorded_at <= ?");
    }
    if query.period.is_some() {
        narrow.push_str(" and frequency = ? and period = ?");
    }
    // In the order of the places below: the value, what is newest, what was before, what is newest again.
    for narrowed in [true, true, false, true] {
        binds.extend(query.as_of.map(Bind::Instant));
        if let Some((frequency, day)) = query.period.as_ref().filter(|_| narrowed) {
            binds.extend([Bind::Text(frequency), Bind::Day(*day)]);
        }
    }
    // The second branch is read only where no period has a value.
    let mut sql = format!(
        "with recursive cell(code, key) as (select c.code, (select v.key from metric_value v where v.code = c.code \
         order by v.key limit 1) from unnest(?) c(code) union all select c.code, (select v.key from metric_value v \
         where v.code = c.code and v.key > c.key order by v.key limit 1) from cell c where c.key is not null) \
         select b.*, '[]'::jsonb as inputs, p.period as previous_period, p.value as previous_value, \
         p.level as previous_level, p.flags as previous_flags, n.period as newest_period, n.reason as newest_reason \
         from cell c cross join lateral ((select {LIGHT} from (select distinct on (period) {LIGHT} from metric_value \
         where {own}{narrow} order by period desc, id desc) d where value is not null limit 1) union all \
         (select {LIGHT} from metric_value where {own}{narrow} order by period desc, id desc limit 1) limit 1) b \
         left join lateral (select period, value, level, flags from metric_value where {own} and period < b.period \
         order by period desc, id desc limit 1) p on true \
         cross join lateral (select period, reason from metric_value where {own}{narrow} \
         order by period desc, id desc limit 1) n where c.key is not null"
    );
    for (name, codes) in &query.dimensions {
        sql.push_str(" and b.dimensions ->> ? = any(?)");
        binds.extend([Bind::Text(name), Bind::OwnedTexts(codes)]);
    }
    sql.push_str(" order by b.code, b.key");
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}
