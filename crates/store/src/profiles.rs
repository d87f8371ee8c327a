//! Versions of mapping profiles and what happened to them. The newest event of a version is its state.
//!
//! The service adds versions and events and never changes one. Versions that come with the catalogue are written by
//! its load, which leaves alone what somebody drafted or retired.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::ProfileState;
use serde::Serialize;

/// A mapping profile on its way from the catalogue's files.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredProfile {
    /// Code.
    pub code: String,
    /// Version.
    pub version: i32,
    /// Whose file.
    pub body: String,
    /// Which dataflow it fills.
    pub dataflow: String,
    /// The description.
    pub content: serde_json::Value,
}

/// A stored version.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileVersion {
    /// The profile.
    pub profile: StoredProfile,
    /// Its state now.
    pub state: ProfileState,
    /// Who drafted it; `None` for versions that come with the catalogue.
    pub author_client: Option<String>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// One change of a version's state.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileEvent {
    /// State before.
    pub from: Option<ProfileState>,
    /// State after.
    pub to: ProfileState,
    /// Who; `None` when the catalogue was loaded.
    pub client_id: Option<String>,
    /// For which body.
    pub body: Option<String>,
    /// Why.
    pub comment: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// Who changes a state, and why.
#[derive(Clone, Copy, Debug)]
pub struct ProfileActor<'a> {
    /// With which client.
    pub client_id: &'a str,
    /// For which body.
    pub body: &'a str,
    /// In words.
    pub comment: &'a str,
}

/// Which versions.
#[derive(Clone, Debug, Default)]
pub struct ProfileFilter {
    /// Codes.
    pub codes: Vec<String>,
    /// Bodies.
    pub bodies: Vec<String>,
    /// Dataflows.
    pub dataflows: Vec<String>,
    /// Words of states.
    pub states: Vec<String>,
    /// Every version, not only the newest that matches of each code.
    pub every_version: bool,
    /// Keyset: only what sorts after this code and version.
    pub after: Option<(String, i32)>,
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Text)]
    dataflow: String,
    #[diesel(sql_type = Jsonb)]
    content: serde_json::Value,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    author_client: Option<String>,
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

const COLUMNS: &str = "p.code, p.version, p.body, p.dataflow, p.content, p.author_client, p.created_at, e.to_state as state \
     from mapping_profile p cross join lateral (select to_state from mapping_profile_event e where e.code = p.code \
     and e.version = p.version order by number desc limit 1) e";

fn state(word: &str) -> Result<ProfileState, StoreError> {
    ProfileState::from_word(word)
        .ok_or_else(|| StoreError::Corrupt(format!("state {word} of a mapping profile")))
}

impl TryFrom<VersionRow> for ProfileVersion {
    type Error = StoreError;

    fn try_from(row: VersionRow) -> Result<Self, StoreError> {
        Ok(Self {
            state: state(&row.state)?,
            author_client: row.author_client,
            created_at: row.created_at,
            profile: StoredProfile {
                code: row.code,
                version: row.version,
                body: row.body,
                dataflow: row.dataflow,
                content: row.content,
            },
        })
    }
}

/// Every version of every profile, by code and version.
///
/// # Errors
/// When the database refuses.
pub fn profile_list(reader: &mut Reader) -> Result<Vec<ProfileVersion>, StoreError> {
    let sql = format!("select {COLUMNS} order by p.code, p.version");
    let rows: Vec<VersionRow> = Statement::new(sql, Vec::new()).load(&mut reader.0)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How often the state of a version changed; a running service reads the profiles again when this grows.
///
/// # Errors
/// When the database refuses.
pub fn profile_generation(reader: &mut Reader) -> Result<i64, StoreError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        events: i64,
    }
    // Counted, not the greatest number: two acts may end in another order than they began.
    let counted: Counted = Statement::new("select count(*) as events from mapping_profile_event", Vec::new())
        .get_result(&mut reader.0)?;
    Ok(counted.events)
}

