//! Which crate may name which: the table of `ARCHITECTURE.md`, compared with what cargo says.

use crate::operations::{repository, repository_file};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Our crates that a crate of ours may depend on.
const OURS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("contract", &["domain"]),
    ("access", &["domain"]),
    ("intake", &["domain"]),
    ("normalise", &["domain"]),
    ("risk", &["domain"]),
    ("store", &["domain"]),
    (
        "exchange",
        &["domain", "access", "intake", "normalise", "risk", "store"],
    ),
    ("server", &["domain", "access", "contract", "exchange", "store"]),
];

/// Foreign crates that only some of ours may name, by the beginning of their names.
const FOREIGN: [(&str, &[&str]); 5] = [
    ("diesel", &["store", "testkit"]),
    ("pq-sys", &["store"]),
    ("actix", &["server", "testkit", "tests"]),
    ("utoipa", &["contract", "server"]),
    ("jsonwebtoken", &["access"]),
];

/// May depend on anything of ours; nothing that is shipped may depend on them.
const TESTING: [&str; 2] = ["testkit", "tests"];

/// What each of our packages names, outside its tests.
fn edges() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let named = package["dependencies"].as_array().unwrap().iter();
            let named = named
                .filter(|edge| edge["kind"] != "dev")
                .map(|edge| edge["name"].as_str().unwrap().to_owned());
            (own_name(package["name"].as_str().unwrap()), named.collect())
        })
        .collect()
}

fn own_name(package: &str) -> String {
    package.strip_prefix("leleka-").unwrap_or(package).to_owned()
}

#[test]
fn no_crate_of_ours_depends_on_one_that_the_table_does_not_allow() {
    let edges = edges();
    let table = BTreeMap::from(OURS);
    for (package, named) in &edges {
        if TESTING.contains(&package.as_str()) {
            continue;
        }
        let allowed = table.get(package.as_str()).unwrap_or_else(|| {
            panic!("{package} is not in the table: a new crate is a decision in docs/decisions/")
        });
        for ours in named.iter().filter_map(|name| name.strip_prefix("leleka-")) {
            assert!(
                allowed.contains(&ours),
                "{package} → {ours}: a new edge is a decision in docs/decisions/"
            );
        }
    }
    let missing: Vec<_> = OURS
        .iter()
        .filter(|(name, _)| !edges.contains_key(*name))
        .collect();
    assert!(missing.is_empty(), "not in the workspace: {missing:?}");
}

#[test]
fn foreign_crates_are_named_only_where_they_belong() {
    for (package, named) in edges() {
        for name in named {
            let rule = FOREIGN.iter().find(|(beginning, _)| name.starts_with(beginning));
            assert!(
                rule.is_none_or(|(_, allowed)| allowed.contains(&package.as_str())),
                "{package} names {name}"
            );
        }
    }
}

#[test]
fn the_table_is_the_one_that_architecture_shows() {
    let text = repository_file("ARCHITECTURE.md");
    let mut shown = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let words = |cell: &str| -> Vec<String> {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(|word| word.replace("api", "server"))
                .collect()
        };
        if let [names, allowed] = cells.as_slice() {
            for name in words(names) {
                shown.insert(name, words(allowed).into_iter().collect::<BTreeSet<_>>());
            }
        }
    }
    for (name, allowed) in OURS {
        let allowed: BTreeSet<String> = allowed.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(shown.get(name), Some(&allowed), "{name}");
    }
}
