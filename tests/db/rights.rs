//! What nobody may do, not even the owner, and what the service's two roles may do.

use leleka_testkit::{Cluster, TestDatabase};
use std::collections::{BTreeMap, BTreeSet};

/// Written once: `ARCHITECTURE.md`, the invariants of the store.
const APPEND_ONLY: [&str; 24] = [
    "agreement_event",
    "agreement_term",
    "alert",
    "alert_event",
    "change_event",
    "finding",
    "forecast",
    "log_entry",
    "mapping_profile_event",
    "metric_definition",
    "metric_definition_event",
    "metric_run",
    "metric_value",
    "obligation_decision",
    "observation",
    "publication",
    "risk_assessment",
    "rule_set",
    "schedule_document",
    "series",
    "slice_version",
    "submission",
    "submission_content",
    "told_table",
];

/// What the service may do beside reading.
const SERVICE: [(&str, &[&str]); 31] = [
    ("agreement", &["INSERT", "UPDATE"]),
    ("agreement_event", &["INSERT"]),
    ("agreement_term", &["INSERT"]),
    ("alert", &["INSERT"]),
    ("alert_due", &["DELETE", "INSERT"]),
    ("alert_event", &["INSERT"]),
    ("change_event", &["INSERT"]),
    ("client_assertion", &["DELETE", "INSERT"]),
    ("finding", &["INSERT"]),
    ("forecast", &["INSERT"]),
    ("forecast_dirty", &["DELETE", "INSERT", "UPDATE"]),
    ("idempotency_key", &["DELETE", "INSERT"]),
    ("job", &["INSERT", "UPDATE"]),
    ("log_entry", &["INSERT"]),
    ("mapping_profile", &["INSERT"]),
    ("mapping_profile_event", &["INSERT"]),
    ("metric_definition", &["INSERT"]),
    ("metric_definition_event", &["INSERT"]),
    ("metric_dirty", &["DELETE", "INSERT", "UPDATE"]),
    ("metric_run", &["INSERT"]),
    ("metric_value", &["INSERT"]),
    ("obligation_decision", &["INSERT"]),
    ("observation", &["INSERT"]),
    ("publication", &["INSERT"]),
    ("risk_assessment", &["INSERT"]),
    ("series", &["INSERT"]),
    ("slice_version", &["INSERT"]),
    ("submission", &["INSERT"]),
    ("submission_content", &["INSERT"]),
    ("told_table", &["INSERT"]),
    ("validation", &["DELETE", "INSERT"]),
];

fn tables(database: &TestDatabase) -> Vec<String> {
    let listed = database.sql(
        "select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = 'public'::regnamespace \
         and relkind = 'r' and relname not like '\\_\\_diesel%'",
    );
    listed.unwrap().split(' ').map(str::to_owned).collect()
}

fn refused(database: &TestDatabase, statement: &str, why: &str) {
    let error = database
        .execute(statement)
        .expect_err(&format!("it was let through: {statement}"));
    assert!(error.contains(why), "{statement}: {error}");
}

#[test]
fn what_was_written_once_is_never_changed_not_even_by_the_owner() {
    let database = Cluster::shared().database();
    for table in APPEND_ONLY {
        let column = database.sql(&format!(
            "select column_name from information_schema.columns where table_name = '{table}' and is_identity = 'NO' limit 1"
        ));
        let column = column.unwrap();
        let why = "never changed or deleted";
        refused(&database, &format!("update {table} set {column} = {column}"), why);
        refused(&database, &format!("delete from {table}"), why);
        refused(&database, &format!("truncate {table} cascade"), why);
        let merge = format!(
            "merge into {table} t using (select 1) s on true when matched then delete when not matched then do nothing"
        );
        refused(&database, &merge, why);
    }
}

