//! What a value's own version of the definition says about it beside the computation: family, CIRAM component, names.
//!
//! And the q-values of families: Benjamini and Hochberg over all cells of one family, frequency and period, computed
//! from stored p-values whenever they are asked for, so that they are the same for the same moment for ever.

use crate::{ActError, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::DefinitionState;
use leleka_risk::q_values;
use leleka_store::{Reader, StoredDefinition, definition_list, family_p_list};
use std::collections::{BTreeMap, BTreeSet};

/// What stands beside a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricFacet {
    /// Tests that are judged together.
    pub family: String,
    /// CIRAM component.
    pub component: String,
    /// Ukrainian name.
    pub name_uk: String,
    /// English name.
    pub name_en: String,
    /// Whether it was ever published.
    published: bool,
}

/// Facets of every version of every definition.
#[derive(Clone, Debug)]
pub(crate) struct MetricFacets {
    facets: BTreeMap<(String, i32), MetricFacet>,
    /// Families of the metrics that are in force.
    in_force: BTreeMap<String, String>,
}

/// One cell: metric, key, frequency and first day of the period.
pub(crate) type CellPlace = (String, String, String, NaiveDate);

/// A cell and its p-value.
type Test = (CellPlace, f64);

impl MetricFacets {
    pub(crate) fn read(centre: &Centre, reader: &mut Reader) -> Result<Self, ActError> {
        let definitions = definition_list(reader)?.into_iter();
        let facets = definitions.map(|it| ((it.code.clone(), it.version), facet(&it)));
        let book = centre.book();
        let in_force = book.definitions.iter();
        Ok(Self {
            facets: facets.collect(),
            in_force: in_force.map(|it| (it.code.clone(), it.family.clone())).collect(),
        })
    }

    pub(crate) fn of(&self, code: &str, version: i32) -> Option<&MetricFacet> {
        self.facets.get(&(code.to_owned(), version))
    }

    /// Metrics that are in force, or were at any time.
    pub(crate) fn codes(&self, retired_too: bool) -> BTreeSet<String> {
        let ever = self
            .facets
            .iter()
            .filter(|(_, facet)| retired_too && facet.published);
        let ever = ever.map(|((code, _), _)| code.clone());
        self.in_force.keys().cloned().chain(ever).collect()
    }

    /// The family of the version in force; of a retired metric, that of its newest version.
    pub(crate) fn family(&self, code: &str) -> Option<&str> {
        let newest = || {
            let mut versions = self
                .facets
                .iter()
                .filter(|((it, _), facet)| it == code && facet.published);
            versions.next_back().map(|(_, facet)| &facet.family)
        };
        self.in_force.get(code).or_else(newest).map(String::as_str)
    }

    /// Every metric of which some version is of one of these families.
    pub(crate) fn codes_of(&self, families: &BTreeSet<&str>) -> Vec<String> {
        let fitting = self
            .facets
            .iter()
            .filter(|(_, facet)| families.contains(facet.family.as_str()));
        let codes: BTreeSet<&String> = fitting.map(|((code, _), _)| code).collect();
        codes.into_iter().cloned().collect()
    }

    /// The q-value of every cell of these families in these periods.
    pub(crate) fn q_by_cell(
        &self,
        reader: &mut Reader,
        families: &BTreeSet<&str>,
        periods: &BTreeSet<NaiveDate>,
        as_of: Option<DateTime<Utc>>,
    ) -> Result<BTreeMap<CellPlace, f64>, ActError> {
        let periods: Vec<NaiveDate> = periods.iter().copied().collect();
        let tests = family_p_list(reader, &self.codes_of(families), &periods, as_of)?;
        let mut pools: BTreeMap<(&str, String, NaiveDate), Vec<Test>> = BTreeMap::new();
        for test in tests {
            let Some(facet) = self.of(&test.code, test.version) else {
                continue;
            };
            let pool = (facet.family.as_str(), test.frequency.clone(), test.period);
            let place = (test.code, test.key, test.frequency, test.period);
            pools.entry(pool).or_default().push((place, test.p));
        }
        let mut found = BTreeMap::new();
        for tests in pools.into_values() {
            let p: Vec<Option<f64>> = tests.iter().map(|(_, p)| Some(*p)).collect();
            let q = q_values(&p).into_iter();
            found.extend(
                tests
                    .into_iter()
                    .zip(q)
                    .filter_map(|((place, _), q)| Some((place, q?))),
            );
        }
        Ok(found)
    }
}

fn facet(stored: &StoredDefinition) -> MetricFacet {
    let text = |pointer: &str| stored.content.pointer(pointer).and_then(|it| it.as_str());
    let name = |language: &str| {
        text(&format!("/text/{language}/name"))
            .unwrap_or(&stored.code)
            .to_owned()
    };
    MetricFacet {
        family: text("/family").unwrap_or_default().to_owned(),
        component: text("/ciram").unwrap_or_default().to_owned(),
        name_uk: name("uk"),
        name_en: name("en"),
        published: stored.state != DefinitionState::Draft,
    }
}
