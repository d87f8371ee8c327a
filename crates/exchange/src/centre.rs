//! What every act needs: the store, the clock, and the catalogue in memory.
//!
//! The catalogue and the clients are read-only snapshots that are replaced as a whole; nothing here is mutated
//! in place, so a request sees one state from beginning to end.

use crate::submission::PROMISE_HOURS;
use crate::{ActError, ProfileBook};
use leleka_domain::{Catalogue, Clock, DefinitionState, IdSource, Schedule, SeriesId};
use leleka_normalise::rules::{RuleBook, RuleSet};
use leleka_normalise::{Codebook, MappingProfile};
use leleka_risk::{Definition, Library};
use leleka_store::{
    AgreementEvent, Client, Store, StoreError, StoredDefinition, agreement_event_list, catalogue_generation,
    catalogue_read, client_list, definition_list, idempotency_sweep_in_tx, profile_generation, profile_list,
    rule_set_read, schedule_read, validation_sweep_in_tx,
};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Version of the shared schema of rows.
pub const SCHEMA_VERSION: &str = "1";
/// Longer than our longest cycle, a month, and than any sender repeats a request.
const KEY_DAYS: i64 = 35;
/// So many series numbers are remembered as inserted (8 bytes each).
const KNOWN_SERIES: usize = 4_000_000;

/// Limits and places.
#[derive(Clone, Debug)]
pub struct CentreSettings {
    /// Largest body of a submission, in bytes.
    pub body_bytes: u64,
    /// Most rows of a submission.
    pub rows: u64,
    /// Rows of one chunk: sorted, compared and written together.
    pub chunk_rows: usize,
    /// Findings that are kept whole; all are counted.
    pub findings_kept: usize,
    /// Where bodies are kept aside while they arrive.
    pub spool_dir: PathBuf,
    /// A body of more bytes is read by a job.
    pub sync_bytes: u64,
    /// A body of more rows is read by a job.
    pub sync_rows: u64,
    /// A worker that has not been heard of for so many seconds has lost its job.
    pub job_lease_seconds: u32,
    /// At most so many submissions write more than one chunk at the same time.
    pub bulk_writers: usize,
}

impl CentreSettings {
    /// The ordinary limits: 64 MiB, 200,000 rows, 10,000 findings.
    #[must_use]
    pub fn ordinary(spool_dir: PathBuf) -> Self {
        Self {
            body_bytes: 64 * 1024 * 1024,
            rows: 200_000,
            chunk_rows: 131_072,
            findings_kept: 10_000,
            spool_dir,
            sync_bytes: 1024 * 1024,
            sync_rows: 5_000,
            job_lease_seconds: 30,
            bulk_writers: 2,
        }
    }
}

/// The catalogue as a request sees it.
pub struct Book {
    /// Which load of the catalogue this is.
    pub generation: i64,
    /// The records.
    pub catalogue: Catalogue,
    /// The same, for resolving.
    pub codebook: Codebook,
    /// Mapping profiles.
    pub profiles: ProfileBook,
    /// Published definitions of risk metrics.
    pub definitions: Vec<Definition>,
    /// Every version that was ever published, for references and explanations.
    pub library: Library,
    /// Rules over several figures.
    pub rules: RuleBook,
    /// Deadlines and the calendar of working days.
    pub schedule: Schedule,
    /// Every step of every agreement, by agreement, oldest first.
    pub agreement_events: Vec<AgreementEvent>,
}

impl Book {
    /// Version of the checks in force; it stands on every submission.
    #[must_use]
    pub fn ruleset_version(&self) -> &str {
        self.rules.version()
    }

    /// The approved version of a profile of this body: the newest, or the one named as `CODE@3`.
    #[must_use]
    pub fn profile(&self, reference: &str, body: &str) -> Option<(i32, &MappingProfile)> {
        self.profiles.find(reference, body)
    }

    /// The indicators of a dataflow.
    #[must_use]
    pub fn indicators_of(&self, dataflow: &str) -> Vec<&str> {
        let all = self.catalogue.indicators.iter();
        all.filter(|indicator| indicator.dataflow == dataflow)
            .map(|indicator| indicator.code.as_str())
            .collect()
    }

