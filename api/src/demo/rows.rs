//! Rows of the demonstration on the shared wire, and the ways in which most sources break a total down.

use crate::demo::figures::{Curve, Figures};
use crate::demo::places::{REGIONS, Region, SECTIONS};
use leleka_domain::Period;
use serde::Serialize;
use std::collections::BTreeMap;

/// One observation; a dimension that is absent is a total.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) indicator: &'static str,
    pub(super) period: Period,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) territory: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) citizenship: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) dimensions: BTreeMap<&'static str, &'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obs_status: Option<&'static str>,
}

impl Row {
    pub(super) fn new(indicator: &'static str, period: Period, value: u64) -> Self {
        Self {
            indicator,
            period,
            territory: None,
            citizenship: None,
            dimensions: BTreeMap::new(),
            value: Some(value),
            obs_status: None,
        }
    }

    pub(super) fn territory(mut self, code: &'static str) -> Self {
        self.territory = Some(code);
        self
    }

    pub(super) fn citizenship(mut self, code: &'static str) -> Self {
        self.citizenship = Some(code);
        self
    }

    pub(super) fn with(mut self, dimension: &'static str, code: &'static str) -> Self {
        self.dimensions.insert(dimension, code);
        self
    }
}

/// The rows of one source and period, while they are put together.
pub(super) struct Page {
    pub(super) figures: Figures,
    pub(super) period: Period,
    pub(super) rows: Vec<Row>,
}

impl Page {
    pub(super) fn count(&self, indicator: &str, part: &str, curve: Curve, share: f64) -> u64 {
        self.figures
            .count(indicator, part, curve, share, self.period.start())
    }

    pub(super) fn cases_of(&self, indicator: &str, part: &str, of: u64, rate: f64) -> u64 {
        self.figures
            .cases_of(indicator, part, of, rate, self.period.start())
    }

    pub(super) fn add(&mut self, indicator: &'static str, value: u64, marks: impl FnOnce(Row) -> Row) {
        self.rows.push(marks(Row::new(indicator, self.period, value)));
    }

    /// A row for each region and one for the country; gives the counts back by region, the country's last.
    pub(super) fn by_region(
        &mut self,
        indicator: &'static str,
        of: impl Fn(&Self, &Region) -> u64,
    ) -> Vec<(&'static str, u64)> {
        let mut counts = Vec::with_capacity(REGIONS.len() + 1);
        for region in &REGIONS {
            if region.reports {
                counts.push((region.code, of(self, region)));
            } else {
                // Not zero and not missing: it exists, and nobody collects it there.
                let mut row = Row::new(indicator, self.period, 0).territory(region.code);
                (row.value, row.obs_status) = (None, Some("L"));
                self.rows.push(row);
            }
        }
        counts.push(("UA", counts.iter().map(|(_, count)| count).sum()));
        for (code, count) in &counts {
            self.add(indicator, *count, |row| row.territory(code));
        }
        counts
    }

    /// The same, spread over the country by a weight in per cent.
    pub(super) fn spread(
        &mut self,
        indicator: &'static str,
        curve: Curve,
        weight: impl Fn(&Region) -> f64,
    ) -> Vec<(&'static str, u64)> {
        self.by_region(indicator, |page, region| {
            page.count(indicator, region.code, curve, weight(region) / 100.0)
        })
    }

    /// Cases of an earlier count that went one way, by region.
    pub(super) fn following(
        &mut self,
        indicator: &'static str,
        earlier: &[(&'static str, u64)],
        rate: impl Fn(&Region) -> f64,
    ) -> Vec<(&'static str, u64)> {
        self.by_region(indicator, |page, region| {
            let of = earlier
                .iter()
                .find(|(code, _)| *code == region.code)
                .map_or(0, |(_, count)| *count);
            page.cases_of(indicator, region.code, of, rate(region))
        })
    }

    /// The details of a total by citizenship.
    pub(super) fn by_citizenship(
        &mut self,
        indicator: &'static str,
        total: u64,
        shares: &[(&'static str, f64)],
        marks: impl Fn(Row) -> Row,
    ) {
        let day = self.period.start();
        for (code, count) in self.figures.split(indicator, "UA", total, shares, day) {
            self.add(indicator, count, |row| marks(row.citizenship(code)));
        }
    }

    /// A row for each border section and one for the whole border; gives the total.
    pub(super) fn by_section(
        &mut self,
        indicator: &'static str,
        curve: Curve,
        share: impl Fn(&(&'static str, f64, f64)) -> f64,
        marks: impl Fn(Row) -> Row,
    ) -> u64 {
        let mut total = 0;
        for section in &SECTIONS {
            let count = self.count(indicator, section.0, curve, share(section));
            total += count;
            self.add(indicator, count, |row| {
                marks(row.with("border_section", section.0))
            });
        }
        self.add(indicator, total, marks);
        total
    }
}

/// The country's count among counts by region.
pub(super) fn country(counts: &[(&'static str, u64)]) -> u64 {
    counts.last().map_or(0, |(_, count)| *count)
}
