//! Alerts: rows that never change, and their events. Where an alert stands is its newest event.
//!
//! Decides no transition and walks no course; that is `crates/risk` and the acts.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{
    BigInt, Bool, Date, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// An alert as it stands.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredAlert {
    /// Identifier.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Which key of it.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// The same, as an object.
    #[diesel(sql_type = Jsonb)]
    pub dimensions: serde_json::Value,
    /// Frequency of the metric.
    #[diesel(sql_type = Text)]
    pub frequency: String,
    /// First day of the period that opened it.
    #[diesel(sql_type = Date)]
    pub opened_period: NaiveDate,
    /// When it was opened.
    #[diesel(sql_type = Timestamptz)]
    pub opened_at: DateTime<Utc>,
    /// `open`, `acknowledged`, `assessed` or `closed`.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Highest level since it opened.
    #[diesel(sql_type = Text)]
    pub peak: String,
    /// Verdict, once there is one.
    #[diesel(sql_type = Nullable<Text>)]
    pub verdict: Option<String>,
    /// When its newest event was.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
    /// The period with which it was closed, while it is.
    #[diesel(sql_type = Nullable<Date>)]
    pub closed_period: Option<NaiveDate>,
    /// Whether a person closed it.
    #[diesel(sql_type = Bool)]
    pub closed_by_person: bool,
    /// The newest period that a person saw who opened it again.
    #[diesel(sql_type = Nullable<Date>)]
    pub reopened_period: Option<NaiveDate>,
    /// Whether a value since it opened rests on confidential figures.
    #[diesel(sql_type = Bool)]
    pub confidential: bool,
}

/// Something that happened to an alert.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct AlertEvent {
    /// Which alert.
    #[diesel(sql_type = SqlUuid)]
    pub alert_id: Uuid,
    /// Order, from 1; given by the store.
    #[diesel(sql_type = Integer)]
    pub number: i32,
    /// What.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// State after it.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// First day of the period concerned.
    #[diesel(sql_type = Date)]
    pub period: NaiveDate,
    /// Level before.
    #[diesel(sql_type = Nullable<Text>)]
    pub level_from: Option<String>,
    /// Level after.
    #[diesel(sql_type = Nullable<Text>)]
    pub level_to: Option<String>,
    /// Highest level since the alert opened.
    #[diesel(sql_type = Text)]
    pub peak: String,
    /// q-value of the period, where it was needed.
    #[diesel(sql_type = Nullable<Double>)]
    pub q: Option<f64>,
    /// Verdict in force after it.
    #[diesel(sql_type = Nullable<Text>)]
    pub verdict: Option<String>,
    /// The value of the metric it rests on.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub value_id: Option<i64>,
    /// The submission behind it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub cause_submission: Option<Uuid>,
    /// Who; nobody when the engine acted.
    #[diesel(sql_type = Nullable<Text>)]
    pub client_id: Option<String>,
    /// For which body.
    #[diesel(sql_type = Nullable<Text>)]
    pub body: Option<String>,
    /// Why, in words.
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    /// When; given by the store.
    #[diesel(sql_type = Timestamptz)]
    pub occurred_at: DateTime<Utc>,
}

/// A later version of a value inside an alert that has another level than the one before it.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct AlertRevision {
    /// Which alert.
    #[diesel(sql_type = SqlUuid)]
    pub alert_id: Uuid,
    /// State of the alert.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Its highest level.
    #[diesel(sql_type = Text)]
    pub peak: String,
    /// Its verdict.
    #[diesel(sql_type = Nullable<Text>)]
    pub verdict: Option<String>,
    /// The dimensions of its key.
    #[diesel(sql_type = Jsonb)]
    pub dimensions: serde_json::Value,
    /// Frequency of the metric.
    #[diesel(sql_type = Text)]
    pub frequency: String,
    /// Whether either version rests on confidential figures.
    #[diesel(sql_type = Bool)]
    pub confidential: bool,
    /// First day of the period.
    #[diesel(sql_type = Date)]
    pub period: NaiveDate,
    /// The later version.
    #[diesel(sql_type = BigInt)]
    pub value_id: i64,
    /// Level before.
    #[diesel(sql_type = Text)]
    pub level_from: String,
    /// Level after.
    #[diesel(sql_type = Text)]
    pub level_to: String,
    /// Observation versions before.
    #[diesel(sql_type = Jsonb)]
    pub inputs_from: serde_json::Value,
    /// Observation versions after.
    #[diesel(sql_type = Jsonb)]
    pub inputs_to: serde_json::Value,
    /// Vintage before.
    #[diesel(sql_type = Timestamptz)]
    pub vintage_from: DateTime<Utc>,
    /// Vintage after.
    #[diesel(sql_type = Timestamptz)]
    pub vintage_to: DateTime<Utc>,
}

