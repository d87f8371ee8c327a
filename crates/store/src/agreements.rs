//! Agreements with their steps: read, proposed, decided. A step is written once; the agreement itself keeps the state
//! that acceptance reads.
//!
//! Every change names the version it was made on: of two decisions at the same time one wins, the other is told.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::{AgreementId, AgreementState, BodyScope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementTerms {
    /// SDMX frequency letters; `_O` for ranges.
    pub frequencies: Vec<String>,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_to: Option<NaiveDate>,
    /// Remark.
    pub note: Option<String>,
}

/// An agreement as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAgreement {
    /// Body and indicator.
    pub id: AgreementId,
    /// The dataflow of the indicator.
    pub dataflow: String,
    /// State.
    pub state: AgreementState,
    /// Terms: in force when agreed.
    pub terms: AgreementTerms,
    /// New terms that wait for the body.
    pub proposal: Option<AgreementTerms>,
    /// Grows with each step.
    pub version: i32,
}

/// One step of an agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementEvent {
    /// Identifier.
    pub id: Uuid,
    /// Which agreement.
    pub agreement: AgreementId,
    /// The version that it made.
    pub version: i32,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// By which client; `None` for a load of the catalogue.
    pub client_id: Option<String>,
    /// For which body that client acts.
    pub client_body: Option<String>,
    /// State before; `None` when it was new.
    pub from: Option<AgreementState>,
    /// What was decided.
    pub decision: AgreementState,
    /// State after.
    pub to: AgreementState,
    /// The terms decided on.
    pub terms: AgreementTerms,
    /// Why.
    pub comment: Option<String>,
}

/// Which agreements; an empty list does not restrict.
#[derive(Clone, Debug, Default)]
pub struct AgreementFilter {
    /// Of these bodies.
    pub bodies: Vec<String>,
    /// Of indicators of these dataflows.
    pub dataflows: Vec<String>,
    /// On these indicators.
    pub indicators: Vec<String>,
    /// In these states.
    pub states: Vec<String>,
    /// Keyset: after this one.
    pub after: Option<AgreementId>,
}

#[derive(QueryableByName)]
struct AgreementRow {
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Text)]
    indicator: String,
    #[diesel(sql_type = Text)]
    dataflow: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Array<Text>)]
    frequencies: Vec<String>,
    #[diesel(sql_type = Nullable<Date>)]
    valid_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    proposal: Option<serde_json::Value>,
    #[diesel(sql_type = Integer)]
    version: i32,
}

const AGREEMENT_SELECT: &str = "select a.body, a.indicator, i.dataflow, a.state, a.frequencies, a.valid_from, \
     a.valid_to, a.note, a.proposal, a.version from agreement a join indicator i on i.code = a.indicator \
     where a.retired_in is null";

fn state_of(word: &str) -> Result<AgreementState, StoreError> {
    word.parse()
        .map_err(|()| StoreError::Corrupt(format!("state {word} of an agreement")))
}

fn terms_of(document: serde_json::Value) -> Result<AgreementTerms, StoreError> {
    serde_json::from_value(document).map_err(|error| StoreError::Corrupt(format!("terms: {error}")))
}

fn terms_document(terms: &AgreementTerms) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(terms).map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl TryFrom<AgreementRow> for StoredAgreement {
    type Error = StoreError;

    fn try_from(row: AgreementRow) -> Result<Self, StoreError> {
        Ok(Self {
            state: state_of(&row.state)?,
            id: AgreementId {
                body: row.body,
                indicator: row.indicator,
            },
            dataflow: row.dataflow,
            terms: AgreementTerms {
                frequencies: row.frequencies,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                note: row.note,
            },
            proposal: row.proposal.map(terms_of).transpose()?,
            version: row.version,
        })
    }
}

/// Agreements in scope, by body and indicator; at most `limit`.
///
/// # Errors
/// When the database refuses.
pub fn agreement_page(
    reader: &mut Reader,
    scope: &BodyScope,
    filter: &AgreementFilter,
    limit: i64,
) -> Result<Vec<StoredAgreement>, StoreError> {
    let (mut sql, mut binds) = (AGREEMENT_SELECT.to_owned(), Vec::new());
    if let BodyScope::One(body) = scope {
        sql.push_str(" and a.body = ?");
        binds.push(Bind::Text(body));
    }
    for (column, words) in [
        ("a.body", &filter.bodies),
        ("i.dataflow", &filter.dataflows),
        ("a.indicator", &filter.indicators),
        ("a.state", &filter.states),
    ] {
        if !words.is_empty() {
            sql.push_str(&format!(" and {column} = any(?)"));
            binds.push(Bind::OwnedTexts(words));
        }
    }
    if let Some(after) = &filter.after {
        sql.push_str(" and (a.body, a.indicator) > (?, ?)");
        binds.extend([Bind::Text(&after.body), Bind::Text(&after.indicator)]);
    }
    sql.push_str(" order by a.body, a.indicator limit ?");
    binds.push(Bind::BigInt(limit));
    let rows: Vec<AgreementRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter().map(StoredAgreement::try_from).collect()
}

/// One agreement, if it is there and in scope.
///
/// # Errors
/// When the database refuses.
pub fn agreement_find(
    reader: &mut Reader,
    scope: &BodyScope,
    id: &AgreementId,
) -> Result<Option<StoredAgreement>, StoreError> {
    let foreign = matches!(scope, BodyScope::One(body) if *body != id.body);
    if foreign {
        return Ok(None);
    }
    let sql = format!("{AGREEMENT_SELECT} and a.body = ? and a.indicator = ?");
    let binds = vec![Bind::Text(&id.body), Bind::Text(&id.indicator)];
    let row: Option<AgreementRow> = Statement::new(sql, binds).get_result(&mut reader.0).optional()?;
    row.map(StoredAgreement::try_from).transpose()
}

