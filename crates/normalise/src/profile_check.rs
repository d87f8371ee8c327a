//! What is wrong with a mapping profile before any file is read by it: names and codes that do not exist.
//!
//! Never reads a file. The sentences are for the people who write profiles, in English.

use crate::binding::header_key;
use crate::profile::{MappingProfile, ProfileColumn};
use crate::{Codebook, PeriodFormat};
use leleka_domain::{ConfStatus, ObsStatus, Period};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Words of `as` that are no dimension.
const MEANINGS: [&str; 8] = [
    "period",
    "value",
    "flags",
    "indicator",
    "obs_status",
    "conf_status",
    "expect",
    "ignore",
];

impl MappingProfile {
    /// Every static problem of the profile; empty when it can be used.
    #[must_use]
    pub fn check(&self, codebook: &Codebook) -> Vec<String> {
        let mut check = Check {
            profile: self,
            codebook,
            problems: Vec::new(),
        };
        check.whole();
        check.dialect();
        for (name, code) in &self.constants {
            check.assigned("constants", name, code);
        }
        for column in &self.columns {
            check.column(column);
        }
        check.wide();
        check.letters();
        check.named_columns();
        check.problems
    }
}

struct Check<'a> {
    profile: &'a MappingProfile,
    codebook: &'a Codebook,
    problems: Vec<String>,
}

