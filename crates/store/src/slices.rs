//! Slices: a body's dataflow in one period, and which submission touched each of them last.
//!
//! Append-only. The greatest position of a slice is its version; nothing here decides what a version forbids.
//! Written under the lock of [`crate::ledger_position_draw_in_tx`], so what is read here is what holds at commit.

use crate::StoreError;
use crate::connections::Tx;
use crate::statement::{Bind, Statement};
use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use leleka_domain::{Frequency, Period, SubmissionId, SubmissionKind, SubmissionMode};
use uuid::Uuid;

/// What makes two deliveries of one body and dataflow the same.
#[derive(Clone, Copy, Debug)]
pub struct SameContent<'a> {
    /// Digest of the raw bytes.
    pub sha256: &'a [u8; 32],
    /// Original or correction.
    pub kind: SubmissionKind,
    /// What it does with what it does not send again.
    pub mode: SubmissionMode,
    /// Mapping profile and version.
    pub profile: Option<(&'a str, i32)>,
    /// Periods with nothing to report.
    pub nil_periods: &'a [String],
}

/// The slices that a submission touches.
#[derive(Clone, Copy, Debug)]
pub struct TouchedSlices<'a> {
    /// Whose.
    pub body: &'a str,
    /// Of which dataflow.
    pub dataflow: &'a str,
    /// The periods, each once.
    pub periods: &'a [Period],
    /// Whether there was nothing to report in them.
    pub nil: bool,
    /// Position of the submission.
    pub position: i64,
    /// Whether they are written; a dry run only asks, and must not wait for another one of the same slice.
    pub written: bool,
    /// Whether their version before is asked for.
    pub version_wanted: bool,
    /// What an earlier submission must equal to be the same; `None` looks for none.
    pub same: Option<SameContent<'a>>,
}

/// What held in the touched slices before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlicesBefore {
    /// Their greatest position, 0 when nothing touched them yet; `None` when not asked for.
    pub version: Option<i64>,
    /// The same content, accepted before and still the newest in every slice it touched.
    pub duplicate: Option<SubmissionId>,
}

#[derive(QueryableByName)]
struct BeforeRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    version: Option<i64>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    duplicate: Option<Uuid>,
}

/// Writes that a submission touched these slices, when it did, and tells what held before: one statement for both.
///
/// # Errors
/// When the database refuses.
pub fn slice_version_insert_in_tx(
    tx: &mut Tx<'_>,
    touched: &TouchedSlices<'_>,
) -> Result<SlicesBefore, StoreError> {
    let (frequencies, days) = frequencies_and_days(touched.periods);
    let same = touched.same;
    let before: BeforeRow = Statement::new(
        "with touched as materialized (select * from unnest(?, ?) u(frequency, period)), \
         written as (insert into slice_version (body, dataflow, frequency, period, position, nil) \
         select ?, ?, frequency, period, ?, ? from touched where ?) \
         select case when ? then (select coalesce(max(l.position), 0) from touched t cross join lateral \
         (select v.position from slice_version v where v.body = ? and v.dataflow = ? and v.frequency = t.frequency \
         and v.period = t.period order by v.position desc limit 1) l) end as version, \
         (select d.id from submission d where d.body = ? and d.content_sha256 = ? and d.dataflow = ? \
         and d.position is not null and d.kind = ? and d.mode = ? and d.profile_code is not distinct from ? \
         and d.profile_version is not distinct from ? and d.nil_periods = ? \
         and exists (select from slice_version t where t.position = d.position) \
         and not exists (select from slice_version t join slice_version n on n.body = t.body \
         and n.dataflow = t.dataflow and n.frequency = t.frequency and n.period = t.period \
         and n.position > t.position where t.position = d.position) \
         order by d.position desc limit 1) as duplicate",
        vec![
            Bind::OwnedTexts(&frequencies),
            Bind::Days(&days),
            Bind::Text(touched.body),
            Bind::Text(touched.dataflow),
            Bind::BigInt(touched.position),
            Bind::Flag(touched.nil),
            Bind::Flag(touched.written),
            Bind::Flag(touched.version_wanted),
            Bind::Text(touched.body),
            Bind::Text(touched.dataflow),
            Bind::Text(touched.body),
            Bind::MaybeBytes(same.map(|same| same.sha256.as_slice())),
            Bind::Text(touched.dataflow),
            Bind::MaybeText(same.map(|same| same.kind.word())),
            Bind::MaybeText(same.map(|same| same.mode.word())),
            Bind::MaybeText(same.and_then(|same| same.profile).map(|(code, _)| code)),
            Bind::MaybeInt(same.and_then(|same| same.profile).map(|(_, version)| version)),
            Bind::OwnedTexts(same.map_or(&[], |same| same.nil_periods)),
        ],
    )
    .get_result(tx.0)?;
    Ok(SlicesBefore {
        version: before.version,
        duplicate: before.duplicate.map(SubmissionId),
    })
}

/// A slice that one submission touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TouchedSlice {
    /// Which period.
    pub period: Period,
    /// Whether the submission is the newest in it and reported that there is nothing to report.
    pub nil: bool,
}

/// The slices that the submission at this position touched.
///
/// # Errors
/// When the database refuses.
pub fn slice_list_in_tx(tx: &mut Tx<'_>, position: i64) -> Result<Vec<TouchedSlice>, StoreError> {
    #[derive(QueryableByName)]
    struct SliceRow {
        #[diesel(sql_type = Text)]
        frequency: String,
        #[diesel(sql_type = Date)]
        period: NaiveDate,
        #[diesel(sql_type = Bool)]
        nil: bool,
    }
    let rows: Vec<SliceRow> = Statement::new(
        "select t.frequency, t.period, t.nil and not exists (select from slice_version n where n.body = t.body \
         and n.dataflow = t.dataflow and n.frequency = t.frequency and n.period = t.period \
         and n.position > t.position) as nil from slice_version t where t.position = ? \
         order by t.frequency, t.period",
        vec![Bind::BigInt(position)],
    )
    .load(tx.0)?;
    rows.into_iter()
        .map(|row| {
            let corrupt = || StoreError::Corrupt(format!("slice {} {}", row.frequency, row.period));
            let frequency: Frequency = row.frequency.parse().map_err(|_| corrupt())?;
            let period = Period::containing(frequency, row.period).ok_or_else(corrupt)?;
            Ok(TouchedSlice { period, nil: row.nil })
        })
        .collect()
}

/// The periods as the columns `frequency` and `period`.
pub(crate) fn frequencies_and_days(periods: &[Period]) -> (Vec<String>, Vec<NaiveDate>) {
    let frequencies = periods.iter().map(|period| period.frequency().to_string());
    (frequencies.collect(), periods.iter().map(Period::start).collect())
}
