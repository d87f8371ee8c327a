//! The rules of the house that no compiler checks: who may depend on whom, how long a file may be, that documents
//! name what exists, and that merged migrations stay as they are.

mod dependencies;
mod files;
mod migrations;
mod paths;

use crate::operations::repository;
use std::path::Path;

/// Every file of the repository with this ending, as a path from its root; build output and hidden folders aside.
fn files_ending(ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(repository(), ending, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            let inside = path.strip_prefix(repository()).unwrap();
            found.push(inside.to_string_lossy().into_owned());
        }
    }
}
