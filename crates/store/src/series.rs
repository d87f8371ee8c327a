//! Series: inserting unseen ones, and finding them by their dimensions.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use diesel::sql_types::{BigInt, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::{BodyScope, Frequency, SeriesId, SeriesKey};
use rustc_hash::FxHashMap;

/// A series as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSeries {
    /// Its number.
    pub id: SeriesId,
    /// Its key.
    pub key: SeriesKey,
}

#[derive(QueryableByName)]
struct SeriesRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    key: String,
}

/// Inserts the series that are not there yet; returns the numbers of those that were new.
///
/// # Errors
/// [`StoreError::SeriesCollision`] when a number is taken by another key.
pub fn series_insert_in_tx(
    tx: &mut Tx<'_>,
    series: &[(SeriesId, &SeriesKey)],
) -> Result<Vec<SeriesId>, StoreError> {
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = series.iter().map(|(id, _)| id.0).collect();
    let keys: Vec<String> = series.iter().map(|(_, key)| key.to_string()).collect();
    let frequencies: Vec<String> = series.iter().map(|(_, key)| key.frequency.to_string()).collect();
    let column =
        |of: fn(&SeriesKey) -> &str| -> Vec<&str> { series.iter().map(|(_, key)| of(key)).collect() };
    let (indicators, bodies) = (column(|key| &key.indicator), column(|key| &key.body));
    let (territories, citizenships) = (column(|key| &key.territory), column(|key| &key.citizenship));
    let (sexes, ages, extras) = (
        column(|key| &key.sex),
        column(|key| &key.age),
        column(|key| &key.extra),
    );
    let inserted: Vec<SeriesRow> = Statement::new(
        "insert into series (id, key, indicator, frequency, body, territory, citizenship, sex, age, extra) \
         select * from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing returning id, key",
        vec![
            Bind::BigInts(&ids),
            Bind::OwnedTexts(&keys),
            Bind::Texts(&indicators),
            Bind::OwnedTexts(&frequencies),
            Bind::Texts(&bodies),
            Bind::Texts(&territories),
            Bind::Texts(&citizenships),
            Bind::Texts(&sexes),
            Bind::Texts(&ages),
            Bind::Texts(&extras),
        ],
    )
    .load(tx.0)?;
    if inserted.len() < series.len() {
        series_verify(tx, &ids, &keys)?;
    }
    Ok(inserted.into_iter().map(|row| SeriesId(row.id)).collect())
}

/// Two keys with one number would merge two series: compare what is stored with what was meant.
fn series_verify(tx: &mut Tx<'_>, ids: &[i64], keys: &[String]) -> Result<(), StoreError> {
    let stored: Vec<SeriesRow> = Statement::new(
        "select id, key from series where id = any(?)",
        vec![Bind::BigInts(ids)],
    )
    .load(tx.0)?;
    let stored: FxHashMap<i64, String> = stored.into_iter().map(|row| (row.id, row.key)).collect();
    for (id, key) in ids.iter().zip(keys) {
        match stored.get(id) {
            Some(there) if there == key => {}
            Some(there) => {
                return Err(StoreError::SeriesCollision {
                    new: key.clone(),
                    stored: there.clone(),
                });
            }
            None => return Err(StoreError::Corrupt(format!("series {key} vanished"))),
        }
    }
    Ok(())
}

/// Which series; an empty list does not restrict.
#[derive(Clone, Debug, Default)]
pub struct SeriesFilter {
    /// Indicators.
    pub indicators: Vec<String>,
    /// Source bodies.
    pub bodies: Vec<String>,
    /// Territories, descendants already added.
    pub territories: Vec<String>,
    /// Citizenships.
    pub citizenships: Vec<String>,
    /// Sexes.
    pub sexes: Vec<String>,
    /// Ages.
    pub ages: Vec<String>,
    /// Frequencies as SDMX letters; `_O` means every range.
    pub frequencies: Vec<String>,
    /// Other dimensions as `name=CODE`, each of which must match.
    pub extras: Vec<String>,
    /// Only the series with this key.
    pub key: Option<String>,
    /// Keyset: only series whose key sorts after this one.
    pub after_key: Option<String>,
}