impl Check<'_> {
    fn say(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    fn whole(&mut self) {
        let profile = self.profile;
        if self.codebook.body(&profile.body).is_none() {
            self.say(format!("body {:?} is not in the catalogue", profile.body));
        }
        if self.codebook.dataflow(&profile.dataflow).is_none() {
            self.say(format!("dataflow {:?} is not in the catalogue", profile.dataflow));
        }
        let has = |meaning: &str| profile.columns.iter().any(|column| column.meaning == meaning);
        let wide = profile.wide.as_ref().map_or(&[][..], |wide| &wide.columns);
        let in_wide = |found: bool| !wide.is_empty() && found;
        let in_sections = profile.sections.as_ref().is_some_and(|sections| {
            !sections.values.is_empty()
                && sections
                    .values
                    .values()
                    .all(|codes| codes.contains_key("indicator"))
        });
        let indicator = has("indicator")
            || profile.constants.contains_key("indicator")
            || in_sections
            || in_wide(wide.iter().all(|column| column.indicator.is_some()));
        if !indicator {
            self.say("nothing says what the indicator is");
        }
        if !(has("period") || in_wide(wide.iter().all(|column| column.period.is_some()))) {
            self.say("nothing says what the period is");
        }
        match (has("value"), wide.is_empty()) {
            (false, true) => self.say("nothing holds the values"),
            (true, false) => self.say("a wide profile has no column \"value\""),
            (true, true) | (false, false) => {}
        }
    }

    fn dialect(&mut self) {
        let dialect = &self.profile.dialect;
        let known = [
            "utf-8",
            "windows-1251",
            "koi8-u",
            "ibm866",
            "iso-8859-1",
            "utf-16",
        ];
        if !known.contains(&dialect.encoding.as_str()) {
            self.say(format!("encoding {:?} is not one of {known:?}", dialect.encoding));
        }
        if !matches!(dialect.decimal_mark, '.' | ',') {
            self.say("the decimal mark is a point or a comma");
        }
        let thousands = dialect.thousands.as_deref().unwrap_or("");
        if thousands.contains(dialect.decimal_mark)
            || thousands.contains(|c: char| c.is_ascii_digit() || c == '-')
        {
            self.say("a mark of thousands cannot be the decimal mark, a digit or a minus");
        }
    }

    /// A code given to a dimension, the indicator or the frequency.
    fn assigned(&mut self, place: &str, name: &str, code: &str) {
        let sound = match name {
            "indicator" => self.indicator(place, code),
            "frequency" => matches!(code, "A" | "S" | "Q" | "M" | "W" | "D" | "_O"),
            dimension => match self.codebook.dimension(dimension) {
                None => return self.say(format!("{place}: there is no dimension {dimension:?}")),
                Some(found) => {
                    matches!(code, "_T" | "_Z") || self.codebook.resolve_code(&found.list, code).is_some()
                }
            },
        };
        if !sound {
            self.say(format!("{place}: {code:?} is no code of {name}"));
        }
    }

    fn indicator(&mut self, place: &str, code: &str) -> bool {
        let Some(indicator) = self.codebook.indicator(code) else {
            return false;
        };
        if indicator.dataflow != self.profile.dataflow {
            self.say(format!(
                "{place}: the indicator {code} belongs to the dataflow {}",
                indicator.dataflow
            ));
        }
        true
    }

    fn column(&mut self, column: &ProfileColumn) {
        let place = format!("column {:?}", column.name);
        let meaning = column.meaning.as_str();
        let dimension = self.codebook.dimension(meaning);
        if dimension.is_none() && !MEANINGS.contains(&meaning) {
            return self.say(format!("{place}: there is no dimension {meaning:?}"));
        }
        if (meaning == "expect") == column.equals.is_empty() {
            self.say(format!(
                "{place}: \"equals\" goes with \"expect\", and only with it"
            ));
        }
        for code in column.values.values() {
            let sound = match meaning {
                "obs_status" => ObsStatus::from_str(code).is_ok(),
                "conf_status" => ConfStatus::from_str(code).is_ok(),
                "period" => Period::from_str(code).is_ok(),
                "value" | "flags" | "expect" | "ignore" => false,
                _ => {
                    self.assigned(&place, meaning, code);
                    true
                }
            };
            if !sound {
                self.say(format!("{place}: {code:?} is no code of {meaning}"));
            }
        }
        if let Some(format) = &column.format {
            let sound = match dimension {
                Some(dimension) => self.codebook.has_scheme(&dimension.list, format),
                None => meaning == "period" && PeriodFormat::from_str(format).is_ok(),
            };
            if !sound {
                self.say(format!("{place}: there is no format {format:?} of {meaning}"));
            }
        }
    }

    fn wide(&mut self) {
        let profile = self.profile;
        let mut seen = Vec::new();
        for column in profile.wide.iter().flat_map(|wide| &wide.columns) {
            let place = format!("wide column {}", column.index);
            if seen.contains(&column.index) {
                self.say(format!("{place}: stands twice"));
            }
            seen.push(column.index);
            if let Some(code) = &column.indicator {
                self.assigned(&place, "indicator", code);
            }
            if let Some(period) = &column.period
                && Period::from_str(period).is_err()
            {
                self.say(format!("{place}: {period:?} is no canonical period"));
            }
            let indicator = column.indicator.as_ref().or(profile.constants.get("indicator"));
            let indicator = indicator.and_then(|code| self.codebook.indicator(code));
            for (name, code) in &column.dimensions {
                self.assigned(&place, name, code);
                if indicator.is_some_and(|indicator| !indicator.dimensions.contains(name)) {
                    self.say(format!("{place}: the indicator has no dimension {name:?}"));
                }
            }
        }
    }

    fn letters(&mut self) {
        let profile = self.profile;
        for (text, letter) in &profile.missing {
            if !ObsStatus::from_str(letter).is_ok_and(|status| !status.carries_value()) {
                self.say(format!(
                    "missing: {text:?} needs a status without a number, not {letter:?}"
                ));
            }
            if profile.zero.contains(text) {
                self.say(format!("{text:?} is both missing and zero"));
            }
        }
        for (mark, letter) in &profile.flags {
            if mark.is_empty() || !(letter.is_empty() || ObsStatus::from_str(letter).is_ok()) {
                self.say(format!("flags: {mark:?} has no status letter {letter:?}"));
            }
        }
    }

    fn named_columns(&mut self) {
        let profile = self.profile;
        let sections = profile.sections.as_ref();
        let empty = BTreeMap::new();
        for (label, codes) in sections.map_or(&empty, |sections| &sections.values) {
            for (name, code) in codes {
                self.assigned(&format!("section {label:?}"), name, code);
            }
        }
        let of_rules = profile.skip_rows_when.iter().map(|rule| &rule.column);
        for name in of_rules.chain(sections.map(|sections| &sections.column)) {
            if !profile
                .columns
                .iter()
                .any(|column| header_key(&column.name) == header_key(name))
            {
                self.say(format!("the column {name:?} is not among the columns"));
            }
        }
        for rule in &profile.skip_rows_when {
            let conditions = rule.equals.len() + rule.starts_with.len() + rule.contains.len();
            if conditions == 0 && !rule.empty {
                self.say(format!("skip rule {:?} has no condition", rule.code));
            }
            let blank = |texts: &Vec<String>| texts.iter().any(String::is_empty);
            if blank(&rule.starts_with) || blank(&rule.contains) {
                self.say(format!("skip rule {:?} skips every row", rule.code));
            }
        }
    }
}