/// The same in an open transaction, whoever asks; it stays as it is until the transaction ends.
///
/// # Errors
/// When the database refuses.
pub fn agreement_lock_in_tx(
    tx: &mut Tx<'_>,
    id: &AgreementId,
) -> Result<Option<StoredAgreement>, StoreError> {
    let sql = format!("{AGREEMENT_SELECT} and a.body = ? and a.indicator = ? for update of a");
    let binds = vec![Bind::Text(&id.body), Bind::Text(&id.indicator)];
    let row: Option<AgreementRow> = Statement::new(sql, binds).get_result(tx.0).optional()?;
    row.map(StoredAgreement::try_from).transpose()
}

/// Writes an agreement as people decided it: new, again after it was retired, or changed. `false` when another step
/// came between.
///
/// # Errors
/// When the database refuses, such as for an unknown body or indicator.
pub fn agreement_store_in_tx(tx: &mut Tx<'_>, agreement: &StoredAgreement) -> Result<bool, StoreError> {
    let proposal = agreement.proposal.as_ref().map(terms_document).transpose()?;
    let terms = &agreement.terms;
    let written = Statement::new(
        "insert into agreement as t (body, indicator, frequencies, state, valid_from, valid_to, note, version, \
         decided, proposal) select ?, ?, ?, ?, f.valid_from, f.valid_to, ?, ?, true, ? \
         from jsonb_populate_record(null::agreement, ?) f on conflict (body, indicator) do update set \
         frequencies = excluded.frequencies, state = excluded.state, valid_from = excluded.valid_from, \
         valid_to = excluded.valid_to, note = excluded.note, version = greatest(excluded.version, t.version + 1), \
         decided = true, proposal = excluded.proposal, retired_in = null \
         where t.retired_in is not null or excluded.version = t.version + 1",
        vec![
            Bind::Text(&agreement.id.body),
            Bind::Text(&agreement.id.indicator),
            Bind::OwnedTexts(&terms.frequencies),
            Bind::Text(agreement.state.word()),
            Bind::MaybeText(terms.note.as_deref()),
            Bind::Int(agreement.version),
            Bind::MaybeJson(proposal.as_ref()),
            Bind::Json(&terms_document(terms)?),
        ],
    )
    .execute(tx.0)?;
    Ok(written == 1)
}

/// Writes a step.
///
/// # Errors
/// When the database refuses.
pub fn agreement_event_insert_in_tx(tx: &mut Tx<'_>, event: &AgreementEvent) -> Result<(), StoreError> {
    Statement::new(
        "insert into agreement_event (id, body, indicator, version, occurred_at, client_id, client_body, from_state, \
         decision, to_state, terms, comment) select ?, ?, ?, a.version, ?, ?, ?, ?, ?, ?, ?, ? from agreement a \
         where a.body = ? and a.indicator = ?",
        vec![
            Bind::Uuid(event.id),
            Bind::Text(&event.agreement.body),
            Bind::Text(&event.agreement.indicator),
            Bind::Instant(event.occurred_at),
            Bind::MaybeText(event.client_id.as_deref()),
            Bind::MaybeText(event.client_body.as_deref()),
            Bind::MaybeText(event.from.map(AgreementState::word)),
            Bind::Text(event.decision.word()),
            Bind::Text(event.to.word()),
            Bind::Json(&terms_document(&event.terms)?),
            Bind::MaybeText(event.comment.as_deref()),
            Bind::Text(&event.agreement.body),
            Bind::Text(&event.agreement.indicator),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Text)]
    indicator: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    client_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    client_body: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    from_state: Option<String>,
    #[diesel(sql_type = Text)]
    decision: String,
    #[diesel(sql_type = Text)]
    to_state: String,
    #[diesel(sql_type = Jsonb)]
    terms: serde_json::Value,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
}

impl TryFrom<EventRow> for AgreementEvent {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            agreement: AgreementId {
                body: row.body,
                indicator: row.indicator,
            },
            version: row.version,
            occurred_at: row.occurred_at,
            client_id: row.client_id,
            client_body: row.client_body,
            from: row.from_state.as_deref().map(state_of).transpose()?,
            decision: state_of(&row.decision)?,
            to: state_of(&row.to_state)?,
            terms: terms_of(row.terms)?,
            comment: row.comment,
        })
    }
}

/// The steps of one agreement, or of all, oldest first.
///
/// # Errors
/// When the database refuses.
pub fn agreement_event_list(
    reader: &mut Reader,
    id: Option<&AgreementId>,
) -> Result<Vec<AgreementEvent>, StoreError> {
    let (mut sql, mut binds) = (
        "select id, body, indicator, version, occurred_at, client_id, client_body, from_state, decision, to_state, \
         terms, comment from agreement_event"
            .to_owned(),
        Vec::new(),
    );
    if let Some(id) = id {
        sql.push_str(" where body = ? and indicator = ?");
        binds.extend([Bind::Text(&id.body), Bind::Text(&id.indicator)]);
    }
    sql.push_str(" order by body, indicator, version");
    let rows: Vec<EventRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter().map(AgreementEvent::try_from).collect()
}
