//! What every act needs: the store, the clock, and the catalogue in memory.
//!
//! The catalogue and the clients are read-only snapshots that are replaced as a whole; nothing here is mutated
//! in place, so a request sees one state from beginning to end.

use crate::ActError;
use crate::submission::PROMISE_HOURS;
use leleka_domain::{Catalogue, Clock, IdSource, SeriesId};
use leleka_normalise::{Codebook, MappingProfile};
use leleka_risk::Definition;
use leleka_store::{
    Client, Store, StoreError, catalogue_generation, catalogue_read, client_list, definition_list,
    idempotency_sweep_in_tx, profile_list, validation_sweep_in_tx,
};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Version of the checks; it stands on every submission.
pub const RULESET_VERSION: &str = "2026.11.1";
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
    /// Mapping profiles by code, newest version last.
    pub profiles: BTreeMap<String, Vec<(i32, MappingProfile)>>,
    /// Active definitions of risk metrics.
    pub definitions: Vec<Definition>,
}

impl Book {
    /// The newest version of a profile of this body.
    #[must_use]
    pub fn profile(&self, code: &str, body: &str) -> Option<(i32, &MappingProfile)> {
        let (version, profile) = self.profiles.get(code)?.last()?;
        (profile.body == body).then_some((*version, profile))
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
    book: RwLock<(i64, Arc<Book>)>,
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

    /// Reads clients again, and the catalogue when it was loaded since. Cheap; called every two seconds, so a
    /// suspended client is out within that time.
    ///
    /// # Errors
    /// When the database does not answer; the former state stays.
    pub fn refresh(&self) -> Result<(), ActError> {
        let clients = clients_read(&self.store)?;
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(clients);
        let known = self.book.read().unwrap_or_else(PoisonError::into_inner).0;
        if catalogue_generation(&mut self.store.reader()?)? != known {
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

fn book_read(store: &Store) -> Result<(i64, Book), ActError> {
    let mut reader = store.reader()?;
    let (generation, catalogue, profiles, definitions) = reader.snapshot(|reader| {
        let catalogue = catalogue_read(reader)?.unwrap_or_default();
        Ok((
            catalogue_generation(reader)?,
            catalogue,
            profile_list(reader)?,
            definition_list(reader)?,
        ))
    })?;
    let codebook = Codebook::new(&catalogue);
    let mut by_code: BTreeMap<String, Vec<(i32, MappingProfile)>> = BTreeMap::new();
    for stored in profiles {
        let profile = serde_json::from_value(stored.content)
            .map_err(|error| StoreError::Corrupt(format!("mapping profile {}: {error}", stored.code)))?;
        by_code
            .entry(stored.code)
            .or_default()
            .push((stored.version, profile));
    }
    let mut active = Vec::new();
    for stored in definitions
        .into_iter()
        .filter(|definition| definition.status == "active")
    {
        let content = stored.content.to_string();
        active.push(Definition::parse(&content).map_err(|_| ActError::Definition(stored.code))?);
    }
    Ok((
        generation,
        Book {
            generation,
            catalogue,
            codebook,
            profiles: by_code,
            definitions: active,
        },
    ))
}
