//! The series and observations that feed risk metrics, of one vintage. Computes nothing.

use crate::StoreError;
use crate::connections::Reader;
use crate::series::{StoredSeries, series_key_parse};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Date, Double, Integer, Nullable, SmallInt, Text};
use diesel::{QueryableByName, RunQueryDsl};
use leleka_domain::{RETRACTED, SeriesId};

/// Which series; an absent list does not restrict.
#[derive(Clone, Debug)]
pub struct InputSeriesQuery<'a> {
    /// Indicator.
    pub indicator: &'a str,
    /// Frequency, as stored on the series.
    pub frequency: &'a str,
    /// Territories.
    pub territories: Option<&'a [String]>,
    /// Citizenships.
    pub citizenships: Option<&'a [String]>,
}

/// The series of an indicator.
///
/// # Errors
/// When the database refuses.
pub fn input_series_list(
    reader: &mut Reader,
    query: &InputSeriesQuery<'_>,
) -> Result<Vec<StoredSeries>, StoreError> {
    #[derive(QueryableByName)]
    struct KeyRow {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        key: String,
    }
    let mut sql = String::from("select id, key from series where indicator = ? and frequency = ?");
    let mut binds = vec![Bind::Text(query.indicator), Bind::Text(query.frequency)];
    for (column, codes) in [
        ("territory", query.territories),
        ("citizenship", query.citizenships),
    ] {
        if let Some(codes) = codes {
            sql.push_str(&format!(" and {column} = any(?)"));
            binds.push(Bind::OwnedTexts(codes));
        }
    }
    let rows: Vec<KeyRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            Ok(StoredSeries {
                id: SeriesId(row.id),
                key: series_key_parse(&row.key)?,
            })
        })
        .collect()
}

/// From when to when a series has observations, whatever became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub struct SeriesSpan {
    /// Place of the series in the question, from 1.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// First day of the first period.
    #[diesel(sql_type = Date)]
    pub first: NaiveDate,
    /// First day of the last period.
    #[diesel(sql_type = Date)]
    pub last: NaiveDate,
}

/// The spans of these series in a vintage; a series that is younger has none.
///
/// # Errors
/// When the database refuses.
pub fn series_span_list(
    reader: &mut Reader,
    series: &[i64],
    as_of: DateTime<Utc>,
) -> Result<Vec<SeriesSpan>, StoreError> {
    let edge = |direction: &str| {
        format!(
            "(select v.period from observation v join submission w on w.position = v.position \
             where v.series_id = u.id and w.recorded_at <= ? order by v.period {direction} limit 1)"
        )
    };
    let statement = Statement::new(
        format!(
            "select u.number, a.period as first, b.period as last from unnest(?) with ordinality u(id, number) \
             cross join lateral {} a cross join lateral {} b",
            edge("asc"),
            edge("desc")
        ),
        vec![Bind::BigInts(series), Bind::Instant(as_of), Bind::Instant(as_of)],
    );
    Ok(statement.load(&mut reader.0)?)
}

/// Which observations of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputRange {
    /// Number of the series.
    pub series_id: i64,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period.
    pub to: NaiveDate,
}

/// One observation of a vintage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredInput {
    /// Place of its series in the question, from 0.
    pub place: usize,
    /// First day of the period.
    pub period: NaiveDate,
    /// Ledger position.
    pub position: i64,
    /// Value.
    pub value: Option<f64>,
    /// Status number.
    pub status: i16,
    /// Flags as bits.
    pub flags: i32,
    /// Confidentiality number.
    pub confidentiality: i16,
}

type InputColumns = (
    BigInt,
    Date,
    BigInt,
    Nullable<Double>,
    SmallInt,
    Integer,
    SmallInt,
);
type InputRow = (i64, NaiveDate, i64, Option<f64>, i16, i32, i16);

/// The observations of series in a vintage, without what was retracted by then, in the order of the question and by
/// period.
///
/// # Errors
/// When the database refuses.
pub fn input_observation_list(
    reader: &mut Reader,
    ranges: &[InputRange],
    as_of: DateTime<Utc>,
) -> Result<Vec<StoredInput>, StoreError> {
    let ids: Vec<i64> = ranges.iter().map(|range| range.series_id).collect();
    let from: Vec<NaiveDate> = ranges.iter().map(|range| range.from).collect();
    let to: Vec<NaiveDate> = ranges.iter().map(|range| range.to).collect();
    let rows: Vec<InputRow> = Statement::new(
        "select u.number, o.period, o.position, o.value, o.status, o.flags, o.confidentiality \
         from unnest(?, ?, ?) with ordinality u(id, first, last, number) cross join lateral \
         (select distinct on (v.period) v.period, v.position, v.value, v.status, v.flags, v.confidentiality \
         from observation v join submission w on w.position = v.position where v.series_id = u.id \
         and v.period between u.first and u.last and w.recorded_at <= ? order by v.period, v.position desc) o \
         where o.status <> ? order by u.number, o.period",
        vec![
            Bind::BigInts(&ids),
            Bind::Days(&from),
            Bind::Days(&to),
            Bind::Instant(as_of),
            Bind::SmallInt(RETRACTED),
        ],
    )
    .typed::<InputColumns>()
    .load(&mut reader.0)?;
    rows.into_iter()
        .map(
            |(number, period, position, value, status, flags, confidentiality)| {
                let place = usize::try_from(number - 1);
                Ok(StoredInput {
                    place: place.map_err(|_| StoreError::Corrupt(format!("series number {number}")))?,
                    period,
                    position,
                    value,
                    status,
                    flags,
                    confidentiality,
                })
            },
        )
        .collect()
}