/// Which alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// This one.
    pub id: Option<Uuid>,
    /// Of these metrics; every one when empty.
    pub codes: Vec<String>,
    /// Dimensions that must match, `name` and codes of which one must match.
    pub dimensions: Vec<(String, Vec<String>)>,
    /// In these states; every one when empty.
    pub states: Vec<String>,
    /// With these highest levels; every one when empty.
    pub peaks: Vec<String>,
    /// Something happened to them after this moment.
    pub updated_after: Option<DateTime<Utc>>,
    /// As they stood at this moment.
    pub as_of: Option<DateTime<Utc>>,
    /// Also those that rest on confidential figures.
    pub with_confidential: bool,
    /// Keyset: after the one opened then, newest first.
    pub after: Option<(DateTime<Utc>, Uuid)>,
    /// At most so many.
    pub limit: i64,
}

fn standing(as_of: Option<DateTime<Utc>>) -> (String, Vec<Bind<'static>>) {
    let then = if as_of.is_some() {
        " and occurred_at <= ?"
    } else {
        ""
    };
    let binds = as_of.into_iter().flat_map(|at| [at, at]).map(Bind::Instant);
    let sql = format!(
        "select * from (select a.*, e.state, e.peak, e.verdict, e.occurred_at as updated_at, c.period as closed_period, \
         c.client_id is not null as closed_by_person, r.period as reopened_period, \
         exists (select from metric_value v where v.code = a.code and v.key = a.key and v.period >= a.opened_period \
         and 'confidential' = any(v.flags)) as confidential from alert a cross join lateral \
         (select * from alert_event where alert_id = a.id{then} order by number desc limit 1) e left join lateral \
         (select period, client_id from alert_event where alert_id = a.id and kind = 'closed'{then} \
         order by number desc limit 1) c on e.state = 'closed' left join lateral \
         (select period from alert_event where alert_id = a.id and kind = 'reopened' and client_id is not null \
         order by number desc limit 1) r on true) s"
    );
    (sql, binds.collect())
}

