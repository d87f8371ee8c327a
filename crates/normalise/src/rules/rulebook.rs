//! The rules, indexed by indicator, and the figures that one figure must be held against.

use crate::rules::check::faults;
use crate::rules::cumulative::cumulative_needs;
use crate::rules::definition::{Check, Parts, Rule, RuleSet, Totals};
use chrono::NaiveDate;
use leleka_domain::{Catalogue, Period, SeriesId, SeriesKey};
use rustc_hash::{FxHashMap, FxHashSet};

/// Figures of a series between two days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Which series.
    pub series: SeriesId,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period.
    pub to: NaiveDate,
}

/// The rules in force.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    set: Option<RuleSet>,
    /// Numbers of the rules that concern an indicator.
    by_indicator: FxHashMap<String, Vec<usize>>,
    /// Dimensions of each indicator, sorted by name.
    dimensions: FxHashMap<String, Vec<String>>,
    /// Parts of each rule about totals, by its number.
    parts: FxHashMap<usize, FxHashSet<String>>,
    /// Kind and territory of each body.
    pub(crate) bodies: FxHashMap<String, (String, Option<String>)>,
    /// The body of a kind that answers for a territory.
    pub(crate) offices: FxHashMap<(String, String), String>,
}

/// What stands in place of a version while no rules were loaded.
const NO_RULES: &str = "none";
/// The code of the whole country, the total of the dimension `territory`.
const COUNTRY: &str = "UA";
const TOTAL: &str = "_T";
const NOT_APPLICABLE: &str = "_Z";

impl RuleBook {
    /// Indexes a set of rules.
    ///
    /// # Errors
    /// Everything that is wrong with it, such as an indicator that is not in the catalogue.
    pub fn new(set: RuleSet, catalogue: &Catalogue) -> Result<Self, Vec<String>> {
        let faults = faults(&set, catalogue);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut book = Self::default();
        for indicator in &catalogue.indicators {
            let mut dimensions = indicator.dimensions.clone();
            dimensions.sort_unstable();
            book.dimensions.insert(indicator.code.clone(), dimensions);
        }
        for body in &catalogue.bodies {
            let entry = (body.kind.clone(), body.territory.clone());
            book.bodies.insert(body.code.clone(), entry);
            if let Some(territory) = &body.territory {
                let place = (body.kind.clone(), territory.clone());
                book.offices.insert(place, body.code.clone());
            }
        }
        for (number, rule) in set.rules.iter().enumerate() {
            for indicator in rule.check.indicators() {
                let numbers = book.by_indicator.entry(indicator.to_owned()).or_default();
                numbers.push(number);
            }
            if let Check::TotalsDetails(totals) = &rule.check {
                book.parts.insert(number, parts_of(totals, catalogue));
            }
        }
        book.set = Some(set);
        Ok(book)
    }

    /// Version of the rules; `none` while there are none.
    #[must_use]
    pub fn version(&self) -> &str {
        self.set.as_ref().map_or(NO_RULES, |set| set.version.as_str())
    }

    /// Every rule.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        self.set.as_ref().map_or(&[], |set| set.rules.as_slice())
    }

    /// Whether any rule looks at an indicator.
    #[must_use]
    pub fn concerns(&self, indicator: &str) -> bool {
        self.by_indicator.contains_key(indicator)
    }

    /// The rules of an indicator with their numbers.
    pub(crate) fn rules_of(&self, indicator: &str) -> impl Iterator<Item = (usize, &Rule)> {
        let numbers = self.by_indicator.get(indicator).map_or(&[][..], Vec::as_slice);
        numbers
            .iter()
            .filter_map(|number| Some((*number, self.rules().get(*number)?)))
    }

    pub(crate) fn is_part(&self, number: usize, code: &str) -> bool {
        self.parts.get(&number).is_some_and(|parts| parts.contains(code))
    }

    /// The key of the same body, frequency and dimensions for another indicator. A dimension that the other lacks
    /// must be a total here; one that only the other has is a total there.
    #[must_use]
    pub(crate) fn translated(&self, key: &SeriesKey, indicator: &str) -> Option<SeriesKey> {
        let wanted = self.dimensions.get(indicator)?;
        let code = |name: &str, total: &str| -> Option<String> {
            let own = key.dimension(name);
            match (wanted.iter().any(|it| it == name), own) {
                (true, own) => Some(own.unwrap_or(total).to_owned()),
                (false, Some(own)) if own != total => None,
                (false, _) => Some(NOT_APPLICABLE.to_owned()),
            }
        };
        let typed = ["territory", "citizenship", "sex", "age"];
        if key
            .extra_dimensions()
            .any(|(name, own)| own != TOTAL && !wanted.iter().any(|it| it == name))
        {
            return None;
        }
        let extra: Vec<String> = wanted
            .iter()
            .filter(|name| !typed.contains(&name.as_str()))
            .map(|name| format!("{name}={}", key.dimension(name).unwrap_or(TOTAL)))
            .collect();
        Some(SeriesKey {
            indicator: indicator.to_owned(),
            frequency: key.frequency,
            body: key.body.clone(),
            territory: code("territory", COUNTRY)?,
            citizenship: code("citizenship", TOTAL)?,
            sex: code("sex", TOTAL)?,
            age: code("age", TOTAL)?,
            extra: extra.join(";"),
        })
    }

    /// Which current figures must be known to judge a figure.
    #[must_use]
    pub fn needs(&self, key: &SeriesKey, start: NaiveDate) -> Vec<Need> {
        let mut needs = Vec::new();
        let Some(period) = Period::containing(key.frequency, start) else {
            return needs;
        };
        for (number, rule) in self.rules_of(&key.indicator) {
            match &rule.check {
                Check::TotalsDetails(_) => {}
                Check::CrossIndicator(it) => it.needs(self, key, period, &mut needs),
                Check::Jump(it) => it.needs(key, period, &mut needs),
                Check::CumulativeMonotonic(_) => cumulative_needs(key, period, &mut needs),
                Check::Mirror(_) => {
                    let others = self.mirrored(number, key).into_iter();
                    needs.extend(others.map(|other| Need {
                        series: other.id(),
                        from: start,
                        to: start,
                    }));
                }
            }
        }
        needs
    }
}

fn parts_of(totals: &Totals, catalogue: &Catalogue) -> FxHashSet<String> {
    let list = catalogue
        .dimensions
        .iter()
        .find(|dimension| dimension.code == totals.dimension)
        .map_or("", |dimension| dimension.list.as_str());
    let codes = catalogue.codes.iter().filter(|entry| entry.list == list);
    match &totals.parts {
        Parts::Codes(codes) => codes.iter().cloned().collect(),
        Parts::Level(level) => codes
            .filter(|entry| entry.level == *level)
            .map(|entry| entry.code.clone())
            .collect(),
        Parts::Scheme(scheme) => codes
            .filter(|entry| entry.other_codes.contains_key(scheme))
            .map(|entry| entry.code.clone())
            .collect(),
    }
}
