//! The catalogue in the database: loading a version of the files, and reading it back whole.
//!
//! Loading is repeatable: the same files change nothing. An entry that left the files is retired, never deleted.

use crate::StoreError;
use crate::agreements_load::agreement_load;
use crate::connections::{Reader, Tx};
use crate::expectations::expectation_keep_in_tx;
use crate::migrations::Migrator;
use crate::profile_loads::{profile_states_load, used_profiles_unchanged};
use crate::profiles::StoredProfile;
use crate::schedules::schedule_load;
use crate::statement::{Bind, Statement};
use diesel::sql_types::{BigInt, Binary, Bool, Jsonb, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use leleka_domain::{Catalogue, Schedule};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a load changed in one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CatalogueLoadReport {
    /// Table.
    pub table: &'static str,
    /// Entries that were not there.
    pub added: u64,
    /// Entries whose content changed, or that came back.
    pub changed: u64,
    /// Entries that the files no longer hold.
    pub retired: u64,
}

struct Table {
    name: &'static str,
    key: &'static [&'static str],
    columns: &'static [&'static str],
}

const BODY: Table = Table {
    name: "body",
    key: &["code"],
    columns: &[
        "code",
        "kind",
        "territory",
        "name_uk",
        "name_en",
        "note",
        "valid_from",
        "valid_to",
    ],
};
const DATAFLOW: Table = Table {
    name: "dataflow",
    key: &["code"],
    columns: &[
        "code",
        "owner_body",
        "name_uk",
        "name_en",
        "description_uk",
        "description_en",
        "partial_allowed",
    ],
};
const INDICATOR: Table = Table {
    name: "indicator",
    key: &["code"],
    columns: &[
        "code",
        "dataflow",
        "source_body",
        "frequency",
        "unit",
        "measure",
        "decimals",
        "dimensions",
        "direction",
        "ciram",
        "name_uk",
        "name_en",
        "definition_uk",
        "definition_en",
        "counterpart",
        "valid_from",
        "valid_to",
    ],
};
const AGREEMENT: Table = Table {
    name: "agreement",
    key: &["body", "indicator"],
    columns: &[
        "body",
        "indicator",
        "frequencies",
        "state",
        "valid_from",
        "valid_to",
        "note",
    ],
};
const CODE_LIST: Table = Table {
    name: "code_list",
    key: &["code"],
    columns: &["code", "name_uk", "name_en", "source", "open"],
};
const DIMENSION: Table = Table {
    name: "dimension",
    key: &["code"],
    columns: &["code", "list", "name_uk", "name_en"],
};
const CODE: Table = Table {
    name: "code",
    key: &["list", "code"],
    columns: &[
        "list",
        "code",
        "parent",
        "level",
        "name_uk",
        "name_en",
        "aliases",
        "other_codes",
        "valid_from",
        "valid_to",
    ],
};
const MAPPING_PROFILE: Table = Table {
    name: "mapping_profile",
    key: &["code", "version"],
    columns: &["code", "version", "body", "dataflow", "content"],
};

#[derive(QueryableByName)]
struct Upserted {
    #[diesel(sql_type = Bool)]
    inserted: bool,
}

#[derive(QueryableByName)]
struct Document {
    #[diesel(sql_type = Jsonb)]
    document: serde_json::Value,
}

/// Brings every table to the content of the files, in the order of their references.
///
/// # Errors
/// [`StoreError::Constraint`] when an entry refers to something that is not there.
pub fn catalogue_load(
    tx: &mut Tx<'_>,
    catalogue: &Catalogue,
    profiles: &[StoredProfile],
    schedule: &Schedule,
    content_sha256: &[u8; 32],
) -> Result<Vec<CatalogueLoadReport>, StoreError> {
    let version = catalogue.version.as_str();
    used_profiles_unchanged(tx, profiles)?;
    let reports = vec![
        table_load(tx, &BODY, &catalogue.bodies, version)?,
        table_load(tx, &DATAFLOW, &catalogue.dataflows, version)?,
        table_load(tx, &INDICATOR, &catalogue.indicators, version)?,
        agreement_load(tx, &catalogue.agreements, version)?,
        table_load(tx, &CODE_LIST, &catalogue.code_lists, version)?,
        table_load(tx, &DIMENSION, &catalogue.dimensions, version)?,
        table_load(tx, &CODE, &catalogue.codes, version)?,
        table_load(tx, &MAPPING_PROFILE, profiles, version)?,
        schedule_load(tx, schedule)?,
    ];
    profile_states_load(tx, version)?;
    expectation_keep_in_tx(tx)?;
    let sum = |of: fn(&CatalogueLoadReport) -> u64| reports.iter().map(of).sum::<u64>().cast_signed();
    Statement::new(
        "insert into catalogue_load (version, content_sha256, added, changed, retired) values (?, ?, ?, ?, ?)",
        vec![
            Bind::Text(version),
            Bind::Bytes(content_sha256),
            Bind::BigInt(sum(|report| report.added)),
            Bind::BigInt(sum(|report| report.changed)),
            Bind::BigInt(sum(|report| report.retired)),
        ],
    )
    .execute(tx.0)?;
    Ok(reports)
}

