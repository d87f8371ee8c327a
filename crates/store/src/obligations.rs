//! What came in for slices, how full they are, and what the centre decided about them. Computes no status.
//!
//! A slice is one body's dataflow in one period. What was taken back does not count as received.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::{ObligationDecision, ObligationId, ObsStatus, Period, SubmissionId};
use uuid::Uuid;

/// Status numbers from here on are not of `CL_OBS_STATUS`: the version takes the observation back.
const NO_OBSERVATION: i64 = 100;

/// One accepted submission that touched a slice.
#[derive(Clone, Debug, PartialEq)]
pub struct SliceReceipt {
    /// Which slice.
    pub slice: ObligationId,
    /// Which submission.
    pub submission: SubmissionId,
    /// When it came in.
    pub received_at: DateTime<Utc>,
    /// Whether it says that there is nothing to report.
    pub nil: bool,
}

#[derive(QueryableByName)]
struct ReceiptRow {
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Text)]
    dataflow: String,
    #[diesel(sql_type = Text)]
    frequency: String,
    #[diesel(sql_type = Date)]
    period: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    nil: bool,
}

const RECEIPT_SELECT: &str = "select v.body, v.dataflow, v.frequency, v.period, s.id, s.received_at, v.nil \
     from slice_version v join submission s on s.position = v.position where v.frequency !~ '^_' \
     and s.kind <> 'retraction' and not exists (select from submission r where r.supersedes = s.id \
     and r.kind = 'retraction' and r.position is not null)";

fn slice_of(
    body: String,
    dataflow: String,
    frequency: &str,
    period: NaiveDate,
) -> Result<ObligationId, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("frequency {frequency} of a slice"));
    let frequency = frequency.parse().map_err(|_fault| corrupt())?;
    Ok(ObligationId {
        body,
        dataflow,
        period: Period::containing(frequency, period).ok_or_else(corrupt)?,
    })
}

fn receipts(rows: Vec<ReceiptRow>) -> Result<Vec<SliceReceipt>, StoreError> {
    rows.into_iter()
        .map(|row| {
            Ok(SliceReceipt {
                slice: slice_of(row.body, row.dataflow, &row.frequency, row.period)?,
                submission: SubmissionId(row.id),
                received_at: row.received_at,
                nil: row.nil,
            })
        })
        .collect()
}

/// What came in for the slices of these bodies whose periods begin between two days, in the order of the ledger.
///
/// # Errors
/// When the database refuses.
pub fn slice_receipt_list(
    reader: &mut Reader,
    bodies: &[&str],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<SliceReceipt>, StoreError> {
    let sql =
        format!("{RECEIPT_SELECT} and v.body = any(?) and v.period between ? and ? order by v.position");
    let binds = vec![Bind::Texts(bodies), Bind::Day(from), Bind::Day(to)];
    receipts(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// What came in for one slice, in the order of the ledger.
///
/// # Errors
/// When the database refuses.
pub fn slice_receipt_list_in_tx(
    tx: &mut Tx<'_>,
    slice: &ObligationId,
) -> Result<Vec<SliceReceipt>, StoreError> {
    let sql = format!(
        "{RECEIPT_SELECT} and v.body = ? and v.dataflow = ? and v.frequency = ? and v.period = ? order by v.position"
    );
    let binds = vec![
        Bind::Text(&slice.body),
        Bind::Text(&slice.dataflow),
        Bind::OwnedText(slice.period.frequency().to_string()),
        Bind::Day(slice.period.start()),
    ];
    receipts(Statement::new(sql, binds).load(tx.0)?)
}

/// Cells of one indicator in one slice, counted against the newest earlier period that had any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellCounts {
    /// Number of the slice in the question.
    pub slice: usize,
    /// Indicator.
    pub indicator: String,
    /// Delivered now, or in that earlier period.
    pub expected: u64,
    /// Answered now: a number, or a status that none can exist.
    pub received: u64,
    /// Withheld by the source.
    pub suppressed: u64,
}

#[derive(QueryableByName)]
struct CellRow {
    #[diesel(sql_type = BigInt)]
    slice: i64,
    #[diesel(sql_type = Text)]
    indicator: String,
    #[diesel(sql_type = BigInt)]
    expected: i64,
    #[diesel(sql_type = BigInt)]
    received: i64,
    #[diesel(sql_type = BigInt)]
    suppressed: i64,
}

/// The cells of slices; an indicator of which nothing was ever delivered has no row.
///
/// # Errors
/// When the database refuses.
pub fn slice_cell_list(reader: &mut Reader, slices: &[&ObligationId]) -> Result<Vec<CellCounts>, StoreError> {
    let bodies: Vec<&str> = slices.iter().map(|it| it.body.as_str()).collect();
    let dataflows: Vec<&str> = slices.iter().map(|it| it.dataflow.as_str()).collect();
    let frequencies: Vec<&str> = slices.iter().map(|it| it.period.frequency().sdmx()).collect();
    let periods: Vec<NaiveDate> = slices.iter().map(|it| it.period.start()).collect();
    let number = |status: ObsStatus| Bind::BigInt(i64::from(status.number()));
    let rows: Vec<CellRow> = Statement::new(
        "with cell as (select a.slice, s.indicator, (select o.status from observation o where o.series_id = s.id \
         and o.period = a.period order by o.position desc limit 1) as status, (select o.period from observation o \
         where o.series_id = s.id and o.period < a.period order by o.period desc limit 1) as before \
         from unnest(?, ?, ?, ?) with ordinality a(body, dataflow, frequency, period, slice) \
         join indicator i on i.dataflow = a.dataflow join series s on s.indicator = i.code and s.body = a.body \
         and s.frequency = a.frequency), newest as (select slice, indicator, max(before) as period from cell \
         group by slice, indicator), judged as (select c.slice, c.indicator, \
         coalesce(c.status < ?, false) as told, coalesce(c.before = n.period, false) as usual, c.status \
         from cell c join newest n using (slice, indicator)) \
         select slice, indicator, count(*) filter (where told or usual) as expected, \
         count(*) filter (where told and status not in (?, ?, ?)) as received, \
         count(*) filter (where told and status = ?) as suppressed from judged group by slice, indicator \
         order by slice, indicator",
        vec![
            Bind::Texts(&bodies),
            Bind::Texts(&dataflows),
            Bind::Texts(&frequencies),
            Bind::Days(&periods),
            Bind::BigInt(NO_OBSERVATION),
            number(ObsStatus::Missing),
            number(ObsStatus::NotCollected),
            number(ObsStatus::Suppressed),
            number(ObsStatus::Suppressed),
        ],
    )
    .load(&mut reader.0)?;
    let cells = rows.into_iter().map(|row| CellCounts {
        slice: usize::try_from(row.slice - 1).unwrap_or(usize::MAX),
        indicator: row.indicator,
        expected: row.expected.unsigned_abs(),
        received: row.received.unsigned_abs(),
        suppressed: row.suppressed.unsigned_abs(),
    });
    Ok(cells.collect())
}

/// A decision of the centre about one obligation.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredObligationDecision {
    /// Identifier.
    pub id: Uuid,
    /// About what.
    pub obligation: ObligationId,
    /// What.
    pub decision: ObligationDecision,
    /// Why.
    pub reason: String,
    /// By which client.
    pub client_id: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct DecisionRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Text)]
    dataflow: String,
    #[diesel(sql_type = Text)]
    frequency: String,
    #[diesel(sql_type = Date)]
    period: NaiveDate,
    #[diesel(sql_type = Text)]
    decision: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    until: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Text)]
    client_id: String,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
}

