//! Files: how long they may be and how they begin.

use super::files_ending;
use crate::operations::repository_file;

/// Most lines of a file, without its own tests at the end.
const LINES: usize = 400;

/// Lines before the tests that stand beside the code.
fn lines_of_code(text: &str) -> usize {
    let end = "#[cfg(test)]\nmod tests {";
    text.find(end)
        .map_or(text, |place| &text[..place])
        .lines()
        .count()
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let mut long = Vec::new();
    for path in files_ending(".rs") {
        let lines = lines_of_code(&repository_file(&path));
        if lines > LINES {
            long.push(format!("{path}: {lines} lines, at most {LINES}"));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_source_file_opens_with_what_it_holds() {
    let silent: Vec<String> = files_ending(".rs")
        .into_iter()
        .filter(|path| {
            let text = repository_file(path);
            let first = text.lines().next().unwrap_or_default();
            !first.starts_with("//! ") || first.len() < 10
        })
        .collect();
    assert!(silent.is_empty(), "no `//!` in the first line: {silent:#?}");
}

#[test]
fn no_file_is_named_after_nothing() {
    let vague = ["util", "utils", "helper", "helpers", "common", "misc"];
    let found: Vec<String> = files_ending(".rs")
        .into_iter()
        .filter(|path| {
            path.trim_end_matches(".rs")
                .split('/')
                .any(|part| vague.contains(&part))
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_migration_begins_with_its_reason() {
    for path in files_ending("up.sql") {
        assert!(repository_file(&path).starts_with("-- "), "{path}");
    }
}
