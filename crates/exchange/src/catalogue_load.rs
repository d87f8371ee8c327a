//! The act of loading the catalogue, with the shipped definitions of risk metrics. Repeatable: the same files
//! change nothing.

use crate::metric_record::digest_bytes;
use crate::{ActError, CatalogueFiles};
use leleka_domain::{DefinitionState, IdSource};
use leleka_risk::{Definition, shipped_definitions, shipped_library};
use leleka_store::{
    CatalogueLoadReport, DefinitionActor, LogEntry, LogOutcome, Migrator, NewChange, NewDefinition,
    StoreError, StoredDefinition, Tx, catalogue_digest, catalogue_load as catalogue_load_in_tx,
    change_insert_in_tx, definition_event_insert_in_tx, definition_find_in_tx, definition_insert_in_tx,
    definition_is_in_hand_in_tx, definition_newest_lock_in_tx, definition_published_in_tx,
    dirty_insert_whole_in_tx, disclosure_load_in_tx, rule_set_load_in_tx,
};

/// What a load did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueLoaded {
    /// Version of the files.
    pub version: String,
    /// What changed, table by table.
    pub tables: Vec<CatalogueLoadReport>,
    /// Definitions of risk metrics that were published.
    pub definitions_published: usize,
    /// Shipped versions that were not, because people have taken their code in hand.
    pub definitions_kept: Vec<DefinitionKept>,
    /// Version of the rules over several figures.
    pub ruleset_version: String,
}

/// A shipped version that the load left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionKept {
    /// Which metric.
    pub code: String,
    /// The version that came with the program.
    pub shipped: i32,
    /// The version that is published; none when people retired the metric.
    pub published: Option<i32>,
}

/// Loads a catalogue.
///
/// # Errors
/// When the files contradict each other, or a published definition was changed without a new version.
pub fn catalogue_load(
    migrator: &mut Migrator,
    ids: &IdSource,
    files: &CatalogueFiles,
) -> Result<CatalogueLoaded, ActError> {
    let entry = LogEntry {
        id: ids.next(),
        client_id: None,
        body: None,
        role: None,
        action: "catalogue.load",
        object_type: Some("catalogue"),
        object_id: Some(files.catalogue.version.clone()),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: None,
        payload_sha256: None,
    };
    migrator.write(&entry, |tx| {
        let rules = &files.rules;
        rule_set_load_in_tx(tx, &rules.version, &rules.content, &rules.content_sha256)?;
        let disclosure = serde_json::json!(files.disclosure);
        disclosure_load_in_tx(tx, &files.disclosure.version, &disclosure)?;
        let tables = catalogue_load_in_tx(
            tx,
            &files.catalogue,
            &files.profiles,
            &files.schedule,
            &files.content_sha256,
        )?;
        let (mut definitions_published, mut definitions_kept) = (0, Vec::new());
        let (library, _unread) = shipped_library();
        for (file, json) in shipped_definitions() {
            let fault = || ActError::Definition((*file).to_owned());
            let definition = Definition::parse_with(json, &library).map_err(|_faults| fault())?;
            let content: serde_json::Value = serde_json::from_str(json).map_err(|_error| fault())?;
            let version = i32::try_from(definition.version).map_err(|_error| fault())?;
            let sha256: [u8; 32] = digest_bytes(&definition.body_sha256)
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or_else(fault)?;
            let shipped = NewDefinition {
                code: &definition.code,
                version,
                content: &content,
                content_sha256: &sha256,
                proposal: None,
            };
            match shipped_publish(tx, &shipped)? {
                Shipped::Published => {
                    definitions_published += 1;
                    for (name, input) in &definition.inputs {
                        dirty_insert_whole_in_tx(tx, &definition.code, name, &input.indicator)?;
                    }
                }
                Shipped::Kept(kept) => definitions_kept.push(kept),
                Shipped::Unchanged => {}
            }
        }
        let sum = |of: fn(&CatalogueLoadReport) -> u64| tables.iter().map(of).sum::<u64>();
        let details = serde_json::json!({
            "added": sum(|table| table.added),
            "changed": sum(|table| table.changed),
            "retired": sum(|table| table.retired),
            "definitions_published": definitions_published,
            "definitions_kept": definitions_kept.iter().map(|kept| &kept.code).collect::<Vec<_>>(),
            "ruleset_version": rules.version,
        });
        let change = NewChange {
            kind: "catalogue.loaded",
            body: None,
            dataflow: None,
            object_type: "catalogue",
            object_id: &files.catalogue.version,
            details: &details,
        };
        change_insert_in_tx(tx, &change)?;
        Ok(CatalogueLoaded {
            version: files.catalogue.version.clone(),
            tables,
            definitions_published,
            definitions_kept,
            ruleset_version: rules.version.clone(),
        })
    })
}

enum Shipped {
    Published,
    Unchanged,
    Kept(DefinitionKept),
}

/// Publishes a shipped version, unless it is there or people have taken its code in hand: what they published or
/// retired is not undone by a new program.
fn shipped_publish(tx: &mut Tx<'_>, shipped: &NewDefinition<'_>) -> Result<Shipped, ActError> {
    let (code, version) = (shipped.code, shipped.version);
    let newest = definition_newest_lock_in_tx(tx, code)?;
    let there = definition_find_in_tx(tx, code, version)?;
    let same = |there: &StoredDefinition| there.content_sha256 == shipped.content_sha256;
    if there.as_ref().is_some_and(same) {
        return Ok(Shipped::Unchanged);
    }
    let published = definition_published_in_tx(tx, code)?;
    if definition_is_in_hand_in_tx(tx, code)? {
        return Ok(Shipped::Kept(DefinitionKept {
            code: code.to_owned(),
            shipped: version,
            published: published.map(|published| published.version),
        }));
    }
    if there.is_some() {
        let what = format!("{code} version {version} is published with other content");
        return Err(StoreError::Corrupt(what).into());
    }
    // An older program over a newer catalogue takes nothing back.
    if newest.is_some_and(|newest| newest.version > version) {
        return Ok(Shipped::Unchanged);
    }
    let actor = DefinitionActor {
        client_id: None,
        body: None,
        comment: "catalogue",
    };
    if let Some(former) = published {
        definition_event_insert_in_tx(tx, (code, former.version), DefinitionState::Retired, actor)?;
    }
    definition_insert_in_tx(tx, shipped, DefinitionState::Published, actor)?;
    Ok(Shipped::Published)
}

/// Loads a catalogue unless this very content was the last one loaded: a start need not compare every entry.
///
/// # Errors
/// As [`catalogue_load`].
pub fn catalogue_load_if_new(
    migrator: &mut Migrator,
    ids: &IdSource,
    files: &CatalogueFiles,
) -> Result<Option<CatalogueLoaded>, ActError> {
    if catalogue_digest(migrator)?.as_deref() == Some(files.content_sha256.as_slice()) {
        return Ok(None);
    }
    catalogue_load(migrator, ids, files).map(Some)
}
