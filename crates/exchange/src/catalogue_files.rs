//! The catalogue's own files: reading them into records, every fault at its file and line.
//!
//! The files stand beside this crate and are part of the program; another folder of the same form may be given.
//! Never touches the database.

use crate::catalogue_rows::{
    AgreementRow, CodeListRow, CodeRow, CountryRow, DimensionRow, IndicatorRow, TerritoryRow, agreement,
    code, country, dimension, indicator, list, own_code, territory,
};
use leleka_domain::{Body, Catalogue, CodeEntry, Dataflow, Indicator};
use leleka_normalise::{Codebook, MappingProfile};
use leleka_risk::shipped_definitions;
use leleka_store::StoredProfile;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// What is wrong with a catalogue file.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueFault {
    /// A file cannot be read.
    #[error("{file}: {source}")]
    File {
        /// Which file.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A row does not have the expected form.
    #[error("{file}: {source}")]
    Row {
        /// Which file.
        file: String,
        /// Which line and why.
        #[source]
        source: csv::Error,
    },
    /// A value does not have the expected form, or a profile refers to what is not there.
    #[error("{file}: {what}")]
    Content {
        /// Which file.
        file: String,
        /// What is wrong.
        what: String,
    },
}

/// A whole version of the catalogue: records and mapping profiles.
#[derive(Debug)]
pub struct CatalogueFiles {
    /// The records.
    pub catalogue: Catalogue,
    /// The profiles.
    pub profiles: Vec<StoredProfile>,
    /// SHA-256 over every file, by name, and the shipped definitions of risk metrics.
    pub content_sha256: [u8; 32],
}

/// The texts of the files, by name.
struct Texts(BTreeMap<String, String>);

const TABLES: [(&str, &str); 10] = [
    ("VERSION", include_str!("../catalogue/VERSION")),
    ("bodies.csv", include_str!("../catalogue/bodies.csv")),
    ("dataflows.csv", include_str!("../catalogue/dataflows.csv")),
    ("indicators.csv", include_str!("../catalogue/indicators.csv")),
    ("agreements.csv", include_str!("../catalogue/agreements.csv")),
    ("dimensions.csv", include_str!("../catalogue/dimensions.csv")),
    ("code_lists.csv", include_str!("../catalogue/code_lists.csv")),
    ("codes.csv", include_str!("../catalogue/codes.csv")),
    ("territories.csv", include_str!("../catalogue/territories.csv")),
    ("countries.csv", include_str!("../catalogue/countries.csv")),
];

include!(concat!(env!("OUT_DIR"), "/profiles.rs"));

/// The catalogue that is part of the program.
///
/// # Errors
/// Only when the program was built from faulty files; a test reads them all.
pub fn shipped_catalogue() -> Result<CatalogueFiles, CatalogueFault> {
    let files = TABLES.iter().chain(PROFILES);
    Texts(
        files
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect(),
    )
    .read()
}

impl CatalogueFiles {
    /// Reads a folder of the same form.
    ///
    /// # Errors
    /// The first fault, with its file and line.
    pub fn from_folder(folder: &Path) -> Result<Self, CatalogueFault> {
        let mut texts = BTreeMap::new();
        for (name, _) in TABLES {
            texts.insert(name.to_owned(), text_read(&folder.join(name))?);
        }
        let profiles = folder.join("profiles");
        let fault = |source| CatalogueFault::File {
            file: profiles.display().to_string(),
            source,
        };
        for entry in std::fs::read_dir(&profiles).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                texts.insert(path.display().to_string(), text_read(&path)?);
            }
        }
        Texts(texts).read()
    }
}

fn text_read(path: &Path) -> Result<String, CatalogueFault> {
    std::fs::read_to_string(path).map_err(|source| CatalogueFault::File {
        file: path.display().to_string(),
        source,
    })
}

impl Texts {
    fn table<T: DeserializeOwned>(&self, file: &str) -> Result<Vec<T>, CatalogueFault> {
        let text = self.0.get(file).map_or("", String::as_str);
        let rows = csv::Reader::from_reader(text.as_bytes())
            .into_deserialize()
            .collect::<Result<_, _>>();
        rows.map_err(|source| CatalogueFault::Row {
            file: file.to_owned(),
            source,
        })
    }