#[test]
fn the_tables_that_are_guarded_are_exactly_those_that_should_be() {
    let database = Cluster::shared().database();
    let guarded = database.sql(
        "select string_agg(tgrelid::regclass::text, ' ' order by tgrelid::regclass::text) from pg_trigger \
         where tgfoid = 'refuse_change'::regproc and tgenabled = 'O'",
    );
    assert_eq!(
        guarded.unwrap().split(' ').collect::<Vec<_>>(),
        APPEND_ONLY,
        "change the table of ARCHITECTURE.md too"
    );
}

/// The rights of a role beside reading, by table.
fn rights(database: &TestDatabase, role: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut rights = BTreeMap::new();
    for table in tables(database) {
        let held = ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
            .into_iter()
            .filter(|right| {
                let asked = format!("select has_table_privilege('{role}', '{table}', '{right}')");
                database.sql(&asked).as_deref() == Some("true")
            })
            .map(str::to_owned)
            .collect::<BTreeSet<_>>();
        if !held.is_empty() {
            rights.insert(table, held);
        }
    }
    rights
}

#[test]
fn the_service_may_append_and_nothing_more() {
    let database = Cluster::shared().database();
    let expected: BTreeMap<String, BTreeSet<String>> = SERVICE
        .iter()
        .map(|(table, rights)| {
            let rights = rights.iter().map(|right| (*right).to_owned());
            ((*table).to_owned(), rights.collect())
        })
        .collect();
    assert_eq!(rights(&database, "leleka_app"), expected);
}

#[test]
fn the_reader_may_write_nothing() {
    let database = Cluster::shared().database();
    assert_eq!(rights(&database, "leleka_reader"), BTreeMap::new());
    for table in tables(&database) {
        refused(
            &database,
            &format!("set role leleka_reader; insert into {table} default values"),
            "permission denied",
        );
    }
    for act in ["select nextval('ledger_position')", "create table own (id int)"] {
        refused(
            &database,
            &format!("set role leleka_reader; {act}"),
            "permission denied",
        );
    }
}

#[test]
fn the_service_cannot_change_what_was_written_nor_the_schema() {
    let database = Cluster::shared().database();
    let denied = [
        "update observation set value = 1",
        "delete from observation",
        "truncate observation",
        "update submission set body = 'DMS'",
        "delete from log_entry",
        "update client set role = 'auditor'",
        "insert into client select * from client",
        "update indicator set name_en = 'x'",
        "create table own (id int)",
        "create schema own",
    ];
    for act in denied {
        refused(
            &database,
            &format!("set role leleka_app; {act}"),
            "permission denied",
        );
    }
    for act in [
        "drop table observation",
        "alter table observation disable trigger all",
        "alter table observation add column x int",
        "drop trigger observation_append_only on observation",
        "drop function refuse_change() cascade",
        "create index own on observation (value)",
        "comment on table observation is ''",
    ] {
        refused(&database, &format!("set role leleka_app; {act}"), "must be owner");
    }
    for role in ["leleka_app", "leleka_reader"] {
        let powers = format!(
            "select rolsuper or rolcreaterole or rolcreatedb or rolcanlogin or rolbypassrls or rolreplication \
             from pg_roles where rolname = '{role}'"
        );
        assert_eq!(database.sql(&powers).as_deref(), Some("false"), "{role}");
    }
}

#[test]
fn a_private_key_cannot_be_stored() {
    let database = Cluster::shared().database();
    let client = "insert into client (id, body, role, state, created_at) values ('a-client', 'DMS', 'analyst', 'active', now())";
    database.execute(client).unwrap();
    let key = |jwk| {
        format!(
            "insert into client_key (client_id, kid, alg, public_jwk, not_after, created_at) \
             values ('a-client', 'k', 'ES256', '{jwk}', now(), now())"
        )
    };
    refused(
        &database,
        &key(r#"{"d": "secret"}"#),
        "client_key_public_jwk_check",
    );
    database.execute(&key(r#"{"x": "public"}"#)).unwrap();
}
