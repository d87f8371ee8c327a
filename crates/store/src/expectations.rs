//! What agreements expect of bodies with a territory of their own, each version with the moment from which it was
//! known, so that a vintage holds what was expected then. Decides nothing.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::metric_dirty::DIRTY_BY_AGREEMENT;
use crate::observations::STAMP_BARRIER;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};

/// An agreement in force of a body with a territory.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Expectation {
    /// Who supplies.
    #[diesel(sql_type = Text)]
    pub body: String,
    /// What.
    #[diesel(sql_type = Text)]
    pub indicator: String,
    /// For which territory.
    #[diesel(sql_type = Text)]
    pub territory: String,
    /// SDMX frequency letters.
    #[diesel(sql_type = Array<Text>)]
    pub frequencies: Vec<String>,
    /// First day.
    #[diesel(sql_type = Nullable<Date>)]
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    #[diesel(sql_type = Nullable<Date>)]
    pub valid_to: Option<NaiveDate>,
}

/// Writes down which expectations differ from those known so far, and marks the metrics that read their indicators;
/// called at the end of whatever changes agreements or bodies, in its transaction.
///
/// # Errors
/// When the database refuses.
pub fn expectation_keep_in_tx(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Changed {
        #[diesel(sql_type = Text)]
        indicator: String,
    }
    // Stamped under the barrier of submissions: a settled vintage then holds every stamp up to it.
    let changed: Vec<Changed> = Statement::new(
        "with now as (select a.body, a.indicator, b.territory, a.frequencies, \
           greatest(a.valid_from, b.valid_from) as valid_from, least(a.valid_to, b.valid_to) as valid_to, true as in_force \
           from agreement a join body b on b.code = a.body where a.state = 'agreed' and a.retired_in is null \
           and b.territory is not null), \
         known as (select distinct on (body, indicator) body, indicator, territory, frequencies, valid_from, valid_to, \
           in_force from agreement_term order by body, indicator, id desc), \
         gone as (select k.body, k.indicator, k.territory, k.frequencies, k.valid_from, k.valid_to, false from known k \
           where k.in_force and not exists (select from now n where n.body = k.body and n.indicator = k.indicator)), \
         changed as materialized (select * from now except select * from known union all select * from gone), \
         barrier as materialized (select pg_advisory_xact_lock_shared(?) where exists (select from changed)), \
         stored as (insert into agreement_term (body, indicator, territory, frequencies, valid_from, valid_to, \
           in_force, recorded_at) select c.*, clock_timestamp() from barrier cross join changed c returning indicator) \
         select distinct indicator from stored",
        vec![Bind::BigInt(STAMP_BARRIER)],
    )
    .load(tx.0)?;
    if changed.is_empty() {
        return Ok(());
    }
    let indicators: Vec<String> = changed.into_iter().map(|row| row.indicator).collect();
    Statement::new(
        "insert into metric_dirty (code, key, input, period_from, period_to, position) \
         select d.code, '*', i.key, '1900-01-01', '2199-12-31', ? from metric_definition d \
         cross join lateral jsonb_each(d.content -> 'inputs') i where 'published' = (select to_state from \
         metric_definition_event e where e.code = d.code and e.version = d.version order by e.number desc limit 1) \
         and i.value ->> 'indicator' = any(?) and exists (select from series s where s.indicator = any( \
         select j.value ->> 'indicator' from jsonb_each(d.content -> 'inputs') j))",
        vec![Bind::BigInt(DIRTY_BY_AGREEMENT), Bind::OwnedTexts(&indicators)],
    )
    .execute(tx.0)?;
    Ok(())
}

/// What was expected of these indicators in a vintage.
///
/// # Errors
/// When the database refuses.
pub fn expectation_list(
    reader: &mut Reader,
    indicators: &[String],
    as_of: DateTime<Utc>,
) -> Result<Vec<Expectation>, StoreError> {
    let statement = Statement::new(
        "select body, indicator, territory, frequencies, valid_from, valid_to from (select distinct on (body, indicator) * \
         from agreement_term where indicator = any(?) and recorded_at <= ? order by body, indicator, id desc) t \
         where in_force order by body, indicator",
        vec![Bind::OwnedTexts(indicators), Bind::Instant(as_of)],
    );
    Ok(statement.load(&mut reader.0)?)
}
