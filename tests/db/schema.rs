//! The schema: both ways through the migrations, commented, indexed, and as `schema.rs` says.

use crate::operations::repository_file;
use leleka_store::{Migrator, SchemaState};
use leleka_testkit::{Cluster, TestDatabase};

/// Everything that a migration can make, as text, one kind of thing each.
const DUMP: [(&str, &str); 9] = [
    (
        "columns",
        "select string_agg(concat_ws(' ', table_name, column_name, ordinal_position, data_type, udt_name, is_nullable, \
         column_default, is_identity), E'\\n' order by table_name, ordinal_position) \
         from information_schema.columns where table_schema = 'public'",
    ),
    (
        "constraints",
        "select string_agg(concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)), E'\\n' \
         order by conrelid::regclass::text, conname) from pg_constraint where connamespace = 'public'::regnamespace",
    ),
    (
        "indexes",
        "select string_agg(indexdef, E'\\n' order by indexdef) from pg_indexes where schemaname = 'public'",
    ),
    (
        "triggers",
        "select string_agg(pg_get_triggerdef(t.oid), E'\\n' order by t.tgname) from pg_trigger t where not tgisinternal",
    ),
    (
        "functions",
        "select string_agg(pg_get_functiondef(oid), E'\\n' order by proname) from pg_proc \
         where pronamespace = 'public'::regnamespace",
    ),
    (
        "sequences",
        "select string_agg(concat_ws(' ', sequencename, data_type, start_value, increment_by, cycle), E'\\n' \
         order by sequencename) from pg_sequences where schemaname = 'public'",
    ),
    (
        "comments",
        "select string_agg(concat_ws(' ', c.relname, d.objsubid, d.description), E'\\n' order by c.relname, d.objsubid) \
         from pg_description d join pg_class c on c.oid = d.objoid where c.relnamespace = 'public'::regnamespace",
    ),
    (
        "storage",
        "select string_agg(concat_ws(' ', attrelid::regclass, attname, attstorage), E'\\n' \
         order by attrelid::regclass::text, attname) from pg_attribute a join pg_class c on c.oid = a.attrelid \
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and attnum > 0 and not attisdropped",
    ),
    (
        "rights",
        "select string_agg(concat_ws(' ', relname, acl.grantee::regrole, acl.privilege_type), E'\\n' \
         order by relname, acl.grantee::regrole::text, acl.privilege_type) \
         from pg_class c, aclexplode(c.relacl) acl where relnamespace = 'public'::regnamespace",
    ),
];

fn dump(database: &TestDatabase) -> Vec<(&'static str, String)> {
    DUMP.iter()
        .map(|(kind, query)| (*kind, database.sql(query).unwrap_or_default()))
        .collect()
}

/// The lines of a query that should have none, as one text.
fn none(database: &TestDatabase, query: &str) {
    let listed = format!("select string_agg(it, ', ' order by it) from ({query}) found(it)");
    assert_eq!(database.sql(&listed), None);
}

#[test]
fn up_down_and_up_again_give_the_same_schema_and_down_leaves_nothing() {
    let database = Cluster::shared().empty_database();
    let mut migrator = Migrator::connect(&database.url).unwrap();
    let count = migrator.migrate().unwrap();
    let first = dump(&database);
    assert!(
        first.iter().all(|(_, text)| !text.is_empty()),
        "the dump sees nothing of a kind"
    );
    assert_eq!(migrator.state().unwrap(), SchemaState::Current);
    assert_eq!(migrator.revert_all().unwrap(), count);
    assert_eq!(migrator.state().unwrap(), SchemaState::Behind(count));
    none(
        &database,
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
         and relname not like '\\_\\_diesel%' union select proname::text from pg_proc \
         where pronamespace = 'public'::regnamespace",
    );
    assert_eq!(migrator.migrate().unwrap(), count);
    for ((kind, before), (_, after)) in first.into_iter().zip(dump(&database)) {
        assert_eq!(before, after, "{kind}");
    }
    assert_eq!(migrator.migrate().unwrap(), 0, "nothing is left to do");
}

