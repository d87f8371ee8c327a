//! What is wrong with a mapping profile before any file is read by it: names and codes that do not exist.
//!
//! Never reads a file. Each fault is a finding at its JSON pointer, with a text in both languages.

use crate::binding::header_key;
use crate::profile::{MappingProfile, ProfileColumn};
use crate::profile_members::ENCODINGS;
use crate::{Codebook, PeriodFormat};
use leleka_domain::{Code, ConfStatus, Finding, ObsStatus, Period, json_fault as fault, json_step as step};
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
const FREQUENCIES: [&str; 7] = ["A", "S", "Q", "M", "W", "D", "_O"];

impl MappingProfile {
    /// Every static problem of the profile; empty when it can be used.
    #[must_use]
    pub fn check(&self, codebook: &Codebook) -> Vec<Finding> {
        let mut check = Check {
            profile: self,
            codebook,
            findings: Vec::new(),
        };
        check.whole();
        check.dialect();
        for (name, code) in &self.constants {
            check.assigned(&step("/constants", name), name, code);
        }
        for (sheet, codes) in &self.sheets {
            for (name, code) in codes {
                check.assigned(&step(&step("/sheets", sheet), name), name, code);
            }
        }
        for (index, column) in self.columns.iter().enumerate() {
            check.column(&format!("/columns/{index}"), column);
        }
        check.wide();
        check.letters();
        check.sections();
        check.skip_rules();
        check.findings
    }
}