fn table_load<T: Serialize>(
    tx: &mut Tx<'_>,
    table: &Table,
    entries: &[T],
    version: &str,
) -> Result<CatalogueLoadReport, StoreError> {
    let document = serde_json::to_value(entries).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let (name, columns, key) = (table.name, table.columns.join(", "), table.key.join(", "));
    let changed = table
        .columns
        .iter()
        .map(|column| format!("{column} = excluded.{column}"))
        .collect::<Vec<_>>();
    let before = table
        .columns
        .iter()
        .map(|column| format!("t.{column}"))
        .collect::<Vec<_>>()
        .join(", ");
    let after = table
        .columns
        .iter()
        .map(|column| format!("excluded.{column}"))
        .collect::<Vec<_>>()
        .join(", ");
    let upsert = format!(
        "insert into {name} as t ({columns}) select {columns} from jsonb_populate_recordset(null::{name}, ?) \
         on conflict ({key}) do update set {}, retired_in = null \
         where ({before}, t.retired_in) is distinct from ({after}, null) returning (xmax = 0) as inserted",
        changed.join(", ")
    );
    let upserted: Vec<Upserted> = Statement::new(upsert, vec![Bind::Json(&document)]).load(tx.0)?;
    let matches = table
        .key
        .iter()
        .map(|column| format!("f.{column} = t.{column}"))
        .collect::<Vec<_>>()
        .join(" and ");
    // What somebody drafted is not the files' to retire.
    let own = if name == MAPPING_PROFILE.name {
        "and author_client is null"
    } else {
        ""
    };
    let retire = format!(
        "update {name} t set retired_in = ? where retired_in is null {own} and not exists \
         (select from jsonb_populate_recordset(null::{name}, ?) f where {matches})"
    );
    let retired = Statement::new(retire, vec![Bind::Text(version), Bind::Json(&document)]).execute(tx.0)?;
    let added = upserted.iter().filter(|row| row.inserted).count();
    Ok(CatalogueLoadReport {
        table: name,
        added: added as u64,
        changed: (upserted.len() - added) as u64,
        retired: retired as u64,
    })
}

fn table_read<T: DeserializeOwned>(reader: &mut Reader, table: &Table) -> Result<Vec<T>, StoreError> {
    let sql = format!(
        "select to_jsonb(t) - 'retired_in' as document from {} t where retired_in is null order by {}",
        table.name,
        table.key.join(", ")
    );
    let rows: Vec<Document> = Statement::new(sql, Vec::new()).load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            serde_json::from_value(row.document)
                .map_err(|error| StoreError::Corrupt(format!("{}: {error}", table.name)))
        })
        .collect()
}

#[derive(QueryableByName)]
struct LoadedVersion {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The catalogue that was loaded last; `None` before the first load.
///
/// # Errors
/// When the database refuses.
pub fn catalogue_read(reader: &mut Reader) -> Result<Option<Catalogue>, StoreError> {
    let loaded: Option<LoadedVersion> = Statement::new(
        "select version from catalogue_load order by id desc limit 1",
        Vec::new(),
    )
    .get_result(&mut reader.0)
    .optional()?;
    let Some(loaded) = loaded else { return Ok(None) };
    Ok(Some(Catalogue {
        version: loaded.version,
        bodies: table_read(reader, &BODY)?,
        dataflows: table_read(reader, &DATAFLOW)?,
        indicators: table_read(reader, &INDICATOR)?,
        agreements: table_read(reader, &AGREEMENT)?,
        dimensions: table_read(reader, &DIMENSION)?,
        code_lists: table_read(reader, &CODE_LIST)?,
        codes: table_read(reader, &CODE)?,
    }))
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    loads: i64,
}

/// How often a catalogue was loaded and agreements took a step; a running service reloads when this grows. Steps are
/// counted, not numbered: one that was numbered earlier may be committed later.
///
/// # Errors
/// When the database refuses.
pub fn catalogue_generation(reader: &mut Reader) -> Result<i64, StoreError> {
    let counted: Counted = Statement::new(
        "select coalesce(max(id), 0) + (select count(*) from agreement_event) \
         + (select count(*) from metric_definition_event) as loads from catalogue_load",
        Vec::new(),
    )
    .get_result(&mut reader.0)?;
    Ok(counted.loads)
}

/// The digest of the content that was loaded last.
///
/// # Errors
/// When the database refuses.
pub fn catalogue_digest(migrator: &mut Migrator) -> Result<Option<Vec<u8>>, StoreError> {
    #[derive(QueryableByName)]
    struct Loaded {
        #[diesel(sql_type = Binary)]
        content_sha256: Vec<u8>,
    }
    let loaded: Option<Loaded> = Statement::new(
        "select content_sha256 from catalogue_load order by id desc limit 1",
        Vec::new(),
    )
    .get_result(&mut migrator.0)
    .optional()?;
    Ok(loaded.map(|loaded| loaded.content_sha256))
}
