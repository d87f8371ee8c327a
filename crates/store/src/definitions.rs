//! Versions of definitions of risk metrics and what happened to them. The newest event of a version is its state.
//!
//! The service adds versions and events and never changes one. Versions that come with the catalogue are written by its
//! load, which leaves alone every code that people have taken in hand.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::sql_types::{Binary, Bool, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::DefinitionState;
use uuid::Uuid;

/// A stored version of a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDefinition {
    /// Code.
    pub code: String,
    /// Version.
    pub version: i32,
    /// Its state now.
    pub state: DefinitionState,
    /// The definition.
    pub content: serde_json::Value,
    /// SHA-256 of its canonical JSON.
    pub content_sha256: Vec<u8>,
    /// Who proposed it; `None` for versions that come with the catalogue.
    pub author_client: Option<String>,
    /// What it changes, in Ukrainian.
    pub note_uk: Option<String>,
    /// What it changes, in English.
    pub note_en: Option<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// A version that is to be added.
#[derive(Clone, Debug)]
pub struct NewDefinition<'a> {
    /// Code.
    pub code: &'a str,
    /// Version.
    pub version: i32,
    /// The definition.
    pub content: &'a serde_json::Value,
    /// SHA-256 of its canonical JSON.
    pub content_sha256: &'a [u8; 32],
    /// The request that proposes it; none for the catalogue.
    pub proposal: Option<Uuid>,
}

/// One change of a version's state.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionEvent {
    /// State before.
    pub from: Option<DefinitionState>,
    /// State after.
    pub to: DefinitionState,
    /// Who; `None` when the catalogue was loaded.
    pub client_id: Option<String>,
    /// For which body.
    pub body: Option<String>,
    /// Why.
    pub comment: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// Who changes a state, and why. Nobody is the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct DefinitionActor<'a> {
    /// With which client.
    pub client_id: Option<&'a str>,
    /// For which body.
    pub body: Option<&'a str>,
    /// In words.
    pub comment: &'a str,
}

#[derive(QueryableByName)]
struct DefinitionRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Jsonb)]
    content: serde_json::Value,
    #[diesel(sql_type = Binary)]
    content_sha256: Vec<u8>,
    #[diesel(sql_type = Nullable<Text>)]
    author_client: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    note_uk: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    note_en: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = Nullable<Text>)]
    from_state: Option<String>,
    #[diesel(sql_type = Text)]
    to_state: String,
    #[diesel(sql_type = Nullable<Text>)]
    client_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    body: Option<String>,
    #[diesel(sql_type = Text)]
    comment: String,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

const SELECT: &str = "select d.code, d.version, d.content, d.content_sha256, d.author_client, d.note_uk, d.note_en, \
     d.created_at, e.to_state as state from metric_definition d cross join lateral \
     (select to_state from metric_definition_event e where e.code = d.code and e.version = d.version \
     order by number desc limit 1) e";

fn state(word: &str) -> Result<DefinitionState, StoreError> {
    DefinitionState::from_word(word)
        .ok_or_else(|| StoreError::Corrupt(format!("state {word} of a definition")))
}

impl TryFrom<DefinitionRow> for StoredDefinition {
    type Error = StoreError;

    fn try_from(row: DefinitionRow) -> Result<Self, StoreError> {
        Ok(Self {
            state: state(&row.state)?,
            code: row.code,
            version: row.version,
            content: row.content,
            content_sha256: row.content_sha256,
            author_client: row.author_client,
            note_uk: row.note_uk,
            note_en: row.note_en,
            created_at: row.created_at,
        })
    }
}

/// Every version of every definition, newest version first within a code.
///
/// # Errors
/// When the database refuses.
pub fn definition_list(reader: &mut Reader) -> Result<Vec<StoredDefinition>, StoreError> {
    let statement = Statement::new(format!("{SELECT} order by d.code, d.version desc"), Vec::new());
    let rows: Vec<DefinitionRow> = statement.load(&mut reader.0)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One version.
///
/// # Errors
/// When the database refuses.
pub fn definition_find(
    reader: &mut Reader,
    code: &str,
    version: i32,
) -> Result<Option<StoredDefinition>, StoreError> {
    one(
        &mut reader.0,
        "d.code = ? and d.version = ?",
        vec![Bind::Text(code), Bind::Int(version)],
    )
}

/// The same in an open transaction.
///
/// # Errors
/// When the database refuses.
pub fn definition_find_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    version: i32,
) -> Result<Option<StoredDefinition>, StoreError> {
    one(
        tx.0,
        "d.code = ? and d.version = ?",
        vec![Bind::Text(code), Bind::Int(version)],
    )
}

/// The version that computes, if any.
///
/// # Errors
/// When the database refuses.
pub fn definition_published(reader: &mut Reader, code: &str) -> Result<Option<StoredDefinition>, StoreError> {
    one(&mut reader.0, PUBLISHED, vec![Bind::Text(code)])
}

