//! The rows of the catalogue's files and what each becomes: a plain record of the catalogue.

use chrono::NaiveDate;
use leleka_domain::{Agreement, CodeEntry, CodeList, Dimension, Frequency, Indicator};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub(crate) struct IndicatorRow {
    code: String,
    dataflow: String,
    source_body: String,
    frequency: Frequency,
    unit: String,
    measure: String,
    decimals: u8,
    dimensions: String,
    direction: String,
    ciram: String,
    name_uk: String,
    name_en: String,
    definition_en: String,
    definition_uk: String,
    counterpart: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
pub(crate) struct AgreementRow {
    body: String,
    indicator: String,
    frequency: String,
    state: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    note: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct DimensionRow {
    dimension: String,
    list: String,
    name_uk: String,
    name_en: String,
}

#[derive(Deserialize)]
pub(crate) struct CodeListRow {
    list: String,
    name_uk: String,
    name_en: String,
    source: String,
    kind: String,
}

#[derive(Deserialize)]
pub(crate) struct CodeRow {
    list: String,
    code: String,
    parent: Option<String>,
    name_uk: String,
    name_en: String,
    aliases: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
pub(crate) struct TerritoryRow {
    code: String,
    level: i16,
    parent: Option<String>,
    name_uk: String,
    name_en: String,
    iso_3166_2: Option<String>,
    koatuu: Option<String>,
    pcode: Option<String>,
    aliases: String,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

#[derive(Deserialize)]
pub(crate) struct CountryRow {
    code: String,
    alpha3: Option<String>,
    numeric: Option<String>,
    name_uk: String,
    name_en: String,
    eurostat: Option<String>,
    unhcr: Option<String>,
    genitive_uk: Option<String>,
    aliases: String,
}

fn parts(text: &str, mark: char) -> Vec<String> {
    text.split(mark)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn other_codes<const N: usize>(pairs: [(&str, Option<String>); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .filter_map(|(scheme, code)| Some((scheme.to_owned(), code?)))
        .collect()
}

pub(crate) fn list(row: CodeListRow) -> CodeList {
    let CodeListRow {
        list,
        name_uk,
        name_en,
        source,
        kind,
    } = row;
    CodeList {
        code: list,
        name_uk,
        name_en,
        source,
        open: kind == "open",
    }
}

pub(crate) fn code(row: CodeRow) -> CodeEntry {
    let CodeRow {
        list,
        code,
        parent,
        name_uk,
        name_en,
        aliases,
        valid_from,
        valid_to,
    } = row;
    let (level, aliases, other_codes) = (i16::from(parent.is_some()), parts(&aliases, '|'), BTreeMap::new());
    CodeEntry {
        list,
        code,
        parent,
        level,
        name_uk,
        name_en,
        aliases,
        other_codes,
        valid_from,
        valid_to,
    }
}

pub(crate) fn territory(row: TerritoryRow) -> CodeEntry {
    CodeEntry {
        list: "territory".to_owned(),
        code: row.code,
        parent: row.parent,
        level: row.level,
        name_uk: row.name_uk,
        name_en: row.name_en,
        aliases: parts(&row.aliases, '|'),
        other_codes: other_codes([
            ("iso_3166_2", row.iso_3166_2),
            ("koatuu", row.koatuu),
            ("pcode", row.pcode),
        ]),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    }
}

pub(crate) fn country(row: CountryRow) -> CodeEntry {
    let mut aliases = parts(&row.aliases, '|');
    aliases.extend(row.genitive_uk);
    CodeEntry {
        list: "citizenship".to_owned(),
        code: row.code,
        parent: None,
        level: 0,
        name_uk: row.name_uk,
        name_en: row.name_en,
        aliases,
        other_codes: other_codes([
            ("alpha3", row.alpha3),
            ("numeric", row.numeric),
            ("eurostat", row.eurostat),
            ("unhcr", row.unhcr),
        ]),
        valid_from: None,
        valid_to: None,
    }
}

/// Bodies and indicators are code lists too: data about data break down by them.
pub(crate) fn own_code(list: &str, code: &str, name_uk: &str, name_en: &str) -> CodeEntry {
    CodeEntry {
        list: list.to_owned(),
        code: code.to_owned(),
        parent: None,
        level: 0,
        name_uk: name_uk.to_owned(),
        name_en: name_en.to_owned(),
        aliases: Vec::new(),
        other_codes: BTreeMap::new(),
        valid_from: None,
        valid_to: None,
    }
}

pub(crate) fn indicator(row: IndicatorRow) -> Indicator {
    Indicator {
        code: row.code,
        dataflow: row.dataflow,
        source_body: row.source_body,
        frequency: row.frequency,
        unit: row.unit,
        measure: row.measure,
        decimals: row.decimals,
        dimensions: parts(&row.dimensions, ';'),
        direction: row.direction,
        ciram: row.ciram,
        name_uk: row.name_uk,
        name_en: row.name_en,
        definition_uk: row.definition_uk,
        definition_en: row.definition_en,
        counterpart: row.counterpart,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    }
}

pub(crate) fn agreement(row: AgreementRow) -> Agreement {
    Agreement {
        body: row.body,
        indicator: row.indicator,
        frequencies: parts(&row.frequency, ';'),
        state: row.state,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        note: row.note,
    }
}

pub(crate) fn dimension(row: DimensionRow) -> Dimension {
    Dimension {
        code: row.dimension,
        list: row.list,
        name_uk: row.name_uk,
        name_en: row.name_en,
    }
}
