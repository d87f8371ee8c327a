//! Tables that were told and publications that are cited: appended, never changed. Judges nothing.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::metric_values::StoredMetricValue;
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Binary, Date, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// A table that was told.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct ToldTable {
    /// Order of telling; 0 before it is stored.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Which version of its definition.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// The period that it is whole for.
    #[diesel(sql_type = Text)]
    pub span: String,
    /// `suppress` or `round`.
    #[diesel(sql_type = Text)]
    pub method: String,
    /// SHA-256 of the true figures and the rules.
    #[diesel(sql_type = Binary)]
    pub figures_sha256: Vec<u8>,
    /// The rules.
    #[diesel(sql_type = Jsonb)]
    pub rules: serde_json::Value,
    /// The true tables; never shown.
    #[diesel(sql_type = Jsonb)]
    pub figures: serde_json::Value,
    /// The cells as told.
    #[diesel(sql_type = Jsonb)]
    pub answer: serde_json::Value,
    /// The newest vintage among its values.
    #[diesel(sql_type = Timestamptz)]
    pub data_as_of: DateTime<Utc>,
    /// When it was told first; the epoch before it is stored.
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
}

const COLUMNS: &str = "number, id, code, version, span, method, figures_sha256, rules, figures, answer, data_as_of, recorded_at";

/// Every table of a metric and span that was told, oldest first. Others wait until this transaction ends: two
/// tables that do not know of each other could be subtracted.
///
/// # Errors
/// When the database refuses.
pub fn told_table_lock_in_tx(tx: &mut Tx<'_>, code: &str, span: &str) -> Result<Vec<ToldTable>, StoreError> {
    Statement::new(
        "select pg_advisory_xact_lock(hashtextextended(?, 5))",
        vec![Bind::OwnedText(format!("{code}/{span}"))],
    )
    .execute(tx.0)?;
    let statement = Statement::new(
        format!("select {COLUMNS} from told_table where code = ? and span = ? order by number"),
        vec![Bind::Text(code), Bind::Text(span)],
    );
    Ok(statement.load(tx.0)?)
}

/// Adds a table and gives it back as stored.
///
/// # Errors
/// When the database refuses.
pub fn told_table_insert_in_tx(tx: &mut Tx<'_>, table: &ToldTable) -> Result<ToldTable, StoreError> {
    let statement = Statement::new(
        format!(
            "insert into told_table (id, code, version, span, method, figures_sha256, rules, figures, answer, \
             data_as_of) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning {COLUMNS}"
        ),
        vec![
            Bind::Uuid(table.id),
            Bind::Text(&table.code),
            Bind::Int(table.version),
            Bind::Text(&table.span),
            Bind::Text(&table.method),
            Bind::Bytes(&table.figures_sha256),
            Bind::Json(&table.rules),
            Bind::Json(&table.figures),
            Bind::Json(&table.answer),
            Bind::Instant(table.data_as_of),
        ],
    );
    Ok(statement.get_result(tx.0)?)
}

/// A pinned answer.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredPublication {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Which metric.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The bytes.
    #[diesel(sql_type = Binary)]
    pub content: Vec<u8>,
    /// SHA-256 of the bytes.
    #[diesel(sql_type = Binary)]
    pub content_sha256: Vec<u8>,
}

/// Pins an answer.
///
/// # Errors
/// When the database refuses.
pub fn publication_insert_in_tx(
    tx: &mut Tx<'_>,
    publication: &StoredPublication,
    client_id: &str,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into publication (id, code, content, content_sha256, client_id) values (?, ?, ?, ?, ?)",
        vec![
            Bind::Uuid(publication.id),
            Bind::Text(&publication.code),
            Bind::Bytes(&publication.content),
            Bind::Bytes(&publication.content_sha256),
            Bind::Text(client_id),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// A pinned answer of a metric.
///
/// # Errors
/// When the database refuses.
pub fn publication_find(
    reader: &mut Reader,
    code: &str,
    id: Uuid,
) -> Result<Option<StoredPublication>, StoreError> {
    let statement = Statement::new(
        "select id, code, content, content_sha256 from publication where code = ? and id = ?",
        vec![Bind::Text(code), Bind::Uuid(id)],
    );
    Ok(statement.get_result(&mut reader.0).optional()?)
}

/// Every current value of a metric between two days, with its inputs, by key and period.
///
/// # Errors
/// When the database refuses.
pub fn metric_value_table(
    reader: &mut Reader,
    code: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<StoredMetricValue>, StoreError> {
    let statement = Statement::new(
        "select distinct on (key collate \"C\", period) * from metric_value \
         where code = ? and period between ? and ? order by key collate \"C\", period, id desc",
        vec![Bind::Text(code), Bind::Day(from), Bind::Day(to)],
    );
    Ok(statement.load(&mut reader.0)?)
}

/// A key and a period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
pub struct KeyPeriod {
    /// Key, `name=CODE` sorted.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// First day of the period.
    #[diesel(sql_type = Date)]
    pub period: NaiveDate,
}

/// Where a metric has a value that rests on confidential observations: now, or ever.
///
/// # Errors
/// When the database refuses.
pub fn metric_confidential_list(
    reader: &mut Reader,
    code: &str,
    ever: bool,
) -> Result<Vec<KeyPeriod>, StoreError> {
    let newest = if ever {
        ""
    } else {
        " and not exists (select from metric_value n where n.code = v.code and n.key = v.key \
         and n.period = v.period and n.id > v.id)"
    };
    let statement = Statement::new(
        format!(
            "select distinct key, period from metric_value v where code = ? and 'confidential' = any(flags){newest} \
             order by key, period"
        ),
        vec![Bind::Text(code)],
    );
    Ok(statement.load(&mut reader.0)?)
}

/// Every key of a metric that has a value.
///
/// # Errors
/// When the database refuses.
pub fn metric_key_list(reader: &mut Reader, code: &str) -> Result<Vec<String>, StoreError> {
    #[derive(QueryableByName)]
    struct KeyRow {
        #[diesel(sql_type = Text)]
        key: String,
    }
    let statement = Statement::new(
        "select distinct key from metric_value where code = ? order by key",
        vec![Bind::Text(code)],
    );
    let rows: Vec<KeyRow> = statement.load(&mut reader.0)?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}