const DECISION_COLUMNS: &str = "id, body, dataflow, frequency, period, decision, until, reason, client_id, occurred_at from obligation_decision";

impl TryFrom<DecisionRow> for StoredObligationDecision {
    type Error = StoreError;

    fn try_from(row: DecisionRow) -> Result<Self, StoreError> {
        let decision = ObligationDecision::from_word(&row.decision, row.until);
        Ok(Self {
            id: row.id,
            obligation: slice_of(row.body, row.dataflow, &row.frequency, row.period)?,
            decision: decision.ok_or_else(|| StoreError::Corrupt(format!("decision {}", row.decision)))?,
            reason: row.reason,
            client_id: row.client_id,
            occurred_at: row.occurred_at,
        })
    }
}

/// The newest decision about each obligation of these bodies.
///
/// # Errors
/// When the database refuses.
pub fn obligation_decision_list(
    reader: &mut Reader,
    bodies: &[&str],
) -> Result<Vec<StoredObligationDecision>, StoreError> {
    let sql = format!(
        "select distinct on (body, dataflow, frequency, period) {DECISION_COLUMNS} where body = any(?) \
         order by body, dataflow, frequency, period, id desc"
    );
    let rows: Vec<DecisionRow> = Statement::new(sql, vec![Bind::Texts(bodies)]).load(&mut reader.0)?;
    rows.into_iter().map(StoredObligationDecision::try_from).collect()
}

/// The newest decision about one obligation, seen in an open transaction.
///
/// # Errors
/// When the database refuses.
pub fn obligation_decision_newest_in_tx(
    tx: &mut Tx<'_>,
    obligation: &ObligationId,
) -> Result<Option<StoredObligationDecision>, StoreError> {
    let sql = format!(
        "select {DECISION_COLUMNS} where body = ? and dataflow = ? and frequency = ? and period = ? \
         order by id desc limit 1"
    );
    let binds = vec![
        Bind::Text(&obligation.body),
        Bind::Text(&obligation.dataflow),
        Bind::Text(obligation.period.frequency().sdmx()),
        Bind::Day(obligation.period.start()),
    ];
    let row: Option<DecisionRow> = Statement::new(sql, binds).get_result(tx.0).optional()?;
    row.map(StoredObligationDecision::try_from).transpose()
}

/// Writes a decision.
///
/// # Errors
/// When the database refuses.
pub fn obligation_decision_insert_in_tx(
    tx: &mut Tx<'_>,
    new: &StoredObligationDecision,
) -> Result<(), StoreError> {
    let until = match new.decision {
        ObligationDecision::Waived => None,
        ObligationDecision::Reopened { until } => until,
    };
    Statement::new(
        "insert into obligation_decision (id, body, dataflow, frequency, period, decision, until, reason, client_id, \
         occurred_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        vec![
            Bind::Uuid(new.id),
            Bind::Text(&new.obligation.body),
            Bind::Text(&new.obligation.dataflow),
            Bind::Text(new.obligation.period.frequency().sdmx()),
            Bind::Day(new.obligation.period.start()),
            Bind::Text(new.decision.word()),
            Bind::MaybeInstant(until),
            Bind::Text(&new.reason),
            Bind::Text(&new.client_id),
            Bind::Instant(new.occurred_at),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}
