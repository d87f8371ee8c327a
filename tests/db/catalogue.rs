//! Loading the catalogue: the same files change nothing, and what changed is told.

use leleka_domain::IdSource;
use leleka_exchange::{CatalogueFiles, CatalogueLoaded, catalogue_load, shipped_catalogue};
use leleka_store::Migrator;
use leleka_testkit::{Cluster, TestDatabase};
use std::collections::BTreeMap;

fn load(database: &TestDatabase, files: &CatalogueFiles) -> CatalogueLoaded {
    let mut migrator = Migrator::connect(&database.url).unwrap();
    catalogue_load(&mut migrator, &IdSource, files).unwrap()
}

/// `(added, changed, retired)` of the tables where anything was.
fn changes(loaded: &CatalogueLoaded) -> BTreeMap<&str, (u64, u64, u64)> {
    let tables = loaded.tables.iter();
    tables
        .map(|table| (table.table, (table.added, table.changed, table.retired)))
        .filter(|(_, counts)| *counts != (0, 0, 0))
        .collect()
}

#[test]
fn loading_the_same_catalogue_again_changes_nothing() {
    let database = Cluster::shared().database();
    let loaded = load(&database, &shipped_catalogue().unwrap());
    assert_eq!(changes(&loaded), BTreeMap::new());
    assert_eq!(loaded.definitions_published, 0);
    let told = database
        .sql("select added + changed + retired from catalogue_load order by id desc limit 1")
        .unwrap();
    assert_eq!(told, "0");
}

#[test]
fn an_empty_database_gets_every_entry_once() {
    let database = Cluster::shared().empty_database();
    Migrator::connect(&database.url).unwrap().migrate().unwrap();
    let files = shipped_catalogue().unwrap();
    let loaded = load(&database, &files);
    let changes = changes(&loaded);
    let count = |length: usize| (length as u64, 0, 0);
    assert_eq!(changes["body"], count(files.catalogue.bodies.len()));
    assert_eq!(changes["indicator"], count(files.catalogue.indicators.len()));
    assert_eq!(changes["agreement"], count(files.catalogue.agreements.len()));
    assert_eq!(changes["code"], count(files.catalogue.codes.len()));
    assert_eq!(changes["mapping_profile"], count(files.profiles.len()));
    assert!(loaded.definitions_published > 0);
}

#[test]
fn a_changed_entry_is_told_a_removed_one_is_retired_and_a_returning_one_comes_back() {
    let database = Cluster::shared().database();
    let mut files = shipped_catalogue().unwrap();
    let changed = files.catalogue.indicators[0].code.clone();
    files.catalogue.indicators[0].name_en.push_str(" (reworded)");
    let removed = files.catalogue.agreements.remove(0);
    files.catalogue.version = "2099.1.1".to_owned();
    let loaded = load(&database, &files);
    assert_eq!(
        changes(&loaded),
        BTreeMap::from([("indicator", (0, 1, 0)), ("agreement", (0, 0, 1))])
    );
    let name = database.sql(&format!("select name_en from indicator where code = '{changed}'"));
    assert!(name.unwrap().ends_with(" (reworded)"));
    let retired = format!(
        "select retired_in from agreement where body = '{}' and indicator = '{}'",
        removed.body, removed.indicator
    );
    assert_eq!(
        database.sql(&retired).as_deref(),
        Some("2099.1.1"),
        "retired, never deleted"
    );
    let back = load(&database, &shipped_catalogue().unwrap());
    assert_eq!(
        changes(&back),
        BTreeMap::from([("indicator", (0, 1, 0)), ("agreement", (0, 1, 0))])
    );
    assert_eq!(database.sql(&retired), None);
}

#[test]
fn every_load_is_in_the_log() {
    let database = Cluster::shared().database();
    let entries = "select count(*) from log_entry where action = 'catalogue.load' and outcome = 'allowed'";
    let before: u32 = database.sql(entries).unwrap().parse().unwrap();
    load(&database, &shipped_catalogue().unwrap());
    assert_eq!(database.sql(entries), Some((before + 1).to_string()));
}

#[test]
fn a_shipped_definition_leaves_alone_a_metric_that_people_have_taken_in_hand() {
    let database = Cluster::shared().database();
    let person = "insert into client (id, body, role, state, created_at) values ('a-person', 'DMS', 'publisher', 'active', now())";
    database.execute(person).unwrap();
    // As if the program before had shipped only version 1 of two metrics: of one of them a person retired it.
    let earlier = "alter table metric_definition disable trigger user; alter table metric_definition_event disable trigger user; \
         delete from metric_definition_event where code in ('RM_ASY_WEEK', 'RM_IBC_WEEK'); \
         delete from metric_definition where code in ('RM_ASY_WEEK', 'RM_IBC_WEEK'); \
         alter table metric_definition enable trigger user; alter table metric_definition_event enable trigger user; \
         insert into metric_definition (code, version, content, content_sha256) \
         select code, 1, '{}', decode(repeat('00', 32), 'hex') from unnest(array['RM_ASY_WEEK', 'RM_IBC_WEEK']) c(code); \
         insert into metric_definition_event (code, version, number, to_state, comment) \
         select code, 1, 1, 'published', 'catalogue' from metric_definition where code in ('RM_ASY_WEEK', 'RM_IBC_WEEK'); \
         insert into metric_definition_event (code, version, number, from_state, to_state, client_id, body, comment) \
         values ('RM_ASY_WEEK', 1, 2, 'published', 'retired', 'a-person', 'DMS', 'misleading')";
    database.execute(earlier).unwrap();
    let loaded = load(&database, &shipped_catalogue().unwrap());
    assert_eq!(loaded.definitions_published, 1);
    let kept: Vec<(&str, i32, Option<i32>)> = loaded
        .definitions_kept
        .iter()
        .map(|kept| (kept.code.as_str(), kept.shipped, kept.published))
        .collect();
    assert_eq!(kept, [("RM_ASY_WEEK", 2, None)]);
    let states = |code: &str| {
        database.sql(&format!(
            "select string_agg(version || ' ' || to_state, ', ' order by version, number) \
             from metric_definition_event where code = '{code}'"
        ))
    };
    assert_eq!(states("RM_ASY_WEEK").as_deref(), Some("1 published, 1 retired"));
    assert_eq!(
        states("RM_IBC_WEEK").as_deref(),
        Some("1 published, 1 retired, 2 published")
    );
    let told = "select details ->> 'definitions_kept' from change_event order by number desc limit 1";
    assert_eq!(database.sql(told).as_deref(), Some("[\"RM_ASY_WEEK\"]"));
}
