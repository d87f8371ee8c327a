//! Reading observations: current, as known at a moment, or with their whole history.

use crate::StoreError;
use crate::connections::Reader;
use crate::series::{StoredSeries, series_key_parse};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{
    BigInt, Date, Double, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{Connection, Queryable, QueryableByName, RunQueryDsl};
use leleka_domain::{RETRACTED, SeriesId};
use uuid::Uuid;

/// Any fixed number: held shared from the stamping of `recorded_at` to commit.
pub(crate) const STAMP_BARRIER: i64 = 7_310_114_410_101_002;

/// Which versions of which series.
#[derive(Clone, Debug)]
pub struct ObservationQuery {
    /// The series, in the order of the answer.
    pub series: Vec<SeriesId>,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period at the latest.
    pub to: NaiveDate,
    /// What was known at this moment; the newest when empty.
    pub as_of: Option<DateTime<Utc>>,
    /// Only what was recorded after this moment, retractions too.
    pub updated_after: Option<DateTime<Utc>>,
    /// Every version instead of the current one, retractions too.
    pub include_history: bool,
    /// Submission and moment of each version too.
    pub with_lineage: bool,
    /// Keyset: only what follows this period and position of the first series.
    pub after: Option<(NaiveDate, i64)>,
    /// At most so many.
    pub limit: i64,
}

/// Columns of [`ObservationVersion`], in its order.
type VersionColumns = (
    BigInt,
    Date,
    Nullable<Double>,
    SmallInt,
    Integer,
    SmallInt,
    BigInt,
    Integer,
    Nullable<SqlUuid>,
    Nullable<Timestamptz>,
);

/// The same without lineage.
type PlainColumns = (
    BigInt,
    Date,
    Nullable<Double>,
    SmallInt,
    Integer,
    SmallInt,
    BigInt,
    Integer,
);

type PlainRow = (i64, NaiveDate, Option<f64>, i16, i32, i16, i64, i32);

/// One version of one observation.
#[derive(Clone, Debug, PartialEq, Queryable, QueryableByName)]
pub struct ObservationVersion {
    /// Index of its series in the query, from 1.
    #[diesel(sql_type = BigInt)]
    pub series_number: i64,
    /// First day of the period.
    #[diesel(sql_type = Date)]
    pub period: NaiveDate,
    /// Value.
    #[diesel(sql_type = Nullable<Double>)]
    pub value: Option<f64>,
    /// Status number; [`RETRACTED`] when there is nothing from this version on.
    #[diesel(sql_type = SmallInt)]
    pub status: i16,
    /// Flags as bits.
    #[diesel(sql_type = Integer)]
    pub flags: i32,
    /// Confidentiality number.
    #[diesel(sql_type = SmallInt)]
    pub confidentiality: i16,
    /// Ledger position.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    /// Row of the submission.
    #[diesel(sql_type = Integer)]
    pub row_number: i32,
    /// The submission, when asked for.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub submission_id: Option<Uuid>,
    /// When it became known, when asked for.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub recorded_at: Option<DateTime<Utc>>,
}

/// Versions in the order of series, period and position.
pub type ObservationPage = Vec<ObservationVersion>;

/// Reads at most `limit` versions.
///
/// # Errors
/// When the database refuses, or the statement takes too long.
pub fn observation_page(
    reader: &mut Reader,
    query: &ObservationQuery,
) -> Result<ObservationPage, StoreError> {
    if let Some(moment) = query.as_of {
        wait_for_stamps(reader, STAMP_BARRIER, moment)?;
    }
    let ids: Vec<i64> = query.series.iter().map(|id| id.0).collect();
    let mut binds = vec![Bind::BigInts(&ids)];
    let bounded = query.as_of.is_some() || query.updated_after.is_some();
    let mut inner = String::from(if query.include_history {
        "select "
    } else {
        "select distinct on (o.period) "
    });
    inner.push_str("o.period, o.value, o.status, o.flags, o.confidentiality, o.position, o.row_number from observation o");
    if bounded {
        inner.push_str(" join submission s on s.position = o.position");
    }
    inner.push_str(" where o.series_id = u.id and o.period between ? and ?");
    binds.extend([Bind::Day(query.from), Bind::Day(query.to)]);
    if let Some(moment) = query.as_of {
        inner.push_str(" and s.recorded_at <= ?");
        binds.push(Bind::Instant(moment));
    }
    if let Some(moment) = query.updated_after {
        inner.push_str(" and s.recorded_at > ?");
        binds.push(Bind::Instant(moment));
    }
    inner.push_str(if query.include_history {
        " order by o.period, o.position"
    } else {
        " order by o.period, o.position desc"
    });
    let with_lineage = query.with_lineage || query.include_history;
    let (lineage, join) = if with_lineage {
        (
            ", w.id as submission_id, w.recorded_at",
            " join submission w on w.position = o.position",
        )
    } else {
        ("", "")
    };
    let mut sql = format!(
        "select u.number as series_number, o.period, o.value, o.status, o.flags, o.confidentiality, o.position, \
         o.row_number{lineage} from unnest(?) with ordinality u(id, number) cross join lateral ({inner}) o{join}"
    );
    sql.push_str(" where true");
    if !query.include_history && query.updated_after.is_none() {
        // Outside the choice of the newest version: what was retracted has no older one that counts.
        sql.push_str(" and o.status <> ?");
        binds.push(Bind::SmallInt(RETRACTED));
    }
    if let Some((period, position)) = query.after {
        sql.push_str(" and (u.number > 1 or (o.period, o.position) > (?, ?))");
        binds.extend([Bind::Day(period), Bind::BigInt(position)]);
    }
    sql.push_str(" order by u.number, o.period, o.position limit ?");
    binds.push(Bind::BigInt(query.limit));
    let statement = Statement::new(sql, binds);
    if with_lineage {
        return Ok(statement.typed::<VersionColumns>().load(&mut reader.0)?);
    }
    let rows: Vec<PlainRow> = statement.typed::<PlainColumns>().load(&mut reader.0)?;
    Ok(rows.into_iter().map(without_lineage).collect())
}

fn without_lineage(row: PlainRow) -> ObservationVersion {
    let (series_number, period, value, status, flags, confidentiality, position, row_number) = row;
    ObservationVersion {
        series_number,
        period,
        value,
        status,
        flags,
        confidentiality,
        position,
        row_number,
        submission_id: None,
        recorded_at: None,
    }
}

/// A writer stamps `recorded_at` shortly before it commits. Whoever asks for a moment that is only seconds old
/// waits until every stamp made so far has been committed, so that the same question has one answer for ever.
pub(crate) fn wait_for_stamps(
    reader: &mut Reader,
    barrier: i64,
    moment: DateTime<Utc>,
) -> Result<(), StoreError> {
    Statement::new(
        "select case when ? > clock_timestamp() - interval '5 minutes' then pg_advisory_xact_lock(?) end",
        vec![Bind::Instant(moment), Bind::BigInt(barrier)],
    )
    .execute(&mut reader.0)?;
    Ok(())
}

/// A moment that is settled: every submission and expectation stamped up to it is committed, and none will be
/// stamped before it.
///
/// # Errors
/// When the database refuses.
pub fn vintage_settled(reader: &mut Reader) -> Result<DateTime<Utc>, StoreError> {
    #[derive(QueryableByName)]
    struct Newest {
        #[diesel(sql_type = Timestamptz)]
        newest: DateTime<Utc>,
    }
    // Read committed: the second statement must see what was committed while the first one waited.
    reader.0.transaction(|connection| {
        Statement::new(
            "select pg_advisory_xact_lock(?)",
            vec![Bind::BigInt(STAMP_BARRIER)],
        )
        .execute(connection)?;
        let newest: Newest = Statement::new(
            "select greatest(coalesce((select max(recorded_at) from submission where position is not null), 'epoch'), \
             coalesce((select max(recorded_at) from agreement_term), 'epoch')) as newest",
            Vec::new(),
        )
        .get_result(connection)?;
        Ok(newest.newest)
    })
}

/// Chosen versions with their series, submissions and rows, in the order of series key and period.
///
/// # Errors
/// When the database refuses.
pub fn observation_version_list(
    reader: &mut Reader,
    ids: &[(i64, NaiveDate, i64)],
) -> Result<Vec<(StoredSeries, ObservationVersion)>, StoreError> {
    #[derive(QueryableByName)]
    struct KeyRow {
        #[diesel(sql_type = BigInt)]
        series_id: i64,
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(embed)]
        version: ObservationVersion,
    }
    let series: Vec<i64> = ids.iter().map(|(series, _, _)| *series).collect();
    let periods: Vec<NaiveDate> = ids.iter().map(|(_, period, _)| *period).collect();
    let positions: Vec<i64> = ids.iter().map(|(_, _, position)| *position).collect();
    let rows: Vec<KeyRow> = Statement::new(
        "select s.id as series_id, s.key, 1::bigint as series_number, o.period, o.value, o.status, o.flags, \
         o.confidentiality, o.position, o.row_number, w.id as submission_id, w.recorded_at \
         from unnest(?, ?, ?) u(series, period, position) join observation o on o.series_id = u.series \
         and o.period = u.period and o.position = u.position join series s on s.id = o.series_id \
         join submission w on w.position = o.position order by s.key collate \"C\", o.period",
        vec![
            Bind::BigInts(&series),
            Bind::Days(&periods),
            Bind::BigInts(&positions),
        ],
    )
    .load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            let key = series_key_parse(&row.key)?;
            Ok((
                StoredSeries {
                    id: SeriesId(row.series_id),
                    key,
                },
                row.version,
            ))
        })
        .collect()
}

/// The newest submission of one body and dataflow.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct LedgerHead {
    /// Body.
    #[diesel(sql_type = Text)]
    pub body: String,
    /// Dataflow.
    #[diesel(sql_type = Text)]
    pub dataflow: String,
    /// Its ledger position.
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    /// When it became known.
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
}

/// The newest submission of each pair of body and dataflow; together they name a vintage exactly.
///
/// # Errors
/// When the database refuses.
pub fn ledger_heads(
    reader: &mut Reader,
    bodies: &[&str],
    dataflows: &[&str],
) -> Result<Vec<LedgerHead>, StoreError> {
    let statement = Statement::new(
        "select u.body, u.dataflow, h.position, h.recorded_at from unnest(?, ?) u(body, dataflow) \
         cross join lateral (select s.position, s.recorded_at from submission s where s.body = u.body \
         and s.dataflow = u.dataflow and s.position is not null order by s.position desc limit 1) h \
         order by u.body, u.dataflow",
        vec![Bind::Texts(bodies), Bind::Texts(dataflows)],
    );
    Ok(statement.load(&mut reader.0)?)
}