    fn read(&self) -> Result<CatalogueFiles, CatalogueFault> {
        let mut codes: Vec<CodeEntry> = self
            .table::<CodeRow>("codes.csv")?
            .into_iter()
            .map(code)
            .collect();
        codes.extend(
            self.table::<TerritoryRow>("territories.csv")?
                .into_iter()
                .map(territory),
        );
        codes.extend(
            self.table::<CountryRow>("countries.csv")?
                .into_iter()
                .map(country),
        );
        let bodies: Vec<Body> = self.table("bodies.csv")?;
        let indicators: Vec<Indicator> = self
            .table::<IndicatorRow>("indicators.csv")?
            .into_iter()
            .map(indicator)
            .collect();
        codes.extend(
            bodies
                .iter()
                .map(|body| own_code("body", &body.code, &body.name_uk, &body.name_en)),
        );
        codes.extend(
            indicators
                .iter()
                .map(|it| own_code("indicator", &it.code, &it.name_uk, &it.name_en)),
        );
        let catalogue = Catalogue {
            version: self.0.get("VERSION").map_or("", String::as_str).trim().to_owned(),
            dataflows: self.table::<Dataflow>("dataflows.csv")?,
            indicators,
            agreements: self
                .table::<AgreementRow>("agreements.csv")?
                .into_iter()
                .map(agreement)
                .collect(),
            dimensions: self
                .table::<DimensionRow>("dimensions.csv")?
                .into_iter()
                .map(dimension)
                .collect(),
            bodies,
            code_lists: self
                .table::<CodeListRow>("code_lists.csv")?
                .into_iter()
                .map(list)
                .collect(),
            codes,
        };
        let profiles = self.profiles(&catalogue)?;
        Ok(CatalogueFiles {
            catalogue,
            profiles,
            content_sha256: self.digest(),
        })
    }

    fn digest(&self) -> [u8; 32] {
        let files = self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let definitions = shipped_definitions().iter().map(|(name, text)| (*name, *text));
        let mut hash = Sha256::new();
        for part in files.chain(definitions).flat_map(|(name, text)| [name, text]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    fn profiles(&self, catalogue: &Catalogue) -> Result<Vec<StoredProfile>, CatalogueFault> {
        let codebook = Codebook::new(catalogue);
        let mut profiles = Vec::new();
        for (file, text) in self.0.iter().filter(|(name, _)| name.ends_with(".json")) {
            let fault = |what: String| CatalogueFault::Content {
                file: file.clone(),
                what,
            };
            let profile: MappingProfile =
                serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
            let problems = profile.check(&codebook);
            if !problems.is_empty() {
                return Err(fault(problems.join("; ")));
            }
            let version = i32::try_from(profile.version).map_err(|error| fault(error.to_string()))?;
            profiles.push(StoredProfile {
                code: profile.code,
                version,
                body: profile.body,
                dataflow: profile.dataflow,
                content: serde_json::from_str(text).map_err(|error| fault(error.to_string()))?,
            });
        }
        Ok(profiles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_reads_and_its_references_hold() {
        let files = shipped_catalogue().unwrap();
        let catalogue = &files.catalogue;
        assert!(catalogue.indicators.len() >= 120 && catalogue.bodies.len() >= 60);
        let regions = catalogue
            .codes
            .iter()
            .filter(|code| code.list == "territory" && code.level == 1);
        assert_eq!(regions.count(), 27);
        for indicator in &catalogue.indicators {
            for name in &indicator.dimensions {
                let dimension = catalogue.dimensions.iter().find(|it| it.code == *name);
                let list = &dimension
                    .unwrap_or_else(|| panic!("{}: {name}", indicator.code))
                    .list;
                assert!(
                    catalogue.code_lists.iter().any(|it| it.code == *list),
                    "{name}: {list}"
                );
            }
            assert!(
                catalogue
                    .agreements
                    .iter()
                    .any(|it| it.indicator == indicator.code),
                "{}",
                indicator.code
            );
        }
    }

    #[test]
    fn every_shipped_risk_metric_reads_what_the_catalogue_holds() {
        let indicators = shipped_catalogue().unwrap().catalogue.indicators;
        for (file, json) in shipped_definitions() {
            let definition = leleka_risk::Definition::parse(json).unwrap();
            let faults = definition.catalogue_faults(&indicators);
            assert!(faults.is_empty(), "{file}: {faults:#?}");
            for (name, input) in &definition.inputs {
                let known = indicators.iter().find(|it| it.code == input.indicator);
                let frequency = known.map(|known| known.frequency);
                assert_eq!(frequency, Some(input.frequency), "{file}: {name}");
            }
        }
    }
}
