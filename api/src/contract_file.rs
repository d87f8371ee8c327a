//! `leleka-server openapi`: writes the contract and the schemas of mapping profiles and risk metrics beside it, or shows
//! the first line in which the committed ones differ.

use std::path::Path;

/// Writes or checks; needs no database and no network.
pub(crate) fn run(check: bool, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    one(check, file, &leleka_server::contract_document())?;
    let beside = |name: &str| file.with_file_name(name);
    let (profiles, metrics) = (
        leleka_exchange::profile_schema(),
        leleka_exchange::definition_schema(),
    );
    one(check, &beside("mapping-profile-v1.schema.json"), &profiles)?;
    one(check, &beside("risk-metric-v1.schema.json"), &metrics)
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