/// The series that match, by key; at most `limit`.
///
/// # Errors
/// When the database refuses.
pub fn series_list(
    reader: &mut Reader,
    scope: &BodyScope,
    filter: &SeriesFilter,
    limit: i64,
) -> Result<Vec<StoredSeries>, StoreError> {
    let mut sql = String::from("select id, key from series where true");
    let mut binds = Vec::new();
    series_where(&mut sql, &mut binds, scope, filter);
    sql.push_str(" order by key collate \"C\" limit ?");
    binds.push(Bind::BigInt(limit));
    let rows: Vec<SeriesRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            Ok(StoredSeries {
                id: SeriesId(row.id),
                key: series_key_parse(&row.key)?,
            })
        })
        .collect()
}

/// Adds the conditions of a filter to a statement that reads the table of series.
pub(crate) fn series_where<'a>(
    sql: &mut String,
    binds: &mut Vec<Bind<'a>>,
    scope: &'a BodyScope,
    filter: &'a SeriesFilter,
) {
    for (column, codes) in [
        ("indicator", &filter.indicators),
        ("body", &filter.bodies),
        ("territory", &filter.territories),
        ("citizenship", &filter.citizenships),
        ("sex", &filter.sexes),
        ("age", &filter.ages),
    ] {
        if !codes.is_empty() {
            sql.push_str(&format!(" and {column} = any(?)"));
            binds.push(Bind::OwnedTexts(codes));
        }
    }
    if !filter.frequencies.is_empty() {
        sql.push_str(" and split_part(frequency, '/', 1) = any(?)");
        binds.push(Bind::OwnedTexts(&filter.frequencies));
    }
    for extra in &filter.extras {
        sql.push_str(" and ? = any(string_to_array(extra, ';'))");
        binds.push(Bind::Text(extra));
    }
    match scope {
        BodyScope::One(body) => {
            sql.push_str(" and body = ?");
            binds.push(Bind::Text(body));
        }
        BodyScope::WholeCentre => {}
    }
    if let Some(key) = &filter.key {
        sql.push_str(" and key = ?");
        binds.push(Bind::Text(key));
    }
    if let Some(key) = &filter.after_key {
        sql.push_str(" and key collate \"C\" > ?");
        binds.push(Bind::Text(key));
    }
}

/// A series by its number, when the scope reaches it.
///
/// # Errors
/// When the database refuses.
pub fn series_find(
    reader: &mut Reader,
    scope: &BodyScope,
    id: SeriesId,
) -> Result<Option<StoredSeries>, StoreError> {
    let found: Option<SeriesRow> = Statement::new(
        "select id, key from series where id = ?",
        vec![Bind::BigInt(id.0)],
    )
    .get_result(&mut reader.0)
    .optional()?;
    let found = found.map(|row| series_key_parse(&row.key)).transpose()?;
    let visible = |key: &SeriesKey| match scope {
        BodyScope::One(body) => *body == key.body,
        BodyScope::WholeCentre => true,
    };
    Ok(found.filter(visible).map(|key| StoredSeries { id, key }))
}

/// Reads a canonical key back.
pub(crate) fn series_key_parse(text: &str) -> Result<SeriesKey, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("series key {text}"));
    let parts: Vec<&str> = text.split('|').collect();
    let [
        indicator,
        frequency,
        body,
        territory,
        citizenship,
        sex,
        age,
        extra,
    ] = parts.as_slice()
    else {
        return Err(corrupt());
    };
    let frequency: Frequency = frequency.parse().map_err(|_| corrupt())?;
    let own = |part: &&str| (*part).to_owned();
    Ok(SeriesKey {
        indicator: own(indicator),
        frequency,
        body: own(body),
        territory: own(territory),
        citizenship: own(citizenship),
        sex: own(sex),
        age: own(age),
        extra: own(extra),
    })
}