/// The same in an open transaction.
///
/// # Errors
/// When the database refuses.
pub fn definition_published_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
) -> Result<Option<StoredDefinition>, StoreError> {
    one(tx.0, PUBLISHED, vec![Bind::Text(code)])
}

const PUBLISHED: &str = "d.code = ? and e.to_state = 'published'";

/// The version that a request proposed.
///
/// # Errors
/// When the database refuses.
pub fn definition_of_proposal(
    reader: &mut Reader,
    proposal: Uuid,
) -> Result<Option<StoredDefinition>, StoreError> {
    one(&mut reader.0, "d.proposal = ?", vec![Bind::Uuid(proposal)])
}

fn one(
    connection: &mut PgConnection,
    condition: &str,
    binds: Vec<Bind<'_>>,
) -> Result<Option<StoredDefinition>, StoreError> {
    let sql = format!("{SELECT} where {condition} order by d.version desc limit 1");
    let row: Option<DefinitionRow> = Statement::new(sql, binds).get_result(connection).optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Takes the lock of a code until commit and gives its newest version, whatever its state.
///
/// # Errors
/// [`StoreError::Retryable`] when the lock is not free in time.
pub fn definition_newest_lock_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
) -> Result<Option<StoredDefinition>, StoreError> {
    Statement::new(
        "select pg_advisory_xact_lock(hashtextextended(?, 4))",
        vec![Bind::Text(code)],
    )
    .execute(tx.0)?;
    one(tx.0, "d.code = ?", vec![Bind::Text(code)])
}

/// Whether any version of a code was ever published: its values stay readable.
///
/// # Errors
/// When the database refuses.
pub fn definition_was_published(reader: &mut Reader, code: &str) -> Result<bool, StoreError> {
    let answer: Answer = Statement::new(
        "select exists (select from metric_definition_event where code = ? and to_state = 'published') as answer",
        vec![Bind::Text(code)],
    )
    .get_result(&mut reader.0)?;
    Ok(answer.answer)
}

/// Whether a person ever did something with a code: then the catalogue leaves it alone.
///
/// # Errors
/// When the database refuses.
pub fn definition_is_in_hand_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<bool, StoreError> {
    let answer: Answer = Statement::new(
        "select exists (select from metric_definition_event where code = ? and client_id is not null) as answer",
        vec![Bind::Text(code)],
    )
    .get_result(tx.0)?;
    Ok(answer.answer)
}

/// Stores a new version with its first event. The caller holds the lock of its code.
///
/// # Errors
/// [`StoreError::Constraint`] when the version is there already.
pub fn definition_insert_in_tx(
    tx: &mut Tx<'_>,
    definition: &NewDefinition<'_>,
    first: DefinitionState,
    actor: DefinitionActor<'_>,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into metric_definition (code, version, content, content_sha256, author_client, proposal) \
         values (?, ?, ?, ?, ?, ?)",
        vec![
            Bind::Text(definition.code),
            Bind::Int(definition.version),
            Bind::Json(definition.content),
            Bind::Bytes(definition.content_sha256),
            Bind::MaybeText(actor.client_id),
            Bind::MaybeUuid(definition.proposal),
        ],
    )
    .execute(tx.0)?;
    definition_event_insert_in_tx(tx, (definition.code, definition.version), first, actor)
}

/// Gives a version its next state. The caller holds the lock of its code.
///
/// # Errors
/// When the database refuses.
pub fn definition_event_insert_in_tx(
    tx: &mut Tx<'_>,
    (code, version): (&str, i32),
    to: DefinitionState,
    actor: DefinitionActor<'_>,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into metric_definition_event (code, version, number, from_state, to_state, client_id, body, comment) \
         select ?, ?, coalesce(e.number, 0) + 1, e.to_state, ?, ?, ?, ? from (select) one left join lateral \
         (select number, to_state from metric_definition_event where code = ? and version = ? \
         order by number desc limit 1) e on true",
        vec![
            Bind::Text(code),
            Bind::Int(version),
            Bind::Text(to.word()),
            Bind::MaybeText(actor.client_id),
            Bind::MaybeText(actor.body),
            Bind::Text(actor.comment),
            Bind::Text(code),
            Bind::Int(version),
        ],
    )
    .execute(tx.0)?;
    Ok(())
}

/// What happened to a version, in order.
///
/// # Errors
/// When the database refuses.
pub fn definition_event_list(
    reader: &mut Reader,
    code: &str,
    version: i32,
) -> Result<Vec<DefinitionEvent>, StoreError> {
    let rows: Vec<EventRow> = Statement::new(
        "select from_state, to_state, client_id, body, comment, occurred_at from metric_definition_event \
         where code = ? and version = ? order by number",
        vec![Bind::Text(code), Bind::Int(version)],
    )
    .load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            Ok(DefinitionEvent {
                from: row.from_state.as_deref().map(state).transpose()?,
                to: state(&row.to_state)?,
                client_id: row.client_id,
                body: row.body,
                comment: row.comment,
                occurred_at: row.occurred_at,
            })
        })
        .collect()
}
