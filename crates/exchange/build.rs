//! Lists the mapping profiles of the catalogue folder, so that a new profile is one new file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new("catalogue/profiles");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut code = String::from("const PROFILES: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.display().to_string();
        let path = std::fs::canonicalize(&file)?;
        writeln!(
            code,
            "    ({name:?}, include_str!({:?})),",
            path.display().to_string()
        )?;
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("profiles.rs");
    Ok(std::fs::write(out, code)?)
}
