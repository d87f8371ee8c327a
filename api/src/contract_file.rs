//! `leleka-server openapi`: writes the contract and the schema of mapping profiles beside it, or shows the first line in
//! which the committed ones differ.

use std::path::Path;

/// Writes or checks; needs no database and no network.
pub(crate) fn run(check: bool, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let schema = file.with_file_name("mapping-profile-v1.schema.json");
    one(check, file, &leleka_server::contract_document())?;
    one(check, &schema, &leleka_exchange::profile_schema())
}

fn one(check: bool, file: &Path, made: &str) -> Result<(), Box<dyn std::error::Error>> {
    if !check {
        std::fs::write(file, made)?;
        println!("{} written", file.display());
        return Ok(());
    }
    let committed = std::fs::read_to_string(file)?;
    if committed == made {
        println!("{} is the contract of this program", file.display());
        return Ok(());
    }
    let differs = |(left, right): (&str, &str)| left != right;
    let line = committed
        .lines()
        .zip(made.lines())
        .position(differs)
        .unwrap_or(committed.lines().count())
        + 1;
    let shown = |text: &str| text.lines().nth(line - 1).unwrap_or("(end)").trim().to_owned();
    let (old, new) = (shown(&committed), shown(made));
    Err(format!(
        "{} differs from this program at line {line}:\n  committed: {old}\n  program:   {new}\n\
         Run `leleka-server openapi` and describe the change in openapi/CHANGELOG.md",
        file.display()
    )
    .into())
}
