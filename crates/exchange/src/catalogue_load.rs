//! The act of loading the catalogue, with the shipped definitions of risk metrics. Repeatable: the same files
//! change nothing.

use crate::metric_record::digest_bytes;
use crate::{ActError, CatalogueFiles};
use leleka_domain::IdSource;
use leleka_risk::{Definition, shipped_definitions};
use leleka_store::{
    CatalogueLoadReport, LogEntry, LogOutcome, Migrator, NewChange, catalogue_digest,
    catalogue_load as catalogue_load_in_tx, change_insert_in_tx, definition_publish_in_tx,
    dirty_insert_whole_in_tx, rule_set_load_in_tx,
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
    /// Version of the rules over several figures.
    pub ruleset_version: String,
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
        let tables = catalogue_load_in_tx(
            tx,
            &files.catalogue,
            &files.profiles,
            &files.schedule,
            &files.content_sha256,
        )?;
        let mut definitions_published = 0;
        for (file, json) in shipped_definitions() {
            let fault = || ActError::Definition((*file).to_owned());
            let definition = Definition::parse(json).map_err(|_faults| fault())?;
            let content: serde_json::Value = serde_json::from_str(json).map_err(|_error| fault())?;
            let version = i32::try_from(definition.version).map_err(|_error| fault())?;
            let sha256: [u8; 32] = digest_bytes(&definition.body_sha256)
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or_else(fault)?;
            if definition_publish_in_tx(tx, &definition.code, version, &content, &sha256)? {
                definitions_published += 1;
                for (name, input) in &definition.inputs {
                    dirty_insert_whole_in_tx(tx, &definition.code, name, &input.indicator)?;
                }
            }
        }
        let sum = |of: fn(&CatalogueLoadReport) -> u64| tables.iter().map(of).sum::<u64>();
        let details = serde_json::json!({
            "added": sum(|table| table.added),
            "changed": sum(|table| table.changed),
            "retired": sum(|table| table.retired),
            "definitions_published": definitions_published,
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
            ruleset_version: rules.version.clone(),
        })
    })
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