#[test]
fn every_table_and_every_column_is_explained_to_an_auditor() {
    let database = Cluster::shared().database();
    none(
        &database,
        "select c.relname::text from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') \
         and relname not like '\\_\\_diesel%' and coalesce(length(obj_description(c.oid)), 0) < 5",
    );
    none(
        &database,
        "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid \
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped \
         and relname not like '\\_\\_diesel%' and coalesce(length(col_description(c.oid, attnum)), 0) < 2",
    );
}

#[test]
fn every_foreign_key_has_an_index_that_begins_with_its_columns_and_says_what_happens_on_delete() {
    let database = Cluster::shared().database();
    none(
        &database,
        "select conrelid::regclass || ' ' || conname from pg_constraint f where contype = 'f' and not exists \
         (select from pg_index i where i.indrelid = f.conrelid and indpred is null \
         and (i.indkey::int2[])[0:cardinality(conkey) - 1] @> conkey)",
    );
    // `a` is "no action", which is what PostgreSQL takes when nothing is said.
    none(
        &database,
        "select conrelid::regclass || ' ' || conname from pg_constraint where contype = 'f' and confdeltype = 'a'",
    );
    let keys = database.sql("select count(*) from pg_constraint where contype = 'f'");
    assert!(keys.unwrap().parse::<u32>().unwrap() > 10);
}

#[test]
fn every_table_has_a_primary_key_and_no_table_more_than_40_columns() {
    let database = Cluster::shared().database();
    none(
        &database,
        "select relname::text from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r' \
         and not exists (select from pg_constraint p where p.conrelid = c.oid and contype = 'p')",
    );
    none(
        &database,
        "select table_name::text from information_schema.columns where table_schema = 'public' \
         group by table_name having count(*) > 40",
    );
}

/// `name type nullable` of every column that `schema.rs` declares for a table, in its order, and the primary key.
fn declared(table: &str) -> (Vec<String>, String) {
    let text = repository_file("crates/store/src/schema.rs");
    let begin = format!("    {table} (");
    let (_, rest) = text.split_once(&begin).unwrap();
    let (key, rest) = rest.split_once(')').unwrap();
    let columns = rest.split_once('{').unwrap().1.split_once('}').unwrap().0;
    let columns = columns.lines().filter_map(|line| {
        let (name, kind) = line.trim().trim_end_matches(',').split_once(" -> ")?;
        let bare = kind
            .strip_prefix("Nullable<")
            .and_then(|kind| kind.strip_suffix('>'));
        let sql = match bare.unwrap_or(kind) {
            "BigInt" => "bigint",
            "Double" => "double precision",
            "Date" => "date",
            "Integer" => "integer",
            "SmallInt" => "smallint",
            "Text" => "text",
            other => panic!("{other} is a type that this test does not know"),
        };
        Some(format!(
            "{name} {sql} {}",
            if bare.is_some() { "YES" } else { "NO" }
        ))
    });
    (columns.collect(), key.to_owned())
}

#[test]
fn the_tables_that_diesel_builds_statements_for_are_the_databases() {
    let database = Cluster::shared().database();
    let (columns, key) = declared("observation");
    let stored = database.sql(
        "select string_agg(concat_ws(' ', column_name, data_type, is_nullable), E'\\n' order by ordinal_position) \
         from information_schema.columns where table_schema = 'public' and table_name = 'observation'",
    );
    assert_eq!(stored.unwrap().lines().collect::<Vec<_>>(), columns);
    let stored = database.sql(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'observation'::regclass and contype = 'p'",
    );
    assert_eq!(stored.unwrap().replace('"', ""), format!("PRIMARY KEY ({key})"));
    let tables = repository_file("crates/store/src/schema.rs")
        .matches("diesel::table!")
        .count();
    assert_eq!(tables, 1, "another table is declared: compare it here too");
}