/// Versions that match, by code and version; at most `limit`.
///
/// # Errors
/// When the database refuses.
pub fn profile_page(
    reader: &mut Reader,
    filter: &ProfileFilter,
    limit: i64,
) -> Result<Vec<ProfileVersion>, StoreError> {
    let distinct = if filter.every_version {
        ""
    } else {
        "distinct on (p.code collate \"C\")"
    };
    let mut sql = format!("select {distinct} {COLUMNS} where true");
    let mut binds = Vec::new();
    for (column, words) in [
        ("p.code", &filter.codes),
        ("p.body", &filter.bodies),
        ("p.dataflow", &filter.dataflows),
        ("e.to_state", &filter.states),
    ] {
        if !words.is_empty() {
            sql.push_str(&format!(" and {column} = any(?)"));
            binds.push(Bind::OwnedTexts(words));
        }
    }
    if let Some((code, version)) = &filter.after {
        binds.push(Bind::Text(code));
        if filter.every_version {
            sql.push_str(" and (p.code collate \"C\", p.version) > (?, ?)");
            binds.push(Bind::Int(*version));
        } else {
            sql.push_str(" and p.code collate \"C\" > ?");
        }
    }
    let order = if filter.every_version { "" } else { " desc" };
    sql.push_str(&format!(
        " order by p.code collate \"C\", p.version{order} limit ?"
    ));
    binds.push(Bind::BigInt(limit));
    let rows: Vec<VersionRow> = Statement::new(sql, binds).load(&mut reader.0)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One version. Without a number it is the one in use, the newest approved; where none is approved, the newest.
///
/// # Errors
/// When the database refuses.
pub fn profile_find(
    reader: &mut Reader,
    code: &str,
    version: Option<i32>,
) -> Result<Option<ProfileVersion>, StoreError> {
    version_find(&mut reader.0, code, version)
}

/// The same in an open transaction, for one version.
///
/// # Errors
/// When the database refuses.
pub fn profile_find_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    version: i32,
) -> Result<Option<ProfileVersion>, StoreError> {
    version_find(tx.0, code, Some(version))
}

fn version_find(
    connection: &mut PgConnection,
    code: &str,
    version: Option<i32>,
) -> Result<Option<ProfileVersion>, StoreError> {
    let sql = format!(
        "select {COLUMNS} where p.code = ? and p.version = coalesce(?, p.version) \
         order by (e.to_state = 'approved') desc, p.version desc limit 1"
    );
    let row: Option<VersionRow> = Statement::new(sql, vec![Bind::Text(code), Bind::MaybeInt(version)])
        .get_result(connection)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Takes the lock of a code until commit and gives its newest version, whatever its state.
///
/// # Errors
/// [`StoreError::Retryable`] when the lock is not free in time.
pub fn profile_newest_lock_in_tx(tx: &mut Tx<'_>, code: &str) -> Result<Option<ProfileVersion>, StoreError> {
    Statement::new(
        "select pg_advisory_xact_lock(hashtextextended(?, 3))",
        vec![Bind::Text(code)],
    )
    .execute(tx.0)?;
    let sql = format!("select {COLUMNS} where p.code = ? order by p.version desc limit 1");
    let row: Option<VersionRow> = Statement::new(sql, vec![Bind::Text(code)])
        .get_result(tx.0)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Stores a new version as a draft. The caller holds the lock of its code.
///
/// # Errors
/// [`StoreError::Constraint`] when body or dataflow are not in the catalogue.
pub fn profile_draft_insert_in_tx(
    tx: &mut Tx<'_>,
    profile: &StoredProfile,
    actor: ProfileActor<'_>,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into mapping_profile (code, version, body, dataflow, content, author_client) values (?, ?, ?, ?, ?, ?)",
        vec![
            Bind::Text(&profile.code),
            Bind::Int(profile.version),
            Bind::Text(&profile.body),
            Bind::Text(&profile.dataflow),
            Bind::Json(&profile.content),
            Bind::Text(actor.client_id),
        ],
    )
    .execute(tx.0)?;
    profile_event_insert_in_tx(tx, &profile.code, profile.version, ProfileState::Draft, actor)
}

/// Gives a version its next state. The caller holds the lock of its code.
///
/// # Errors
/// When the database refuses.
pub fn profile_event_insert_in_tx(
    tx: &mut Tx<'_>,
    code: &str,
    version: i32,
    to: ProfileState,
    actor: ProfileActor<'_>,
) -> Result<(), StoreError> {
    Statement::new(
        "insert into mapping_profile_event (code, version, number, from_state, to_state, client_id, body, comment) \
         select ?, ?, coalesce(e.number, 0) + 1, e.to_state, ?, ?, ?, ? from (select) one left join lateral \
         (select number, to_state from mapping_profile_event where code = ? and version = ? \
         order by number desc limit 1) e on true",
        vec![
            Bind::Text(code),
            Bind::Int(version),
            Bind::Text(to.word()),
            Bind::Text(actor.client_id),
            Bind::Text(actor.body),
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
pub fn profile_event_list(
    reader: &mut Reader,
    code: &str,
    version: i32,
) -> Result<Vec<ProfileEvent>, StoreError> {
    let rows: Vec<EventRow> = Statement::new(
        "select from_state, to_state, client_id, body, comment, occurred_at from mapping_profile_event \
         where code = ? and version = ? order by number",
        vec![Bind::Text(code), Bind::Int(version)],
    )
    .load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            Ok(ProfileEvent {
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
