//! Deadlines, the calendar of working days and the thresholds of disclosure control: kept in every content that was in force, read as the newest.

use crate::StoreError;
use crate::catalogue::CatalogueLoadReport;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use diesel::sql_types::Jsonb;
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::Schedule;
use serde::Serialize;
use serde::de::DeserializeOwned;

const DEADLINES: &str = "deadlines";
const CALENDAR: &str = "calendar";
const DISCLOSURE: &str = "disclosure";

#[derive(QueryableByName)]
struct Document {
    #[diesel(sql_type = Jsonb)]
    content: serde_json::Value,
}

/// Puts a schedule into force where it differs from the one in force.
///
/// # Errors
/// When the database refuses.
pub(crate) fn schedule_load(tx: &mut Tx<'_>, schedule: &Schedule) -> Result<CatalogueLoadReport, StoreError> {
    let changed = document_load(tx, DEADLINES, &schedule.deadlines.version, &schedule.deadlines)?
        + document_load(tx, CALENDAR, &schedule.calendar.version, &schedule.calendar)?;
    Ok(CatalogueLoadReport {
        table: "schedule_document",
        added: changed,
        changed: 0,
        retired: 0,
    })
}

fn document_load<T: Serialize>(
    tx: &mut Tx<'_>,
    kind: &str,
    version: &str,
    content: &T,
) -> Result<u64, StoreError> {
    let content = serde_json::to_value(content).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let written = Statement::new(
        "insert into schedule_document (kind, number, version, content) select ?, coalesce((select max(number) \
         from schedule_document where kind = ?), 0) + 1, ?, n.content from (select ?::jsonb as content) n \
         where n.content is distinct from (select d.content from schedule_document d where d.kind = ? \
         order by d.number desc limit 1)",
        vec![
            Bind::Text(kind),
            Bind::Text(kind),
            Bind::Text(version),
            Bind::Json(&content),
            Bind::Text(kind),
        ],
    )
    .execute(tx.0)?;
    Ok(written as u64)
}

/// The schedule in force; without any rule before the first load.
///
/// # Errors
/// When the database refuses.
pub fn schedule_read(reader: &mut Reader) -> Result<Schedule, StoreError> {
    Ok(Schedule {
        deadlines: document_read(reader, DEADLINES)?,
        calendar: document_read(reader, CALENDAR)?,
    })
}

/// Puts thresholds of disclosure control into force where they differ from those in force.
///
/// # Errors
/// When the database refuses.
pub fn disclosure_load_in_tx(
    tx: &mut Tx<'_>,
    version: &str,
    content: &serde_json::Value,
) -> Result<bool, StoreError> {
    Ok(document_load(tx, DISCLOSURE, version, content)? > 0)
}

/// The thresholds of disclosure control in force; `None` before the first load.
///
/// # Errors
/// When the database refuses.
pub fn disclosure_read(reader: &mut Reader) -> Result<Option<serde_json::Value>, StoreError> {
    document_read(reader, DISCLOSURE)
}

fn document_read<T: DeserializeOwned + Default>(reader: &mut Reader, kind: &str) -> Result<T, StoreError> {
    let row: Option<Document> = Statement::new(
        "select content from schedule_document where kind = ? order by number desc limit 1",
        vec![Bind::Text(kind)],
    )
    .get_result(&mut reader.0)
    .optional()?;
    match row {
        None => Ok(T::default()),
        Some(row) => serde_json::from_value(row.content)
            .map_err(|error| StoreError::Corrupt(format!("{kind}: {error}"))),
    }
}