    /// Every pair of body and dataflow that an agreement allows: the places where data can be.
    #[must_use]
    pub fn body_dataflows(&self) -> Vec<(&str, &str)> {
        let dataflow = |indicator: &str| {
            self.catalogue
                .indicators
                .iter()
                .find(|it| it.code == indicator)
                .map(|it| it.dataflow.as_str())
        };
        let pairs = self.catalogue.agreements.iter();
        let mut pairs: Vec<_> = pairs
            .filter_map(|it| Some((it.body.as_str(), dataflow(&it.indicator)?)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

/// The centre: store, clock, identifiers, catalogue and clients.
pub struct Centre {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// New identifiers.
    pub ids: IdSource,
    /// Limits.
    pub settings: CentreSettings,
    /// With how often the catalogue was loaded and profiles changed until it was read.
    book: RwLock<((i64, i64), Arc<Book>)>,
    clients: RwLock<Arc<BTreeMap<String, Client>>>,
    known_series: Mutex<FxHashSet<SeriesId>>,
}

impl std::fmt::Debug for Centre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Centre")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Centre {
    /// Opens the centre on a migrated database; the catalogue may still be empty.
    ///
    /// # Errors
    /// When the database does not answer or holds what this program cannot read.
    pub fn open(store: Store, clock: Clock, settings: CentreSettings) -> Result<Self, ActError> {
        let (generation, book) = book_read(&store)?;
        let clients = clients_read(&store)?;
        Ok(Self {
            store,
            clock,
            ids: IdSource,
            settings,
            book: RwLock::new((generation, Arc::new(book))),
            clients: RwLock::new(Arc::new(clients)),
            known_series: Mutex::new(FxHashSet::default()),
        })
    }

    /// The catalogue as it is now.
    #[must_use]
    pub fn book(&self) -> Arc<Book> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// A registered client as it is now.
    #[must_use]
    pub fn client(&self, id: &str) -> Option<Client> {
        self.clients
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned()
    }

    /// Reads clients again, and the catalogue when it was loaded, an agreement took a step or a mapping profile
    /// changed since. Cheap; called every two seconds, so a suspended client is out within that time.
    ///
    /// # Errors
    /// When the database does not answer; the former state stays.
    pub fn refresh(&self) -> Result<(), ActError> {
        let clients = clients_read(&self.store)?;
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(clients);
        let known = self.book.read().unwrap_or_else(PoisonError::into_inner).0;
        let mut reader = self.store.reader()?;
        let now = (
            catalogue_generation(&mut reader)?,
            profile_generation(&mut reader)?,
        );
        drop(reader);
        if now != known {
            let (generation, book) = book_read(&self.store)?;
            *self.book.write().unwrap_or_else(PoisonError::into_inner) = (generation, Arc::new(book));
        }
        Ok(())
    }

    /// Forgets idempotency keys that were used more than 35 days ago, and promises of dry runs after a day.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn keys_sweep(&self) -> Result<(), ActError> {
        let before = self.clock.now() - chrono::Duration::days(KEY_DAYS);
        let promises_before = self.clock.now() - chrono::Duration::hours(PROMISE_HOURS);
        self.store.submit(|tx| {
            validation_sweep_in_tx(tx, promises_before)?;
            Ok(idempotency_sweep_in_tx(tx, before).map(|_swept| ())?)
        })
    }

    /// Which of these series were not seen as inserted yet.
    pub(crate) fn unknown_series(&self, series: impl Iterator<Item = SeriesId>) -> Vec<SeriesId> {
        let known = self.known_series.lock().unwrap_or_else(PoisonError::into_inner);
        series.filter(|id| !known.contains(id)).collect()
    }

    /// Remembers series whose insertion was committed.
    pub(crate) fn remember_series(&self, series: impl Iterator<Item = SeriesId>) {
        let mut known = self.known_series.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KNOWN_SERIES {
            known.extend(series);
        }
    }
}

fn clients_read(store: &Store) -> Result<BTreeMap<String, Client>, ActError> {
    let clients = client_list(&mut store.reader()?)?;
    Ok(clients
        .into_iter()
        .map(|client| (client.id.clone(), client))
        .collect())
}

fn book_read(store: &Store) -> Result<((i64, i64), Book), ActError> {
    let mut reader = store.reader()?;
    let (generation, catalogue, profiles, definitions, rules, schedule, agreement_events) =
        reader.snapshot(|reader| {
            let catalogue = catalogue_read(reader)?.unwrap_or_default();
            Ok((
                (catalogue_generation(reader)?, profile_generation(reader)?),
                catalogue,
                profile_list(reader)?,
                definition_list(reader)?,
                rule_set_read(reader)?,
                schedule_read(reader)?,
                agreement_event_list(reader, None)?,
            ))
        })?;
    let codebook = Codebook::new(&catalogue);
    let (published, library) = definitions_read(&definitions)?;
    let rules = rules.map_or(Ok(RuleBook::default()), |content| rules_read(content, &catalogue))?;
    Ok((
        generation,
        Book {
            generation: generation.0,
            catalogue,
            codebook,
            profiles: ProfileBook::read(profiles)?,
            definitions: published,
            library,
            rules,
            schedule,
            agreement_events,
        },
    ))
}

/// The published definitions, and every version that they may refer to: what was published once, retired by now or not.
fn definitions_read(stored: &[StoredDefinition]) -> Result<(Vec<Definition>, Library), ActError> {
    let once_published = stored.iter().filter(|it| it.state != DefinitionState::Draft);
    let texts: Vec<String> = once_published.map(|it| it.content.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (library, _unread) = Library::read(&texts);
    let published = stored.iter().filter(|it| it.state == DefinitionState::Published);
    let found = published.map(|it| {
        let version = u32::try_from(it.version).ok();
        let definition = version.and_then(|version| library.find(&it.code, version));
        definition
            .map(|definition| (**definition).clone())
            .ok_or_else(|| ActError::Definition(it.code.clone()))
    });
    Ok((found.collect::<Result<_, _>>()?, library))
}

/// The stored rules, against the catalogue that was loaded with them.
fn rules_read(content: serde_json::Value, catalogue: &Catalogue) -> Result<RuleBook, StoreError> {
    let corrupt = |what: String| StoreError::Corrupt(format!("rules: {what}"));
    let set: RuleSet = serde_json::from_value(content).map_err(|error| corrupt(error.to_string()))?;
    RuleBook::new(set, catalogue).map_err(|faults| corrupt(faults.join("; ")))
}
