//! Documents name only what exists: every path in backticks.

use crate::operations::{repository, repository_file};

const DOCUMENTS: [&str; 4] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "migrations/README.md",
];

/// What a path of this repository begins with.
const ROOTS: [&str; 7] = [
    "api/",
    "crates/",
    "docs/",
    "migrations/",
    "openapi/",
    "tests/",
    ".ci/",
];

/// Words in backticks outside code blocks that look like a path of this repository.
fn paths_named(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let outside = text.split("```").step_by(2);
    for word in outside.flat_map(|part| part.split('`').skip(1).step_by(2)) {
        let word = word.trim_start_matches("./");
        let own = ROOTS.iter().any(|root| word.starts_with(root));
        let document = !word.contains('/')
            && [".md", ".toml", ".yml"]
                .iter()
                .any(|ending| word.ends_with(ending));
        let pattern = word.contains(['<', '*', '{', '…', ' ']) || word.contains("NNNN");
        if (own || document) && !pattern {
            paths.push(word.to_owned());
        }
    }
    paths
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let named = paths_named(&repository_file(document));
        for path in named {
            let beside = repository().join(document).parent().unwrap().join(&path);
            // A file that one part of the repository has of its own, such as `metadata.toml` of a migration.
            let of_its_own = ["metadata.toml", "leleka.toml"].contains(&path.as_str());
            if !repository().join(&path).exists() && !beside.exists() && !of_its_own {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(paths_named(&repository_file("ARCHITECTURE.md")).len() > 40);
}

#[test]
fn every_crate_and_every_decision_is_findable_from_the_documents() {
    let text = repository_file("ARCHITECTURE.md");
    for entry in std::fs::read_dir(repository().join("crates")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(
            text.contains(&format!("`{name}`")) || text.contains(&format!("crates/{name}")),
            "ARCHITECTURE.md does not tell of crates/{name}"
        );
    }
}

#[test]
fn decisions_are_numbered_without_a_gap_and_short() {
    let mut names: Vec<String> = std::fs::read_dir(repository().join("docs/decisions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    names.sort();
    for (number, name) in names.iter().enumerate() {
        assert!(
            name.starts_with(&format!("{:04}-", number + 1)) && name.ends_with(".md"),
            "{name}"
        );
        let lines = repository_file(&format!("docs/decisions/{name}")).lines().count();
        assert!(lines <= 60, "{name} has {lines} lines");
    }
}
