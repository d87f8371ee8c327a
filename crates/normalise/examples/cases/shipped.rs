//! The shipped territories and countries, read straight from the catalogue's files.
//!
//! The crate that loads the whole catalogue depends on this one; only the two lists that names are read by are
//! needed here. Their form is described in the catalogue's own README.

use leleka_domain::{Catalogue, CodeEntry, CodeList};
use leleka_normalise::{CITIZENSHIP_LIST, Codebook, TERRITORY_LIST};
use std::collections::BTreeMap;

const TERRITORIES: &str = include_str!("../../../exchange/catalogue/territories.csv");
const COUNTRIES: &str = include_str!("../../../exchange/catalogue/countries.csv");

/// The two lists, indexed.
pub(crate) fn codebook() -> Result<Codebook, csv::Error> {
    let mut codes = entries(TERRITORIES, TERRITORY_LIST, &["iso_3166_2", "koatuu", "pcode"])?;
    codes.extend(entries(
        COUNTRIES,
        CITIZENSHIP_LIST,
        &["alpha3", "numeric", "eurostat", "unhcr"],
    )?);
    let list = |code: &str| CodeList {
        code: code.to_owned(),
        name_uk: code.to_owned(),
        name_en: code.to_owned(),
        source: String::new(),
        open: false,
    };
    Ok(Codebook::new(&Catalogue {
        version: "shipped".to_owned(),
        code_lists: vec![list(TERRITORY_LIST), list(CITIZENSHIP_LIST)],
        codes,
        ..Catalogue::default()
    }))
}

fn entries(table: &str, list: &str, schemes: &[&str]) -> Result<Vec<CodeEntry>, csv::Error> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let mut entries = Vec::new();
    for row in reader.deserialize() {
        let row: BTreeMap<String, String> = row?;
        let cell = |name: &str| row.get(name).filter(|cell| !cell.is_empty()).cloned();
        let aliases = cell("aliases").unwrap_or_default();
        let mut aliases: Vec<String> = aliases
            .split('|')
            .filter(|alias| !alias.is_empty())
            .map(str::to_owned)
            .collect();
        aliases.extend(cell("genitive_uk"));
        let other_codes = schemes
            .iter()
            .filter_map(|scheme| Some(((*scheme).to_owned(), cell(scheme)?)));
        entries.push(CodeEntry {
            list: list.to_owned(),
            code: cell("code").unwrap_or_default(),
            parent: cell("parent"),
            level: cell("level").and_then(|level| level.parse().ok()).unwrap_or(0),
            name_uk: cell("name_uk").unwrap_or_default(),
            name_en: cell("name_en").unwrap_or_default(),
            aliases,
            other_codes: other_codes.collect(),
            valid_from: None,
            valid_to: None,
        });
    }
    Ok(entries)
}