struct Check<'a> {
    profile: &'a MappingProfile,
    codebook: &'a Codebook,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn say(&mut self, code: Code, pointer: &str, value: &str, expected: &str) {
        let mut finding = fault(code, pointer).value(value);
        if !expected.is_empty() {
            finding = finding.expected(expected);
        }
        self.findings.push(finding);
    }

    fn whole(&mut self) {
        let profile = self.profile;
        if self.codebook.body(&profile.body).is_none() {
            self.say(Code::BodyUnknown, "/body", &profile.body, "");
        }
        if self.codebook.dataflow(&profile.dataflow).is_none() {
            self.say(Code::DataflowUnknown, "/dataflow", &profile.dataflow, "");
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
            self.say(Code::ProfileIncomplete, "/columns", "", "indicator");
        }
        if !(has("period") || in_wide(wide.iter().all(|column| column.period.is_some()))) {
            self.say(Code::ProfileIncomplete, "/columns", "", "period");
        }
        match (has("value"), wide.is_empty()) {
            (false, true) => self.say(Code::ProfileIncomplete, "/columns", "", "value"),
            (true, false) => self.say(
                Code::ProfileContradictory,
                "/wide",
                "wide",
                "columns: \"as\": \"value\"",
            ),
            (true, true) | (false, false) => {}
        }
    }

    fn dialect(&mut self) {
        let dialect = &self.profile.dialect;
        if !ENCODINGS.contains(&dialect.encoding.as_str()) {
            self.say(
                Code::JsonType,
                "/dialect/encoding",
                &dialect.encoding,
                &ENCODINGS.join(" | "),
            );
        }
        if !dialect.delimiter.is_ascii() || matches!(dialect.delimiter, '"' | '\r' | '\n' | '\0') {
            self.say(
                Code::JsonType,
                "/dialect/delimiter",
                &dialect.delimiter.to_string(),
                ", | ; | \\t",
            );
        }
        if !matches!(dialect.decimal_mark, '.' | ',') {
            self.say(
                Code::JsonType,
                "/dialect/decimal_mark",
                &dialect.decimal_mark.to_string(),
                ". | ,",
            );
        }
        let thousands = dialect.thousands.as_deref().unwrap_or("");
        if thousands.contains(dialect.decimal_mark)
            || thousands.contains(|c: char| c.is_ascii_digit() || c == '-')
        {
            let decimal = format!("decimal_mark \"{}\"", dialect.decimal_mark);
            self.say(
                Code::ProfileContradictory,
                "/dialect/thousands",
                thousands,
                &decimal,
            );
        }
        if !(1..=4).contains(&self.profile.header.rows) {
            self.say(
                Code::JsonType,
                "/header/rows",
                &self.profile.header.rows.to_string(),
                "1 … 4",
            );
        }
    }

    /// A code given to a dimension, the indicator or the frequency.
    fn assigned(&mut self, pointer: &str, name: &str, code: &str) {
        match name {
            "indicator" => self.indicator(pointer, code),
            "frequency" => {
                if !FREQUENCIES.contains(&code) {
                    self.say(Code::JsonType, pointer, code, &FREQUENCIES.join(" | "));
                }
            }
            dimension => match self.codebook.dimension(dimension) {
                None => self.meaning_unknown(pointer, dimension),
                Some(found) => {
                    let list = &found.list;
                    if !matches!(code, "_T" | "_Z") && self.codebook.resolve_code(list, code).is_none() {
                        let near = self.codebook.suggestions(list, code).join(" | ");
                        self.say(Code::CodeUnknown, pointer, code, &near);
                    }
                }
            },
        }
    }

    fn meaning_unknown(&mut self, pointer: &str, word: &str) {
        let known = MEANINGS.map(str::to_owned).join(" | ");
        self.say(Code::ProfileMeaningUnknown, pointer, word, &known);
    }

    fn indicator(&mut self, pointer: &str, code: &str) {
        match self.codebook.indicator(code) {
            None => {
                let near = self.codebook.indicator_suggestions(code);
                let near: Vec<&str> = near.iter().map(|indicator| indicator.code.as_str()).collect();
                self.say(Code::IndicatorUnknown, pointer, code, &near.join(" | "));
            }
            Some(found) if found.dataflow != self.profile.dataflow => {
                let dataflow = found.dataflow.clone();
                self.say(Code::IndicatorOtherDataflow, pointer, code, &dataflow);
            }
            Some(_) => {}
        }
    }

    fn column(&mut self, place: &str, column: &ProfileColumn) {
        let meaning = column.meaning.as_str();
        let dimension = self.codebook.dimension(meaning);
        if dimension.is_none() && !MEANINGS.contains(&meaning) {
            return self.meaning_unknown(&step(place, "as"), meaning);
        }
        let equals = step(place, "equals");
        match (meaning == "expect", column.equals.is_empty()) {
            (true, true) => self.findings.push(fault(Code::FieldMissing, &equals)),
            (false, false) => {
                let found = format!("as: {meaning}");
                self.say(Code::ProfileContradictory, &equals, "equals", &found);
            }
            (true, false) | (false, true) => {}
        }
        for (text, code) in &column.values {
            let pointer = step(&step(place, "values"), text);
            match meaning {
                "obs_status" => self.letter(&pointer, code, ObsStatus::from_str(code).is_ok()),
                "conf_status" => self.letter(&pointer, code, ConfStatus::from_str(code).is_ok()),
                "period" if Period::from_str(code).is_ok() => {}
                "period" => self.say(Code::PeriodSyntax, &pointer, code, PeriodFormat::Iso.example()),
                "value" | "flags" | "expect" | "ignore" => {
                    let found = format!("as: {meaning}");
                    self.say(Code::ProfileContradictory, &pointer, "values", &found);
                }
                _ => self.assigned(&pointer, meaning, code),
            }
        }
        if let Some(format) = &column.format {
            let sound = match dimension {
                Some(dimension) => self.codebook.has_scheme(&dimension.list, format),
                None => meaning == "period" && PeriodFormat::from_str(format).is_ok(),
            };
            if !sound {
                let known = if meaning == "period" {
                    "iso | eurostat | year | month | date | words"
                } else {
                    "null"
                };
                self.say(Code::JsonType, &step(place, "format"), format, known);
            }
        }
    }

    fn letter(&mut self, pointer: &str, letter: &str, sound: bool) {
        if !sound {
            self.say(
                Code::StatusUnknown,
                pointer,
                letter,
                "SDMX CL_OBS_STATUS, CL_CONF_STATUS",
            );
        }
    }

    fn wide(&mut self) {
        let profile = self.profile;
        let mut seen = Vec::new();
        for (number, column) in profile.wide.iter().flat_map(|wide| &wide.columns).enumerate() {
            let place = format!("/wide/columns/{number}");
            let index = column.index.to_string();
            if seen.contains(&column.index) {
                self.say(
                    Code::ProfileContradictory,
                    &step(&place, "index"),
                    &index,
                    &format!("index {index}"),
                );
            }
            seen.push(column.index);
            if let Some(code) = &column.indicator {
                self.assigned(&step(&place, "indicator"), "indicator", code);
            }
            if let Some(period) = &column.period
                && Period::from_str(period).is_err()
            {
                self.say(
                    Code::PeriodSyntax,
                    &step(&place, "period"),
                    period,
                    PeriodFormat::Iso.example(),
                );
            }
            let indicator = column.indicator.as_ref().or(profile.constants.get("indicator"));
            let indicator = indicator.and_then(|code| self.codebook.indicator(code));
            for (name, code) in &column.dimensions {
                let pointer = step(&step(&place, "dimensions"), name);
                self.assigned(&pointer, name, code);
                if indicator.is_some_and(|indicator| !indicator.dimensions.contains(name)) {
                    self.say(Code::DimensionNotAllowed, &pointer, code, "");
                }
            }
        }
    }

    fn letters(&mut self) {
        let profile = self.profile;
        for (text, letter) in &profile.missing {
            let pointer = step("/missing", text);
            if !ObsStatus::from_str(letter).is_ok_and(|status| !status.carries_value()) {
                self.say(Code::StatusUnknown, &pointer, letter, "O, L, M, Q, K");
            }
            if profile.zero.contains(text) {
                self.say(Code::ProfileContradictory, &pointer, text, "zero");
            }
        }
        for (mark, letter) in &profile.flags {
            let sound = letter.is_empty() || ObsStatus::from_str(letter).is_ok();
            self.letter(&step("/flags", mark), letter, sound && !mark.is_empty());
        }
    }

    fn column_described(&mut self, pointer: &str, name: &str) {
        let mut columns = self.profile.columns.iter();
        if !columns.any(|column| header_key(&column.name) == header_key(name)) {
            self.say(Code::ProfileColumnUndescribed, pointer, name, "");
        }
    }

    fn sections(&mut self) {
        let Some(sections) = self.profile.sections.as_ref() else {
            return;
        };
        self.column_described("/sections/column", &sections.column);
        let labels: &BTreeMap<_, _> = &sections.values;
        for (label, codes) in labels {
            let place = step("/sections/values", label);
            for (name, code) in codes {
                self.assigned(&step(&place, name), name, code);
            }
        }
    }

    fn skip_rules(&mut self) {
        for (index, rule) in self.profile.skip_rows_when.iter().enumerate() {
            let place = format!("/skip_rows_when/{index}");
            self.column_described(&step(&place, "column"), &rule.column);
            let conditions = rule.equals.len() + rule.starts_with.len() + rule.contains.len();
            if conditions == 0 && !rule.empty {
                self.say(Code::ProfileSkipRuleEmpty, &place, &rule.code, "");
            }
            for (name, texts) in [("starts_with", &rule.starts_with), ("contains", &rule.contains)] {
                if texts.iter().any(String::is_empty) {
                    self.say(Code::ProfileSkipRuleTotal, &step(&place, name), &rule.code, "");
                }
            }
        }
    }
}
