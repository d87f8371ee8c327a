//! The catalogue's own files: reading them into records, every fault at its file and line.
//!
//! The files stand beside this crate and are part of the program; another folder of the same form may be given.
//! Never touches the database.

use crate::catalogue_rows::{
    AgreementRow, CodeListRow, CodeRow, CountryRow, DimensionRow, IndicatorRow, TerritoryRow, agreement,
    code, country, dimension, indicator, list, own_code, territory,
};
use crate::publication::DisclosureFile;
use leleka_domain::{Body, Catalogue, CodeEntry, Dataflow, Finding, Indicator, Schedule};
use leleka_normalise::rules::{RuleBook, RuleSet};
use leleka_normalise::{Codebook, MappingProfile, profile_read};
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
    /// The rules over several figures.
    pub rules: RuleFile,
    /// Deadlines and the calendar of working days.
    pub schedule: Schedule,
    /// Thresholds of disclosure control.
    pub disclosure: DisclosureFile,
    /// SHA-256 over every file, by name, and the shipped definitions of risk metrics.
    pub content_sha256: [u8; 32],
}

/// The rules of a catalogue, as written.
#[derive(Debug)]
pub struct RuleFile {
    /// Their version.
    pub version: String,
    /// The document.
    pub content: serde_json::Value,
    /// SHA-256 of the file.
    pub content_sha256: [u8; 32],
}

/// The texts of the files, by name.
struct Texts(BTreeMap<String, String>);

/// The file of the rules over several figures.
const RULES: &str = "rules.json";

const TABLES: [(&str, &str); 14] = [
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
    (RULES, include_str!("../catalogue/rules.json")),
    (DEADLINES, include_str!("../catalogue/deadlines.json")),
    (CALENDAR, include_str!("../catalogue/calendar.json")),
    (DISCLOSURE, include_str!("../catalogue/disclosure.json")),
];
const DEADLINES: &str = "deadlines.json";
const CALENDAR: &str = "calendar.json";
const DISCLOSURE: &str = "disclosure.json";

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

fn is_profile(name: &str) -> bool {
    name.ends_with(".json") && ![DEADLINES, CALENDAR, RULES, DISCLOSURE].contains(&name)
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
        let rules = self.rules(&catalogue)?;
        Ok(CatalogueFiles {
            schedule: self.schedule(&catalogue)?,
            disclosure: self.disclosure()?,
            catalogue,
            profiles,
            rules,
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

    fn rules(&self, catalogue: &Catalogue) -> Result<RuleFile, CatalogueFault> {
        let fault = |what: String| CatalogueFault::Content {
            file: RULES.to_owned(),
            what,
        };
        let text = self.0.get(RULES).map_or("", String::as_str);
        let set: RuleSet = serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
        let version = set.version.clone();
        RuleBook::new(set, catalogue).map_err(|faults| fault(faults.join("; ")))?;
        Ok(RuleFile {
            version,
            content: serde_json::from_str(text).map_err(|error| fault(error.to_string()))?,
            content_sha256: Sha256::digest(text.as_bytes()).into(),
        })
    }

    fn schedule(&self, catalogue: &Catalogue) -> Result<Schedule, CatalogueFault> {
        let schedule = Schedule {
            deadlines: self.document(DEADLINES)?,
            calendar: self.document(CALENDAR)?,
        };
        let own = schedule
            .deadlines
            .rules
            .iter()
            .filter_map(|rule| rule.dataflow.as_ref());
        let unknown = own.filter(|code| !catalogue.dataflows.iter().any(|flow| flow.code == **code));
        let unknown = unknown.map(|code| format!("there is no dataflow {code}"));
        let of_rules = schedule.deadlines.check().into_iter().chain(unknown);
        for (file, problems) in [
            (DEADLINES, of_rules.collect()),
            (CALENDAR, schedule.calendar.check()),
        ] {
            let problems: Vec<String> = problems;
            if !problems.is_empty() {
                return Err(CatalogueFault::Content {
                    file: file.to_owned(),
                    what: problems.join("; "),
                });
            }
        }
        Ok(schedule)
    }

    fn disclosure(&self) -> Result<DisclosureFile, CatalogueFault> {
        let file: DisclosureFile = self.document(DISCLOSURE)?;
        file.check().map_err(|what| CatalogueFault::Content {
            file: DISCLOSURE.to_owned(),
            what,
        })?;
        Ok(file)
    }

    fn document<T: DeserializeOwned>(&self, file: &str) -> Result<T, CatalogueFault> {
        let text = self.0.get(file).map_or("", String::as_str);
        serde_json::from_str(text).map_err(|error| CatalogueFault::Content {
            file: file.to_owned(),
            what: error.to_string(),
        })
    }

    fn profiles(&self, catalogue: &Catalogue) -> Result<Vec<StoredProfile>, CatalogueFault> {
        let codebook = Codebook::new(catalogue);
        let mut profiles = Vec::new();
        for (file, text) in self.0.iter().filter(|(name, _)| is_profile(name)) {
            let fault = |what: String| CatalogueFault::Content {
                file: file.clone(),
                what,
            };
            // The file says which version it is; the service counts only those that are drafted.
            let written: MappingProfile =
                serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
            let read = profile_read(text.as_bytes(), written.version, &codebook)
                .map_err(|findings| fault(faults_told(&findings)))?;
            let version = i32::try_from(written.version).map_err(|error| fault(error.to_string()))?;
            profiles.push(StoredProfile {
                code: written.code,
                version,
                body: written.body,
                dataflow: written.dataflow,
                content: read.content,
            });
        }
        Ok(profiles)
    }
}

/// Faults of a profile in one line for whoever loads the catalogue.
fn faults_told(findings: &[Finding]) -> String {
    let told: Vec<String> = findings.iter().map(Finding::message_en).collect();
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_are_many_and_new_ones_never_refuse_without_a_word() {
        let files = shipped_catalogue().unwrap();
        let set: RuleSet = serde_json::from_value(files.rules.content).unwrap();
        assert!(set.rules.len() >= 15, "{}", set.rules.len());
        for kind in [
            "totals_details",
            "cross_indicator",
            "jump",
            "cumulative_monotonic",
            "mirror",
        ] {
            assert!(set.rules.iter().any(|rule| rule.check.kind() == kind), "{kind}");
        }
        for rule in &set.rules {
            let soft = rule.severity == leleka_domain::Severity::Soft;
            let jumps = rule.check.kind() == "jump";
            assert_eq!(
                soft, jumps,
                "{}: only an implausible figure needs an explanation",
                rule.id
            );
            assert!(
                soft || rule.severity == leleka_domain::Severity::Warning,
                "{}",
                rule.id
            );
        }
    }

    #[test]
    fn a_rule_about_an_unknown_indicator_is_refused_with_its_name() {
        let mut files: BTreeMap<String, String> = TABLES
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        let rules = files.get_mut(RULES).unwrap();
        *rules = rules.replace("\"BRD_ENTRY\"", "\"BRD_NOWHERE\"");
        let fault = Texts(files).read().unwrap_err().to_string();
        assert!(
            fault.starts_with("rules.json: ") && fault.contains("BRD_NOWHERE"),
            "{fault}"
        );
    }

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
            let definition =
                leleka_risk::Definition::parse_with(json, &leleka_risk::shipped_library().0).unwrap();
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