/// Alerts as they stand, the latest opened first.
///
/// # Errors
/// When the database refuses.
pub fn alert_page(reader: &mut Reader, filter: &AlertFilter) -> Result<Vec<StoredAlert>, StoreError> {
    let (mut sql, mut binds) = standing(filter.as_of);
    sql.push_str(" where true");
    if let Some(id) = filter.id {
        sql.push_str(" and id = ?");
        binds.push(Bind::Uuid(id));
    }
    for (column, words) in [
        ("code", &filter.codes),
        ("state", &filter.states),
        ("peak", &filter.peaks),
    ] {
        if !words.is_empty() {
            sql.push_str(&format!(" and {column} = any(?)"));
            binds.push(Bind::OwnedTexts(words));
        }
    }
    for (name, codes) in &filter.dimensions {
        sql.push_str(" and dimensions ->> ? = any(?)");
        binds.extend([Bind::Text(name), Bind::OwnedTexts(codes)]);
    }
    if let Some(moment) = filter.updated_after {
        sql.push_str(" and updated_at > ?");
        binds.push(Bind::Instant(moment));
    }
    if !filter.with_confidential {
        sql.push_str(" and not confidential");
    }
    if let Some((opened_at, id)) = filter.after {
        sql.push_str(" and (opened_at, id) < (?, ?)");
        binds.extend([Bind::Instant(opened_at), Bind::Uuid(id)]);
    }
    sql.push_str(" order by opened_at desc, id desc limit ?");
    binds.push(Bind::BigInt(filter.limit));
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// The newest alert of each key of a metric.
///
/// # Errors
/// When the database refuses.
pub fn alert_newest_list(reader: &mut Reader, code: &str) -> Result<Vec<StoredAlert>, StoreError> {
    let (sql, mut binds) = standing(None);
    let sql = format!(
        "select distinct on (key) * from ({sql}) n where code = ? order by key, opened_period desc, opened_at desc"
    );
    binds.push(Bind::Text(code));
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// What happened to these alerts, each in its order.
///
/// # Errors
/// When the database refuses.
pub fn alert_event_list(reader: &mut Reader, alert_id: Uuid) -> Result<Vec<AlertEvent>, StoreError> {
    let statement = Statement::new(
        "select * from alert_event where alert_id = ? order by number",
        vec![Bind::Uuid(alert_id)],
    );
    Ok(statement.load(&mut reader.0)?)
}

/// Revisions of levels inside the alerts of a metric that are not told yet, in the order of recording.
///
/// # Errors
/// When the database refuses.
pub fn alert_revision_list(reader: &mut Reader, code: &str) -> Result<Vec<AlertRevision>, StoreError> {
    let statement = Statement::new(
        "select a.id as alert_id, e.state, e.peak, e.verdict, a.dimensions, a.frequency, \
         ('confidential' = any(v.flags || b.flags)) as confidential, v.period, v.id as value_id, b.level as level_from, \
         v.level as level_to, b.inputs as inputs_from, v.inputs as inputs_to, b.data_as_of as vintage_from, \
         v.data_as_of as vintage_to from alert a cross join lateral \
         (select state, peak, verdict from alert_event where alert_id = a.id order by number desc limit 1) e \
         left join lateral (select period from alert_event where alert_id = a.id and kind = 'closed' \
         order by number desc limit 1) c on e.state = 'closed' join metric_value v on v.code = a.code and v.key = a.key \
         and v.period >= a.opened_period and (c.period is null or v.period <= c.period) and v.recorded_at > a.opened_at \
         cross join lateral (select level, inputs, data_as_of, flags from metric_value w where w.code = v.code and w.key = v.key \
         and w.period = v.period and w.id < v.id order by id desc limit 1) b where a.code = ? and b.level <> v.level \
         and not exists (select from alert_event t where t.alert_id = a.id and t.kind = 'revised' and t.value_id = v.id) \
         order by v.id",
        vec![Bind::Text(code)],
    );
    Ok(statement.load(&mut reader.0)?)
}

/// Writes a new alert; its first event follows.
///
/// # Errors
/// When the database refuses.
pub fn alert_insert_in_tx(
    tx: &mut Tx<'_>,
    id: Uuid,
    (code, key): (&str, &str),
    dimensions: &serde_json::Value,
    frequency: &str,
    opened_period: NaiveDate,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into alert (id, code, key, dimensions, frequency, opened_period) values (?, ?, ?, ?, ?, ?)",
        vec![
            Bind::Uuid(id),
            Bind::Text(code),
            Bind::Text(key),
            Bind::Json(dimensions),
            Bind::Text(frequency),
            Bind::Day(opened_period),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// Writes an event after the others of its alert.
///
/// # Errors
/// When the database refuses.
pub fn alert_event_insert_in_tx(tx: &mut Tx<'_>, event: &AlertEvent) -> Result<(), StoreError> {
    let value = serde_json::json!({
        "alert_id": event.alert_id, "kind": event.kind, "state": event.state, "period": event.period,
        "level_from": event.level_from, "level_to": event.level_to, "peak": event.peak, "q": event.q,
        "verdict": event.verdict, "value_id": event.value_id, "cause_submission": event.cause_submission,
        "client_id": event.client_id, "body": event.body, "note": event.note,
    });
    Statement::new(
        "insert into alert_event (alert_id, number, kind, state, period, level_from, level_to, peak, q, verdict, value_id, \
         cause_submission, client_id, body, note) select n.alert_id, coalesce((select max(number) from alert_event e \
         where e.alert_id = n.alert_id), 0) + 1, n.kind, n.state, n.period, n.level_from, n.level_to, n.peak, n.q, \
         n.verdict, n.value_id, n.cause_submission, n.client_id, n.body, n.note \
         from jsonb_populate_record(null::alert_event, ?) n",
        vec![Bind::Json(&value)],
    )
    .execute(tx.0)?;
    Ok(())
}
