//! Merged migrations are frozen: their digests stand in `migrations/SHA256SUMS`, as `sha256sum` writes them.
//!
//! A new migration adds its lines: `cd migrations && sha256sum */* > SHA256SUMS`.

use super::files_ending;
use crate::operations::{repository, repository_file};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

#[test]
fn no_merged_migration_was_changed_removed_or_forgotten() {
    let mut found = BTreeMap::new();
    for ending in [".sql", ".toml"] {
        for path in files_ending(ending) {
            let Some(name) = path.strip_prefix("migrations/") else {
                continue;
            };
            let bytes = std::fs::read(repository().join(&path)).unwrap();
            let digest: String = Sha256::digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            found.insert(name.to_owned(), digest);
        }
    }
    let frozen: BTreeMap<String, String> = repository_file("migrations/SHA256SUMS")
        .lines()
        .map(|line| {
            let (digest, name) = line.split_once("  ").unwrap();
            (name.to_owned(), digest.to_owned())
        })
        .collect();
    for (name, digest) in &frozen {
        assert_eq!(
            found.get(name),
            Some(digest),
            "{name} was merged and is frozen: correct it with a new migration"
        );
    }
    for name in found.keys() {
        assert!(
            frozen.contains_key(name),
            "{name} is not in migrations/SHA256SUMS"
        );
    }
}

#[test]
fn every_migration_has_both_ways_and_a_date_of_its_own() {
    let mut dates = Vec::new();
    for entry in std::fs::read_dir(repository().join("migrations")).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        for file in ["up.sql", "down.sql"] {
            assert!(path.join(file).is_file(), "{}: {file}", path.display());
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (date, what) = name.split_once('_').unwrap();
        assert_eq!(date.len(), "2026-11-22-090000".len(), "{name}");
        assert!(!what.is_empty(), "{name}");
        dates.push(date.to_owned());
    }
    let all = dates.len();
    dates.sort();
    dates.dedup();
    assert_eq!(dates.len(), all, "two migrations have one date");
}
